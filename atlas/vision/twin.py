"""A network's twin that says quickly how a picture should change: same weights, same taps, same numbers.

Asked for gradients a network is slow in places nobody meets in training, where a picture needs none:

- conv1's gradient with respect to its input. A stride of s reads the input in s × s interleaved grids, so the gradient
  is a transposed convolution of stride 1 that writes all grids at once as channels, and a pixel shuffle: exact, and on
  a CPU five times as fast as the general one.
- pooling, whose usual memory order is twenty times as slow on a CPU as channels_last.
"""

import copy
from functools import cached_property
from typing import Any
from weakref import WeakKeyDictionary

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lucarne.models.alexnet import AlexNet

_twins: WeakKeyDictionary[nn.Module, dict[torch.dtype, nn.Module]] = WeakKeyDictionary()


def twin(network: nn.Module, dtype: torch.dtype = torch.float32) -> nn.Module:
    """The twin of a network whose weights need no gradients; made once, as long as the network lives."""
    known = _twins.setdefault(network, {})
    if dtype not in known:
        known[dtype] = _made(network, dtype)
    return known[dtype]


def _made(network: nn.Module, dtype: torch.dtype) -> nn.Module:
    made = copy.copy(network)
    layers: dict[str, Any] = {name: _quick(layer, dtype) for name, layer in network.named_children()}
    made.__dict__["_modules"] = layers
    return made


def _quick(layer: nn.Module, dtype: torch.dtype) -> nn.Module:
    if isinstance(layer, nn.Linear):
        return Full(layer, dtype)
    if not isinstance(layer, nn.Conv2d):
        return layer
    strided = min(layer.stride) > 1 and layer.stride[0] == layer.stride[1] and layer.groups == 1
    return (Strided if strided and set(layer.dilation) == {1} else Plain)(layer, dtype)


class Full(nn.Module):
    """A fully connected layer; its weights are many, so they are converted when they are first asked for."""

    def __init__(self, layer: nn.Linear, dtype: torch.dtype) -> None:
        super().__init__()
        self._given, self._dtype = (layer.weight.detach(), layer.bias.detach()), dtype

    @cached_property
    def _own(self) -> tuple[Tensor, Tensor]:
        weight, bias = self._given
        return weight.to(self._dtype), bias.to(self._dtype)

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, *self._own)


def order(device: torch.device) -> torch.memory_format:
    """The memory order of pictures and weights that is quick there."""
    return torch.channels_last if device.type == "cpu" else torch.contiguous_format


def quick_precision(network: AlexNet) -> torch.dtype:
    """bfloat16 on a CPU that multiplies in it, where the network can: half again as fast, and climbs as high."""
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    can = network.mean.device.type == "cpu" and capabilities.get("avx512_bf16") and not network.plan.response_norm
    return torch.bfloat16 if can else torch.float32


class Plain(nn.Module):
    """A convolution, its weights laid out as the twin's pictures are."""

    def __init__(self, layer: nn.Conv2d, dtype: torch.dtype) -> None:
        super().__init__()
        weight = layer.weight.detach().to(dtype)
        self.weight = weight.contiguous(memory_format=order(weight.device))
        self.bias = layer.bias.detach().to(dtype) if layer.bias is not None else None
        self.stride, self.padding, self.dilation, self.groups = (
            layer.stride,
            layer.padding,
            layer.dilation,
            layer.groups,
        )

    def forward(self, x: Tensor) -> Tensor:
        return F.conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)


class Strided(Plain):
    """The same with a gradient that costs what the forward pass costs."""

    def __init__(self, layer: nn.Conv2d, dtype: torch.dtype) -> None:
        super().__init__(layer, dtype)
        self.step = layer.stride[0]
        out, colours, height, width = self.weight.shape
        rows, columns = -(-height // self.step), -(-width // self.step)  # of taps in each grid
        whole = F.pad(self.weight, (0, columns * self.step - width, 0, rows * self.step - height))
        grids = whole.reshape(out, colours, rows, self.step, columns, self.step).permute(0, 1, 3, 5, 2, 4)
        self.grids = grids.reshape(out, -1, rows, columns).contiguous(memory_format=order(self.weight.device))

    def forward(self, x: Tensor) -> Tensor:
        answer: Any = _StridedConvolution.apply(x, self)
        return answer


class _StridedConvolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, layer: Strided) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx.layer, ctx.sides = layer, x.shape[2:]
        return Plain.forward(layer, x)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        layer, (height, width) = ctx.layer, ctx.sides
        below, right = layer.padding
        padded = F.pixel_shuffle(F.conv_transpose2d(gradient, layer.grids), layer.step)
        short = max(0, width + right - padded.shape[3]), max(0, height + below - padded.shape[2])
        padded = F.pad(padded, (0, short[0], 0, short[1]))  # pixels at the far edge that no kernel reaches
        return padded[:, :, below : below + height, right : right + width], None
