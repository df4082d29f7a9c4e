"""On the table: cups, bottles, teapots, vases, candles."""

from collections.abc import Callable

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, angle, length, mix, rise, wave
from lucarne.atlas.scenes.colour import Colour, ink, inks, one_of, ramp
from lucarne.atlas.scenes.noise import Noise, relief
from lucarne.atlas.scenes.render import Body, Paint
from lucarne.atlas.scenes.skins import any_skin, mottled
from lucarne.atlas.scenes.space import (
    Points,
    ball,
    blend,
    cut,
    egg,
    lathe,
    limb,
    path,
    ring,
    rotated,
    tube,
    union,
)
from lucarne.atlas.scenes.stage import still

INDOORS = "table table studio dark"


def cups(random: Random) -> Pixels:
    """With coffee, tea or milk; on a saucer or not."""

    def one() -> list[Body]:
        low, wide, high = random.uniform(0.28, 0.42), random.uniform(0.46, 0.62), random.uniform(0.7, 1.05)
        outer = [(0.0, low), (0.05, low + 0.04), (high * 0.5, (low + wide) / 2 + 0.06), (high, wide)]
        inner = [(0.09, low * 0.8), (high * 0.5, (low + wide) / 2), (high + 0.1, wide - 0.04)]
        bowl = cut(lathe((0, 0, 0), outer), lathe((0, 0, 0), inner), 0.03)
        handle = rotated(ring((wide * 0.97 + 0.05, high * 0.52, 0), high * 0.24, 0.055), "x", 90, (0, high * 0.52, 0))
        cup = cut(blend(0.06, bowl, handle), lathe((0, 0, 0), inner), 0.01)
        level = high * random.uniform(0.72, 0.85)
        noise, brew = (
            Noise(random),
            inks(
                str(
                    random.choice(
                        ["2a140a 5a3018 b88a5a", "8a4410 b86a20 d08a38", "e8dcc8 f4ece0 ffffff", "3a1c10 6a3c24 f0e0c8"]
                    )
                )
            ),
        )

        def drink(p: Points) -> Plane:
            away = length(p[0], p[2])
            return ramp(brew, 0.35 + 0.35 * rise(0.25, 0.45, away) + 0.2 * noise.clouds(p[0] + away, p[2], 0.5, 2.2))

        bodies = [
            Body(cup, any_skin(random, 0.9), 0.7, 70, 0.1),
            Body(tube((0, level, 0), wide * 0.9, 0.02, 0.01), drink, 0.5, 40),
        ]
        if random.random() < 0.5:
            plate = lathe((0, -0.02, 0), [(0, 0.3), (0.03, 0.34), (0.08, 0.8), (0.12, 0.85)])
            bodies = [each.moved((0, 0.08, 0)) for each in bodies] + [
                Body(plate, mottled(random, one_of(random, "f0ece4 d8dce0 e8d8c0"), 0.03), 0.6, 60)
            ]
        turn = random.uniform(-80, 80)
        return [each.rotated("y", turn) for each in bodies]

    return _table(random, one, 0.45, 0.23, (18, 48))


def bottles(random: Random) -> Pixels:
    def one() -> list[Body]:
        wide, high, neck = random.uniform(0.28, 0.4), random.uniform(0.9, 1.3), random.uniform(0.09, 0.14)
        top = high + random.uniform(0.5, 0.8)
        profile = [
            (0.0, wide * 0.9),
            (0.06, wide),
            (high * 0.8, wide),
            (high, wide * 0.85),
            (high + 0.3, neck * 1.2),
            (top - 0.12, neck),
            (top - 0.1, neck * 1.25),
            (top, neck * 1.2),
        ]
        glass = one_of(random, "1c4a24 4a2a10 2a5a6a 7a3010 c8d4d0 10301c 3a2458 8a9a9c", 0.08)
        bottle = Body(
            lathe((0, 0, 0), profile, smooth=30),
            lambda p: glass * (0.8 + 0.7 * rise(0.5 * wide, wide, abs(p[0])))[:, None],
            1.3,
            130,
            0.3,
        )
        label_high, label_at = random.uniform(0.14, 0.28), high * random.uniform(0.35, 0.5)
        bodies = [bottle, Body(tube((0, label_at, 0), wide + 0.012, label_high, 0.01), _label(random), 0.08, 10)]
        if random.random() < 0.7:
            bodies.append(
                Body(
                    tube((0, top + 0.02, 0), neck * 1.05, 0.09, 0.02),
                    one_of(random, "a87848 8a1c1c c8a840 1a1a1c"),
                    0.3,
                    25,
                )
            )
        return bodies

    return _table(random, one, 0.9, 0.24, (2, 20))


