"""What must hold of an artifact of each shape and of its files, whatever recipe made it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from safetensors.numpy import load_file

from lucarne.artifact import AtlasMap, Change, Figure, ImageGrid, PictureList, PointMap, Ranking, Visits
from lucarne.artifact_embeddings import CorpusBatch, PositionVectors, TokenMap, TokenNeighbors
from lucarne.artifact_heads import InductionLab, MatrixPass, ScoreParts, Sum
from lucarne.artifact_lens import Contributions, LensGrid, TextChange
from lucarne.artifact_story import FeatureShelf, SteeredStories, Story
from lucarne.artifact_text import ScoreMatrix, TokenGrid
from lucarne.artifact_text_atlas import TextMap, TextWay
from lucarne.artifact_units import FiringUnits, UnitList, UnitTexts
from lucarne.atlas.mapping.packing import dots
from lucarne.models.model import Model

from .bench import TEXT


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


CHECKS: dict[type, Callable[[Any, Model, Path], None]] = {
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
