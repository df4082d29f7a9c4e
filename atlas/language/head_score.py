"""Why a head attends: one score taken apart by the dimensions of the head and by where query and key come from."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from lucarne.atlas.language.bench import check_head, check_place, gpt, linear
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model


@dataclass(frozen=True)
class HeadScore:
    """The score of one key for one query, before the softmax, and what it is made of. float32."""

    score: float
    weight: float  # its part of the query's attention, 0…1
    dimensions: Tensor  # (d_head,): query · key / sqrt(d_head) in each dimension of the head, adding up to the score
    names: list[str]  # of the components: embedding, position, each earlier layer's attention and MLP, bias
    components: Tensor  # (component of the query, component of the key), adding up to the score


def head_score(model: Model, tokens: Tensor, layer: int, head: int, query: int, key: int) -> HeadScore:
    """Take apart one score of one head on int64 tokens (position,).

    What the block reads is a sum: the token's and the position's vector and what each earlier attention and MLP added.
    With the layer norm's divisor kept as it was, query and key are sums over these components too, and the score is a
    sum over pairs of them: Elhage et al., "A Mathematical Framework for Transformer Circuits", 2021, "QK circuit".
    `bias` stands for the layer norm's and the head's own biases. Raises Unsuitable for a head or a token that is not
    there, and for a key that lies ahead of the query.
    """
    check_head(model, layer, head)
    for place, field in ((query, "query"), (key, "key")):
        check_place(place, len(tokens), field)
    if key > query:
        raise Unsuitable(f"Token {key} lies ahead of token {query}: a token looks back only.", field="key")
    network = gpt(model)
    added = {"embedding": "hook_embed", "position": "hook_pos_embed"}
    for before in range(layer):
        added |= {
            f"attention {before}": f"blocks.{before}.hook_attn_out",
            f"MLP {before}": f"blocks.{before}.hook_mlp_out",
        }
    site = f"blocks.{layer}"
    read = [f"{site}.ln1.hook_scale", f"{site}.attn.hook_q", f"{site}.attn.hook_k"]
    seen = model.look(tokens[None], *added.values(), *read)
    parts = torch.stack([seen[each][0] for each in added.values()])  # (component, position, width)
    scale = seen[read[0]][0]  # (position, 1)
    with torch.inference_mode():
        norm = network.get_submodule(f"h.{layer}.ln_1")
        weight, shift = norm.get_parameter("weight"), norm.get_parameter("bias")
        normalized = (parts - parts.mean(-1, keepdim=True)) / scale * weight  # (component, position, width)
        sides = []
        for at, place in enumerate((query, key)):
            matrix, bias = _of_head(model, layer, head, at)  # (d_head, width), (d_head,)
            own = normalized[:, place] @ matrix.T  # (component, d_head)
            sides.append(torch.cat([own, (shift @ matrix.T + bias)[None]]))  # (component + 1, d_head)
        asks, offers = (seen[each][0, :, head] for each in read[1:])  # two of (position, d_head)
        root = math.sqrt(asks.shape[-1])
        scores = offers[: query + 1] @ asks[query] / root  # (key,)
        return HeadScore(
            scores[key].item(),
            scores.softmax(-1)[key].item(),
            (asks[query] * offers[key] / root).float().cpu(),
            [*added, "bias"],
            (sides[0] @ sides[1].T / root).float().cpu(),
        )


def _of_head(model: Model, layer: int, head: int, at: int) -> tuple[Tensor, Tensor]:
    """Weight (d_head, width) and bias (d_head,) with which a head makes its queries (`at` 0), keys (1), values (2)."""
    network = gpt(model)
    weight, bias = linear(network, layer, "attn.c_attn")
    first = at * network.plan.width + head * network.plan.head_width
    return weight[first : first + network.plan.head_width], bias[first : first + network.plan.head_width]
