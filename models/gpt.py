"""A GPT with GPT-2's architecture, every intermediate value a site under the name TransformerLens gives it.

Radford et al.: "Language Models are Unsupervised Multitask Learners", 2019. Parameters are called what Hugging Face
calls them, so that any GPT-2-shaped checkpoint fits. What is not watched is not kept, and the attention pattern is only
written out where somebody asks for it: otherwise a fused kernel does without.
"""

import math
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lucarne.models.cache import Cache
from lucarne.models.taps import Taps


@dataclass(frozen=True)
class Plan:
    """The numbers in which GPTs differ. The defaults are GPT-2 small's."""

    vocabulary: int = 50257
    context: int = 1024  # positions
    layers: int = 12
    heads: int = 12
    width: int = 768  # d_model
    hidden: int = 3072  # d_mlp
    epsilon: float = 1e-5

    @property
    def head_width(self) -> int:
        return self.width // self.heads


class LayerNorm(nn.Module):
    """Layer normalisation whose scale and normalised value can be watched; fused where nobody does."""

    def __init__(self, plan: Plan, tap: Taps, site: str) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.ones(plan.width)), nn.Parameter(torch.zeros(plan.width))
        self.epsilon, self.tap, self.site = plan.epsilon, tap, site

    def forward(self, x: Tensor) -> Tensor:
        scale_site, normalized_site = f"{self.site}.hook_scale", f"{self.site}.hook_normalized"
        if not (self.tap.wants(scale_site) or self.tap.wants(normalized_site)):
            return F.layer_norm(x, self.weight.shape, self.weight, self.bias, self.epsilon)
        centred = x - x.mean(-1, keepdim=True)  # (batch, position, width)
        scale = (centred.square().mean(-1, keepdim=True) + self.epsilon).sqrt()  # (batch, position, 1)
        normalized = self.tap(normalized_site, centred / self.tap(scale_site, scale))  # (batch, position, width)
        return normalized * self.weight + self.bias


