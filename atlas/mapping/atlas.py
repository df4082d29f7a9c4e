"""The activation atlas: what a network says of many pictures, laid out as a map and drawn cell by cell.

Carter, Armstrong, Schubert, Johnson, Olah: "Activation Atlas", Distill 2019. Every stage is kept in a folder, so that a
build that was cut off at any point goes on from there to the same end.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from lucarne.atlas.mapping.grid import Grid, averages, gridded
from lucarne.atlas.mapping.icons import ICON, icons, whitening
from lucarne.atlas.mapping.kept import kept
from lucarne.atlas.mapping.layout import Manner, layout
from lucarne.atlas.mapping.sampling import Samples, sample
from lucarne.atlas.pictures import Pixels
from lucarne.models.model import Model
from lucarne.models.progress import Progress

SIDES = (20, 40)
SIDE = 96  # pixels of an icon on its sheet
DRAWN = 128  # pixels at which it is drawn: of fewer, a deep site would see less than it could
TOGETHER = 16  # icons that are kept at once


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


def build(
    model: Model,
    site: str,
    pictures: Sequence[Pixels],
    folder: Path,
    *,
    sides: Sequence[int] = SIDES,
    manner: Manner | None = None,
    seed: int = 0,
    told: Callable[[int, np.ndarray, np.ndarray], None] | None = None,
    progress: Progress = iter,
) -> Atlas:
    """The atlas of a site over pictures, uint8 (size, size, 3) at the network's size; its stages are kept in `folder`.

    `told` hears of every few icons: side of the grid, numbers of its cells (n,), pixels (n, DRAWN, DRAWN, 3).
    """
    samples = _samples(model, site, pictures, seed, folder, progress)
    points = kept(
        folder / "points.safetensors",
        lambda: {"points": layout(samples.vectors, manner or Manner(), seed, progress)},
    )["points"]
    grids = [gridded(points, side, fewest(side, len(samples))) for side in sides]
    means = [averages(samples.vectors, grid) for grid in grids]
    arguments = [averages(samples.arguments.astype(np.float32), grid) for grid in grids]
    rarity = whitening(samples.vectors)
    drawn = [
        _icons(model, site, grid, mean @ rarity, folder, told, progress)
        for grid, mean in zip(grids, means, strict=True)
    ]
    return Atlas(model.site(site).name, samples, points, grids, means, arguments, drawn)


def fewest(side: int, samples: int) -> int:
    """Samples a cell must hold: an eighth of what it would if all were alike, but 3 to 10."""
    return int(np.clip(round(samples / side**2 / 8), 3, 10))


def _samples(
    model: Model, site: str, pictures: Sequence[Pixels], seed: int, folder: Path, progress: Progress
) -> Samples:
    def made() -> dict[str, np.ndarray]:
        found = sample(model, site, pictures, seed, progress)
        return {"vectors": found.vectors, "cells": found.cells, "arguments": found.arguments}

    return Samples(**kept(folder / "samples.safetensors", made))


def _icons(
    model: Model,
    site: str,
    grid: Grid,
    directions: np.ndarray,
    folder: Path,
    told: Callable[[int, np.ndarray, np.ndarray], None] | None,
    progress: Progress,
) -> np.ndarray:
    """All icons of a grid. A cell's noise depends on its place, so that neighbours do not look alike by chance."""
    drawn = []
    for first in progress(range(0, len(grid), TOGETHER)):
        some = slice(first, first + TOGETHER)
        seeds = [int(row * grid.side + column) for column, row in grid.cells[some]]
        chunk = kept(
            folder / f"icons-{grid.side}-{first:05}.safetensors",
            lambda some=some, seeds=seeds: {
                "pixels": icons(model, site, directions[some], DRAWN, seeds=seeds, settings=ICON).pixels
            },
        )["pixels"]
        drawn.append(chunk)
        if told is not None:
            told(grid.side, np.arange(first, first + len(chunk)), chunk)
    return np.concatenate(drawn) if drawn else np.empty((0, DRAWN, DRAWN, 3), np.uint8)
