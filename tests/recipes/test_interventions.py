"""Attribution, ablation, patching, tuning and weights, asked for as recipes: also of the features of a dictionary."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError
from safetensors.numpy import load_file

from lucarne.atlas.pictures import Picture, square
from lucarne.atlas.vision import attribution, stimuli
from lucarne.atlas.vision.patching import patching, stages, stretched
from lucarne.models import load
from lucarne.models.errors import TooMuch, Unsuitable
from lucarne.models.model import Model
from lucarne.pictures import Pictures
from lucarne.recipe import Recipe
from lucarne.recipes import AnyRecipe

ANY_RECIPE: TypeAdapter[Recipe] = TypeAdapter(AnyRecipe)
PIXELS = np.random.default_rng(0).integers(256, size=(70, 90, 3), dtype=np.uint8)
OTHER = stimuli.spots(80)
FEATURES = "relu5.features"
Make = Callable[..., Any]


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


@pytest.fixture(scope="module")
def trained() -> Model:
    return load("alexnet", device="cpu")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    pictures = Pictures(tmp_path_factory.mktemp("pictures"))
    for pixels in (PIXELS, OTHER):
        pictures.add(Picture.of(pixels))
    return pictures


@pytest.fixture
def make(model: Model, trained: Model, pictures: Pictures, tmp_path: Path) -> Make:
    def make(kind: str, **fields: Any) -> Any:
        asked = ANY_RECIPE.validate_python({"kind": kind, "model": "tiny_alexnet", **fields})
        return asked.make({"tiny_alexnet": model, "alexnet": trained}[asked.model], tmp_path, pictures, iter)

    return make


ID = Picture.of(PIXELS).id


def tiles(folder: Path) -> np.ndarray:
    """As the browser reads them, in float64."""
    arrays = load_file(folder / "tiles.safetensors")
    low, high = (arrays[name].astype(np.float64)[:, None, None] for name in ("low", "high"))
    return low + arrays["tiles"] / 255 * (high - low)


def near(folder: Path, expected: np.ndarray) -> bool:
    """Whether the tiles are these, as near as a byte a cell can say."""
    reach = np.ptp(expected, axis=(1, 2)) + np.abs(expected).max((1, 2))
    return bool((np.abs(tiles(folder) - expected).max((1, 2)) <= reach / 255 + 1e-7).all())


# ── attribution ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_each_method_draws_what_its_function_finds(make: Make, model: Model, tmp_path: Path) -> None:
    seen = square(PIXELS, 64)
    expected = {
        "gradient_activation": attribution.gradient_activation(model, seen, "conv3", 2)[0].numpy(),
        "grad_cam": attribution.grad_cam(model, seen, "conv3", 2).numpy()[None],
        "occlusion": attribution.occlusion(model, seen, 2, 16, 4).numpy()[None],
    }
    for method, values in expected.items():
        grid = make("attribution", site="conv3", picture=ID, class_=2, method=method)
        assert (grid.count, grid.height, grid.width) == values.shape
        assert grid.colour == ("sequential" if method == "grad_cam" else "signed")
        assert near(tmp_path, values)
        assert (tmp_path / "input.png").exists()


def test_the_columns_are_what_the_tiles_add_up_to(make: Make, model: Model, tmp_path: Path) -> None:
    grid = make("attribution", site="relu4", picture=ID)
    np.testing.assert_allclose(grid.columns["attribution"], tiles(tmp_path).sum((1, 2)), atol=1e-2)
    said = model.look(square(PIXELS, 64)[None], "relu4")["relu4"][0].amax((1, 2))
    np.testing.assert_allclose(grid.columns["activation"], said, rtol=1e-6)


def test_it_says_for_which_class_it_was_made(make: Make, model: Model) -> None:
    likeliest = int(model(square(PIXELS, 64)[None]).argmax())
    for method in ("gradient_activation", "grad_cam", "occlusion"):
        grid = make("attribution", site="fc7", picture=ID, method=method)
        assert grid.answer.index == likeliest
        assert grid.answer.label == f"class {likeliest}"
        assert f"“class {likeliest}”" in grid.caption
        chosen = make("attribution", site="fc7", picture=ID, method=method, class_=9)
        assert (chosen.answer.index, chosen.recipe["class_"]) == (9, 9)
        assert chosen.answer.probability <= grid.answer.probability


def test_the_square_has_the_size_and_the_steps_that_were_asked_for(make: Make, model: Model, tmp_path: Path) -> None:
    grid = make("attribution", site="conv1", picture=ID, class_=1, method="occlusion", window=24, stride=18)
    assert near(tmp_path, attribution.occlusion(model, square(PIXELS, 64), 1, 24, 18).numpy()[None])
    assert "24 × 24" in grid.caption
    for fields, culprit in (({"window": 65}, "window"), ({"window": 8, "stride": 9}, "stride")):
        with pytest.raises(Unsuitable) as unsuitable:
            make("attribution", site="conv1", picture=ID, method="occlusion", **fields)
        assert unsuitable.value.field == culprit
    with pytest.raises(TooMuch):
        make("attribution", site="conv1", picture=ID, method="occlusion", stride=1)


def test_a_class_that_is_not_there_is_refused(make: Make) -> None:
    for fields in ({"kind": "attribution", "site": "conv1"}, {"kind": "patching", "corrupt": Picture.of(OTHER).id}):
        with pytest.raises(Unsuitable, match="numbered 0 to 9") as unsuitable:
            make(picture=ID, class_=10, **fields)
        assert unsuitable.value.field == "class_"


# ── ablation ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_edits_are_told_apart_and_done(make: Make, model: Model) -> None:
    plain = model(square(PIXELS, 64)[None])[0]
    edits = [{"unit": 0}, {"unit": 1, "action": "clamp", "value": -3}, {"unit": 2, "action": "boost", "value": 2.0}]
    change = make("ablation", site="fc8", picture=ID, edits=edits, k=10)
    after = {rank.index: rank.logit for rank in change.after}
    assert (after[0], after[1]) == (0, -3)
    assert after[2] == pytest.approx(2 * float(plain[2]))
    assert all(after[index] == pytest.approx(float(plain[index])) for index in range(3, 10))
    assert "3 units of fc8 are changed" in change.caption


def test_nothing_edited_moves_nothing(make: Make) -> None:
    change = make("ablation", site="conv2", picture=ID)
    assert (change.moved, change.before) == (0, change.after)
    assert "no channels of conv2 are changed" in change.caption


def test_an_edit_that_cannot_be_is_refused(make: Make) -> None:
    for edits in ([{"unit": 16}], [{"unit": 3}, {"unit": 3}]):
        with pytest.raises(Unsuitable) as unsuitable:
            make("ablation", site="conv3", picture=ID, edits=edits)
        assert unsuitable.value.field == "edits"
    with pytest.raises(ValidationError):
        make("ablation", site="conv3", picture=ID, edits=[{"unit": 3, "action": "clamp", "value": "1"}])


def test_a_zero_with_a_sign_is_the_same_recipe() -> None:
    asked = {"kind": "ablation", "model": "m", "site": "s", "picture": ID}
    ids = {ANY_RECIPE.validate_python({**asked, "edits": [{"unit": 1, "value": zero}]}).id("w") for zero in (0.0, -0.0)}
    assert len(ids) == 1


# ── patching ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_patching_draws_a_tile_for_each_stage(make: Make, model: Model, tmp_path: Path) -> None:
    grid = make("patching", picture=ID, corrupt=Picture.of(OTHER).id, class_=4)
    assert grid.labels == stages(model)
    assert grid.columns["most"][-2:] == pytest.approx([1, 1], abs=1e-5), "a layer without places gives all back"
    found = patching(model, square(PIXELS, 64), square(OTHER, 64), 4, stages(model))
    assert near(tmp_path, np.stack([stretched(parts, 64) for parts in found.values()]))
    assert grid.answer.index == 4
    with pytest.raises(Unsuitable) as unsuitable:
        make("patching", picture=ID, corrupt=ID)
    assert unsuitable.value.field == "corrupt"


# ── what a unit is made of, and made for ─────────────────────────────────────────────────────────────────────────────


def test_weights_have_the_names_of_their_units(make: Make) -> None:
    grid = make("expanded_weights", site="pool2", unit=3, k=4)
    assert grid.labels == [f"conv1 {unit:.0f}" for unit in grid.columns["unit"]]
    assert (grid.count, grid.height, grid.width) == (4, 5, 5)
    assert "reads of conv1: the 4 strongest of 4 kernels" in grid.caption
    assert set(make("expanded_weights", site="conv1", unit=3).labels) == {"red", "green", "blue"}
    grid = make("expanded_weights", site="relu7", unit=3, end="writes", k=2)
    assert grid.labels == [f"fc8 {unit:.0f} · class {unit:.0f}" for unit in grid.columns["unit"]]


def test_the_sum_of_a_kernel_tells_its_sign(make: Make, tmp_path: Path) -> None:
    for site in ("conv4", "fc6", "fc7"):
        grid = make("expanded_weights", site=site, unit=1)
        drawn = tiles(tmp_path)
        np.testing.assert_allclose(grid.columns["sum"], drawn.sum((1, 2)), atol=2e-2)
        np.testing.assert_allclose(grid.columns["strength"], np.sqrt((drawn**2).sum((1, 2))), atol=2e-2)


def test_tuning_says_what_its_curves_come_down_to(make: Make) -> None:
    figure = make("tuning", site="conv1", unit=2)
    panels = {panel.title: panel for panel in figure.panels}
    assert list(panels) == ["Orientation", "Spatial frequency", "Hue", "Curvature", "Texture"]
    for title, number in (("Orientation", "orientation"), ("Spatial frequency", "frequency"), ("Hue", "hue")):
        line = panels[title]
        assert figure.numbers[f"preferred_{number}"] == line.x[int(np.argmax(line.series[0].y))]
    assert 0 <= figure.numbers["orientation_selectivity"] <= 1
    assert panels["Texture"].draw == "bars"
    assert "honeycomb" in panels["Texture"].x_names


# ── the features of a dictionary ─────────────────────────────────────────────────────────────────────────────────────


def test_features_are_drawn_asked_silenced_and_argued_with_like_channels(make: Make, trained: Model) -> None:
    about: dict[str, Any] = {"model": "alexnet", "site": FEATURES}
    spots = Picture.of(OTHER).id
    grid = make("activations", picture=spots, **about)
    said = np.array(grid.columns["max"])
    assert (grid.count, grid.colour) == (2048, "sequential")
    assert grid.field == make("activations", picture=spots, model="alexnet", site="relu5").field
    loudest = int(said.argmax())
    change = make("ablation", picture=spots, edits=[{"unit": loudest}], **about)
    assert change.moved > 0
    silent = make("ablation", picture=spots, edits=[{"unit": int(said.argmin())}], **about)
    assert (said.min(), silent.moved) == (0, 0), "silencing what is silent"
    argued = make("attribution", picture=spots, **about)
    assert not np.array(argued.columns["attribution"])[said == 0].any()
    assert argued.columns["activation"] == grid.columns["max"]
    assert make("tuning", unit=loudest, **about).numbers["orientation_selectivity"] > 0
    for end in ("reads", "writes"):
        weights = make("expanded_weights", unit=loudest, end=end, **about)
        assert all(label.startswith("relu5 ") for label in weights.labels)


def test_a_feature_that_noise_leaves_silent_is_drawn_none_the_less(make: Make, trained: Model) -> None:
    noise = np.stack([stimuli.noise(128, seed=seed) for seed in range(2)])
    said = trained.look(noise, FEATURES)[FEATURES].mean((2, 3)).amax(0)
    silent = (said == 0).nonzero().flatten()[:3].tolist()
    drawn = [make("feature", model="alexnet", site=FEATURES, unit=unit).columns["objective"][0] for unit in silent]
    assert min(drawn) > 0.1


def test_captions_call_a_feature_a_feature(make: Make) -> None:
    caption = make("expanded_weights", model="alexnet", site=FEATURES, unit=7).caption
    assert caption.startswith("What feature 7 of relu5 in AlexNet")
    assert make("expanded_weights", site="features.6", unit=3).caption.startswith("What channel 3 of conv3 in Tiny")
    assert make("tuning", site="relu6", unit=3).caption.startswith("What unit 3 of relu6 in Tiny")
