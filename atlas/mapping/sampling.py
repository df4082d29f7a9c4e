"""One cell of each picture: what a site says there, never at the border, where it sees more padding than picture."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from lucarne.atlas.mapping.arguments import argued
from lucarne.atlas.pictures import Pixels
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model
from lucarne.models.progress import Progress

BATCH = 64


@dataclass(frozen=True)
class Samples:
    """What was found in picture i at cell (row, column) `cells[i]`; a unit without a map has cell (0, 0)."""

    vectors: np.ndarray = field(repr=False)  # float32 (samples, channels)
    cells: np.ndarray = field(repr=False)  # int64 (samples, 2)
    arguments: np.ndarray = field(repr=False)  # float16 (samples, classes): h · ∇logit

    def __len__(self) -> int:
        return len(self.cells)


def sample(model: Model, site: str, pictures: Sequence[Pixels], seed: int = 0, progress: Progress = iter) -> Samples:
    """One random cell of every picture, uint8 (size, size, 3) at the network's size. Raises Unsuitable.

    Which cell depends on the seed and on the picture's number alone, so that more pictures change nothing for the rest.
    """
    size = model.card.input_size
    shape = shown_shape(model, site)
    vectors, cells, arguments = [], [], []
    for first in progress(range(0, len(pictures), BATCH)):
        numbers = range(first, min(first + BATCH, len(pictures)))
        pixels = np.stack([pictures[i] for i in numbers])
        if pixels.shape[1:] != (size, size, 3):
            raise Unsuitable(f"The pictures to sample must be {size} pixels wide and high.", field="gallery")
        chosen = np.stack([interior(*shape, seed, i) for i in numbers])
        found, said = argued(model, site, pixels, chosen)
        vectors.append(found.cpu().numpy())
        arguments.append(said.half().cpu().numpy())
        cells.append(chosen)
    if not vectors:
        raise Unsuitable("There are no pictures to sample.", field="gallery")
    return Samples(np.concatenate(vectors), np.concatenate(cells), np.concatenate(arguments))


def shown_shape(model: Model, site: str) -> tuple[int, int]:
    """Rows and columns of a site's maps; a unit has one of each."""
    shape = model.site(site).shape
    return (shape[1] or 1, shape[2] or 1) if len(shape) == 3 else (1, 1)


def interior(height: int, width: int, seed: int, number: int) -> np.ndarray:
    """A random cell off the border, (row, column); of a map under three cells a side any cell."""
    random = np.random.default_rng([seed, number])
    return np.array([random.integers(1, side - 1) if side > 2 else random.integers(side) for side in (height, width)])
