"""Activation maps: what every channel of a site answers to a picture, and where."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lucarne.models.model import Model


def maps(model: Model, pixels: np.ndarray, site: str) -> Tensor:
    """All maps of a site for one picture, uint8 (size, size, 3): float32 (channels, height, width).

    The units of a fully connected site come as maps of one cell. Nothing behind the site is computed.
    """
    name = model.site(site).name
    seen = model.look(pixels[None], name)[name][0].float().cpu()  # (channels, height, width) or (units,)
    return seen if seen.dim() == 3 else seen[:, None, None]


@dataclass(frozen=True)
class Bytes:
    """Maps in a byte a cell: byte b of map i stands for `low[i] + b / 255 * (high[i] - low[i])`."""

    tiles: np.ndarray  # uint8 (maps, height, width)
    low: np.ndarray  # float32 (maps,), never above zero
    high: np.ndarray  # float32 (maps,), never below zero


def in_bytes(values: Tensor) -> Bytes:
    """Quantise maps (n, height, width), each over its own range with zero in it: off by at most range / 510."""
    low = values.amin((1, 2)).clamp(max=0)  # (n,)
    high = values.amax((1, 2)).clamp(min=0)  # (n,)
    width = (high - low).clamp(min=torch.finfo(torch.float32).tiny)
    scaled = (values - low[:, None, None]) / width[:, None, None] * 255
    return Bytes(scaled.round().byte().numpy(), low.numpy(), high.numpy())
