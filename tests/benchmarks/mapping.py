"""The layout of 100,000 samples beside plain umap-learn of the same numbers, and how well each keeps neighbours.

With a seed umap-learn keeps to one thread, so that equal seeds give equal maps, as ours do on all cores; without one it
takes them all, and no map comes twice. Trustworthiness (Venna, Kaski: "Local multidimensional scaling", 2006, section
2.1) is 1 where whoever is near on the map was near before: of some samples against all, and scikit-learn's within a
part. In parentheses it is the peer's. Each is timed after a smaller one, with everything compiled.
"""

import time
import warnings
from collections.abc import Callable, Iterator

import numpy as np
import torch
from sklearn.manifold import trustworthiness

from lucarne.atlas.mapping.layout import Manner, layout
from tests.benchmarks.timing import Row

COUNTS, CHANNELS, KINDS, WIDTH = (20_000, 100_000), 256, 200, 12
JUDGED, PART = 500, 10_000  # samples whose neighbours are looked at: among all, and among themselves
NEAR = 15  # neighbours of each


def rows() -> Iterator[Row]:
    manner = Manner()
    for count in COUNTS:
        vectors = made_up(count)
        layout(vectors[:4200], manner)  # compiles; above 4,096 umap-learn looks for neighbours in another way
        ours, points = _timed(lambda vectors=vectors: layout(vectors, manner))
        kept = judged(vectors, points)
        for peer, seed in (("umap-learn with a seed", 0), ("umap-learn without, all cores", None)):
            _umap(vectors[:4200], manner, seed)
            theirs, other = _timed(lambda vectors=vectors, seed=seed: _umap(vectors, manner, seed))
            both = zip(kept, judged(vectors, other), strict=True)
            said = ", ".join(f"{our:.3f} ({their:.3f})" for our, their in both)
            yield Row(f"{count:,} × {CHANNELS}; trust {said}", ours, peer, theirs)


def _umap(vectors: np.ndarray, manner: Manner, seed: int | None) -> np.ndarray:
    threads = torch.get_num_threads()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap import UMAP

        points = UMAP(
            n_neighbors=manner.neighbours, min_dist=manner.distance, metric=manner.metric, n_epochs=manner.epochs,
            random_state=seed,
        ).fit_transform(vectors)  # fmt: skip
    torch.set_num_threads(threads)  # which UMAP changes
    return np.asarray(points)


def made_up(count: int) -> np.ndarray:
    """What a site behind a ReLU says of kinds of things that vary in `WIDTH` ways: float32 (samples, channels)."""
    random = np.random.default_rng(0)
    things = random.normal(size=(KINDS, WIDTH))[random.integers(KINDS, size=count)]
    things += 0.7 * random.normal(size=things.shape)
    seen = np.maximum(things @ random.normal(size=(WIDTH, 64)) / WIDTH**0.5, 0)
    said = seen @ random.normal(size=(64, CHANNELS)) / 8 + 0.1 * random.normal(size=(count, CHANNELS))
    return np.maximum(said - 0.1, 0).astype(np.float32)


def judged(vectors: np.ndarray, points: np.ndarray) -> tuple[float, float]:
    """Trustworthiness of `JUDGED` samples among all, and of `PART` among themselves."""
    part = np.random.default_rng(2).choice(len(vectors), PART, replace=False)
    return among_all(vectors, points), trustworthiness(vectors[part], points[part], n_neighbors=NEAR, metric="cosine")


def among_all(vectors: np.ndarray, points: np.ndarray) -> float:
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
