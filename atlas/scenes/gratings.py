"""What vision laboratories show: gratings, edges, curves, checks, spots, colours, noise, printed and photographed.

Drawn by `vision.stimuli`, whose pictures are exact; here they get chance, colour, and a little light and grain.
"""

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from lucarne.atlas.scenes.canvas import (
    FINE,
    Floats,
    Image,
    Pixels,
    Plane,
    Random,
    angle,
    develop,
    length,
    mix,
    power,
    rise,
    sheet,
    wave,
)
from lucarne.atlas.scenes.colour import hsl, ramp
from lucarne.atlas.scenes.noise import Noise
from lucarne.atlas.vision import stimuli

T = TypeVar("T")


def gratings(random: Random) -> Pixels:
    """Sine waves and bars, wide or within a window."""
    options = {
        "orientation": random.uniform(0, 180),
        "frequency": float(np.exp(random.uniform(np.log(0.012), np.log(0.11)))),
    }
    draw = _one(random, stimuli.grating, stimuli.gabor, stimuli.stripes)
    return _printed(random, draw(FINE, contrast=random.uniform(0.5, 1), colours=_pair(random), **options))


def plaids(random: Random) -> Pixels:
    """Two gratings across each other."""
    x, y = sheet()
    colours = [*_two(random), *_two(random)]
    waves = []
    for _ in range(2):
        turn, rate = random.uniform(0, 2 * np.pi), np.exp(random.uniform(np.log(1.5), np.log(12)))
        waves.append(
            wave(x * np.float32(rate * np.cos(turn)) + y * np.float32(rate * np.sin(turn)) + random.uniform()) * 0.5
            + 0.5
        )
    if random.random() < 0.5:
        waves = [rise(0.4, 0.6, each) for each in waves]
    first, second = (each[..., None] for each in waves)
    return _lit(random, mix(mix(colours[0], colours[1], first), mix(colours[2], colours[3], first), second))


def circles(random: Random) -> Pixels:
    """Rings, spirals and stars, not always in the middle."""
    x, y = sheet()
    x, y = x - np.float32(random.normal() * 0.3), y - np.float32(random.normal() * 0.3)
    radius, turns = length(x, y * np.float32(random.uniform(0.6, 1))), angle(y, x)
    arms, rate = int(random.integers(1, 14)), float(random.uniform(2, 8))
    style = int(random.integers(4))
    if style == 0:
        phase = radius * rate
    elif style == 1:
        phase = turns * arms * 2
    elif style == 2:
        phase = radius * rate + turns * (1 + arms // 3)
    else:
        phase = 2 * np.log(np.maximum(radius, 0.01).astype(np.float64)).astype(np.float32) + turns * (1 + arms // 2)
    cycle = wave(phase + random.uniform()) * (rise(0.0, 0.12, radius) if style else 1)
    part = 0.5 + 0.5 * cycle if random.random() < 0.5 else rise(-0.25, 0.25, cycle)
    return _lit(random, mix(*_two(random), part[..., None]))


def edges(random: Random) -> Pixels:
    """Edges, bars and corners: what the simplest cells of the eye's cortex answer to."""
    turn, colours = random.uniform(0, 360), _pair(random)
    draw: Callable[[], stimuli.Pixels] = _one(
        random,
        lambda: stimuli.edge(FINE, turn, float(random.choice([0, 8, 40, 100])), colours=colours),
        lambda: stimuli.bar(FINE, turn, random.uniform(6, 60), colours=colours),
        lambda: stimuli.bar(FINE, turn, random.uniform(10, 60), random.uniform(80, 220), colours=colours),
        lambda: stimuli.corner(FINE, random.uniform(25, 330), turn, colours=colours),
        lambda: stimuli.corner(FINE, random.uniform(25, 150), turn, colours=colours),
    )
    return _printed(random, draw())


def curves(random: Random) -> Pixels:
    """One arc, or a family of them."""
    if random.random() < 0.5:
        curvature = random.uniform(0.006, 0.016) * random.choice([-1, 1])
        drawn = stimuli.curve(
            FINE, curvature, random.uniform(0, 180), random.uniform(6, 40), random.uniform(220, 340), _pair(random)
        )
        return _printed(random, drawn)
    x, y = sheet()
    turn = random.uniform(0, 2 * np.pi)
    u = x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn))
    v = y * np.float32(np.cos(turn)) - x * np.float32(np.sin(turn))
    bend = v + np.float32(random.uniform(0.1, 0.4)) * wave(u * np.float32(random.uniform(0.3, 1.1)) + random.uniform())
    count = random.uniform(1.5, 7)
    line = rise(0.25, -0.25, abs(bend * count - np.rint(bend * count)) * 4 - random.uniform(0.6, 1.4))
    return _lit(random, mix(*_two(random), line[..., None]))


