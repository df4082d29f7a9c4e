"""Nearest neighbours are those that scikit-learn finds by brute force, in the same order."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import accuracy_score
from sklearn.model_selection import LeaveOneOut, cross_val_predict
from sklearn.neighbors import NearestCentroid, NearestNeighbors

from lucarne.atlas.vision.directions import trust
from lucarne.atlas.vision.neighbors import Narrowed, by_angle, by_pixels

K = 12


def rows(count: int, width: int, seed: int = 0) -> np.ndarray:
    """Activations as they are: sparse, not negative, in clusters."""
    random = np.random.default_rng(seed)
    centres = random.gamma(1.0, 1.0, (20, width)) * (random.random((20, width)) < 0.4)
    drawn = centres[random.integers(0, 20, count)] + random.normal(0, 0.7, (count, width))
    return np.maximum(drawn, 0).astype(np.float16)


@pytest.mark.parametrize("count", [1, 5, 300, 9000])
def test_by_angle_is_scikit_learns_cosine(count: int) -> None:
    vectors, query = rows(count, 128), rows(3, 128, seed=9)
    theirs = NearestNeighbors(n_neighbors=min(K, count), metric="cosine", algorithm="brute")
    distances, numbers = theirs.fit(vectors.astype(np.float64)).kneighbors(query.astype(np.float64))
    for ours, far, near in zip((by_angle(vectors, each, K) for each in query), distances, numbers, strict=True):
        np.testing.assert_allclose(ours.distances, far, atol=2e-6)
        assert ours.numbers.tolist() == near.tolist()


@pytest.mark.parametrize(("count", "width"), [(3000, 600), (300, 700), (6000, 40)])
def test_narrowed_down_they_are_scikit_learns_too(count: int, width: int, tmp_path: Path) -> None:
    vectors = rows(count, width)
    vectors[5] = 0
    vectors[7] = vectors[6]
    Narrowed.of(vectors).write(tmp_path)
    narrowed = Narrowed.read(tmp_path, vectors)
    theirs = NearestNeighbors(n_neighbors=K, metric="cosine", algorithm="brute").fit(vectors.astype(np.float64))
    for query in (*rows(10, width, seed=9), *vectors[:7]):
        if not query.any():
            continue
        ours, plain = narrowed.nearest(query, K), by_angle(vectors, query, K)
        distances, _ = theirs.kneighbors(query[None].astype(np.float64))
        np.testing.assert_allclose(ours.distances, distances[0], atol=2e-6)
        assert ours.numbers.tolist() == plain.numbers.tolist()
    with pytest.raises(ValueError, match="other vectors"):
        Narrowed.read(tmp_path, vectors[:-1])


def test_by_pixels_is_scikit_learns_euclidean() -> None:
    thumbnails = np.random.default_rng(0).integers(0, 256, (500, 3072), dtype=np.uint8)
    theirs = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(thumbnails.astype(np.float64))
    for query in thumbnails[:3]:
        distances, numbers = theirs.kneighbors(query[None].astype(np.float64))
        ours = by_pixels(thumbnails, query, K)
        np.testing.assert_allclose(ours.distances, distances[0] / np.sqrt(3072), atol=1e-3)
        assert ours.numbers.tolist() == numbers[0].tolist()


def test_a_dead_picture_is_far_from_all_and_breaks_nothing() -> None:
    vectors = rows(50, 64)
    vectors[7] = 0
    assert by_angle(vectors, np.zeros(64), 3).distances.tolist() == [1, 1, 1]
    found = by_angle(vectors, vectors[0], 50)
    assert found.distances[found.numbers.tolist().index(7)] == 1


def test_telling_sets_apart_is_scikit_learns_nearest_centroid_left_one_out() -> None:
    random = np.random.default_rng(0)
    for shift in (0.0, 0.3, 1.0):
        a, b = random.normal(size=(8, 10)) + shift, random.normal(size=(8, 10))
        both, labels = np.concatenate([a, b]), np.repeat([0, 1], 8)
        theirs = cross_val_predict(NearestCentroid(), both, labels, cv=LeaveOneOut())
        ours = trust(a.astype(np.float32), b.astype(np.float32))
        assert ours is not None and ours.accuracy == pytest.approx(accuracy_score(labels, theirs))
