"""Which units of the layer before a unit reads, and which of the next read it, by the weights between them.

Voss et al.: "Visualizing Weights", Distill 2021; of adjacent layers, where a kernel is the weights as they are. Between
two of them lie a ReLU, pooling and response normalisation only, which let every channel through by itself.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor

from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model
from lucarne.models.taps import FEATURES

LAYERS = ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8")
COLOURS = "picture"  # what conv1 reads: red, green, blue


@dataclass(frozen=True)
class Strands:
    """The strongest kernels between one unit and those of a layer beside it, strongest first."""

    layer: str  # whose units they lead to
    units: list[int]
    kernels: Tensor = field(repr=False)  # float32 (units, height, width)
    strength: Tensor = field(repr=False)  # (units,): Euclidean length of each kernel
    among: int  # how many units of that layer are connected with this one


def layer_of(model: Model, site: str) -> str:
    """The layer with weights that a site belongs to: `conv2` for `pool2`, `conv5` for `relu5.features`."""
    number = model.site(site).name.removesuffix(FEATURES)[-1]
    return next(layer for layer in LAYERS if layer.endswith(number))


def reads(model: Model, site: str, unit: int, k: int) -> Strands:
    """The `k` units of the layer before that this one reads most of; raises Unknown or Unsuitable.

    At conv1 they are the colours; at fc6 a kernel spans the cells of pool5; behind it, it is one weight.
    """
    layer = _checked(model, site, unit)
    if site.endswith(FEATURES):
        return _of_a_feature(model, site, model.glass(site).dictionary.encoder.weight[unit], k)
    weight = _weight(model, layer)  # (units, sources of one group, height, width)
    if layer == "conv1":
        return _strongest(COLOURS, range(3), weight[unit], k)
    first = unit // (len(weight) // _groups(model, layer)) * weight.shape[1]
    return _strongest(LAYERS[LAYERS.index(layer) - 1], range(first, first + weight.shape[1]), weight[unit], k)


def writes(model: Model, site: str, unit: int, k: int) -> Strands:
    """The `k` units of the next layer that read most of this one; raises Unknown, or Unsuitable for the last layer."""
    layer = _checked(model, site, unit)
    if site.endswith(FEATURES):
        return _of_a_feature(model, site, model.glass(site).dictionary.decoder.weight[:, unit], k)
    if layer == LAYERS[-1]:
        raise Unsuitable(f"{layer} is the answer itself: no layer reads it.", field="end")
    following = LAYERS[LAYERS.index(layer) + 1]
    weight = _weight(model, following)
    share = len(weight) // _groups(model, following)
    group, source = divmod(unit, weight.shape[1])
    readers = range(group * share, (group + 1) * share)
    return _strongest(following, readers, weight[readers.start : readers.stop, source], k)


def _of_a_feature(model: Model, site: str, weights: Tensor, k: int) -> Strands:
    """A dictionary's feature reads and writes the channels of the site it looks at, by one of `weights` (channels,)."""
    kernels = weights.detach().float().cpu()[:, None, None]
    return _strongest(site.removesuffix(FEATURES), range(len(kernels)), kernels, k)


def _strongest(layer: str, units: range, kernels: Tensor, k: int) -> Strands:
    strength = kernels.flatten(1).norm(dim=1)  # (units,)
    best = strength.argsort(descending=True, stable=True)[:k]
    return Strands(layer, [units[at] for at in best.tolist()], kernels[best], strength[best], len(units))


def _weight(model: Model, layer: str) -> Tensor:
    """A layer's weights as kernels, float32 (units, sources, height, width), the colours of conv1 red, green, blue."""
    weight: Tensor = getattr(model.network, layer).weight.detach().float().cpu()
    if layer == "conv1":
        return weight.flip(1) if model.network.plan.bgr else weight  # pyright: ignore
    if layer == "fc6":
        return weight.view(len(weight), *model.site("pool5").shape)  # pyright: ignore
    return weight if weight.dim() == 4 else weight[:, :, None, None]


def _groups(model: Model, layer: str) -> int:
    module = getattr(model.network, layer)
    return module.groups if isinstance(module, torch.nn.Conv2d) else 1


def _checked(model: Model, site: str, unit: int) -> str:
    card = model.site(site)
    units = card.shape[0] or 0
    if not 0 <= unit < units:
        raise Unsuitable(f"{card.name} has {units} units, numbered 0 to {units - 1}.", field="unit")
    return layer_of(model, card.name)