def checks(random: Random) -> Pixels:
    turn, colours = random.uniform(0, 90), _pair(random)
    return _printed(random, stimuli.checkerboard(FINE, random.uniform(9, 70), turn, random.uniform(0.6, 1), colours))


def spots(random: Random) -> Pixels:
    spacing = random.uniform(18, 90)
    drawn = stimuli.spots(
        FINE, spacing, spacing * random.uniform(0.16, 0.42), random.uniform(0, 60), random.uniform(0, 0.25),
        int(random.integers(1 << 30)), _pair(random),
    )  # fmt: skip
    return _printed(random, drawn)


def colours(random: Random) -> Pixels:
    """Fields and soft meetings of colours; sometimes all of them."""
    x, y = sheet()
    style = int(random.choice([0, 1, 1, 2, 2, 3]))
    if style == 0:
        return _printed(random, stimuli.hue_disc(FINE, random.uniform(0.35, 0.65), _code(_colour(random))))
    if style == 1:
        parts = [*_two(random), *_two(random)]
        u, v = (rise(-0.9, 0.9, part)[..., None] for part in (x, y))
        return _lit(random, mix(mix(parts[0], parts[1], u), mix(parts[2], parts[3], u), v))
    noise = Noise(random)
    if style == 2:
        return _lit(
            random, ramp([*_two(random), *_two(random), _colour(random)], 0.5 + 0.25 * noise.clouds(x, y, 0.12, 3))
        )
    ground, disc = _two(random)
    inside = rise(
        0.02,
        -0.02,
        length(x - np.float32(random.normal() * 0.2), y - np.float32(random.normal() * 0.2))
        - random.uniform(0.25, 0.8),
    )
    return _lit(random, mix(ground, disc, inside[..., None]))


def noise(random: Random) -> Pixels:
    """Chance at all scales, or at one."""
    if random.random() < 0.5:
        coloured = bool(random.random() < 0.6)
        return _printed(
            random, stimuli.noise(FINE, random.uniform(0.6, 2.8), 0.7, int(random.integers(1 << 30)), coloured)
        )
    x, y = sheet()
    source, scale = Noise(random), float(np.exp(random.uniform(np.log(0.1), np.log(0.9))))
    stretch = np.float32(np.exp(random.uniform(0, 1.8)))
    field = source.blobs(x * stretch, y, scale, 14)
    if random.random() < 0.5:
        field = np.sign(field) * rise(0, 0.4, abs(field)) * 1.5
    return _lit(random, ramp([*_two(random), _colour(random)], 0.5 + 0.3 * field))


# ── the print ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _one(random: Random, *choices: T) -> T:
    return choices[int(random.integers(len(choices)))]


def _colour(random: Random) -> Plane:
    if random.random() < 0.35:
        return hsl(0, 0, random.uniform(0.03, 0.97))
    return hsl(random.uniform(0, 360), random.uniform(0.25, 0.85), random.uniform(0.25, 0.75))


def _two(random: Random) -> tuple[Plane, Plane]:
    """Two colours one can tell apart, as light."""
    if random.random() < 0.3:
        black, white = np.zeros(3, np.float32), np.ones(3, np.float32)
        return (black, white) if random.random() < 0.5 else (white, black)
    first, *others = (_colour(random) for _ in range(8))
    apart = [random.uniform(0.6, 1) * float(abs(np.sqrt(other) - np.sqrt(first)).sum()) for other in others]
    return first, others[int(np.argmax(apart))]


def _code(colour: Floats) -> stimuli.Colour:
    red, green, blue = (int(value) for value in np.rint(np.clip(colour.astype(np.float64), 0, 1) ** (1 / 2.2) * 255))
    return red, green, blue


def _pair(random: Random) -> stimuli.Pair:
    one, other = _two(random)
    return _code(one), _code(other)


def _printed(random: Random, drawn: stimuli.Pixels) -> Pixels:
    return _lit(random, power(drawn / np.float32(255), 2.2))


def _lit(random: Random, image: Image) -> Pixels:
    x, y = sheet()
    turn = random.uniform(0, 2 * np.pi)
    fall = 1 + random.uniform(0, 0.3) * (x * np.float32(np.cos(turn)) + y * np.float32(np.sin(turn)))
    paper = 1 + 0.03 * Noise(random).clouds(x, y, 0.4, 1.2)
    return develop((image * (fall * paper)[..., None]).astype(np.float32), random, 1, 0, 1, 0.5)
