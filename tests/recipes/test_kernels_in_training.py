"""Kernels as they were at a moment of the training: what was kept is what is drawn."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file

from lucarne.artifact import ImageGrid
from lucarne.atlas.vision.kernels import kernels, measure, tiles
from lucarne.models import load, weights
from lucarne.models.errors import Unsuitable
from lucarne.models.history import KERNELS
from lucarne.models.model import Model
from lucarne.pictures import Pictures
from lucarne.recipes.kernels import Kernels

MOMENTS = [0.0, 0.01, 0.1, 0.5, 1.0]
KEPT = torch.randn(5, 8, 3, 11, 11, generator=torch.Generator().manual_seed(1)).half()
Make = Callable[..., ImageGrid]


@pytest.fixture
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


@pytest.fixture
def bundled(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of bundled networks with nothing in it yet."""
    monkeypatch.setattr(weights, "BUNDLED", tmp_path / "bundled")
    folder = tmp_path / "bundled/tiny_alexnet"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def kept(bundled: Path) -> None:
    save_file({"kernels": KEPT, "progress": torch.tensor(MOMENTS), "step": torch.arange(5)}, bundled / KERNELS)


@pytest.fixture
def make(model: Model, bundled: Path, tmp_path: Path) -> Make:
    def make(**fields: object) -> ImageGrid:
        folder = tmp_path / "made"
        folder.mkdir(exist_ok=True)
        asked = Kernels.model_validate({"model": "tiny_alexnet", **fields})
        return asked.make(model, folder, Pictures(tmp_path / "pictures"), iter)

    return make


def drawn(tmp_path: Path) -> np.ndarray:
    return load_file(tmp_path / "made/tiles.safetensors")["tiles"]


@pytest.mark.parametrize("stretch", ["each", "shared"])
@pytest.mark.parametrize("moment", range(4))
def test_a_moment_shows_and_measures_what_was_kept_then(
    moment: int, stretch: str, make: Make, kept: None, tmp_path: Path
) -> None:
    grid = make(trained=MOMENTS[moment], stretch=stretch)
    then = KEPT[moment].float()
    np.testing.assert_array_equal(drawn(tmp_path), tiles(then, stretch))
    assert grid.columns["frequency"] == measure(then).frequency.tolist()
    assert grid.count == 8
    assert grid.recipe["trained"] == MOMENTS[moment]


def test_the_end_of_the_training_is_the_network_itself(model: Model, make: Make, kept: None, tmp_path: Path) -> None:
    plain, finished = make(), make(trained=1.0)
    assert plain == finished
    np.testing.assert_array_equal(drawn(tmp_path), tiles(kernels(model)))


def test_the_caption_says_which_moment_it_is(make: Make, kept: None) -> None:
    assert "in Tiny AlexNet, before its training:" in make(trained=0.0).caption
    assert "in Tiny AlexNet, after 1 % of its training:" in make(trained=0.01).caption
    assert "in Tiny AlexNet, after 50 % of its training:" in make(trained=0.5).caption
    assert "training" not in make().caption


def test_moments_are_different_artifacts_and_a_sign_of_zero_makes_none(make: Make, kept: None) -> None:
    assert len({make(trained=moment).id for moment in MOMENTS}) == 5
    assert make(trained=-0.0).id == make(trained=0.0).id


@pytest.mark.parametrize("moment", [0.3, 0.0100001, 0.999])
def test_another_moment_is_refused_with_those_there_are(moment: float, make: Make, kept: None) -> None:
    with pytest.raises(Unsuitable) as refused:
        make(trained=moment)
    assert refused.value.field == "trained"
    assert refused.value.detail.endswith("0, 0.01, 0.1, 0.5, 1.")


def test_a_network_without_a_record_has_its_end_alone(make: Make) -> None:
    make(trained=1.0)
    with pytest.raises(Unsuitable, match="can only be 1") as refused:
        make(trained=0.5)
    assert refused.value.field == "trained"
