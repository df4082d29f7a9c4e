"""Every recipe makes, on every model and site it says it suits, an artifact in its shape whose files can be read."""

import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pytest
from PIL import Image
from pydantic import TypeAdapter, ValidationError
from safetensors.numpy import load_file

from lucarne import text_atlases
from lucarne.artifact import Artifact, AtlasMap, Change, Figure, ImageGrid, PictureList, PointMap, Ranking, Visits
from lucarne.artifact_embeddings import CorpusBatch, PositionVectors, TokenMap, TokenNeighbors
from lucarne.artifact_heads import InductionLab, MatrixPass, ScoreParts, Sum
from lucarne.artifact_lens import Contributions, LensGrid, TextChange
from lucarne.artifact_story import FeatureShelf, SteeredStories, Story
from lucarne.artifact_text import ScoreMatrix, TokenGrid
from lucarne.artifact_text_atlas import TextMap, TextWay
from lucarne.artifact_units import FiringUnits, UnitList, UnitTexts
from lucarne.artifacts import AnyArtifact
from lucarne.atlas.galleries.pack import Square
from lucarne.atlas.language import corpora, embeddings
from lucarne.atlas.language.corpora import Corpus, bundled
from lucarne.atlas.mapping import atlas as mapping
from lucarne.atlas.mapping.packing import dots
from lucarne.atlas.pictures import Picture
from lucarne.atlas.vision import sheets
from lucarne.galleries import Galleries
from lucarne.models import load
from lucarne.models.catalog import MODELS
from lucarne.models.errors import TooMuch, Unknown, Unsuitable
from lucarne.models.model import Model
from lucarne.pictures import Pictures
from lucarne.recipe import Recipe
from lucarne.recipes import RECIPES, AnyRecipe
from tests.galleries import picture
from tests.shipped import with_dictionary

T = TypeVar("T")

TINY = [name for name, entry in MODELS.items() if entry.random]
TEXT = "Zoë saw 🙂 <|endoftext|> and “laughed”."
PIXELS = np.random.default_rng(0).integers(256, size=(70, 90, 3), dtype=np.uint8)
CORRUPT = np.random.default_rng(1).integers(256, size=(80, 70, 3), dtype=np.uint8)
ANY_ARTIFACT: TypeAdapter[Artifact] = TypeAdapter(AnyArtifact)
ANY_RECIPE: TypeAdapter[Recipe] = TypeAdapter(AnyRecipe)
MODELS_ON_BENCH = {name: load(name, device="cpu") for name in TINY}
MODELS_ON_BENCH["tiny_gpt"] = with_dictionary(MODELS_ON_BENCH["tiny_gpt"], "blocks.1.hook_resid_pre")


def filled(recipe: type[Recipe], **fields: Any) -> dict[str, Any]:
    """A request for that recipe: what it must have, and what is told."""
    usual: dict[str, Any] = {
        "model": "tiny_gpt",
        "site": "conv1",
        "picture": Picture.of(PIXELS).id,
        "text": TEXT,
        "unit": 3,
    }
    usual |= {"picture": Picture.of(PIXELS).id, "corrupt": Picture.of(CORRUPT).id}
    usual |= {"a": (Picture.of(PIXELS).id,), "b": (Picture.of(CORRUPT).id,)}
    if recipe.suits_kind == "vision":
        usual |= {"model": "tiny_alexnet", "units": ({"site": "conv2", "unit": 3},)}
    else:
        usual |= {"corrupt": TEXT.replace("saw", "had"), "plus": ("Z",)}
    required = {name: usual[name] for name, field in recipe.model_fields.items() if field.is_required()}
    return {"kind": recipe.model_fields["kind"].default, **required, **fields}


def suited() -> Iterator[tuple[type[Recipe], str, str | None]]:
    for recipe in RECIPES:
        for name, model in MODELS_ON_BENCH.items():
            if not recipe.suits(model.kind):
                continue
            if "site" not in recipe.model_fields:
                yield recipe, name, None
                continue
            yield from ((recipe, name, site.name) for site in model.sites.values() if recipe.suits(model.kind, site))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """With a gallery beside them that is small enough to be mapped."""
    pictures = Pictures(tmp_path_factory.mktemp("data") / "pictures")
    pictures.add(Picture.of(PIXELS))
    pictures.add(Picture.of(CORRUPT))
    Galleries.beside(pictures).add("Small", [Square(f"p{seed}", "", picture(seed)) for seed in range(12)])
    return pictures


@pytest.fixture
def quick_icons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "FINAL", replace(sheets.FINAL, steps=1))
    monkeypatch.setattr(mapping, "ICON", replace(mapping.ICON, steps=1))
    monkeypatch.setattr(mapping, "DRAWN", 64)
    monkeypatch.setattr(text_atlases, "bundled", few_texts)
    monkeypatch.setattr(corpora, "bundled", few_texts)
    monkeypatch.setattr(embeddings, "MAPPED", 40)


def few_texts(model: Model) -> Corpus:
    """The beginning of the stories that ship."""
    whole = bundled(model)
    return replace(whole, tokens=whole.tokens[:45], starts=np.array([0, 20, 45]))


Make = Callable[..., Any]


