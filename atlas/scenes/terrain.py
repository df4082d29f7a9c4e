"""A country in perspective from a map of heights: rays column by column, light, shade, haze."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lucarne.atlas.scenes.canvas import FINE, Floats, Image, Plane, Random, exp, mix, rise
from lucarne.atlas.scenes.colour import Colour, ink

Heights = Callable[[Plane, Plane], Plane]
_DEPTHS = 260


@dataclass(frozen=True)
class View:
    """From where the country is seen, and in what light. Lengths are in the map's units."""

    high: float = 1.0  # of the eye above zero
    horizon: float = 0.1  # where on the sheet, -1…1
    near: float = 0.6
    far: float = 40.0
    wide: float = 0.9  # half of what is seen, over the distance
    light: tuple[float, float, float] = (0.6, 0.5, -0.4)  # towards it: right, up, away
    sun: Colour | None = None
    shade: Colour | None = None
    haze: Colour | None = None
    thick: float = 0.05  # of the haze, per unit


def country(heights: Heights, paint: Callable[[Plane, Plane, Plane, Plane], Plane], view: View, sky: Image) -> Image:
    """The country before a sky. `paint` turns (u, v, height, steepness) into colours (…, 3); v grows with distance."""
    depth = (view.near * (view.far / view.near) ** np.linspace(0, 1, _DEPTHS)).astype(np.float32)[:, None]
    column = ((np.arange(FINE) + 0.5) / FINE * 2 - 1).astype(np.float32)[None]
    u, v = depth * column * np.float32(view.wide), np.broadcast_to(depth, (_DEPTHS, FINE))
    height = heights(u, v)
    step = depth * np.float32(0.012) + np.float32(0.01)
    right, away = (heights(u + step, v) - height) / step, (heights(u, v + step) - height) / step
    flat = 1 / np.sqrt(1 + right * right + away * away)
    x, y, z = np.array(view.light) / np.sqrt(np.sum(np.square(view.light)))
    facing = np.clip(flat * (np.float32(y) - right * np.float32(x) - away * np.float32(z)), 0, 1)
    sun = ink("fff0d8") * np.float32(1.3) if view.sun is None else view.sun
    shade = ink("8aa0c0") * np.float32(0.45) if view.shade is None else view.shade
    colour = paint(u, v, height, 1 - flat) * (facing[..., None] * sun + (0.4 + 0.6 * flat)[..., None] * shade)
    if view.haze is not None:
        colour = mix(view.haze, colour, exp(-depth * view.thick)[..., None])
    return _seen(height, colour.astype(np.float32), depth, view, sky)


def _seen(height: Plane, colour: Floats, depth: Plane, view: View, sky: Image) -> Image:
    shown = (height - np.float32(view.high)) / depth * np.float32(1 / view.wide) + np.float32(view.horizon)
    skyline = np.maximum.accumulate(shown, axis=0)  # (depth, column): how high the country reaches up to there
    rows = (1 - (np.arange(FINE) + 0.5) / FINE * 2).astype(np.float32)
    image = sky.copy()
    for column in range(FINE):
        first = np.searchsorted(skyline[:, column], rows)
        met = first < _DEPTHS
        image[met, column] = colour[first[met], column]
    return image


def ridged(field: Heights, sharp: float = 1) -> Heights:
    """Crests where clouds cross zero."""
    return lambda u, v: 1 - abs(field(u, v)) * np.float32(sharp)


def sun_in(
    image: Image, x: Plane, y: Plane, at: tuple[float, float], size: float, colour: Colour, glow: float
) -> Image:
    """A disc and its glow in the sky."""
    away = np.sqrt((x - np.float32(at[0])) ** 2 + (y - np.float32(at[1])) ** 2)
    image = image + (exp(-away * 2.2) * glow + exp(-away * 7) * glow)[..., None] * colour
    return (image + (rise(size * 1.1, size * 0.9, away) * 2.5)[..., None] * colour).astype(np.float32)


def evening(random: Random) -> tuple[Colour, Colour, Colour, Colour]:
    """Colours of a low sun: the sky high up, at half height, at the horizon, and the light itself."""
    sets = [
        ("24345c", "a06a78", "f0a060", "ffb060"),
        ("141c40", "6a4470", "e86a40", "ff8a40"),
        ("3a5a8a", "d0a0a0", "ffd8a0", "ffe0b0"),
        ("1c2030", "7a3a3a", "f05a20", "ff7a30"),
        ("4a4a7a", "c88aa8", "ffc0a8", "ffd0b0"),
        ("2a4a6a", "a8a890", "f8d070", "ffe090"),
    ]
    high, middle, low, light = sets[int(random.integers(len(sets)))]
    return ink(high), ink(middle), ink(low), ink(light)
