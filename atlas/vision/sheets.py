"""The dreams of all units of a site on one sheet: drawn, written as one picture file, found again where they ship."""

import io
import json
import math
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from lucarne.atlas.pictures import Pixels
from lucarne.atlas.vision.features import FINAL, Frame, render
from lucarne.atlas.vision.objectives import Seen, channel, look
from lucarne.models.errors import Unsuitable, WeightsDamaged
from lucarne.models.model import Model
from lucarne.models.progress import Progress

BUNDLED = Path(__file__).parent.parent / "bundled" / "dreams"
SIDE = 128  # pixels of a tile
ACROSS = 16  # tiles in a row
QUALITY = 80  # of WebP: a tile takes about 4 kB
MOST = 4096  # units of a site: an hour on two cores


@dataclass(frozen=True)
class Dreamt:
    """`sheet` is a WebP file; `objective` and `largest` are of the pictures before they were written into it."""

    sheet: bytes = field(repr=False)
    objective: list[float]  # a channel's mean over the map; a unit's or a class's own value
    largest: list[float]  # a channel's value in its strongest cell


def dreams_of(
    model: Model, site: str, *, told: Callable[[Frame], None] | None = None, progress: Progress = iter
) -> Dreamt:
    """What each unit of a site answers to most, drawn by the preset `final` from seed 0. Raises Unknown, Unsuitable."""
    units = model.site(site).shape[0] or 0
    if units > MOST:
        raise Unsuitable(f"{site} has {units} units, a sheet holds {MOST}. Draw those you want singly.", field="site")
    objectives = [channel(model, site, unit) for unit in range(units)]
    dreams = render(model, objectives, FINAL, size=SIDE, told=told, every=FINAL.steps, progress=progress)
    largest = [_largest(look(model, [site], picture[None]), unit) for unit, picture in enumerate(dreams.pixels)]
    return Dreamt(written(dreams.pixels), _rounded(dreams.values), _rounded(largest))


def across_for(count: int) -> int:
    """Tiles in a row of a sheet of so many: it grows no higher than wide, for a WebP ends at 16,383 pixels a side."""
    return max(ACROSS, math.isqrt(max(0, count - 1)) + 1)


def written(tiles: np.ndarray) -> bytes:
    """Tiles, uint8 (count, side, side, 3), as a WebP file with `ACROSS` of them in a row."""
    opened = io.BytesIO()
    Image.fromarray(on_sheet(tiles)).save(opened, "WEBP", quality=QUALITY, method=6)
    return opened.getvalue()


def on_sheet(tiles: np.ndarray, across: int = ACROSS) -> Pixels:
    """Tiles (count, side, side, 3) in rows of `across`, the last one filled up with middle grey."""
    count, side = tiles.shape[:2]
    rows = -(-count // across)
    whole = np.full((rows * across, side, side, 3), 128, np.uint8)
    whole[:count] = tiles
    return whole.reshape(rows, across, side, side, 3).swapaxes(1, 2).reshape(rows * side, across * side, 3)


def shipped(model: Model, site: str, bundled: Path = BUNDLED) -> Dreamt | None:
    """The dreams that ship for just these weights, if they do. Raises WeightsDamaged for a record that is none."""
    folder = bundled / model.card.name
    record, sheet = folder / "dreams.json", folder / f"{site}.webp"
    if not record.is_file() or not sheet.is_file():
        return None
    try:
        known = json.loads(record.read_bytes())
        if known["weights"] != model.weights or site not in known["sites"]:
            return None
        return Dreamt(sheet.read_bytes(), **known["sites"][site])
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsDamaged(f"{record.name} is damaged: it does not say what the dreams of {site} excite.") from error


def ship(model: Model, site: str, dreams: Dreamt, bundled: Path = BUNDLED) -> None:
    """Put dreams where `shipped` finds them; those of other weights are dropped."""
    folder = bundled / model.card.name
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / "dreams.json"
    known = json.loads(record.read_bytes()) if record.is_file() else {}
    if known.get("weights") != model.weights:
        for other in folder.glob("*.webp"):
            other.unlink()
        known = {"weights": model.weights, "settings": asdict(FINAL), "sites": {}}
    known["sites"][site] = {"objective": dreams.objective, "largest": dreams.largest}
    (folder / f"{site}.webp").write_bytes(dreams.sheet)
    record.write_text(json.dumps(known, sort_keys=True) + "\n", encoding="utf-8")


def _largest(seen: Seen, unit: int) -> float:
    (value,) = seen.values()  # (1, units, …)
    return value[0, unit].max().item()


def _rounded(values: "np.ndarray | list[float]") -> list[float]:
    """Five significant digits, so that the record stays small."""
    return [float(f"{value:.5g}") for value in values]
