"""A small packed atlas that needs no network, for whoever tests what is done with one."""

import json
from pathlib import Path

import numpy as np

from lucarne.atlas.mapping.atlas import Atlas
from lucarne.atlas.mapping.bundled import Packed
from lucarne.atlas.mapping.grid import averages, gridded
from lucarne.atlas.mapping.packing import pack, record
from lucarne.atlas.mapping.sampling import Samples

COLOURS = np.array([[200, 40, 40], [40, 200, 40], [40, 40, 200]], np.uint8)


def packed_in(folder: Path) -> Packed:
    """Two grids: of the coarse one its one cell, of the fine one three of four, each drawn in a colour of its own."""
    points = np.array([[0.2, 0.2], [0.8, 0.2], [0.8, 0.8]] * 2, np.float32)
    vectors = np.random.default_rng(0).normal(size=(6, 5)).astype(np.float32)
    said = np.array([[3, 1, 2], [1, 3, 2], [1, 2, 3]] * 2, np.float16)
    grids = [gridded(points, side, 1) for side in (1, 2)]
    drawn = [COLOURS[: len(grid), None, None].repeat(64, 1).repeat(64, 2) for grid in grids]
    means = [averages(vectors, grid) for grid in grids]
    arguments = [averages(said.astype(np.float32), grid) for grid in grids]
    samples = Samples(vectors, np.zeros((6, 2), np.int64), said)
    folder.mkdir()
    pages = [vars(page) for page in pack(Atlas("relu5", samples, points, grids, means, arguments, drawn), folder)]
    record(folder, weights="0" * 64, site="relu5", samples=6, credit="Six & “six”", pages=pages)
    return Packed(folder, json.loads((folder / "atlas.json").read_bytes()))
