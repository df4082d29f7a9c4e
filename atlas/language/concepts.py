"""What a feature makes a network say: the words that holding it makes likelier, through all the layers behind it.

What a feature's direction writes by itself, read off as the logit lens does, is only its first step: in a small network
later layers do most of what follows. So the feature is held in texts that the network writes itself, and what the
network then expects is compared with what it expected. Words that come all the time anyway are no concept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from lucarne.atlas.language.bench import gpt
from lucarne.atlas.language.loudness import own_texts
from lucarne.models.model import Model

TEXTS, LENGTH = 8, 48  # in which features are held, and tokens of each
HELD = 1.0  # times its maximum
WORDS = 20  # of a concept
USUAL = 0.002  # part of all tokens that a word of a concept makes up anyway, at most
RARE = 1e-4  # rarer tokens count as being so frequent: of these texts they are too few to tell

Concept = list[tuple[int, float]]  # token, by how much likelier it becomes at a place, the most first


@dataclass(frozen=True)
class Habits:
    """What a network says when it is left alone."""

    texts: Tensor  # int64 (text, position)
    usual: Tensor  # float32 (vocabulary,): mean probability of each token over all places
    words: Tensor  # bool (vocabulary,): tokens that a concept may have


_kept: dict[str, Habits] = {}  # by weights; a worker holds few models


def concept(model: Model, site: str, units: Sequence[int], most: Tensor) -> Concept:
    """The up to `WORDS` words that each of some features makes likelier, with the rise; of several together.

    `most` are the features' maxima, (features,).
    """
    found: dict[int, float] = {}
    for unit in units:
        for token, rise in picked(model, rise_of(model, site, unit, HELD * float(most[unit]))):
            found[token] = max(rise, found.get(token, 0.0))
    return sorted(found.items(), key=lambda each: -each[1])


@torch.inference_mode()
def rise_of(model: Model, site: str, unit: int, value: float) -> Tensor:
    """By how much holding a feature at a value makes each token likelier, mean over all places: (vocabulary,)."""

    def held(said: Tensor) -> Tensor:
        said = said.clone()  # (text, position, feature)
        said[:, 1:, unit] = value
        return said

    usual = habits(model)
    with model.undisturbed(), model.edit({site: held}):
        return _expected(model, usual.texts) - usual.usual


def picked(model: Model, rise: Tensor) -> Concept:
    """The words among rises (vocabulary,) that rise most, if they rise at all."""
    best = rise.where(habits(model).words, -torch.inf).topk(min(WORDS, len(rise)))
    return [
        (token, value) for token, value in zip(best.indices.tolist(), best.values.tolist(), strict=True) if value > 0
    ]


def telling(model: Model, found: Concept) -> float:
    """How much a concept changes what is said: the rise of each word, times how many times it doubles."""
    usual = habits(model).usual
    before = torch.tensor([float(usual[token]) for token, _ in found]).clamp(min=RARE)
    rise = torch.tensor([rise for _, rise in found])
    return float((rise * ((before + rise) / before).log2()).sum())


@torch.inference_mode()
def habits(model: Model) -> Habits:
    """What a network says when it is left alone, measured once for its weights."""
    if model.weights not in _kept:
        if len(_kept) >= 4:
            _kept.clear()
        texts = own_texts(model, TEXTS, min(LENGTH, gpt(model).plan.context))
        with model.undisturbed():
            usual = _expected(model, texts)
        known = min(len(usual), model.tokenizer.vocabulary)
        words = torch.zeros(len(usual), dtype=torch.bool)
        words[:known] = torch.tensor([is_word(model.tokenizer.text_of(token)) for token in range(known)])
        words &= usual <= USUAL
        _kept[model.weights] = Habits(texts, usual, words if words.sum() >= WORDS else torch.ones_like(words))
    return _kept[model.weights]


def is_word(text: str) -> bool:
    """A blank and three letters or more."""
    return text.startswith(" ") and len(text) > 3 and text[1:].isalpha()


def _expected(model: Model, texts: Tensor) -> Tensor:
    """Mean probability of each token behind all places but the first, (vocabulary,)."""
    return model(texts)[:, 1:].float().softmax(-1).mean((0, 1)).cpu()
