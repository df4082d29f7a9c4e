"""Fruit, vegetables and mushrooms."""

from collections.abc import Callable

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, angle, length, mix, rise, wave
from lucarne.atlas.scenes.colour import ink, inks, one_of, ramp, vary
from lucarne.atlas.scenes.noise import Cells, Noise, relief
from lucarne.atlas.scenes.render import Body, Paint
from lucarne.atlas.scenes.skins import clouded, mottled
from lucarne.atlas.scenes.space import (
    Points,
    ball,
    blend,
    block,
    cut,
    egg,
    lathe,
    limb,
    path,
    union,
    within,
)
from lucarne.atlas.scenes.stage import still

ON = "table table table studio lawn"


def oranges(random: Random) -> Pixels:
    colour = one_of(random, "e07810 e88a18 d86a14", 0.05)

    def one(size: float) -> list[Body]:
        pores = relief(random, 16 / size, 0.004 * size)
        fruit = Body(egg((0, 0, 0), (size, size * 0.95, size)), mottled(random, colour, 0.07), 0.25, 18, 0.35, pores)
        tilt = random.uniform(-40, 40)
        stalk = Body(ball((0, size * 0.93, 0), size * 0.07), ink("5a6a20"), 0.1).rotated("z", tilt)
        return [each.moved((0, size * 0.94, 0)) for each in (fruit, stalk)]

    if random.random() < 0.4:
        whole = [each.moved((-0.6, 0, -0.25)) for each in one(0.66)]
        return still(random, [*whole, _half(random, 0.66, colour)], ON, (0, 0.55, 0), 4.5, 0.3, (-15, 15))
    return _heap(random, one, 0.9)


def _half(random: Random, size: float, rind: Plane) -> Body:
    """A cut orange that shows its segments."""
    flesh, pith = mix(rind, ink("ffb040"), 0.45), ink("fff0d0")
    noise, count = Noise(random), int(random.integers(8, 12))

    def paint(p: Points) -> Plane:
        x, y, _ = p
        away, turns = length(x, y) / np.float32(size), angle(y, x)
        spoke = abs(wave(turns * np.float32(count / 2)))
        wall = np.minimum(spoke * away * 3, (0.86 - away) * 14)
        juice = (1 + 0.15 * noise.clouds(turns * 6, away * 0.5, 0.7, 1.2, turn=False))[:, None] * flesh
        inside = mix(pith, juice, np.clip(wall, 0, 1)[:, None])
        return mix(inside, rind, ((away > 0.96) | (p[2] < -0.02))[:, None])

    half = within(ball((0, 0, 0), size), block((0, 0, -2), (4, 4, 2), 0))
    return Body(half, paint, 0.35, 30, 0.4).rotated("x", -random.uniform(15, 35)).moved((0.5, size * 0.75, 0.6))


def apples(random: Random) -> Pixels:
    def one(size: float) -> list[Body]:
        profile = [(-0.9, 0.25), (-0.82, 0.48), (-0.35, 0.82), (0.2, 1.0), (0.6, 0.86), (0.85, 0.42)]
        body = cut(
            lathe((0, 0, 0), [(y * size, r * size) for y, r in profile], 5, 0.015, 500),
            egg((0, size * 1.0, 0), (size * 0.42, size * 0.36, size * 0.42)), 0.3 * size,
        )  # fmt: skip
        kinds = ["6a0c10 a01818 c84028 e0a050", "4a7a18 7a9c2c a8bc48 c8d078", "b89028 d8ac38 d87038 b83820"]
        streak, colours = Noise(random), [vary(random, colour, 0.05) for colour in inks(str(random.choice(kinds)))]

        def paint(p: Points) -> Plane:
            lines = streak.clouds(angle(p[2], p[0]) * 3, p[1] / np.float32(size) * 0.12, 0.7, 1.2, turn=False)
            return ramp(colours, 0.42 + 0.13 * lines + 0.15 * streak.solid(p, 0.2, 2.4) - 0.1 * p[1] / size)

        stem = limb((0, size * 0.55, 0), (size * 0.12, size * 1.1, 0), size * 0.045, size * 0.055)
        return [
            each.moved((0, size * 0.86, 0))
            for each in (Body(body, paint, 0.5, 50, 0.2), Body(stem, ink("4a3018"), 0.05))
        ]

    return _heap(random, one, 0.88)