@pytest.fixture
def make(pictures: Pictures, tmp_path: Path) -> Make:
    def make(recipe: type[Recipe], **fields: Any) -> Any:
        asked = ANY_RECIPE.validate_python(filled(recipe, **fields))
        return asked.make(MODELS_ON_BENCH[asked.model], tmp_path, pictures, iter)

    return make


def kind(recipe: type[Recipe]) -> str:
    return recipe.model_fields["kind"].default


BY_KIND = {kind(recipe): recipe for recipe in RECIPES}


def test_kinds_are_different_and_every_recipe_says_whom_it_suits() -> None:
    assert len(BY_KIND) == len(RECIPES)
    assert {name for recipe, name, _ in suited()} == set(TINY)
    assert {recipe for recipe, _, _ in suited()} == set(RECIPES)
    assert all(recipe.suits_kind in ("vision", "language") for recipe in RECIPES)


@pytest.mark.parametrize(("recipe", "name", "site"), suited(), ids=lambda each: getattr(each, "__name__", str(each)))
def test_every_recipe_makes_an_artifact_of_every_site_it_suits(
    recipe: type[Recipe],
    name: str,
    site: str | None,
    make: Make,
    pictures: Pictures,
    quick_icons: None,
    tmp_path: Path,
) -> None:
    model = MODELS_ON_BENCH[name]
    fields = {"model": name} if site is None else {"model": name, "site": site}
    if kind(recipe) in ("atlas", "trail", "visitors"):
        fields["gallery"] = Galleries.beside(pictures).all()[-1].name
    if kind(recipe) == "text_patching":
        fields |= {"answer": 3, "against": 4}  # the likeliest is the same after both texts
    asked = recipe.model_validate(filled(recipe, **fields))
    artifact = make(recipe, **fields)
    assert ANY_ARTIFACT.validate_json(artifact.model_dump_json()) == artifact
    assert artifact.id == asked.id(model.weights)
    assert (artifact.kind, artifact.model, artifact.weights) == (kind(recipe), name, model.weights)
    assert recipe.model_validate(artifact.recipe) == asked, "post it again and this artifact is the answer"
    assert artifact.caption.endswith(".")
    assert artifact.files == [], "what lies in the folder is listed by whoever keeps it"
    check: dict[type, Callable[[Any, Model, Path], None]] = {
        ImageGrid: check_image_grid, Ranking: check_ranking, TokenGrid: check_token_grid,
        Change: check_change, Figure: check_figure, PictureList: check_picture_list,
        AtlasMap: check_atlas, PointMap: check_point_map, Visits: check_visits,
        TextMap: check_text_map, TextWay: check_text_way,
        LensGrid: check_lens_grid, Contributions: check_contributions, TextChange: check_text_change,
        ScoreMatrix: check_score_matrix, ScoreParts: check_score_parts, InductionLab: check_induction_lab,
        MatrixPass: check_matrix_pass, Sum: check_sum,
        Story: check_story, SteeredStories: check_steered_stories, FeatureShelf: check_shelf,
        UnitTexts: check_unit_texts, UnitList: check_unit_list, FiringUnits: check_firing_units,
        TokenNeighbors: check_token_neighbors, TokenMap: check_token_map,
        PositionVectors: check_position_vectors, CorpusBatch: check_corpus_batch,
    }  # fmt: skip
    check[type(artifact)](artifact, model, tmp_path)


def check_image_grid(grid: ImageGrid, model: Model, folder: Path) -> None:
    tiles = grid.sheet.file if grid.sheet else "tiles.safetensors"
    assert {file.name for file in folder.iterdir()} == {tiles} | ({grid.picture} if grid.picture else set())
    (check_sheet if grid.sheet else check_tiles)(grid, folder)
    assert grid.columns
    assert all(len(numbers) == grid.count for numbers in grid.columns.values())
    assert all(np.isfinite(numbers).all() for numbers in grid.columns.values())
    assert set(grid.units) <= set(grid.columns)
    assert grid.input_size == model.card.input_size
    if grid.picture:
        with Image.open(folder / grid.picture) as picture:
            assert picture.format == "PNG"
            assert picture.size == (grid.input_size, grid.input_size)
    if grid.field and grid.colour != "rgb":
        last = grid.field.start + (grid.height - 1) * grid.field.stride
        assert all(-grid.field.size < start < grid.input_size for start in (grid.field.start, last)), "sees a pixel"


