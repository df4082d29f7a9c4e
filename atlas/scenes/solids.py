"""Plain bodies in good light: balls, blocks, cones, columns, rings."""

from collections.abc import Callable

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Random
from lucarne.atlas.scenes.colour import one_of
from lucarne.atlas.scenes.render import Body
from lucarne.atlas.scenes.skins import BRIGHT, any_skin, mottled
from lucarne.atlas.scenes.space import Shape, Vector, ball, block, lathe, moved, ring, rotated, tube
from lucarne.atlas.scenes.stage import still

PLACES = "table table studio studio lawn beach dark"


def balls(random: Random) -> Pixels:
    return _placed(random, lambda size: (ball((0, 0, 0), size), size))


def blocks(random: Random) -> Pixels:
    def make(size: float) -> tuple[Shape, float]:
        half = (size * 0.85, size * random.uniform(0.5, 1.1), size * 0.85)
        return rotated(block((0, 0, 0), half, 0.04), "y", random.uniform(0, 90)), half[1]

    return _placed(random, make, stack=True)


def cones(random: Random) -> Pixels:
    def make(size: float) -> tuple[Shape, float]:
        high = size * random.uniform(0.9, 1.5)
        return lathe((0, 0, 0), [(-high, 0), (-high, size * 0.85), (-high + 0.02, size * 0.85), (high, 0.01)]), high

    return _placed(random, make)


def columns(random: Random) -> Pixels:
    def make(size: float) -> tuple[Shape, float]:
        high = size * random.uniform(0.7, 1.7)
        body = tube((0, 0, 0), size * random.uniform(0.45, 0.8), high, 0.03)
        if random.random() < 0.25:
            radius = size * 0.55
            return rotated(rotated(tube((0, 0, 0), radius, high, 0.03), "z", 90), "y", random.uniform(0, 180)), radius
        return body, high

    return _placed(random, make, stack=True)


def rings(random: Random) -> Pixels:
    def make(size: float) -> tuple[Shape, float]:
        thick = size * random.uniform(0.16, 0.36)
        flat = ring((0, 0, 0), size - thick * 0.5, thick)
        if random.random() < 0.5:
            return flat, thick
        standing = rotated(rotated(flat, "x", random.uniform(60, 90)), "y", random.uniform(-60, 60))
        return standing, size + thick * 0.4

    return _placed(random, make)


def _placed(random: Random, make: Callable[[float], tuple[Shape, float]], stack: bool = False) -> Pixels:
    """One to five of them, side by side without touching; or one upon another."""
    count = int(random.choice([1, 1, 2, 3, 4, 5]))
    bodies: list[Body] = []
    if stack and count in (2, 3) and random.random() < 0.6:
        level = 0.0
        for size in sorted(random.uniform(0.3, 0.6, count), reverse=True):
            shape, high = make(float(size))
            at = (float(random.normal() * 0.05), level + high - 0.01, float(random.normal() * 0.05))
            bodies.append(_dressed(random, shape, at, float(size)))
            level += 2 * high
        return still(random, bodies, PLACES, (0, level * 0.5, 0), 5 + level, 0.22)
    taken: list[tuple[float, float, float]] = []
    while len(taken) < count:
        size = float(random.uniform(0.35, 0.62) if count > 1 else 0.85)
        spread = 0.25 + 0.33 * count
        x, z = (float(value) for value in random.uniform(-spread, spread, 2)) if count > 1 else (0.0, 0.0)
        if all(np.hypot(x - other[0], z - other[1]) > size + other[2] for other in taken):
            taken.append((x, z, size))
    for x, z, size in taken:
        shape, high = make(size)
        bodies.append(_dressed(random, shape, (x, high - 0.01, z), size))
    middle = float(np.mean([size for *_, size in taken]))
    return still(random, bodies, PLACES, (0, middle * 0.9, 0), 5, 0.19 + 0.042 * count)


def _dressed(random: Random, shape: Shape, at: Vector, size: float) -> Body:
    paint = (
        any_skin(random, size * 1.6) if random.random() < 0.7 else mottled(random, one_of(random, BRIGHT, 0.1), 0.06)
    )
    x, y, z = at
    there = moved(shape, at)
    back = np.array([[x], [y], [z]], np.float32)
    return Body(there, lambda p: paint(p - back), random.choice([0.05, 0.3, 0.8]), random.choice([12, 40, 120]), 0.1)
