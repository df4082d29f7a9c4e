"""Corpora: what ships, what somebody brings, the windows a network reads, and how a network writes its own."""

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from lucarne.atlas.language import corpora, write
from lucarne.atlas.language.corpora import Corpus, bundled, documents_in, documents_of, of_texts, record, texts
from lucarne.atlas.language.stream import batch, stream
from lucarne.models import load
from lucarne.models.errors import Unsuitable, WeightsDamaged, WeightsMissing
from lucarne.models.gpt import GPT
from lucarne.models.model import Model


@pytest.fixture(scope="module")
def tiny() -> Model:
    return load("tiny_gpt", device="cpu")


@pytest.fixture
def corpus(tiny: Model) -> Corpus:
    return of_texts(tiny, "own", "Own", "Mine.", ["a short one", "b" * 200, "", "the last"])


def test_every_bundled_reader_has_texts_of_its_own_in_its_vocabulary() -> None:
    for name in ("gpt", "shakespeare"):
        model = load(name, device="cpu")
        corpus = bundled(model)
        assert (corpus.name, corpus.title) == ("bundled", record(name)["title"])
        assert len(corpus) == record(name)["tokens"] >= 120_000
        assert corpus.documents == record(name)["documents"]
        assert 0 <= corpus.tokens.min() <= corpus.tokens.max() < model.card.plan["vocabulary"]
        assert np.diff(corpus.starts).min() > 0
        assert np.diff(corpus.starts).max() < (model.card.context or 0)
        assert bundled(model) is corpus, "read once"


def test_what_ships_is_small() -> None:
    for file in corpora.BUNDLED.glob("*.safetensors"):
        assert file.stat().st_size <= 300_000
    for file in corpora.BUNDLED.glob("*-index.npz"):
        assert file.stat().st_size <= 1_572_864


def test_a_model_with_another_vocabulary_reads_the_same_stories(tiny: Model) -> None:
    read = bundled(tiny)
    told = texts("gpt")
    assert read.documents == len(told)
    for number in (0, 7, read.documents - 1):
        own = read.tokens[read.starts[number] : read.starts[number + 1]]
        assert b"".join(tiny.tokenizer.bytes_of(int(token)) for token in own).decode() == told[number]


def test_a_corpus_is_for_who_reads() -> None:
    with pytest.raises(Unsuitable, match="pictures"):
        bundled(load("tiny_alexnet", device="cpu"))


def test_texts_in_another_vocabulary_are_refused(tiny: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpora, "BUNDLED", tmp_path)
    monkeypatch.setattr(corpora, "_kept", {})
    with pytest.raises(WeightsMissing, match="write gpt"):
        bundled(tiny)
    write.ship(tiny, tmp_path, tokens=300)
    assert len(bundled(tiny)) >= 300
    told = json.loads((tmp_path / "tiny_gpt.json").read_text())
    (tmp_path / "tiny_gpt.json").write_text(json.dumps({**told, "vocabulary": "0" * 64}))
    monkeypatch.setattr(corpora, "_kept", {})
    with pytest.raises(WeightsDamaged, match="write tiny_gpt"):
        bundled(tiny)


def test_windows_cross_no_document_and_begin_as_the_network_was_taught(corpus: Corpus) -> None:
    windows = list(corpus.windows(64))
    assert all(window[0] == corpus.begin for window in windows)
    assert [len(window) for window in windows] == [12, 64, 64, 64, 12, 9]
    assert np.concatenate([window[1:] for window in windows]).tolist() == corpus.tokens.tolist()
    for start, end in corpus.spans(64):
        document = np.searchsorted(corpus.starts, start, side="right")
        assert end <= corpus.starts[document]
    bare = replace(corpus, begin=None)
    assert np.concatenate(list(bare.windows(64))).tolist() == corpus.tokens.tolist()
    assert next(bare.windows(64))[0] == corpus.tokens[0]
    with pytest.raises(Unsuitable):
        corpus.spans(1)


