"""What a GPT would say next if it stopped early: the residual stream of every layer, read as the last one is.

nostalgebraist: "interpreting GPT: the logit lens", 2020: the final layer norm and the token vectors, applied after each
attention and each MLP. Only the window of positions that is looked at is read; what comes behind it is not computed.
All stages pass over the vocabulary together, a part of it at a time: its vectors come through memory once, not once a
stage, and no stage's logits are ever there as a whole.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lucarne.models.errors import Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.model import Model
from lucarne.models.progress import Progress

LOGITS = 2**21  # in memory at a time: 8 MB


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
    says = network.ln_f(torch.stack(streams)).flatten(0, 1)  # (stage · position, width)
    found = _said(says, network.wte.weight, following.repeat(len(read)), min(k, network.plan.vocabulary), progress)
    best, odds, entropy, rank, probability = (each.unflatten(0, (len(read), -1)).cpu() for each in found)
    return Lens(best.int(), odds, entropy, rank.int(), probability, following.int().cpu(), is_open)


def _said(says: Tensor, vectors: Tensor, truth: Tensor, k: int, progress: Progress) -> tuple[Tensor, ...]:
    """Of what is said, (row, width), by the vocabulary's vectors (token, width), beside the truth, int64 (row,).

    The best `k` and their odds, (row, k), the entropy, and the truth's rank and odds, (row,).
    """
    wanted = torch.linalg.vecdot(says, vectors[truth]).float()[:, None]  # (row, 1)
    values = torch.full((len(says), k), -torch.inf, device=says.device)  # (row, k)
    best = torch.zeros_like(values, dtype=torch.int64)  # (row, k)
    most, total, tilted = (torch.full_like(wanted, start) for start in (-torch.inf, 0, 0))  # three of (row, 1)
    rank = torch.zeros_like(truth)  # (row,)
    for first in progress(range(0, len(vectors), part := _part(len(says)))):
        logits = F.linear(says, vectors[first : first + part]).float()  # (row, token)
        high = logits.amax(-1, keepdim=True)  # (row, 1)

        better = (high > values[:, -1:])[:, 0].nonzero()[:, 0]  # rows in which one of the best is here
        here = logits[better].topk(min(k, logits.shape[1]))
        among = torch.cat([values[better], here.values], 1)  # the earlier token first, where two are equally likely
        values[better], chosen = among.topk(k)
        best[better] = torch.cat([best[better], here.indices + first], 1).gather(1, chosen)

        ahead = logits > wanted
        own = ((truth >= first) & (truth < first + part)).nonzero()[:, 0]
        ahead[own, truth[own] - first] = False  # the truth is not ahead of itself, however its sum was rounded
        rank += _counted(ahead)

        before, most = most, torch.maximum(most, high)  # sums are of exp(logit - most), so that none is too large
        logits -= most
        shrinks = (before - most).exp()
        tilted = shrinks * (tilted + total * (before - most).nan_to_num(neginf=0))
        total = total * shrinks
        parts = logits.exp()
        total += parts.sum(-1, keepdim=True)
        tilted += torch.linalg.vecdot(parts, logits)[:, None]
    whole = most + total.log()  # (row, 1)
    entropy = total.log() - tilted / total  # (row, 1)
    return best, (values - whole).exp(), entropy[:, 0], rank, (wanted - whole).exp()[:, 0]


def _part(rows: int) -> int:
    """How many tokens' logits fit into memory: a multiple of eight, at most as many as `_counted` can count."""
    return min(max(LOGITS // rows, 64), 8 * 255) // 8 * 8


def _counted(marks: Tensor) -> Tensor:
    """How many of bool (row, up to 2,040) are true, int64 (row,): eight at a time, as the bytes of a word.

    torch's own sum takes each for itself, a third of the time of all that is done with a logit.
    """
    marks = F.pad(marks, (0, -marks.shape[1] % 8))
    words = marks.view(torch.int64).sum(-1, keepdim=True)  # (row, 1), no byte of it over 255
    return words.view(torch.uint8).sum(-1)
