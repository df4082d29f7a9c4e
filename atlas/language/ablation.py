"""What a GPT says of a text when parts of it are switched off, position by position."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lucarne.atlas.language.interventions import Cut, check, edits, sites
from lucarne.models.errors import Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.model import Model

ROWS = 64  # positions whose odds are in memory at a time


@dataclass(frozen=True)
class Changed:
    """What is said at each position before and after.

    Of the 2k columns the first k are the likeliest before, the next k the likeliest after; a token can be in both.
    """

    tokens: Tensor  # int32 (position, 2k)
    before: Tensor  # float32 (position, 2k): probabilities
    after: Tensor  # float32 (position, 2k)
    moved: Tensor  # float32 (position,): Kullback-Leibler divergence of after from before, nats
    loss_before: Tensor  # float32 (position - 1,): nats, of the token that follows
    loss_after: Tensor  # float32 (position - 1,)


@torch.inference_mode()
def ablation(model: Model, tokens: Tensor, cuts: Sequence[Cut], k: int = 5, other: Tensor | None = None) -> Changed:
    """The guesses for int64 tokens (position,) with all parts on, and with some off.

    `other` are the tokens to resample from, at least as many. Raises Unsuitable for a part that is not there, or where
    `other` is too short.
    """
    network = model.network
    assert isinstance(network, GPT)
    check(cuts, network, len(tokens))
    where = sites(cuts)
    with model.watch(*where) as usual:
        plain = model(tokens[None])[0]  # (position, vocabulary)
    elsewhere: dict[str, Tensor] = {}
    resampled = sites(cut for cut in cuts if cut.action == "resample")
    if resampled:
        assert other is not None
        if len(other) < len(tokens):
            detail = f"The other text is {len(other)} tokens long, this one {len(tokens)}: give one at least as long."
            raise Unsuitable(detail, field="other")
        elsewhere = model.look(other[None, : len(tokens)], *resampled)
    with model.edit(edits(network, cuts, usual, elsewhere)):
        edited = model(tokens[None])[0]  # (position, vocabulary)
    return compared(plain, edited, tokens.to(plain.device), k)


def compared(plain: Tensor, edited: Tensor, tokens: Tensor, k: int) -> Changed:
    """Two runs' logits (position, vocabulary) beside each other, over tokens (position,)."""
    k, following = min(k, plain.shape[-1]), torch.cat([tokens[1:], tokens[:1]])  # behind the last follows nothing
    parts = zip(plain.split(ROWS), edited.split(ROWS), following.split(ROWS), strict=True)
    rows = [_compared(then.float(), now.float(), truth, k) for then, now, truth in parts]
    best, before, after, moved, lost, loses = (torch.cat(each).cpu() for each in zip(*rows, strict=True))
    return Changed(best, before, after, moved, lost[:-1], loses[:-1])


def _compared(plain: Tensor, edited: Tensor, truth: Tensor, k: int) -> tuple[Tensor, ...]:
    then, now = plain.log_softmax(-1), edited.log_softmax(-1)  # (position, vocabulary) each
    best = torch.cat([then.topk(k).indices, now.topk(k).indices], dim=-1)  # (position, 2k)
    moved = (now.exp() * (now - then)).sum(-1).clamp(min=0)  # (position,)
    losses = (-said.gather(1, truth[:, None])[:, 0] for said in (then, now))
    return best.int(), then.gather(1, best).exp(), now.gather(1, best).exp(), moved, *losses


def shuffled(tokens: Tensor, seed: int, first: int) -> Tensor:
    """Tokens (position,) in another order, those before `first` left where they are."""
    order = torch.randperm(len(tokens) - first, generator=torch.Generator().manual_seed(seed))
    return torch.cat([tokens[:first], tokens[first:][order]])
