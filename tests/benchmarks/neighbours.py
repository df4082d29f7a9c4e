"""Looking through a gallery: the index beside the plain pass, neighbours among 100,000 × 4096 beside plain search.

The hundred thousand are blends of what relu7 says of the bundled gallery, with as much noise before the ReLU as leaves
outside of 256 dimensions what photographs leave there, a tenth. The recall at the end is beside a search through all of
them in float64: it should be 1.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from sklearn.neighbors import NearestNeighbors

from lucarne.atlas.galleries.gallery import bundled
from lucarne.atlas.pictures import square
from lucarne.atlas.vision.indexing import BATCH, Index, vectors_of
from lucarne.atlas.vision.neighbors import Narrowed, by_angle
from lucarne.atlas.vision.study import Study
from lucarne.models import load
from lucarne.models.model import Model
from tests.benchmarks.timing import Row

COUNT = 100_000
K = 20


def rows() -> Iterator[Row]:
    model = load("alexnet", device="cpu")
    yield indexed(model)
    yield dropped(model)
    with tempfile.TemporaryDirectory() as folder:
        yield from searched(model, Path(folder))


def indexed(model: Model, rounds: int = 5) -> Row:
    """Of the bundled gallery, decoded and written down, beside the network on pixels that are at hand."""
    gallery = bundled()
    count = len(gallery)
    pixels = np.stack([gallery.pixels(number) for number in range(count)])
    ours, plain = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            ours.append(_seconds(lambda folder=folder: Index(Path(folder), model).extend(model, gallery.pack)))
        plain.append(_seconds(lambda: [model(pixels[at : at + BATCH]) for at in range(0, count, BATCH)]))
    return Row(f"index of {count:,} pictures", statistics.median(ours), "our plain pass", statistics.median(plain))


def dropped(model: Model, rounds: int = 9) -> Row:
    """From the pixels of a photograph to its neighbours at relu7 in the bundled gallery."""
    gallery = bundled()
    photographs = [
        np.random.default_rng(seed).integers(0, 256, (480, 640, 3), dtype=np.uint8) for seed in range(rounds)
    ]
    with tempfile.TemporaryDirectory() as folder:

        def neighbours(pixels: np.ndarray) -> None:
            study = Study(gallery, model, Path(folder))
            study.nearest("relu7", vectors_of(model, square(pixels, 128)[None], "relu7")[0], 12)

        neighbours(photographs[0])
        times = [_seconds(lambda each=each: neighbours(each)) for each in photographs]
    return Row("neighbours of a photograph in the bundled gallery", statistics.median(times), "limit", 0.2)


def searched(model: Model, folder: Path, queries: int = 15) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as place:
        known = np.asarray(Study(bundled(), model, Path(place)).vectors("relu7"), np.float32)  # (pictures, 4096)
    vectors = _blends(folder / "vectors.f16", known)
    asked = [vectors[at].astype(np.float32) for at in np.random.default_rng(1).integers(0, COUNT, queries)]
    start = time.perf_counter()
    narrowed = Narrowed.of(vectors)
    narrowed.write(folder / "near")
    built = time.perf_counter() - start
    narrowed = Narrowed.read(folder / "near", vectors)

    whole = torch.from_numpy(np.array(vectors)).float()  # 1.6 GB, as a plain search keeps it
    lengths = whole.norm(dim=1)

    def plainly(query: np.ndarray) -> torch.Tensor:
        return (whole @ torch.from_numpy(query) / lengths).topk(K).indices

    brute = NearestNeighbors(n_neighbors=K, metric="cosine", algorithm="brute").fit(whole.numpy())
    ours, theirs, others, same = [], [], [], 0
    for warm in (lambda: narrowed.nearest(asked[0], K), lambda: plainly(asked[0])):
        warm()
    for number, query in enumerate(asked):
        ours.append(_seconds(lambda query=query: narrowed.nearest(query, K)))
        theirs.append(_seconds(lambda query=query: plainly(query)))
        if number < 3:
            others.append(_seconds(lambda query=query: brute.kneighbors(query[None])))
        same += len(_in_float64(vectors, query) & set(narrowed.nearest(query, K).numbers.tolist()))
    what, median = f"the {K} nearest of {COUNT:,} × 4096", statistics.median
    yield Row(what, median(ours), "limit", 0.05)
    yield Row(what, median(ours), "torch float32, all of them", median(theirs))
    yield Row(what, median(ours), "scikit-learn, brute force", median(others))
    yield Row("  the slowest of them", max(ours), "torch float32, all of them", median(theirs))
    yield Row("  made ready once", built, "one plain search on disk", _seconds(lambda: by_angle(vectors, asked[0], K)))
    print(f"recall of the {K} nearest: {same / (K * queries):.4f}")


def _in_float64(vectors: np.ndarray, query: np.ndarray) -> set[int]:
    cosines = []
    for start in range(0, len(vectors), 4096):
        rows = vectors[start : start + 4096].astype(np.float64)
        cosines.append(rows @ query.astype(np.float64) / np.linalg.norm(rows, axis=1))
    return set(np.argsort(-np.concatenate(cosines), kind="stable")[:K].tolist())


def _blends(file: Path, known: np.ndarray) -> np.ndarray:
    """(100,000, 4096) float16 on disk: three pictures each, in random parts, with noise."""
    random = np.random.default_rng(0)
    vectors = np.memmap(file, np.float16, "w+", shape=(COUNT, known.shape[1]))
    spread = 0.2 * known.std()
    for start in range(0, COUNT, 2000):
        parts = random.dirichlet((0.7, 0.7, 0.7), 2000).astype(np.float32)  # (rows, 3)
        chosen = known[random.integers(0, len(known), (2000, 3))]  # (rows, 3, 4096)
        blended = np.einsum("ij,ijk->ik", parts, chosen)
        blended += spread * (random.standard_normal(blended.shape, np.float32) - 0.5)
        vectors[start : start + 2000] = blended.clip(min=0)
    vectors.flush()
    return np.memmap(file, np.float16, "r", shape=vectors.shape)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
