"""What argues for a class in a picture: every channel of a site cell by cell, or one map of all of them together."""

import numpy as np
import torch
from torch import Tensor

from lucarne.atlas.vision.receptive_field import Field
from lucarne.atlas.vision.stimuli import GREY
from lucarne.models.errors import TooMuch, Unsuitable
from lucarne.models.model import Model
from lucarne.models.progress import Progress

BATCH = 32  # covered pictures that go through the network together
MOST = 1024  # places of the square
PIXEL = Field(size=1, stride=1, start=0)  # what a cell of a map stands for that is as large as the picture


def likeliest(model: Model, pixels: np.ndarray, chosen: int | None = None) -> int:
    """The number of the class that is meant: the chosen one, else the likeliest of a picture; raises Unsuitable."""
    if chosen is None:
        return int(model(pixels[None])[0].argmax())
    if chosen >= len(model.labels):
        known = f"{model.card.title} knows {len(model.labels)} classes, numbered 0 to {len(model.labels) - 1}."
        raise Unsuitable(known, field="class_")
    return chosen


def slopes(model: Model, pixels: np.ndarray, site: str, index: int) -> tuple[Tensor, Tensor]:
    """What a site answers to one picture, and how the logit of class `index` would rise with each of its values.

    Both float32 (channels, height, width); units are maps of one cell.
    """
    held: list[Tensor] = []

    def leaf(value: Tensor) -> Tensor:
        held.append(value.detach().requires_grad_())
        return held[-1]

    with torch.enable_grad(), model.edit({site: leaf}):
        logits = model.network(_read(model, pixels))  # (1, classes)
        (slope,) = torch.autograd.grad(logits[0, index], held)
    return _maps(held[0].detach()), _maps(slope)


def gradient_activation(model: Model, pixels: np.ndarray, site: str, index: int) -> tuple[Tensor, Tensor]:
    """Gradient × activation of every cell, in logits, and the activations: float32 (channels, height, width) each.

    To first order a cell's product is what the logit would lose if the cell fell silent (Shrikumar et al. 2016,
    arXiv:1605.01713; of hidden layers Olah et al.: "The Building Blocks of Interpretability", Distill 2018).
    """
    values, slope = slopes(model, pixels, site, index)
    return values * slope, values


def grad_cam(model: Model, pixels: np.ndarray, site: str, index: int) -> Tensor:
    """One map of a site's cells, ≥ 0: its channels added up, each by its mean slope. Float32 (height, width).

    Selvaraju et al.: "Grad-CAM", ICCV 2017, section 3.
    """
    values, slope = slopes(model, pixels, site, index)
    return (slope.mean((1, 2), keepdim=True) * values).sum(0).relu()


@torch.inference_mode()
def occlusion(
    model: Model, pixels: np.ndarray, index: int, window: int, stride: int, progress: Progress = iter
) -> Tensor:
    """How far the logit falls on average while a grey square covers a pixel: float32 (size, size).

    The square, `window` pixels a side, stands at every `stride` pixels from the upper left on, its last places cut off
    by the border. Zeiler and Fergus: "Visualizing and Understanding Convolutional Networks", ECCV 2014, section 4.2.
    Raises Unsuitable or TooMuch.
    """
    size = len(pixels)
    if window > size:
        raise Unsuitable(f"The square must fit into the picture: {size} pixels at most.", field="window")
    if stride > window:
        raise Unsuitable("Steps longer than the square would leave parts of the picture uncovered.", field="stride")
    starts = [step * stride for step in range(-(-(size - window) // stride) + 1)]
    places = [(top, left) for top in starts for left in starts]
    if len(places) > MOST:
        raise TooMuch(f"That makes {len(places)} places. Take longer steps.", MOST, field="stride")
    picture = _read(model, pixels)  # (1, 3, size, size)
    grey = _read(model, np.full_like(pixels[:1, :1], GREY[0]))  # (1, 3, 1, 1)
    plain = model(picture)[0, index].float().cpu()
    fall, covered = torch.zeros(size, size), torch.zeros(size, size)
    for first in progress(range(0, len(places), BATCH)):
        group = places[first : first + BATCH]
        batch = picture.repeat(len(group), 1, 1, 1)
        for each, (top, left) in zip(batch, group, strict=True):
            each[:, top : top + window, left : left + window] = grey[0]
        for lost, (top, left) in zip(plain - model(batch)[:, index].float().cpu(), group, strict=True):
            fall[top : top + window, left : left + window] += lost
            covered[top : top + window, left : left + window] += 1
    return fall / covered


def _read(model: Model, pixels: np.ndarray) -> Tensor:
    """One picture, uint8 (size, size, 3), as the network reads it: (1, 3, size, size)."""
    return model.network.read(torch.from_numpy(np.array(pixels[None], order="C")).to(model.device))  # pyright: ignore


def _maps(value: Tensor) -> Tensor:
    """One picture's values as (channels, height, width)."""
    first = value[0].float().cpu()
    return first if first.dim() == 3 else first[:, None, None]
