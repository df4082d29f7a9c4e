"""A sheet holds every unit's dream in its place, ships for one set of weights, and is damaged or not."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lucarne.atlas.vision import sheets
from lucarne.atlas.vision.features import FINAL, render
from lucarne.atlas.vision.objectives import channel
from lucarne.models import load
from lucarne.models.errors import Unsuitable, WeightsDamaged
from lucarne.models.model import Model

FEW = 6  # steps: whether tiles lie where they belong does not depend on how good they are


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


@pytest.fixture(autouse=True)
def few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    monkeypatch.setattr(sheets, "FINAL", replace(FINAL, steps=FEW))


@pytest.fixture(scope="module")
def dreams(model: Model) -> sheets.Dreamt:
    from dataclasses import replace

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sheets, "FINAL", replace(FINAL, steps=FEW))
        return sheets.dreams_of(model, "conv2")


def tiles(sheet: bytes) -> np.ndarray:
    """(rows, across, side, side, 3)"""
    pixels = np.asarray(Image.open(io.BytesIO(sheet)))
    rows, side = pixels.shape[0] // sheets.SIDE, sheets.SIDE
    return pixels.reshape(rows, side, sheets.ACROSS, side, 3).swapaxes(1, 2)


def test_every_unit_lies_in_its_place(model: Model, dreams: sheets.Dreamt) -> None:
    units = model.site("conv2").shape[0] or 0
    shown = tiles(dreams.sheet).reshape(-1, sheets.SIDE, sheets.SIDE, 3)[:units].astype(float)
    drawn = render(model, [channel(model, "conv2", unit) for unit in range(units)], sheets.FINAL, size=sheets.SIDE)
    away = [[abs(tile - other.astype(float)).mean() for other in drawn.pixels] for tile in shown]
    assert np.argmin(away, 1).tolist() == list(range(units))
    assert dreams.objective == pytest.approx(drawn.values.tolist(), rel=1e-4)


def test_the_strongest_cell_is_at_least_the_mean(dreams: sheets.Dreamt) -> None:
    assert all(largest >= mean for largest, mean in zip(dreams.largest, dreams.objective, strict=True))


def test_the_last_row_is_filled_up_with_grey() -> None:
    tiles = np.zeros((sheets.ACROSS + 1, 2, 2, 3), np.uint8)
    whole = sheets.on_sheet(tiles)
    assert whole.shape == (4, 2 * sheets.ACROSS, 3)
    assert not whole[:2].any() and not whole[2:, :2].any() and (whole[2:, 2:] == 128).all()


def test_what_ships_is_found_again(model: Model, dreams: sheets.Dreamt, tmp_path: Path) -> None:
    sheets.ship(model, "conv2", dreams, tmp_path)
    assert sheets.shipped(model, "conv2", tmp_path) == dreams
    assert sheets.shipped(model, "conv3", tmp_path) is None


def test_dreams_of_other_weights_never_ship(model: Model, dreams: sheets.Dreamt, tmp_path: Path) -> None:
    sheets.ship(model, "conv2", dreams, tmp_path)
    record = tmp_path / model.card.name / "dreams.json"
    record.write_text(json.dumps(json.loads(record.read_text()) | {"weights": "0" * 64}))
    assert sheets.shipped(model, "conv2", tmp_path) is None
    sheets.ship(model, "conv3", dreams, tmp_path)
    assert sheets.shipped(model, "conv2", tmp_path) is None
    assert sheets.shipped(model, "conv3", tmp_path) == dreams
    assert not (record.parent / "conv2.webp").exists()


@pytest.mark.parametrize("record", ["", "[]", "{}", '{"weights": 1}'])
def test_a_damaged_record_says_so(record: str, model: Model, dreams: sheets.Dreamt, tmp_path: Path) -> None:
    sheets.ship(model, "conv2", dreams, tmp_path)
    (tmp_path / model.card.name / "dreams.json").write_text(record)
    if record == '{"weights": 1}':
        assert sheets.shipped(model, "conv2", tmp_path) is None
    else:
        with pytest.raises(WeightsDamaged, match=r"dreams\.json"):
            sheets.shipped(model, "conv2", tmp_path)


def test_more_units_than_a_sheet_holds_are_refused(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MOST", 3)
    with pytest.raises(Unsuitable, match="a sheet holds 3"):
        sheets.dreams_of(model, "conv2")
