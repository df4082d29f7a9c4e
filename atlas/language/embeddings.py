"""The vectors of tokens and of positions: what lies near what, sums of words, and positions as curves.

A network reads the sum of a token's vector and its position's; it reads its answers off with the tokens' vectors again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from lucarne.atlas.language.corpora import bundled
from lucarne.atlas.language.shipped_map import shipped_map
from lucarne.models.errors import Mistake, Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.model import Model
from lucarne.models.progress import Progress

MAPPED = 4096  # tokens on the map; of a larger vocabulary the first: merges that were learned first
NUMBER = "#"  # before a number that stands for a token


@dataclass(frozen=True)
class Term:
    """A token of a sum, added or taken away."""

    sign: int
    id: int


@dataclass(frozen=True)
class Map:
    """Tokens laid out so that near to each other lie those whose vectors point the same way."""

    ids: NDArray[np.int64] = field(repr=False)  # (tokens,)
    points: NDArray[np.float32] = field(repr=False)  # (tokens, 2), 0…1 from the upper left
    counts: NDArray[np.int64] = field(repr=False)  # (tokens,): how often each stands in the stories that ship


@dataclass(frozen=True)
class Positions:
    """The vectors of all positions."""

    vectors: Tensor  # float32 (position, width)
    token_norm: float  # mean length of a token's vector

    @property
    def cosines(self) -> Tensor:
        """Between every two positions, (position, position)."""
        lengths = torch.nn.functional.normalize(self.vectors, dim=-1)
        return lengths @ lengths.t()


def vectors_of(model: Model) -> Tensor:
    """Every token's vector, float32 (vocabulary, width). Raises Unsuitable for a network that reads pictures."""
    return _network(model).wte.weight.detach().float().cpu()


def token_of(model: Model, said: str, place: str) -> int:
    """The token that a word is behind a space, or else as it stands; `#123` is number 123. Raises Unsuitable.

    `place` is the field it was said in.
    """
    vocabulary = int(model.card.plan["vocabulary"])
    if said.startswith(NUMBER) and said[1:].isascii() and said[1:].isdigit() and len(said) <= 9:
        if int(said[1:]) >= vocabulary:
            detail = f"The network knows {vocabulary} tokens, from 0; there is no token {said[1:]}."
            raise Unsuitable(detail, field=place)
        return int(said[1:])
    try:
        own, behind = model.tokenizer.ids(said), model.tokenizer.ids(f" {said}")
    except UnicodeEncodeError:
        raise Unsuitable("The word holds half of a surrogate pair, which is no character.", field=place) from None
    for ids in (behind, own) if said[0].isalpha() else (own, behind):
        if len(ids) == 1 and ids[0] < vocabulary:
            return ids[0]
    parts = "·".join(model.tokenizer.text_of(token) for token in own)
    detail = f"“{said[:40]}” is no token of its own but {len(own)}: {parts[:80]}. Take a shorter word, or one token."
    raise Unsuitable(detail, field=place)


def nearest(model: Model, terms: Sequence[Term], k: int) -> list[tuple[int, float]]:
    """The `k` tokens whose vectors point most nearly where the sum of the terms' does, with the cosine.

    Each term counts with length one: Mikolov, Yih, Zweig: "Linguistic Regularities in Continuous Space Word
    Representations", 2013. The terms themselves are left out, as there. Raises Unsuitable for a sum of nothing.
    """
    if not terms:
        raise Unsuitable("Say at least one token to look around.", field="plus")
    units = torch.nn.functional.normalize(vectors_of(model), dim=-1)  # (vocabulary, width)
    wanted = sum((term.sign * units[term.id] for term in terms), torch.zeros(units.shape[1]))  # (width,)
    if float(wanted.norm()) < 1e-6:
        raise Unsuitable("The tokens cancel each other out: their sum points nowhere.", field="minus")
    cosines = units @ (wanted / wanted.norm())  # (vocabulary,)
    cosines[[term.id for term in terms]] = -torch.inf
    best = cosines.topk(max(0, min(k, len(cosines) - len({term.id for term in terms}))))
    return list(zip(best.indices.tolist(), best.values.tolist(), strict=True))


def embedding_map(model: Model, seed: int = 0, progress: Progress = iter) -> Map:
    """The first tokens of the vocabulary on a map; the one that ships, if it is asked for."""
    vectors = vectors_of(model)[:MAPPED]
    known = shipped_map(model.card.name, model.weights) if seed == 0 else None
    points = laid_out(vectors, seed, progress) if known is None else known
    return Map(np.arange(len(vectors)), points, _counts(model)[: len(vectors)])


def laid_out(vectors: Tensor, seed: int = 0, progress: Progress = iter) -> NDArray[np.float32]:
    """Vectors (tokens, width) on a map by UMAP on cosines: the first of them, points (tokens, 2) in 0…1."""
    from lucarne.atlas.mapping.layout import Manner, layout

    manner = Manner(neighbours=15, distance=0.1, metric="cosine")
    return layout(vectors[:MAPPED].numpy(), manner, seed, progress)


def positions(model: Model) -> Positions:
    """The vectors of all positions of a network."""
    network = _network(model)
    vectors = network.wpe.weight.detach().float().cpu()
    return Positions(vectors, float(vectors_of(model).norm(dim=-1).mean()))


def _counts(model: Model) -> NDArray[np.int64]:
    """How often each token stands in the stories that ship, (vocabulary,); zeros where they cannot be read."""
    vocabulary = int(model.card.plan["vocabulary"])
    try:
        return np.bincount(bundled(model).tokens, minlength=vocabulary)[:vocabulary]
    except Mistake:
        return np.zeros(vocabulary, np.int64)


def _network(model: Model) -> GPT:
    if not isinstance(model.network, GPT):
        raise Unsuitable(f"{model.card.title} reads pictures: it has no vectors of tokens.", field="model")
    return model.network
