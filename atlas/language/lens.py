"""What a GPT would say next if it stopped early: the residual stream of every layer, read as the last one is.

nostalgebraist: "interpreting GPT: the logit lens", 2020: the final layer norm and the token vectors, applied after each
attention and each MLP. Only the window of positions that is looked at is read; what comes behind it is not computed.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lucarne.models.errors import Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.model import Model
from lucarne.models.progress import Progress

ROWS = 64  # positions whose logits are in memory at a time: 13 MB of GPT-2's


@dataclass(frozen=True)
class Stage:
    """A place in the residual stream that is read: as it comes in, after a layer's attention, after its MLP."""

    site: str
    layer: int | None  # None: before the first
    after: str  # "embedding", "attention" or "mlp"


@dataclass(frozen=True)
class Lens:
    """What every stage says at each position of a window. The truth is the token that follows in the text.

    Behind the text's last token nothing follows: there the truth is what the network itself would say (`open`).
    """

    tokens: Tensor  # int32 (stage, position, k): the likeliest next tokens, best first
    probabilities: Tensor  # float32 (stage, position, k)
    entropy: Tensor  # float32 (stage, position), nats
    rank: Tensor  # int32 (stage, position): how many tokens are likelier than the truth
    probability: Tensor  # float32 (stage, position): the truth's
    truth: Tensor  # int32 (position,)
    open: bool  # the window holds the text's last token


def stages(model: Model) -> list[Stage]:
    """From the embedding to the last MLP: one stage more than two a layer."""
    assert isinstance(model.network, GPT)
    found = [Stage("blocks.0.hook_resid_pre", None, "embedding")]
    for layer in range(model.network.plan.layers):
        found.append(Stage(f"blocks.{layer}.hook_resid_mid", layer, "attention"))
        found.append(Stage(f"blocks.{layer}.hook_resid_post", layer, "mlp"))
    return found


@torch.inference_mode()
def lens(model: Model, tokens: Tensor, first: int = 0, count: int = 64, k: int = 5, progress: Progress = iter) -> Lens:
    """Read every stage at positions `first` to `first + count` (exclusive) of int64 tokens (position,).

    Raises Unsuitable where the text has no position `first`.
    """
    network = model.network
    assert isinstance(network, GPT)
    if not 0 <= first < len(tokens):
        detail = f"The text has {len(tokens)} tokens, numbered 0 to {len(tokens) - 1}; there is none at {first}."
        raise Unsuitable(detail, field="first")
    end = min(first + count, len(tokens))
    read = stages(model)
    seen = model.look(tokens[None, :end], *(stage.site for stage in read))  # no token sees those behind it
    streams = [seen[stage.site][0, first:end] for stage in read]  # each (position, width)
    following = tokens[first + 1 : end + 1].to(model.device)
    if is_open := end == len(tokens):
        said = F.linear(network.ln_f(streams[-1][-1:]), network.wte.weight).argmax(-1)  # (1,)
        following = torch.cat([following, said])
    k = min(k, network.plan.vocabulary)
    rows = [_read(network, stream, following, k) for stream in progress(streams)]
    best, odds, entropy, rank, probability = (torch.stack(each).cpu() for each in zip(*rows, strict=True))
    return Lens(best, odds, entropy, rank, probability, following.int().cpu(), is_open)


def _read(network: GPT, stream: Tensor, truth: Tensor, k: int) -> tuple[Tensor, ...]:
    """One stage (position, width): what it says of the next token, and of the one that comes."""
    parts = zip(stream.split(ROWS), truth.split(ROWS), strict=True)
    read = [_said(F.linear(network.ln_f(rows), network.wte.weight).float(), wanted, k) for rows, wanted in parts]
    return tuple(torch.cat(each) for each in zip(*read, strict=True))


def _said(logits: Tensor, truth: Tensor, k: int) -> tuple[Tensor, ...]:
    """Of logits (position, vocabulary): the best k, their odds, the entropy, and rank and odds of the truth."""
    best = logits.topk(k)  # two of (position, k)
    wanted = logits.gather(1, truth[:, None])  # (position, 1)
    rank = (logits > wanted).sum(-1)  # (position,)
    most = best.values[:, :1]  # (position, 1)
    logits -= most
    parts = logits.exp()
    total = parts.sum(-1, keepdim=True)  # (position, 1)
    entropy = (total.log() - torch.linalg.vecdot(parts, logits)[:, None] / total)[:, 0]  # (position,)
    whole = most + total.log()  # (position, 1)
    return best.indices.int(), (best.values - whole).exp(), entropy, rank.int(), (wanted - whole).exp()[:, 0]
