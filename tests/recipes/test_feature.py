"""A feature is what the engine draws, shown while it forms, and refused where it would take too long."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from lucarne.atlas.vision.features import FINAL, render
from lucarne.atlas.vision.objectives import look, neuron
from lucarne.models import load
from lucarne.models.errors import TooMuch, Unsuitable
from lucarne.models.model import Model
from lucarne.pictures import Pictures
from lucarne.recipes.feature import Feature

T = TypeVar("T")


class Job:
    """Progress as the bench has it: it can show files."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.shown, self.total = folder, list[bytes](), 0

    def __call__(self, steps: Iterable[T], /) -> Iterator[T]:
        self.total = len(list(steps))
        yield from steps

    def preview(self, file: str) -> None:
        self.shown.append((self.folder / file).read_bytes())


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


def make(model: Model, folder: Path, progress: Any = iter, **fields: Any) -> Any:
    recipe = Feature(model="tiny_alexnet", **{"site": "conv3", "unit": 2, "steps": 4, "size": 64, **fields})
    return recipe.make(model, folder, Pictures(folder / "none"), progress)


def tiles(folder: Path) -> np.ndarray:
    return load_file(folder / "tiles.safetensors")["tiles"]


def test_the_tile_is_what_the_engine_draws(model: Model, tmp_path: Path) -> None:
    from dataclasses import replace

    grid = make(model, tmp_path, aim="neuron", preset="final", seed=9, tries=2)
    drawn = render(model, [neuron(model, "conv3", 2)], replace(FINAL, steps=4), size=64, seeds=9, tries=2)
    assert np.array_equal(tiles(tmp_path), drawn.pixels)
    assert grid.columns["objective"] == drawn.values.tolist()
    assert "neuron 2 of conv3" in grid.caption
    assert grid.columns["largest"] == [look(model, ["conv3"], drawn.pixels)["conv3"][0, 2].max().item()]


def test_it_is_shown_while_it_forms(model: Model, tmp_path: Path) -> None:
    job = Job(tmp_path)
    make(model, tmp_path, job, steps=5, tries=2)
    assert job.total == 10
    assert len(job.shown) == 6, "the first step of each try, then every second"
    pictures = [np.asarray(Image.open(io.BytesIO(shown))) for shown in job.shown]
    assert all(picture.shape == (64, 64, 3) for picture in pictures)
    assert len(set(job.shown)) == 6
    assert any(np.array_equal(picture, tiles(tmp_path)[0]) for picture in pictures[2::3])
    assert [file.name for file in tmp_path.iterdir()] == ["tiles.safetensors"], "previews are not kept"


def test_a_cancelled_one_leaves_no_tile(model: Model, tmp_path: Path) -> None:
    class Cancelled(Exception):
        pass

    class Stopped(Job):
        def preview(self, file: str) -> None:
            raise Cancelled

    with pytest.raises(Cancelled):
        make(model, tmp_path, Stopped(tmp_path))
    assert not (tmp_path / "tiles.safetensors").exists()


def test_the_negative_excites_less_and_the_number_shown_is_the_units_own(model: Model, tmp_path: Path) -> None:
    most, least = (make(model, tmp_path, site="conv2", negative=way, steps=16) for way in (False, True))
    assert least.columns["objective"][0] < most.columns["objective"][0]
    activation = model.look(tiles(tmp_path), "conv2")["conv2"][0, 2].mean()
    assert least.columns["objective"][0] == pytest.approx(float(activation))
    assert "answers to least" in least.caption


def test_a_class_is_called_by_its_name(model: Model, tmp_path: Path) -> None:
    grid = make(model, tmp_path, site="classifier.6", unit=7)
    assert grid.labels == ["class 7"]
    assert "the class “class 7”" in grid.caption


def test_what_is_not_there_or_takes_too_long_is_refused(model: Model, tmp_path: Path) -> None:
    with pytest.raises(Unsuitable) as unsuitable:
        make(model, tmp_path, unit=16)
    assert unsuitable.value.field == "unit"
    with pytest.raises(TooMuch) as too_much:
        make(model, tmp_path, steps=1024, tries=8, size=512)
    assert too_much.value.field == "steps"
    assert not list(tmp_path.iterdir())
