"""Mountains, deserts, hills, canyons, winters, lakes."""

import numpy as np

from lucarne.atlas.scenes.canvas import (
    FINE,
    Image,
    Pixels,
    Plane,
    Random,
    covered,
    develop,
    lay,
    length,
    mix,
    rise,
    sheet,
    wave,
)
from lucarne.atlas.scenes.colour import ink, inks, one_of, ramp, vary
from lucarne.atlas.scenes.noise import Noise, ground
from lucarne.atlas.scenes.terrain import country
from lucarne.atlas.scenes.weather import box, fir, weather


def mountains(random: Random) -> Pixels:
    return develop(_alps(random), random, random.uniform(0.95, 1.15))


def _alps(random: Random, horizon: float | None = None) -> Image:
    horizon = random.uniform(-0.6, -0.2) if horizon is None else horizon
    behind, view = weather(
        random, random.uniform(1.2, 2.2), horizon, thick=random.uniform(0.004, 0.02), wide=random.uniform(0.4, 0.7)
    )
    peak, crest, fold, rough = (ground(random, *each) for each in ((0.016, 3.0), (0.028, 2.5), (0.07, 2.3), (0.2, 1.9)))
    tall, snow_line = random.uniform(6, 11), random.uniform(1.5, 6.5)

    def heights(u: Plane, v: Plane) -> Plane:
        massif = np.maximum(0.55 + 0.3 * peak(u, v), 0.15) * (1 - 0.55 * abs(crest(u, v))) + 0.13 * (
            1 - abs(fold(u, v))
        )
        return massif * rise(4, 14, v) * np.float32(tall) + rough(u, v) * (0.05 + 0.1 * rise(5, 12, v))

    def paint(u: Plane, v: Plane, height: Plane, steep: Plane) -> Plane:
        chance = rough(u * 2, v * 2)
        rock = ramp(inks("2e2c2e 5c5854 8e8880"), 0.5 + 0.15 * chance + 0.3 * (steep - 0.3))
        wood = ramp(inks("14240f 2c4420 5a7038"), 0.45 + 0.22 * chance)
        low = mix(
            wood, rock, rise(0.3, 0.9, steep + 0.25 * height / np.float32(tall) * 4 - 0.3 + 0.1 * chance)[..., None]
        )
        white = rise(-0.6, 0.6, height - np.float32(snow_line) - 3 * (steep - 0.35) + 0.4 * chance)
        return mix(low, ink("eef2f8"), white[..., None])

    return country(heights, paint, view, behind)


def deserts(random: Random) -> Pixels:
    behind, view = weather(
        random, high=random.uniform(1.2, 2.0), horizon=random.uniform(0.0, 0.4), thick=0.02, clear=0.9
    )
    swell, crest, fine = ground(random, 0.04, 3.2), ground(random, 0.055, 3.2), ground(random, 0.9, 1.2)
    colours = [
        vary(random, each, 0.05)
        for each in inks(str(random.choice(["a86a3a d09858 e8c088", "9a4420 c8703c e0a068", "b8a078 d8c49c ece0c4"])))
    ]
    turn, ripple = random.uniform(0, np.pi), random.uniform(2, 5)

    def heights(u: Plane, v: Plane) -> Plane:
        dune = crest(u, v)
        return 0.4 * swell(u, v) + 1.25 * (1 - np.sqrt(dune * dune + np.float32(0.004))) - 0.6

    def paint(u: Plane, v: Plane, height: Plane, steep: Plane) -> Plane:
        phase = (u * np.float32(np.cos(turn)) + v * np.float32(np.sin(turn))) * np.float32(ripple) + 0.5 * crest(
            u * 2, v * 2
        )
        return ramp(colours, 0.5 + 0.12 * fine(u, v) + 0.18 * wave(phase) * rise(9, 1, v))

    return develop(country(heights, paint, view, behind), random, random.uniform(0.9, 1.1))


def hills(random: Random) -> Pixels:
    """Fields, hedges, trees in a rolling country."""
    behind, view = weather(
        random, high=random.uniform(1.0, 1.8), horizon=random.uniform(-0.05, 0.3), thick=random.uniform(0.015, 0.05)
    )
    swell, trees, fine = ground(random, 0.05, 2.8), ground(random, 0.35, 1.6), ground(random, 0.8, 1.1)
    crops = np.stack(
        [one_of(random, "4a7028 6a8a34 8aa044 c8b048 d8c068 5a7a30 9a7a44 b03a2c 7a5a9a", 0.08) for _ in range(64)]
    )
    turn, side, rate = random.uniform(0, np.pi), random.uniform(1.5, 4), random.uniform(3, 7)
    few = random.uniform(0.7, 1.6)

    def wood(u: Plane, v: Plane) -> Plane:
        return rise(few, few + 0.5, trees(u, v)) * rise(2.5, 4, v)

    def heights(u: Plane, v: Plane) -> Plane:
        return 0.6 * swell(u, v) + 0.12 * wood(u, v) * (1.3 + 0.3 * trees(u * 2, v * 2))

    def paint(u: Plane, v: Plane, height: Plane, steep: Plane) -> Plane:
        a = (u * np.float32(np.cos(turn)) + v * np.float32(np.sin(turn))) / side + 0.12 * swell(u * 2, v * 2)
        b = (v * np.float32(np.cos(turn)) - u * np.float32(np.sin(turn))) / side
        column, row = np.floor(a), np.floor(b)
        number = (column.astype(np.int32) & 7) * 8 + (row.astype(np.int32) & 7)
        rows = wave(np.where(number % 3 == 0, a, b) * np.float32(rate * side)) * (number % 2) * rise(14, 3, v)
        colour = crops[number] * (1 + 0.16 * fine(u, v) + 0.16 * rows)[..., None]
        edge = np.minimum(0.5 - abs(a - column - 0.5), 0.5 - abs(b - row - 0.5))
        colour = mix(colour, ink("2a3a18"), (0.7 * rise(0.05, 0.02, edge))[..., None])
        leaf = ramp(inks("16260e 2c4a1a 5a7a30"), 0.45 + 0.2 * fine(u, v))
        return mix(colour, leaf, wood(u, v)[..., None])

    return develop(country(heights, paint, view, behind), random, random.uniform(0.95, 1.1))


