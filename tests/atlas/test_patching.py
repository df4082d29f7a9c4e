"""Taking over everything brings the whole answer back, taking over nothing brings back nothing."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
import pytest
import torch

from lucarne.atlas.vision.patching import patching, stages, stretched
from lucarne.models import load
from lucarne.models.errors import Unknown, Unsuitable
from lucarne.models.model import Model

T = TypeVar("T")
CLEAN, CORRUPT = (
    np.random.default_rng(seed).integers(256, size=(64, 64, 3), dtype=np.uint8) // (2 - seed) for seed in (0, 1)
)
CLASS = 6


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


def spatial(model: Model) -> list[str]:
    return [name for name, site in model.sites.items() if site.axes == ("channel", "y", "x")]


def test_every_cell_at_once_brings_the_clean_answer_back(model: Model) -> None:
    for site, parts in patching(model, CLEAN, CORRUPT, CLASS, list(model.sites), most=1).items():
        assert tuple(parts.shape) == (1, 1)
        assert float(parts) == pytest.approx(1, abs=1e-4), site


def test_there_is_a_part_for_every_cell_and_it_is_what_the_network_says(model: Model) -> None:
    clean, corrupt = (float(model(each[None])[0, CLASS]) for each in (CLEAN, CORRUPT))
    found = patching(model, CLEAN, CORRUPT, CLASS, spatial(model), most=99)
    for site, parts in found.items():
        assert tuple(parts.shape) == model.site(site).shape[1:]
        value = model.look(CLEAN[None], site)[site]
        row, column = parts.shape[0] - 1, parts.shape[1] // 2

        def swap(own: torch.Tensor, value: torch.Tensor = value, row: int = row, column: int = column) -> torch.Tensor:
            own = own.clone()
            own[:, :, row, column] = value[:, :, row, column]
            return own

        with model.edit({site: swap}):
            said = float(model(CORRUPT[None])[0, CLASS])
        assert float(parts[row, column]) == pytest.approx((said - corrupt) / (clean - corrupt), abs=1e-4)


def test_fine_maps_are_patched_in_blocks_and_coarse_ones_cell_by_cell(model: Model) -> None:
    found = patching(model, CLEAN, CORRUPT, CLASS, ["relu1", "relu2", "relu3"], most=7)
    sides = {site: model.site(site).shape[1] for site in found}
    assert sides == {"relu1": 15, "relu2": 7, "relu3": 3}
    assert {site: len(parts) for site, parts in found.items()} == {"relu1": 5, "relu2": 7, "relu3": 3}


def test_where_pictures_are_alike_nothing_comes_back(model: Model) -> None:
    half = CORRUPT.copy()
    half[:16, :16] = CLEAN[:16, :16]
    parts = patching(model, half, CORRUPT, CLASS, ["relu1"], most=99)["relu1"]
    assert parts[6:].abs().max() < 1e-5, "what no pixel of the corner reaches is the same in both"
    assert parts[:, 6:].abs().max() < 1e-5
    assert parts[:4, :4].abs().max() > 1e-2


def test_layers_without_places_are_one_number(model: Model) -> None:
    found = patching(model, CLEAN, CORRUPT, CLASS, ["relu6", "fc7", "fc8"])
    assert all(float(parts) == pytest.approx(1, abs=1e-5) for parts in found.values())


def test_the_sites_are_those_behind_each_relu(model: Model) -> None:
    assert stages(model) == [f"relu{layer}" for layer in range(1, 8)]


def test_progress_goes_through_the_batches(model: Model) -> None:
    seen: list[object] = []

    def count(steps: Iterable[T], /) -> Iterator[T]:
        for step in steps:
            seen.append(step)
            yield step

    patching(model, CLEAN, CORRUPT, CLASS, ["relu2", "fc6"], progress=count)
    assert seen == [("relu2", 0), ("relu2", 32), ("fc6", 0)]


def test_pictures_of_which_the_network_says_the_same_cannot_be_told_apart(model: Model) -> None:
    with pytest.raises(Unsuitable) as unsuitable:
        patching(model, CLEAN, CLEAN, CLASS, ["relu1"])
    assert unsuitable.value.field == "corrupt"
    with pytest.raises(Unknown):
        patching(model, CLEAN, CORRUPT, CLASS, ["relu9"])


def test_places_are_drawn_as_blocks() -> None:
    drawn = stretched(torch.tensor([[1.0, 2.0], [3.0, 4.0]]), 6)
    assert torch.equal(drawn[:3, :3], torch.ones(3, 3))
    assert torch.equal(drawn[3:, 3:], torch.full((3, 3), 4.0))
    assert sorted(set(stretched(torch.rand(7, 7), 64).flatten().tolist()))[0] >= 0
