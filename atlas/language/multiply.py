"""The sum behind one number of the matrix view, term by term, from the model's real weights."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lucarne.atlas.language.bench import gpt, linear
from lucarne.atlas.language.matrices import NORMS, ORDER, gelu, seen_of, sites
from lucarne.models.errors import Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.model import Model

Rule = Literal["lookup", "sum", "norm", "product", "softmax", "gelu"]


@dataclass(frozen=True)
class Multiply:
    """How one number came about. float32 (term,) each.

    `product`: value = factor · Σ left · right + bias. `sum`: the same with every right 1. `lookup`: the one term is
    read off a table. `norm`: (x - mean) / scale · weight + bias, as two terms with right = weight / scale. `gelu`: the
    term's left goes through the GELU. `softmax`: left are scores and right e^(score - the largest); the value is one of
    them divided by their sum.
    """

    rule: Rule
    value: float  # the model's own
    left: Tensor
    right: Tensor
    names: list[str]  # of the terms
    factor: float = 1.0
    bias: float = 0.0
    column: int = 0  # of a softmax: which of its keys is meant
    numbers: tuple[tuple[str, float], ...] = ()  # further numbers of the rule

    @property
    def terms(self) -> Tensor:
        """What each term adds, (term,); of a softmax each key's weight."""
        if self.rule == "softmax":
            return self.right / self.right.sum()
        return self.factor * (gelu(self.left) if self.rule == "gelu" else self.left * self.right)

    @property
    def total(self) -> float:
        """What the terms come to: the value, up to rounding."""
        if self.rule == "softmax":
            return self.terms[self.column].item()
        return self.terms.sum().item() + self.bias


@dataclass(frozen=True)
class _At:
    """The cell that is asked about, with all that lies around it."""

    network: GPT
    tokens: Tensor
    layer: int
    head: int
    row: int
    column: int
    whole: dict[str, Tensor]
    model: Model

    @property
    def first(self) -> int:
        """The head's first column where heads lie side by side."""
        return self.head * self.network.plan.head_width


def multiply(model: Model, tokens: Tensor, layer: int, head: int, matrix: str, row: int, column: int) -> Multiply:
    """How the number at (`row`, `column`) of a matrix of the block came about, on int64 tokens (position,).

    `matrix` is one of `matrices.ORDER`, `column` of logits a token number. Raises Unsuitable for a cell that is not
    there or lies ahead of its query.
    """
    if matrix not in RULES:
        raise Unsuitable(f"There is no matrix of that name. Known: {', '.join(ORDER)}.", field="matrix")
    whole = seen_of(model, tokens, layer, head)
    rows, columns = whole[matrix].shape
    for place, most, field in ((row, rows, "row"), (column, columns, "column")):
        if not 0 <= place < most:
            raise Unsuitable(f"There is no {field} {place}: {matrix} has 0 to {most - 1}.", field=field)
    if matrix in ("scores", "pattern") and column > row:
        raise Unsuitable(f"Token {column} lies ahead of token {row}: a token looks back only.", field="column")
    with torch.inference_mode():
        return RULES[matrix](_At(gpt(model), tokens, layer, head, row, column, whole, model), matrix)


def _value(at: _At, matrix: str) -> float:
    return at.whole[matrix][at.row, at.column].item()


def _looked_up(at: _At, matrix: str) -> Multiply:
    table = at.network.get_parameter("wte.weight" if matrix == "embed" else "wpe.weight")
    number = int(at.tokens[at.row]) if matrix == "embed" else at.row
    name = f"token {number}" if matrix == "embed" else f"position {number}"
    entry = table[number, at.column].float().cpu()[None]
    return Multiply("lookup", _value(at, matrix), entry, torch.ones(1), [name])


def _summed(at: _At, matrix: str) -> Multiply:
    """The residual stream: what came in and what was added. Into a block comes all that was added before it."""
    added = {"resid_mid": ("resid_pre", "attn_out"), "resid_post": ("resid_mid", "mlp_out")}.get(matrix)
    if added:
        parts = {
            {"resid_pre": "stream before", "resid_mid": "stream before"}.get(name, name): at.whole[name]
            for name in added
        }
    else:
        where = {"embedding": "hook_embed", "position": "hook_pos_embed"}
        for before in range(at.layer):
            site = f"blocks.{before}"
            where |= {f"attention {before}": f"{site}.hook_attn_out", f"MLP {before}": f"{site}.hook_mlp_out"}
        seen = at.model.look(at.tokens[None], *where.values())
        parts = {name: seen[site][0].float().cpu() for name, site in where.items()}
    left = torch.stack([part[at.row, at.column] for part in parts.values()])
    names = [{"attn_out": "attention", "mlp_out": "MLP"}.get(name, name) for name in parts]
    return Multiply("sum", _value(at, matrix), left, torch.ones(len(left)), names)


