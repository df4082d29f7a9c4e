"""The pictures of a gallery nearest to one: by the angle between activations, and by their pixels. Exact.

Krizhevsky, Sutskever, Hinton 2012, section 6.1, compares the 4096 numbers of fc7 by their distance and shows that
pictures close there are often far apart in pixels. The angle does not ask how strongly a picture excites.

Among very many pictures `Narrowed` looks at 256 numbers of each instead of 4096, and at the others only of those that
could still be among the nearest. That is exact too: with q and x of length 1, split into their parts in a subspace and
the rest, Cauchy and Schwarz give q·x ≤ q₁·x₁ + |q₂| |x₂|, so whoever is left out is farther than those that are found.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS = 4096  # compared at once: 64 MB of 4096 float32
WIDTH = 256  # of the subspace
SAMPLE = 4096  # rows from which it is learned
SLACK = 1e-4  # in a cosine: more than rounding to float32 can add up to


@dataclass(frozen=True)
class Nearest:
    numbers: NDArray[np.intp]  # (k,): places in the gallery, nearest first, of equals the earlier one
    distances: NDArray[np.float64]  # (k,)


def by_angle(vectors: NDArray, vector: NDArray, k: int) -> Nearest:
    """By 1 - cosine, 0 … 2, of `vector` (d,) to each of `vectors` (n, d); a vector of zeros is 1 from everything."""
    wanted = vector.astype(np.float64)
    wanted /= np.linalg.norm(wanted) or 1.0
    wanted = wanted.astype(np.float32)
    cosines = np.empty(len(vectors), np.float32)
    for start in range(0, len(vectors), ROWS):
        rows = np.asarray(vectors[start : start + ROWS], np.float32)
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        cosines[start : start + ROWS] = rows @ wanted / np.where(lengths > 0, lengths, 1)
    return first(1.0 - np.clip(cosines.astype(np.float64), -1, 1), k)


class Narrowed:
    """The nearest by angle, the same that `by_angle` finds, without reading all of `vectors` (n, d)."""

    def __init__(
        self, vectors: NDArray, basis: NDArray[np.float32], inside: NDArray[np.float32], rest: NDArray[np.float32]
    ) -> None:
        self._vectors = vectors
        self._basis = basis  # (d, 256), orthonormal columns
        self._inside = inside  # (n, 256): each row at length 1, in the subspace
        self._rest = rest  # (n,): the length of what lies outside of it

    @classmethod
    def of(cls, vectors: NDArray, seed: int = 0) -> "Narrowed":
        """The subspace is that in which a sample of the rows varies most (randomized SVD, Halko et al. 2011)."""
        from sklearn.utils.extmath import randomized_svd

        chosen = np.sort(np.random.default_rng(seed).permutation(len(vectors))[:SAMPLE])
        width = min(WIDTH, vectors.shape[1], len(chosen))
        solve: Any = randomized_svd  # whose types call n_iter a text
        _, _, across = solve(_at_length_1(vectors[chosen]), width, n_iter=2, random_state=seed)
        basis = np.linalg.qr(across.T.astype(np.float64))[0].astype(np.float32)  # (d, width)
        inside = np.empty((len(vectors), basis.shape[1]), np.float32)
        rest = np.empty(len(vectors), np.float32)
        for start in range(0, len(vectors), ROWS):
            rows = _at_length_1(vectors[start : start + ROWS])
            inside[start : start + ROWS] = part = rows @ basis
            lengths = np.einsum("ij,ij->i", rows, rows) - np.einsum("ij,ij->i", part, part)
            rest[start : start + ROWS] = np.sqrt(lengths.clip(min=0))
        return cls(vectors, basis, inside, rest)

    def write(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("basis", "inside", "rest"):
            np.save(folder / f"{name}.npy", getattr(self, f"_{name}"))

    @classmethod
    def read(cls, folder: Path, vectors: NDArray) -> "Narrowed":
        """Raises FileNotFoundError, or ValueError where it is not of these vectors."""
        basis, inside, rest = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in ("basis", "inside", "rest"))
        if (len(inside), len(rest), len(basis)) != (len(vectors), len(vectors), vectors.shape[1]):
            raise ValueError("This was made of other vectors.")
        return cls(vectors, basis, inside, rest)

    def nearest(self, vector: NDArray, k: int) -> Nearest:
        """As `by_angle` of the same vectors."""
        wanted = _at_length_1(vector[None])[0]
        if not wanted.any() or len(self._vectors) <= k:
            return by_angle(self._vectors, vector, k)
        part = wanted @ self._basis  # (256,)
        beyond = np.sqrt(max(float(wanted @ wanted - part @ part), 0.0))
        most = self._inside @ part  # (n,), and after the next line no cosine is larger
        most += self._rest * np.float32(beyond)
        likely = np.argpartition(-most, k - 1)[:k]
        worst = (_at_length_1(self._vectors[np.sort(likely)]) @ wanted).min()  # k rows are at least this near
        left = np.flatnonzero(most >= worst - SLACK)  # (candidates,), in order
        found = by_angle(_Rows(self._vectors, left), vector, k)  # pyright: ignore[reportArgumentType]
        return Nearest(left[found.numbers], found.distances)


class _Rows:
    """Some rows of a matrix on disk, fetched as they are asked for."""

    def __init__(self, vectors: NDArray, rows: NDArray[np.intp]) -> None:
        self._vectors, self._rows = vectors, rows

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, some: slice) -> NDArray:
        return self._vectors[self._rows[some]]


def _at_length_1(rows: NDArray) -> NDArray[np.float32]:
    """(n, d); rows of zeros stay what they are."""
    whole = np.asarray(rows, np.float32)
    lengths: NDArray[np.float32] = np.sqrt(np.einsum("ij,ij->i", whole, whole))
    lengths[lengths == 0] = 1
    return whole / lengths[:, None]


def by_pixels(thumbnails: NDArray[np.uint8], thumbnail: NDArray[np.uint8], k: int) -> Nearest:
    """By the root mean square difference of thumbnails (n, d), in steps of 0 … 255."""
    squares = np.empty(len(thumbnails), np.float64)
    for start in range(0, len(thumbnails), ROWS):
        apart = thumbnails[start : start + ROWS].astype(np.float32) - thumbnail
        squares[start : start + ROWS] = np.einsum("ij,ij->i", apart, apart)
    return first(np.sqrt(squares / len(thumbnail)), k)


def first(distances: NDArray[np.float64], k: int) -> Nearest:
    """The k smallest, in order."""
    k = min(k, len(distances))
    if k == 0:
        return Nearest(np.zeros(0, np.intp), np.zeros(0))
    last = np.partition(distances, k - 1)[k - 1]
    numbers = np.flatnonzero(distances <= last)
    numbers = numbers[np.argsort(distances[numbers], kind="stable")][:k]
    return Nearest(numbers, distances[numbers])
