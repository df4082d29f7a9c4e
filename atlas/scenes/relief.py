"""Surfaces seen from above: heights and colours under a slanting light, with shadows and dark hollows."""

import numpy as np

from lucarne.atlas.scenes.canvas import (
    PIXEL,
    Floats,
    Image,
    Pixels,
    Plane,
    Random,
    blur,
    develop,
    length,
    mix,
    power,
    rise,
    sheet,
    shifted,
    turned,
)
from lucarne.atlas.scenes.colour import ink


def lit(
    random: Random,
    height: Plane,
    colour: Floats,
    deep: float = 1,
    gloss: float = 0.0,
    sharp: float = 20,
    cast: float = 1,
    low: tuple[float, float] = (25, 55),
) -> Image:
    """Light on a surface. `height` is in units of the sheet, times `deep`; the light stands `low` degrees high.

    `cast` is how dark shadows are; `gloss` and `sharp` are the highlight's strength and smallness.
    """
    height = height * np.float32(deep)
    slope_y, slope_x = np.gradient(height, PIXEL)
    slope_y = -slope_y  # rows run down
    away = 1 / np.sqrt(1 + slope_x * slope_x + slope_y * slope_y)
    turn, up = random.uniform(0.1, 0.9) * np.pi, np.radians(random.uniform(*low))
    to_x, to_y, to_z = (np.float32(part) for part in (np.cos(turn) * np.cos(up), np.sin(turn) * np.cos(up), np.sin(up)))
    facing = np.maximum(away * (to_z - slope_x * to_x - slope_y * to_y), 0)
    sun = facing
    if cast:
        sun = facing * (1 - cast * _shadows(height, float(to_x), float(to_y), float(to_z)))
    hollow = np.clip(1 + (height - blur(height, 7)) * 5, 0.35, 1.25)
    warm, cool = ink("fff2dc") * np.float32(1.15), ink("a8bcd8") * np.float32(0.42)
    light = sun[..., None] * warm + (hollow * (0.5 + 0.5 * away))[..., None] * cool
    image = colour * light
    if gloss:
        half_z = np.sqrt((1 + to_z) / 2)
        half = np.sqrt(1 - half_z**2) / np.hypot(float(to_x), float(to_y))
        shine = away * (half_z - (slope_x * to_x + slope_y * to_y) * half)
        image = image + (power(shine, sharp * 4) * gloss * (sun > 0))[..., None] * warm
    return image.astype(np.float32)


def _shadows(height: Plane, to_x: float, to_y: float, to_z: float) -> Plane:
    """How far each point is below what stands between it and the light, 0…1."""
    flat = float(np.hypot(to_x, to_y))
    rate = to_z / flat * PIXEL  # how much the ray climbs on the way of one fine pixel
    above = np.zeros_like(height)
    for step in (1, 2, 3, 5, 7, 10, 14, 19, 25):
        moved = shifted(height, round(step * to_y / flat), -round(step * to_x / flat))
        above = np.maximum(above, moved - height - np.float32(step * rate))
    return np.clip(above / (3 * PIXEL), 0, 1)


def aslant(
    random: Random, scale: tuple[float, float], tilt: float = 0.5, turn: float = 180
) -> tuple[Plane, Plane, Plane]:
    """Coordinates on a flat surface that leans away at the top, and how near each place is (1 in the middle).

    `scale`: the range of units across the sheet's half; `tilt` up to which it may lean away; `turn` degrees at most.
    """
    x, y = sheet()
    size, lean, side = random.uniform(*scale), random.uniform(0, tilt), random.uniform(-0.4, 0.4) * tilt
    near = np.maximum(1 - np.float32(lean) * y + np.float32(side) * x, 0.25)
    u, v = turned(x / near, y / near, random.uniform(-turn, turn))
    return u * np.float32(size), v * np.float32(size), near


def photograph(random: Random, image: Image, near: Plane | None = None, focus: float = 3) -> Pixels:
    """Developed; with `near`, places far from the middle distance are unsharp, and light falls off to one side."""
    x, y = sheet()
    if near is not None and random.random() < 0.7:
        off = np.clip(abs(near - 1) * random.uniform(1.2, 3), 0, 1)
        image = mix(image, blur(image, focus), off[..., None])
    turn = random.uniform(0, 2 * np.pi)
    fall = 1 + random.uniform(0, 0.35) * (x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn)))
    if random.random() < 0.3:  # something outside throws its shadow across
        edge = x * np.float32(np.sin(turn)) - y * np.float32(np.cos(turn)) - np.float32(random.uniform(-0.8, 0.8))
        fall = fall * mix(0.55, 1, rise(-0.15, 0.15, edge))
    return develop((image * fall[..., None]).astype(np.float32), random, random.uniform(0.9, 1.15))


def dome(away: Floats, radius: float) -> Plane:
    """Height of a ball's upper half over a point that far from its middle, as a part of the radius."""
    return np.sqrt(np.maximum(1 - (away / np.float32(radius)) ** 2, 0)).astype(np.float32)


__all__ = ["aslant", "dome", "length", "lit", "photograph"]