def _normed(at: _At, matrix: str) -> Multiply:
    norm = at.network.get_submodule(NORMS[matrix].format(at.layer))
    weight = norm.get_parameter("weight")[at.column].item()
    bias = norm.get_parameter("bias")[at.column].item()
    if matrix == "ln_final":
        last = f"blocks.{at.network.plan.layers - 1}.hook_resid_post"
        read = at.model.look(at.tokens[None], last)[last][0].float().cpu()
    else:
        read = at.whole["resid_pre" if matrix == "ln1" else "resid_mid"]
    own = read[at.row]  # (width,)
    scale = (own.var(correction=0) + at.network.plan.epsilon).sqrt().item()
    mean = own.mean().item()
    left = torch.stack([own[at.column], torch.tensor(-mean)])
    return Multiply(
        "norm", _value(at, matrix), left, torch.full((2,), weight / scale), ["stream", "less its mean"], bias=bias,
        numbers=(("mean", mean), ("scale", scale), ("weight", weight)),
    )  # fmt: skip


def _mapped(at: _At, matrix: str) -> Multiply:
    """A row of the input times a column of a block's weights, and a bias."""
    part, source = {
        "q": ("attn.c_attn", "ln1"), "k": ("attn.c_attn", "ln1"), "v": ("attn.c_attn", "ln1"),
        "attn_out": ("attn.c_proj", ""), "mlp_pre": ("mlp.c_fc", "ln2"), "mlp_out": ("mlp.c_proj", "mlp_post"),
    }[matrix]  # fmt: skip
    weight, bias = linear(at.network, at.layer, part)
    out = at.column + at.first + "qkv".index(matrix) * at.network.plan.width if matrix in ("q", "k", "v") else at.column
    if source:
        left = at.whole[source][at.row]
        names = [f"column {number}" for number in range(len(left))]
    else:  # the heads' gatherings side by side
        site = sites(at.model, at.layer)["z"]
        gathered = at.model.look(at.tokens[None], site)[site][0, at.row]  # (head, d_head)
        left = gathered.flatten().float().cpu()
        names = [f"head {number // gathered.shape[1]}, {number % gathered.shape[1]}" for number in range(len(left))]
    return Multiply("product", _value(at, matrix), left, weight[out].float().cpu(), names, bias=bias[out].item())


def _scored(at: _At, matrix: str) -> Multiply:
    asks, offers = at.whole["q"][at.row], at.whole["k"][at.column]  # two of (d_head,)
    names = [f"column {number}" for number in range(len(asks))]
    return Multiply("product", _value(at, matrix), asks, offers, names, factor=1 / math.sqrt(len(asks)))


def _softened(at: _At, matrix: str) -> Multiply:
    scores = at.whole["scores"][at.row, : at.row + 1]  # (key,)
    names = [f"token {number}" for number in range(len(scores))]
    return Multiply("softmax", _value(at, matrix), scores, (scores - scores.max()).exp(), names, column=at.column)


def _gathered(at: _At, matrix: str) -> Multiply:
    weights = at.whole["pattern"][at.row, : at.row + 1]  # (key,)
    names = [f"token {number}" for number in range(len(weights))]
    return Multiply("product", _value(at, matrix), weights, at.whole["v"][: at.row + 1, at.column], names)


def _bent(at: _At, matrix: str) -> Multiply:
    before = at.whole["mlp_pre"][at.row, at.column][None]
    return Multiply("gelu", _value(at, matrix), before, torch.ones(1), ["before"])


def _answered(at: _At, matrix: str) -> Multiply:
    left = at.whole["ln_final"][at.row]  # (width,)
    right = at.network.get_parameter("wte.weight")[at.column].float().cpu()
    return Multiply("product", _value(at, matrix), left, right, [f"column {number}" for number in range(len(left))])


RULES: dict[str, Callable[[_At, str], Multiply]] = {
    "embed": _looked_up, "pos_embed": _looked_up, "resid_pre": _summed, "ln1": _normed, "q": _mapped, "k": _mapped,
    "v": _mapped, "scores": _scored, "pattern": _softened, "z": _gathered, "attn_out": _mapped, "resid_mid": _summed,
    "ln2": _normed, "mlp_pre": _mapped, "mlp_post": _bent, "mlp_out": _mapped, "resid_post": _summed,
    "ln_final": _normed, "logits": _answered,
}  # fmt: skip