class Attention(nn.Module):
    """Every position asks (query) every position before it (key) and takes over what it finds there (value)."""

    def __init__(self, plan: Plan, tap: Taps, layer: int) -> None:
        super().__init__()
        self.c_attn = nn.Linear(plan.width, 3 * plan.width)
        self.c_proj = nn.Linear(plan.width, plan.width)
        self.plan, self.tap, self.layer, self.site = plan, tap, layer, f"blocks.{layer}.attn"

    def forward(self, x: Tensor, cache: Cache | None = None) -> Tensor:
        batch, positions, width = x.shape
        split = (batch, positions, self.plan.heads, self.plan.head_width)
        query, key, value = self.c_attn(x).split(width, dim=-1)  # three of (batch, position, width)
        query = self.tap(f"{self.site}.hook_q", query.view(split))  # (batch, position, head, d_head)
        key = self.tap(f"{self.site}.hook_k", key.view(split))  # (batch, position, head, d_head)
        value = self.tap(f"{self.site}.hook_v", value.view(split))  # (batch, position, head, d_head)
        query, key, value = query.transpose(1, 2), key.transpose(1, 2), value.transpose(1, 2)
        if cache is not None:
            key, value = cache.add(self.layer, key, value)  # two of (batch, head, all positions, d_head)
        mixed = self._mixed(query, key, value)
        mixed = self.tap(f"{self.site}.hook_z", mixed.transpose(1, 2))  # (batch, position, head, d_head)
        return self.c_proj(mixed.reshape(batch, positions, width))

    def _mixed(self, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        scores_site, pattern_site = f"{self.site}.hook_attn_scores", f"{self.site}.hook_pattern"
        if not (self.tap.wants(scores_site) or self.tap.wants(pattern_site)):
            return _attend(query, key, value)
        scores = self.tap(scores_site, causal_scores(query, key))  # (batch, head, query, key)
        pattern = self.tap(pattern_site, scores.softmax(-1))  # (batch, head, query, key)
        return pattern @ value  # (batch, head, query, d_head)


def _attend(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    """torch's fused kernel; on a processor in float32, where its way back takes half the time it takes in bfloat16."""
    if query.dtype is not torch.bfloat16 or query.device.type != "cpu":
        return _fused(query, key, value)
    with torch.autocast("cpu", enabled=False):
        return _fused(query.float(), key.float(), value.float())


def _fused(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    if query.shape[-2] == 1:  # a last position has nothing ahead
        return F.scaled_dot_product_attention(query, key, value)
    if query.shape[-2] == key.shape[-2]:
        return F.scaled_dot_product_attention(query, key, value, is_causal=True)
    return F.scaled_dot_product_attention(query, key, value, attn_mask=~_ahead(query, key))


def _ahead(query: Tensor, key: Tensor) -> Tensor:
    """Which keys lie ahead of a query, (query, key): the queries are the last of the keys' positions."""
    queries, keys = query.shape[-2], key.shape[-2]
    return torch.ones(queries, keys, dtype=torch.bool, device=key.device).triu(1 + keys - queries)


def causal_scores(query: Tensor, key: Tensor) -> Tensor:
    """Scaled dot products of (…, position, d_head) with (…, position, d_head), -inf where the key lies ahead."""
    scores = query @ key.transpose(-2, -1) / math.sqrt(query.shape[-1])  # (…, query, key)
    return scores.masked_fill(_ahead(query, key), -torch.inf)


class MLP(nn.Module):
    def __init__(self, plan: Plan, tap: Taps, site: str) -> None:
        super().__init__()
        self.c_fc = nn.Linear(plan.width, plan.hidden)
        self.c_proj = nn.Linear(plan.hidden, plan.width)
        self.tap, self.site = tap, site

    def forward(self, x: Tensor) -> Tensor:
        before = self.tap(f"{self.site}.hook_pre", self.c_fc(x))  # (batch, position, d_mlp)
        after = self.tap(f"{self.site}.hook_post", F.gelu(before, approximate="tanh"))  # (batch, position, d_mlp)
        return self.c_proj(after)


class Block(nn.Module):
    """Attention, then the MLP, each reading the residual stream and adding to it."""

    def __init__(self, plan: Plan, tap: Taps, layer: int) -> None:
        super().__init__()
        self.site, self.tap = f"blocks.{layer}", tap
        self.ln_1 = LayerNorm(plan, tap, f"{self.site}.ln1")
        self.attn = Attention(plan, tap, layer)
        self.ln_2 = LayerNorm(plan, tap, f"{self.site}.ln2")
        self.mlp = MLP(plan, tap, f"{self.site}.mlp")

    def forward(self, x: Tensor, cache: Cache | None = None) -> Tensor:
        tap, site = self.tap, self.site
        x = tap(f"{site}.hook_resid_pre", x)  # (batch, position, width)
        x = x + tap(f"{site}.hook_attn_out", self.attn(self.ln_1(x), cache))  # (batch, position, width)
        x = tap(f"{site}.hook_resid_mid", x)
        x = x + tap(f"{site}.hook_mlp_out", self.mlp(self.ln_2(x)))  # (batch, position, width)
        return tap(f"{site}.hook_resid_post", x)


class GPT(nn.Module):
    """Token and position vectors, a stack of blocks, and the token vectors again to read the answer off."""

    def __init__(self, plan: Plan = Plan()) -> None:
        super().__init__()
        self.plan = plan
        self.tap = Taps()
        self.wte = nn.Embedding(plan.vocabulary, plan.width)
        self.wpe = nn.Embedding(plan.context, plan.width)
        self.h = nn.ModuleList(Block(plan, self.tap, layer) for layer in range(plan.layers))
        self.ln_f = LayerNorm(plan, self.tap, "ln_final")
        self.apply(self._start)

    def forward(self, tokens: Tensor, cache: Cache | None = None, last: int | None = None) -> Tensor:
        """Logits (batch, position, vocabulary) for the token after each of `tokens`, int64 (batch, position).

        With a `cache` the tokens follow those it has kept, and are kept in it; `last` leaves out all but so many.
        """
        hidden = self.hidden(tokens, cache)
        hidden = hidden if last is None else hidden[:, -last:]
        return self.tap("logits", F.linear(hidden, self.wte.weight))  # (batch, position, vocabulary)

    @property
    def blocks(self) -> list[Block]:
        """The layers in their order, typed; `h` is what GPT-2's checkpoints call them."""
        return cast(list[Block], [*self.h])

    def hidden(self, tokens: Tensor, cache: Cache | None = None) -> Tensor:
        """What the logits are read off: the normalised end of the residual stream, (batch, position, width)."""
        before = cache.before(tokens.shape[1]) if cache is not None else 0
        positions = torch.arange(before, before + tokens.shape[1], device=tokens.device)
        x = self.tap("hook_embed", self.wte(tokens))  # (batch, position, width)
        x = x + self.tap("hook_pos_embed", self.wpe(positions).expand_as(x))  # (batch, position, width)
        for block in self.blocks:
            x = block(x, cache)  # (batch, position, width)
        if cache is not None:
            cache.length += tokens.shape[1]
        return self.ln_f(x)

    def _start(self, module: nn.Module) -> None:
        """GPT-2's initialisation: sd 0.02, the projections back into the stream smaller the deeper the stack."""
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=0.02)
        if isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)
        if isinstance(module, Attention | MLP):
            nn.init.normal_(module.c_proj.weight, std=0.02 / math.sqrt(2 * self.plan.layers))
