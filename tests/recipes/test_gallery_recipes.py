"""Examples, histograms, neighbours and directions: they say what the network says of the gallery's pictures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from lucarne.artifact import Figure, PictureList
from lucarne.atlas.galleries.gallery import BUNDLED as SHIPPED_IN
from lucarne.atlas.galleries.pack import Square
from lucarne.atlas.pictures import Picture, square
from lucarne.atlas.vision.directions import between, seen
from lucarne.atlas.vision.indexing import vectors_of
from lucarne.atlas.vision.receptive_field import receptive_field
from lucarne.atlas.vision.shipped import summary
from lucarne.atlas.vision.thumbnails import thumbnail
from lucarne.galleries import Galleries
from lucarne.models import load
from lucarne.models.errors import Unknown, Unsuitable
from lucarne.models.model import Model
from lucarne.pictures import Pictures
from lucarne.recipe import Recipe
from lucarne.recipes.direction import Direction
from lucarne.recipes.examples import Examples
from lucarne.recipes.feature import Feature
from lucarne.recipes.histogram import Histogram
from lucarne.recipes.neighbors import Neighbors
from tests.galleries import picture

COUNT = 45
Make = Callable[..., Any]


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """With a gallery beside them, of whose pictures every third has its own label."""
    pictures = Pictures(tmp_path_factory.mktemp("data") / "pictures")
    squares = [Square(f"p{seed}", "third" if seed % 3 == 0 else "other", picture(seed)) for seed in range(COUNT)]
    Galleries.beside(pictures).add("Tested", squares)
    return pictures


@pytest.fixture(scope="module")
def gallery(pictures: Pictures) -> Any:
    return Galleries.beside(pictures).all()[-1]


@pytest.fixture
def make(model: Model, pictures: Pictures, gallery: Any, tmp_path: Path) -> Make:
    def make(recipe: type[Recipe], **fields: Any) -> Any:
        return recipe(model="tiny_alexnet", **{"gallery": gallery.name, **fields}).make(model, tmp_path, pictures, iter)  # pyright: ignore

    return make


def shown(model: Model, gallery: Any) -> np.ndarray:
    size = int(model.card.input_size or 0)
    return np.stack([gallery.tile(number, size) for number in range(len(gallery))])


def sheet(listed: PictureList, folder: Path) -> None:
    """Every row has its tile."""
    with Image.open(folder / listed.sheet.file) as image:
        tiles = np.asarray(image.convert("RGB")).astype(int)
    assert tiles.shape[1] == listed.side * listed.sheet.across
    assert tiles.shape[0] >= listed.side * -(-len(listed.rows) // listed.sheet.across)


# ── examples ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_most_exciting_come_first_and_say_where_they_excite(
    make: Make, model: Model, gallery: Any, tmp_path: Path
) -> None:
    listed = make(Examples, site="conv2", unit=3, k=5)
    maps = model.look(shown(model, gallery), "relu2")["relu2"][:, 3].numpy()  # (pictures, y, x)
    order = np.argsort(-maps.max((1, 2)), kind="stable")
    top = [row for row in listed.rows if row.group == "top"]
    assert [row.number for row in top] == order[:5].tolist()
    np.testing.assert_allclose([row.value for row in top], maps.max((1, 2))[order[:5]], rtol=2e-3)
    plan: Any = model.network.plan
    field = receptive_field(plan, "relu2")
    assert field is not None and top[0].box is not None
    y, x = np.unravel_index(maps[order[0]].argmax(), maps[0].shape)
    size = plan.input_size
    assert top[0].box.left == pytest.approx((field.start + x * field.stride) / size)
    assert top[0].box.top == pytest.approx((field.start + y * field.stride) / size)
    assert top[0].box.side == pytest.approx(field.size / size)
    assert "relu2" in listed.caption
    sheet(listed, tmp_path)


def test_every_tenth_shows_three_of_its_own(make: Make) -> None:
    listed = make(Examples, site="fc8", unit=1, k=36)
    values = {tenth: [row.value for row in listed.rows if row.group == f"decile {tenth}"] for tenth in range(10)}
    assert all(len(each) == 3 for each in values.values())
    assert all(max(values[tenth]) <= min(values[tenth + 1]) for tenth in range(9))
    assert listed.groups.keys() == {"top", *(f"decile {tenth}" for tenth in range(10))}
    assert all(row.box is None for row in listed.rows) and listed.total == COUNT


def test_a_site_behind_a_layer_shows_the_same_pictures(make: Make) -> None:
    rows = [make(Examples, site=site, unit=2).rows for site in ("conv1", "relu1", "pool1", "norm1") if site]
    assert all(each == rows[0] for each in rows)


def test_a_dead_channel_has_no_top_and_says_so(make: Make, model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from lucarne.atlas.vision.study import Study

    real = Study.summary

    def dead(study: Study, site: str) -> Any:
        summary = real(study, site)
        return replace(summary, above=summary.above * 0)

    monkeypatch.setattr(Study, "summary", dead)
    listed = make(Examples, site="relu3", unit=0)
    assert not [row for row in listed.rows if row.group == "top"]
    assert "dead" in listed.caption


# ── histograms ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("site", ["conv4", "fc6", "relu6", "relu7", "fc8"])
def test_a_histogram_counts_every_picture_once(site: str, make: Make, model: Model, gallery: Any) -> None:
    values = vectors_of(model, shown(model, gallery), site)[:, 1].astype(float)
    figure = make(Histogram, site=site, unit=1)
    assert isinstance(figure, Figure)
    bars, curve = figure.panels
    (counts,) = bars.series
    assert sum(counts.y) == COUNT and len(bars.x) == len(counts.y) + 1
    assert bars.x == sorted(bars.x)
    if site.startswith(("conv", "relu")):
        assert min(bars.x) >= 0, "nothing is below zero behind a ReLU"
    assert curve.series[0].y == sorted(curve.series[0].y)
    assert figure.numbers["largest"] == pytest.approx(values.max(), rel=5e-3, abs=1e-3)
    assert figure.numbers["median"] == pytest.approx(float(np.median(values)), rel=5e-3, abs=1e-3)


# ── neighbours ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("site", ["relu7", "conv5", "fc8"])
def test_the_nearest_come_first_beside_those_whose_pixels_are(
    site: str, make: Make, model: Model, gallery: Any, pictures: Pictures, tmp_path: Path
) -> None:
    asked = picture(500, 80, 100)
    listed = make(Neighbors, site=site, picture=pictures.add(Picture.of(asked)), k=6)
    vectors = vectors_of(model, shown(model, gallery), site).astype(float)
    mine = vectors_of(model, square(asked, int(model.card.input_size or 0))[None], site)[0].astype(float)
    cosine = vectors @ mine / np.linalg.norm(vectors, axis=1) / np.linalg.norm(mine)
    near = [row for row in listed.rows if row.group == site]
    np.testing.assert_allclose([row.value for row in near], np.sort(1 - cosine)[:6], atol=2e-4)
    middle = thumbnail(np.ascontiguousarray(asked[:, 10:90]))
    far = np.array([thumbnail(gallery.pixels(number)).astype(float) - middle for number in range(COUNT)])
    apart = np.sqrt((far**2).mean(1))
    pixels = [row for row in listed.rows if row.group == "pixels"]
    assert [row.number for row in pixels] == np.argsort(apart)[:6].tolist()
    np.testing.assert_allclose([row.value for row in pixels], np.sort(apart)[:6], atol=1e-3)
    assert "itself" not in listed.numbers
    sheet(listed, tmp_path)


def test_a_picture_of_the_gallery_finds_itself_and_says_so(make: Make, gallery: Any, pictures: Pictures) -> None:
    id = pictures.add(Picture.of(gallery.pixels(7)))
    assert id == gallery.id(7)
    listed = make(Neighbors, picture=id)
    assert listed.numbers == {"itself": 7} and "number 7 of the gallery" in listed.caption
    for group in ("relu7", "pixels"):
        first = next(row for row in listed.rows if row.group == group)
        assert first.number == 7 and first.value == pytest.approx(0, abs=1e-5)


# ── directions ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_direction_sorts_the_gallery_and_says_whether_to_trust_it(
    make: Make, model: Model, gallery: Any, tmp_path: Path
) -> None:
    a, b = (tuple(gallery.id(number) for number in range(start, start + 8)) for start in (0, 20))
    listed = make(Direction, site="fc7", a=a, b=b, k=9)
    vectors = vectors_of(model, shown(model, gallery), "fc7").astype(np.float64)
    towards = vectors[:8].mean(0) - vectors[20:28].mean(0)
    towards /= np.linalg.norm(towards)
    kept = load_file(tmp_path / "direction.safetensors")
    np.testing.assert_allclose(kept["direction"], towards, atol=1e-4)
    values = vectors @ towards - (vectors[:8].mean(0) + vectors[20:28].mean(0)) @ towards / 2
    most, least = ([row for row in listed.rows if row.group == group] for group in ("most", "least"))
    np.testing.assert_allclose([row.value for row in most], np.sort(values)[::-1][:9], atol=1e-3)
    np.testing.assert_allclose([row.value for row in least], np.sort(values)[:9], atol=1e-3)
    assert 0 <= listed.numbers["accuracy"] <= 1 and 0.2 < listed.numbers["accuracy, shuffled"] < 0.7
    assert 0 < listed.numbers["chance"] <= 1 and "at random" in listed.caption
    sheet(listed, tmp_path)


def test_a_direction_of_single_pictures_claims_nothing(make: Make, gallery: Any) -> None:
    listed = make(Direction, a=(gallery.id(0), gallery.id(0)), b=(gallery.id(1),))
    assert listed.numbers == {"pictures of a": 1, "pictures of b": 1}
    assert "more than chance" in listed.caption


def test_a_direction_needs_two_different_sets_of_pictures_that_exist(make: Make, gallery: Any) -> None:
    with pytest.raises(Unsuitable) as both:
        make(Direction, a=(gallery.id(0),), b=(gallery.id(1), gallery.id(0)))
    assert both.value.field == "b"
    with pytest.raises(Unknown) as unknown:
        make(Direction, a=("0" * 64,), b=(gallery.id(0),))
    assert unknown.value.field == "a"


@pytest.mark.parametrize("site", ["fc7", "relu7", "conv3", "relu5"])
def test_a_direction_is_dreamt(site: str, model: Model, pictures: Pictures, gallery: Any, tmp_path: Path) -> None:
    a, b = (tuple(gallery.id(number) for number in range(start, start + 5)) for start in (0, 20))
    asked = {"model": "tiny_alexnet", "site": site, "unit": 0, "aim": "direction", "size": 64, "a": a, "b": b}
    few, many = (
        Feature(**asked, steps=steps).make(model, tmp_path, pictures, iter)  # pyright: ignore
        for steps in (1, 24)
    )
    assert many.columns["objective"][0] > few.columns["objective"][0]
    assert f"from 5 pictures to 5 others at {site}" in many.caption
    vector = between(*(seen(model, site, [gallery.pixels(n) for n in range(s, s + 5)]) for s in (0, 20))).vector
    tiles = load_file(tmp_path / "tiles.safetensors")["tiles"]
    values = model.look(tiles, site)[site][0].numpy().reshape(len(vector), -1)
    assert many.columns["largest"][0] == pytest.approx(float((vector @ values).max()), rel=1e-3, abs=1e-4)


def test_a_dream_of_a_direction_needs_both_sets_and_no_unit(model: Model, pictures: Pictures, gallery: Any) -> None:
    one, other = (gallery.id(0),), (gallery.id(1),)
    for said, field in (
        ({"aim": "direction", "a": one}, "b"),
        ({"aim": "direction", "a": one, "b": other, "unit": 1}, "unit"),
        ({"aim": "channel", "a": one}, "a"),
        ({"aim": "direction", "a": one, "b": one}, "b"),
    ):
        recipe = Feature(**{"model": "tiny_alexnet", "site": "fc7", "unit": 0, **said})  # pyright: ignore
        with pytest.raises(Unsuitable) as unsuitable:
            recipe.make(model, Path(), pictures, iter)
        assert unsuitable.value.field == field


# ── whichever ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_unit_or_a_gallery_that_is_not_there_is_refused_by_name(make: Make) -> None:
    for recipe in (Examples, Histogram):
        with pytest.raises(Unsuitable) as unsuitable:
            make(recipe, site="conv1", unit=60000)
        assert unsuitable.value.field == "unit"
    with pytest.raises(Unknown) as unknown:
        make(Examples, site="conv1", unit=0, gallery="nowhere-0123456789ab")
    assert unknown.value.field == "gallery" and "bundled" in unknown.value.candidates


def test_what_ships_is_made_at_once_and_what_must_be_indexed_is_long() -> None:
    def is_long(recipe: type[Recipe], **fields: Any) -> bool:
        return recipe(**{"model": "alexnet", "unit": 0, **fields}).is_long  # pyright: ignore

    assert not is_long(Examples, site="conv5") and not is_long(Histogram, site="fc8")
    assert not is_long(Examples, site="relu5.features") and summary(SHIPPED_IN / "alexnet", "relu5.features")
    assert is_long(Examples, site="fc6") and is_long(Examples, site="conv5", gallery="own-0123456789ab")
    assert is_long(Examples, site="conv5", model="tiny_alexnet")
    near: dict[str, Any] = {"model": "alexnet", "picture": "0" * 64}
    assert not Neighbors(**near).is_long and Neighbors(**near, site="conv5").is_long
    assert Neighbors(**{**near, "model": "tiny_alexnet"}).is_long
