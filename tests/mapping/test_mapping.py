"""An atlas: samples off the border, a map that can be drawn again, whole cells, and a build that can be cut off."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import torch
from sklearn.manifold import trustworthiness
from sklearn.neighbors import NearestNeighbors

from lucarne.atlas.mapping import atlas as mapping
from lucarne.atlas.mapping.arguments import argued
from lucarne.atlas.mapping.editions import laid_out
from lucarne.atlas.mapping.grid import averages, gridded, undrawn
from lucarne.atlas.mapping.icons import ICON, whitening
from lucarne.atlas.mapping.kept import Keys, kept, kept_each, keyed
from lucarne.atlas.mapping.layout import DIMENSIONS, FEW, Manner, layout, nearest, placed, principal
from lucarne.atlas.mapping.packing import DOTS, dots
from lucarne.atlas.mapping.placing import PLACING, place, read_placing, write_placing
from lucarne.atlas.mapping.sampling import interior, sample
from lucarne.atlas.vision.sheets import across_for, on_sheet
from lucarne.models import load
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model

T = TypeVar("T")


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


@pytest.fixture(scope="module")
def pictures(model: Model) -> np.ndarray:
    size = model.card.input_size
    assert size is not None
    return np.random.default_rng(0).integers(256, size=(40, size, size, 3), dtype=np.uint8)


def keys(count: int) -> Keys:
    return keyed([str(number) for number in range(count)])


@pytest.mark.parametrize("site", ["relu3", "relu5", "relu7"])
def test_a_class_is_argued_for_by_activation_times_gradient(site: str, model: Model, pictures: np.ndarray) -> None:
    shape = model.site(site).shape
    cells = np.array([[1, 1], [0, 2], [2, 0]]) if len(shape) == 3 else np.zeros((3, 2), int)
    found, said = argued(model, site, pictures[:3], cells)
    network = model.network
    for i, (row, column) in enumerate(cells):
        with model.watch(site) as seen:
            shown = network.read(torch.from_numpy(pictures[i : i + 1])).requires_grad_()  # pyright: ignore[reportCallIssue]
            logits = network(shown)[0]
        value = seen[site]
        for index in (0, len(logits) - 1):
            (slope,) = torch.autograd.grad(logits[index], value, retain_graph=True)
            here = (0, slice(None), row, column) if value.dim() == 4 else (0,)
            assert torch.allclose(found[i], value[here])
            assert said[i, index].item() == pytest.approx((slope[here] * value[here]).sum().item(), rel=1e-3, abs=1e-5)


def test_no_cell_lies_at_the_border() -> None:
    cells = np.array([interior(7, 5, key) for key in keys(300)])
    assert set(cells[:, 0]) == {1, 2, 3, 4, 5} and set(cells[:, 1]) == {1, 2, 3}
    assert {tuple(interior(2, 1, key)) for key in keys(50)} == {(0, 0), (1, 0)}


def test_a_picture_says_the_same_in_whatever_company(model: Model, pictures: np.ndarray, tmp_path: Path) -> None:
    all_keys = keys(40)
    few = sample(model, "relu5", list(pictures[:7]), all_keys[:7], tmp_path / "few")
    turned = sample(model, "relu5", list(pictures[::-1]), all_keys[::-1], tmp_path / "many")
    assert np.array_equal(few.cells, turned.cells[::-1][:7])
    assert np.allclose(few.vectors, turned.vectors[::-1][:7], atol=1e-5)


def test_only_pictures_that_are_new_are_shown_to_the_network(
    model: Model, pictures: np.ndarray, tmp_path: Path
) -> None:
    """What is known is not even read: of the pictures, too, only the new one is asked for."""
    all_keys, read = keys(40), []

    class Read(list[np.ndarray]):
        def __getitem__(self, number: int) -> np.ndarray:  # pyright: ignore[reportIncompatibleMethodOverride]
            read.append(int(number))
            return super().__getitem__(number)

    before = sample(model, "relu5", Read(pictures[:39]), all_keys[:39], tmp_path)
    assert read == list(range(39))
    order = [39, *range(39)]
    after = sample(model, "relu5", Read(pictures[order]), all_keys[order], tmp_path)
    assert read[39:] == [0]
    assert np.array_equal(after.vectors[1:], before.vectors) and np.array_equal(after.arguments[1:], before.arguments)


def test_pictures_of_another_size_are_refused(model: Model, tmp_path: Path) -> None:
    with pytest.raises(Unsuitable, match="pixels wide"):
        sample(model, "relu5", [np.zeros((9, 9, 3), np.uint8)], keys(1), tmp_path)
    with pytest.raises(Unsuitable, match="no pictures"):
        sample(model, "relu5", [], keys(0), tmp_path)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_neighbours_are_those_of_scikit_learn(metric: str) -> None:
    vectors = np.random.default_rng(1).normal(size=(300, 8)).astype(np.float32)
    numbers, distances = nearest(vectors, 10, metric)
    theirs = NearestNeighbors(n_neighbors=10, metric=metric, algorithm="brute").fit(vectors).kneighbors(vectors)
    assert np.array_equal(numbers, theirs[1])
    assert np.allclose(distances, theirs[0], atol=1e-3)


def test_the_principal_directions_are_those_of_scikit_learn() -> None:
    from sklearn.decomposition import PCA

    vectors = np.random.default_rng(2).normal(size=(200, 20)).astype(np.float32) @ np.diag(np.arange(1.0, 21)).astype(
        "f4"
    )
    mine, theirs = principal(vectors, 5), PCA(5).fit_transform(vectors)
    assert np.allclose(np.abs(mine - mine.mean(0)), np.abs(theirs), atol=1e-2)


def test_one_seed_draws_one_map_that_keeps_neighbours_together() -> None:
    random = np.random.default_rng(3)
    middles = random.normal(size=(6, 30)) * 4
    vectors = (middles[random.integers(6, size=300)] + random.normal(size=(300, 30))).astype(np.float32)
    manner = Manner(neighbours=15, epochs=60)
    rounds: list[object] = []

    def told(steps: Iterable[T], /) -> Iterator[T]:
        for step in steps:
            rounds.append(step)
            yield step

    points = layout(vectors, manner, seed=4, progress=told)
    assert rounds == [0, *range(60)], "each block of neighbours, then each round of UMAP can be waited for"
    assert np.array_equal(points, layout(vectors, manner, seed=4))
    assert points.min() >= 0 and points.max() <= 1
    assert trustworthiness(vectors, points, metric="cosine") > 0.9


def test_outliers_are_drawn_in() -> None:
    points = placed(np.concatenate([np.random.default_rng(5).uniform(size=(500, 2)), [[1e6, -1e6]]]).astype(np.float32))
    assert points.min() >= 0 and points.max() <= 1
    assert np.ptp(points[:500], axis=0).min() > 0.7


def test_every_point_lies_in_one_cell() -> None:
    points = np.random.default_rng(6).uniform(size=(1000, 2)).astype(np.float32)
    points[:4] = [[0, 0], [1, 1], [0.25, 0.5], [0.5, 0.25]]  # corners and borders
    grid = gridded(points, 4, 1)
    assert len(grid) == 16 and sorted(grid.members) == list(range(1000))
    for cell, (column, row) in enumerate(grid.cells):
        inside = points[grid.of(cell)] * 4
        assert (np.minimum(inside.astype(int), 3) == [column, row]).all()


def test_what_was_drawn_in_from_far_outside_lies_in_no_cell() -> None:
    random = np.random.default_rng(11)
    points = placed(np.concatenate([random.normal(size=(500, 2)), [[40, 0], [0, -40]]]).astype(np.float32))
    inside = undrawn(points)
    assert not inside[500:].any() and inside[:500].mean() > 0.97
    grid = gridded(points, 4, 1, inside)
    assert sorted(grid.members) == np.flatnonzero(inside).tolist()
    assert undrawn(points[-20:]).all(), "of few, the outermost are no outliers"


def test_a_sheet_grows_as_wide_as_high_and_keeps_every_icon_in_its_place() -> None:
    assert [across_for(count) for count in (0, 1, 256, 257, 2720, 25_600)] == [16, 16, 16, 17, 53, 160]
    tiles = (np.arange(300) % 256).astype(np.uint8)[:, None, None, None].repeat(3, 3).repeat(2, 1).repeat(2, 2)
    across = across_for(300)
    sheet = on_sheet(tiles, across)
    assert sheet.shape == (2 * -(-300 // across), 2 * across, 3)
    assert all(
        (sheet[2 * (i // across) : 2 * (i // across) + 2, 2 * (i % across)] == i % 256).all() for i in range(300)
    )


def test_a_cell_with_too_few_samples_is_left_out() -> None:
    points = np.array([[0.1, 0.1]] * 5 + [[0.9, 0.9]] * 2, np.float32)
    grid = gridded(points, 2, 3)
    assert grid.cells.tolist() == [[0, 0]] and grid.counts.tolist() == [5]
    assert len(gridded(points, 2, 9)) == 0 and averages(np.zeros((7, 3), np.float32), gridded(points, 2, 9)).shape == (
        0,
        3,
    )


def test_a_cell_is_the_mean_of_its_samples() -> None:
    random = np.random.default_rng(7)
    points, vectors = random.uniform(size=(200, 2)).astype(np.float32), random.normal(size=(200, 5)).astype(np.float32)
    grid = gridded(points, 3, 1)
    means = averages(vectors, grid)
    assert all(np.allclose(means[cell], vectors[grid.of(cell)].mean(0), atol=1e-5) for cell in range(len(grid)))


def test_whitening_takes_out_what_all_have_in_common() -> None:
    random = np.random.default_rng(8)
    vectors = (random.normal(size=(2000, 6)) + np.eye(6)[0] * 9).astype(np.float32)
    direction = np.array([9, 2, 0, 0, 0, 0], np.float32) @ whitening(vectors, 0)
    assert direction[1] > 10 * abs(direction[0])


def test_a_stage_is_made_once_and_again_where_it_is_damaged(tmp_path: Path) -> None:
    made = []

    def make() -> dict[str, np.ndarray]:
        made.append(1)
        return {"a": np.arange(5)}

    file = tmp_path / "work" / "stage.safetensors"
    for _ in range(2):
        assert kept(file, make)["a"].tolist() == [0, 1, 2, 3, 4]
    assert len(made) == 1
    file.write_bytes(file.read_bytes()[:-3])
    assert kept(file, make)["a"].tolist() == [0, 1, 2, 3, 4]
    assert len(made) == 2 and [each.name for each in file.parent.iterdir()] == ["stage.safetensors"]


def test_each_is_made_once_and_again_where_its_block_is_damaged(tmp_path: Path) -> None:
    made: list[int] = []

    def make(blocks: list[np.ndarray]) -> Iterator[dict[str, np.ndarray]]:
        for numbers in blocks:
            made.extend(numbers.tolist())
            yield {"square": numbers**2}

    some = keys(10)
    assert kept_each(tmp_path, some, make, 4)["square"].tolist() == [i * i for i in range(10)]
    assert made == [*range(10)] and len(list(tmp_path.iterdir())) == 3
    order = [7, 7, 3, 0]
    assert kept_each(tmp_path, some[order], make, 4)["square"].tolist() == [49, 49, 9, 0]
    assert len(made) == 10
    for file in tmp_path.iterdir():
        if file.stat().st_size == max(each.stat().st_size for each in tmp_path.iterdir()):
            file.write_bytes(file.read_bytes()[:-3])
            break
    assert kept_each(tmp_path, some, make, 4)["square"].tolist() == [i * i for i in range(10)]
    assert len(made) == 14


def test_few_samples_lie_along_their_principal_directions() -> None:
    vectors = np.random.default_rng(9).normal(size=(FEW - 1, 6)).astype(np.float32) * [9, 4, 1, 1, 1, 1]
    points = layout(vectors.astype(np.float32), Manner())
    assert abs(np.corrcoef(points[:, 0], vectors[:, 0])[0, 1]) > 0.9
    assert abs(np.corrcoef(points[:, 1], vectors[:, 1])[0, 1]) > 0.8
    for count in (1, 2):
        assert layout(vectors[:count].astype(np.float32), Manner()).shape == (count, 2)


def test_what_was_laid_out_stays_where_it_was(tmp_path: Path) -> None:
    vectors = np.random.default_rng(10).normal(size=(30, 6)).astype(np.float32)
    vectors[29] = vectors[4]
    all_keys = keys(30)

    def lay(some: list[int], edition: str) -> np.ndarray:
        return laid_out(vectors[some], all_keys[some], tmp_path, edition, Manner(), 0).points

    old = lay([*range(25)], "old")
    after = lay([29, *range(24, -1, -1), 25], "new")
    assert np.array_equal(after[1:26], old[::-1])
    assert np.abs(after[0] - old[4]).max() < 0.05, "beside the one it equals"
    laid = lay([*range(10), *range(25, 30)], "another")
    assert not np.array_equal(laid[:10], old[:10]), "too few are left of what was laid out together"


def test_grids_are_as_fine_as_there_are_samples_for() -> None:
    assert mapping.sides_for(1) == (1,)
    assert mapping.sides_for(200) == (3, 6)
    assert mapping.sides_for(100_000) == mapping.SIDES
    assert all(
        mapping.fewest(max(mapping.sides_for(n)), n) * max(mapping.sides_for(n)) ** 2 <= n for n in range(1, 500)
    )


class Cut(Exception):
    """Power fails."""


def test_a_build_that_is_cut_off_anywhere_ends_the_same(
    model: Model, pictures: np.ndarray, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    monkeypatch.setattr(mapping, "DRAWN", 64)
    monkeypatch.setattr(mapping, "TOGETHER", 2)
    monkeypatch.setattr(mapping, "ICON", replace(ICON, steps=2))
    manner = Manner(neighbours=8, epochs=20)

    def build(folder: Path, cut: int | None = None) -> mapping.Atlas:
        steps = 0

        def progress(each):  # noqa: ANN001, ANN202
            nonlocal steps
            for one in each:
                steps += 1
                if steps == cut:
                    raise Cut
                yield one

        return mapping.build(model, "relu5", list(pictures), folder, sides=(2, 3), manner=manner, progress=progress)

    whole = build(tmp_path / "whole")
    for cut in (1, 2, 2, 3):  # among the samples, the neighbours, the icons
        with pytest.raises(Cut):
            build(tmp_path / "cut", cut)
    again = build(tmp_path / "cut")
    assert np.array_equal(whole.points, again.points)
    for one, other in zip(
        (whole.means, whole.arguments, whole.icons), (again.means, again.arguments, again.icons), strict=True
    ):
        assert all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
    assert sum(len(grid) for grid in whole.grids) >= 4


def test_vectors_are_placed_in_the_measure_of_the_layout(tmp_path: Path) -> None:
    """Many samples of many channels: along the directions that were laid out, near to what all channels say."""
    random = np.random.default_rng(5)
    parts = random.random((60, 200)).astype(np.float32) ** 4
    vectors = (random.random((400, 60)).astype(np.float32) ** 6) @ parts  # (samples, channels)
    grid = gridded(random.random((400, 2)).astype(np.float32), 4, 1, np.ones(400, bool))
    means, whole = averages(vectors, grid), vectors.mean(0)
    for origin in (None, whole):
        write_placing(tmp_path, grid, means, vectors, origin)
        points, near = read_placing(tmp_path, means)
        whole_measure = means - (0 if origin is None else origin)
        straight, close = place(whole_measure, (grid.cells + 0.5) / 4, whole_measure)
        apart = np.abs(points - straight)
        assert apart.max() < 1 / grid.side and np.median(apart) < 0.01 and np.abs(near - close).max() < 1e-3
        assert (tmp_path / PLACING).stat().st_size < 200 * DIMENSIONS * 2 + len(grid) * (DIMENSIONS + 8) + 200 * 4 + 600


@pytest.mark.parametrize("count", [0, 1, DOTS, DOTS + 1, 2 * DOTS, 114_370])
def test_of_many_samples_every_so_many_th_is_a_dot(count: int) -> None:
    points = np.arange(2 * count).reshape(count, 2)
    shown = dots(points)
    assert len(shown) <= DOTS
    assert len(shown) > min(count, DOTS) / 2 or not count
    steps = np.diff(shown[:, 0])
    assert not len(steps) or ((steps == steps[0]).all() and 2 * count - shown[-1, 0] <= steps[0]), "to the very end"
