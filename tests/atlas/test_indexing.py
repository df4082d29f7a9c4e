"""An index says what the network says, is made once, goes on where it was cut off; a summary says what it says."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from lucarne.atlas.galleries.gallery import BUNDLED, SHIPPED, Gallery, bundled, shipped_for
from lucarne.atlas.galleries.pack import Square
from lucarne.atlas.pictures import square
from lucarne.atlas.vision import indexing, shipped
from lucarne.atlas.vision.directions import between, seen, trust
from lucarne.atlas.vision.indexing import Index, kept_for, vectors_of
from lucarne.atlas.vision.neighbors import by_angle
from lucarne.atlas.vision.study import Study
from lucarne.atlas.vision.summary import EACH, TOP, of_units, read, summarise, write
from lucarne.atlas.vision.thumbnails import thumbnail
from lucarne.models import load
from lucarne.models.model import Model
from tests.galleries import gallery_in, pack_in, picture

T = TypeVar("T")
COUNT = 40


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Gallery:
    return gallery_in(tmp_path_factory.mktemp("gallery"), COUNT)


@pytest.fixture(scope="module")
def index(gallery: Gallery, model: Model, tmp_path_factory: pytest.TempPathFactory) -> Index:
    return Index(tmp_path_factory.mktemp("index"), model).extend(model, gallery.pack)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir() if file.is_file() and file.name != ".lock"}


# ── indexes ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_index_holds_what_the_network_says_of_each_picture(index: Index, gallery: Gallery, model: Model) -> None:
    assert index.rows == COUNT
    for number in (0, 17, COUNT - 1):
        shown = gallery.tile(number, int(model.card.input_size or 0))
        said = model.look(shown[None], *index.widths)
        for name in index.widths:
            value = said[name][0].float().numpy()
            if value.ndim == 3:
                flat = value.reshape(len(value), -1)
                np.testing.assert_allclose(index.values(name)[number], flat.max(1), rtol=2e-3, atol=1e-4)
                cells = index.cells(name)
                assert cells is not None
                at = np.take_along_axis(flat, cells[number].astype(int)[:, None], 1)[:, 0]
                np.testing.assert_allclose(at, flat.max(1), rtol=1e-4, atol=1e-5)
            else:
                np.testing.assert_allclose(index.values(name)[number], value, rtol=2e-3, atol=1e-3)


def test_every_site_is_answered_and_says_the_largest_of_its_map(index: Index, gallery: Gallery, model: Model) -> None:
    shown = np.stack([gallery.tile(number, int(model.card.input_size or 0)) for number in range(4)])
    for site in [name for name in model.sites if name != "input"]:
        kept = kept_for(model, site)
        values = index.values(kept.name)[:4].astype(np.float32)
        said = model.look(shown, site)[site].float()
        if said.dim() == 4 and site.startswith(("conv", "relu")):
            np.testing.assert_allclose(values, said.flatten(2).amax(2).clamp(min=0), rtol=2e-3, atol=1e-3)
        elif said.dim() == 2:
            values = values.clip(min=0) if kept.rectified else values
            np.testing.assert_allclose(values, said, rtol=2e-3, atol=1e-3)


def test_what_is_indexed_is_not_looked_at_again(gallery: Gallery, model: Model, tmp_path: Path) -> None:
    looked: list[int] = []
    real = indexing.look

    def counted(model: Model, shown: np.ndarray, sites: dict[str, int]) -> indexing.Answers:
        looked.append(len(shown))
        return real(model, shown, sites)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(indexing, "look", counted)
        pack = pack_in(tmp_path / "pack", range(10))
        Index(tmp_path / "index", model).extend(model, pack)
        assert sum(looked) == 10
        Index(tmp_path / "index", model).extend(model, pack)
        assert sum(looked) == 10
        grown = pack.add([Square(f"more {seed}", "a", picture(seed)) for seed in range(50, 53)])
        Index(tmp_path / "index", model).extend(model, grown)
        assert sum(looked) == 13
    fresh = Index(tmp_path / "fresh", model).extend(model, grown)
    for name in fresh.widths:
        again = Index(tmp_path / "index", model).values(name)
        np.testing.assert_allclose(again.astype(np.float32), fresh.values(name), rtol=2e-3, atol=1e-3)


def test_an_index_cut_off_anywhere_goes_on_from_its_last_block_and_ends_the_same(
    gallery: Gallery, model: Model, index: Index, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "BATCH", 4)
    monkeypatch.setattr(indexing, "BLOCK", 2)
    whole = Index(tmp_path / "whole", model).extend(model, gallery.pack)
    for stop in (1, 3, 6, 9):
        folder = tmp_path / f"cut-{stop}"
        with pytest.raises(KeyboardInterrupt):
            Index(folder, model).extend(model, gallery.pack, _stopping_after(stop))
        begun = Index(folder, model)
        assert begun.rows == stop // 2 * 8
        begun.extend(model, gallery.pack)
        assert contents(folder) == contents(whole.folder)


def _stopping_after(count: int):  # noqa: ANN202
    def stop(steps: Iterable[T], /) -> Iterator[T]:
        for number, step in enumerate(steps):
            if number == count:
                raise KeyboardInterrupt
            yield step

    return stop


KILLED = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from lucarne.atlas.galleries.pack import Pack
from lucarne.atlas.vision import indexing
from lucarne.models import load
import torch
torch.set_num_threads(1)
indexing.BATCH, indexing.BLOCK = 2, 2
model = load("tiny_alexnet", device="cpu")

def told(steps):
    for step in steps:
        print("step", flush=True)
        yield step

indexing.Index(Path({folder!r}), model).extend(model, Pack(Path({pack!r})), told)
"""


