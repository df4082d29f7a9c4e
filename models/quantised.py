"""Weights in whole numbers, a scale for each output beside them: a byte a weight, or half a byte."""

import torch
from torch import Tensor

STEPS = 7  # a side, of weights of which two share a byte


def quantised(weight: Tensor) -> tuple[Tensor, Tensor]:
    """int8 of the weight's shape and float32 scales (out,): weight ≈ int8 × scale, each output by itself."""
    scale = weight.flatten(1).abs().amax(1).clamp(min=1e-12) / 127  # (out,)
    steps = (weight / _beside(weight, scale)).round()
    return steps.clamp(-127, 127).to(torch.int8), scale.float()


def halved(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Two weights a byte: uint8 (out, in / 2) and float32 scales (out,), of a matrix (out, in) with an even `in`.

    Each weight becomes one of fifteen steps. Of a few scales each output takes the one that errs least in the mean
    square: clipping its largest weights costs less than coarse steps for all the others.
    """
    largest = weight.abs().amax(1).clamp(min=1e-12)  # (out,)
    scale, least = largest / STEPS, torch.full_like(largest, torch.inf)
    for part in torch.linspace(0.3, 1.0, 15):
        tried = largest * part / STEPS
        error = (_stepped(weight, tried) * tried[:, None] - weight).square().sum(1)  # (out,)
        scale, least = torch.where(error < least, tried, scale), torch.minimum(error, least)
    steps = (_stepped(weight, scale) + 8).to(torch.uint8)  # (out, in), 1…15
    return steps[:, ::2] << 4 | steps[:, 1::2], scale.float()


def multiplied_out(steps: Tensor, scale: Tensor) -> Tensor:
    """The float32 weights of int8 (out, …), or of uint8 (out, in / 2) with two weights in each byte."""
    if steps.dtype == torch.uint8:
        steps = torch.stack([steps >> 4, steps & 15], dim=-1).flatten(-2).to(torch.int8) - 8  # (out, in)
    return steps.float() * _beside(steps, scale.float())


def _stepped(weight: Tensor, scale: Tensor) -> Tensor:
    return (weight / scale[:, None]).round().clamp(-STEPS, STEPS)


def _beside(weight: Tensor, scale: Tensor) -> Tensor:
    return scale.view(-1, *[1] * (weight.dim() - 1))
