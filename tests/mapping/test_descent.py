"""Points on their way: pulled by neighbours, pushed by all, alike whoever moves them; and neighbours, found exactly."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from scipy.sparse import block_diag, csr_matrix
from scipy.spatial.distance import cdist

from lucarne.atlas.mapping import neighbours
from lucarne.atlas.mapping.descent import _at, _curves, descend
from lucarne.atlas.mapping.layout import Manner, _likeness, placed
from lucarne.atlas.mapping.neighbours import ROWS, comparing, smallest

A, B = 1.75, 0.842  # of UMAP's min_dist 0.05


def crowds(count: int, each: int) -> csr_matrix:
    """Vertices of which each knows some of its own crowd and none of another: (count · each, count · each)."""
    random = np.random.default_rng(0)
    known = [np.triu(random.random((each, each)) * (random.random((each, each)) < 0.3), 1) for _ in range(count)]
    return csr_matrix(block_diag([one + one.T for one in known]))


def test_crowds_that_know_nothing_of_each_other_part() -> None:
    start = np.random.default_rng(1).normal(size=(300, 2)).astype(np.float32)
    points = descend(crowds(3, 100), start, A, B, 200)
    middles = points.reshape(3, 100, 2).mean(1)
    nearest = cdist(points, middles).argmin(1)
    assert (nearest == np.arange(3).repeat(100)).mean() > 0.99


def test_equal_seeds_give_equal_maps_whatever_the_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, start = crowds(4, 90), np.random.default_rng(2).normal(size=(360, 2)).astype(np.float32)
    maps = []
    for threads in (1, 2, 3):
        monkeypatch.setattr(torch, "get_num_threads", lambda threads=threads: threads)
        maps.append(descend(graph, start, A, B, 30, seed=5))
    assert np.array_equal(maps[0], maps[1]) and np.array_equal(maps[0], maps[2])
    assert not np.array_equal(maps[0], descend(graph, start, A, B, 30, seed=6))


def test_rounds_are_told_and_can_be_stopped() -> None:
    class Enough(Exception):
        """Somebody left."""

    told: list[Any] = []

    def progress(rounds: Iterable[Any], /) -> Iterator[Any]:
        for each in rounds:
            told.append(each)
            if each == 3:
                raise Enough
            yield each

    start = np.random.default_rng(3).normal(size=(100, 2)).astype(np.float32)
    with pytest.raises(Enough):
        descend(crowds(1, 100), start, A, B, 30, progress=progress)
    assert told == [0, 1, 2, 3]


def test_vertices_that_lie_in_one_place_stay_numbers() -> None:
    points = descend(crowds(2, 60), np.zeros((120, 2), np.float32), A, B, 20)
    assert np.isfinite(points).all()


def test_pulls_and_pushes_are_those_of_the_paper() -> None:
    """Section 3.2: the slopes of log Φ and log (1 − Φ), Φ = 1 / (1 + a d^2b), per difference of coordinates."""
    distances = torch.logspace(-3, 2, 400, dtype=torch.float64, requires_grad=True)
    like = 1 / (1 + A * distances ** (2 * B))
    pull = torch.autograd.grad(like.log().sum(), distances, retain_graph=True)[0] / distances
    push = torch.autograd.grad((1 - like).log().sum(), distances)[0] / distances
    squares = (distances.detach() ** 2).numpy().astype(np.float32)
    softened = squares / (squares + np.float32(0.001))  # as umap-learn does, lest vertices fly apart that touch
    for curve, slope in zip(_curves(A, B), (pull.detach().numpy(), push.detach().numpy() * softened), strict=True):
        assert np.allclose([_at(curve, square) for square in squares], slope, rtol=1e-3)


def test_umap_leaves_the_number_of_threads_alone() -> None:
    vectors = np.random.default_rng(4).normal(size=(200, 6)).astype(np.float32)
    near, away = comparing(vectors, 10, "cpu")(0)
    before = torch.get_num_threads()
    try:
        torch.set_num_threads(1)
        graph, a, b = _likeness(vectors, near, np.sqrt(away), Manner(10, 0.05, "euclidean"))
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)
    assert (a, b) == pytest.approx((A, B), abs=1e-2)
    assert graph.shape == (200, 200) and abs(graph - graph.T).max() < 1e-6 and 0 < graph.data.min() <= 1


@pytest.mark.parametrize("bfloat16", [True, False])
@pytest.mark.parametrize("samples", [60, 5000])
def test_neighbours_are_exact_where_rounding_hides_them(
    bfloat16: bool, samples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small crowds far from each other and from zero, some samples twice: half the digits say where the crowd is."""
    monkeypatch.setattr(neighbours, "multiplies_bfloat16", lambda: bfloat16)
    random = np.random.default_rng(6)
    middles = 100 + 10 * random.normal(size=(20, 24))
    rows = (middles[random.integers(20, size=samples)] + 0.05 * random.normal(size=(samples, 24))).astype(np.float32)
    rows[-3:] = rows[0]
    count = 12
    nearest_to = comparing(rows, count, "cpu")
    found = [nearest_to(first) for first in range(0, samples, ROWS)]
    near, away = (np.concatenate(each) for each in zip(*found, strict=True))
    apart = cdist(rows.astype(np.float64), rows.astype(np.float64), "sqeuclidean")
    assert np.array_equal(near[:, 0], np.arange(samples)) and not away[:, 0].any()
    assert all(len(set(each)) == count for each in near.tolist())
    nearest = np.sort(apart, axis=1)[:, :count]
    assert np.allclose(np.take_along_axis(apart, near.astype(int), 1), nearest, rtol=0.02, atol=2e-3)
    assert np.abs(away - nearest).max() < 2e-3


def test_the_smallest_are_found_by_way_of_the_least_of_eight() -> None:
    values = torch.rand(5, 4096, generator=torch.Generator().manual_seed(7))
    found = values.gather(1, smallest(values, 9)).sort(1).values
    assert torch.equal(found, values.sort(1).values[:, :9])
    assert smallest(values[:, :4], 9).shape == (5, 4), "all, where there are no more"


def test_an_island_leaves_no_wide_band_of_the_map_empty() -> None:
    random = np.random.default_rng(8)
    main, island = random.normal(size=(1900, 2)), random.normal(size=(100, 2)) * 0.1 + [60, 0]
    points = placed(np.concatenate([main, island]).astype(np.float32))
    assert np.ptp(points[:1900, 0]) > 0.6, "the island would have all others stand in a tenth"
    assert 0.02 < points[1900:, 0].min() - np.quantile(points[:1900, 0], 0.999) < 0.2, "and is one still"
    alone = placed(main.astype(np.float32))
    assert all(np.corrcoef(alone[:, side], points[:1900, side])[0, 1] > 0.99 for side in (0, 1))
