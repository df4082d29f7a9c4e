"""Cakes, pizzas, ice cream, bread."""

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, angle, length, mix, rise, wave
from lucarne.atlas.scenes.colour import ink, inks, one_of, ramp
from lucarne.atlas.scenes.noise import Cells, Noise, relief
from lucarne.atlas.scenes.render import Body
from lucarne.atlas.scenes.skins import clouded, mottled
from lucarne.atlas.scenes.space import (
    Points,
    Shape,
    Vector,
    ball,
    blend,
    block,
    cut,
    egg,
    hollow,
    lathe,
    path,
    ring,
    rotated,
    tube,
    union,
)
from lucarne.atlas.scenes.stage import still


def cakes(random: Random) -> Pixels:
    """Whole, in tiers, or with a piece taken out."""
    bodies: list[Body] = []
    tiers, level, wide = int(random.choice([1, 1, 2, 3])), 0.08, random.uniform(0.85, 1.0)
    icing, filling = (
        one_of(random, "f4ece0 f0c8c8 5a3420 f4e8a8 c8e0d0 f8f4f0", 0.06),
        one_of(random, "d8a860 8a5a30 e8c888 6a3a20", 0.06),
    )
    missing = tiers == 1 and random.random() < 0.6
    layers = random.uniform(3.5, 6)
    crumbs = Noise(random)
    for _ in range(tiers):
        high = random.uniform(0.42, 0.6)
        body: Shape = tube((0, level + high / 2, 0), wide, high / 2, 0.07)
        if missing:
            body = cut(body, block((1.0, level + high / 2, 1.0), (1.0, 1, 1.0), 0.01), 0.02)

        def paint(p: Points, base: float = level, high: float = high, wide: float = wide) -> Plane:
            outer = rise(wide - 0.07, wide - 0.04, length(p[0], p[2])) + rise(high - 0.06, high - 0.03, p[1] - base)
            stripes = rise(-0.2, 0.2, wave((p[1] - base) * np.float32(layers)))
            crumb = mix(filling, icing, stripes[:, None]) * (1 + 0.1 * crumbs.solid(p, 1.0, 0.8))[:, None]
            return mix(crumb, icing * (1 + 0.03 * crumbs.solid(p, 0.5))[:, None], np.clip(outer, 0, 1)[:, None])

        bodies.append(Body(body, paint, 0.3, 20, 0.3))
        garnish, count = one_of(random, "c81c28 f4f0ea 6a3a20 e8a0b0 3a4a9a", 0.06), int(random.integers(7, 14))
        blobs = [
            ball((wide * 0.86 * float(np.sin(turn)), level + high + 0.05, wide * 0.86 * float(np.cos(turn))), 0.1)
            for turn in np.linspace(0, 2 * np.pi, count + 1)[:-1]
            if not (missing and 0.05 < turn / np.pi < 0.45)
        ]
        if blobs:
            bodies.append(Body(union(*blobs), mottled(random, garnish, 0.06), 0.5, 40, 0.3))
        level, wide = level + high, wide * 0.68
    if random.random() < 0.4:
        sticks = (
            [
                tube((0.3 * float(np.sin(turn)), level + 0.2, 0.3 * float(np.cos(turn))), 0.035, 0.2)
                for turn in np.linspace(0.4, 2 * np.pi, 5)[:-1]
            ]
            if tiers == 1
            else [tube((0, level + 0.2, 0), 0.035, 0.2)]
        )
        bodies.append(Body(union(*sticks), one_of(random, "d84848 4878c8 e8c040 58a868"), 0.3))
        bodies += [
            Body(
                egg((each.centre[0], level + 0.5, each.centre[2]), (0.04, 0.1, 0.04)),
                ink("ffc850") * np.float32(2.5),
                0,
                glow=1,
            )
            for each in sticks
        ]
    bodies.append(
        Body(
            tube((0, 0.04, 0), 1.25, 0.035, 0.02),
            mottled(random, one_of(random, "f0ece4 c8ccd0 b89868"), 0.03),
            0.5,
            40,
        )
    )
    return still(
        random, bodies, "table table studio lawn", (0, level * 0.5, 0), 5, 0.27 + 0.03 * tiers, (-40, 10), (14, 38)
    )


