"""The layout of 20,000 samples beside plain umap-learn of the same numbers, and how far each keeps neighbours together.

Ours hands UMAP exact neighbours after a PCA. Trustworthiness (Venna, Kaski: "Local multidimensional scaling", 2006,
section 2.1) is 1 where whoever is near on the map was near before; here of a part of the samples, against all.
"""

import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np

from lucarne.atlas.mapping.layout import Manner, layout
from tests.benchmarks.timing import Row

COUNT, CHANNELS, KINDS = 20_000, 256, 200
JUDGED = 500  # samples whose neighbours are looked at
NEAR = 12  # neighbours of each


def rows() -> Iterator[Row]:
    vectors, manner = made_up(), Manner()

    def plain(some: np.ndarray) -> np.ndarray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from umap import UMAP

            return UMAP(
                n_neighbors=manner.neighbours, min_dist=manner.distance, metric=manner.metric, n_epochs=manner.epochs,
                random_state=0,
            ).fit_transform(some)  # fmt: skip

    for each in (lambda some: layout(some, manner), plain):
        each(vectors[:4200])  # compiles; above 4,096 umap-learn looks for neighbours in another way
    (ours, points), (theirs, other) = _timed(lambda: layout(vectors, manner)), _timed(lambda: plain(vectors))
    kept = [trustworthiness(vectors, each) for each in (points, other)]
    what = f"layout of {COUNT:,} × {CHANNELS}; trustworthiness {kept[0]:.3f} ({kept[1]:.3f})"
    yield Row(what, ours, "umap-learn as it comes", theirs)


def made_up() -> np.ndarray:
    """What a site behind a ReLU says: kinds of things, alike in part, rectified. float32 (samples, channels)."""
    random = np.random.default_rng(0)
    kinds = random.normal(size=(KINDS, CHANNELS)) + random.normal(size=(KINDS // 20, CHANNELS)).repeat(20, 0)
    return np.maximum(kinds[random.integers(KINDS, size=COUNT)] + random.normal(size=(COUNT, CHANNELS)), 0).astype("f4")


def trustworthiness(vectors: np.ndarray, points: np.ndarray) -> float:
    """Of `JUDGED` samples, by cosine before and by distance on the map."""
    chosen = np.random.default_rng(1).choice(len(vectors), JUDGED, replace=False)
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    each = np.arange(JUDGED)
    apart = 1 - unit[chosen] @ unit.T  # (judged, samples)
    on_map = np.linalg.norm(points[chosen, None] - points[None], axis=2)
    apart[each, chosen] = on_map[each, chosen] = -1  # itself first
    ranks = np.empty(apart.shape, np.int64)
    np.put_along_axis(ranks, np.argsort(apart, axis=1), np.arange(len(vectors))[None], 1)
    near = np.argpartition(on_map, NEAR, axis=1)[:, : NEAR + 1]
    penalty = np.maximum(np.take_along_axis(ranks, near, 1) - NEAR, 0).sum()
    return 1 - 2 * penalty / (JUDGED * NEAR * (2 * len(vectors) - 3 * NEAR - 1))


def _timed(work: Callable[[], np.ndarray]) -> tuple[float, np.ndarray]:
    start = time.perf_counter()
    points = work()
    return time.perf_counter() - start, points
