"""Attributions against captum's (Kokhlikyan et al. 2020, arXiv:2009.07896): the same numbers for the same question."""

from typing import Any

import numpy as np
import pytest
import torch

from lucarne.atlas.vision.attribution import grad_cam, gradient_activation, occlusion
from lucarne.models import load
from lucarne.models.model import Model

PIXELS = np.random.default_rng(0).integers(256, size=(64, 64, 3), dtype=np.uint8)
LAYERS = ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"]


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


def read(model: Model, pixels: np.ndarray = PIXELS) -> torch.Tensor:
    return model.network.read(torch.from_numpy(pixels[None].copy())).requires_grad_()  # pyright: ignore


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("index", [0, 7])
def test_gradient_times_activation(model: Model, layer: str, index: int) -> None:
    from captum.attr import LayerGradientXActivation

    captum: Any = LayerGradientXActivation(model.network, getattr(model.network, layer))
    expected = captum.attribute(read(model), target=index)[0].detach()
    ours, _ = gradient_activation(model, PIXELS, layer, index)
    assert expected.abs().max() > 1e-4
    torch.testing.assert_close(ours.view(expected.shape), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("index", [0, 7])
def test_grad_cam(model: Model, layer: str, index: int) -> None:
    from captum.attr import LayerGradCam

    captum: Any = LayerGradCam(model.network, getattr(model.network, layer))
    expected = captum.attribute(read(model), target=index, relu_attributions=True)[0, 0].detach()
    ours = grad_cam(model, PIXELS, layer, index)
    torch.testing.assert_close(ours.view(expected.shape), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("window", "stride"), [(16, 8), (24, 18), (13, 5)])
def test_occlusion(model: Model, window: int, stride: int) -> None:
    from captum.attr import Occlusion

    captum: Any = Occlusion(model.network)
    grey = read(model, np.full_like(PIXELS, 128))
    with torch.inference_mode():
        expected = captum.attribute(
            read(model), (3, window, window), (3, stride, stride), grey, target=7, perturbations_per_eval=16
        )
    assert expected.abs().max() > 1e-2
    assert torch.equal(expected[0, 0], expected[0, 2]), "one square over all colours"
    torch.testing.assert_close(occlusion(model, PIXELS, 7, window, stride), expected[0, 0].float(), rtol=0, atol=1e-5)
