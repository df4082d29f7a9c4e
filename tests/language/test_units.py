"""The index of a corpus and what a unit's page says: true of the network, the same after kill -9, and named by rule."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import torch

from lucarne.atlas import arrays
from lucarne.atlas.language import indexing, units
from lucarne.atlas.language.corpora import Corpus, bundled
from lucarne.atlas.language.index import ARRAYS, ship, shipped
from lucarne.atlas.language.indexing import BINS, TOP, Index, check_unit, identity, index, read, sites_of, threshold_of
from lucarne.models import load
from lucarne.models.errors import Unknown, Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.model import Model
from tests.shipped import with_dictionary

T = TypeVar("T")
NEURONS, FEATURES = "blocks.1.mlp.hook_post", "blocks.1.hook_resid_pre.features"


def tiny() -> Model:
    return with_dictionary(load("tiny_gpt", device="cpu"), "blocks.1.hook_resid_pre")


def some(model: Model, documents: int = 30) -> Corpus:
    """The first hundred tokens of some of the stories that ship."""
    whole = bundled(model)
    pieces = [whole.tokens[whole.starts[i] : whole.starts[i] + 100] for i in range(documents)]
    return replace(whole, tokens=np.concatenate(pieces), starts=np.cumsum([0, *map(len, pieces)]))


@pytest.fixture(scope="module")
def model() -> Model:
    return tiny()


@pytest.fixture(scope="module")
def corpus(model: Model) -> Corpus:
    return some(model)


@pytest.fixture(scope="module")
def found(model: Model, corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Index:
    return index(model, corpus, tmp_path_factory.mktemp("index") / "i.safetensors")


def same(one: Index, other: Index) -> bool:
    return one.positions == other.positions and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ARRAYS
    )


# ── the index ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_every_layer_and_every_dictionary_is_indexed(found: Index, model: Model, corpus: Corpus) -> None:
    assert list(found.sites) == ["blocks.0.mlp.hook_post", FEATURES, NEURONS]
    assert found.positions == len(corpus), "the begin token is none of the corpus"
    for site, count in found.sites.items():
        assert found.of(site).top.shape == (count, TOP)
    with pytest.raises(KeyError):
        found.of("logits")


def test_histogram_density_and_tenths_belong_together(found: Index) -> None:
    assert np.array_equal(found.counts.sum(1), found.active)
    assert found.counts.shape[1] == BINS
    assert (found.density <= 1).all()
    silent = found.active == 0
    assert np.array_equal(silent, found.top[:, 0] < 0)
    assert (found.tenths[silent] < 0).all()
    loud = found.tenths[~silent]
    assert (loud[:, 9] >= 0).any(1).all(), "the largest answer lies in the highest tenth"
    assert (np.diff(found.values.astype(np.float32), axis=1) <= 0).all()


def test_what_is_read_at_once_changes_nothing(
    found: Index, model: Model, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "AT_ONCE", 1)  # a window at a time
    alone = index(model, corpus, tmp_path / "i.safetensors")
    assert np.array_equal(alone.active, found.active)
    assert np.allclose(alone.values.astype(float), found.values.astype(float), atol=2e-3)
    assert (alone.top == found.top).mean() > 0.99


def test_a_finished_index_is_read_and_not_made(model: Model, corpus: Corpus, tmp_path: Path) -> None:
    file = tmp_path / "i.safetensors"
    first = index(model, corpus, file)

    def never(steps: Iterable[T], /) -> Iterable[T]:
        raise AssertionError("it was made again")

    assert same(index(model, corpus, file, never), first)
    other = replace(corpus, tokens=corpus.tokens[::-1].copy())
    assert read(file, identity(model, other)) is None
    assert not same(index(model, other, file), first)
    file.write_bytes(file.read_bytes()[:100])
    assert same(index(model, corpus, file), first)


def test_an_index_goes_on_where_it_was_stopped(
    found: Index, model: Model, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "EVERY", 0.0)
    seen: list[int] = []

    def stop(steps: Iterable[T], /) -> Iterator[T]:
        for step in steps:
            seen.append(int(str(step)))
            if len(seen) % 5 == 0:
                raise KeyboardInterrupt
            yield step

    monkeypatch.setattr(indexing, "AT_ONCE", 64 * 500)
    whole = index(model, corpus, tmp_path / "whole.safetensors")
    again = None
    while again is None:
        with suppress(KeyboardInterrupt):
            again = index(model, corpus, tmp_path / "i.safetensors", stop)
    assert len(seen) > 8, "it was stopped in between"
    assert max(seen.count(step) for step in seen) <= 2
    assert same(again, whole)


KILLED = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
import torch
torch.set_num_threads(1)
from lucarne.atlas.language import indexing
from tests.language.test_units import some, tiny
indexing.AT_ONCE, indexing.EVERY = 64 * 500, 0.0
model = tiny()

def told(steps):
    for step in steps:
        print(step, flush=True)
        yield step

indexing.index(model, some(model), Path({file!r}), told)
"""