def check_sheet(grid: ImageGrid, folder: Path) -> None:
    assert grid.sheet is not None and grid.colour == "rgb"
    with Image.open(folder / grid.sheet.file) as sheet:
        assert sheet.format == "WEBP"
        assert sheet.size == (grid.sheet.across * grid.width, -(-grid.count // grid.sheet.across) * grid.height)


def check_tiles(grid: ImageGrid, folder: Path) -> None:
    arrays = load_file(folder / "tiles.safetensors")
    colours = (3,) if grid.colour == "rgb" else ()
    assert arrays["tiles"].shape == (grid.count, grid.height, grid.width, *colours)
    assert arrays["tiles"].dtype == np.uint8
    assert set(arrays) == ({"tiles"} if colours else {"tiles", "low", "high"})
    if not colours:
        assert arrays["low"].shape == arrays["high"].shape == (grid.count,)
        assert (arrays["low"] <= 0).all()
        assert (arrays["high"] >= 0).all()
    if grid.colour == "sequential":
        assert not arrays["low"].any(), "nothing is below zero"


def check_picture_list(listed: PictureList, model: Model, folder: Path) -> None:
    arrays = {"direction.safetensors"} if listed.kind == "direction" else set()
    assert {file.name for file in folder.iterdir()} == {listed.sheet.file, *arrays}
    with Image.open(folder / listed.sheet.file) as sheet:
        assert sheet.format == "WEBP"
        rows = -(-len(listed.rows) // listed.sheet.across)
        assert sheet.size == (listed.side * listed.sheet.across, listed.side * rows)
    assert {row.group for row in listed.rows} <= set(listed.groups)
    assert all(0 <= row.number < listed.total and np.isfinite(row.value) for row in listed.rows)


def check_ranking(ranking: Ranking, model: Model, folder: Path) -> None:
    assert not list(folder.iterdir())
    assert ranking.total == len(model.labels)
    assert len(ranking.ranks) == 5
    probabilities = [rank.probability for rank in ranking.ranks]
    assert probabilities == sorted(probabilities, reverse=True)


def check_change(change: Change, model: Model, folder: Path) -> None:
    assert not list(folder.iterdir())
    assert change.total == len(model.labels)
    assert [rank.index for rank in change.before] == [rank.index for rank in change.after]
    assert [rank.label for rank in change.before] == [model.labels[rank.index] for rank in change.before]
    assert change.moved >= 0


def check_figure(figure: Figure, model: Model, folder: Path) -> None:
    assert not list(folder.iterdir())
    assert figure.panels
    for panel in figure.panels:
        places = len(panel.x) - (panel.draw == "bars")
        assert all(len(series.y) == places for series in panel.series)
        assert all(np.isfinite(series.y).all() for series in panel.series)
        assert len(panel.x_names) in (0, places)
        assert panel.x == sorted(panel.x)
        assert panel.x_label
        assert panel.y_label
    assert all(np.isfinite(list(figure.numbers.values())))


def check_atlas(atlas: AtlasMap, model: Model, folder: Path) -> None:
    files = {file for page in atlas.pages for file in (page.sheet.file, page.table)}
    assert {file.name for file in folder.iterdir()} == {"points.safetensors", *files}
    assert load_file(folder / "points.safetensors")["points"].shape == (len(dots(np.empty((atlas.samples, 2)))), 2)
    assert [page.side for page in atlas.pages] == sorted({page.side for page in atlas.pages})
    assert atlas.classes == model.labels
    for page in atlas.pages:
        assert 0 < page.cells <= page.side**2
        assert load_file(folder / page.table)["arguments"].shape == (page.cells, len(model.labels))


def check_point_map(trail: PointMap, model: Model, folder: Path) -> None:
    assert {file.name for file in folder.iterdir()} == {trail.picture}
    assert [(spot.row, spot.column) for spot in trail.points] == list(np.ndindex(trail.rows, trail.columns))
    assert all(0 <= spot.x <= 1 and 0 <= spot.y <= 1 and -1.001 <= spot.near <= 1.001 for spot in trail.points)


def check_visits(visits: Visits, model: Model, folder: Path) -> None:
    told = load_file(folder / "visits.safetensors")
    shapes = {
        "pictures": (visits.places,),
        "near": (visits.places,),
        "cells": (visits.places, 2),
        "points": (visits.places, 2),
    }
    assert {name: array.shape for name, array in told.items()} == shapes
    assert set(told["pictures"]) == set(range(visits.count))


def check_text_map(atlas: TextMap, model: Model, folder: Path) -> None:
    tables = {page.table for page in atlas.pages}
    assert {file.name for file in folder.iterdir()} == tables | {"samples.safetensors", "vocabulary.json"}
    told = load_file(folder / "samples.safetensors")
    assert told["points"].shape == (len(dots(np.empty((atlas.samples, 2)))), 2) and told["points"].dtype == np.uint16
    assert len(told["tokens"]) == told["starts"][-1] == atlas.samples + atlas.first * (len(told["starts"]) - 1)
    vocabulary = json.loads((folder / "vocabulary.json").read_bytes())
    assert vocabulary == [model.tokenizer.text_of(token) for token in range(model.card.plan["vocabulary"])]
    assert [guess.probability for guess in atlas.common] == sorted(each.probability for each in atlas.common)[::-1]
    for page in atlas.pages:
        table = load_file(folder / page.table)
        assert all(len(array) == page.cells for array in table.values())
        assert table["count"].sum() == atlas.samples, "of so few, every sample lies in a cell that is kept"
        assert table["words"].max() < len(vocabulary) and table["contexts"].max() < atlas.samples
        assert (table["contexts"][:, 0] >= 0).all() and np.isfinite(table["lifts"]).all()


def check_text_way(way: TextWay, model: Model, folder: Path) -> None:
    assert not list(folder.iterdir())
    assert way.text == TEXT and len(way.spots) == len(way.tokens)
    assert way.spots[0] is None and None not in way.spots[1:], "attention sinks into the first"
    for spot in way.spots[1:]:
        assert spot is not None
        assert 0 <= spot.x <= 1 and 0 <= spot.y <= 1 and -1.001 <= spot.near <= 1.001
        assert [guess.probability for guess in spot.says] == sorted(each.probability for each in spot.says)[::-1]


def check_token_grid(grid: TokenGrid, model: Model, folder: Path) -> None:
    assert b"".join(bytes(token.bytes) for token in grid.tokens[1:]) == grid.text.encode()
    wide = grid.text.encode("utf-16-le")
    assert b"".join(wide[2 * token.start : 2 * token.end] for token in grid.tokens) == wide
    assert grid.context == model.card.context
    if grid.heads is None:
        assert not list(folder.iterdir())
        assert grid.guesses == []
        return
    assert {file.name for file in folder.iterdir()} == {"heads.safetensors"}
    arrays = load_file(folder / "heads.safetensors")
    heads = (grid.heads.layers, grid.heads.heads)
    shapes = {
        "queries": (*heads, len(grid.tokens), grid.heads.head_width),
        "keys": (*heads, len(grid.tokens), grid.heads.head_width),
        "normalizers": (*heads, len(grid.tokens)),
        "moved": (*heads, len(grid.tokens)),
        "thumbnails": (*heads, grid.heads.side, grid.heads.side),
    }
    assert {name: array.shape for name, array in arrays.items()} == shapes
    assert len(grid.guesses) == len(grid.tokens)
    assert all(len(row) == 10 for row in grid.guesses)


def check_lens_grid(grid: LensGrid, model: Model, folder: Path) -> None:
    arrays = load_file(folder / "lens.safetensors")
    cells = (2 * model.card.plan["layers"] + 1, len(grid.tokens))
    shapes = {
        **dict.fromkeys(["tokens", "probabilities"], (*cells, 5)),
        **dict.fromkeys(["entropy", "rank", "probability"], cells),
        "truth": cells[1:],
    }
    assert {name: array.shape for name, array in arrays.items()} == shapes
    read = [stage.site for stage in grid.stages]
    assert read == [name for name in model.sites if name in read], "in the network's order"
    assert set(grid.words) == {*arrays["tokens"].flatten().tolist(), *arrays["truth"].tolist()}
    assert arrays["truth"][:-1].tolist() == [token.id for token in grid.tokens[1:]]
    assert arrays["truth"][-1] == arrays["tokens"][-1, -1, 0], "nothing follows: the network's own guess"
    assert grid.open and grid.total == len(grid.tokens)


def check_contributions(found: Contributions, model: Model, folder: Path) -> None:
    assert sum(part.value for part in found.parts) == pytest.approx(found.logit, abs=1e-4)
    assert found.total == pytest.approx(found.logit, abs=1e-4)
    assert found.position == len(found.tokens) - 1
    assert found.answer == found.candidates[0]
    layers = range(model.card.plan["layers"])
    for layer in layers:
        own = [head.value for head in found.heads if head.layer == layer]
        (whole,) = (part.value for part in found.parts if (part.part, part.layer) == ("attention", layer))
        assert sum(own) == pytest.approx(whole, abs=1e-5)
        neurons = [abs(unit.value) for unit in found.neurons if unit.layer == layer]
        assert neurons == sorted(neurons, reverse=True) and len(neurons) == 10
    (whole,) = (part.value for part in found.parts if part.part == "bias")
    assert sum(bias.value for bias in found.biases) == pytest.approx(whole, abs=1e-5)
    arrays = load_file(folder / "heads.safetensors")
    np.testing.assert_allclose(arrays["sources"].sum(-1), arrays["heads"], atol=1e-5)


def check_text_change(change: TextChange, model: Model, folder: Path) -> None:
    arrays = load_file(folder / "change.safetensors")
    assert arrays["tokens"].shape == arrays["before"].shape == (len(change.tokens), 2 * change.k)
    assert np.array_equal(arrays["before"], arrays["after"]) and not arrays["moved"].any(), "nothing was switched off"
    assert change.loss_before == change.loss_after == pytest.approx(float(arrays["loss_after"].mean()), rel=1e-5)


def check_score_matrix(matrix: ScoreMatrix, model: Model, folder: Path) -> None:
    assert {file.name for file in folder.iterdir()} == {"scores.safetensors"}
    arrays = load_file(folder / "scores.safetensors")
    assert set(arrays) == {measure.name for measure in matrix.measures}
    for measure in matrix.measures:
        values = arrays[measure.name]
        assert values.shape == (len(matrix.rows), len(matrix.columns))
        assert values.dtype == np.float32
        assert measure.low is None or (values >= measure.low - 1e-6).all()
        assert measure.high is None or (values <= measure.high + 1e-6).all()


def check_score_parts(found: ScoreParts, model: Model, folder: Path) -> None:
    arrays = load_file(folder / "parts.safetensors")
    assert arrays["components"].shape == (len(found.components), len(found.components))
    assert arrays["dimensions"].shape == (found.head_width,)
    for parts in arrays.values():
        assert parts.sum() == pytest.approx(found.score, abs=1e-4)


def check_induction_lab(lab: InductionLab, model: Model, folder: Path) -> None:
    arrays = load_file(folder / "lab.safetensors")
    heads, positions = (lab.layers, lab.heads), len(lab.tokens)
    assert positions - 2 * lab.length in (0, 1)
    assert [token.id for token in lab.tokens[-lab.length :]] == [
        token.id for token in lab.tokens[-2 * lab.length : -lab.length]
    ]
    assert {name: array.shape for name, array in arrays.items()} == {
        **dict.fromkeys(["loss", "loss_before"], (positions - 1,)),
        **dict.fromkeys(["stripe", "stripe_before", "previous", "previous_before"], heads),
        "pattern": (positions, positions),
    }
    assert lab.numbers["second"] == pytest.approx(arrays["loss"][-lab.length :].mean(), rel=1e-5)


def check_matrix_pass(passed: MatrixPass, model: Model, folder: Path) -> None:
    arrays = load_file(folder / "matrices.safetensors")
    assert set(arrays) == {matrix.name for matrix in passed.matrices}
    assert all(len(array) == passed.count for array in arrays.values())
    for matrix in passed.matrices:
        assert matrix.rows == len(passed.tokens)
        assert arrays[matrix.name].shape[1] <= matrix.columns
        assert matrix.site in model.sites
    assert len(passed.answers) == len(passed.answer_texts) == arrays["logits"].shape[1]


def check_sum(found: Sum, model: Model, folder: Path) -> None:
    arrays = load_file(folder / "terms.safetensors")
    assert {array.shape for array in arrays.values()} == {(found.count,)}
    assert found.total == pytest.approx(found.value, abs=1e-4)
    sizes = [abs(term.adds) for term in found.largest]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == pytest.approx(np.abs(arrays["adds"]).max())


def check_story(story: Story, model: Model, folder: Path) -> None:
    assert {file.name for file in folder.iterdir()} == {"next.safetensors"}
    logits = load_file(folder / "next.safetensors")["logits"]
    assert logits.shape == (model.card.plan["vocabulary"],)
    order = np.argsort(-logits, kind="stable")
    assert [each.id for each in story.following] == order[: len(story.following)].tolist()
    assert len(story.told) == 40 or story.ended != "length"
    assert len(story.tokens) + len(story.told) <= story.context
    for token in story.told:
        assert (token.id in [each.id for each in token.candidates]) == (token.rank < len(token.candidates))
        assert 0 < token.probability <= 1 and token.entropy >= 0
        assert sum(each.odds for each in token.candidates) <= 1.0001


def check_steered_stories(stories: SteeredStories, model: Model, folder: Path) -> None:
    assert not list(folder.iterdir())
    assert stories.site in model.sites
    assert stories.plain.told == stories.pushed.told, "nothing was pushed"
    assert stories.plain.perplexity == pytest.approx(stories.pushed.perplexity, rel=1e-4)


def check_shelf(shelf: FeatureShelf, model: Model, folder: Path) -> None:
    assert not list(folder.iterdir())
    assert shelf.tried <= shelf.alive <= model.site(shelf.site).shape[-1]  # pyright: ignore[reportOperatorIssue]
    assert len({each.unit for each in shelf.features}) == len(shelf.features) <= 10
    assert all(each.rate > each.plain_rate for each in shelf.features)


def check_unit_texts(page: UnitTexts, model: Model, folder: Path) -> None:
    assert not list(folder.iterdir())
    assert page.units == model.site(page.site).shape[-1]
    assert sum(page.counts) == round(page.density * page.positions)
    assert len(page.edges) == len(page.counts) + 1
    assert {row.group for row in page.contexts} <= set(page.groups)
    for row in page.contexts:
        assert len(row.tokens) == len(row.values)
        assert page.threshold < row.values[row.peak] <= page.largest * 1.001
    rises = [token.rise for token in page.raises]
    assert rises == sorted(rises, reverse=True)
    assert page.raises[-1].rise > page.lowers[-1].rise
    assert page.unit not in [other.unit for other in page.neighbors]


def check_unit_list(listed: UnitList, model: Model, folder: Path) -> None:
    counts = load_file(folder / "counts.safetensors")["counts"]
    assert len(counts) == len(listed.units) == model.site(listed.site).shape[-1]
    for row, bars in zip(listed.units, counts, strict=True):
        assert bars.sum() == round(row.density * listed.positions)
        assert (row.label.rule == "dead") == (row.density == 0) == (row.largest == 0)


def check_firing_units(found: FiringUnits, model: Model, folder: Path) -> None:
    assert len(found.fired) == len(found.count) == len(found.tokens)
    for row in found.fired:
        values = [each.value for each in row]
        assert values == sorted(values, reverse=True)
        assert all(value >= 0 for value in values)
    assert found.values == []


def check_token_neighbors(found: TokenNeighbors, model: Model, folder: Path) -> None:
    cosines = [each.cosine for each in found.neighbors]
    assert cosines == sorted(cosines, reverse=True)
    assert not {term.id for term in found.terms} & {each.id for each in found.neighbors}


def check_token_map(found: TokenMap, model: Model, folder: Path) -> None:
    points = load_file(folder / "map.safetensors")["points"]
    assert points.shape == (len(found.tokens), 2)
    assert points.dtype == np.uint16
    assert [token.id for token in found.tokens] == list(range(len(found.tokens)))


def check_position_vectors(found: PositionVectors, model: Model, folder: Path) -> None:
    arrays = load_file(folder / "positions.safetensors")
    assert arrays["vectors"].shape == (found.positions, found.width) == (model.card.context, len(found.spread))
    assert arrays["cosines"].shape == (found.positions, found.positions)
    assert arrays["cosines"].diagonal() == pytest.approx(1, abs=1e-5)


def check_corpus_batch(found: CorpusBatch, model: Model, folder: Path) -> None:
    assert all(len(row.tokens) == found.context + 1 for row in found.rows)
    for before, after in zip(found.rows, found.rows[1:], strict=False):
        assert after.start == before.start + found.context
        assert after.tokens[0] == before.tokens[-1]


def test_an_activation_map_is_what_the_network_computes(make: Make, tmp_path: Path) -> None:
    from lucarne.atlas.pictures import square
    from lucarne.atlas.vision.activations import maps

    grid = make(BY_KIND["activations"], site="conv3")
    model = MODELS_ON_BENCH["tiny_alexnet"]
    shown = square(PIXELS, 64)
    with Image.open(io.BytesIO((tmp_path / grid.picture).read_bytes())) as picture:
        assert np.array_equal(np.asarray(picture), shown)
    values = maps(model, shown, "conv3").numpy()
    arrays = load_file(tmp_path / "tiles.safetensors")
    low, high = arrays["low"][:, None, None], arrays["high"][:, None, None]
    back = low + arrays["tiles"] / 255 * (high - low)
    assert (np.abs(back - values) <= (high - low) / 509).all()
    np.testing.assert_allclose(grid.columns["max"], values.max((1, 2)), rtol=1e-6)
    np.testing.assert_allclose(grid.columns["mean"], values.mean((1, 2)), rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(grid.columns["active"], (values > 0).mean((1, 2)), rtol=1e-6)


def test_a_turned_picture_is_shown_turned(make: Make, tmp_path: Path) -> None:
    grid = make(BY_KIND["activations"], rotate=90.0)
    with Image.open(tmp_path / grid.picture) as turned:
        seen = np.asarray(turned)
    grid = make(BY_KIND["activations"])
    with Image.open(tmp_path / grid.picture) as straight:
        assert np.array_equal(seen, np.rot90(np.asarray(straight)))


def test_turning_by_nothing_is_not_turning(make: Make) -> None:
    for recipe in (BY_KIND["activations"], BY_KIND["predictions"]):
        answers = [make(recipe, rotate=degrees) for degrees in (0, 0.0, -0.0)]
        assert len({answer.id for answer in answers}) == 1
        assert answers[0] == answers[2]


def test_an_alias_makes_the_same_picture_of_the_site(make: Make) -> None:
    for recipe in (BY_KIND["kernels"], BY_KIND["activations"]):
        named, aliased = make(recipe, site="conv1"), make(recipe, site="features.0")
        assert (aliased.columns, aliased.field) == (named.columns, named.field)


def test_a_text_without_its_beginning_has_its_own_tokens_only(make: Make) -> None:
    for recipe in (BY_KIND["tokens"], BY_KIND["attention"]):
        begun, bare = make(recipe), make(recipe, begin=False)
        assert len(begun.tokens) == len(bare.tokens) + 1
        assert begun.tokens[1:] == bare.tokens
        assert (begun.tokens[0].start, begun.tokens[0].end) == (0, 0)
        assert begun.id != bare.id


def test_progress_goes_through_the_layers_and_can_stop_there(pictures: Pictures, tmp_path: Path) -> None:
    def stop(steps: Iterable[T], /) -> Iterator[T]:
        assert len(list(steps)) == 2
        raise KeyboardInterrupt
        yield

    with pytest.raises(KeyboardInterrupt):
        BY_KIND["attention"].model_validate(filled(BY_KIND["attention"])).make(
            MODELS_ON_BENCH["tiny_gpt"], tmp_path, pictures, stop
        )
    assert not list(tmp_path.iterdir())


def test_what_is_not_there_is_unknown(make: Make) -> None:
    with pytest.raises(Unknown):
        make(BY_KIND["activations"], picture="0" * 64)
    with pytest.raises(Unknown) as caught:
        make(BY_KIND["activations"], site="conv99")
    assert caught.value.field == "site"


def test_what_does_not_fit_says_which_field(make: Make) -> None:
    with pytest.raises(Unsuitable) as unsuitable:
        make(BY_KIND["kernels"], site="conv2")
    assert unsuitable.value.field == "site"
    with pytest.raises(TooMuch) as too_much:
        make(BY_KIND["attention"], text="a" * 64)
    assert (too_much.value.field, too_much.value.limit) == ("text", 63)


def test_equal_recipes_have_one_id_however_they_were_written() -> None:
    for recipe in RECIPES:
        asked = filled(recipe)
        spelt_out = recipe.model_validate(asked).model_dump()
        turned = dict(reversed(spelt_out.items()))
        ids = {
            ANY_RECIPE.validate_python(written).id("w") for written in (asked, spelt_out, turned)
        } | {ANY_RECIPE.validate_json(recipe.model_validate(asked).model_dump_json()).id("w")}  # fmt: skip
        assert len(ids) == 1
        (id,) = ids
        assert len(bytes.fromhex(id)) == 32


OTHER = {
    "model": "another", "site": "conv2", "stretch": "shared", "picture": hashlib.sha256(b"other").hexdigest(),
    "rotate": 0.5, "k": 7, "text": f"{TEXT} ", "begin": False, "seed": 1,
    "trained": 0.5, "unit": 4, "aim": "neuron", "preset": "final", "steps": 3, "size": 64, "tries": 2, "negative": True,
    "class_": 3, "method": "grad_cam", "window": 9, "stride": 3, "edits": ({"unit": 1},), "end": "writes",
    "corrupt": hashlib.sha256(b"corrupt").hexdigest(), "gallery": "other-0123456789ab",
    "a": (hashlib.sha256(b"a").hexdigest(),), "b": (hashlib.sha256(b"b").hexdigest(),),
    "layer": 1, "head": 1, "query": 1, "key": 1, "length": 3, "off": ((0, 1),), "shown": (0, 1), "first": 1, "count": 2,
    "matrix": "k", "row": 1, "column": 1,
    "forced": (5, 6), "temperature": 0.5, "top_k": 5, "top_p": 0.5, "strengths": (1.0,), "stories": 2, "mode": "add",
    "position": 1, "answer": 3, "against": 4, "other": f"{TEXT} ", "what": "heads", "most": 5,
    "corpus": "other-0123456789ab", "plus": ("a",), "minus": ("b",), "number": 1, "context": 3,
    "units": ({"site": "conv1", "unit": 0},), "apart": 2.0, "way": "deep_dream",
    "visitors": "other-0123456789ab",
}  # fmt: skip


OTHER_OF: dict[tuple[str, str], Any] = {
    ("text_ablation", "edits"): ({"part": "mlp", "layer": 0},),
    ("steering", "first"): 2,
    ("dose_response", "first"): 2,
}


@pytest.mark.parametrize("recipe", RECIPES, ids=kind)
def test_anything_that_differs_makes_another_id(recipe: type[Recipe]) -> None:
    plain = recipe.model_validate(filled(recipe))
    ids = {plain.id("weights"), plain.id("other weights")}
    others = set(recipe.model_fields) - {"kind"}
    for name in others:
        other = OTHER_OF.get((kind(recipe), name), OTHER.get(name))
        ids.add(recipe.model_validate(filled(recipe, **{name: other})).id("weights"))
    assert len(ids) == 2 + len(others)


def test_recipes_of_different_kinds_never_share_an_id() -> None:
    fields = {"model": "m", "text": "t"}
    pair = [BY_KIND[each].model_validate({"kind": each, **fields}) for each in ("tokens", "attention")]
    assert pair[0].id("w") != pair[1].id("w")


def test_texts_that_look_alike_are_different_recipes() -> None:
    recipe = BY_KIND["tokens"]
    ids = {recipe.model_validate(filled(recipe, text=text)).id("w") for text in ("é", "e\u0301", "é ", "\u200bé", "É")}
    assert len(ids) == 5


def test_a_recipe_cannot_be_changed() -> None:
    for recipe in RECIPES:
        with pytest.raises(ValidationError):
            recipe.model_validate(filled(recipe)).model = "other"


WRONG: dict[str, list[Any]] = {
    "kind": ["", "Kernels", None, 1],
    "model": ["", "x" * 201, None, 3, ["tiny_gpt"], b"tiny_gpt"],
    "site": ["", "x" * 101, None, 1, {}],
    "stretch": ["", "EACH", None, True],
    "picture": [
        "",
        "0" * 63,
        "0" * 65,
        "G" * 64,
        "0" * 63 + "\n",
        f"../{'0' * 61}",
        ("0" * 64).upper().replace("0", "A"),
        0,
    ],
    "trained": [float("nan"), float("inf"), -0.001, 1.001, "1", True, None, 10**400],
    "rotate": [float("nan"), float("inf"), -float("inf"), 180.1, -181, "0", True, None, 10**400],
    "k": [0, -1, 51, 1.0, "5", True, None, 10**30],
    "text": ["", "x" * 16385, None, 5, ["a"], b"a", "\ud800", "a\udfff"],
    "begin": [1, 0, "true", None],
    "seed": [-1, 2**32, 1.0, "1", True, None],
    "unit": [-1, 65536, 1.0, "1", True, None, 10**400],
    "aim": ["", "Channel", "pixel", None, 1],
    "preset": ["", "draft", None, True],
    "steps": [0, -1, 1025, 8.0, "8", True, 10**30],
    "size": [63, 513, 128.0, "128", None, True],
    "tries": [0, 9, 1.0, "1", None, True],
    "negative": [1, 0, "true", None],
    "gallery": ["", "Bundled", "../bundled", "-x", "x" * 81, "bundled\n", None, 3],
    "visitors": ["", "Bundled", "../bundled", None, 3],
    "a": [None, "0" * 64, ("0" * 63,), (3,), (None,), ("0" * 64,) * 201, {}],
    "b": [None, "0" * 64, ("0" * 63,), (3,), (None,), ("0" * 64,) * 201, {}],
    "class_": [-1, 65536, 1.0, "1", True, 10**400],
    "method": ["", "Grad_CAM", "saliency", None, 1],
    "window": [0, -1, 513, 8.0, "8", True],
    "stride": [0, -1, 513, 8.0, "8", True],
    "corrupt": ["", "0" * 63, "0" * 65, "G" * 64, "0" * 63 + "\n", None, 0],
    "edits": [
        None,
        {},
        "zero",
        ({},),
        ({"unit": -1},),
        ({"unit": 65536},),
        ({"unit": "1"},),
        ({"unit": 1, "action": "mute"},),
        ({"unit": 1, "value": float("nan")},),
        ({"unit": 1, "value": 1001},),
        ({"unit": 1, "extra": 0},),
        ({"unit": 1},) * 4097,
    ],
    "end": ["", "Reads", "both", None, 0],
    **{name: [-1, 1024, 1.0, "1", True, None] for name in ("layer", "head")},
    **{name: [-1, 65536, 1.0, "1", True, None] for name in ("query", "key", "row", "first")},
    "column": [-1, 1_000_001, 1.0, "1", True, None],
    "count": [0, 65, 1.0, "1", True, None],
    "length": [1, -1, 4097, 8.0, "8", True, None],
    "off": [None, {}, "00", (0, 1), ((0,),), ((0, -1),), ((0, 1, 2),), ((0, "1"),), ((0, 1),) * 1025],
    "shown": [{}, "01", (0,), (0, -1), (0, 1, 2), (0, "1"), (0, 1024)],
    "matrix": ["", "Q", "queries", None, 1],
    "position": [-1, 65536, 1.0, "1", True],
    "corpus": ["", "Bundled", "../bundled", "-x", "x" * 81, "bundled\n", None, 3],
    "plus": [None, "king", (), ("",), (3,), ("x" * 101,), ("x",) * 9, {}],
    "minus": [None, "king", ("",), (3,), ("x" * 101,), ("x",) * 9, {}],
    "number": [-1, 10**7 + 1, 1.0, "1", True, None],
    "context": [0, -1, 129, 1.0, "1", True, None],
    **{name: [-1, 2**24 + 1, 1.0, "1", True] for name in ("answer", "against")},
    "other": ["", "x" * 16385, 5, ["a"], b"a", "\ud800"],
    "what": ["", "Heads", "resid_post", None, 1],
    "most": [0, 1025, 1.0, "1", True, None],
    "forced": [None, 5, "5", {}, (-1,), ("5",), (1.0,), (True,), (None,), (10**9,), (1,) * 1025],
    "temperature": [-0.1, 10.1, 0.001, float("nan"), float("inf"), "1", True, None],
    "top_k": [-1, 10**9, 1.0, "5", True, None],
    "top_p": [0, -0.1, 1.1, float("nan"), "1", True, None],
    "strengths": [None, 1.0, "1", (), ("1",), (101,), (float("nan"),), (None,), (1.0,) * 17],
    "stories": [0, 33, 1.0, "8", True, None],
    "mode": ["", "Clamp", "ablate", None, 1],
}
WRONG_OF: dict[tuple[str, str], list[Any]] = {
    **{(kind, "length"): [-1, 1025, 8.0, "8", True, None] for kind in ("generation", "steering", "dose_response")},
    ("steering", "edits"): [
        None,
        {},
        "clamp",
        ({},),
        ({"unit": -1},),
        ({"unit": "1"},),
        ({"unit": 1, "mode": "mute"},),
        ({"unit": 1, "strength": float("nan")},),
        ({"unit": 1, "strength": 101},),
        ({"unit": 1, "extra": 0},),
        ({"unit": 1},) * 17,
    ],
    ("lens", "count"): [0, 257, 1.0, "1", True, None],
    ("text_patching", "corrupt"): WRONG["text"],
    ("text_ablation", "edits"): [
        None,
        {},
        "zero",
        ({},),
        ({"part": "mlp"},),
        ({"part": "MLP", "layer": 0},),
        ({"part": "mlp", "layer": -1},),
        ({"part": "mlp", "layer": "0"},),
        ({"part": "mlp", "layer": 0, "action": "clamp"},),
        ({"part": "mlp", "layer": 0, "position": -1},),
        ({"part": "edge", "layer": 0, "head": 0, "to": "embedding"},),
        ({"part": "mlp", "layer": 0, "extra": 0},),
        ({"part": "mlp", "layer": 0},) * 1025,
    ],
}


@pytest.mark.parametrize("recipe", RECIPES, ids=kind)
def test_nothing_is_taken_for_something_else(recipe: type[Recipe]) -> None:
    ANY_RECIPE.validate_python(filled(recipe))
    for name in recipe.model_fields:
        for value in WRONG_OF.get((kind(recipe), name), WRONG.get(name, [])):
            if value is None and recipe.model_fields[name].get_default() is None:
                continue
            with pytest.raises(ValidationError):
                ANY_RECIPE.validate_python(filled(recipe, **{name: value}))
        if recipe.model_fields[name].is_required():
            asked = filled(recipe)
            del asked[name]
            with pytest.raises(ValidationError):
                ANY_RECIPE.validate_python(asked)


@pytest.mark.parametrize("recipe", RECIPES, ids=kind)
@pytest.mark.parametrize("extra", ["seed", "Model", "id", "weights", "__class__", "model_config", ""])
def test_an_unknown_field_is_refused(recipe: type[Recipe], extra: str) -> None:
    with pytest.raises(ValidationError):
        ANY_RECIPE.validate_python(filled(recipe, **{extra: "x"}))


@pytest.mark.parametrize("body", ["", "null", "[]", "{}", '{"kind":"kernels"}', '{"kind":"kernels","model":NaN}'])
def test_a_body_that_is_no_recipe_is_refused(body: str) -> None:
    with pytest.raises(ValidationError):
        ANY_RECIPE.validate_json(body)


def test_a_recipe_suits_no_site_of_another_kind_of_network() -> None:
    for recipe in RECIPES:
        for model in MODELS_ON_BENCH.values():
            if model.kind != recipe.suits_kind:
                assert not recipe.suits(model.kind)
                assert not any(recipe.suits(model.kind, site) for site in model.sites.values())


def test_recipes_can_be_read_without_torch() -> None:
    code = "import sys, lucarne.recipes; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
