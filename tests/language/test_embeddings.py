"""The vectors of tokens and positions: neighbours, sums of words, the map."""

import numpy as np
import pytest
import torch

from lucarne.atlas.language import embeddings
from lucarne.atlas.language.embeddings import Term, embedding_map, nearest, positions, token_of, vectors_of
from lucarne.models import load
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model


@pytest.fixture(scope="module")
def tiny() -> Model:
    return load("tiny_gpt", device="cpu")


def test_the_terms_of_a_sum_are_left_out_of_its_answer(tiny: Model) -> None:
    terms = [Term(1, 5), Term(-1, 6), Term(1, 7)]
    found = nearest(tiny, terms, 254)
    assert len(found) == 254
    assert not {5, 6, 7} & {token for token, _ in found}
    assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)


def test_each_term_of_a_sum_counts_with_length_one(tiny: Model) -> None:
    vectors = vectors_of(tiny)
    units = vectors / vectors.norm(dim=1, keepdim=True)
    wanted = units[5] - units[6] + units[7]
    token, cosine = nearest(tiny, [Term(1, 5), Term(-1, 6), Term(1, 7)], 1)[0]
    assert cosine == pytest.approx(float(torch.cosine_similarity(vectors[token], wanted, dim=0)), abs=1e-5)


def test_a_sum_of_nothing_is_refused(tiny: Model) -> None:
    with pytest.raises(Unsuitable):
        nearest(tiny, [], 3)
    with pytest.raises(Unsuitable, match="cancel") as caught:
        nearest(tiny, [Term(1, 5), Term(-1, 5)], 3)
    assert caught.value.field == "minus"


def test_a_word_is_the_token_behind_a_space_where_there_is_one(tiny: Model) -> None:
    gpt = load("gpt", device="cpu")
    (behind,) = gpt.tokenizer.ids(" the")
    assert token_of(gpt, "the", "plus") == behind
    assert token_of(gpt, " the", "plus") == behind
    assert token_of(gpt, f"#{behind}", "plus") == behind
    assert token_of(tiny, "a", "plus") == 97, "bytes know no words"
    assert token_of(tiny, "#", "plus") == 35
    with pytest.raises(Unsuitable, match="no token of its own but 4: k·i·n·g") as caught:
        token_of(tiny, "king", "minus")
    assert caught.value.field == "minus"
    with pytest.raises(Unsuitable, match="257 tokens"):
        token_of(tiny, "#257", "plus")


def test_the_map_is_the_same_for_the_same_seed_and_lies_within_bounds(
    tiny: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embeddings, "MAPPED", 40)
    first, again = embedding_map(tiny), embedding_map(tiny)
    assert np.array_equal(first.points, again.points)
    assert first.points.shape == (40, 2)
    assert first.points.min() >= 0
    assert first.points.max() <= 1
    assert first.counts[ord("\n")] > 0, "how often each stands in the stories"


def test_positions_are_the_networks_own(tiny: Model) -> None:
    found = positions(tiny)
    assert found.vectors.shape == (64, 24)
    assert torch.equal(found.vectors, tiny.network.get_parameter("wpe.weight"))
    assert float(found.cosines.diagonal().min()) == pytest.approx(1, abs=1e-5)
    with pytest.raises(Unsuitable, match="no vectors of tokens"):
        positions(load("tiny_alexnet", device="cpu"))