def pizzas(random: Random) -> Pixels:
    """From above or aslant, with what is on them."""
    noise, crust = Noise(random), clouded(random, "8a5424 c08844 e8c488", 0.25, 0.6, 1.4)
    tops = [one_of(random, digits, 0.06) for digits in ("a82818 c03a20", "3a6a24 4a8030 2a2420", "f0e8c8 e8d8a0")]
    kinds = [Cells(random, 0.75) for _ in range(2)]

    def paint(p: Points) -> Plane:
        x, _, z = p
        away = length(x, z)
        base = ramp(inks("b83a18 d8742c f0c468 f8e4a8"), 0.58 + 0.22 * noise.clouds(x, z, 0.3, 1.7))
        for number, (cells, scale, size) in enumerate(((kinds[0], 2.1, 0.34), (kinds[1], 3.3, 0.2))):
            first, _, value, _, _ = cells.near(x * scale, z * scale)
            slice_ = rise(size, size - 0.05, first) * (value > 0.25)
            face = tops[number] * (1 + 0.15 * noise.grain(x, z, 0.6) - 0.4 * rise(size - 0.1, size, first))[:, None]
            base = mix(base, face, slice_[:, None])
        rim = rise(0.86, 0.92, away + 0.02 * noise.clouds(x, z, 0.4))
        return mix(base, crust(p), rim[:, None])

    def lumps(p: Points) -> Plane:
        first, _, value, _, _ = kinds[0].near(p[0] * 2.1, p[2] * 2.1)
        return 0.02 * rise(0.36, 0.3, first) * (value > 0.25)

    pie = blend(0.06, tube((0, 0.07, 0), 0.98, 0.05, 0.04), ring((0, 0.1, 0), 0.95, 0.08))
    if random.random() < 0.4:
        pie = cut(pie, rotated(block((1.0, 0.1, 1.0), (0.98, 1, 0.98), 0), "y", random.uniform(0, 360)), 0.01)
    plate = Body(
        tube((0, 0.0, 0), 1.2, 0.03, 0.02),
        mottled(random, one_of(random, "f0ece4 8a6238 3a3a3c c0b8a8"), 0.05),
        0.4,
        30,
    )
    return still(
        random, [Body(pie, paint, 0.2, 14, 0.15, lumps), plate], "table", (0, 0.05, 0.05), 5, 0.24, (-40, 40), (32, 80)
    )


def ices(random: Random) -> Pixels:
    """Ice cream in a cone or a bowl."""
    flavours = [one_of(random, "f4ead0 e8a0b0 5a3420 a8d0a0 f0d060 8a5a9a e8b878 f8f4f0", 0.06) for _ in range(3)]
    count = int(random.choice([1, 2, 3]))
    cone = random.random() < 0.65
    spots = (
        [(0.0, 1.35, 0.0), (0.0, 1.75, 0.0), (0.0, 2.1, 0.0)]
        if cone
        else [(-0.3, 0.6, 0.0), (0.3, 0.62, 0.05), (0.0, 0.95, 0.0)]
    )
    bodies = []
    for number in range(count):
        size = 0.4 - 0.04 * number
        scoop = blend(
            0.06,
            ball(spots[number], size),
            ring((spots[number][0], spots[number][1] - size * 0.6, spots[number][2]), size * 0.82, 0.09),
        )
        bodies.append(Body(scoop, mottled(random, flavours[number], 0.06), 0.25, 16, 0.4, relief(random, 9, 0.012)))
    if cone:

        def waffle(p: Points) -> Plane:
            turn = angle(p[0], p[2]) * 5
            lines = np.maximum(wave(turn + p[1] * 4), wave(turn - p[1] * 4))
            return mix(ink("c88c48"), ink("8a5420"), rise(0.6, 0.9, lines)[:, None])

        bodies.append(
            Body(lathe((0, 0, 0), [(0.05, 0.02), (1.15, 0.36), (1.2, 0.4), (1.26, 0.38)], smooth=8), waffle, 0.1)
        )
    else:
        bowl = hollow(cut(egg((0, 0.5, 0), (0.8, 0.5, 0.8)), block((0, 1.5, 0), (2, 1, 2), 0), 0.01), 0.05)
        bodies += [
            Body(cut(bowl, block((0, 1.5, 0), (2, 0.98, 2), 0), 0.01), one_of(random, "c8d8e0 e8e4dc 4a7a9a"), 0.9, 80),
            Body(tube((0, 0.03, 0), 0.3, 0.04), ink("c8d0d4"), 0.6),
        ]
    top = spots[count - 1]
    if random.random() < 0.5:
        bodies.append(
            Body(ball((0.03, top[1] + 0.42 - 0.03 * count, 0.05), 0.11), one_of(random, "b81420 c82030"), 0.8, 70)
        )
    place, target = ("wall air leaves studio", (0, 1.15, 0)) if cone else ("table studio", (0, 0.55, 0))
    if cone:
        bodies = [each.rotated("z", random.normal() * 6) for each in bodies] if count == 1 else bodies
    return still(random, bodies, place, target, 5, 0.3 if cone else 0.24, (-30, 30), (0, 25))


