"""Parts of a GPT that can be switched off, and what stands there instead: nothing, the mean, another text's value.

A part is where a number comes into the residual stream or stands in it. An *edge* is finer: one head's output is taken
out of what one later head, one MLP or the unembedding reads, and of nothing else (path patching, Wang et al.:
"Interpretability in the Wild", 2022, section 3.1 and appendix B). The reader computes anew from that; whatever lies
between and behind takes what it takes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from lucarne.models.errors import Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.taps import Edit

Action = Literal["zero", "mean", "resample"]


@dataclass(frozen=True)
class Cut:
    """One part, and what becomes of it; at one position, else at all."""

    part: Literal["head", "attention", "mlp", "neuron", "residual", "edge"]
    layer: int
    head: int | None = None  # of a head; of an edge the one it starts from
    unit: int | None = None  # of a neuron
    position: int | None = None
    to: Literal["head", "mlp", "logits"] | None = None  # who an edge leads to
    to_layer: int | None = None
    to_head: int | None = None
    action: Action = "zero"


SITES = {
    "head": "attn.hook_z",
    "edge": "attn.hook_z",
    "attention": "hook_attn_out",
    "mlp": "hook_mlp_out",
    "neuron": "mlp.hook_post",
    "residual": "hook_resid_pre",
}
NEEDS = {"head": {"head"}, "neuron": {"unit"}, "edge": {"head", "to"}}
READS = {"head": {"to_layer", "to_head"}, "mlp": {"to_layer"}, "logits": set[str]()}


def check(cuts: Iterable[Cut], network: GPT, positions: int) -> None:
    """Raises Unsuitable for a part that the network does not have, that is told in half, or told twice."""
    plan, told, cuts = network.plan, set[tuple[object, ...]](), list(cuts)
    for cut in cuts:
        needs = NEEDS.get(cut.part, set[str]()) | READS.get(cut.to or "", set[str]())
        for name in ("head", "unit", "to", "to_layer", "to_head"):
            value = getattr(cut, name)
            if (value is None) == (name in needs):
                verb = "needs a" if value is None else "has no"
                said = f"An edit of part “{cut.part}” {verb} “{name}”" + (f" to end at {cut.to}." if cut.to else ".")
                raise Unsuitable(said, field="edits")
        limits = (
            ("layer", cut.layer, plan.layers), ("layer", cut.to_layer, plan.layers), ("head", cut.head, plan.heads),
            ("head", cut.to_head, plan.heads), ("neuron", cut.unit, plan.hidden), ("position", cut.position, positions),
        )  # fmt: skip
        for what, value, count in limits:
            if value is not None and not 0 <= value < count:
                where = "The text" if what == "position" else "The network" if what == "layer" else "A layer"
                detail = f"{where} has {count} {what}s, numbered 0 to {count - 1}; there is none at {value}."
                raise Unsuitable(detail, field="edits")
        if cut.to_layer is not None and cut.to_layer < cut.layer + (cut.to == "head"):
            detail = f"Layer {cut.to_layer} has read before head {cut.head} of layer {cut.layer} has spoken."
            raise Unsuitable(detail, field="edits")
        key = (cut.part, cut.layer, cut.head, cut.unit, cut.position, cut.to, cut.to_layer, cut.to_head)
        if key in told:
            raise Unsuitable(f"A {cut.part} of layer {cut.layer} is edited twice. Say it once.", field="edits")
        told.add(key)
    for edge in (cut for cut in cuts if cut.part == "edge"):
        _check_that_it_arrives(edge, cuts)


def _check_that_it_arrives(edge: Cut, cuts: Iterable[Cut]) -> None:
    """Raises Unsuitable where what a head says is replaced on its way, so that nothing of it is left to be cut."""
    for cut in cuts:
        lost = cut.part == "attention" and cut.layer == edge.layer
        end = cut.layer if edge.to_layer is None else edge.to_layer
        if lost or (cut.part == "residual" and edge.layer < cut.layer <= end):
            where = f"The {'attention' if lost else 'residual stream'} of layer {cut.layer} is edited"
            raise Unsuitable(f"{where}: nothing of head {edge.layer}.{edge.head} is left to cut.", field="edits")


def sites(cuts: Iterable[Cut]) -> list[str]:
    """Where the values stand that are replaced."""
    return sorted({_site(cut) for cut in cuts})


def edits(network: GPT, cuts: Iterable[Cut], usual: dict[str, Tensor], other: dict[str, Tensor]) -> dict[str, Edit]:
    """The edits of a pass over one text: by site, all in one. Edges see the values as the other edits leave them.

    `usual` holds each site's value in the plain pass over the text, (1, position, …), of which the means are taken;
    `other` that of the text to resample from.
    """
    steps: dict[str, list[Edit]] = {}
    readers: dict[tuple[object, ...], list[tuple[Cut, Edit]]] = {}
    for cut in cuts:
        replace = _replacing(cut, _instead(cut.action, _site(cut), usual, other))
        if cut.part == "edge":
            readers.setdefault((cut.to, cut.to_layer, cut.to_head), []).append((cut, replace))
        else:
            steps.setdefault(_site(cut), []).append(replace)
    for edges in readers.values():
        for site, step in _reading_without(network, edges):
            steps.setdefault(site, []).append(step)
    return {site: _one_after_another(all_of_them) for site, all_of_them in steps.items()}


def _site(cut: Cut) -> str:
    return f"blocks.{cut.layer}.{SITES[cut.part]}"


def _instead(action: Action, site: str, usual: dict[str, Tensor], other: dict[str, Tensor]) -> Tensor:
    """What stands at a site where a part is switched off, in the shape of its value."""
    if action == "zero":
        return torch.zeros_like(usual[site])
    if action == "mean":
        return usual[site].mean(1, keepdim=True).expand_as(usual[site])  # over the text's own positions
    return other[site]


def _replacing(cut: Cut, instead: Tensor) -> Edit:
    """Puts `instead` where the part stands: a head's or a neuron's slice, one position's row, or all of it."""
    rows = slice(None) if cut.position is None else cut.position
    part: tuple[object, ...] = (slice(None), rows)
    if cut.part in ("head", "edge"):
        part = (slice(None), rows, cut.head)
    elif cut.part == "neuron":
        part = (slice(None), rows, cut.unit)

    def replace(value: Tensor) -> Tensor:
        value = value.clone()
        value[part] = instead[part]
        return value

    return replace


