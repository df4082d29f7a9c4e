"""Cells of the map: which samples lie in each, and what the network says there on average."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lucarne.atlas.mapping.layout import FEW


@dataclass(frozen=True)
class Grid:
    """`side` × `side` cells, of which those with enough samples are kept, row by row.

    `members[starts[i]:starts[i + 1]]` are the numbers of cell i's samples, those nearest to its middle first.
    """

    side: int
    cells: NDArray[np.int64] = field(repr=False)  # (kept, 2): column and row, from the map's upper left corner
    starts: NDArray[np.int64] = field(repr=False)  # (kept + 1,)
    members: NDArray[np.int64] = field(repr=False)

    def __len__(self) -> int:
        return len(self.cells)

    def of(self, cell: int) -> NDArray[np.int64]:
        """The samples of a cell."""
        return self.members[self.starts[cell] : self.starts[cell + 1]]

    @property
    def counts(self) -> NDArray[np.int64]:
        return np.diff(self.starts)


def undrawn(points: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which of points (samples, 2) lie where they were laid, (samples,): not those drawn in to the edge from outside.

    The published code draws them in, too, and counts them where they come to lie: as lone cells at the edge of the map,
    of samples that have nothing in common but to lie far out. Here they are points of the map and in none of its cells.
    Where there are few samples the outermost are no outliers.
    """
    if len(points) < FEW:
        return np.ones(len(points), bool)
    return np.all((points > 0) & (points < 1), axis=1)


def gridded(points: NDArray[np.float32], side: int, fewest: int, among: NDArray[np.bool_] | None = None) -> Grid:
    """Every point (samples, 2) in 0…1 belongs to just one cell; a cell is kept if it holds at least `fewest`.

    Where `among` (samples,) is told, the others belong to none.

    The published code counted points on a border twice; here a cell holds its lower border and not its upper one, but
    for the map's own.
    """
    places = np.minimum((points * side).astype(np.int64), side - 1)  # (samples, 2)
    numbers = places[:, 1] * side + places[:, 0]
    from_middle = ((points * side - places - 0.5) ** 2).sum(1)
    order = np.lexsort((from_middle, numbers))
    order = order if among is None else order[among[order]]
    found, first, counts = np.unique(numbers[order], return_index=True, return_counts=True)
    kept = counts >= fewest
    members = [order[start : start + count] for start, count in zip(first[kept], counts[kept], strict=True)]
    return Grid(
        side,
        np.stack([found[kept] % side, found[kept] // side], 1),
        np.concatenate([[0], np.cumsum(counts[kept])]),
        np.concatenate(members) if members else np.empty(0, np.int64),
    )


def averages(vectors: NDArray[np.float32], grid: Grid) -> NDArray[np.float32]:
    """The mean vector of each cell's samples, (kept, channels)."""
    if not len(grid):
        return np.empty((0, vectors.shape[1]), np.float32)
    sums = np.add.reduceat(vectors[grid.members], grid.starts[:-1], axis=0)
    return (sums / grid.counts[:, None]).astype(np.float32)
