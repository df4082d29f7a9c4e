"""Scores, patterns and what is moved, beside TransformerLens' cache of the same network; its detectors beside ours."""

import copy
from typing import Any

import pytest
import torch

from lucarne.atlas.language.attention import attention
from lucarne.atlas.language.head_metrics import measured
from lucarne.atlas.language.head_score import head_score

Pair = tuple[Any, Any, torch.Tensor]


@pytest.fixture(scope="module")
def cached(small: Pair) -> dict[str, torch.Tensor]:
    from transformer_lens.model_bridge.sources._bridge_builder import build_bridge_from_module

    theirs, _, tokens = small
    network = copy.deepcopy(theirs)  # a bridge rebuilds what it is given
    bridge = build_bridge_from_module(network, "GPT2LMHeadModel", hf_config=network.config, model_name="random")
    with torch.inference_mode():
        ran: Any = bridge.run_with_cache(tokens[:1])
    return dict(ran[1].items())


def test_scores_patterns_and_what_is_moved_are_theirs(small: Pair, cached: dict[str, torch.Tensor]) -> None:
    theirs, ours, tokens = small
    attended = attention(ours, tokens[0])
    behind = torch.ones(30, 30, dtype=torch.bool).tril()
    for layer in range(3):
        scores, pattern, values = (
            cached[f"blocks.{layer}.attn.{hook}"][0] for hook in ("hook_attn_scores", "hook_pattern", "hook_v")
        )
        torch.testing.assert_close(attended.scores(layer)[:, behind], scores[:, behind], rtol=0, atol=1e-4)
        torch.testing.assert_close(attended.pattern(layer), pattern, rtol=0, atol=1e-4)
        out = theirs.transformer.h[layer].attn.c_proj.weight.detach().reshape(3, 8, -1)  # (head, d_head, width)
        written = torch.einsum("phd,hdw->hpw", values, out)  # (head, position, width)
        moved = (pattern[..., None] * written[:, None]).norm(dim=-1)  # (head, query, key)
        torch.testing.assert_close(attended.weighted(layer), moved, rtol=0, atol=1e-4)


def test_a_score_taken_apart_comes_to_theirs(small: Pair, cached: dict[str, torch.Tensor]) -> None:
    _, ours, tokens = small
    for layer in range(3):
        theirs = cached[f"blocks.{layer}.attn.hook_attn_scores"][0, 1, 20, 7].item()
        found = head_score(ours, tokens[0], layer, 1, 20, 7)
        assert found.components.sum().item() == pytest.approx(theirs, abs=1e-4)
        assert found.dimensions.sum().item() == pytest.approx(theirs, abs=1e-4)


def test_a_head_is_what_their_detector_takes_it_for(small: Pair, cached: dict[str, torch.Tensor]) -> None:
    """Their score is the part of all attention that falls on the pattern they draw; ours leaves some queries out."""
    from transformer_lens.head_detector import (
        get_duplicate_token_head_detection_pattern,
        get_induction_head_detection_pattern,
        get_previous_token_head_detection_pattern,
    )

    tokens = torch.tensor([[5, *range(10, 20), *range(10, 20)]])
    _, ours, _ = small
    pattern = attention(ours, tokens[0]).pattern(2)  # (head, query, key)
    found = measured(pattern, tokens[0])
    previous, duplicate, induction = (
        (pattern * torch.as_tensor(draw(tokens)).float()).sum((1, 2))
        for draw in (
            get_previous_token_head_detection_pattern,
            get_duplicate_token_head_detection_pattern,
            get_induction_head_detection_pattern,
        )
    )
    torch.testing.assert_close(found["previous_token"] * 20, previous, rtol=0, atol=1e-4)
    torch.testing.assert_close(found["duplicate_token"] * 10, duplicate, rtol=0, atol=1e-4)
    torch.testing.assert_close(found["induction"] * 10, induction, rtol=0, atol=1e-4)