def test_kill_9_costs_a_block_at_most(gallery: Gallery, model: Model, tmp_path: Path) -> None:
    root = Path(__file__).parents[2]
    script = KILLED.format(root=str(root), folder=str(tmp_path), pack=str(gallery.pack.folder))
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for _ in range(9):
        process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()
    begun = Index(tmp_path, model)
    assert 16 - 4 <= begun.rows <= COUNT
    begun.extend(model, gallery.pack)
    fresh = Index(tmp_path / "fresh", model).extend(model, gallery.pack)
    for name in fresh.widths:
        difference = np.abs(begun.values(name).astype(np.float32) - fresh.values(name).astype(np.float32))
        assert difference.max() < 1e-2, name
    assert np.array_equal(begun.thumbnails(), fresh.thumbnails())


def test_an_index_of_other_weights_or_other_pictures_is_begun_anew(
    gallery: Gallery, model: Model, tmp_path: Path
) -> None:
    Index(tmp_path, model).extend(model, gallery.pack)
    told = json.loads((tmp_path / "index.json").read_text())
    (tmp_path / "index.json").write_text(json.dumps({**told, "weights": "0" * 64}))
    assert Index(tmp_path, model).rows == 0
    (tmp_path / "index.json").write_text("{")
    assert Index(tmp_path, model).rows == 0
    (tmp_path / "index.json").write_text(json.dumps(told))
    other = pack_in(tmp_path / "other", range(100, 110))
    assert Index(tmp_path, model).extend(model, other).rows == 10


def test_a_thumbnail_is_the_mean_of_what_each_pixel_covers() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (128, 160, 3), dtype=np.uint8)
    means = pixels[:, 16:144].reshape(32, 4, 32, 4, 3).mean((1, 3))
    assert np.abs(thumbnail(pixels).reshape(32, 32, 3) - means).max() <= 1


