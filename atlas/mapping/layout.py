"""Where samples lie on the map: near to each other what the network finds alike. The only file that knows UMAP.

McInnes, Healy, Melville: "UMAP", 2018, with the parameters of Carter et al.: "Activation Atlas", Distill 2019.
"""

import warnings
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_matrix

from lucarne.atlas.mapping.engine import HERE, Engine
from lucarne.atlas.mapping.neighbours import ROWS, comparing
from lucarne.models.progress import Progress

Floats = NDArray[np.float32]

DIMENSIONS = 50  # kept by PCA before neighbours are looked for
FEW = 50  # samples
MARGIN = 0.1  # of the map's side is left free on every side, into which outliers are drawn
OUTLIERS = (1, 99)  # percentiles that span the rest
GAP = 0.05  # of that: no wider a band across the map is left empty


@dataclass(frozen=True)
class Manner:
    """How samples are laid out: UMAP's numbers as the published atlases have them."""

    neighbours: int = 50
    distance: float = 0.05  # UMAP's min_dist
    metric: str = "cosine"  # or "euclidean"
    epochs: int = 200


def layout(vectors: Floats, manner: Manner, seed: int = 0, progress: Progress = iter, engine: Engine = HERE) -> Floats:
    """Points (samples, 2) in 0…1 of vectors (samples, channels). Equal seeds give equal maps on one machine.

    Fewer than `FEW` have no neighbourhoods that UMAP could keep: they lie along their two principal directions.
    """
    if len(vectors) < FEW:
        return placed(flat(vectors))
    reduced = principal(vectors, DIMENSIONS)
    count = min(manner.neighbours, len(reduced) - 1)
    indices, distances = nearest(reduced, count, manner.metric, progress, engine)
    graph, a, b = _likeness(reduced, indices, distances, manner)
    from lucarne.atlas.mapping.descent import descend

    start = principal(reduced, 2)
    start = np.pad(start, ((0, 0), (0, 2 - start.shape[1])))
    return placed(descend(graph, start, a, b, manner.epochs, seed, progress))


def _likeness(
    vectors: Floats, indices: NDArray[np.int32], distances: Floats, manner: Manner
) -> tuple[csr_matrix, float, float]:
    """How alike samples are, (samples, samples) of 0…1, and the curve 1 / (1 + a d^2b) that is to say so on the map."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is no tensorflow is known
        from umap.umap_ import find_ab_params, fuzzy_simplicial_set
    drawn = np.random.RandomState(0)  # for what looks for neighbours, which are known
    found = {"knn_indices": indices, "knn_dists": distances}
    threads = torch.get_num_threads()
    graph = fuzzy_simplicial_set(vectors, indices.shape[1], drawn, manner.metric, **found)[0]
    torch.set_num_threads(threads)  # UMAP's own are started where torch has its own, and change their number
    a, b = find_ab_params(1.0, manner.distance)
    return csr_matrix(graph), float(a), float(b)


def principal(vectors: Floats, dimensions: int) -> Floats:
    """Vectors (samples, channels) along the `dimensions` directions of most difference; all if there are fewer."""
    if vectors.shape[1] <= dimensions or len(vectors) <= dimensions:
        return vectors.astype(np.float32)
    return vectors @ axes_of(vectors, dimensions).astype(np.float32)


def axes_of(vectors: Floats, dimensions: int) -> NDArray[np.float64]:
    """The directions of most difference among vectors (samples, channels), most first: (channels, dimensions)."""
    middle, channels = vectors.mean(0, dtype=np.float64), vectors.shape[1]
    together = np.zeros((channels, channels))
    for first in range(0, len(vectors), ROWS):  # as many as fit in the cache, in float64
        centred = vectors[first : first + ROWS] - middle
        together += centred.T @ centred
    most = (max(0, channels - dimensions), channels - 1)
    axes = eigh(together, subset_by_index=most)[1][:, ::-1]
    axes *= np.where(axes[np.abs(axes).argmax(0), np.arange(axes.shape[1])] < 0, -1, 1)  # a sign is nobody's choice
    return axes


def flat(vectors: Floats) -> Floats:
    """Few vectors (samples, channels) along the two directions of most difference: (samples, 2)."""
    ways, lengths, axes = np.linalg.svd(vectors - vectors.mean(0), full_matrices=False)
    axes = axes[:2]
    signs = np.where(axes[np.arange(len(axes)), np.abs(axes).argmax(1)] < 0, -1, 1)
    along = ways[:, :2] * lengths[:2] * signs  # (samples, 1 or 2)
    return np.pad(along, ((0, 0), (0, 2 - along.shape[1]))).astype(np.float32)


def nearest(
    vectors: Floats, count: int, metric: str, progress: Progress = iter, engine: Engine = HERE
) -> tuple[NDArray[np.int32], Floats]:
    """Exact neighbours of each row, itself first: (samples, count) numbers and distances, from products of matrices."""
    rows = np.ascontiguousarray(vectors, np.float32)
    if metric == "cosine":
        rows = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
    firsts = range(0, len(rows), ROWS)
    indices = np.empty((len(rows), count), np.int32)
    distances = np.empty((len(rows), count), np.float32)
    for first, (near, away) in zip(progress(firsts), engine.map(partial(comparing, rows, count), firsts), strict=False):
        some = slice(first, first + ROWS)
        indices[some] = near
        distances[some] = away / 2 if metric == "cosine" else np.sqrt(away)
    return indices, distances


def placed(points: Floats) -> Floats:
    """Points brought to 0…1: outliers drawn in to the edge, and a margin around the rest.

    As the published code does it, but for islands: a band that they leave empty across the map is made narrow. What
    becomes of the outliers is said at `undrawn`.
    """
    closed = np.stack([_closed(points[:, 0]), _closed(points[:, 1])], 1)
    low, high = np.percentile(closed, OUTLIERS, axis=0)
    span = np.maximum(high - low, 1e-9)
    return np.clip((closed - low) / span * (1 - 2 * MARGIN) + MARGIN, 0, 1).astype(np.float32)


def _closed(along: Floats) -> NDArray[np.float64]:
    """Places along a side of the map, (samples,), in their order, with no gap wider than `GAP` but to outliers."""
    low, high = np.percentile(along, OUTLIERS)
    order = np.argsort(along, kind="stable")
    row = along[order].astype(np.float64)
    steps = np.diff(row, prepend=row[:1])
    steps[(row > high) | (row - steps < low)] = 0  # outliers keep their distance
    widest = np.inf
    for _ in range(4):  # the narrower the gaps, the less there is for them to be a part of
        widest = GAP * np.minimum(steps, widest).sum()
    closed = np.empty(len(along))
    closed[order] = row - np.cumsum(np.maximum(steps - widest, 0))
    return closed
