"""What every attention head does with a text, kept as queries and keys; a pattern is written out where it is looked at.

The patterns of 144 heads at 1,024 tokens are 604 MB, their queries and keys 75 MB, and the pass that keeps them stays
the fused one.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lucarne.models.gpt import GPT, causal_scores
from lucarne.models.model import Model
from lucarne.models.progress import Progress


@dataclass(frozen=True)
class Attention:
    """Every head of every layer on one text, float32."""

    queries: Tensor  # (layer, head, position, d_head)
    keys: Tensor  # (layer, head, position, d_head)
    logits: Tensor  # (position, vocabulary): the scores of the next token at each position

    def scores(self, layer: int, head: int | slice = slice(None)) -> Tensor:
        """Scaled query·key, -inf ahead: (query, key), or (head, query, key) for all heads of a layer."""
        return causal_scores(self.queries[layer, head], self.keys[layer, head])

    def pattern(self, layer: int, head: int | slice = slice(None)) -> Tensor:
        """How much each query takes from each key, rows adding up to 1: shapes as `scores`."""
        return self.scores(layer, head).softmax(-1)


def attention(model: Model, tokens: Tensor) -> Attention:
    """Watch every head on int64 tokens (position,)."""
    assert isinstance(model.network, GPT)
    layers = range(model.network.plan.layers)
    sites = [f"blocks.{layer}.attn.hook_{part}" for part in "qk" for layer in layers]
    with model.watch(*sites) as seen:
        logits = model(tokens[None])[0]  # (position, vocabulary)
    queries, keys = (
        torch.stack([seen[f"blocks.{layer}.attn.hook_{part}"][0].transpose(0, 1) for layer in layers]) for part in "qk"
    )  # (layer, head, position, d_head)
    return Attention(queries.float().cpu(), keys.float().cpu(), logits.float().cpu())


@dataclass(frozen=True)
class Overview:
    """All heads at a glance, and what the softmax of each query was divided by."""

    thumbnails: Tensor  # uint8 (layer, head, side, side): mean attention, the largest cell of each head 255
    normalizers: Tensor  # float32 (layer, head, query): log of the sum of exp(score) over the keys


def overview(attended: Attention, side: int = 32, progress: Progress = iter) -> Overview:
    """Patterns averaged down to at most `side`×`side` cells; one layer's patterns are in memory at a time."""
    side = min(side, attended.queries.shape[2])
    thumbnails, normalizers = [], []
    for layer in progress(range(attended.queries.shape[0])):
        scores = attended.scores(layer)  # (head, query, key)
        normalizer = scores.logsumexp(-1)  # (head, query)
        pattern = (scores - normalizer[..., None]).exp()  # (head, query, key)
        small = F.adaptive_avg_pool2d(pattern, side)  # (head, side, side)
        thumbnails.append((255 * small / small.amax((1, 2), keepdim=True)).round().byte())
        normalizers.append(normalizer)
    return Overview(torch.stack(thumbnails), torch.stack(normalizers))


def guesses(model: Model, logits: Tensor, k: int) -> list[list[tuple[int, str, float]]]:
    """For each position of logits (position, vocabulary) the `k` likeliest next tokens: number, text, probability."""
    best = logits.softmax(-1).topk(min(k, logits.shape[-1]))  # two of (position, k)
    return [
        [(token, model.tokenizer.text_of(token), odds) for odds, token in zip(row, numbers, strict=True)]
        for row, numbers in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    ]