def lemons(random: Random) -> Pixels:
    def one(size: float) -> list[Body]:
        colour = one_of(random, "e8c420 e4bc18 dcc838 a8b830", 0.05)
        profile = [
            (-1.28, 0.05),
            (-1.1, 0.2),
            (-0.85, 0.48),
            (-0.4, 0.8),
            (0, 0.88),
            (0.4, 0.8),
            (0.85, 0.48),
            (1.15, 0.17),
            (1.3, 0.1),
        ]
        body = lathe((0, 0, 0), [(y * size, r * size) for y, r in profile], smooth=150)
        fruit = Body(body, mottled(random, colour, 0.06), 0.35, 25, 0.35, relief(random, 9 / size, 0.006 * size))
        return [
            fruit.rotated("z", 90 + random.normal() * 8)
            .rotated("y", random.uniform(-70, 70))
            .moved((0, size * 0.86, 0))
        ]

    return _heap(random, one, 0.8)


def bananas(random: Random) -> Pixels:
    bodies: list[Body] = []
    count = int(random.integers(1, 5))
    ripe, flip = random.uniform(0, 1), random.choice([0, 180])
    for number in range(count):
        radius = 1.15 + 0.04 * random.normal()
        steps = np.linspace(0.1, 0.88, 8) * np.pi
        line = [(float(-radius * np.cos(step)), 0.0, float(radius * np.sin(step) * 0.8)) for step in steps]
        line.append((line[-1][0] - 0.02, 0.0, line[-1][2] - 0.28))
        body = path(line, [0.06, 0.15, 0.2, 0.22, 0.22, 0.19, 0.13, 0.07, 0.065], 0.2)
        banana = Body(body, _banana(random, ripe), 0.2, 20, 0.3).rotated("x", -8 - 13 * number + random.normal() * 2)
        spread = (number - (count - 1) / 2) * 9
        bodies.append(
            banana.rotated("y", spread).moved((0, 0.2 + 0.1 * number, -0.45 - 0.13 * number)).rotated("y", float(flip))
        )
    return still(random, bodies, ON, (0, 0.3, 0), 5, 0.3, (-70, 70), (28, 60))


def _banana(random: Random, ripe: float) -> Paint:
    noise = Noise(random)
    ground = mix(ink("98a828"), ink("e0b428"), ripe)

    def paint(p: Points) -> Plane:
        spots = rise(1.2, 1.8, noise.solid(p, 0.5, 1.0) + ripe * 0.5)
        ends = rise(0.3, 0.05, p[2])
        colour = (1 + 0.06 * noise.solid(p, 0.3))[:, None] * ground
        colour = mix(colour, ink("5a3c18"), (0.7 * spots)[:, None])
        return mix(colour, ink("5a5420"), (0.6 * ends)[:, None])

    return paint


