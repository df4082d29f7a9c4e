"""How a network is shown a picture that is being optimised: never twice the same way, so that it cannot be gamed.

A picture that must hold when it is moved, scaled and turned a little has no fine pattern that works at one place only
(Olah, Mordvintsev, Schubert: "Feature Visualization", Distill 2017, "transformation robustness"). Move, scale and turn
are one bilinear warp.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

DRAWS = 4  # random numbers a view takes


@dataclass(frozen=True)
class Wobble:
    """By how much a view may differ from looking straight at the middle of the picture."""

    jitter: float = 8  # pixels, either way, right or left and up or down
    zoom: tuple[float, float] = (1.0, 1.0)  # drawn evenly over its logarithm; above 1 things look larger
    turn: float = 0  # degrees, either way


def views(pictures: Tensor, side: int, wobble: Wobble, draws: Sequence[Sequence[float]], size: int) -> Tensor:
    """One view of each picture, (n, 3, side, side), from `draws`, DRAWS numbers in 0…1 for each.

    Of pictures (n, 3, canvas, canvas) the middle `size` pixels fill a view that does not zoom. Beyond the canvas it is
    mirrored.
    """
    canvas = pictures.shape[-1]
    if wobble.zoom == (1.0, 1.0) and not wobble.turn and side == size and 2 * wobble.jitter <= canvas - size:
        return torch.cat([_crop(each, size, wobble.jitter, draw) for each, draw in zip(pictures, draws, strict=True)])
    warps = torch.tensor([_warp(wobble, draw, size, canvas) for draw in draws], device=pictures.device)
    grid = F.affine_grid(warps, [len(pictures), 3, side, side], align_corners=False)
    return F.grid_sample(pictures, grid, mode="bilinear", padding_mode="reflection", align_corners=False)


def _crop(picture: Tensor, size: int, jitter: float, draw: Sequence[float]) -> Tensor:
    """Moved by whole pixels: (1, 3, size, size) of (3, canvas, canvas)."""
    middle = (picture.shape[-1] - size) // 2
    left, top = (middle + round((2 * each - 1) * jitter) for each in draw[:2])
    return picture[None, :, top : top + size, left : left + size]


def _warp(wobble: Wobble, draw: Sequence[float], size: int, canvas: int) -> list[list[float]]:
    """Where the view's corners lie on the canvas, as `affine_grid` takes it: both reach from -1 to 1.

    A view that is zoomed in may look at any part of the picture.
    """
    right, down, zoomed, turned = draw
    low, high = wobble.zoom
    reach = size / (low ** (1 - zoomed) * high**zoomed)  # pixels of the canvas that fill the view
    far = 2 * wobble.jitter + max(0.0, size - reach)
    angle = math.radians((2 * turned - 1) * wobble.turn)
    cosine, sine = reach / canvas * math.cos(angle), reach / canvas * math.sin(angle)
    return [[cosine, -sine, (2 * right - 1) * far / canvas], [sine, cosine, (2 * down - 1) * far / canvas]]
