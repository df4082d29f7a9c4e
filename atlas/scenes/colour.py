"""Colours as linear light: read from the six digits people write, varied, and mixed along ramps."""

import colorsys
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lucarne.atlas.scenes.canvas import Floats, Plane, Random

Colour = NDArray[np.floating[Any]]  # (3,)


@cache
def ink(digits: str) -> Colour:
    """`"c8452e"`, sRGB as on the web, as linear light. Not to be written to."""
    stored = np.array([int(digits[at : at + 2], 16) for at in (0, 2, 4)]) / 255
    light = (stored**2.2).astype(np.float32)
    light.flags.writeable = False
    return light


def hsl(hue: float, saturation: float, lightness: float) -> Colour:
    """CSS's `hsl()` as linear light: hue in degrees, the others 0…1."""
    stored = np.array(colorsys.hls_to_rgb(hue / 360 % 1, lightness, saturation))
    return (np.clip(stored, 0, 1) ** 2.2).astype(np.float32)


def one_of(random: Random, digits: str, amount: float = 0.06) -> Colour:
    """One of several colours, written with spaces between, a little varied."""
    names = digits.split()
    return vary(random, ink(names[int(random.integers(len(names)))]), amount)


def vary(random: Random, colour: Colour, amount: float = 0.06) -> Colour:
    """Another colour nearby: `amount` is about the part by which hue, strength and brightness may change."""
    stored = np.minimum(colour.astype(np.float64), 1) ** (1 / 2.2)
    hue, lightness, saturation = colorsys.rgb_to_hls(*(float(value) for value in stored))
    hue += random.normal() * amount * 0.3
    lightness = min(max(lightness * (1 + random.normal() * amount), 0.02), 0.98)
    saturation = min(max(saturation * (1 + random.normal() * amount * 1.5), 0), 1)
    return hsl(hue * 360, saturation, lightness)


def ramp(colours: Sequence[Colour], part: Floats) -> Plane:
    """Along evenly spaced colours: 0 is the first, 1 the last. (…) to (…, 3)."""
    table = np.stack(colours).astype(np.float32)  # (colour, 3)
    place = np.clip(part, 0, 1) * (len(table) - 1)
    low = np.minimum(place.astype(np.intp), len(table) - 2)
    rest = (place - low).astype(np.float32)[..., None]
    between = np.diff(table, axis=0).take(low, axis=0)
    between *= rest
    between += table.take(low, axis=0)
    return between


def inks(digits: str) -> list[Colour]:
    """Several colours written with spaces between."""
    return [ink(each) for each in digits.split()]