def strawberries(random: Random) -> Pixels:
    def one(size: float) -> list[Body]:
        profile = [(-1.2, 0.02), (-1.05, 0.28), (-0.5, 0.68), (0.1, 0.9), (0.45, 0.82), (0.65, 0.4), (0.68, 0.05)]
        body = lathe((0, 0, 0), [(y * size, r * size) for y, r in profile], smooth=120)
        cells, red = Cells(random, 0.3, stagger=True), one_of(random, "b81418 c82018 a80c18 d03020")

        def seeds(p: Points) -> Plane:
            return cells.near(angle(p[2], p[0]) * 14, p[1] * np.float32(5.5 / size))[0]

        def paint(p: Points) -> Plane:
            colour = mix(red, ink("f0d8a0"), rise(0.5, 0.68, p[1] / np.float32(size))[:, None])
            return mix(ink("e8c460"), colour, rise(0.13, 0.2, seeds(p))[:, None])

        def pits(p: Points) -> Plane:
            return -0.05 * size * (1 - rise(0.1, 0.4, seeds(p)))

        leaves = []
        for turn in np.linspace(0, 2 * np.pi, 7)[:-1]:
            x, z = size * 0.75 * float(np.sin(turn)), size * 0.75 * float(np.cos(turn))
            leaves.append(limb((0, size * 0.64, 0), (x, size * random.uniform(0.55, 0.9), z), size * 0.12, size * 0.03))
        green = union(*leaves, limb((0, size * 0.6, 0), (size * 0.1, size * 1.05, 0), size * 0.06, size * 0.05))
        tilt, turn = random.uniform(60, 110) * random.choice([-1, 1]), random.uniform(-70, 70)
        fruit = (
            Body(body, paint, 0.45, 40, 0.3, pits),
            Body(green, mottled(random, one_of(random, "4a7a28 5a8a30 3a6a20"), 0.2), 0.1),
        )
        return [each.rotated("z", tilt).rotated("y", turn).moved((0, size * 0.82, 0)) for each in fruit]

    return _heap(random, one, 0.78)


def grapes(random: Random) -> Pixels:
    colour = one_of(random, "4a1a4a 3a1438 2a1430 7a9a38 8aa848 a8b860 8a2a3a", 0.08)
    noise = Noise(random)
    bloom = mix(colour, ink("c0c4dc"), 0.22)

    def dusty(p: Points) -> Plane:
        return mix(colour, bloom, np.clip(0.4 + 0.5 * noise.solid(p, 0.4), 0, 1)[:, None])

    bodies: list[Body] = []
    for level, (count, away) in enumerate([(6, 0.5), (7, 0.6), (6, 0.52), (5, 0.42), (3, 0.26), (1, 0.0)]):
        for number in range(count):
            turn = 2 * np.pi * (number + level * 0.5 + random.normal() * 0.08) / count
            at = (away * float(np.sin(turn)), 1.55 - level * 0.28 + random.normal() * 0.03, away * float(np.cos(turn)))
            if at[2] > -0.3:  # the others are hidden
                bodies.append(Body(egg(at, (0.24, 0.26, 0.24)), dusty, 0.4, 60, 0.4))
    stalk = path([(0, 1.5, 0), (0.02, 1.95, 0), (0.15, 2.2, 0.05)], [0.05, 0.05, 0.07])
    tilt = random.uniform(-12, 12)
    bodies = [each.rotated("z", tilt) for each in [*bodies, Body(stalk, ink("6a5a28"), 0.05)]]
    return still(random, bodies, "wall leaves leaves studio dark", (0, 1.05, 0), 5, 0.27, (-25, 25), (-5, 25))


def pumpkins(random: Random) -> Pixels:
    def one(size: float) -> list[Body]:
        ribs, flat = int(random.integers(8, 13)), random.uniform(0.62, 0.95)
        profile = [(-0.8, 0.3), (-0.72, 0.6), (-0.3, 0.95), (0.1, 1.0), (0.5, 0.86), (0.7, 0.55), (0.68, 0.2)]
        body = lathe((0, 0, 0), [(y * size * flat, r * size) for y, r in profile], ribs, 0.06, 400)
        kinds = ["903808 b85a14 d07020 e08c38", "a04c10 c86c1c e08c30", "5a6a44 7a8a60 a0a884", "c8a468 d8bc88 e4d4b4"]
        skin, colours = Noise(random), inks(str(random.choice(kinds)))

        def paint(p: Points) -> Plane:
            groove = wave(angle(p[2], p[0]) * ribs + 0.25)
            return ramp(colours, 0.5 - 0.25 * groove + 0.12 * skin.solid(p, 0.5, 1.4))

        high = size * flat
        stem = path(
            [(0, high * 0.5, 0), (0.03 * size, high * 0.8, 0), (0.2 * size, high * 0.8 + 0.2 * size, 0)],
            [0.16 * size, 0.1 * size, 0.1 * size],
        )
        parts = Body(body, paint, 0.25, 25, 0.15), Body(stem, mottled(random, ink("6a6a30"), 0.2), 0.05)
        return [each.moved((0, high * 0.74, 0)) for each in parts]

    return _heap(random, one, 0.85, "table lawn earth earth meadow")


