"""Scores of attention heads, on patterns whose scores are known and on a network built to do what they measure."""

import pytest
import torch
from torch import Tensor

from lucarne.models.gpt import GPT, Plan
from lucarne.models.heads import head_scores, patterns, said_twice, scores

PLAN = Plan(vocabulary=50, context=64, layers=3, heads=2, width=16, hidden=32)


def looking(back: int, count: int) -> Tensor:
    """A pattern that puts all attention `back` places before each token, on the first where there is none."""
    pattern = torch.zeros(count, count)
    for query in range(count):
        pattern[query, max(0, query - back)] = 1
    return pattern


@pytest.mark.parametrize("begin", [0, 1])
@pytest.mark.parametrize("length", [2, 5, 12])
def test_heads_that_do_one_thing_score_one_there_and_nothing_elsewhere(length: int, begin: int) -> None:
    count = 2 * length + begin
    heads = torch.stack([looking(1, count), looking(length - 1, count), looking(0, count)])
    found = scores(heads[None, None].expand(4, 2, -1, -1, -1), length)  # four texts, two layers, three heads
    assert found.previous_token.shape == found.induction.shape == (2, 3)
    for layer in range(2):
        assert found.previous_token[layer, 0] == pytest.approx(1)
        assert found.induction[layer, 1] == pytest.approx(1)
        assert found.previous_token[layer, 2] == found.induction[layer, 2] == 0
        if length > 2:
            assert found.induction[layer, 0] == 0
            assert found.previous_token[layer, 1] < 0.5, "only where it is cut off at the first token"


def test_an_even_head_scores_what_chance_gives() -> None:
    count = 41
    even = torch.ones(count, count).tril() / torch.arange(1, count + 1)[:, None]
    found = scores(even[None, None, None], 20)
    assert found.previous_token.item() == pytest.approx((1 / torch.arange(2, count + 1)).mean().item())
    assert found.induction.item() == pytest.approx((1 / torch.arange(22, count + 1)).mean().item())


def test_what_is_said_twice_is_said_twice_behind_the_beginning() -> None:
    tokens = said_twice(50, 7, count=3)
    assert tokens.shape == (3, 15) and tokens.dtype == torch.int64
    assert (tokens[:, 0] == 0).all()
    assert torch.equal(tokens[:, 1:8], tokens[:, 8:])
    assert tokens[:, 1:].min() > 0
    assert len({tuple(row) for row in tokens.tolist()}) == 3
    assert torch.equal(tokens, said_twice(50, 7, count=3))
    assert not torch.equal(tokens, said_twice(50, 7, count=3, seed=1))
    assert said_twice(50, 7, begin=None).shape == (8, 14)


def test_patterns_are_those_the_network_uses() -> None:
    torch.manual_seed(0)
    network = GPT(PLAN).eval()
    tokens = said_twice(50, 5, count=2)
    found = patterns(network, tokens)
    assert found.shape == (2, 3, 2, 11, 11)
    torch.testing.assert_close(found.sum(-1), torch.ones(2, 3, 2, 11))
    with torch.inference_mode(), network.tap.watch("blocks.1.attn.hook_pattern") as seen:
        network(tokens)
    torch.testing.assert_close(found[:, 1], seen["blocks.1.attn.hook_pattern"])


def test_a_network_is_scored_within_its_context() -> None:
    torch.manual_seed(0)
    found = head_scores(GPT(PLAN).eval(), length=500, seeds=(0, 1))
    assert found.induction.shape == (3, 2)
    assert ((found.induction >= 0) & (found.induction <= 1)).all()
