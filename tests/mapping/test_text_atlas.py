"""An atlas of texts: samples that see what they should, cells that are read as words, a build that can be cut off."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from lucarne.atlas.language.corpora import Corpus, bundled
from lucarne.atlas.mapping import positions as sampling
from lucarne.atlas.mapping import text_atlas as mapping
from lucarne.atlas.mapping.bundled import Packed
from lucarne.atlas.mapping.grid import gridded, undrawn
from lucarne.atlas.mapping.layout import FEW, Manner
from lucarne.atlas.mapping.packing import record
from lucarne.atlas.mapping.placing import PLACING
from lucarne.atlas.mapping.positions import look, places
from lucarne.atlas.mapping.text_packing import SAMPLES, pack, recorded
from lucarne.atlas.mapping.trails import trail
from lucarne.atlas.mapping.words import ALIKE, lens, typical, words
from lucarne.models import load
from lucarne.models.errors import Unsuitable, WeightsDamaged
from lucarne.models.gpt import GPT
from lucarne.models.model import Model

SITE = "blocks.1.hook_resid_pre"
MANNER = Manner(neighbours=10, epochs=20)


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_gpt", device="cpu")


def corpus_of(lengths: list[int], begin: int | None = 256) -> Corpus:
    tokens = np.random.default_rng(0).integers(97, 117, sum(lengths))
    return Corpus("toy", "Toys", "", tokens, np.cumsum([0, *lengths]), begin)


def test_every_token_is_a_sample_but_the_one_attention_sinks_into() -> None:
    begun, bare = (places(corpus_of([5, 1, 9], begin), 6) for begin in (256, None))
    assert begun.starts.tolist() == [0, 5, 6, 11, 15], "a long document is cut where the network can read no more"
    assert begun.at.tolist() == list(range(15)), "the token documents begin with is no part of them"
    assert bare.starts.tolist() == [0, 5, 11, 14], "a document of one token has no sample"
    assert bare.at.tolist() == [1, 2, 3, 4, 6, 7, 8, 9, 10, 12, 13]


def test_of_too_many_positions_whole_stretches_are_taken_in_their_order() -> None:
    corpus = corpus_of([4] * 50)
    some = places(corpus, 64, seed=1, most=41)
    assert len(some.at) == 44, "until there are enough"
    whole = corpus.tokens.reshape(50, 4)
    numbers = [np.flatnonzero((whole == each).all(1))[0] for each in some.tokens.reshape(-1, 4)]
    assert numbers == sorted(numbers)
    assert numbers != list(range(11)), "as chance has it"
    assert len(places(corpus, 64, most=9999).at) == 200
    with pytest.raises(Unsuitable, match="no text"):
        places(corpus_of([]), 64)


def test_a_sample_is_what_the_network_says_there(model: Model, tmp_path: Path) -> None:
    sampled = places(corpus_of([20, 90, 3]), 64)
    found = look(model, SITE, sampled, tmp_path)
    assert len(found) == 113
    for start, end in zip(sampled.starts[:-1], sampled.starts[1:], strict=True):
        read = torch.tensor([[256, *sampled.tokens[start:end]]])
        with model.watch(SITE) as seen:
            odds = model(read)[0].softmax(-1)
        assert np.allclose(found.vectors[start:end], seen[SITE][0, 1:], atol=1e-5)
        assert np.allclose(found.entropies[start:end], -(odds * odds.log()).sum(-1)[1:], atol=1e-4)


def test_what_was_read_before_is_not_read_again(model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths = [20, 30, 25]
    before = look(model, SITE, places(corpus_of(lengths), 64), tmp_path)
    read: list[int] = []
    real = sampling._read

    def counted(model: Model, site: str, sampled: sampling.Places, stretches: np.ndarray):  # noqa: ANN202
        read.extend(stretches.tolist())
        return real(model, site, sampled, stretches)

    monkeypatch.setattr(sampling, "_read", counted)
    corpus = corpus_of(lengths)
    more = replace(corpus, tokens=np.append(corpus.tokens, [99, 98]), starts=np.append(corpus.starts, 77))
    after = look(model, SITE, places(more, 64), tmp_path)
    assert read == [3], "only the document that is new"
    assert np.array_equal(after.vectors[:75], before.vectors)


def test_tokens_ahead_change_nothing_and_those_before_do() -> None:
    one, other, third = (
        places(Corpus("", "", "", np.array(tokens), np.array([0, 3]), 256), 64).keys(0)
        for tokens in ([1, 2, 3], [1, 2, 9], [9, 2, 3])
    )
    assert (one[:2] == other[:2]).all() and not (one[2] == other[2]).all()
    assert not (one[1:] == third[1:]).all(1).any(), "the same token after another is another sample"


def test_a_cell_is_read_with_the_networks_own_last_layer(model: Model) -> None:
    vectors = np.random.default_rng(1).normal(size=(7, 24)).astype(np.float32)
    network = model.network
    assert isinstance(network, GPT)
    stream = torch.from_numpy(vectors)
    centred = stream - stream.mean(-1, keepdim=True)
    normal = centred / (centred.square().mean(-1, keepdim=True) + network.plan.epsilon).sqrt()
    logits = (normal * network.ln_f.weight + network.ln_f.bias) @ network.wte.weight.T
    assert np.allclose(lens(model, vectors), logits.log_softmax(-1), atol=1e-4)
    odds = logits.softmax(-1).numpy()
    found = words(model, vectors[1:], vectors[0], 5)
    for cell in range(6):
        weight = odds[cell + 1] * np.log(odds[cell + 1] / odds[0])
        assert found.tokens[cell].tolist() == np.argsort(-weight)[:5].tolist()
        assert np.allclose(found.odds[cell], odds[cell + 1][found.tokens[cell]], atol=1e-4)
        assert np.allclose(found.odds[cell] * found.lifts[cell], np.sort(weight)[::-1][:5], atol=1e-4)
    assert np.allclose(words(model, vectors[:1], vectors[0]).lifts, 0), "what all have in common is left out"


def test_contexts_are_those_most_like_the_mean_and_differ() -> None:
    random = np.random.default_rng(2)
    vectors = random.normal(size=(60, 8)).astype(np.float32)
    tokens = np.concatenate([np.tile([5, 6, 7, 8, 9], 6), random.integers(10, 99, 30)])
    grid = gridded(random.uniform(size=(60, 2)).astype(np.float32), 1, 1)
    (shown,) = typical(vectors, grid, tokens, np.arange(60), 60)
    mean = vectors.mean(0)
    cosines = vectors @ mean / np.linalg.norm(vectors, axis=1)
    named = shown[shown >= 0]
    assert named[0] == cosines.argmax() and (np.diff(cosines[named]) <= 0).all()
    ends = [tuple(tokens[max(0, at + 1 - ALIKE) : at + 1]) for at in named]
    assert len(set(ends)) == len(ends) < 60


def test_grids_double_as_far_as_there_are_samples() -> None:
    assert mapping.sides_for(100_000) == mapping.SIDES
    assert mapping.sides_for(4) == (1,)
    assert mapping.sides_for(2000) == (5, 10, 20)


def test_only_the_stream_can_be_read_as_words(model: Model, tmp_path: Path) -> None:
    for site in ("hook_embed", "blocks.0.mlp.hook_post", "blocks.0.hook_attn_out"):
        with pytest.raises(Unsuitable, match="residual stream"):
            mapping.build(model, site, corpus_of([9]), tmp_path)


def packed_in(folder: Path, model: Model, atlas: mapping.TextAtlas) -> Packed:
    folder.mkdir()
    pages = [vars(page) for page in pack(atlas, folder)]
    record(folder, **recorded(model, atlas, "Toys"), pages=pages)
    return Packed(folder, json.loads((folder / "atlas.json").read_bytes()))


def test_what_is_packed_places_its_own_cells_and_is_refused_where_it_is_damaged(model: Model, tmp_path: Path) -> None:
    atlas = mapping.build(model, SITE, corpus_of([30, 10]), tmp_path / "work", sides=(2, 4))
    assert len(atlas.positions) < FEW
    packed = packed_in(tmp_path / "packed", model, atlas)
    middles = (atlas.grids[-1].cells + 0.5) / 4
    points, near = packed.placed(atlas.means[-1])
    alone = ~np.isnan(near)
    assert near[alone].min() > 0.99 and np.median(np.abs(points - middles)) < 0.25
    way = trail(model, packed, [256, 97, 98], 3)
    assert len(way) == 2 and trail(model, packed, [256], 3) == []
    stream = model.look(torch.tensor([[256, 97, 98]]), SITE)[SITE][0, 1:].numpy()
    assert [says[0][0] for *_, says in way] == lens(model, stream).argmax(-1).tolist()
    (packed.folder / PLACING).write_bytes(b"no tensors")
    with pytest.raises(WeightsDamaged, match="placing"):
        packed.placed(stream)


def test_shares_can_be_counted_from_what_is_packed(model: Model, tmp_path: Path) -> None:
    """The page finds the samples of a cell by the points alone: none may have moved over a border on its way."""
    atlas = mapping.build(model, SITE, corpus_of([60, 60, 60]), tmp_path / "work", sides=(3, 7), manner=MANNER)
    packed = packed_in(tmp_path / "packed", model, atlas)
    points = load_file(packed.folder / SAMPLES)["points"].astype(np.float32) / np.float32(65535)
    for grid in atlas.grids:
        inside = np.minimum((points * np.float32(grid.side)).astype(int), grid.side - 1)
        for cell, where in enumerate(grid.cells):
            assert set(np.flatnonzero((inside == where).all(1) & undrawn(points))) == set(grid.of(cell).tolist())


class Cut(Exception):
    """Power fails."""


@pytest.mark.parametrize("lengths", [[20, 10, 5], [60, 60, 60]], ids=["few", "many"])
def test_a_build_that_is_cut_off_anywhere_ends_the_same(
    lengths: list[int], model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sampling, "TOGETHER", 16)

    def build(folder: Path, cut: int | None = None) -> mapping.TextAtlas:
        steps = 0

        def progress(each):  # noqa: ANN001, ANN202
            nonlocal steps
            for one in each:
                steps += 1
                if steps == cut:
                    raise Cut
                yield one

        return mapping.build(model, SITE, corpus_of(lengths), folder, sides=(2, 4), manner=MANNER, progress=progress)

    packed_in(tmp_path / "whole", model, build(tmp_path / "a"))
    blocks = -(-sum(lengths) // 16)
    with pytest.raises(Cut):
        build(tmp_path / "b", 2)  # among the samples
    assert len(list((tmp_path / "b" / "samples").iterdir())) == 1
    with pytest.raises(Cut):
        build(tmp_path / "b", blocks)  # where the rest of them was read: among the neighbours, or the words
    packed_in(tmp_path / "cut", model, build(tmp_path / "b"))
    assert {file.name: file.read_bytes() for file in (tmp_path / "whole").iterdir()} == {
        file.name: file.read_bytes() for file in (tmp_path / "cut").iterdir()
    }


def test_the_stories_that_ship_can_be_mapped(model: Model, tmp_path: Path) -> None:
    whole = bundled(model)
    few = replace(whole, tokens=whole.tokens[:40], starts=np.array([0, 40]))
    atlas = mapping.build(model, SITE, few, tmp_path)
    assert len(atlas.positions) == 40
