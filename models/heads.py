"""What attention heads do, measured where it can be known: on random tokens said twice.

Olsson et al.: "In-context Learning and Induction Heads", 2022, section "Mechanistic view" and its appendix on
head-activation evaluators. Random tokens cannot be guessed from one another: what a head finds again, it has found by
looking.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lucarne.models.gpt import GPT


@dataclass(frozen=True)
class HeadScores:
    """Mean attention of every head to one kind of place, each 0…1, (layer, head)."""

    previous_token: Tensor  # to the token just before
    induction: Tensor  # in the second saying, to the token that followed the same token in the first


def said_twice(vocabulary: int, length: int, count: int = 8, begin: int | None = 0, seed: int = 0) -> Tensor:
    """`count` sequences of `length` random tokens, each said twice, behind `begin` if there is one.

    int64 (count, 2 × length + 1), or (count, 2 × length) without a beginning.
    """
    random = torch.Generator().manual_seed(seed)
    once = torch.randint(0 if begin is None else 1, vocabulary, (count, length), generator=random)
    start = [] if begin is None else [torch.full((count, 1), begin)]
    return torch.cat([*start, once, once], dim=1)


@torch.inference_mode()
def patterns(network: GPT, tokens: Tensor) -> Tensor:
    """Every head's attention pattern, (batch, layer, head, query, key), for int64 tokens (batch, position)."""
    sites = [f"blocks.{layer}.attn.hook_pattern" for layer in range(network.plan.layers)]
    with network.tap.watch(*sites, stop=True) as seen:
        network(tokens.to(network.wte.weight.device))
    return torch.stack([seen[site] for site in sites], dim=1).float().cpu()


def scores(pattern: Tensor, length: int) -> HeadScores:
    """The scores of patterns (batch, layer, head, query, key) on tokens that were said twice, `length` each time."""
    previous = pattern.diagonal(-1, -2, -1)  # (batch, layer, head, query - 1)
    again = pattern.diagonal(1 - length, -2, -1)[..., -length:]  # (batch, layer, head, length): the second saying
    return HeadScores(previous.mean((0, -1)), again.mean((0, -1)))


def head_scores(network: GPT, length: int = 50, seeds: Sequence[int] = (0,), begin: int | None = 0) -> HeadScores:
    """Scores of every head over eight sequences a seed; `length` at most half the context."""
    length = min(length, (network.plan.context - 1) // 2)
    tokens = torch.cat([said_twice(network.plan.vocabulary, length, begin=begin, seed=seed) for seed in seeds])
    return scores(patterns(network, tokens), length)