def test_kill_9_changes_nothing(model: Model, corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "AT_ONCE", 64 * 500)
    whole = index(model, corpus, tmp_path / "whole.safetensors")
    file = tmp_path / "killed.safetensors"
    begun: list[int] = []
    for lines in (7, 30):
        script = KILLED.format(root=str(Path(__file__).parents[2]), file=str(file))
        process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        steps = [int(process.stdout.readline()) for _ in range(lines)]
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
        begun.append(steps[0])
        assert not file.exists()
    assert begun[0] == 0
    assert begun[1] >= 6, "it went on where it was"
    assert same(index(model, corpus, file), whole)


def test_what_ships_is_read_as_it_was_made(found: Index, model: Model, tmp_path: Path) -> None:
    ship(found, "said", tmp_path / "i.npz")
    with np.load(tmp_path / "i.npz", allow_pickle=False) as kept:
        for name in ARRAYS:
            array, read = getattr(found, name), arrays.together(kept, name)
            assert np.array_equal(read, array)
            assert read.dtype == array.dtype
    assert shipped(model) is None, "none ships of random weights"


# ── the page ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("site", [NEURONS, FEATURES])
def test_contexts_are_texts_of_the_corpus_with_what_the_unit_answers(
    site: str, found: Index, model: Model, corpus: Corpus
) -> None:
    own = found.of(site)
    unit = int(own.active.argmax())
    rows = units.contexts(model, site, unit, own, corpus, 12)
    tops = [row for row in rows if row.group == "top"]
    assert [row.place for row in tops] == own.top[unit, :12].tolist()
    largest = float(own.values[unit, 0])
    for row in rows:
        assert corpus.tokens[row.place] == row.tokens[row.peak]
        assert corpus.starts[row.document] <= row.place < corpus.starts[row.document + 1]
        value = float(row.values[row.peak])
        assert value > threshold_of(site)
        if row.group != "top":
            tenth = int(row.group.removeprefix("decile "))
            assert tenth / 10 - 1e-2 <= value / largest <= (tenth + 1) / 10 + 1e-2
    begin, end = corpus.spans(64)[3]
    window = corpus.window(begin, end)
    said = model.look(window[None], site)[site][0, :, unit]
    for row in rows:
        if begin <= row.place < end:
            assert float(row.values[row.peak]) == pytest.approx(float(said[row.place - begin + 1]), abs=1e-4)


def test_what_a_unit_writes_is_what_the_end_of_the_network_hears(model: Model) -> None:
    network = model.network
    assert isinstance(network, GPT)
    written = units.directions(model, NEURONS)
    assert torch.equal(written[5], network.get_parameter("h.1.mlp.c_proj.weight")[:, 5])
    rise = units.rises(model, written[[5]])[0]
    assert float(rise.mean()) == pytest.approx(0, abs=1e-5)
    # a small push along it at the end of the stream, the norm's scale held: logits move in proportion
    stream = torch.randn(24, generator=torch.Generator().manual_seed(0))
    scale = stream.std(correction=0)

    def logits(value: torch.Tensor) -> torch.Tensor:
        return ((value - value.mean()) / scale * network.ln_f.weight + network.ln_f.bias) @ network.wte.weight.t()

    moved = (logits(stream + 1e-2 * written[5]) - logits(stream)) * scale / 1e-2
    torch.testing.assert_close(moved - moved.mean(), rise, atol=1e-3, rtol=1e-3)


def test_neighbors_write_nearly_the_same(model: Model) -> None:
    written = units.directions(model, FEATURES)
    near = units.neighbors(model, FEATURES, 3)
    assert near[0][1] >= near[-1][1]
    assert 3 not in [unit for unit, _ in near]
    unit, cosine = near[0]
    assert cosine == pytest.approx(float(torch.cosine_similarity(written[3], written[unit], dim=0)), abs=1e-5)


def test_a_unit_is_named_by_what_its_contexts_agree_on_or_by_what_it_writes() -> None:
    assert units.label_of([(7, 3.0), (8, 1.0), (7, 1.0)], 99) == ("reads", 7)
    assert units.label_of([(7, 1.0), (8, 1.0), (9, 1.0)], 99) == ("writes", 99)
    assert units.label_of([(7, 1.0), (8, 1.0)], 99) == ("reads", 7), "half is enough; of equal ones the first token"
    assert units.label_of([], 99) == ("dead", -1)


def test_firing_is_what_the_network_says_loudest_first(model: Model) -> None:
    tokens = np.array([256, 72, 105, 33])
    answers = units.firing(model, FEATURES, tokens)
    assert torch.equal(answers, model.look(tokens[None], FEATURES)[FEATURES][0])
    for row, answer in zip(units.loudest(answers, 5), answers, strict=True):
        best = answer.topk(5).values
        assert [value for _, value in row] == best[best > 0].tolist()
        assert all(float(answer[unit]) == value for unit, value in row)


def test_what_is_no_unit_is_refused_by_name(model: Model) -> None:
    with pytest.raises(Unknown):
        check_unit(model, "blocks.9.mlp.hook_post", 0)
    with pytest.raises(Unsuitable, match="no units with pages"):
        check_unit(model, "blocks.1.mlp.hook_pre", 0)
    with pytest.raises(Unsuitable, match="48 units") as caught:
        check_unit(model, NEURONS, 48)
    assert caught.value.field == "unit"
    with pytest.raises(Unsuitable):
        sites_of(load("tiny_alexnet", device="cpu"))
