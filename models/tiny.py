"""Random weights for tests: the same on every machine, in an instant."""

import hashlib

import torch
from torch import nn


def draw(network: nn.Module, seed: int = 0) -> None:
    """Fill every parameter from `seed`, so that values neither die out nor explode on their way through."""
    random = torch.Generator().manual_seed(seed)
    for name, parameter in network.named_parameters():
        fan_in = max(1, parameter[0].numel()) if parameter.dim() > 1 else 1
        spread = fan_in**-0.5 if parameter.dim() > 1 else 0.1
        centre = 1.0 if "ln_" in name and name.endswith("weight") else 0.0
        parameter.data = torch.randn(parameter.shape, generator=random) * spread + centre


def identity(network: nn.Module, seed: int = 0) -> str:
    """The sha256 that stands for the weights drawn from `seed`; shapes are enough to know it."""
    shapes = [f"{name} {tuple(parameter.shape)}" for name, parameter in network.named_parameters()]
    return hashlib.sha256("\n".join([f"drawn from {seed}", *shapes]).encode()).hexdigest()
