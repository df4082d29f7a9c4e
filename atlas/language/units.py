"""A neuron of an MLP or a feature of a dictionary as a unit with a page: what excites it, what it writes, its likes.

Both read the residual stream in one direction and write it in another, so both get the same page.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lucarne.atlas.language.corpora import Corpus
from lucarne.atlas.language.indexing import NOWHERE, Index, check_unit
from lucarne.models.errors import Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.model import Model
from lucarne.models.taps import FEATURES

BEFORE, AFTER = 24, 8  # tokens shown around a peak
WRITTEN = 12  # tokens it writes most, and least
NEIGHBORS = 10
ABREAST = 8  # windows that go through the network at once
AGREE = 0.5  # part of what the top contexts' peaks add up to, from which on one token names the unit


@dataclass(frozen=True)
class Context:
    """Some tokens of a corpus with what a unit answers to each, read from the beginning of their window on."""

    group: str  # "top", or "decile 9" … "decile 0"
    place: int  # of the peak in the corpus, in tokens
    document: int
    tokens: NDArray[np.int64] = field(repr=False)  # (n,)
    values: NDArray[np.float32] = field(repr=False)  # (n,)
    peak: int  # which of these tokens is meant


def directions(model: Model, site: str) -> Tensor:
    """What each unit of a site adds to the residual stream when it answers 1: (units, width).

    A feature's decoder direction, which has length one; a neuron's output weights.
    """
    network, name = model.network, model.site(site).name
    assert isinstance(network, GPT)
    if name.endswith(FEATURES):
        return model.glass(name).dictionary.decoder.weight.t().float().cpu()
    layer = int(name.split(".")[1])
    return network.get_parameter(f"h.{layer}.mlp.c_proj.weight").detach().t().float().cpu()


@torch.inference_mode()
def rises(model: Model, written: Tensor) -> Tensor:
    """How far each token's logit rises with directions (n, width) of the residual stream: (n, vocabulary).

    The direction is centred and weighted as the final layer norm does it, its scale left at 1, and multiplied with the
    token vectors. The mean over the vocabulary, which changes no probability, is taken away.
    """
    network = model.network
    assert isinstance(network, GPT)
    weights = network.wte.weight.float().cpu()  # (vocabulary, width)
    read = (written - written.mean(-1, keepdim=True)) * network.ln_f.weight.float().cpu()  # (n, width)
    rise = read @ weights.t()  # (n, vocabulary)
    return rise - rise.mean(-1, keepdim=True)


def neighbors(model: Model, site: str, unit: int, count: int = NEIGHBORS) -> list[tuple[int, float]]:
    """The units of the site that write most nearly the same, with the cosine between what they write; itself not."""
    written = torch.nn.functional.normalize(directions(model, site), dim=-1)  # (units, width)
    cosines = written @ written[unit]  # (units,)
    cosines[unit] = -torch.inf
    best = cosines.topk(min(count, len(cosines) - 1))
    return list(zip(best.indices.tolist(), best.values.tolist(), strict=True))


def label_of(peaks: Sequence[tuple[int, float]], written: int) -> tuple[str, int]:
    """What a unit is called until somebody knows better, by a rule: ("reads", token) or ("writes", token), -1: dead.

    `peaks` are the tokens at which its top contexts peak, each with its answer. If one token has at least half of all
    that they add up to, the unit reads that; if the contexts do not agree so far, it is called after the token that
    it raises most, `written`.
    """
    shares: dict[int, float] = {}
    for token, value in peaks:
        shares[token] = shares.get(token, 0.0) + value
    if not shares or sum(shares.values()) <= 0:
        return "dead", -1
    token, share = max(shares.items(), key=lambda each: (each[1], -each[0]))
    return ("reads", token) if share >= AGREE * sum(shares.values()) else ("writes", written)


def labels(model: Model, site: str, found: Index, corpus: Corpus, best: Tensor) -> list[tuple[str, int]]:
    """The labels of all units of a site; `found` is its index, `best` (units,) the token each raises most."""
    return [
        label_of(
            [(int(corpus.tokens[place]), float(value)) for place, value in zip(top, values, strict=True) if place >= 0],
            int(best[unit]),
        )
        for unit, (top, values) in enumerate(zip(found.top, found.values, strict=True))
    ]


def contexts(model: Model, site: str, unit: int, found: Index, corpus: Corpus, k: int) -> list[Context]:
    """The top `k` contexts of a unit, then some of each tenth of its range, the highest first.

    `found` is the site's index. What the network answers is computed anew, from the beginning of each window.
    """
    name = check_unit(model, site, unit)
    wanted = [("top", int(place)) for place in found.top[unit, :k] if place != NOWHERE]
    for tenth in range(9, -1, -1):
        wanted += [(f"decile {tenth}", int(place)) for place in found.tenths[unit, tenth] if place != NOWHERE]
    spans = corpus.spans(int(model.card.context or 0))
    read = [_excerpt(spans, place) for _, place in wanted]
    answers = _answers(model, name, unit, corpus, read)
    rows: list[Context] = []
    for (group, place), (start, end), values in zip(wanted, read, answers, strict=True):
        first = max(start, place - BEFORE)
        document = int(np.searchsorted(corpus.starts, place, side="right")) - 1
        tokens, own = corpus.tokens[first:end], values[first - start :]
        rows.append(Context(group, place, document, tokens, own, place - first))
    tenths = {group: [row for row in rows if row.group == group] for group in dict.fromkeys(row.group for row in rows)}
    return [row for group in tenths.values() for row in sorted(group, key=lambda each: -each.values[each.peak])]


def _excerpt(spans: NDArray[np.int64], place: int) -> tuple[int, int]:
    """From the beginning of the window around a place to a few tokens behind it."""
    start, end = spans[np.searchsorted(spans[:, 0], place, side="right") - 1].tolist()
    return start, min(end, place + 1 + AFTER)


@torch.inference_mode()
def _answers(
    model: Model, site: str, unit: int, corpus: Corpus, read: list[tuple[int, int]]
) -> list[NDArray[np.float32]]:
    """What a unit answers to each token of some stretches, read from their beginning."""
    found: dict[int, NDArray[np.float32]] = {}
    order = sorted(range(len(read)), key=lambda i: read[i][1] - read[i][0])  # alike in length go together
    for first in range(0, len(order), ABREAST):
        some = order[first : first + ABREAST]
        windows = [corpus.window(*read[i]) for i in some]
        filled = np.zeros((len(some), max(map(len, windows))), np.int64)
        for row, window in zip(filled, windows, strict=True):
            row[: len(window)] = window
        values = model.look(filled, site)[site][..., unit].float().cpu().numpy()  # (window, position)
        for row, i, window in zip(values, some, windows, strict=True):
            count = read[i][1] - read[i][0]
            found[i] = row[len(window) - count : len(window)]
    return [found[i] for i in range(len(read))]


@torch.inference_mode()
def firing(model: Model, site: str, tokens: NDArray[np.int64]) -> Tensor:
    """What every unit of a site answers to each token of a text, int64 (position,): float32 (position, units).

    Raises Unsuitable for a site without units.
    """
    name = check_unit(model, site, 0)
    return model.look(tokens[None], name)[name][0].float().cpu()


def loudest(answers: Tensor, count: int) -> list[list[tuple[int, float]]]:
    """Of answers (position, units) at each position the `count` largest above zero: unit and answer, largest first."""
    best = answers.topk(min(count, answers.shape[-1]), dim=-1)
    return [
        [(unit, value) for unit, value in zip(units, values, strict=True) if value > 0]
        for units, values in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    ]


def noun_of(site: str, unit: int) -> str:
    """What a unit is called in a sentence: `feature 12 of blocks.3.hook_resid_pre`, `neuron 5 of layer 2`."""
    if site.endswith(FEATURES):
        return f"feature {unit} of {site.removesuffix(FEATURES)}"
    parts = site.split(".")
    if len(parts) < 2 or not parts[1].isdigit():
        raise Unsuitable(f"{site} has no units with pages.", field="site")
    return f"neuron {unit} of layer {parts[1]}"