# ── summaries ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_summary_ranks_pictures_as_sorting_does(index: Index, gallery: Gallery) -> None:
    summaries = summarise(index, gallery.rows)
    for name, summary in summaries.items():
        values = index.values(name).astype(np.float64)
        order = np.argsort(-values, 0, kind="stable")
        assert np.array_equal(summary.top, order[np.minimum(np.arange(TOP), COUNT - 1)].T)
        np.testing.assert_array_equal(summary.top_values, np.take_along_axis(values, order, 0)[:TOP].T)
        assert (summary.counts.sum(1) == COUNT).all()
        np.testing.assert_allclose(summary.above, (values > 0).mean(0), atol=1e-6)
        np.testing.assert_allclose(summary.percentiles[:, 50], np.median(values, 0), rtol=2e-3, atol=1e-3)
        for tenth in range(10):
            ranks = COUNT - 1 - np.array([list(order[:, 0]).index(n) for n in summary.tenths[0, tenth]])  # from below
            assert ((ranks * 10 // COUNT) == tenth).all()
        assert summary.tenths.shape == (values.shape[1], 10, EACH)


def test_a_histogram_counts_as_numpy_does() -> None:
    values = np.random.default_rng(0).normal(size=(500, 3)).astype(np.float16)
    values[:, 2] = 0
    summary = of_units(values, None)
    for unit in range(2):
        low, high = summary.edges[unit]
        expected, _ = np.histogram(values[:, unit].astype(np.float32), np.linspace(low, high, 33))
        assert np.abs(expected.astype(int) - summary.counts[unit].astype(int)).sum() <= 2, "but for values on an edge"
    assert summary.counts[2].sum() == 500 and not summary.above[2]


def test_equal_values_are_ranked_by_number() -> None:
    summary = of_units(np.zeros((50, 1), np.float16), np.zeros((50, 1), np.uint16))
    assert summary.top[0].tolist() == list(range(TOP))


def test_minus_zero_is_zero_and_what_is_below_comes_last() -> None:
    values = np.array([[-1.0], [-0.0], [2.0], [0.0], [-3.0]], np.float16)
    assert of_units(values, None).top[0, :5].tolist() == [2, 1, 3, 0, 4]


def test_a_summary_is_read_as_it_was_written(index: Index, gallery: Gallery, tmp_path: Path) -> None:
    summaries = summarise(index, gallery.rows)
    write(tmp_path / "summary.npz", summaries)
    back = read(tmp_path / "summary.npz", "relu3")
    for name, value in vars(summaries["relu3"]).items():
        assert np.array_equal(getattr(back, name), value)


# ── studies ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_study_of_a_part_of_a_pack_sees_that_part_in_its_order(
    gallery: Gallery, model: Model, tmp_path: Path
) -> None:
    part = Gallery("part-000000000000", gallery.pack, np.array([30, 2, 11], np.int32))
    whole, study = (Study(each, model, tmp_path) for each in (gallery, part))
    for site in ("conv3", "relu7", "fc8"):
        assert np.array_equal(study.vectors(site), whole.vectors(site)[[30, 2, 11]])
    assert np.array_equal(study.thumbnails(), whole.thumbnails()[[30, 2, 11]])
    assert study.summary("conv2").top[0, :3].max() <= 2


def test_thumbnails_need_no_network(gallery: Gallery, model: Model, tmp_path: Path, index: Index) -> None:
    early = np.array(Study(gallery, model, tmp_path).thumbnails())
    assert not (tmp_path / model.weights[:16]).exists()
    assert np.array_equal(early, index.thumbnails())


# ── what ships ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def alexnet() -> Model:
    return load("alexnet", device="cpu")


def test_what_ships_was_made_of_what_ships(alexnet: Model) -> None:
    folder = shipped_for(bundled(), "alexnet", alexnet.weights)
    assert folder is not None, "The weights or the gallery have changed: run `python -m lucarne.atlas.vision.shipped`."
    assert sum(file.stat().st_size for file in folder.iterdir()) < 5 * 2**20
    assert shipped_for(bundled(), "alexnet", "0" * 64) is None
    assert shipped_for(bundled(), "tiny_alexnet", alexnet.weights) is None


def test_what_ships_says_what_the_network_says(alexnet: Model) -> None:
    gallery = bundled()
    numbers = list(range(0, len(gallery), 53))
    shown = np.stack([gallery.pixels(number) for number in numbers])
    rows = shipped.relu7(BUNDLED / "alexnet")[numbers].astype(np.float32)
    exact = vectors_of(alexnet, shown, "relu7").astype(np.float32)
    assert np.abs(rows - exact).max() <= exact.max() / 63
    for site in ("conv1", "conv5", "fc8"):
        summary = shipped.summary(BUNDLED / "alexnet", kept_for(alexnet, site).name)
        assert summary is not None
        values = vectors_of(alexnet, np.stack([gallery.pixels(int(n)) for n in summary.top[:4, 0]]), site)
        np.testing.assert_allclose(values.diagonal(), summary.top_values[:4, 0], rtol=5e-3)
    assert json.loads((BUNDLED / "alexnet" / SHIPPED).read_text())["weights"] == alexnet.weights


def test_six_bits_find_the_neighbours_that_float16_finds(alexnet: Model) -> None:
    gallery = bundled()
    rows = shipped.relu7(BUNDLED / "alexnet")
    numbers = range(0, 300, 5)
    exact = vectors_of(alexnet, np.stack([gallery.pixels(number) for number in numbers]), "relu7")
    coarse = np.array(rows)
    coarse[list(numbers)] = exact
    same = 0
    for number, vector in zip(numbers, exact, strict=True):
        same += len({*by_angle(rows, vector, 12).numbers.tolist()} & {*by_angle(coarse, vector, 12).numbers.tolist()})
        assert by_angle(rows, vector, 1).numbers[0] == number
    assert same / (12 * len(numbers)) >= 0.99


# ── directions ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_two_clouds_are_told_apart_and_noise_is_not() -> None:
    random = np.random.default_rng(0)
    sets = random.normal(size=(40, 2, 20, 300)).astype(np.float32)
    told = [each for each in (trust(a, b) for a, b in sets) if each is not None]
    assert 0.4 < np.mean([each.accuracy for each in told]) < 0.6
    assert np.mean([each.chance <= 0.05 for each in told]) <= 0.15, "about one in twenty"
    a, b = sets[0]
    clear = trust(a + 1, b)
    assert clear is not None and clear.accuracy == 1 and clear.chance < 0.01
    assert 0.35 < clear.shuffled < 0.6 and clear.shuffled <= clear.shuffled_best < 0.9
    assert trust(a[:1], b) is None


def test_leaving_one_out_is_what_leaving_one_out_says() -> None:
    random = np.random.default_rng(1)
    a, b = random.normal(size=(7, 5)).astype(np.float32) + 0.4, random.normal(size=(9, 5)).astype(np.float32)
    right = [[], []]
    for place, (own, other) in enumerate(((a, b), (b, a))):
        for number, held in enumerate(own):
            near = np.linalg.norm(held - np.delete(own, number, 0).mean(0))
            right[place].append(near < np.linalg.norm(held - other.mean(0)))
    told = trust(a, b)
    assert told is not None
    assert told.accuracy == pytest.approx((np.mean(right[0]) + np.mean(right[1])) / 2)


def test_the_middle_is_half_way_between_the_means() -> None:
    a, b = np.array([[2.0, 0], [4, 0]], np.float32), np.array([[0.0, 1], [0, -1]], np.float32)
    direction = between(a, b)
    assert direction.vector.tolist() == [1, 0] and direction.middle == 1.5
    assert direction.along(np.array([[1.5, 9], [3, 0]])).tolist() == [0, 1.5]
    assert not between(a, a).vector.any(), "no direction leads from a set to itself"


def test_pictures_of_any_size_are_seen_at_the_networks_own(model: Model) -> None:
    pictures = [picture(0, 90, 120), picture(1)]
    size = int(model.card.input_size or 0)
    shown = np.stack([square(each, size) for each in pictures])
    assert np.array_equal(seen(model, "fc7", pictures), vectors_of(model, shown, "fc7").astype(np.float32))