def breads(random: Random) -> Pixels:
    """Loaves, rolls, pretzels."""
    bodies: list[Body] = []
    style = int(random.integers(3))
    crust = inks(
        str(
            random.choice(["5a2c0c a8642c d8a05c f0d8a8", "4a2410 8a4c20 c08848 e8c890", "7a4414 b87830 e0b060 f4e0b0"])
        )
    )
    noise = Noise(random)

    def paint(p: Points) -> Plane:
        return ramp(crust, 0.42 + 0.18 * noise.solid(p, 0.4, 1.7) + 0.25 * rise(0.55, 0.2, p[1]))

    if style == 0:
        cuts = [rotated(egg((at, 0.62, 0), (0.06, 0.12, 0.38)), "y", 25, (at, 0, 0)) for at in (-0.6, -0.2, 0.2, 0.6)]
        loaf: Shape = egg((0, 0.34, 0), (1.15, 0.4, 0.48))
        for each in cuts:
            loaf = cut(loaf, each, 0.06)
        bodies.append(Body(loaf, paint, 0.15, 12, 0.15, relief(random, 8, 0.006)).rotated("y", random.uniform(-60, 60)))
    elif style == 1:
        for x, z in ((-0.5, -0.2), (0.5, -0.3), (0.0, 0.55))[: int(random.integers(1, 4))]:
            roll = cut(
                egg((x, 0.28, z), (0.5, 0.34, 0.46)),
                union(egg((x, 0.66, z), (0.05, 0.14, 0.4)), egg((x, 0.66, z), (0.4, 0.14, 0.05))),
                0.06,
            )
            bodies.append(Body(roll, paint, 0.25, 15, 0.15, relief(random, 8, 0.005)))
    else:

        def at(turn: float, radius: float) -> Vector:
            return radius * float(np.sin(turn)), 0.16, radius * 0.8 * float(np.cos(turn))

        arc = [at(turn, 0.85) for turn in np.linspace(-2.5, 2.5, 11)]
        knot = (
            path([(-0.55, 0.2, -0.55), (0.1, 0.26, -0.15), (0.5, 0.16, 0.5)], [0.13, 0.12, 0.09], 0.03),
            path([(0.55, 0.2, -0.55), (-0.1, 0.16, -0.15), (-0.5, 0.16, 0.5)], [0.13, 0.12, 0.09], 0.03),
        )
        dough = blend(
            0.05, path(arc, list(np.interp(np.linspace(-1, 1, 11), [-1, 0, 1], [0.13, 0.21, 0.13])), 0.05), *knot
        )
        salt = Cells(random, 0.9)

        def grains(p: Points) -> Plane:
            return mix(
                paint(p), ink("f4f0e8"), (rise(0.2, 0.12, salt.near(p[0] * 9, p[2] * 9)[0]) * (p[1] > 0.2))[:, None]
            )

        bodies.append(Body(dough, grains, 0.4, 25, 0.1).rotated("y", random.uniform(-40, 40)))
    return still(random, bodies, "table table studio", (0, 0.25, 0), 5, 0.25, (-30, 30), (20, 50))
