"""Atlas and trail: what is packed is what was found, nothing is made twice, and a vector lies in its cell."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from lucarne import atlases
from lucarne.artifact import AtlasMap, Visits
from lucarne.atlas.galleries.gallery import Gallery
from lucarne.atlas.galleries.pack import Square
from lucarne.atlas.mapping import atlas as mapping
from lucarne.atlas.mapping import bundled, sampling, shipped
from lucarne.atlas.mapping.layout import FEW
from lucarne.atlas.mapping.packing import SHOWN, record
from lucarne.atlas.mapping.placing import PLACING, place
from lucarne.atlas.mapping.sampling import keys_of
from lucarne.atlas.mapping.visitors import PLACES, places_of, read_visitors, visit
from lucarne.atlas.pictures import Picture
from lucarne.atlas.vision.activations import maps
from lucarne.atlas.vision.sheets import ACROSS
from lucarne.galleries import Galleries
from lucarne.models import describe, load
from lucarne.models.errors import Unknown
from lucarne.models.model import Model
from lucarne.models.progress import note
from lucarne.pictures import Pictures
from lucarne.recipe import Recipe
from lucarne.recipes.atlas import Atlas
from lucarne.recipes.trail import Trail
from lucarne.recipes.visitors import Visitors
from lucarne.worker import Cancelled, JobProgress
from tests.galleries import picture

COUNT = 45
Make = Callable[..., Any]


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


@pytest.fixture(autouse=True)
def quick_icons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping, "ICON", replace(mapping.ICON, steps=1))
    monkeypatch.setattr(mapping, "DRAWN", 64)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    pictures = Pictures(tmp_path_factory.mktemp("data") / "pictures")
    add(pictures, range(COUNT))
    return pictures


def add(pictures: Pictures, seeds: range) -> str:
    """Pictures for the gallery; what it is called then."""
    squares = [Square(f"p{seed}", "", picture(seed)) for seed in seeds]
    return Galleries.beside(pictures).add("Mapped", squares).name


@pytest.fixture(scope="module")
def gallery(pictures: Pictures) -> str:
    return Galleries.beside(pictures).all()[-1].name


@pytest.fixture
def make(model: Model, pictures: Pictures, gallery: str, tmp_path: Path) -> Make:
    def make(recipe: type[Recipe], **fields: Any) -> Any:
        asked = recipe.model_validate({"model": "tiny_alexnet", "gallery": gallery, **fields})
        return asked.make(model, tmp_path, pictures, iter)

    return make


class Stages:
    """Progress that hears what is being done and how many steps it takes."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.steps: dict[str, int] = {}

    def note(self, words: str) -> None:
        self.said.append(words)

    def __call__(self, steps: Any, /) -> Any:
        for step in steps:
            self.steps[self.said[-1]] = self.steps.get(self.said[-1], 0) + 1
            yield step