def _label(random: Random) -> Paint:
    paper, dark = one_of(random, "f0e8d4 e8e0d0 d8c8a0 ffffff 1c1a18"), one_of(random, "8a1c1c 1c3a2a 2a2a30 b88a28")
    count, emblem = random.uniform(9, 16), random.uniform(0.1, 0.2)

    def paint(p: Points) -> Plane:
        turns = angle(p[0], p[2]) * 3
        lines = (
            rise(0.1, 0.3, wave(p[1] * np.float32(count)))
            * rise(0.5, 0.35, abs(turns))
            * rise(-0.2, 0.2, wave(turns * 7 + p[1] * 5) + 0.5)
        )
        mark = rise(0.02, -0.02, length(turns, (p[1] - 0.55) * 1.6) - emblem)
        return mix(paper, dark, np.maximum(0.75 * lines * (1 - mark), mark)[:, None])

    return paint


def teapots(random: Random) -> Pixels:
    def one() -> list[Body]:
        fat, high = random.uniform(0.6, 0.75), random.uniform(0.8, 1.05)
        pot = lathe(
            (0, 0, 0),
            [(0, 0.35), (0.04, 0.42), (high * 0.4, fat), (high * 0.75, fat * 0.82), (high, 0.3), (high + 0.02, 0.25)],
            smooth=90,
        )
        spout = path(
            [(fat * 0.7, high * 0.35, 0), (fat * 1.15, high * 0.55, 0), (fat * 1.35, high * 0.98, 0)],
            [0.18, 0.1, 0.07],
            0.08,
        )
        handle = path(
            [
                (-fat * 0.72, high * 0.8, 0),
                (-fat * 1.3, high * 0.85, 0),
                (-fat * 1.35, high * 0.4, 0),
                (-fat * 0.85, high * 0.25, 0),
            ],
            [0.06, 0.065, 0.065, 0.06],
            0.1,
        )
        lid = blend(0.03, egg((0, high, 0), (0.3, 0.1, 0.3)), ball((0, high + 0.15, 0), 0.08))
        paint = any_skin(random, 1.2)
        turn = random.uniform(-60, 60)
        return [Body(each, paint, 0.9, 80, 0.1).rotated("y", turn) for each in (blend(0.05, pot, spout, handle), lid)]

    return _table(random, one, 0.55, 0.27, (8, 32), one_only=0.75)


def vases(random: Random) -> Pixels:
    def one() -> list[Body]:
        high = random.uniform(1.1, 1.6)
        belly, waist, mouth = random.uniform(0.4, 0.65), random.uniform(0.14, 0.32), random.uniform(0.2, 0.42)
        at = random.uniform(0.3, 0.55)
        profile = [(0, random.uniform(0.2, 0.32)), (high * at, belly), (high * 0.82, waist), (high, mouth)]
        hollowed = cut(
            lathe((0, 0, 0), profile, int(random.choice([0, 0, 8, 12])), 0.03, 300),
            tube((0, high, 0), mouth * 0.8, 0.2, 0.02),
            0.02,
        )
        bodies = [Body(hollowed, any_skin(random, 1.4), random.choice([0.1, 0.6, 1.0]), 60, 0.1)]
        if random.random() < 0.45:
            bodies += _sprays(random, high, mouth)
        return bodies

    return _table(random, one, 0.95, 0.27, (2, 22), one_only=0.7)


