"""Flowers, near: daisies, sunflowers, roses, tulips, poppies, dandelions; and a meadow full of them."""

from collections.abc import Callable

import numpy as np

from lucarne.atlas.scenes.canvas import (
    PIXEL,
    Image,
    Pixels,
    Plane,
    Random,
    angle,
    blur,
    covered,
    develop,
    exp,
    lay,
    length,
    mix,
    power,
    rise,
    sheet,
    turned,
    wave,
)
from lucarne.atlas.scenes.colour import Colour, ink, inks, one_of, ramp, vary
from lucarne.atlas.scenes.noise import Cells, Noise
from lucarne.atlas.scenes.relief import lit, photograph
from lucarne.atlas.scenes.render import Body
from lucarne.atlas.scenes.skins import mottled
from lucarne.atlas.scenes.space import Points, Shape, cut, egg, lathe, limb, path, rotated, union, within
from lucarne.atlas.scenes.stage import garden, sky, still

PETALS = "f4f0f4 f4f0f4 f0d040 e88a30 d84870 b060c0 7a70d0 e8a0c0 d83030 f4e8c8"


def daisies(random: Random) -> Pixels:
    """One, or several, facing us; petals in two rings around a knob of small florets."""

    def draw(image: Image, at: tuple[float, float], size: float) -> Image:
        count = int(random.integers(9, 24))
        return _head(
            random,
            image,
            at,
            size,
            count,
            one_of(random, PETALS, 0.06),
            ("b87010 e8b020 f8dc60", "3a2410 6a4018 a87028")[int(random.random() < 0.2)],
            random.uniform(0.22, 0.36),
        )

    return _bouquet(random, draw)


def sunflowers(random: Random) -> Pixels:
    def draw(image: Image, at: tuple[float, float], size: float) -> Image:
        count, colour = int(random.integers(20, 32)), one_of(random, "f0b818 e8a810 f4c830", 0.05)
        return _head(random, image, at, size, count, colour, "1c1008 4a2c12 8a5c20", random.uniform(0.42, 0.55))

    return _bouquet(random, draw)


def _bouquet(random: Random, draw: Callable[[Image, tuple[float, float], float], Image]) -> Pixels:
    image = garden(random) * np.float32(random.uniform(0.5, 0.9)) if random.random() < 0.75 else sky(random)
    count = int(random.choice([1, 1, 2, 4]))
    for number in range(count):
        size = random.uniform(0.72, 0.95) if count == 1 else random.uniform(0.34, 0.58) * (0.8 + 0.3 * number / count)
        reach = 0.15 if count == 1 else 0.75
        at = (random.uniform(-reach, reach), random.uniform(-reach, reach))
        _stem(random, image, at, size)
        image = draw(image, at, size)
        if number < count - 2:
            image = blur(image, 2.5)
    return develop(image, random, random.uniform(0.95, 1.15))


def _stem(random: Random, image: Image, at: tuple[float, float], size: float) -> None:
    x, y = sheet()
    bend = np.float32(random.normal() * 0.15)
    part = np.maximum(np.float32(at[1]) - y, 0)
    away = x - np.float32(at[0]) - bend * part * part
    cover = covered(abs(away) - np.float32(0.045 * size)) * (y < at[1])
    lay(image, cover, ramp(inks("1c3410 4a6c28 9ab860"), 0.5 - away * np.float32(9 / size)))


