"""Every site of the GPT that TransformerLens has too holds, under the same name, what its hook sees: ≤ 1e-4."""

import copy
from typing import Any

import pytest
import torch

Pair = tuple[Any, Any, torch.Tensor]

OWN_NAMES = {"logits": "unembed.hook_out"}


@pytest.fixture(scope="module")
def cached(pair: Pair) -> dict[str, torch.Tensor]:
    """What TransformerLens caches of the same network, its weights as they are (nothing folded, nothing centred)."""
    from transformer_lens.model_bridge.sources._bridge_builder import build_bridge_from_module

    theirs, _, tokens = pair
    network = copy.deepcopy(theirs)  # a bridge rebuilds what it is given
    bridge = build_bridge_from_module(network, "GPT2LMHeadModel", hf_config=network.config, model_name="random")
    with torch.inference_mode():
        ran: Any = bridge.run_with_cache(tokens)
    return dict(ran[1].items())


def test_every_site_holds_what_their_hook_of_that_name_sees(pair: Pair, cached: dict[str, torch.Tensor]) -> None:
    _, ours, tokens = pair
    seen = ours.look(tokens, *ours.sites)
    assert set(seen) == set(ours.sites)
    for name, value in seen.items():
        theirs = cached[OWN_NAMES.get(name) or name]
        assert value.shape == theirs.shape, name
        if name.endswith("hook_attn_scores"):  # ahead is -inf here and the least float there
            ahead = torch.ones(value.shape[-2:], dtype=torch.bool).triu(1)
            assert (value.masked_select(ahead) == -torch.inf).all()
            assert (theirs.masked_select(ahead) < -1e30).all()
            value, theirs = value.masked_fill(ahead, 0), theirs.masked_fill(ahead, 0)
        torch.testing.assert_close(value, theirs, rtol=0, atol=1e-4, msg=lambda said, name=name: f"{name}: {said}")


def test_no_hook_that_people_know_is_missing(pair: Pair) -> None:
    _, ours, _ = pair
    last = ours.card.plan["layers"] - 1
    block = [
        "ln1.hook_scale", "ln1.hook_normalized", "attn.hook_q", "attn.hook_k", "attn.hook_v", "attn.hook_attn_scores",
        "attn.hook_pattern", "attn.hook_z", "ln2.hook_scale", "ln2.hook_normalized", "mlp.hook_pre", "mlp.hook_post",
        "hook_resid_pre", "hook_attn_out", "hook_resid_mid", "hook_mlp_out", "hook_resid_post",
    ]  # fmt: skip
    known = {f"blocks.{layer}.{name}" for layer in range(last + 1) for name in block}
    known |= {"hook_embed", "hook_pos_embed", "ln_final.hook_scale", "ln_final.hook_normalized", "logits"}
    assert set(ours.sites) == known


def test_an_edit_is_their_hook(small: Pair) -> None:
    from transformer_lens.model_bridge.sources._bridge_builder import build_bridge_from_module

    theirs, ours, tokens = small
    network = copy.deepcopy(theirs)
    bridge = build_bridge_from_module(network, "GPT2LMHeadModel", hf_config=network.config, model_name="random")

    def without_second_head(pattern: torch.Tensor, hook: object = None) -> torch.Tensor:
        pattern = pattern.clone()
        pattern[:, 1] = 0
        return pattern

    site = "blocks.1.attn.hook_pattern"
    with torch.inference_mode():
        expected = bridge.run_with_hooks(tokens, fwd_hooks=[(site, without_second_head)])
    with ours.edit({site: without_second_head}):
        edited = ours(tokens)
    torch.testing.assert_close(edited, expected, rtol=0, atol=1e-4)
    assert (edited - ours(tokens)).abs().max() > 1e-3