def _sprays(random: Random, high: float, mouth: float) -> list[Body]:
    """Stems with blossoms."""
    stems, heads = [], []
    for number in range(6):
        turn, lean = 2 * np.pi * (number / 6 + random.uniform(0, 0.1)), random.uniform(0.15, 0.55)
        tip = (lean * float(np.sin(turn)), high + random.uniform(0.35, 0.75), lean * float(np.cos(turn)))
        stems.append(limb((tip[0] * 0.2 * mouth, high - 0.1, tip[2] * 0.2 * mouth), tip, 0.022))
        heads.append(tip)
    colour = one_of(random, "d83848 f0c030 f0ece8 b060c0 e88a30 e888b0", 0.08)
    petals = relief(random, 12, 0.03)
    blossoms = [
        Body(egg(tip, (0.16, 0.13, 0.16)), mottled(random, colour, 0.12), 0.1, 10, 0.4, petals) for tip in heads
    ]
    return [Body(union(*stems), ink("4a7a30"), 0.1), *blossoms]


def candles(random: Random) -> Pixels:
    """Lit, in the dark."""
    bodies: list[Body] = []
    count = int(random.choice([1, 1, 2, 3]))
    for number in range(count):
        x, z = (number - (count - 1) / 2) * 0.85, random.normal() * 0.15
        high, thick = random.uniform(0.7, 1.5), random.uniform(0.16, 0.28)
        wax = one_of(random, "f0e8d4 e8d8b8 b83028 e8c8c0 7a9a8a", 0.05)

        def glow(p: Points, wax: Colour = wax, high: float = high) -> Plane:
            return wax * (0.75 + 2.2 * rise(high - 0.7, high, p[1]))[:, None] * np.array([1, 0.82, 0.62], np.float32)

        body = blend(
            0.05,
            tube((x, high / 2, z), thick, high / 2, 0.04),
            limb(
                (x + thick * 0.8, high * 0.9, z + thick * 0.5),
                (x + thick * 0.85, high * random.uniform(0.4, 0.8), z + thick * 0.55),
                0.05,
            ),
        )
        flame = lathe((x, high + 0.08, z), [(0, 0.03), (0.1, 0.09), (0.3, 0.05), (0.48, 0.005)], smooth=100)

        def fire(p: Points, high: float = high) -> Plane:
            return ramp(inks("4060e0 ffb030 fff0b0 ffd870"), (p[1] - high - 0.08) * 2.2) * np.float32(3.2)

        bodies += [
            Body(body, glow, 0.3, 20, 0.6, glow=0.25),
            Body(limb((x, high, z), (x, high + 0.12, z), 0.02), ink("1a1210"), 0),
            Body(flame, fire, 0, glow=1),
        ]
        if random.random() < 0.5:
            bodies.append(
                Body(
                    lathe((x, 0, z), [(0, 0.45), (0.05, 0.45), (0.08, 0.25)]),
                    one_of(random, "b88a38 8a8a90 4a3424"),
                    0.8,
                    50,
                )
            )
    return still(random, bodies, "dark", (0, 0.85, 0), 5, 0.26 if count == 1 else 0.32, (-25, 25), (3, 22))


def _table(
    random: Random,
    one: Callable[[], list[Body]],
    high: float,
    wide: float,
    elevation: tuple[float, float],
    one_only: float = 0.45,
) -> Pixels:
    count = 1 if random.random() < one_only else int(random.integers(2, 4))
    bodies: list[Body] = []
    for number in range(count):
        x = (number - (count - 1) / 2) * 1.15
        bodies += [each.moved((x + random.normal() * 0.06, 0, random.normal() * 0.25)) for each in one()]
    return still(random, bodies, INDOORS, (0, high, 0), 5, wide * (1 + 0.28 * (count - 1)), (-30, 30), elevation)