def _head(
    random: Random,
    image: Image,
    at: tuple[float, float],
    size: float,
    count: int,
    colour: Colour,
    knob: str,
    middle: float,
) -> Image:
    """A composite flower, tilted as if on its stem, laid over the image."""
    x, y = sheet()
    noise = Noise(random)
    tilt, turn = random.uniform(0.62, 1.0), random.uniform(0, 360)
    px, py = turned((x - np.float32(at[0])) / np.float32(size), (y - np.float32(at[1])) / np.float32(size), turn)
    py = py / np.float32(tilt)
    radius, turns = length(px, py), angle(py, px)
    height, whole = np.zeros_like(x), np.zeros_like(x)
    colours = inks(knob)
    for layer in range(2):
        shift = turns * count + 0.5 * layer + random.uniform()
        number = np.rint(shift)
        chance = random.uniform(-1, 1, (3, 64)).astype(np.float32)[:, number.astype(np.int32) & 63]
        across = (shift - number + 0.12 * chance[0]) * 2
        long = np.float32(0.98 - 0.12 * (1 - layer)) * (1 + 0.08 * chance[1])
        along = np.clip((radius - np.float32(middle * 0.7)) / (long - np.float32(middle * 0.7)), 0, 1.3)
        profile = np.clip(1.15 * np.sqrt(along + 0.08) * np.sqrt(np.maximum(1 - power(along, 4), 0)), 0, 1)
        inside = profile * 0.96 - abs(across)
        cover = np.clip(inside * radius * np.float32(size * np.pi / count / PIXEL) / 1.6 + 0.5, 0, 1) * (along < 1)
        crease = 0.06 * wave(across * 1.5 + 0.25) + 0.05 * wave(across * 3)
        tone = 0.55 + 0.3 * along + 0.1 * chance[2] + crease - 0.12 * across * (1 - layer)
        petal = mix(colour * np.float32(0.32), colour, np.clip(tone, 0, 1)[..., None])
        petal = mix(petal, np.minimum(colour * 1.4 + 0.05, 1), (0.35 * rise(0.6, 1, tone))[..., None])
        image = image * (1 - 0.5 * blur(cover, 4) * whole)[..., None]
        lay(image, cover, petal * np.float32(0.75 + 0.2 * layer))
        whole = np.maximum(whole, cover)
        height = mix(height, 0.03 * layer + 0.05 * np.sqrt(np.clip(inside, 0, 1)) + 0.02 * along, cover)
    # florets along spirals, a golden angle apart
    florets = Cells(random, 0.5).near(
        turns * np.float32(max(round(13 * middle / 0.3), 8)) + radius * 8, radius * np.float32(26)
    )[0]
    disc = rise(0.01, -0.01, radius - np.float32(middle))
    swell = np.sqrt(np.maximum(1 - (radius / np.float32(middle)) ** 2, 0))
    speck = rise(0.55, 0.1, florets)
    face = ramp(
        colours,
        0.15
        + 0.35 * speck
        + 0.5 * (radius / np.float32(middle)) ** 2
        - 0.25 * rise(0.35, 0, radius / np.float32(middle))
        + 0.08 * noise.grain(px, py, 0.5),
    )
    image = image * (1 - 0.45 * exp(-np.maximum(radius - middle, 0) * 14) * whole)[..., None]
    lay(image, disc, face)
    height = mix(height, 0.07 + 0.12 * np.float32(middle) * swell + 0.014 * speck, disc)
    shaded = lit(random, height * np.float32(size), image, 1, 0.05, 8, 0.5)
    return mix(image, shaded * np.float32(1.05), np.maximum(whole, disc)[..., None]).astype(np.float32)


def roses(random: Random) -> Pixels:
    """Petals rolled about each other, seen from above."""
    x, y = sheet()
    image = garden(random) * np.float32(0.55)
    size = random.uniform(0.75, 1.0)
    px, py = (
        (x - np.float32(random.normal() * 0.1)) / np.float32(size),
        (y - np.float32(random.normal() * 0.1)) / np.float32(size),
    )
    colour = one_of(random, "b01020 c82038 e07898 f0b0b8 f4e4d0 f0d060 e88a4a d84a7a f4f0ec", 0.08)
    colours = [
        colour * np.float32(0.12),
        colour * np.float32(0.5),
        colour,
        np.minimum(colour * np.float32(1.35) + 0.06, 1),
    ]
    noise = Noise(random)
    height, whole = np.zeros_like(x), np.zeros_like(x)
    radius, turns = length(px, py), angle(py, px)
    wander = 0.03 * noise.clouds(px, py, 0.3, 2.2)
    rings = int(random.integers(7, 10))
    for ring in range(rings, 0, -1):
        part, count = ring / rings, 2 + (ring + 1) // 2
        shift = turns * count + 0.37 * ring * count + 0.35 * wave(turns + random.uniform()) + 0.6 * radius
        number = np.rint(shift)
        chance = random.uniform(-1, 1, (2, 16)).astype(np.float32)[:, number.astype(np.int32) & 15]
        across = (shift - number) * 2
        reach = np.float32(0.98 * part**0.85) * (1 - 0.17 * across * across + 0.05 * chance[0]) + wander
        inside = reach - radius
        cover = covered(-inside * np.float32(size), 2)
        lip = rise(0.1 * part + 0.03, 0.0, inside)
        tone = (
            0.3
            + 0.34 * part
            + 0.3 * lip
            + 0.2 * across * (1 - lip)
            + 0.08 * chance[1]
            - 0.5 * rise(0.1, 0.45 * part + 0.1, inside)
        )
        image = image * (1 - 0.55 * blur(cover, 3.5 + 3 * part) * whole)[..., None]
        lay(image, cover, ramp(colours, np.clip(tone, 0.04, 1)))
        whole = np.maximum(whole, cover)
        height = mix(height, np.float32(0.4 * (1 - part)) + 0.07 * part * lip - 0.05 * across, cover)
    shaded = lit(random, blur(height, 1), image, 0.7, 0.05, 6, 0.4)
    return photograph(random, mix(image, shaded * np.float32(1.15), whole[..., None]).astype(np.float32))