def _reading_without(network: GPT, edges: list[tuple[Cut, Edit]]) -> list[tuple[str, Edit]]:
    """Note what the heads add more than they should, and let the one reader they share read the stream without it."""
    excess: dict[Cut, Tensor] = {}
    noting = [(_site(cut), _noting(network, cut, replace, excess)) for cut, replace in edges]
    reader = edges[0][0]
    if reader.to == "logits":
        return [*noting, (f"blocks.{network.plan.layers - 1}.hook_resid_post", lambda x: x - sum(excess.values()))]
    assert reader.to_layer is not None
    block = network.blocks[reader.to_layer]
    base, anew = f"blocks.{reader.to_layer}", dict[str, Tensor]()

    def read(stream: Tensor) -> Tensor:
        norm, first = (block.ln_2, block.mlp.c_fc) if reader.to == "mlp" else (block.ln_1, block.attn.c_attn)
        without = stream - sum(excess.values())  # (batch, position, width)
        anew["read"] = first(F.layer_norm(without, norm.weight.shape, norm.weight, norm.bias, norm.epsilon))
        return stream

    if reader.to == "mlp":
        return [*noting, (f"{base}.hook_resid_mid", read), (f"{base}.mlp.hook_pre", lambda _: anew["read"])]

    def taking(which: int) -> Edit:
        def take(value: Tensor) -> Tensor:
            own = anew["read"].chunk(3, dim=-1)[which].view(value.shape)  # (batch, position, head, d_head)
            value = value.clone()
            value[:, :, reader.to_head] = own[:, :, reader.to_head]
            return value

        return take

    taken = [(f"{base}.attn.hook_{name}", taking(which)) for which, name in enumerate("qkv")]
    return [*noting, (f"{base}.hook_resid_pre", read), *taken]


def _noting(network: GPT, cut: Cut, replace: Edit, excess: dict[Cut, Tensor]) -> Edit:
    """Notes what a head writes into the stream, less what it would write were it replaced."""
    assert cut.head is not None
    width = network.plan.head_width
    own = slice(cut.head * width, (cut.head + 1) * width)
    writes = network.blocks[cut.layer].attn.c_proj.weight[:, own]  # (width, d_head)

    def note(z: Tensor) -> Tensor:
        excess[cut] = (z - replace(z))[:, :, cut.head] @ writes.T  # (batch, position, width)
        return z

    return note


def _one_after_another(steps: list[Edit]) -> Edit:
    def all_of_them(value: Tensor) -> Tensor:
        for step in steps:
            value = step(value)
        return value

    return all_of_them
