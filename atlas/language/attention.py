"""What every attention head does with a text; a query, a key or a pattern is written out where it is looked at.

The patterns of 144 heads at 1,024 tokens are 604 MB, their queries, keys and values 113 MB. Kept is what comes into
each layer, 38 MB, which the pass makes anyhow: it stays the fused one, and a head's every number follows from it.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lucarne.models.gpt import GPT, causal_scores
from lucarne.models.model import Model
from lucarne.models.progress import Progress

EVERY = slice(None)


@dataclass(frozen=True)
class Attention:
    """Every head of every layer on one text. What it gives is float32, of one head or, with a slice, of several."""

    network: GPT
    streams: tuple[Tensor, ...]  # what comes into each layer, (position, width)
    logits: Tensor  # float32 (position, vocabulary): the scores of the next token at each position

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Layers, heads, positions, d_head."""
        plan = self.network.plan
        return plan.layers, plan.heads, len(self.logits), plan.head_width

    def queries(self, layer: int, head: int | slice = EVERY) -> Tensor:
        """What each position asks for: (position, d_head), or (head, position, d_head)."""
        return self._made(0, layer, head)

    def keys(self, layer: int, head: int | slice = EVERY) -> Tensor:
        """What each position offers: shapes as `queries`."""
        return self._made(1, layer, head)

    def scores(self, layer: int, head: int | slice = EVERY) -> Tensor:
        """Scaled query·key, -inf ahead: (query, key), or (head, query, key)."""
        return causal_scores(self.queries(layer, head), self.keys(layer, head))

    def pattern(self, layer: int, head: int | slice = EVERY) -> Tensor:
        """How much each query takes from each key, rows adding up to 1: shapes as `scores`."""
        return self.scores(layer, head).softmax(-1)

    @torch.inference_mode()
    def moved(self, layer: int, head: int | slice = EVERY) -> Tensor:
        """Length of the vector that a position hands over, ‖value · W_O‖: (position,), or (head, position).

        ‖v·W‖² is v·(W·Wᵀ)·v, in which W·Wᵀ is d_head × d_head: no vector is written out at the full width.
        """
        values = self._made(2, layer, head)  # (…, position, d_head)
        out = self.network.blocks[layer].attn.c_proj.weight.T.float().cpu()  # (head · d_head, width)
        out = out.reshape(*self.shape[1::2], -1)[head]  # (…, d_head, width)
        squared = ((values @ (out @ out.transpose(-2, -1))) * values).sum(-1)  # (…, position)
        return squared.clamp(min=0).sqrt()

    def weighted(self, layer: int, head: int | slice = EVERY) -> Tensor:
        """How much is really moved: each weight times the length of what its key hands over. Shapes as `scores`.

        Kobayashi et al., "Attention is Not Only a Weight", 2020, section 3: a weight is of little use to who takes
        over a vector of hardly any length.
        """
        return self.pattern(layer, head) * self.moved(layer, head).unsqueeze(-2)

    def parts(self, layer: int, head: int, query: int, key: int) -> Tensor:
        """What each dimension of the head adds to the score of `key` for `query`: (d_head,), adding up to it."""
        both = self.queries(layer, head)[query] * self.keys(layer, head)[key]  # (d_head,)
        return both / math.sqrt(both.shape[-1])

    @torch.inference_mode()
    def _made(self, part: int, layer: int, head: int | slice) -> Tensor:
        """Queries (`part` 0), keys (1) or values (2), by the weights that made them in the pass."""
        block, heads, d_head = self.network.blocks[layer], *self.shape[1::2]
        weight = block.attn.c_attn.weight.view(3, heads, d_head, -1)[part, head]  # (…, d_head, width)
        bias = block.attn.c_attn.bias.view(3, heads, d_head)[part, head]  # (…, d_head)
        with self.network.tap.aside():
            read = block.ln_1(self.streams[layer])  # (position, width)
        made = F.linear(read, weight.flatten(0, -2), bias.flatten())  # (position, … · d_head)
        return made.view(len(made), *bias.shape).movedim(0, -2).float().cpu()  # (…, position, d_head)


def attention(model: Model, tokens: Tensor) -> Attention:
    """Watch every head on int64 tokens (position,).

    Edits around it count as far as they change what comes into the layers, or the logits: a head's own query, key or
    value is what the weights make of what comes in.
    """
    assert isinstance(model.network, GPT)
    sites = [f"blocks.{layer}.hook_resid_pre" for layer in range(model.network.plan.layers)]
    with model.watch(*sites) as seen:
        logits = model(tokens[None])[0]  # (position, vocabulary)
    return Attention(model.network, tuple(seen[site][0] for site in sites), logits.float().cpu())


@dataclass(frozen=True)
class Overview:
    """All heads at a glance, and what any pattern can be drawn from: exp(query · key / √d_head − normalizer)."""

    queries: Tensor  # float32 (layer, head, position, d_head)
    keys: Tensor  # float32 (layer, head, position, d_head)
    thumbnails: Tensor  # uint8 (layer, head, side, side): mean attention, the largest cell of each head 255
    normalizers: Tensor  # float32 (layer, head, query): log of the sum of exp(score) over the keys


def overview(attended: Attention, side: int = 32, progress: Progress = iter) -> Overview:
    """Patterns averaged down to at most `side`×`side` cells; one layer's patterns are in memory at a time."""
    layers, _, positions, _ = attended.shape
    side = min(side, positions)
    parts: list[tuple[Tensor, ...]] = []
    for layer in progress(range(layers)):
        queries, keys = attended.queries(layer), attended.keys(layer)  # two of (head, position, d_head)
        scores = causal_scores(queries, keys)  # (head, query, key)
        normalizer = scores.logsumexp(-1)  # (head, query)
        pattern = (scores - normalizer[..., None]).exp()  # (head, query, key)
        small = F.adaptive_avg_pool2d(pattern, side)  # (head, side, side)
        thumbnails = (255 * small / small.amax((1, 2), keepdim=True)).round().byte()
        parts.append((queries, keys, thumbnails, normalizer))
    return Overview(*map(torch.stack, zip(*parts, strict=True)))


def guesses(model: Model, logits: Tensor, k: int) -> list[list[tuple[int, str, float]]]:
    """For each position of logits (position, vocabulary) the `k` likeliest next tokens: number, text, probability."""
    best = logits.softmax(-1).topk(min(k, logits.shape[-1]))  # two of (position, k)
    return [
        [(token, model.tokenizer.text_of(token), odds) for odds, token in zip(row, numbers, strict=True)]
        for row, numbers in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    ]
