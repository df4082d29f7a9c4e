"""An atlas of texts as files: its samples, a table of cells for every grid, and what places a vector on it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from lucarne.atlas import arrays
from lucarne.atlas.mapping.bundled import Packed
from lucarne.atlas.mapping.layout import DIMENSIONS, axes_of
from lucarne.atlas.mapping.placing import place
from lucarne.atlas.mapping.text_atlas import TextAtlas
from lucarne.atlas.mapping.words import lens
from lucarne.models.errors import WeightsDamaged
from lucarne.models.model import Model

SAMPLES = "samples.safetensors"
PLACING = "placing.safetensors"
COMMON = 8  # tokens named that all cells have in common


@dataclass(frozen=True)
class Page:
    """One grid's file."""

    side: int
    cells: int
    table: str


def pack(atlas: TextAtlas, folder: Path) -> list[Page]:
    """Write the atlas's files; what is in them is said at `TextMap` in the artifacts."""
    pages = []
    for grid, words, unsure, contexts in zip(atlas.grids, atlas.words, atlas.entropies, atlas.contexts, strict=True):
        page = Page(grid.side, len(grid), f"grid-{grid.side}.safetensors")
        arrays.write(
            folder / page.table,
            place=grid.cells.astype(np.uint8),
            count=grid.counts.astype(np.int32),
            entropy=unsure.astype(np.float16),
            words=_narrow(words.tokens),
            odds=words.odds.astype(np.float16),
            lifts=words.lifts.astype(np.float16),
            contexts=contexts,
        )
        pages.append(page)
    places = atlas.positions.places
    arrays.write(
        folder / SAMPLES,
        tokens=_narrow(places.tokens),
        starts=places.starts.astype(np.int32),
        points=np.rint(atlas.points * 65535).astype(np.uint16),
    )
    _write_placing(atlas, folder)
    return pages


def _narrow(tokens: NDArray[np.int64]) -> NDArray[np.uint16] | NDArray[np.int32]:
    """Two bytes a token, where that is enough."""
    return tokens.astype(np.uint16 if tokens.max(initial=0) < 65536 else np.int32)


def _write_placing(atlas: TextAtlas, folder: Path) -> None:
    """The means of the finest grid's cells in the measure of the layout: a byte for each of the directions that count.

    They are laid down as numbers of -127 to 127, so that an atlas of thousands of cells stays small.
    """
    grid, centred = atlas.grids[-1], atlas.positions.vectors - atlas.whole
    width = centred.shape[1]
    axes = axes_of(centred, DIMENSIONS) if len(centred) > DIMENSIONS < width else np.eye(width)
    means = (atlas.means[-1] - atlas.whole) @ axes  # (cells, directions)
    scale = np.maximum(np.abs(means).max(1, keepdims=True, initial=1e-9), 1e-9) / 127
    arrays.write(
        folder / PLACING,
        place=grid.cells.astype(np.uint8),
        whole=atlas.whole,
        axes=axes.astype(np.float32),
        means=np.rint(means / scale).astype(np.int8),
    )


def recorded(model: Model, atlas: TextAtlas, credit: str) -> dict[str, Any]:
    """What a packed atlas of texts says of itself, but for its pages."""
    usual = lens(model, atlas.whole[None])[0].exp().topk(COMMON)
    common = [
        [token, float(f"{odds:.4g}")] for token, odds in zip(*(each.tolist() for each in usual[::-1]), strict=True)
    ]
    return {
        "weights": model.weights, "site": atlas.site, "samples": len(atlas.positions), "credit": credit,
        "first": atlas.positions.places.first, "common": common,
    }  # fmt: skip


def placed(packed: Packed, vectors: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Where vectors (n, width) of the site lie on a packed atlas: points (n, 2) in 0…1, and the cosine to the nearest
    cell's mean (n,). Raises WeightsDamaged."""
    try:
        known = load_file(packed.folder / PLACING)
        middles = (known["place"] + 0.5) / packed.said["pages"][-1]["side"]  # (cells, 2)
        inside = (vectors - known["whole"]) @ known["axes"]  # (n, directions)
        return place(inside, middles, known["means"].astype(np.float32))
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise WeightsDamaged(f"{PLACING} of the atlas is damaged.") from error
