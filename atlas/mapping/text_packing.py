"""An atlas of texts as files: its samples, a table of cells for every grid, and what places a vector on it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lucarne.atlas import arrays
from lucarne.atlas.mapping.placing import write_placing
from lucarne.atlas.mapping.text_atlas import TextAtlas
from lucarne.atlas.mapping.words import lens
from lucarne.models.model import Model

SAMPLES = "samples.safetensors"
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
    write_placing(folder, atlas.grids[-1], atlas.means[-1], atlas.positions.vectors, atlas.whole)
    return pages


def _narrow(tokens: NDArray[np.int64]) -> NDArray[np.uint16] | NDArray[np.int32]:
    """Two bytes a token, where that is enough."""
    return tokens.astype(np.uint16) if tokens.max(initial=0) < 65536 else tokens.astype(np.int32)


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
