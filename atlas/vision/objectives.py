"""What a picture is made to excite: a number per picture, computed from activations; larger is better.

The algebra is lucent's (`torch-lucent`, after lucid): objectives add up, and are multiplied by numbers. Two things
differ. The sign: lucent's are losses, to be made small. And each picture has a number of its own here, which lucent
averages: `objective(seen).mean() == -theirs(T)`, held to in `tests/parity/test_lucent.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from lucarne.atlas.pictures import square
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model

Seen = Mapping[str, Tensor]  # by site: (pictures, channels, height, width) or (pictures, units)


@dataclass(frozen=True)
class Objective:
    """`objective(seen)` is a number per picture, (pictures,), from the activations at `sites`."""

    sites: frozenset[str]
    measure: Callable[[Seen], Tensor]
    pictures: int = 1  # how many it looks at together: more than one where they are to differ from each other

    def __call__(self, seen: Seen) -> Tensor:
        return self.measure(seen)

    def __add__(self, other: "Objective | float") -> "Objective":
        if not isinstance(other, Objective):
            return self._through(lambda value: value + other)
        sites, pictures = self.sites | other.sites, max(self.pictures, other.pictures)
        return Objective(sites, lambda seen: self(seen) + other(seen), pictures)

    def __mul__(self, factor: float) -> "Objective":
        return self._through(lambda value: value * factor)

    def __truediv__(self, divisor: float) -> "Objective":
        return self._through(lambda value: value / divisor)

    def __neg__(self) -> "Objective":
        return self * -1

    def __sub__(self, other: "Objective | float") -> "Objective":
        return self + -other

    __radd__, __rmul__ = __add__, __mul__  # so that sum([a, b, c]) and 2 * a are objectives too

    def _through(self, change: Callable[[Tensor], Tensor]) -> "Objective":
        return Objective(self.sites, lambda seen: change(self(seen)), self.pictures)


# ── one unit ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def channel(model: Model, site: str, unit: int) -> Objective:
    """The mean of one map; at a fully connected site the unit itself. Raises Unknown or Unsuitable, as all here do."""
    name = _site(model, site)
    _check_unit(model, name, unit)
    return _of(name, lambda maps: maps[:, unit].mean((1, 2)))


def neuron(model: Model, site: str, unit: int, x: int | None = None, y: int | None = None) -> Objective:
    """One cell of one map: the middle one if not told; of an even number the one behind the middle."""
    name = _site(model, site)
    _check_unit(model, name, unit)
    return _of(name, lambda maps: _cell(maps, x, y)[:, unit])


def logit(model: Model, index: int) -> Objective:
    """What the network says for a class, before the softmax."""
    classes = len(model.labels)
    if not 0 <= index < classes:
        raise Unsuitable(f"{model.card.title} knows {classes} classes, numbered 0 to {classes - 1}.", field="unit")
    return channel(model, list(model.sites)[-1], index)


# ── a direction in the space of a site's channels ────────────────────────────────────────────────────────────────────


def direction(model: Model, site: str, vector: Tensor | np.ndarray) -> Objective:
    """The cosine between `vector` (channels,) and the activations, averaged over cells."""
    name = _site(model, site)
    towards = _vector(model, name, vector)  # (channels, 1, 1)
    return _of(name, lambda maps: F.cosine_similarity(towards[None], maps, dim=1).mean((1, 2)))


def direction_neuron(
    model: Model, site: str, vector: Tensor | np.ndarray, x: int | None = None, y: int | None = None
) -> Objective:
    """The cosine between `vector` (channels,) and the activations of one cell."""
    name = _site(model, site)
    towards = _vector(model, name, vector)[:, 0, 0]  # (channels,)
    return _of(name, lambda maps: F.cosine_similarity(towards[None], _cell(maps, x, y), dim=1))


def weighted(model: Model, site: str, vector: Tensor | np.ndarray) -> Objective:
    """The activations times `vector` (channels,), averaged over cells and channels: a sum of channels by weight."""
    name = _site(model, site)
    towards = _vector(model, name, vector)
    return _of(name, lambda maps: (maps * towards).mean((1, 2, 3)))


def along(
    model: Model, site: str, vector: Tensor | np.ndarray, power: float = 2.0, x: int | None = None, y: int | None = None
) -> Objective:
    """`dot · max(0.1, cosine) ** power` at one cell: far along `vector` (channels,), and along little else.

    Carter et al.: "Activation Atlas", Distill 2019, where the power is 2 or 4.
    """
    name = _site(model, site)
    towards = _vector(model, name, vector)[:, 0, 0]  # (channels,)

    def measure(maps: Tensor) -> Tensor:
        cell = _cell(maps, x, y)  # (pictures, channels)
        return (cell @ towards) * F.cosine_similarity(towards[None], cell, dim=1).clamp(min=0.1) ** power

    return _of(name, measure)


# ── whole layers, several pictures ───────────────────────────────────────────────────────────────────────────────────


def deep_dream(model: Model, site: str) -> Objective:
    """The mean square of a whole site: more of whatever is seen already (Mordvintsev et al. 2015)."""
    return _of(_site(model, site), lambda maps: maps.square().mean((1, 2, 3)))


def caricature(model: Model, site: str, pixels: np.ndarray, power: float = 1.0) -> Objective:
    """Like a picture, uint8 (size, size, 3), as a site sees it, and more so: `dot · max(0.1, cosine) ** power`.

    `size` must be that of the pictures that are drawn. The dot product is the mean over cells, with the given
    picture's activations brought to length 1.
    """
    name = _site(model, site)
    given = F.normalize(_maps(look(model, [name], pixels[None])[name]).float().clone().flatten(1))  # (1, numbers)

    def measure(maps: Tensor) -> Tensor:
        if maps[0].numel() != given.numel():
            raise Unsuitable("A caricature is drawn at the size of its picture.", field="size")
        dot = (maps.flatten(1) * given).sum(1)  # (pictures,)
        cosine = F.cosine_similarity(maps.flatten(1), given, dim=1)
        return dot * cosine.clamp(min=0.1) ** power / maps[0, 0].numel()

    return _of(name, measure)


def diversity(model: Model, site: str, pictures: int) -> Objective:
    """Minus how alike each picture is to the others of `pictures`: the sum over them of the cosine of Gram matrices.

    lucent's has the opposite sign: there it is subtracted, here it is added.
    """
    name = _site(model, site)

    def measure(maps: Tensor) -> Tensor:
        flat = maps.flatten(2)  # (pictures, channels, cells)
        grams = F.normalize((flat @ flat.transpose(1, 2)).flatten(1), dim=1)  # (pictures, channels²)
        alike = grams @ grams.T  # (pictures, pictures)
        return alike.diagonal() - alike.sum(1)

    return Objective(frozenset({name}), lambda seen: measure(_maps(seen[name])), pictures)


# ── looking ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def sees_whole(model: Model, sites: Iterable[str]) -> bool:
    """Whether one of these sites is fully connected: then the network must be shown pictures of its own size."""
    return any(model.site(site).axes == ("unit",) for site in sites)


def look(model: Model, sites: Iterable[str], pixels: np.ndarray) -> Seen:
    """The activations at `sites` of pictures, uint8 (pictures, size, size, 3), of any size.

    Convolutions look at a picture as it is; a fully connected site at one brought to the network's size.
    """
    sites, size = list(sites), model.card.input_size
    if size is not None and pixels.shape[1] != size and sees_whole(model, sites):
        pixels = np.stack([square(each, size) for each in pixels])
    return model.look(pixels, *sites)


# ── what they are built from ─────────────────────────────────────────────────────────────────────────────────────────


def _of(site: str, measure: Callable[[Tensor], Tensor]) -> Objective:
    return Objective(frozenset({site}), lambda seen: measure(_maps(seen[site])))


def _maps(value: Tensor) -> Tensor:
    """(pictures, channels, height, width), units being maps of one cell."""
    return value if value.dim() == 4 else value[:, :, None, None]


def _cell(maps: Tensor, x: int | None, y: int | None) -> Tensor:
    """(pictures, channels) at column `x` and row `y`."""
    height, width = maps.shape[2:]
    column, row = width // 2 if x is None else x, height // 2 if y is None else y
    if not (0 <= column < width and 0 <= row < height):
        raise Unsuitable(f"The map is {width} cells wide and {height} high, counted from 0.", field="unit")
    return maps[:, :, row, column]


def _site(model: Model, site: str) -> str:
    """The proper name of a site that can be excited. Raises Unknown or Unsuitable."""
    if model.kind != "vision":
        raise Unsuitable("Only networks that see can be shown pictures.", field="model")
    card = model.site(site)
    if "channel" not in card.axes and "unit" not in card.axes:
        raise Unsuitable(f"{card.name} is the picture itself: there is nothing to excite.", field="site")
    return card.name


def _check_unit(model: Model, site: str, unit: int) -> None:
    units = _units(model, site)
    if not 0 <= unit < units:
        raise Unsuitable(f"{site} has {units} units, numbered 0 to {units - 1}.", field="unit")


def _units(model: Model, site: str) -> int:
    units = model.site(site).shape[0]
    assert units is not None
    return units


def _vector(model: Model, site: str, vector: Tensor | np.ndarray) -> Tensor:
    """(channels, 1, 1) on the model's device."""
    units = _units(model, site)
    if tuple(vector.shape) != (units,):
        raise Unsuitable(f"A direction at {site} has {units} numbers.", field="vector")
    return torch.as_tensor(vector, dtype=torch.float32, device=model.device).view(-1, 1, 1)
