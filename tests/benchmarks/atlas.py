"""A whole atlas of 20,000 pictures, grids of 20 and 40, beside the 20 minutes it may take.

It is of relu5 of the shipped AlexNet. The pictures are the bundled gallery's, moved and mirrored until there are so
many; no two are the same.
"""

import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from lucarne.atlas.galleries.gallery import bundled
from lucarne.atlas.mapping.atlas import build
from lucarne.atlas.mapping.packing import pack
from lucarne.atlas.pictures import Pixels
from lucarne.models import load
from tests.benchmarks.timing import Row

COUNT, LIMIT = 20_000, 20 * 60


class Moved(Sequence[Pixels]):
    """The gallery over and over, every time moved otherwise, and mirrored every other time."""

    def __init__(self, side: int) -> None:
        self._tiles = bundled().tiles(side)

    def __len__(self) -> int:
        return COUNT

    def __getitem__(self, number: int) -> Pixels:  # pyright: ignore[reportIncompatibleMethodOverride]
        again, which = divmod(number, len(self._tiles))
        moved = np.roll(self._tiles[which], (5 * again, 9 * again), (0, 1))
        return moved[:, ::-1] if again % 2 else moved


def rows() -> Iterator[Row]:
    model = load("alexnet")
    pictures = Moved(model.card.input_size or 0)
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        atlas = build(model, "relu5", pictures, Path(folder), sides=(20, 40))
        pack(atlas, Path(folder))
        took = time.perf_counter() - start
    cells = sum(len(grid) for grid in atlas.grids)
    yield Row(f"relu5 of {COUNT:,} pictures, {cells:,} icons", took, "limit", LIMIT)
