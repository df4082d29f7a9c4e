"""What bodies are painted with: one colour, stripes, checks, spots, wood, stone: functions from points to colours."""

from collections.abc import Callable

import numpy as np

from lucarne.atlas.scenes.canvas import Plane, Random, angle, length, mix, rise, wave
from lucarne.atlas.scenes.colour import Colour, ink, inks, one_of, ramp, vary
from lucarne.atlas.scenes.noise import Cells, Noise
from lucarne.atlas.scenes.render import Paint
from lucarne.atlas.scenes.space import Points

BRIGHT = "c83a2e e07a28 e8b830 5a9a40 2a7a5a 2a86a8 2f5aa8 5a4a9a a84a8a e88aa0 f0e8d8 3a3a40 8a5a3a b8b4ac"


def mottled(random: Random, colour: Colour, amount: float = 0.12, scale: float = 0.5, exponent: float = 1.6) -> Paint:
    """One colour, blotched."""
    noise = Noise(random)
    return lambda p: (1 + amount * noise.solid(p, scale, exponent))[:, None] * colour


def clouded(random: Random, digits: str, spread: float = 0.22, scale: float = 0.4, exponent: float = 1.8) -> Paint:
    """Along a ramp of colours as clouds in space say."""
    noise, colours = Noise(random), [vary(random, colour, 0.05) for colour in inks(digits)]
    return lambda p: ramp(colours, 0.5 + spread * noise.solid(p, scale, exponent))


def banded(random: Random, one: Colour, other: Colour, count: float, axis: int = 1, wavering: float = 0.0) -> Paint:
    """Stripes across an axis, `count` to a unit of length; `wavering` in stripes."""
    noise, sharp = Noise(random), np.float32(6)

    def paint(p: Points) -> Plane:
        place = p[axis] * np.float32(count)
        if wavering:
            place = place + wavering * noise.solid(p, 0.3, 2.4)
        return mix(one, other, np.clip(0.5 + sharp * 0.5 * wave(place), 0, 1)[:, None])

    return paint


def segments(one: Colour, other: Colour, count: int, twist: float = 0) -> Paint:
    """Stripes from pole to pole, like a beach ball or a circus tent."""

    def paint(p: Points) -> Plane:
        turns = angle(p[2], p[0]) + np.float32(twist) * p[1]
        return mix(one, other, np.clip(0.5 + 4 * wave(turns * count), 0, 1)[:, None])

    return paint


def chequered(one: Colour, other: Colour, side: float) -> Paint:
    def paint(p: Points) -> Plane:
        u, v = wave(angle(p[2], p[0]) * np.float32(round(3.14 / side))), wave(p[1] * np.float32(0.5 / side))
        return mix(one, other, np.clip(0.5 + 12 * u * v, 0, 1)[:, None])

    return paint


def dotted(random: Random, ground: Colour, dot: Colour, scale: float = 4, size: float = 0.28) -> Paint:
    """Round spots scattered over the surface, seen from three sides."""
    cells = Cells(random, 0.35)

    def paint(p: Points) -> Plane:
        u, v = angle(p[2], p[0]) * np.float32(round(scale * 2)), p[1] * np.float32(scale)
        first, *_ = cells.near(u, v)
        return mix(ground, dot, rise(size + 0.05, size - 0.05, first)[:, None])

    return paint


def timber(random: Random, digits: str = "5a3418 8a5a30 c08a54") -> Paint:
    """Wood sawn through its year rings."""
    noise, colours = Noise(random), [vary(random, colour, 0.06) for colour in inks(digits)]
    shift, count = random.uniform(0.4, 1.2, 2), random.uniform(5, 11)

    def paint(p: Points) -> Plane:
        x, y, z = p
        away = length(x + np.float32(shift[0]), z + np.float32(shift[1])) + 0.03 * noise.solid(p, 0.25, 2.4)
        place = away * np.float32(count)
        part = place - np.floor(place)
        fibre = noise.clouds(x * 3 + z * 2, y * 0.25, 0.5, 1.2, turn=False)
        return ramp(colours, 0.85 - 0.7 * part * part + 0.1 * fibre)

    return paint


def veined(random: Random, digits: str = "f0ece6 d8d4d0 8a8a90", scale: float = 0.35) -> Paint:
    """Marble: dark where folded noise crosses zero."""
    noise, colours = Noise(random), [vary(random, colour, 0.04) for colour in inks(digits)]

    def paint(p: Points) -> Plane:
        fold = noise.solid(p, scale, 1.8)
        vein = 1 - rise(0, 0.35, abs(fold))
        return ramp(colours, 0.25 + 0.12 * noise.solid(p, scale, 2) + 0.6 * vein * vein)

    return paint


def any_skin(random: Random, tall: float = 1) -> Paint:
    """One of all, in colours that go together; `tall` is about the size of what is painted."""
    one = one_of(random, BRIGHT, 0.1)
    other = one_of(random, "f0e8d8 f4ecd0 202428 e8b830 ffffff", 0.05)
    choices: list[Callable[[], Paint]] = [
        lambda: mottled(random, one, 0.08),
        lambda: mottled(random, one, 0.08),
        lambda: banded(random, one, other, random.uniform(2, 6) / tall),
        lambda: segments(one, other, int(random.integers(4, 10)), random.uniform(-0.5, 0.5)),
        lambda: chequered(one, other, random.uniform(0.15, 0.3) * tall),
        lambda: dotted(random, one, other, random.uniform(3, 6) / tall),
        lambda: timber(random),
        lambda: veined(
            random, str(random.choice(["f0ece6 d8d4d0 8a8a90", "2a3a34 3a5a4a d0e0c8", "a86a5a c89080 f0e0d4"]))
        ),
        lambda: banded(random, one, other, random.uniform(2, 5) / tall, int(random.integers(3)), 1.2),
    ]
    return choices[int(random.integers(len(choices)))]()


def around(height: float, radius: float, angle_at: float) -> tuple[float, float, float]:
    """A point on an upright cylinder; the angle in turns, 0 to the front (+z), growing to the right (+x)."""
    turn = 2 * np.pi * angle_at
    return radius * float(np.sin(turn)), height, radius * float(np.cos(turn))


GREY = ink("b0b4b8")
