"""AlexNet, measured: how often it is right, what it confuses, and whether kernels and channels came to anything."""

from collections import Counter
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lucarne.atlas.evaluation.data import pack
from lucarne.atlas.evaluation.dictionaries import measured_anew
from lucarne.atlas.evaluation.figures import Figures, rounded
from lucarne.atlas.vision.kernels import CLEAR, NOISE, clarity, kernels
from lucarne.models.alexnet import AlexNet
from lucarne.models.card import Confusion
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model
from lucarne.models.progress import Progress
from lucarne.models.training.alexnet import resized
from lucarne.models.training.subjects import Pictures

PACK = "tiny-imagenet-val"
SIDE = 64  # pixels of its pictures
LABELS = "tiny-imagenet"  # the labels of the networks that know its classes
LAYERS = (2, 3, 4, 5)  # whose channels may be dead
BATCH = 250  # pictures
WORST = 10  # classes


def figures_of(model: Model, data: Path, cache: Path, progress: Progress) -> Figures:
    pictures, labels = pack(data, PACK, SIDE, cache)
    if labels.max() >= model.card.plan["classes"]:
        raise Unsuitable(f"The pack {PACK} has classes that {model.card.name} does not know.", field="data")
    guesses, positive = answers(model, pictures, progress)
    hits = guesses == labels[:, None]  # (n, ≤ 5)
    clear = clarity(kernels(model))
    metrics: dict[str, float] = {"top1": 100 * hits[:, 0].mean().item(), "top5": 100 * hits.any(1).mean().item()}
    metrics |= {"clear_kernels": int((clear >= CLEAR).sum()), "noise_kernels": int((clear < NOISE).sum())}
    metrics |= {f"dead_conv{n}": 100 * (~positive[f"relu{n}"]).float().mean().item() for n in LAYERS}
    network = model.network
    assert isinstance(network, AlexNet)
    return Figures(
        model=model.card.name,
        weights=model.weights,
        measured_on=f"the {len(labels):,} pictures of {PACK}, centre squares at {network.plan.input_size} pixels",
        metrics=rounded(metrics),
        worst=confusions(guesses[:, 0], labels, model.labels),
        dictionaries=measured_anew(
            model.card, lambda site: Pictures(network.cpu(), pictures, pictures, labels, site), progress
        ),
    )


def answers(model: Model, pictures: np.ndarray, progress: Progress) -> tuple[np.ndarray, dict[str, Tensor]]:
    """The five best guesses of every picture, best first, (n, ≤ 5); and which channels of relu2 … relu5 ever spoke.

    `pictures` are uint8 (n, side, side, 3), resized to the network's input; the latter is bool (channels,) by site.
    """
    sites = [f"relu{layer}" for layer in LAYERS]
    few = min(5, model.card.plan["classes"])
    guesses: list[Tensor] = []
    positive: dict[str, Tensor] = {}
    for start in progress(range(0, len(pictures), BATCH)):
        pixels = torch.tensor(pictures[start : start + BATCH], device=model.device)
        with model.watch(*sites) as seen:
            guesses.append(model(resized(pixels, model.card.plan["input_size"])).topk(few).indices.cpu())
        for site in sites:
            spoke = (seen[site] > 0).any(0).flatten(1).any(1).cpu()  # (channels,)
            positive[site] = positive.get(site, torch.zeros_like(spoke)) | spoke
    return torch.cat(guesses).numpy(), positive


def confusions(guesses: np.ndarray, labels: np.ndarray, names: list[str], most: int = WORST) -> list[Confusion]:
    """The classes that are least often the first guess, and what each is taken for most often.

    `guesses` and `labels` are (n,). Classes without pictures, and those that are always recognised, are left out.
    """
    found: list[Confusion] = []
    for label in np.unique(labels).tolist():
        given = Counter(guesses[labels == label].tolist())
        count = given.total()
        right = given.pop(label, 0)
        if given:
            other, times = min(given.items(), key=lambda pair: (-pair[1], pair[0]))
            right, wrong = round(100 * right / count, 1), round(100 * times / count, 1)
            found.append(Confusion(name=names[label], right=right, taken_for=names[other], wrong=wrong))
    return sorted(found, key=lambda each: (each.right, -each.wrong))[:most]