def canyons(random: Random) -> Pixels:
    """Table mountains of layered red stone."""
    behind, view = weather(
        random, high=random.uniform(0.8, 1.6), horizon=random.uniform(-0.2, 0.15), thick=0.02, clear=0.8
    )
    shape, rough, band = ground(random, 0.035, 2.2), ground(random, 0.25, 1.8), ground(random, 0.1, 1.8)
    tall, levels = random.uniform(2.4, 5), int(random.integers(2, 5))
    layers = inks(
        str(random.choice(["7a2c18 b8562c d88850 a84420 e0a878 8a3418", "8a5a3a c8986a e0c49c a87048 d8b080 7a4a34"]))
    )

    def heights(u: Plane, v: Plane) -> Plane:
        raw = np.clip(shape(u, v) * 0.55 + 0.15 + 0.04 * rough(u, v), 0, 1) * levels * rise(3, 9, v)
        floor = np.floor(raw)
        return (floor + rise(0.0, 0.35, raw - floor)) / levels * np.float32(tall) + 0.04 * rough(u, v)

    def paint(u: Plane, v: Plane, height: Plane, steep: Plane) -> Plane:
        part = height * 1.3 + 0.08 * band(u, v)
        wall = ramp(layers, part - np.floor(part)) * (1 + 0.1 * rough(u * 2, v * 2))[..., None]
        top = ramp(inks("a86a40 c89060 8a8a4a"), 0.4 + 0.25 * rough(u, v))
        return mix(top, wall, rise(0.12, 0.3, steep)[..., None])

    return develop(country(heights, paint, view, behind), random, random.uniform(0.95, 1.1))


def winters(random: Random) -> Pixels:
    """Snow, and dark firs in it."""
    x, y = sheet()
    behind, view = weather(random, high=1.2, horizon=random.uniform(0.0, 0.3), thick=random.uniform(0.03, 0.1))
    swell, fine = ground(random, 0.05, 2.8), ground(random, 0.6, 1.3)

    def paint(u: Plane, v: Plane, height: Plane, steep: Plane) -> Plane:
        return ramp(inks("c8d8ec e8eef6 ffffff"), 0.6 + 0.15 * fine(u, v))

    image = country(lambda u, v: 0.45 * swell(u, v), paint, view, behind)
    horizon = view.horizon
    haze = ink("c8d4e0") if view.haze is None else view.haze
    for layer in range(3):
        near = (layer + 1) / 3
        base = horizon - 0.05 - 0.5 * near * near
        for _ in range(int(random.integers(3, 9) * (2.2 - near))):
            size = random.uniform(0.3, 0.5) * (0.35 + near)
            fir(
                random,
                image,
                random.uniform(-1.1, 1.1),
                base + random.normal() * 0.04,
                size,
                haze,
                0.75 - 0.6 * near,
                random.uniform(0.2, 0.9),
            )
    if random.random() < 0.5:
        for _ in range(int(random.integers(60, 160))):
            size = random.uniform(0.004, 0.014)
            at_x, at_y = random.uniform(-1, 1, 2)
            rows, columns = box(at_x, at_y, size * 2, size * 2)
            inside = covered(
                length(x[rows, columns] - np.float32(at_x), y[rows, columns] - np.float32(at_y)) - np.float32(size), 3
            )
            image[rows, columns] += (ink("ffffff") - image[rows, columns]) * (0.8 * inside)[..., None]
    return develop(image, random, random.uniform(0.9, 1.05))


def lakes(random: Random) -> Pixels:
    """A mountain and its mirror image."""
    x, y = sheet()
    shore = random.uniform(-0.4, -0.1)
    image = _alps(random, shore - 0.05)
    line = round((1 - shore) / 2 * FINE)
    noise = Noise(random)
    below = np.arange(FINE) - line  # rows under the shore
    ripple = noise.clouds(x * 2 / (0.3 + shore - y), 1 / (0.12 + np.maximum(shore - y, 0)), 0.5, 1.6, turn=False)
    calm = random.uniform(0.3, 2.5)
    row = np.clip(line - 1 - below[:, None] * 1.05 + ripple * calm, 0, FINE - 1).astype(np.intp)
    column = np.clip(np.arange(FINE)[None] + ripple * 0.6 * calm, 0, FINE - 1).astype(np.intp)
    water = mix(
        image[row, column] * np.float32(0.8),
        one_of(random, "1c3c4a 1a4a4c 28384a"),
        np.clip(0.15 + 0.5 * (shore - y), 0, 0.6)[..., None],
    )
    lay(
        image,
        covered(y - np.float32(shore) - 0.012 * noise.clouds(x, y * 0, 0.3, 1.5, turn=False)),
        water.astype(np.float32),
    )
    return develop(image, random, random.uniform(0.95, 1.15))
