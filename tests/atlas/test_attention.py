"""What is kept of the heads, queries and keys, gives back every pattern the network computed."""

import math
from collections.abc import Iterable, Iterator
from typing import TypeVar

import pytest
import torch

from lucarne.atlas.language.attention import Attention, attention, guesses, overview
from lucarne.models import load
from lucarne.models.model import Model

T = TypeVar("T")


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_gpt", device="cpu")


@pytest.fixture(scope="module", params=[1, 2, 40, 64], ids="{} tokens".format)
def tokens(request: pytest.FixtureRequest) -> torch.Tensor:
    return torch.randint(257, (request.param,), generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def attended(model: Model, tokens: torch.Tensor) -> Attention:
    return attention(model, tokens)


def test_every_head_of_every_layer_is_kept(attended: Attention, tokens: torch.Tensor) -> None:
    assert attended.shape == (2, 3, len(tokens), 8)
    for layer in range(2):
        assert attended.queries(layer).shape == attended.keys(layer).shape == (3, len(tokens), 8)
        assert attended.queries(layer).dtype == attended.keys(layer).dtype == torch.float32
    assert attended.logits.shape == (len(tokens), 257)
    assert attended.logits.dtype == torch.float32


def test_queries_and_keys_are_those_of_the_pass(attended: Attention, model: Model, tokens: torch.Tensor) -> None:
    for layer in range(2):
        sites = [f"blocks.{layer}.attn.hook_{part}" for part in "qk"]
        seen = model.look(tokens[None], *sites)
        for made, site in zip((attended.queries, attended.keys), sites, strict=True):
            torch.testing.assert_close(made(layer), seen[site][0].transpose(0, 1), rtol=0, atol=1e-5)
            for head in range(3):
                torch.testing.assert_close(made(layer, head), made(layer)[head], rtol=0, atol=1e-6)
            torch.testing.assert_close(made(layer, slice(1, 3)), made(layer)[1:], rtol=0, atol=1e-6)


def test_what_is_kept_is_a_third_of_queries_keys_and_values(attended: Attention) -> None:
    layers, heads, positions, d_head = attended.shape
    kept = sum(stream.untyped_storage().nbytes() for stream in attended.streams)
    assert kept == 4 * layers * heads * positions * d_head


def test_patterns_and_scores_are_those_the_network_computes(
    attended: Attention, model: Model, tokens: torch.Tensor
) -> None:
    for layer in range(2):
        sites = [f"blocks.{layer}.attn.hook_{what}" for what in ("pattern", "attn_scores")]
        seen = model.look(tokens[None], *sites)
        for kept, site in zip((attended.pattern(layer), attended.scores(layer)), sites, strict=True):
            torch.testing.assert_close(kept, seen[site][0], rtol=0, atol=1e-5)
        for head in range(3):
            torch.testing.assert_close(attended.pattern(layer, head), attended.pattern(layer)[head])


def test_logits_are_those_of_the_plain_pass(attended: Attention, model: Model, tokens: torch.Tensor) -> None:
    assert torch.equal(attended.logits, model(tokens[None])[0])


def test_every_row_of_a_pattern_adds_up_to_one_and_looks_back_only(attended: Attention) -> None:
    for layer in range(2):
        pattern = attended.pattern(layer)
        torch.testing.assert_close(pattern.sum(-1), torch.ones(pattern.shape[:2]))
        assert not pattern.triu(1).any()
        ahead = torch.ones(pattern.shape[1:], dtype=torch.bool).triu(1)
        assert (attended.scores(layer)[:, ahead] == -torch.inf).all()
        assert attended.scores(layer)[:, ~ahead].isfinite().all()
        assert pattern[:, 0, 0].tolist() == [1.0] * 3


def test_normalizers_turn_scores_into_patterns(attended: Attention) -> None:
    glance = overview(attended)
    assert glance.normalizers.shape == attended.shape[:3]
    for layer in range(2):
        scores = attended.queries(layer) @ attended.keys(layer).transpose(1, 2) / math.sqrt(8)
        pattern = (scores - glance.normalizers[layer][..., None]).exp().tril()
        torch.testing.assert_close(pattern, attended.pattern(layer), rtol=0, atol=1e-6)


def test_thumbnails_are_patterns_averaged_down(attended: Attention) -> None:
    positions = attended.shape[2]
    for side in (1, 8, 32):
        glance = overview(attended, side)
        shown = min(side, positions)
        assert glance.thumbnails.shape == (2, 3, shown, shown)
        assert glance.thumbnails.dtype == torch.uint8
        assert (glance.thumbnails.amax((2, 3)) == 255).all()
        for layer in range(2):
            pattern = attended.pattern(layer)
            if positions % shown == 0:
                cell = positions // shown
                small = pattern.reshape(3, shown, cell, shown, cell).mean((2, 4))
                expected = 255 * small / small.amax((1, 2), keepdim=True)
                assert (glance.thumbnails[layer].float() - expected).abs().max() <= 0.51


def test_the_overview_can_be_stopped_between_two_layers(attended: Attention) -> None:
    steps = []

    def progress(layers: Iterable[T], /) -> Iterator[T]:
        for layer in layers:
            steps.append(layer)
            yield layer
            if len(steps) == 1:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        overview(attended, progress=progress)
    assert steps == [0]


def test_guesses_are_the_likeliest_next_tokens_best_first(attended: Attention, model: Model) -> None:
    odds = attended.logits.double().softmax(-1)
    for k, count in ((1, 1), (5, 5), (1000, 257)):
        rows = guesses(model, attended.logits, k)
        assert len(rows) == len(odds)
        for position, row in enumerate(rows):
            assert len(row) == count
            probabilities = [probability for _, _, probability in row]
            assert probabilities == sorted(probabilities, reverse=True)
            assert probabilities == pytest.approx(odds[position].topk(count).values.tolist(), abs=1e-6)
            for token, text, probability in row:
                assert probability == pytest.approx(odds[position, token].item(), abs=1e-6)
                assert text == model.tokenizer.text_of(token)
    assert sum(probability for _, _, probability in guesses(model, attended.logits, 257)[0]) == pytest.approx(
        1, abs=1e-5
    )
