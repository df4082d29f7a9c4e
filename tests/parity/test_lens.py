"""The lens, who argued, and what is said without a head, beside Hugging Face and TransformerLens: ≤ 1e-4."""

import copy
from typing import Any

import pytest
import torch

from lucarne.atlas.language.ablation import ablation
from lucarne.atlas.language.direct_logits import direct_logits
from lucarne.atlas.language.interventions import Cut
from lucarne.atlas.language.lens import lens
from lucarne.atlas.language.patching import patching

Pair = tuple[Any, Any, torch.Tensor]
ANSWER, RIVAL = 17, 40
EXACT = {"rtol": 0, "atol": 1e-4}


@pytest.fixture(scope="module")
def bridge(small: Pair) -> Any:
    from transformer_lens.model_bridge.sources._bridge_builder import build_bridge_from_module

    network = copy.deepcopy(small[0])  # a bridge rebuilds what it is given
    return build_bridge_from_module(network, "GPT2LMHeadModel", hf_config=network.config, model_name="random")


@pytest.fixture(scope="module")
def cached(bridge: Any, small: Pair) -> Any:
    with torch.inference_mode():
        return bridge.run_with_cache(small[2][:1])


def test_the_lens_reads_hidden_states_as_their_last_layer_does(pair: Pair) -> None:
    theirs, ours, tokens = pair
    read = lens(ours, tokens[0], k=5)
    with torch.inference_mode():
        states = theirs(tokens[:1], output_hidden_states=True).hidden_states[:-1]  # the last has the norm in it
        for stage, state in zip(range(0, len(read.tokens), 2), states, strict=False):
            odds = theirs.lm_head(theirs.transformer.ln_f(state))[0].softmax(-1)  # (position, vocabulary)
            torch.testing.assert_close(read.probabilities[stage], odds.topk(5).values, **EXACT)
            follows = tokens[0, 1:, None]
            torch.testing.assert_close(read.probability[stage, :-1], odds[:-1].gather(1, follows)[:, 0], **EXACT)
        said = theirs(tokens[:1]).logits[0].softmax(-1)
    torch.testing.assert_close(read.probabilities[-1], said.topk(5).values, **EXACT)


def test_each_stage_is_what_their_hooks_hold(small: Pair, cached: Any) -> None:
    theirs, ours, tokens = small
    read = lens(ours, tokens[0], k=3)
    with torch.inference_mode():
        for layer in range(3):
            for stage, name in ((2 * layer + 1, "resid_mid"), (2 * layer + 2, "resid_post")):
                stream = cached[1][f"blocks.{layer}.hook_{name}"]
                odds = theirs.lm_head(theirs.transformer.ln_f(stream))[0].softmax(-1)
                torch.testing.assert_close(read.probabilities[stage], odds.topk(3).values, **EXACT)


