"""The activation atlas: what a network says of many pictures, laid out as a map and drawn cell by cell.

Carter, Armstrong, Schubert, Johnson, Olah: "Activation Atlas", Distill 2019. Every stage is kept in a folder, so that a
build that was cut off at any point goes on from there to the same end, and one of a few pictures more has little to do.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lucarne.atlas.mapping.editions import laid_out
from lucarne.atlas.mapping.engine import Engine, Local
from lucarne.atlas.mapping.grid import Grid, averages, gridded, undrawn
from lucarne.atlas.mapping.icons import ICON, drawing
from lucarne.atlas.mapping.kept import Arrays, kept_each, keyed
from lucarne.atlas.mapping.layout import Manner
from lucarne.atlas.mapping.sampling import Samples, keys_of, sample
from lucarne.atlas.pictures import Pixels
from lucarne.models.model import Model
from lucarne.models.progress import Progress, note

SIDES = (20, 40)
SIDE = 96  # pixels of an icon on its sheet
DRAWN = 128  # pixels at which it is drawn: of fewer, a deep site would see less than it could
TOGETHER = 16  # icons that are kept at once
CROWD = 5  # samples for a cell of the finest grid, at least
FEW = 50  # samples: of fewer, every cell that holds one is kept

Told = Callable[[int, np.ndarray, np.ndarray], None]


@dataclass(frozen=True)
class Atlas:
    """A map of one site. Cells of a grid, their icons and what they argue for have one order."""

    site: str
    samples: Samples
    points: np.ndarray = field(repr=False)  # float32 (samples, 2) in 0…1
    grids: list[Grid]
    means: list[np.ndarray] = field(repr=False)  # float32 (cells, channels) a grid
    arguments: list[np.ndarray] = field(repr=False)  # float32 (cells, classes) a grid
    icons: list[np.ndarray] = field(repr=False)  # uint8 (cells, DRAWN, DRAWN, 3) a grid
    placed: int = 0  # samples that came later and were placed among the others, who were laid out together


def build(
    model: Model,
    site: str,
    pictures: Sequence[Pixels],
    folder: Path,
    *,
    edition: str = "edition",
    ids: Sequence[str] | None = None,
    sides: Sequence[int] | None = None,
    manner: Manner | None = None,
    seed: int = 0,
    told: Told | None = None,
    progress: Progress = iter,
    engine: Engine | None = None,
) -> Atlas:
    """The atlas of a site over pictures, uint8 (size, size, 3) at the network's size.

    Its stages are kept in `folder`, which is for one site of one model and shared by all editions: what is known of
    pictures with the same `ids` (their numbers, if none are told) is not found again. `told` hears of every few icons
    that are drawn: side of the grid, numbers of its cells (n,), pixels (n, DRAWN, DRAWN, 3). `engine` looks at the
    pictures, compares the samples and draws the icons; this process, if none is told.
    """
    engine = engine or Local(model.device)
    keys = keys_of(range(len(pictures)) if ids is None else ids, seed)
    note(progress, f"Looking at {len(pictures):,} pictures")
    samples = sample(model, site, pictures, keys, folder / "samples", progress, engine)
    note(progress, f"Laying out {len(samples):,} samples")
    laid = laid_out(samples.vectors, keys, folder, edition, manner or Manner(), seed, progress, engine)
    inside = undrawn(laid.points)
    grids = [
        gridded(laid.points, side, fewest(side, len(samples)), inside) for side in sides or sides_for(len(samples))
    ]
    means = [averages(samples.vectors, grid) for grid in grids]
    arguments = [averages(samples.arguments.astype(np.float32), grid) for grid in grids]
    drawn = []
    for grid, mean in zip(grids, means, strict=True):
        note(progress, f"Drawing {len(grid):,} cells of {grid.side} × {grid.side}")
        drawn.append(_icons(model, site, grid, mean, laid.whitening, folder / "icons", told, progress, engine))
    note(progress, "")
    placed = int((laid.together == 0).sum())
    return Atlas(model.site(site).name, samples, laid.points, grids, means, arguments, drawn, placed)


def sides_for(samples: int) -> tuple[int, ...]:
    """Cells along the side of each grid: as of `SIDES`, where there are samples enough to fill them."""
    finest = max(1, min(SIDES[-1], round((samples / CROWD) ** 0.5)))
    return (finest // 2, finest) if finest > 3 else (finest,)


def fewest(side: int, samples: int) -> int:
    """Samples a cell must hold: an eighth of what it would if all were alike, but 3 to 10; 1 where there are few."""
    return 1 if samples < FEW else int(np.clip(round(samples / side**2 / 8), 3, 10))


def _icons(
    model: Model,
    site: str,
    grid: Grid,
    means: np.ndarray,
    rarity: np.ndarray,
    folder: Path,
    told: Told | None,
    progress: Progress,
    engine: Engine,
) -> np.ndarray:
    """All icons of a grid. A cell's noise depends on its place, so that neighbours do not look alike by chance.

    An icon is drawn once for what it is drawn from: mean, whitening, noise and settings.
    """
    seeds = [int(row * grid.side + column) for column, row in grid.cells]
    directions = means @ rarity  # (cells, channels)
    common = f"{hashlib.sha256(rarity.tobytes()).hexdigest()}\n{ICON}\n{DRAWN}"
    keys = keyed([f"{common}\n{seed}\n{mean.tobytes().hex()}" for seed, mean in zip(seeds, means, strict=True)])

    def drawn(blocks: list[NDArray[np.int64]]) -> Iterator[Arrays]:
        asked = ((directions[cells], [seeds[cell] for cell in cells]) for cells in blocks)
        for cells, pixels in zip(blocks, engine.map(partial(drawing, model, site, DRAWN, ICON), asked), strict=True):
            if told is not None:
                told(grid.side, cells, pixels)
            yield {"pixels": pixels}

    empty = np.empty((0, DRAWN, DRAWN, 3), np.uint8)
    return kept_each(folder, keys, drawn, TOGETHER, progress)["pixels"] if len(grid) else empty
