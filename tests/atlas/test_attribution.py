"""What argues for a class adds up to what the network says of it, and what changes nothing argues for nothing."""

import numpy as np
import pytest
import torch

from lucarne.atlas.vision.attribution import grad_cam, gradient_activation, likeliest, occlusion, slopes
from lucarne.models import load
from lucarne.models.errors import TooMuch, Unsuitable
from lucarne.models.model import Model

PIXELS = np.random.default_rng(0).integers(256, size=(64, 64, 3), dtype=np.uint8)
CLASS = 4


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


def places(model: Model) -> list[str]:
    return [name for name, site in model.sites.items() if site.axes != ("colour", "y", "x")]


def logit(model: Model, pixels: np.ndarray = PIXELS) -> float:
    return float(model(pixels[None])[0, CLASS])


@pytest.mark.parametrize("site", ["fc7", "relu7"])
def test_before_the_last_layer_the_products_add_up_to_the_logit_without_its_bias(model: Model, site: str) -> None:
    products, _ = gradient_activation(model, PIXELS, site, CLASS)
    bias = float(model.network.fc8.bias[CLASS])  # pyright: ignore
    assert float(products.sum()) == pytest.approx(logit(model) - bias, abs=1e-5)


def test_at_the_last_layer_a_class_speaks_for_itself_alone(model: Model) -> None:
    products, _ = gradient_activation(model, PIXELS, "fc8", CLASS)
    assert products.flatten().nonzero().flatten().tolist() == [CLASS]
    assert float(products[CLASS]) == pytest.approx(logit(model))


def test_every_site_has_a_product_for_every_cell_and_the_activations_it_was_made_of(model: Model) -> None:
    for site in places(model):
        products, values = gradient_activation(model, PIXELS, site, CLASS)
        seen = model.look(PIXELS[None], site)[site][0]
        assert torch.equal(values.flatten(), seen.flatten())
        assert products.shape == values.shape
        assert products.dim() == 3
        assert products.isfinite().all()


def test_a_slope_is_what_the_logit_gains_by_a_small_step() -> None:
    model = load("tiny_alexnet", device="cpu")
    model.network.double()  # so that a step can be small
    picture = model.network.read(torch.from_numpy(PIXELS[None].copy())).double()  # pyright: ignore
    model.network.read = lambda pixels: picture  # pyright: ignore
    for site in ("conv2", "relu4", "fc6"):
        _, slope = slopes(model, PIXELS, site, CLASS)
        step = torch.zeros(slope.numel(), dtype=torch.float64)
        step[slope.abs().argmax()] = 1e-5
        said = []
        for way in (-1, 1):
            with model.edit({site: lambda value, way=way, step=step: value + way * step.view(value.shape)}):
                said.append(float(model(picture)[0, CLASS]))
        assert (said[1] - said[0]) / 2e-5 == pytest.approx(float(slope.flatten()[slope.abs().argmax()]), rel=1e-4)


def test_edits_around_it_are_seen_and_none_is_left_behind(model: Model) -> None:
    with model.edit({"conv3": lambda value: value * 0}):
        products, _ = gradient_activation(model, PIXELS, "relu2", CLASS)
    assert not products.any(), "nothing of relu2 comes through a silent conv3"
    assert not model.taps.edits
    assert not model.taps.watches


def test_grad_cam_is_one_map_and_never_below_zero(model: Model) -> None:
    for site in places(model):
        seen = grad_cam(model, PIXELS, site, CLASS)
        assert tuple(seen.shape) == (model.site(site).shape[1:] or (1, 1))
        assert seen.min() >= 0


def test_grad_cam_weighs_each_channel_by_its_mean_slope(model: Model) -> None:
    values, slope = slopes(model, PIXELS, "relu5", CLASS)
    weights = slope.numpy().mean((1, 2))
    expected = np.maximum(0, np.einsum("c,cyx->yx", weights, values.numpy()))
    np.testing.assert_allclose(grad_cam(model, PIXELS, "relu5", CLASS), expected, rtol=1e-5, atol=1e-7)


def test_covering_grey_with_grey_changes_nothing(model: Model) -> None:
    assert not occlusion(model, np.full_like(PIXELS, 128), CLASS, 16, 8).any()


def test_covering_everything_costs_what_an_empty_picture_lacks(model: Model) -> None:
    seen = occlusion(model, PIXELS, CLASS, 64, 1)
    empty = np.full_like(PIXELS, 128)
    np.testing.assert_allclose(seen, logit(model) - logit(model, empty), atol=1e-5)


def test_a_pixel_gets_the_mean_of_the_squares_that_cover_it(model: Model) -> None:
    """Computed here one square at a time; the last ones are cut off by the border."""
    window, stride = 24, 18
    fall, covered = np.zeros((64, 64)), np.zeros((64, 64))
    for top in (0, 18, 36, 54):
        for left in (0, 18, 36, 54):
            hidden = PIXELS.copy()
            hidden[top : top + window, left : left + window] = 128
            fall[top : top + window, left : left + window] += logit(model) - logit(model, hidden)
            covered[top : top + window, left : left + window] += 1
    np.testing.assert_allclose(occlusion(model, PIXELS, CLASS, window, stride), fall / covered, atol=1e-5)


def test_progress_goes_through_the_batches(model: Model) -> None:
    steps: list[int] = []

    def count(each: range) -> range:
        steps.append(len(each))
        return each

    occlusion(model, PIXELS, CLASS, 16, 4, count)  # pyright: ignore[reportArgumentType]
    assert steps == [6], "13 × 13 places, 32 at once"


def test_squares_that_make_no_sense_are_refused(model: Model) -> None:
    for window, stride, field in ((65, 8, "window"), (8, 9, "stride")):
        with pytest.raises(Unsuitable) as unsuitable:
            occlusion(model, PIXELS, CLASS, window, stride)
        assert unsuitable.value.field == field
    with pytest.raises(TooMuch) as too_much:
        occlusion(model, PIXELS, CLASS, 8, 1)
    assert too_much.value.field == "stride"


def test_the_class_is_the_likeliest_unless_one_is_chosen(model: Model) -> None:
    assert likeliest(model, PIXELS) == int(model(PIXELS[None]).argmax())
    assert likeliest(model, PIXELS, 0) == 0
    with pytest.raises(Unsuitable, match="numbered 0 to 9") as unsuitable:
        likeliest(model, PIXELS, 10)
    assert unsuitable.value.field == "class_"