def tulips(random: Random) -> Pixels:
    """Cups on stems, in a row, with long leaves."""
    bodies: list[Body] = []
    count = int(random.choice([1, 1, 2, 3]))
    colour = one_of(random, "c81828 e8a020 f0d030 e878a0 8a2a8a f4f0e8 d85020 4a1038", 0.08)
    for number in range(count):
        at = (
            (0.0, 0.0)
            if number == 0
            else ((-1) ** number * (0.75 + 0.35 * (number // 2)), -0.3 * number + random.normal() * 0.15)
        )
        tone = vary(random, colour, 0.08)
        high = random.uniform(1.1, 1.5)
        bodies += [each.moved((at[0], 0, at[1])) for each in _tulip(random, tone, high)]
    focus = (0, 1.5, 0) if count == 1 else (0, 1.2, 0)
    return still(
        random, bodies, "lawn earth leaves leaves wall", focus, 5, 0.2 if count == 1 else 0.27, (-30, 30), (0, 25)
    )


def _tulip(random: Random, colour: Colour, high: float) -> list[Body]:
    noise = Noise(random)

    def paint(p: Points) -> Plane:
        up = (p[1] - high) * np.float32(1.25)
        veins = noise.clouds(angle(p[2], p[0]) * 6, up * 0.2, 0.7, 1.2, turn=False)
        lit_tip = mix(colour * np.float32(0.7), np.minimum(colour * 1.2 + 0.04, 1), np.clip(up, 0, 1)[:, None])
        return mix(lit_tip, ink("b8c060"), (0.7 * rise(0.2, 0.0, up))[:, None]) * (1 + 0.09 * veins)[:, None]

    petals = []
    for layer in range(2):
        size = 0.36 + 0.05 * layer
        shell = cut(
            egg((0, high + 0.38, 0), (size, 0.52, size)),
            egg((0, high + 0.46, 0), (size * 0.86, 0.5, size * 0.86)),
            0.02,
        )
        sides = [
            rotated(egg((0, high + 0.36, size), (0.36, 0.52, 0.5)), "y", 120 * number + 60 * layer)
            for number in range(3)
        ]
        petals.append(Body(within(shell, union(*sides)), paint, 0.2, 20, 0.4))
    lean = random.normal() * 0.08
    stem = limb((lean, 0, 0), (0, high, 0), 0.055, 0.05)
    green = mottled(random, one_of(random, "4a7a30 5a8a3a 3a6a38"), 0.12)
    leaf = path([(0.03, 0, 0), (0.2, 0.5, 0.1), (0.32, 0.95, 0.05), (0.5, 1.2, -0.05)], [0.05, 0.12, 0.1, 0.02], 0.1)
    return [*petals, Body(stem, green, 0.15), Body(leaf, green, 0.15).rotated("y", random.uniform(0, 360))]


def poppies(random: Random) -> Pixels:
    """Broad crumpled petals around a dark heart."""
    x, y = sheet()
    image = garden(random) * np.float32(0.7) if random.random() < 0.7 else sky(random)
    noise = Noise(random)
    for number in range(int(random.choice([1, 1, 3]))):
        size = random.uniform(0.7, 0.95) if number == 0 else random.uniform(0.3, 0.45)
        at = random.uniform(-0.15, 0.15, 2) if number == 0 else random.uniform(-0.85, 0.85, 2)
        _stem(random, image, (float(at[0]), float(at[1])), size)
        tilt = random.uniform(0.65, 1)
        px, py = (x - np.float32(at[0])) / np.float32(size), (y - np.float32(at[1])) / np.float32(size * tilt)
        colour = one_of(random, "d02818 d83820 e86030 f0b0a0 f4ecd8 e8c030 b090d0", 0.06)
        height, whole = np.zeros_like(x), np.zeros_like(x)
        count = int(random.integers(4, 7))
        for petal in range(count):
            turn = 360 * (petal * 2 % count) / count + random.normal() * 8 + 20 * size
            along, across = turned(px, py, turn)
            a, b = (along - 0.42) / 0.52, across / 0.6
            crumple = noise.clouds(b * 1.2, a * 0.3, 0.35, 1.9, turn=False)
            edge = length(a, b) + 0.07 * noise.clouds(b, a, 0.4, 1.9)
            cover = covered((edge - 1) * np.float32(0.5 * size), 2)
            tone = 0.6 + 0.2 * a + 0.09 * crumple + 0.06 * random.normal()
            leaf = mix(colour * np.float32(0.3), np.minimum(colour * 1.15 + 0.03, 1), np.clip(tone, 0, 1)[..., None])
            leaf = mix(leaf, ink("180c10"), (0.9 * rise(-0.45, -0.75, a + 0.05 * crumple))[..., None])
            image = image * (1 - 0.5 * blur(cover, 5) * whole)[..., None]
            lay(image, cover, leaf)
            whole = np.maximum(whole, cover)
            height = mix(height, 0.05 * crumple * np.clip(edge, 0, 1) + 0.12 * edge, cover)
        radius, turns = length(px, py), angle(py, px)
        anthers = (
            rise(0.35, 0.15, Cells(random, 0.8).near(px * 22, py * 22)[0])
            * rise(0.3, 0.24, radius)
            * rise(0.1, 0.13, radius)
        )
        lay(image, anthers, one_of(random, "201818 e8d070", 0.05))
        lay(
            image,
            rise(0.125, 0.11, radius),
            ramp(inks("3a4a20 8a9a50 c8d088"), 0.5 + 0.3 * wave(turns * 8) - radius * 3 + py * 2),
        )
        shaded = lit(random, height * np.float32(size), image, 1, 0.04, 6, 0.3)
        image = mix(image, shaded * np.float32(1.1), whole[..., None]).astype(np.float32)
    return develop(image, random, random.uniform(0.95, 1.15))


def dandelions(random: Random) -> Pixels:
    """Seed heads: a ball of fine parasols, some of them leaving."""
    x, y = sheet()
    image = garden(random) * np.float32(0.6) if random.random() < 0.6 else sky(random, 0.9) * np.float32(0.7)
    at = (random.uniform(-0.25, 0.25), random.uniform(-0.05, 0.3))
    size = random.uniform(0.5, 0.72)
    _stem(random, image, at, 0.55)
    px, py = (x - np.float32(at[0])) / np.float32(size), (y - np.float32(at[1])) / np.float32(size)
    radius = length(px, py)
    image += (exp(-power(radius * 1.1, 6)) * 0.10)[..., None]
    for number in range(130):
        turn, up = number * np.pi * (3 - np.sqrt(5)), 1 - 2 * (number + 0.5) / 130
        around = np.sqrt(1 - up * up)
        if random.random() < 0.1:
            continue
        _parasol(
            image,
            px,
            py,
            (around * np.cos(turn) * 0.9, up * 0.9),
            0.17 + 0.04 * around,
            0.35 + 0.3 * np.sin(turn) * around,
        )
    lay(image, rise(0.1, 0.08, radius), ink("6a5a38"))
    for _ in range(int(random.integers(0, 7))):
        _parasol(image, px, py, tuple(random.uniform(-1.7, 1.7, 2)), 0.2, 0.8)
    return develop(image, random, random.uniform(0.95, 1.15))


def _parasol(image: Image, px: Plane, py: Plane, at: tuple[float, float], size: float, bright: float) -> None:
    """One seed's hairs: rays from a point, over its stalk towards the middle."""
    across, down = np.flatnonzero(abs(px[0] - at[0]) < size), np.flatnonzero(abs(py[:, 0] - at[1]) < size)
    if not len(across) or not len(down):
        return
    where = np.ix_(down, across)
    x, y = px[where] - np.float32(at[0]), py[where] - np.float32(at[1])
    away = length(x, y) / np.float32(size)
    hairs = rise(0.55, 0.95, wave(angle(y, x) * 11 + np.float32(at[0] * 3)))
    cover = np.maximum(hairs * rise(1, 0.3, away) * rise(0, 0.15, away), rise(0.12, 0.06, away))
    image[where] += (cover * bright)[..., None] * ink("f4f0e8")


def meadows(random: Random) -> Pixels:
    """Hundreds of flowers that get smaller to the horizon."""
    x, y = sheet()
    horizon = random.uniform(0.1, 0.7)
    image = blur(sky(random), 2)
    noise = Noise(random)
    depth = 0.5 / np.maximum(np.float32(horizon) - y, 0.01)
    turf = ramp(
        inks("1c3010 3c5c20 70903c a8b868"),
        0.45 + 0.16 * noise.clouds(x * depth, depth * 2, 0.5, 1.2, turn=False) + 0.15 * (horizon - y),
    )
    trees = np.float32(horizon) + 0.05 + 0.04 * noise.clouds(x, y * 0, 0.4, 1.6, turn=False)
    lay(image, covered(y - trees, 3), ramp(inks("20341c 3a5428"), 0.5 + 0.2 * noise.clouds(x, y, 0.5, 1.4)))
    lay(image, covered(y - np.float32(horizon), 4), turf)
    kinds = [
        one_of(random, "d02818 f0d030 f4f0f0 7a60c8 e878a8 3a60c8 e88a30", 0.08)
        for _ in range(int(random.integers(1, 4)))
    ]
    places = sorted(random.uniform(0.02, 1, 260) ** 1.6)
    for part in places:
        at_y = horizon - part * (horizon + 1.1)
        size = 0.012 + 0.085 * part * random.uniform(0.7, 1.2)
        at_x = random.uniform(-1.05, 1.05)
        across, down = np.flatnonzero(abs(x[0] - at_x) < size * 1.2), np.flatnonzero(abs(y[:, 0] - at_y) < size * 1.2)
        if not len(across) or not len(down):
            continue
        where = np.ix_(down, across)
        px, py = (
            (x[where] - np.float32(at_x)) / np.float32(size),
            (y[where] - np.float32(at_y)) / np.float32(size * 0.75),
        )
        away, turns = length(px, py), angle(py, px)
        petals = away - 0.75 - 0.22 * wave(turns * 5 + np.float32(at_x * 9))
        colour = kinds[int(random.integers(len(kinds)))] * (0.75 + 0.3 * py + 0.1 * random.normal())[..., None]
        colour = mix(
            colour, ink("e8c030") if random.random() < 0.7 else ink("181010"), rise(0.34, 0.2, away)[..., None]
        )
        image[where] += (colour - image[where]) * covered(petals * np.float32(size))[..., None]
    far = rise(horizon - 0.5, horizon, y)
    return develop(mix(image, blur(image, 2.5), far[..., None]).astype(np.float32), random, random.uniform(0.95, 1.15))


def bells(random: Random) -> Pixels:
    """Lily of the valley and bluebells: hanging cups along a bent stem."""
    colour = one_of(random, "f4f0ec 6a70d0 8a60c0 e8a0b8 f4f0ec", 0.06)
    bodies: list[Body] = []
    green = mottled(random, ink("5a8a3a"), 0.12)
    line = [(-0.5, 0.0, 0.0), (-0.42, 0.7, 0.0), (-0.2, 1.3, 0.0), (0.15, 1.7, 0.0), (0.6, 1.82, 0.0)]
    bodies.append(Body(path(line, [0.045, 0.045, 0.04, 0.035, 0.03], 0.05), green, 0.15))
    cup = [(-0.2, 0.2), (-0.17, 0.2), (-0.05, 0.17), (0.08, 0.14), (0.16, 0.06)]
    shell: Shape = cut(lathe((0, 0, 0), cup, 6, 0.06, 100), egg((0, -0.22, 0), (0.165, 0.3, 0.165)), 0.02)
    for part in np.linspace(0.25, 1, int(random.integers(5, 8))):
        at = (
            float(np.interp(part, np.linspace(0, 1, 5), [each[0] for each in line])),
            float(np.interp(part, np.linspace(0, 1, 5), [each[1] for each in line])),
        )
        side = random.normal() * 0.12
        bodies.append(
            Body(shell, mottled(random, colour, 0.05), 0.2, 20, 0.5)
            .rotated("x", side * 60)
            .moved((at[0] + 0.06, at[1] - 0.3, side))
        )
        bodies.append(Body(limb((at[0], at[1], 0), (at[0] + 0.06, at[1] - 0.15, side), 0.018), green, 0.1))
    around = (0.05, random.uniform(0.95, 1.35), 0)
    side = float(random.choice([0, 180]))
    wide, azimuth, elevation = random.uniform(0.17, 0.25), (side - 40, side + 40), (-5, 15)
    return still(random, bodies, "leaves leaves lawn earth", around, 5, wide, azimuth, elevation)
