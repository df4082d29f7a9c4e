"""How loud the features of a dictionary get: what a strength of 1 means where they are steered.

The most a feature says depends on what is read. Here it is what the network itself writes, from a seed: no foreign text
is needed, and equal weights give equal numbers on one machine.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lucarne.atlas.language.bench import gpt
from lucarne.atlas.language.generation import Sampling, Writer
from lucarne.models import weights
from lucarne.models.model import Model
from lucarne.models.progress import Progress, note
from lucarne.models.taps import FEATURES

TEXTS, LENGTH = 64, 96  # how many texts, and tokens of each


@dataclass(frozen=True)
class Loudness:
    """Of each feature the most it says, and at what part of the tokens it says anything, two of (features,)."""

    most: Tensor
    often: Tensor


_kept: dict[tuple[str, str, str], Tensor] = {}  # a worker holds few models


def dictionary_of(model: Model, site: str) -> str:
    """sha256 of the dictionary at a site of features; empty for one that nobody ships."""
    base = model.site(site).name.removesuffix(FEATURES)
    return next((card.weights for card in model.card.dictionaries if card.site == base), "")


def maxima(model: Model, site: str, progress: Progress = iter) -> Tensor:
    """The most each feature says, (features,): from the shelf that ships, or else measured, once for its weights."""
    key = (model.weights, model.site(site).name, dictionary_of(model, site))
    if key not in _kept:
        if len(_kept) >= 4:
            _kept.clear()
        told = shipped(model.card.name, *key)
        _kept[key] = torch.tensor(told["maxima"]) if told else _measured(model, site, progress)
    return _kept[key]


def shelf_file(name: str, site: str) -> Path:
    """Where the shelf of a model's site lies among what ships. It keeps the maxima, too."""
    return weights.BUNDLED / name / f"shelf-{site.removesuffix(FEATURES)}.json"


def shipped(name: str, weights: str, site: str, dictionary: str) -> dict[str, Any] | None:
    """The shelf that ships for a model's site, where it was made of these weights and this dictionary."""
    try:
        told = json.loads(shelf_file(name, site).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if weights and (told["weights"], told["dictionary"]) == (weights, dictionary) else None


def _measured(model: Model, site: str, progress: Progress) -> Tensor:
    note(progress, "Measuring how loud features get")
    most = own_words(model, site, progress).most
    note(progress, "")
    return most


@torch.inference_mode()
def own_words(model: Model, site: str, progress: Progress = iter) -> Loudness:
    """Features measured in texts that the network writes behind the end-of-text token, or else behind one by chance."""
    network = gpt(model)
    writer = Writer(network, range(TEXTS), min(LENGTH, network.plan.context))
    last, end = beginning(model, TEXTS), model.tokenizer.end
    features = model.glass(site).dictionary.encoder.out_features
    most, often, seen = torch.zeros(features), torch.zeros(features), 0
    is_open = torch.ones(TEXTS, dtype=torch.bool)
    with model.undisturbed(), model.watch(site) as said:
        for position in progress(range(writer.cache.positions)):
            writer.read(last)
            now = said[model.site(site).name][:, 0].float().cpu()[is_open]  # (open texts, features)
            if position and len(now):  # the begin token is like no other
                most, often, seen = torch.maximum(most, now.amax(0)), often + (now > 0).sum(0), seen + len(now)
            last = writer.draw(Sampling())[:, None]
            is_open &= last[:, 0] != (-1 if end is None else end)
    return Loudness(most, often / max(1, seen))


@torch.inference_mode()
def own_texts(model: Model, texts: int, length: int) -> Tensor:
    """What the network writes by itself, int64 (text, position); behind the end of one text it begins another."""
    writer, written = Writer(gpt(model), range(texts), length), [beginning(model, texts)]
    with model.undisturbed():
        for _ in range(length - 1):
            writer.read(written[-1])
            written.append(writer.draw(Sampling())[:, None])
    return torch.cat(written, 1)


def beginning(model: Model, texts: int) -> Tensor:
    """What texts begin with, int64 (text, 1): the end-of-text token, or else one by chance."""
    chance, end = torch.Generator().manual_seed(0), model.tokenizer.end
    anything = torch.randint(gpt(model).plan.vocabulary, (texts, 1), generator=chance)
    return anything if end is None else torch.full_like(anything, end)
