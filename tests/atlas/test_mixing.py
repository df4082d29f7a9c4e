"""Several wishes in one picture, several pictures of one wish."""

import numpy as np
import pytest
import torch

from lucarne.atlas.vision.features import PREVIEW, render
from lucarne.atlas.vision.mixing import mixed, together
from lucarne.atlas.vision.objectives import channel, diversity, look
from lucarne.models import load
from lucarne.models.errors import Unknown, Unsuitable
from lucarne.models.model import Model


@pytest.fixture(scope="module")
def model() -> Model:
    return load("alexnet", device="cpu")


def test_a_mixture_is_the_sum_of_its_parts_by_weight(model: Model) -> None:
    pixels = np.random.default_rng(0).integers(256, size=(2, 96, 96, 3), dtype=np.uint8)
    parts = [("relu3", 5, 1.0), ("relu4", 7, -0.5), ("conv2", 0, 2.0)]
    whole = mixed(model, parts)
    seen = look(model, whole.sites, pixels)
    expected = sum(weight * channel(model, site, unit)(seen) for site, unit, weight in parts)
    torch.testing.assert_close(whole(seen), expected)


def test_one_picture_excites_both_units_more_than_either_dream_excites_the_other(model: Model) -> None:
    one, other = channel(model, "relu4", 10), channel(model, "relu4", 200)
    both = mixed(model, [("relu4", 10, 1.0), ("relu4", 200, 1.0)])
    drawn = render(model, [one, other, both], PREVIEW, seeds=0).pixels
    seen = look(model, ["relu4"], drawn)
    of_one, of_other = one(seen), other(seen)  # (3,) each
    assert of_one[2] > of_one[1] and of_other[2] > of_other[0]


def test_pictures_that_are_to_differ_do_and_still_excite(model: Model) -> None:
    wish = channel(model, "relu4", 10)
    alike = []
    for apart in (0.0, 3.0):
        drawn = render(model, [together(model, "relu4", wish, 3, apart)], PREVIEW, seeds=0)
        assert drawn.pixels.shape == (3, 128, 128, 3)
        seen = look(model, ["relu4"], drawn.pixels)
        alike.append(float(-diversity(model, "relu4", 3)(seen).mean()) / 2)  # the mean cosine of two
        grey = look(model, ["relu4"], np.full_like(drawn.pixels, 128))
        assert (wish(seen) > 3 * wish(grey).abs()).all()
    assert alike[1] < alike[0] - 0.05


def test_what_is_not_there_is_named(model: Model) -> None:
    with pytest.raises(Unknown):
        mixed(model, [("relu99", 0, 1.0)])
    with pytest.raises(Unsuitable):
        mixed(model, [("relu4", 9999, 1.0)])