def test_what_is_packed_is_what_its_shape_says(
    make: Make, model: Model, pictures: Pictures, gallery: str, tmp_path: Path
) -> None:
    atlas: AtlasMap = make(Atlas)
    assert (atlas.site, atlas.samples, atlas.gallery, atlas.title) == ("relu5", COUNT, gallery, "Mapped")
    shown = Galleries.beside(pictures).get(gallery)
    keys = keys_of(shown.ids(), 0)
    squares = [shown.tile(number, 64) for number in range(COUNT)]
    found = sampling.sample(model, "relu5", squares, keys, tmp_path / "again")
    points = load_file(tmp_path / "points.safetensors")["points"]
    assert points.dtype == np.uint16 and points.shape == (COUNT, 2)
    seen, means = 0, []
    for page in atlas.pages:
        table = load_file(tmp_path / page.table)
        kinds = {"place": "uint8", "count": "int32", "arguments": "int8", "scale": "float32", "samples": "int32"}
        assert {name: str(array.dtype) for name, array in table.items()} == kinds
        assert all(len(array) == page.cells for array in table.values())
        with Image.open(tmp_path / page.sheet.file) as sheet:
            rows = -(-page.cells // page.sheet.across)
            assert page.sheet.across == ACROSS and sheet.size == (ACROSS * atlas.icon, rows * atlas.icon)
        cells = np.minimum(points / 65535 * page.side, page.side - 1).astype(int)
        for i, where in enumerate(table["place"]):
            inside = np.flatnonzero((cells == where).all(1))
            assert table["count"][i] == len(inside)
            named = table["samples"][i][table["samples"][i] >= 0]
            assert set(named) <= set(inside) and len(named) == min(SHOWN, len(inside))
            if page is atlas.pages[-1]:
                means.append(found.vectors[inside].mean(0))
            argued = found.arguments[inside].astype(np.float32).mean(0)
            byte = table["scale"][i]
            assert np.abs(table["arguments"][i] * byte - argued).max() <= 0.51 * byte + 1e-6
            seen += len(inside)
    packed = atlases.atlas_of(model, "relu5", gallery, pictures)
    assert np.allclose(packed.placed(np.array(means))[1], 1, atol=1e-3)
    assert seen == COUNT * len(atlas.pages), "of so few, every sample lies in a cell that is kept"


def test_what_is_asked_for_again_is_not_built_again(
    make: Make, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = make(Atlas)

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("it is there already")

    monkeypatch.setattr(atlases, "build", never)
    assert make(Atlas) == first
    assert make(Trail, picture=pictures.add(Picture.of(picture(3)))).site == "relu5"


def test_a_layer_is_mapped_behind_its_relu(make: Make) -> None:
    assert [make(Atlas, site=site).site for site in ("conv5", "relu5", "pool5", "fc8")] == [
        "relu5", "relu5", "pool5", "fc8",
    ]  # fmt: skip


def test_what_is_not_there_is_refused_by_name(make: Make, pictures: Pictures) -> None:
    id = pictures.add(Picture.of(picture(0)))
    for recipe, fields in ((Atlas, {}), (Trail, {"picture": id})):
        with pytest.raises(Unknown) as caught:
            make(recipe, gallery="nowhere-0123456789ab", **fields)
        assert caught.value.field == "gallery"
        with pytest.raises(Unknown) as caught:
            make(recipe, site="conv99", **fields)
        assert caught.value.field == "site"
    with pytest.raises(Unknown, match="No picture"):
        make(Trail, picture="0" * 64)


def test_a_vector_that_is_a_cells_own_mean_lies_in_that_cell(
    make: Make, model: Model, gallery: str, pictures: Pictures
) -> None:
    make(Atlas)
    packed = atlases.atlas_of(model, "relu5", gallery, pictures)
    known, side = load_file(packed.folder / PLACING), packed.said["pages"][-1]["side"]
    middles, means = known["middles"], known["means"].astype(np.float32)
    # one that differs from all others in direction, as the mean of a cell does in a network that has learned something
    unit = means / np.linalg.norm(means, axis=1, keepdims=True)
    apart = (unit @ unit.T - 2 * np.eye(len(unit))).max(1)
    points, near = packed.placed(means)
    assert np.allclose(near, 1, atol=1e-3)
    assert np.abs(points - middles)[apart < 0.9].max(initial=0) < 0.5 / side
    spread = np.eye(len(means), 64, dtype=np.float32)[: len(means)]
    assert np.allclose(place(spread * 3, middles, spread)[0], middles, atol=1e-6)


def test_every_place_of_a_picture_is_where_its_own_vector_is(
    make: Make, model: Model, gallery: str, pictures: Pictures
) -> None:
    pixels = picture(77, 64, 64)
    trail = make(Trail, picture=pictures.add(Picture.of(pixels)))
    values = maps(model, pixels, "relu5").numpy()
    known = load_file(atlases.atlas_of(model, "relu5", gallery, pictures).folder / PLACING)
    middles, means = known["middles"], known["means"].astype(np.float32)
    for spot in trail.points:
        vector = values[:, spot.row, spot.column]
        cosine = means @ vector / np.linalg.norm(means, axis=1) / np.linalg.norm(vector)
        assert spot.near == pytest.approx(cosine.max(), abs=1e-3)
        low, high = (edge(middles[np.argsort(-cosine)[:5]], axis=0) for edge in (np.min, np.max))
        assert (low - 1e-6 <= [spot.x, spot.y]).all() and ([spot.x, spot.y] <= high + 1e-6).all()
    assert (trail.rows, trail.columns) == values.shape[1:]


def test_pictures_from_which_a_map_was_not_made_lie_where_their_places_do(
    make: Make, model: Model, gallery: str, pictures: Pictures, tmp_path: Path
) -> None:
    guests = Galleries.beside(pictures).add(
        "Guests", (Square(f"{seed}.png", "", picture(seed)) for seed in range(200, 205))
    )
    visits: Visits = make(Visitors, gallery=gallery, visitors=guests.name)
    told = load_file(tmp_path / "visits.safetensors")
    assert (visits.count, visits.title, visits.gallery) == (5, "Guests", guests.name)
    assert len(told["pictures"]) == visits.places and (np.bincount(told["pictures"]) <= PLACES).all()
    assert set(told["pictures"]) == set(range(5))
    packed = atlases.atlas_of(model, "relu5", gallery, pictures)
    for number in range(5):
        mine = told["pictures"] == number
        rows, columns = told["cells"][mine].T.astype(int)
        assert len({*zip(rows, columns, strict=True)}) == mine.sum(), "no place comes twice"
        values = maps(model, guests.tile(number, 64), "relu5").numpy()  # (channels, rows, columns)
        points, near = packed.placed(np.ascontiguousarray(values[:, rows, columns].T))
        assert np.abs(points - told["points"][mine] / 65535).max() < 1e-3
        assert np.abs(near - told["near"][mine] / 255).max() < 3e-3


def test_which_places_are_looked_at_hangs_on_the_picture_and_the_seed(gallery: str, pictures: Pictures) -> None:
    shown = Galleries.beside(pictures).get(gallery)
    every = [places_of((6, 6), key) for seed in (0, 1) for key in keys_of(shown.ids(), seed)]
    assert all(1 <= len(some) <= PLACES and some.min() >= 1 and some.max() <= 4 for some in every)
    assert len({some.tobytes() for some in every}) > 0.9 * len(every)
    assert np.array_equal(places_of((1, 1), keys_of(shown.ids(), 0)[0]), [[0, 0]]), "a unit without a map has one place"


def test_what_ships_of_visitors_is_what_would_be_found(pictures: Pictures, tmp_path: Path) -> None:
    model = load("alexnet", device="cpu")
    packed = bundled.shipped(model, "relu5")
    assert packed is not None
    gallery = Galleries.beside(pictures).get("bundled")
    ready = read_visitors(packed, gallery)
    assert ready is not None and set(ready.pictures) == set(range(len(gallery)))
    few = [3, 700, 1400]
    squares = gallery.tiles(model.card.input_size or 0)
    found = visit(model, packed, [squares[number] for number in few], keys_of(gallery.ids(), 0)[few])
    mine = np.isin(ready.pictures, few)
    assert np.array_equal(found.cells, ready.cells[mine])
    assert np.median(np.abs(found.points.astype(int) - ready.points[mine])) < 66
    assert read_visitors(packed, Gallery("other", gallery.pack, gallery.rows[:9])) is None
    shutil.copytree(packed.folder, tmp_path / "copy")
    (tmp_path / "copy" / bundled.VISITORS).write_bytes(b"no tensors")
    assert read_visitors(replace(packed, folder=tmp_path / "copy"), gallery) is None


def test_one_that_ships_answers_at_once_and_only_for_its_weights(
    make: Make, model: Model, pictures: Pictures, gallery: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(Atlas)
    packed = atlases.atlas_of(model, "relu5", gallery, pictures)
    folder = tmp_path / "ship" / "tiny_alexnet-relu5"
    folder.mkdir(parents=True)
    shutil.copytree(packed.folder, folder, dirs_exist_ok=True)
    said = {**packed.said, "credit": "Many pictures"}
    record(folder, **{name: value for name, value in said.items() if name != "gallery"})
    monkeypatch.setattr(atlases, "shipped", lambda *which: bundled.shipped(*which, bundled=tmp_path / "ship"))
    monkeypatch.setattr(atlases, "build", None)
    atlas = make(Atlas, site="conv5", gallery="bundled")
    assert (atlas.title, atlas.gallery) == ("Many pictures", None) and "Many pictures" in atlas.caption
    record(folder, **{**said, "weights": "0" * 64})
    with pytest.raises(TypeError):
        make(Atlas, gallery="bundled")  # it would have to be built


def test_only_what_ships_is_not_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = tmp_path / "alexnet-relu5"
    ready.mkdir()
    (ready / shipped.RECORD).touch()
    monkeypatch.setattr(shipped.ships, "__defaults__", (tmp_path,))
    for recipe, fields in ((Atlas, {}), (Trail, {"picture": "0" * 64}), (Visitors, {})):
        for said, long in (
            ({}, False), ({"site": "conv5"}, False), ({"site": "conv4"}, True), ({"gallery": "own-0123456789ab"}, True),
            ({"model": "tiny_alexnet"}, True),
        ):  # fmt: skip
            assert recipe.model_validate({"model": "alexnet", **fields, **said}).is_long is long
    assert Visitors(model="alexnet", visitors="own-0123456789ab").is_long
    assert Atlas.ships("alexnet", "conv5") and not Atlas.ships("alexnet", "fc7")


def test_a_picture_more_shows_the_network_one_picture_and_draws_what_it_changes(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, shown, drawn = sampling.argued, [], []

    def argued(model: Model, site: str, pixels: np.ndarray, cells: np.ndarray) -> Any:
        shown.append(len(pixels))
        return real(model, site, pixels, cells)

    monkeypatch.setattr(sampling, "argued", argued)
    pictures, before = Pictures(tmp_path / "pictures"), Stages()
    old = atlases.atlas_of(model, "relu5", add(pictures, range(20)), pictures, progress=before)
    assert before.said[:2] == ["Looking at 20 pictures", "Laying out 20 samples"]
    assert before.said[2].startswith("Drawing") and before.said[-1] == ""
    new = atlases.atlas_of(
        model, "relu5", add(pictures, range(20, 21)), pictures, lambda side, cells, pixels: drawn.extend(cells.tolist())
    )
    assert (old.said["samples"], new.said["samples"], shown) == (20, 21, [20, 1])
    assert (old.said["placed"], new.said["placed"]) == (0, 1)
    assert len(drawn) == 1 and new.said["pages"][-1]["cells"] > 1, "the new sample lies in one cell of the one grid"


def test_what_ships_is_of_the_weights_that_ship() -> None:
    records = sorted(shipped.BUNDLED.glob(f"*/{shipped.RECORD}"))
    if not records:
        pytest.skip("no atlas ships")
    for file in records:
        said = json.loads(file.read_bytes())
        name = file.parent.name.removesuffix(f"-{said['site']}")
        assert describe(name).weights == said["weights"]
        assert shipped.ships(name, said["site"])


def test_what_is_being_done_is_told_until_the_job_is_cancelled() -> None:
    told: list[dict[str, Any]] = []
    cancelled = threading.Event()
    progress = JobProgress("a job", lambda **message: told.append(message), cancelled)  # pyright: ignore[reportArgumentType]
    note(progress, "Laying out")
    assert told == [{"say": "note", "job": "a job", "note": "Laying out"}]
    cancelled.set()
    with pytest.raises(Cancelled):
        note(progress, "Drawing")
    note(iter, "nobody hears")
    assert len(told) == 1


BEGIN = """
import sys
from dataclasses import replace
from pathlib import Path
import numpy as np
from lucarne.models import load
from lucarne.pictures import Pictures
class Told:
    def note(self, words): print(words, flush=True)
    def __call__(self, steps):
        for step in steps:
            print("step", flush=True)
            yield step
pictures = Pictures(Path(sys.argv[1]))
"""
OF_PICTURES = f"""{BEGIN}
from lucarne import atlases
from lucarne.atlas.mapping import atlas as mapping, sampling
mapping.ICON, mapping.DRAWN, mapping.TOGETHER = replace(mapping.ICON, steps=2), 64, 1
mapping.sides_for = lambda samples: (2, 3)
sampling.BATCH = 8
atlases.atlas_of(load("tiny_alexnet", device="cpu"), "relu5", sys.argv[2], pictures, progress=Told())
print("packed", flush=True)
"""
OF_TEXTS = f"""{BEGIN}
from lucarne import text_atlases
from lucarne.atlas.mapping import positions
positions.TOGETHER = 8
def few(model, real=text_atlases.bundled):
    whole, count = real(model), int(sys.argv[2])
    return replace(whole, tokens=whole.tokens[:count], starts=np.array([0, count // 2, count]))
text_atlases.bundled = few
text_atlases.text_atlas_of(load("tiny_gpt", device="cpu"), "blocks.1.hook_resid_pre", pictures, Told())
print("packed", flush=True)
"""


def packed_files(pictures: Pictures) -> dict[str, bytes]:
    (folder,) = atlases.root_of(pictures).glob("*/*/packed")
    return {file.name: file.read_bytes() for file in folder.iterdir()}


@pytest.mark.timeout(900)  # parts of UMAP are compiled anew in each of three processes
@pytest.mark.parametrize("laid", ["flat", "by UMAP"])
@pytest.mark.parametrize("of", ["pictures", "texts"])
def test_a_build_that_is_killed_ends_with_the_same_files(of: str, laid: str, tmp_path: Path) -> None:
    """kill -9 after as many steps as chance has it; where UMAP lays out, also while it does."""
    chance = random.Random(time.time_ns())
    count = 30 if laid == "flat" else 60
    assert (count >= FEW) == (laid == "by UMAP")

    def run(pictures: Pictures, lines: int | None) -> bool:
        command = [sys.executable, "-c", OF_PICTURES if of == "pictures" else OF_TEXTS, str(pictures.root), told]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for said, line in enumerate(child.stdout):
                if said == lines:
                    time.sleep(chance.random() * 0.02)
                    os.kill(child.pid, signal.SIGKILL)
                    break
                if line == "packed\n":
                    return child.wait() == 0
        return False

    whole, cut = Pictures(tmp_path / "whole" / "pictures"), Pictures(tmp_path / "cut" / "pictures")
    (told,) = {add(each, range(count)) for each in (whole, cut)} if of == "pictures" else {str(count)}
    assert run(whole, None)
    rounds = 200 if laid == "by UMAP" else 0
    kills = [chance.randrange(count // 8 + 3 + rounds)]  # words and steps until the samples are laid out
    assert not run(cut, *kills), kills
    assert run(cut, None)
    assert packed_files(whole) == packed_files(cut), kills
    assert json.loads(packed_files(cut)["atlas.json"])["samples"] == count


def test_a_packed_atlas_that_is_damaged_is_packed_again(make: Make, pictures: Pictures, gallery: str) -> None:
    first = make(Atlas)
    (file,) = atlases.root_of(pictures).glob(f"*-relu5/{gallery}/packed/{shipped.RECORD}")
    file.write_text(file.read_text()[:20])
    assert make(Atlas) == first