def mushrooms(random: Random) -> Pixels:
    bodies: list[Body] = []
    kinds = [
        "b01c14 c82c1c|f0e8d8",
        "b01c14 c82c1c|f0e8d8",
        "7a4a28 986840|7a4a28",
        "c09058 d4b480|c09058",
        "d0c8b8 e0d8c8|c8b8a0",
    ]
    colours, dots = str(random.choice(kinds)).split("|")
    for number in range(int(random.choice([1, 2, 3]))):
        size = random.uniform(0.75, 1.05) * (1 if number == 0 else 0.62)
        at = (
            (0.0, 0, 0.0) if number == 0 else ((-1) ** number * random.uniform(0.75, 1.0), 0, random.uniform(-0.4, 0.5))
        )
        high = random.uniform(1.0, 1.4) * size
        stem = blend(0.2, limb((0, 0, 0), (0, high, 0), 0.24 * size, 0.17 * size), ball((0, 0.1, 0), 0.3 * size))
        hood = cut(
            egg((0, high, 0), (0.85 * size, 0.62 * size, 0.85 * size)),
            egg((0, high - 0.42 * size, 0), (1.1 * size, 0.5 * size, 1.1 * size)), 0.08,
        )  # fmt: skip
        cap = Body(hood, _cap(random, colours, dots, high, size), 0.4, 40, 0.3)
        lean, turn = random.normal() * 5, random.uniform(0, 360)
        for each in (Body(stem, clouded(random, "a89878 d0c4a8 e0d8c4"), 0.05), cap):
            bodies.append(each.rotated("z", lean).rotated("y", turn).moved(at))
    return still(random, bodies, "lawn earth earth", (0, 0.8, 0), 5, 0.3, elevation=(3, 22))


def _cap(random: Random, colours: str, dots: str, high: float, size: float) -> Paint:
    cells, skin, ground = Cells(random, 0.9), Noise(random), inks(colours)

    def paint(p: Points) -> Plane:
        first, *_ = cells.near(p[0] * np.float32(3.2 / size), p[2] * np.float32(3.2 / size))
        below = p[1] < high + 0.03
        colour = ramp(ground, 0.5 + 0.3 * skin.solid(p, 0.5))
        colour = mix(colour, ink(dots), (rise(0.36, 0.28, first) * ~below)[:, None])
        return mix(colour, ink("d8c8b0"), (0.9 * below)[:, None])

    return paint


def _heap(random: Random, one: Callable[[float], list[Body]], size: float, places: str = ON) -> Pixels:
    """One large, or a few beside each other; each stands on the ground."""
    count = int(random.choice([1, 1, 2, 3]))
    spots = [[(0.0, 0.0)], [(-0.74, 0.1), (0.74, -0.15)], [(-0.78, -0.25), (0.78, -0.2), (0.0, 0.8)]][count - 1]
    bodies: list[Body] = []
    for x, z in spots:
        here = size * (1 if count == 1 else 0.76) * random.uniform(0.9, 1.05)
        bodies += [each.moved((x + random.normal() * 0.04, 0, z + random.normal() * 0.04)) for each in one(here)]
    wide = (0.26 if count == 1 else 0.33) * random.uniform(0.85, 1.1)
    return still(random, bodies, places, (0, size * 0.8, 0), 4.6, wide, elevation=(8, 38))