def test_a_fingerprint_changes_with_every_token_and_every_border(corpus: Corpus) -> None:
    others = [
        replace(corpus, tokens=np.where(np.arange(len(corpus)) == 3, 7, corpus.tokens)),
        replace(corpus, starts=np.array([0, *corpus.starts[2:]])),
        replace(corpus, begin=None),
    ]
    assert len({each.fingerprint for each in [corpus, *others]}) == 4
    assert replace(corpus, title="Other").fingerprint == corpus.fingerprint


def test_documents_are_parted_by_lines_or_by_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one\n<|endoftext|>\n\n two \nlines\n<|endoftext|>\n", encoding="utf-8")
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep/b.txt").write_text("\ufeffthree says <|endoftext|> inside", encoding="utf-8")
    (tmp_path / "c.md").write_text("not read")
    assert list(documents_in(tmp_path)) == ["one", "two \nlines", "three says <|endoftext|> inside"]
    assert list(documents_in(tmp_path / "a.txt")) == ["one", "two \nlines"]
    for wrong in (tmp_path / "c.md", tmp_path / "nowhere.txt"):
        with pytest.raises(Unsuitable, match="txt"):
            list(documents_in(wrong))
    with pytest.raises(Unsuitable, match="UTF-8"):
        list(documents_of(b"\xff\xfe\x00"))
    with pytest.raises(Unsuitable, match="NUL"):
        list(documents_of(b"a\0b"))


def test_a_network_writes_the_same_from_the_same_seed_and_what_it_would_say(tiny: Model) -> None:
    first, starts = write.write(tiny, tokens=200, seed=1, rows=4)
    again, _ = write.write(tiny, tokens=200, seed=1, rows=4)
    other, _ = write.write(tiny, tokens=200, seed=2, rows=4)
    assert np.array_equal(first, again)
    assert not np.array_equal(first[:50], other[:50])
    assert np.diff(starts).max() <= 63
    assert tiny.tokenizer.end not in first
    network = tiny.network
    assert isinstance(network, GPT)
    random = torch.Generator().manual_seed(1)
    assert tiny.tokenizer.end is not None
    begun = torch.full((4, 1), tiny.tokenizer.end)
    odds = (network(begun)[:, -1] / write.TEMPERATURE).softmax(-1)
    drawn = torch.multinomial(odds, 1, generator=random)[:, 0].tolist()
    begins = [int(first[start]) for start in starts[:-1]]
    assert begins[: len([each for each in drawn if each != tiny.tokenizer.end])] == [
        each for each in drawn if each != tiny.tokenizer.end
    ]


def test_a_batch_is_context_and_the_same_shifted_by_one(corpus: Corpus) -> None:
    whole = stream(corpus)
    assert len(whole) == len(corpus) + corpus.documents
    assert [int(whole[i]) for i in (0, 12)] == [corpus.begin] * 2, "before every document"
    seen = []
    first = batch(corpus, 0, 3, 16)
    for number in range(first.batches):
        found = batch(corpus, number, 3, 16)
        assert np.array_equal(found.contexts[:, 1:], found.targets[:, :-1])
        seen.append(found.contexts.reshape(-1))
    assert np.concatenate(seen).tolist() == whole[: len(np.concatenate(seen))].tolist()
    assert len(np.concatenate(seen)) > len(whole) - 17
    with pytest.raises(Unsuitable, match=f"{first.batches} batches"):
        batch(corpus, first.batches, 3, 16)
    with pytest.raises(Unsuitable, match="too few"):
        batch(corpus, 0, 1, 5000)
    assert np.array_equal(stream(replace(corpus, begin=None)), corpus.tokens)


def test_corpora_are_listed_without_torch() -> None:
    import subprocess

    code = "import sys, lucarne.corpora, lucarne.atlas.language.index; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
