"""What every attention head does with a text, kept as queries and keys; a pattern is written out where it is looked at.

The patterns of 144 heads at 1,024 tokens are 604 MB, their queries and keys 75 MB, and the pass that keeps them stays
the fused one.
"""

import math
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
    moved: Tensor  # (layer, head, position): length of the vector that a position hands over, ‖value · W_O‖
    logits: Tensor  # (position, vocabulary): the scores of the next token at each position

    def scores(self, layer: int, head: int | slice = slice(None)) -> Tensor:
        """Scaled query·key, -inf ahead: (query, key), or (head, query, key) for all heads of a layer."""
        return causal_scores(self.queries[layer, head], self.keys[layer, head])

    def pattern(self, layer: int, head: int | slice = slice(None)) -> Tensor:
        """How much each query takes from each key, rows adding up to 1: shapes as `scores`."""
        return self.scores(layer, head).softmax(-1)

    def weighted(self, layer: int, head: int | slice = slice(None)) -> Tensor:
        """How much is really moved: each weight times the length of what its key hands over. Shapes as `scores`.

        Kobayashi et al., "Attention is Not Only a Weight", 2020, section 3: a weight is of little use to who takes
        over a vector of hardly any length.
        """
        return self.pattern(layer, head) * self.moved[layer, head].unsqueeze(-2)

    def parts(self, layer: int, head: int, query: int, key: int) -> Tensor:
        """What each dimension of the head adds to the score of `key` for `query`: (d_head,), adding up to it."""
        both = self.queries[layer, head, query] * self.keys[layer, head, key]  # (d_head,)
        return both / math.sqrt(both.shape[-1])


def attention(model: Model, tokens: Tensor) -> Attention:
    """Watch every head on int64 tokens (position,)."""
    assert isinstance(model.network, GPT)
    layers = range(model.network.plan.layers)
    sites = [f"blocks.{layer}.attn.hook_{part}" for part in "qkv" for layer in layers]
    with model.watch(*sites) as seen:
        logits = model(tokens[None])[0]  # (position, vocabulary)
    queries, keys = (
        torch.stack([seen[f"blocks.{layer}.attn.hook_{part}"][0].transpose(0, 1) for layer in layers]) for part in "qk"
    )  # (layer, head, position, d_head)
    moved = torch.stack([_moved(model.network, layer, seen[f"blocks.{layer}.attn.hook_v"][0]) for layer in layers])
    return Attention(queries.float().cpu(), keys.float().cpu(), moved.float().cpu(), logits.float().cpu())


@torch.inference_mode()
def _moved(network: GPT, layer: int, values: Tensor) -> Tensor:
    """Length of what each value (position, head, d_head) adds to the residual stream: (head, position).

    ‖v·W‖² is v·(W·Wᵀ)·v, in which W·Wᵀ is d_head × d_head: no vector is written out at the full width.
    """
    _, heads, d_head = values.shape
    out = network.get_submodule(f"h.{layer}.attn.c_proj").get_parameter("weight")  # (width, head · d_head)
    out = out.T.reshape(heads, d_head, -1).float()  # (head, d_head, width)
    values = values.transpose(0, 1).float()  # (head, position, d_head)
    squared = ((values @ (out @ out.transpose(1, 2))) * values).sum(-1)  # (head, position)
    return squared.clamp(min=0).sqrt()


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
