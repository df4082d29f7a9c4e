"""What each head mostly does, in a few numbers: measured on a text, or on random tokens said twice.

Olsson et al., "In-context Learning and Induction Heads", 2022, appendix "Head activation evaluators"; TransformerLens,
`head_detector.py`; Clark et al., "What Does BERT Look At?", 2019, sections 3.1 and 3.3; Vig and Belinkov, "Analyzing
the Structure of Attention in a Transformer Language Model", 2019 (distance).
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from lucarne.atlas.language.attention import attention
from lucarne.atlas.language.bench import gpt
from lucarne.models.errors import TooMuch
from lucarne.models.heads import said_twice
from lucarne.models.model import Model
from lucarne.models.progress import Progress

SAYINGS = 4  # sequences of random tokens over which heads are measured


@dataclass(frozen=True)
class Metrics:
    """One number for every head, float32 (layer, head). The first token can only look at itself and is not counted."""

    previous_token: Tensor  # mean attention to the token just before, 0…1
    first_token: Tensor  # mean attention to the first of all tokens, 0…1
    duplicate_token: Tensor  # mean attention to earlier copies of the token that looks, over tokens that have one, 0…1
    induction: Tensor  # mean attention to what followed those copies, over the same tokens, 0…1
    entropy: Tensor  # mean entropy of a query's attention, nats
    spread: Tensor  # mean of that entropy as part of the most it could be, the logarithm of the number of keys, 0…1
    distance: Tensor  # mean number of tokens that attention looks back


def measured(pattern: Tensor, tokens: Tensor) -> dict[str, Tensor]:
    """The fields of Metrics for patterns (head, query, key) on int64 tokens (position,): each (head,).

    `duplicate_token` and `induction` are 0 where no token was there before.
    """
    positions = len(tokens)
    if positions < 2:
        return dict.fromkeys(Metrics.__dataclass_fields__, torch.zeros(len(pattern)))
    at = torch.arange(positions)
    same = (tokens[:, None] == tokens[None]).tril(-1)  # (query, key)
    after = torch.zeros_like(same)
    after[:, 1:] = same[:, :-1]  # what followed; at most the token that looks itself
    looks = pattern[:, 1:]  # (head, query - 1, key)
    entropy = torch.special.entr(looks).sum(-1)  # (head, query - 1)
    behind = (at[:, None] - at[None]).clamp(min=0).float()  # (query, key)
    return {
        "previous_token": pattern.diagonal(-1, 1, 2).mean(-1),
        "first_token": looks[..., 0].mean(-1),
        "duplicate_token": _to(pattern, same),
        "induction": _to(pattern, after),
        "entropy": entropy.mean(-1),
        "spread": (entropy / torch.arange(2, positions + 1).log()).mean(-1),
        "distance": (looks * behind[1:]).sum(-1).mean(-1),
    }


def _to(pattern: Tensor, meant: Tensor) -> Tensor:
    """Mean attention to the keys that are meant (query, key), over queries that have such a key: (head,)."""
    having = meant.any(-1)  # (query,)
    if not having.any():
        return torch.zeros(len(pattern))
    return (pattern[:, having] * meant[having]).sum(-1).mean(-1)


def head_metrics(model: Model, sequences: Tensor, progress: Progress = iter) -> Metrics:
    """Every head on int64 sequences (sequence, position), averaged over them; one layer's patterns at a time."""
    layers = gpt(model).plan.layers
    kept: dict[str, list[Tensor]] = {name: [] for name in Metrics.__dataclass_fields__}
    for tokens in progress(sequences):
        attended = attention(model, tokens)
        each = [measured(attended.pattern(layer), tokens) for layer in range(layers)]
        for name, values in kept.items():
            values.append(torch.stack([layer[name] for layer in each]))  # (layer, head)
    return Metrics(**{name: torch.stack(values).mean(0) for name, values in kept.items()})


def repeats(tokens: Tensor) -> int:
    """How many of int64 tokens (position,) were there before."""
    return len(tokens) - len(tokens.unique())


def random_twice(model: Model, length: int, seed: int, count: int = SAYINGS) -> Tensor:
    """Random tokens, each sequence said twice: int64 (count, position).

    Behind the token the model begins with, if it has one. Raises TooMuch where two sayings do not fit into the context.
    """
    network = gpt(model)
    begin = model.tokenizer.end
    most = (network.plan.context - (begin is not None)) // 2
    if length > most:
        detail = f"Said twice, {length} tokens do not fit into {model.card.name}'s context: at most {most}."
        raise TooMuch(detail, most, field="length")
    vocabulary = min(network.plan.vocabulary, model.tokenizer.vocabulary)
    return said_twice(vocabulary, length, count, begin, seed)
