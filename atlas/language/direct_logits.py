"""Which parts of a GPT argued for a token: the residual stream is a sum, and so is the logit that is read off it.

Direct logit attribution (Elhage et al.: "A Mathematical Framework for Transformer Circuits", 2021, section "The
residual stream"; Wang et al.: "Interpretability in the Wild", 2022, section 3.1). The final layer norm divides by what
the whole stream measured: that scale is held fixed, as `apply_ln_to_stack` of TransformerLens holds it. Then every part
speaks by one dot product, and the parts add up to the logit.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from lucarne.models.errors import Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.model import Model


@dataclass(frozen=True)
class DirectLogits:
    """What each part adds to the logit of `answer`, or to its lead over `against`, at one position. float32, logits.

    `token + place + heads.sum() + neurons.sum() + biases` is `logit`.
    """

    answer: int
    against: int | None
    token: float  # the token's vector
    place: float  # the position's vector
    heads: Tensor  # (layer, head)
    sources: Tensor  # (layer, head, position): from which position each head took it; adds up to `heads`
    neurons: Tensor  # (layer, neuron)
    attention_biases: Tensor  # (layer,)
    mlp_biases: Tensor  # (layer,)
    norm_bias: float  # the final layer norm's
    logit: float  # as the network computed it
    logits: Tensor  # (vocabulary,): of all tokens, at that position

    @property
    def biases(self) -> float:
        return float(self.attention_biases.sum() + self.mlp_biases.sum()) + self.norm_bias

    @property
    def total(self) -> float:
        return self.token + self.place + float(self.heads.sum() + self.neurons.sum()) + self.biases


@torch.inference_mode()
def direct_logits(
    model: Model, tokens: Tensor, position: int, answer: int | None = None, against: int | None = None
) -> DirectLogits:
    """Take the logit at one position of int64 tokens (position,) apart; without an `answer`, the likeliest token's.

    Raises Unsuitable for a position, a token or a pair of tokens that is not there.
    """
    network = model.network
    assert isinstance(network, GPT)
    layers, shown = network.plan.layers, tokens[: checked(position, len(tokens)) + 1]
    names = {
        part: [f"blocks.{layer}.{part}" for layer in range(layers)]
        for part in ("attn.hook_q", "attn.hook_k", "attn.hook_v", "attn.hook_z", "mlp.hook_post")
    }
    sites = ["hook_embed", "hook_pos_embed", "ln_final.hook_scale", *(name for each in names.values() for name in each)]
    with model.watch(*sites) as seen:
        hidden = network.hidden(shown[None].to(model.device))[0, -1]  # (width,)
    logits = (network.wte.weight @ hidden).float()  # (vocabulary,)
    answer = int(logits.argmax()) if answer is None else in_vocabulary(answer, network, "answer")
    if against is not None and in_vocabulary(against, network, "against") == answer:
        raise Unsuitable("The token and its rival are the same: nothing sets them apart.", field="against")
    wanted = network.wte.weight[answer] - (0 if against is None else network.wte.weight[against])  # (width,)
    listens = _listener(network, wanted, seen["ln_final.hook_scale"][0, -1])  # (width,)

    heads, sources, neurons, attention_biases, mlp_biases = [], [], [], [], []
    for layer, block in enumerate(network.blocks):
        asked = (listens @ block.attn.c_proj.weight).view(network.plan.heads, -1)  # (head, d_head)
        query, key, value, z, post = (seen[names[part][layer]][0] for part in names)
        heads.append((z[-1] * asked).sum(-1))  # (head,)
        scores = torch.einsum("hd,phd->hp", query[-1], key) / math.sqrt(network.plan.head_width)  # (head, position)
        handed = torch.einsum("phd,hd->hp", value, asked)  # (head, position)
        sources.append(scores.softmax(-1) * handed)  # (head, position)
        neurons.append(post[-1] * (listens @ block.mlp.c_proj.weight))  # (neuron,)
        attention_biases.append(listens @ block.attn.c_proj.bias)
        mlp_biases.append(listens @ block.mlp.c_proj.bias)
    return DirectLogits(
        answer=answer,
        against=against,
        token=float(seen["hook_embed"][0, -1] @ listens),
        place=float(seen["hook_pos_embed"][0, -1] @ listens),
        heads=torch.stack(heads).float().cpu(),
        sources=torch.stack(sources).float().cpu(),
        neurons=torch.stack(neurons).float().cpu(),
        attention_biases=torch.stack(attention_biases).float().cpu(),
        mlp_biases=torch.stack(mlp_biases).float().cpu(),
        norm_bias=float(network.ln_f.bias @ wanted),
        logit=float(hidden @ wanted),
        logits=logits.cpu(),
    )


def _listener(network: GPT, wanted: Tensor, scale: Tensor) -> Tensor:
    """The direction (width,) whose dot product with a part of the stream is what that part adds to the logit.

    The layer norm centres, divides by `scale` and weights each part; all of that can be done to the direction instead.
    """
    weighted = wanted * network.ln_f.weight  # (width,)
    return (weighted - weighted.mean()) / scale


def checked(position: int, count: int) -> int:
    """The position, if a text of `count` tokens has it; raises Unsuitable."""
    if not 0 <= position < count:
        detail = f"The text has {count} tokens, numbered 0 to {count - 1}; there is none at {position}."
        raise Unsuitable(detail, field="position")
    return position


def in_vocabulary(token: int, network: GPT, field: str) -> int:
    """The token, if the network knows it; raises Unsuitable."""
    if not 0 <= token < network.plan.vocabulary:
        detail = f"The network knows {network.plan.vocabulary} tokens, from 0; there is no token {token}."
        raise Unsuitable(detail, field=field)
    return token
