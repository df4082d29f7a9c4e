"""A text as a matrix of vectors that passes a block and keeps its size: every number on its way through one block."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lucarne.atlas.language.bench import check_head, check_place, gpt
from lucarne.models.model import Model

WINDOW = 64  # positions that are shown at once
ANSWERS = 256  # columns of the logits that are shown: the likeliest tokens

ORDER = (
    "embed", "pos_embed", "resid_pre", "ln1", "q", "k", "v", "scores", "pattern", "z", "attn_out", "resid_mid", "ln2",
    "mlp_pre", "mlp_post", "mlp_out", "resid_post", "ln_final", "logits",
)  # fmt: skip


@dataclass(frozen=True)
class Pass:
    """The matrices of one block by name, for `first` … of the text's positions. float32 (position, column).

    `scores` and `pattern` have a column for every key up to the last position shown; ahead of the query a score is
    -inf. Columns of `logits` are the tokens of `answers`.
    """

    matrices: dict[str, Tensor]
    first: int
    answers: list[int]  # token numbers, in the order of the vocabulary


def sites(model: Model, layer: int) -> dict[str, str]:
    """Where each matrix of a block is watched. Of the layer norms, what they hand on is worked out from these."""
    block = f"blocks.{layer}"
    return {
        "embed": "hook_embed",
        "pos_embed": "hook_pos_embed",
        "resid_pre": f"{block}.hook_resid_pre",
        "ln1": f"{block}.ln1.hook_normalized",
        "q": f"{block}.attn.hook_q",
        "k": f"{block}.attn.hook_k",
        "v": f"{block}.attn.hook_v",
        "scores": f"{block}.attn.hook_attn_scores",
        "pattern": f"{block}.attn.hook_pattern",
        "z": f"{block}.attn.hook_z",
        "attn_out": f"{block}.hook_attn_out",
        "resid_mid": f"{block}.hook_resid_mid",
        "ln2": f"{block}.ln2.hook_normalized",
        "mlp_pre": f"{block}.mlp.hook_pre",
        "mlp_post": f"{block}.mlp.hook_post",
        "mlp_out": f"{block}.hook_mlp_out",
        "resid_post": f"{block}.hook_resid_post",
        "ln_final": "ln_final.hook_normalized",
        "logits": "logits",
    }


NORMS = {"ln1": "h.{}.ln_1", "ln2": "h.{}.ln_2", "ln_final": "ln_f"}


def seen_of(model: Model, tokens: Tensor, layer: int, head: int) -> dict[str, Tensor]:
    """Every matrix of a block on int64 tokens (position,), whole: (position, column)."""
    check_head(model, layer, head)
    network = gpt(model)
    where = sites(model, layer)
    watched = model.look(tokens[None], *where.values())
    whole: dict[str, Tensor] = {}
    with torch.inference_mode():
        for name in ORDER:
            value = watched[where[name]][0]
            if name in ("q", "k", "v", "z"):
                value = value[:, head]  # (position, d_head)
            elif name in ("scores", "pattern"):
                value = value[head]  # (query, key)
            elif name in NORMS:
                norm = network.get_submodule(NORMS[name].format(layer))
                value = value * norm.get_parameter("weight") + norm.get_parameter("bias")
            whole[name] = value.float().cpu()
    return whole


def matrices(
    model: Model, tokens: Tensor, layer: int, head: int, first: int = 0, count: int = WINDOW, answers: int = ANSWERS
) -> Pass:
    """The matrices of block `layer` on int64 tokens (position,), at most `count` positions from `first` on.

    Raises Unsuitable for a layer, head or position that is not there.
    """
    check_place(first, len(tokens), "first")
    last = min(first + count, len(tokens))
    shown = {name: value[first:last] for name, value in seen_of(model, tokens, layer, head).items()}
    for square in ("scores", "pattern"):
        shown[square] = shown[square][:, :last]  # (position, key)
    best = shown["logits"].amax(0).topk(min(answers, shown["logits"].shape[1])).indices.sort().values  # (answer,)
    shown["logits"] = shown["logits"][:, best]  # (position, answer)
    return Pass(shown, first, best.tolist())


def gelu(before: Tensor) -> Tensor:
    """GPT-2's GELU, by the hyperbolic tangent."""
    return F.gelu(before, approximate="tanh")
