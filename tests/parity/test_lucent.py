"""Our objectives are lucent's, number for number and summed as theirs, and so is the picture a spectrum stands for."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from lucarne.atlas.vision import objectives as ours
from lucarne.atlas.vision.parameterisation import SPREAD, Spectrum, noise
from lucarne.models import load
from lucarne.models.model import Model

PICTURES = 3
X, Y = 1, 2


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


@pytest.fixture(scope="module")
def seen(model: Model) -> dict[str, Tensor]:
    """Activations of three pictures at every site."""
    size = model.card.input_size or 0
    pixels = torch.randint(256, (PICTURES, size, size, 3), generator=torch.Generator().manual_seed(0))
    return {site: value.clone() for site, value in model.look(pixels.byte(), *model.sites).items()}


def vector() -> Tensor:
    return torch.randn(16, generator=torch.Generator().manual_seed(1))


def pairs(model: Model) -> dict[str, tuple[ours.Objective, Callable[[Any], Any]]]:
    """Ours, and how to make theirs from their module."""
    channel, neuron = ours.channel(model, "conv3", 5), ours.neuron(model, "conv2", 7)
    return {
        "channel": (channel, lambda t: t.channel("conv3", 5)),
        "neuron": (neuron, lambda t: t.neuron("conv2", 7)),
        "neuron at": (ours.neuron(model, "conv2", 7, x=X, y=Y), lambda t: t.neuron("conv2", 7, x=X, y=Y)),
        "direction": (ours.direction(model, "conv3", vector()), lambda t: t.direction("conv3", vector())),
        "direction neuron": (
            ours.direction_neuron(model, "conv3", vector()),
            lambda t: t.direction_neuron("conv3", vector()),
        ),
        "direction neuron at": (
            ours.direction_neuron(model, "conv3", vector(), x=X, y=Y),
            lambda t: t.direction_neuron("conv3", vector(), x=X, y=Y),
        ),
        "channel weight": (ours.weighted(model, "conv3", vector()), lambda t: t.channel_weight("conv3", vector())),
        "minus diversity": (-ours.diversity(model, "conv4", PICTURES), lambda t: t.diversity("conv4")),
        "sum": (channel + neuron, lambda t: t.channel("conv3", 5) + t.neuron("conv2", 7)),
        "sum of many": (
            sum([channel, neuron, channel], start=channel),
            lambda t: t.Objective.sum([t.channel("conv3", 5), t.neuron("conv2", 7)] + 2 * [t.channel("conv3", 5)]),
        ),
        "difference": (channel - neuron, lambda t: t.channel("conv3", 5) - t.neuron("conv2", 7)),
        "negative": (-channel, lambda t: -t.channel("conv3", 5)),
        "multiple": (2.5 * channel * 3, lambda t: 2.5 * t.channel("conv3", 5) * 3),
        "part": (channel / 7, lambda t: t.channel("conv3", 5) / 7),
        "with diversity": (
            channel + 1e2 * ours.diversity(model, "conv4", PICTURES),
            lambda t: t.channel("conv3", 5) - 1e2 * t.diversity("conv4"),
        ),
    }


@pytest.mark.parametrize("name", pairs(load("tiny_alexnet", device="cpu")))
def test_objectives_are_lucents(model: Model, seen: dict[str, Tensor], name: str) -> None:
    from lucent.optvis import objectives as lucents

    mine, theirs = pairs(model)[name]
    expected = -theirs(lucents)(seen.__getitem__)  # theirs are losses
    torch.testing.assert_close(mine(seen).mean(), expected, rtol=1e-5, atol=1e-5)
    assert mine(seen).shape == (PICTURES,)


def test_a_single_picture_of_a_batch_is_theirs_of_that_batch_number(model: Model, seen: dict[str, Tensor]) -> None:
    from lucent.optvis import objectives as lucents

    mine = ours.channel(model, "conv3", 5)(seen)
    for i in range(PICTURES):
        torch.testing.assert_close(mine[i], -lucents.channel("conv3", 5, batch=i)(seen.__getitem__))


def test_a_number_can_be_added(model: Model, seen: dict[str, Tensor]) -> None:
    """lucent adds it to the loss, which is to be made small."""
    from lucent.optvis import objectives as lucents

    mine = ours.channel(model, "conv3", 5) - 3
    torch.testing.assert_close(mine(seen).mean(), -(lucents.channel("conv3", 5) + 3)(seen.__getitem__))


@pytest.mark.parametrize("side", [64, 128, 144])
def test_a_spectrum_is_the_picture_lucent_makes_of_it(side: int) -> None:
    from lucent.optvis import param

    parameters, image = param.image(side, batch=2)
    begun = noise(side, [torch.Generator().manual_seed(seed) for seed in (3, 4)], "cpu")
    parameters[0].data = (begun * SPREAD).to(parameters[0].device)
    ours = Spectrum(begun, decay=1.0)
    torch.testing.assert_close(ours.pictures(), image().cpu(), rtol=0, atol=1e-5)
    for large in (10, 300):
        parameters[0].data *= large
        ours.numbers.data *= large
        torch.testing.assert_close(ours.pictures(), image().cpu(), rtol=0, atol=1e-5)
