"""A concept as a direction: from the mean of some pictures' activations to the mean of others'.

Whether it stands for anything is tested: each picture in turn is held out, the direction is drawn from the others, and
the held-out one is put on the side whose mean is nearer (a nearest-mean classifier, left one out). With few pictures
luck goes far, so the same is done with the pictures dealt to the sets at random.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lucarne.atlas.pictures import Pixels, square
from lucarne.atlas.vision.indexing import BATCH, vectors_of
from lucarne.models.model import Model
from lucarne.models.progress import Progress

SHUFFLES = 200
ROWS = 4096  # of a gallery at once


@dataclass(frozen=True)
class Direction:
    """`vector` has length 1, or is all zeros where the means are equal; `middle` is half way between them."""

    vector: NDArray[np.float32]  # (d,)
    middle: float

    def along(self, vectors: NDArray) -> NDArray[np.float32]:
        """How far each of (n, d) lies along it, (n,): above 0 nearer to the first set's mean."""
        far = np.empty(len(vectors), np.float32)
        for start in range(0, len(vectors), ROWS):
            far[start : start + ROWS] = vectors[start : start + ROWS].astype(np.float32) @ self.vector
        return far - np.float32(self.middle)


@dataclass(frozen=True)
class Trust:
    """How well held-out pictures are told apart, 0 … 1: the mean over the two sets of the part put on its own side."""

    accuracy: float
    shuffled: float  # the mean over pictures dealt at random
    shuffled_best: float  # what 95 % of those do not pass
    chance: float  # the part of all dealings, this one among them, that do as well: Phipson and Smyth 2010


def seen(model: Model, site: str, pictures: Sequence[Pixels], progress: Progress = iter) -> NDArray[np.float32]:
    """What a site says of pictures of any size, (n, d)."""
    size = int(model.card.input_size or 0)
    starts = range(0, len(pictures), BATCH)
    shown = (np.stack([square(each, size) for each in pictures[start : start + BATCH]]) for start in progress(starts))
    return np.concatenate([vectors_of(model, each, site) for each in shown]).astype(np.float32)


def between(a: NDArray[np.float32], b: NDArray[np.float32]) -> Direction:
    """From the mean of `b` (m, d) to that of `a` (n, d)."""
    means = a.mean(0, dtype=np.float64), b.mean(0, dtype=np.float64)
    vector = means[0] - means[1]
    vector /= np.linalg.norm(vector) or 1.0
    return Direction(vector.astype(np.float32), float(vector @ (means[0] + means[1]) / 2))


def trust(a: NDArray[np.float32], b: NDArray[np.float32], seed: int = 0) -> Trust | None:
    """None where a set has one picture only: none can be held out."""
    if min(len(a), len(b)) < 2:
        return None
    both = np.concatenate([a, b]).astype(np.float64)
    both -= both.mean(0)
    products = both @ both.T  # (n + m, n + m): all that distances to means need
    dealt = np.repeat([True, False], [len(a), len(b)])
    accuracy = _left_one_out(products, dealt)
    random = np.random.default_rng(seed)
    shuffled = np.array([_left_one_out(products, random.permutation(dealt)) for _ in range(SHUFFLES)])
    as_well = int((shuffled >= accuracy - 1e-9).sum())
    return Trust(accuracy, shuffled.mean().item(), np.quantile(shuffled, 0.95).item(), (as_well + 1) / (SHUFFLES + 1))


def _left_one_out(products: NDArray[np.float64], first: NDArray[np.bool_]) -> float:
    """The balanced accuracy of the nearest mean, each picture left out of its own; half a point for a tie."""
    nearer = np.zeros((2, len(first)))
    own = products.diagonal()
    for place, members in enumerate((first, ~first)):
        inside = members.astype(np.float64)
        to_sum, size = products @ inside, inside.sum()  # (n,): with the sum of the set
        square = inside @ to_sum  # the sum's own square
        left = (to_sum - inside * own) / (size - inside)  # with the mean, the picture itself left out of its set
        length = (square - inside * (2 * to_sum - own)) / (size - inside) ** 2
        nearer[place] = left - length / 2
    lead = np.where(first, nearer[0] - nearer[1], nearer[1] - nearer[0])
    right = (np.sign(np.where(np.abs(lead) < 1e-9 * (np.abs(own).max() + 1e-30), 0, lead)) + 1) / 2
    return float((right[first].mean() + right[~first].mean()) / 2)
