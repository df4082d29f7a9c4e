"""What our GPT writes with its cache is what Hugging Face's writes with theirs, from the same seed."""

from typing import Any

import pytest
import torch

from lucarne.atlas.language.generation import Sampling, Writer
from lucarne.models.gpt import GPT

Pair = tuple[Any, Any, torch.Tensor]
WAYS = [
    Sampling(), Sampling(0.7), Sampling(top_k=5), Sampling(top_p=0.5), Sampling(1.3, 40, 0.8), Sampling(0.9, 3, 0.3),
]  # fmt: skip


@torch.inference_mode()
def test_logits_with_and_without_a_cache_are_theirs(pair: Pair) -> None:
    theirs, ours, tokens = pair
    assert isinstance(ours.network, GPT)
    expected = theirs(tokens).logits
    writer = Writer(ours.network, [0, 0], tokens.shape[1])
    first = writer.read(tokens[:, :10], 10)
    parts = [first, *(writer.read(tokens[:, at : at + 1]) for at in range(10, tokens.shape[1]))]
    torch.testing.assert_close(torch.cat(parts, 1), expected, rtol=0, atol=1e-4)
    torch.testing.assert_close(ours.network(tokens), expected, rtol=0, atol=1e-4)
    past = theirs(tokens[:, :10], use_cache=True).past_key_values
    cached = theirs(tokens[:, 10:11], past_key_values=past, use_cache=True).logits
    torch.testing.assert_close(parts[1], cached, rtol=0, atol=1e-4)


@pytest.mark.parametrize("sampling", WAYS, ids=str)
def test_odds_are_theirs(sampling: Sampling) -> None:
    from transformers import LogitsProcessorList, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

    logits = 3 * torch.randn(8, 500, generator=torch.Generator().manual_seed(0))
    logits[:, 7] = logits[:, 8]  # two as likely as each other
    warpers = LogitsProcessorList([TemperatureLogitsWarper(float(sampling.temperature))])
    if sampling.top_k:
        warpers.append(TopKLogitsWarper(sampling.top_k))
    if sampling.top_p < 1:
        warpers.append(TopPLogitsWarper(sampling.top_p))
    expected = warpers(torch.zeros(8, 1, dtype=torch.long), logits).softmax(-1)  # pyright: ignore[reportArgumentType]
    torch.testing.assert_close(sampling.odds(logits), expected, rtol=0, atol=0)


@pytest.mark.parametrize("sampling", WAYS, ids=str)
@torch.inference_mode()
def test_one_seed_draws_what_theirs_draws(small: Pair, sampling: Sampling) -> None:
    theirs, ours, tokens = small
    prompt = tokens[:1, :8]
    for seed in (0, 1):
        torch.manual_seed(seed)
        told = theirs.generate(
            prompt, attention_mask=torch.ones_like(prompt), do_sample=True, max_new_tokens=20, pad_token_id=0,
            temperature=float(sampling.temperature), top_k=sampling.top_k, top_p=sampling.top_p,
        )[0, 8:].tolist()  # fmt: skip
        writer = Writer(ours.network, [seed], 28)
        writer.read(prompt)
        drawn: list[int] = []
        for _ in told:
            token = writer.draw(sampling)
            drawn.append(int(token))
            writer.read(token[:, None])
        assert drawn == told


@torch.inference_mode()
def test_the_likeliest_tokens_are_theirs(small: Pair) -> None:
    theirs, ours, tokens = small
    prompt = tokens[:1, :8]
    told = theirs.generate(
        prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=20, pad_token_id=0
    )[0, 8:].tolist()
    writer = Writer(ours.network, [0], 28)
    writer.read(prompt)
    drawn: list[int] = []
    for _ in told:
        token = writer.draw(Sampling(temperature=0))
        drawn.append(int(token))
        writer.read(token[:, None])
    assert drawn == told
