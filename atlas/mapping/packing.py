"""An atlas as files: a sheet of icons and a table of cells for every grid, points, what places a vector, a record."""

import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from lucarne.atlas import arrays
from lucarne.atlas.mapping.atlas import SIDE, Atlas
from lucarne.atlas.mapping.grid import Grid
from lucarne.atlas.mapping.placing import write_placing
from lucarne.atlas.mapping.shipped import RECORD
from lucarne.atlas.vision.sheets import across_for, on_sheet

QUALITY = 78
DOTS = 40_000  # samples that can be shown as dots, at most: a map of more is no fuller
SHOWN = 12  # samples of a cell that are named: those nearest to its middle


@dataclass(frozen=True)
class Page:
    """One grid's files."""

    side: int
    cells: int
    sheet: str
    across: int  # icons in a row of the sheet
    table: str


def pack(atlas: Atlas, folder: Path) -> list[Page]:
    """Write the atlas's files; what is in them is said at `Atlas` in the artifacts."""
    pages = []
    for grid, arguments, icons in zip(atlas.grids, atlas.arguments, atlas.icons, strict=True):
        named = f"grid-{grid.side}"
        page = Page(grid.side, len(grid), f"{named}.webp", across_for(len(grid)), f"{named}.safetensors")
        (folder / page.sheet).write_bytes(_sheet(icons))
        scale = np.maximum(np.abs(arguments).max(1, initial=1e-9), 1e-9) / 127  # (cells,)
        arrays.write(
            folder / page.table,
            place=grid.cells.astype(np.uint8),
            count=grid.counts.astype(np.int32),
            arguments=np.rint(arguments / scale[:, None]).astype(np.int8),
            scale=scale.astype(np.float32),
            samples=_named(grid),
        )
        pages.append(page)
    write_placing(folder, atlas.grids[-1], atlas.means[-1], atlas.samples.vectors)
    arrays.write(folder / "points.safetensors", points=np.rint(dots(atlas.points) * 65535).astype(np.uint16))
    return pages


def dots(points: np.ndarray) -> np.ndarray:
    """At most `DOTS` of points (samples, 2): every so many-th, from one end of the pictures to the other."""
    return points[:: max(1, -(-len(points) // DOTS))]


def _named(grid: Grid) -> np.ndarray:
    """The first samples of each cell, int32 (cells, SHOWN), filled up with -1."""
    named = np.full((len(grid), SHOWN), -1, np.int32)
    for cell in range(len(grid)):
        some = grid.of(cell)[:SHOWN]
        named[cell, : len(some)] = some
    return named


def _sheet(icons: np.ndarray) -> bytes:
    """Icons, uint8 (cells, side, side, 3), brought to SIDE pixels and laid in rows, as a WebP file."""
    smaller = [np.asarray(Image.fromarray(each).resize((SIDE, SIDE), Image.Resampling.LANCZOS)) for each in icons]
    opened = io.BytesIO()
    whole = (
        on_sheet(np.stack(smaller), across_for(len(smaller))) if smaller else np.full((SIDE, SIDE, 3), 128, np.uint8)
    )
    Image.fromarray(whole).save(opened, "WEBP", quality=QUALITY, method=6)
    return opened.getvalue()


def record(folder: Path, **said: object) -> None:
    """What a packed atlas says of itself."""
    (folder / RECORD).write_text(json.dumps(said, sort_keys=True, indent=1) + "\n", encoding="utf-8")
