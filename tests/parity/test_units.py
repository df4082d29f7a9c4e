"""Units of texts beside what numpy and scikit-learn say: top contexts, features by hand, neighbours of tokens."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity

from lucarne.atlas.language import indexing
from lucarne.atlas.language.corpora import Corpus, bundled
from lucarne.atlas.language.embeddings import Term, nearest, vectors_of
from lucarne.atlas.language.indexing import NEURON, index
from lucarne.atlas.language.units import firing
from lucarne.models import load
from lucarne.models.dictionary import load_dictionary
from lucarne.models.model import Model


@pytest.fixture(scope="module")
def gpt() -> Model:
    return load("gpt", device="cpu")


def few(model: Model, documents: int) -> Corpus:
    whole = bundled(model)
    starts = whole.starts[: documents + 1]
    return replace(whole, tokens=whole.tokens[: starts[-1]], starts=starts)


def test_top_contexts_are_those_of_a_pass_over_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = load("tiny_gpt", device="cpu")
    corpus = few(model, 12)
    monkeypatch.setattr(indexing, "AT_ONCE", 64 * 400)
    found = index(model, corpus, tmp_path / "i.safetensors")
    site = "blocks.0.mlp.hook_post"
    own = found.of(site)
    answers = np.full((len(corpus), own.top.shape[0]), -np.inf, np.float32)  # (tokens, units)
    best: list[np.ndarray] = []  # of each window the place of each unit's largest answer
    for start, end in corpus.spans(64):
        assert corpus.begin is not None
        window = np.concatenate([np.array([corpus.begin]), corpus.tokens[start:end]])
        answers[start:end] = model.look(window[None], site)[site][0, 1:].numpy()
        best.append(start + answers[start:end].argmax(0))
    for unit in range(0, own.top.shape[0], 5):
        active = answers[:, unit] > NEURON
        assert abs(int(own.active[unit]) - active.sum()) <= 1
        peaks = sorted((places[unit] for places in best), key=lambda place: -answers[place, unit])
        peaks = [int(place) for place in peaks if answers[place, unit] > NEURON][: own.top.shape[1]]
        shown = own.top[unit][own.top[unit] >= 0].tolist()
        assert len(shown) == len(peaks)
        np.testing.assert_allclose(answers[shown, unit], answers[peaks, unit], atol=1e-4)
        np.testing.assert_allclose(own.values[unit, : len(shown)], answers[peaks, unit], rtol=2e-3, atol=1e-3)
        counts, _ = np.histogram(answers[active, unit], bins=32, range=(0, float(answers[:, unit].max())))
        assert np.abs(counts.astype(int) - own.counts[unit].astype(int)).sum() <= 4, "but for values on an edge"


def test_features_are_what_the_encoder_says_by_hand(gpt: Model) -> None:
    site = "blocks.3.hook_resid_pre"
    tokens = np.array([gpt.tokenizer.end, *gpt.tokenizer.ids("Once upon a time, there was a king.")])
    said = firing(gpt, f"{site}.features", tokens)  # (position, features)
    dictionary = load_dictionary("gpt", site)
    value = gpt.look(tokens[None], site)[site][0].numpy().astype(np.float64)
    weight, bias = (each.detach().numpy().astype(np.float64) for each in dictionary.encoder.parameters())
    before = (value - dictionary.centre.detach().numpy()) @ weight.T + bias
    least = np.sort(before, axis=1)[:, -dictionary.active][:, None]
    by_hand = np.where(before >= least, np.maximum(before, 0), 0)
    np.testing.assert_allclose(said.numpy(), by_hand, atol=1e-3)


def test_neighbors_of_a_token_are_scikit_learns(gpt: Model) -> None:
    vectors = vectors_of(gpt).numpy()
    (token,) = gpt.tokenizer.ids(" king")
    cosines = cosine_similarity(vectors[[token]], vectors)[0]
    cosines[token] = -np.inf
    found = nearest(gpt, [Term(1, token)], 20)
    assert [near for near, _ in found] == np.argsort(-cosines, kind="stable")[:20].tolist()
    np.testing.assert_allclose([cosine for _, cosine in found], np.sort(cosines)[::-1][:20], atol=1e-5)
