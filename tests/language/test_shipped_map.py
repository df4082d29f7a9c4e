"""The map of token vectors that ships."""

from pathlib import Path

import numpy as np

from lucarne.atlas.language.embeddings import embedding_map, vectors_of
from lucarne.atlas.language.shipped_map import shipped_map
from lucarne.models import load


def test_the_map_that_ships_is_of_these_weights_and_keeps_neighbours() -> None:
    model = load("gpt", device="cpu")
    points = shipped_map("gpt", model.weights)
    assert points is not None, "run python -m lucarne.atlas.language.shipped_map gpt"
    vectors = vectors_of(model)
    assert points.shape == (len(vectors), 2) and points.min() >= 0 and points.max() <= 1
    assert np.array_equal(embedding_map(model).points, points)
    units = (vectors / vectors.norm(dim=1, keepdim=True)).numpy()
    some = np.arange(0, len(units), 41)
    cosines = units[some] @ units.T
    cosines[np.arange(len(some)), some] = -1
    near = np.linalg.norm(points[some] - points[cosines.argmax(1)], axis=1)
    chance = np.linalg.norm(points[some] - points[::-1][some], axis=1)
    assert np.median(near) < np.median(chance) / 3


def test_a_map_of_other_weights_is_none(tmp_path: Path) -> None:
    assert shipped_map("gpt", "0" * 64) is None
    assert shipped_map("nobody", "0" * 64, tmp_path) is None