@pytest.mark.parametrize("against", [None, RIVAL])
def test_every_part_adds_what_their_scaled_stack_says(small: Pair, cached: Any, against: int | None) -> None:
    theirs, ours, tokens = small
    position, cache = 20, cached[1]
    found = direct_logits(ours, tokens[0], position, ANSWER, against)
    unembed = theirs.lm_head.weight.detach()
    wanted = unembed[ANSWER] - (0 if against is None else unembed[against])  # (width,)
    norm, blocks = theirs.transformer.ln_f, theirs.transformer.h

    def adds(parts: torch.Tensor) -> torch.Tensor:
        """Of vectors (part, width): centred and divided by the cached scale, as `apply_ln_to_stack` does."""
        centred = parts - parts.mean(-1, keepdim=True)
        scaled = centred / cache["ln_final.hook_scale"][0, position]
        return (scaled * norm.weight) @ wanted

    with torch.inference_mode():
        vectors = torch.stack(
            [cache["hook_embed"][0, position], cache["hook_pos_embed"].expand(1, 30, -1)[0, position]]
        )
        torch.testing.assert_close(torch.tensor([found.token, found.place]), adds(vectors), **EXACT)
        for layer, block in enumerate(blocks):
            z = cache[f"blocks.{layer}.attn.hook_z"][0, position]  # (head, d_head)
            heads = torch.einsum("hd,hdw->hw", z, block.attn.c_proj.weight.view(3, 8, -1))  # (head, width)
            torch.testing.assert_close(found.heads[layer], adds(heads), **EXACT)
            neurons = cache[f"blocks.{layer}.mlp.hook_post"][0, position][:, None] * block.mlp.c_proj.weight
            torch.testing.assert_close(found.neurons[layer], adds(neurons), **EXACT)
            whole = torch.stack([cache[f"blocks.{layer}.hook_{name}"][0, position] for name in ("attn_out", "mlp_out")])
            ours_whole = torch.stack(
                [
                    found.heads[layer].sum() + found.attention_biases[layer],
                    found.neurons[layer].sum() + found.mlp_biases[layer],
                ]
            )
            torch.testing.assert_close(ours_whole, adds(whole), **EXACT)
        logits = theirs(tokens[:1]).logits[0, position]
    assert found.norm_bias == pytest.approx((norm.bias @ wanted).item(), abs=1e-4)
    said = logits[ANSWER] - (0 if against is None else logits[against])
    assert found.total == pytest.approx(said.item(), abs=1e-4)


def test_a_head_that_is_off_changes_what_their_hook_changes(small: Pair, bridge: Any) -> None:
    _, ours, tokens = small

    def without_second_head(z: torch.Tensor, hook: object = None) -> torch.Tensor:
        z = z.clone()
        z.view(1, 30, 3, 8)[:, :, 1] = 0
        return z

    with torch.inference_mode():
        plain = bridge(tokens[:1])[0].log_softmax(-1)
        edited = bridge.run_with_hooks(tokens[:1], fwd_hooks=[("blocks.1.attn.hook_z", without_second_head)])[0]
    edited = edited.log_softmax(-1)
    found = ablation(ours, tokens[0], [Cut("head", 1, head=1)], k=5)
    torch.testing.assert_close(found.after, edited.exp().gather(1, found.tokens.long()), **EXACT)
    torch.testing.assert_close(found.moved, (edited.exp() * (edited - plain)).sum(-1), **EXACT)
    losses = -edited[torch.arange(29), tokens[0, 1:]]
    torch.testing.assert_close(found.loss_after, losses, **EXACT)
    assert found.moved.max() > 1e-3


@pytest.mark.parametrize("what", ["resid_pre", "attn_out", "mlp_out", "heads"])
def test_patching_brings_back_what_their_hooks_bring_back(small: Pair, bridge: Any, what: Any) -> None:
    _, ours, tokens = small
    clean = tokens[0]
    corrupt = torch.cat([clean[:11], tokens[1, 11:12], clean[12:]])
    found = patching(ours, clean, corrupt, what, ANSWER, RIVAL)

    def difference(logits: torch.Tensor) -> float:
        return float(logits[0, -1, ANSWER] - logits[0, -1, RIVAL])

    with torch.inference_mode():
        logits, cache = bridge.run_with_cache(clean[None])
        best, worst = difference(logits), difference(bridge(corrupt[None]))
        for layer in range(3):
            site = f"blocks.{layer}." + ("attn.hook_z" if what == "heads" else f"hook_{what}")
            for column in (0, 1, 2) if what == "heads" else (0, 11, 12, 29):

                def swap(
                    value: torch.Tensor, hook: object = None, column: int = column, site: str = site
                ) -> torch.Tensor:
                    value = value.clone()
                    if what == "heads":
                        value.view(1, 30, 3, 8)[:, :, column] = cache[site].view(1, 30, 3, 8)[:, :, column]
                    else:
                        value[:, column] = cache[site][:, column]
                    return value

                patched = difference(bridge.run_with_hooks(corrupt[None], fwd_hooks=[(site, swap)]))
                wanted = (patched - worst) / (best - worst)
                assert found.parts[layer, column].item() == pytest.approx(wanted, abs=1e-4 / min(1, abs(best - worst)))
