"""On wheels: cars, buses, trains, bicycles, and wheels alone."""

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, angle, length, mix, rise, wave
from lucarne.atlas.scenes.colour import Colour, ink, inks, one_of, ramp
from lucarne.atlas.scenes.render import Body
from lucarne.atlas.scenes.skins import mottled
from lucarne.atlas.scenes.space import (
    Points,
    Shape,
    ball,
    blend,
    block,
    cut,
    egg,
    lathe,
    limb,
    mirrored,
    moved,
    path,
    ring,
    rotated,
    slab,
    tube,
    union,
)
from lucarne.atlas.scenes.stage import still

PAINTS = "b81c1c c8241c e8b020 1c4a8a 2a6a9a 2a7a4a f0ece4 c8ccd0 1a1c20 e87020 6a8a9a 7a2a5a 8ab0a0"


def wheel(at: tuple[float, float, float], radius: float, wide: float) -> list[Body]:
    """A tyre and its cap, turning about x; `at` is the right one of a mirrored pair."""
    _, y, z = at
    tyre = rotated(tube((0, 0, 0), radius, wide, 0.06), "z", 90)
    cap = rotated(tube((0, 0, 0), radius * 0.62, wide + 0.015, 0.02), "z", 90)
    hub = rotated(tube((0, 0, 0), radius * 0.18, wide + 0.03, 0.02), "z", 90)

    def spokes(p: Points) -> Plane:
        turn = angle(p[1] - np.float32(y), p[2] - np.float32(z))
        return ramp(inks("5a5c60 b8bcc0 e0e4e8"), 0.6 + 0.5 * wave(turn * 5))

    def pair(shape: Shape) -> Shape:
        return mirrored(moved(shape, at))

    return [
        Body(pair(tyre), ink("1a1a1c"), 0.15, 12),
        Body(pair(cap), spokes, 0.9, 60),
        Body(pair(hub), ink("d0d4d8"), 0.9, 60),
    ]


def cars(random: Random) -> Pixels:
    """Saloons, estates, sports cars, small round ones; z is forward."""
    style = int(random.integers(4))
    half, long = random.uniform(0.5, 0.56), random.uniform(1.15, 1.35) * (0.85 if style == 3 else 1)
    sill, belt, roof = 0.2, random.uniform(0.52, 0.6), (1.0, 1.02, 0.84, 1.06)[style] * random.uniform(0.95, 1.05)
    lower = blend(
        0.12,
        block((0, (sill + belt) / 2, 0), (half, (belt - sill) / 2, long), 0.14),
        egg((0, belt - 0.08, long * 0.55), (half * 0.92, 0.16, long * 0.42)),
    )
    cabin_z, cabin_long = {0: (-0.12, 0.62), 1: (-0.32, 0.82), 2: (-0.2, 0.5), 3: (-0.1, 0.62)}[style]
    cabin = block((0, (belt + roof) / 2 - 0.05, cabin_z), (half * 0.84, (roof - belt) / 2 + 0.1, cabin_long), 0.16)
    slope_front = rotated(
        block((0, roof + 0.42, cabin_z + cabin_long + 0.12), (2, 0.5, 0.5), 0),
        "x",
        random.uniform(28, 40),
        (0, roof, cabin_z + cabin_long - 0.1),
    )
    cabin = cut(cabin, slope_front, 0.08)
    if style in (0, 2, 3):
        cabin = cut(
            cabin,
            rotated(
                block((0, roof + 0.42, cabin_z - cabin_long - 0.12), (2, 0.5, 0.5), 0),
                "x",
                -random.uniform(28, 40),
                (0, roof, cabin_z - cabin_long + 0.1),
            ),
            0.08,
        )
    radius, axle = random.uniform(0.25, 0.29), long * 0.62
    arches = mirrored(
        union(ball((half + 0.05, radius, axle), radius * 1.22), ball((half + 0.05, radius, -axle), radius * 1.22))
    )
    shell = cut(blend(0.07, lower, cabin), arches, 0.02)
    colour = one_of(random, PAINTS, 0.08)
    second = one_of(random, "f4f0e8 1a1c20", 0.02) if random.random() < 0.2 else colour

    def paint(p: Points) -> Plane:
        x, y, z = abs(p[0]), p[1], p[2]
        body = mix(colour, second, rise(roof - 0.07, roof - 0.05, y)[:, None])
        band = (y > belt + 0.05) & (y < roof - 0.07)
        pillars = (abs(z - cabin_z) < 0.03) | (abs(abs(z - cabin_z) - cabin_long * 0.86) < 0.035) & (x > half * 0.6)
        glass = (
            band
            & ~pillars
            & ((x > half * 0.6) | (abs(z - cabin_z) > cabin_long * 0.5))
            & (x < half * 0.9)
            & ((x < half * 0.66) | (x > half * 0.72))
        )
        pane = ramp(inks("0c1014 2a3a48 8aa4b8"), 0.2 + 0.8 * (y - belt) / (roof - belt))
        body = np.where(glass[:, None], pane, body)
        seam = (
            ((abs(z - cabin_z) < 0.012) | (abs(abs(z - cabin_z) - cabin_long * 0.8) < 0.012))
            & (x > half * 0.8)
            & (y > sill + 0.05)
            & (y < belt)
        )
        body = np.where(seam[:, None], body * np.float32(0.35), body)
        lights = rise(0.12, 0.1, length((x - half * 0.68) * 0.8, y - belt + 0.14)) * (abs(z) > long * 0.8)
        body = mix(body, np.where((z > 0)[:, None], ink("f8f4e0") * np.float32(1.4), ink("b81410")), lights[:, None])
        grille = (z > long * 0.93) & (x < half * 0.42) & (abs(y - belt + 0.17) < 0.06)
        body = np.where(grille[:, None], ramp(inks("0c0c0e 8a8e92"), 0.5 + 0.5 * wave(y * 26)), body)
        return np.where((y < sill + 0.06)[:, None], ink("1c1c1e"), body)

    bodies = [
        Body(shell, paint, 0.9, 90, 0),
        *wheel((half - 0.08, radius, axle), radius, 0.1),
        *wheel((half - 0.08, radius, -axle), radius, 0.1),
    ]
    turn = float(random.choice([-1, 1]) * random.uniform(25, 155))
    return still(
        random,
        [each.rotated("y", turn) for each in bodies],
        "street street street meadow beach snow",
        (0, 0.45, 0),
        6,
        0.24,
        (-8, 8),
        (4, 26),
    )


def buses(random: Random) -> Pixels:
    """Buses, vans and trams: long boxes full of windows."""
    long, half, high = random.uniform(1.2, 1.9), 0.52, random.choice([1.25, 1.3, 1.9])
    colour, second = (
        one_of(random, "c81c1c e8b010 e8b010 1c5a9a f0ece4 2a7a4a e87818", 0.06),
        one_of(random, "f0ece4 1a1c20 e8c040", 0.05),
    )
    rows = [(0.62, 1.02)] if high < 1.5 else [(0.55, 0.92), (1.25, 1.62)]
    pitch, stripe = random.uniform(0.28, 0.4), random.random() < 0.6
    shell = block((0, 0.2 + high / 2, 0), (half, high / 2, long), 0.1)

    def paint(p: Points) -> Plane:
        x, y, z = abs(p[0]), p[1], p[2]
        body = np.broadcast_to(colour, (len(x), 3)) * np.float32(1)
        if stripe:
            body = np.where(((y > 0.42) & (y < 0.52))[:, None], second, body)
        glass = np.zeros(len(x), bool)
        for low, top in rows:
            place = z / np.float32(pitch)
            frame = abs(place - np.floor(place) - 0.5) < 0.43
            side = frame & (x > half - 0.05) & (abs(z) < long - 0.12)
            ends = (abs(z) > long - 0.05) & (x < half * 0.84) & (x > 0.015)
            glass |= (y > low) & (y < top) & (side | ends)
        pane = ramp(inks("10161c 3a4e5e 9ab4c4"), 0.25 + 0.6 * (y - 0.6) + 0.15 * wave(z * 2 + y))
        body = np.where(glass[:, None], pane, body)
        lights = rise(0.09, 0.07, length(x - half * 0.7, y - 0.42)) * (abs(z) > long - 0.05)
        return mix(body, np.where((z > 0)[:, None], ink("f8f4e0"), ink("b81410")), lights[:, None])

    bodies = [Body(shell, paint, 0.7, 70, 0)]
    for z in (long * 0.62, -long * 0.6):
        bodies += wheel((half - 0.1, 0.24, z), 0.24, 0.1)
    turn = float(random.choice([-1, 1]) * random.uniform(25, 70)) + (180 if random.random() < 0.3 else 0)
    return still(
        random,
        [each.rotated("y", turn) for each in bodies],
        "street street street meadow",
        (0, 0.2 + high * 0.45, 0),
        7,
        0.23 + 0.03 * (high > 1.5),
        (-8, 8),
        (4, 18),
    )


def trains(random: Random) -> Pixels:
    """Steam engines on their rails."""
    colour, brass = one_of(random, "1c4a2a 14161a 8a1c1c 1c3a6a 3a3a3e", 0.08), ink("d0a040")
    boiler = rotated(tube((0, 0, 0), 0.36, 0.85, 0.04), "x", 90)
    boiler = moved(boiler, (0, 0.86, 0.25))

    def bands(p: Points) -> Plane:
        return mix(np.broadcast_to(colour, (p.shape[1], 3)), brass, rise(0.93, 0.97, wave(p[2] * 1.6 + 0.1))[:, None])

    cab = cut(block((0, 0.98, -0.85), (0.5, 0.55, 0.34), 0.03), block((0, 1.18, -0.85), (0.7, 0.2, 0.2), 0.02), 0.01)
    chimney = lathe((0, 1.15, 0.9), [(0, 0.13), (0.3, 0.11), (0.4, 0.2), (0.44, 0.2)], smooth=8)
    dome = blend(0.05, tube((0, 1.25, 0.3), 0.13, 0.1, 0.05), ball((0, 1.32, 0.3), 0.13))
    frame = union(
        block((0, 0.44, 0), (0.48, 0.07, 1.2), 0.02),
        block((0, 0.35, 1.22), (0.5, 0.1, 0.05), 0.02),
        rotated(block((0, 0.2, 1.35), (0.38, 0.16, 0.05), 0.02), "x", -30, (0, 0.2, 1.3)),
    )
    bodies = [
        Body(boiler, bands, 0.8, 60),
        Body(cab, mottled(random, colour, 0.04), 0.5, 40),
        Body(union(chimney, frame), ink("1a1a1c"), 0.4, 25),
        Body(dome, brass, 1.0, 70),
        Body(moved(rotated(tube((0, 0, 0), 0.31, 0.02), "x", 90), (0, 0.86, 1.1)), ink("1c1c1e"), 0.5),
        Body(ball((0, 1.22, 1.1), 0.1), ink("f8ecc0") * np.float32(1.3), 0.8, 60, glow=0.4),
        Body(block((0, 1.57, -0.85), (0.56, 0.04, 0.42), 0.03), ink("2a2a2c"), 0.3),
    ]
    for z, size in ((0.85, 0.2), (0.3, 0.32), (-0.4, 0.32), (-0.95, 0.22)):
        bodies += wheel((0.42, size, z), size, 0.05)[:2]
    bodies.append(
        Body(
            mirrored(
                union(limb((0.52, 0.3, 0.3), (0.52, 0.3, -0.4), 0.035), limb((0.52, 0.36, 1.0), (0.52, 0.3, 0.3), 0.03))
            ),
            ink("c8c8c8"),
            0.9,
            60,
        )
    )
    rails = mirrored(block((0.42, -0.03, 0), (0.04, 0.04, 9), 0.01))
    bodies.append(Body(rails, ink("7a7470"), 0.6, 40))
    if random.random() < 0.7:
        puffs = [
            ball((random.normal() * 0.1, 1.85 + 0.28 * number, 0.9 - 0.3 * number), 0.2 + 0.09 * number)
            for number in range(4)
        ]
        bodies.append(Body(blend(0.2, *puffs), mottled(random, ink("d8d8d8"), 0.1), 0, 5, 0.6))
    turn = float(random.choice([-1, 1]) * random.uniform(20, 75))
    return still(
        random,
        [each.rotated("y", turn) for each in bodies],
        "gravel meadow earth snow",
        (0, 0.95, 0),
        7,
        0.26,
        (-8, 8),
        (5, 18),
    )


def wheels(random: Random) -> Pixels:
    """Of carts and bicycles, seen nearly from the side; ships' wheels; cogs."""
    spokes, style = int(random.integers(6, 15)), int(random.integers(3))
    colour: Colour = one_of(random, "6a3c1c 8a5a30 1c1c1e 8a1c1c b88a3c 4a4a4e", 0.08)
    skin = mottled(random, colour, 0.12)
    shapes: list[Shape] = []
    if style == 2:  # a cog
        teeth = spokes + 4

        def flat(x: Plane, y: Plane) -> Plane:
            radius, turn = length(x, y), angle(y, x)
            rim = 0.92 + 0.09 * np.clip(wave(turn * teeth) * 3, -1, 1)
            hole = 0.2 - radius
            openings = 0.17 - length(radius - 0.55, 0.55 * 1.05 * wave(turn * 2.5) * 0.62)
            return np.maximum(np.maximum(radius - rim, hole), openings) * np.float32(0.7)

        shapes.append(slab((0, 0, 0), flat, 0.12, 1.1, 0.02))
    else:
        shapes.append(rotated(ring((0, 0, 0), 0.92, 0.075 if style == 0 else 0.05), "x", 90))
        rods = [
            limb(
                (0, 0, 0),
                (
                    (1.18 if style == 1 else 0.92) * float(np.cos(turn)),
                    (1.18 if style == 1 else 0.92) * float(np.sin(turn)),
                    0,
                ),
                0.045 if style == 0 else 0.04,
                0.035,
            )
            for turn in np.linspace(0, 2 * np.pi, spokes + 1)[:-1]
        ]
        shapes += [union(*rods), rotated(tube((0, 0, 0), 0.18, 0.12, 0.03), "x", 90)]
    roll = random.uniform(0, 360)
    bodies = [Body(shape, skin, 0.5 if style == 2 else 0.25, 30).rotated("z", roll) for shape in shapes]
    if style == 0:
        bodies.append(Body(rotated(ring((0, 0, 0), 1.0, 0.04), "x", 90), ink("2a2a2c"), 0.4))
    tilt = random.uniform(-40, 40)
    bodies = [each.rotated("y", tilt).moved((0, 1.02, 0)) for each in bodies]
    return still(random, bodies, "street lawn table wall earth", (0, 1.0, 0), 5, 0.26, (-15, 15), (0, 18))


def bicycles(random: Random) -> Pixels:
    colour = one_of(random, PAINTS, 0.08)
    tyres, rods = [], []
    for z in (-0.85, 0.85):
        tyres.append(rotated(ring((0, 0, 0), 0.52, 0.045), "z", 90))
        tyres[-1] = moved(tyres[-1], (0, 0.56, z))
        rods += [
            limb((0, 0.56, z), (0, 0.56 + 0.5 * float(np.sin(turn)), z + 0.5 * float(np.cos(turn))), 0.009)
            for turn in np.linspace(0, 2 * np.pi, 13)[:-1]
        ]
    tube_thick = 0.045
    frame = union(
        *(
            limb(*pair, tube_thick)
            for pair in (
                ((0, 0.5, -0.05), (0, 1.1, -0.35)),
                ((0, 0.5, -0.05), (0, 1.12, 0.52)),
                ((0, 1.05, -0.32), (0, 1.18, 0.52)),
                ((0, 0.5, -0.05), (0, 0.56, -0.85)),
                ((0, 1.05, -0.33), (0, 0.56, -0.85)),
                ((0, 1.25, 0.5), (0, 0.56, 0.85)),
            )
        )
    )
    bars = mirrored(path([(0, 1.32, 0.48), (0.25, 1.36, 0.45), (0.32, 1.34, 0.25)], [0.03, 0.03, 0.035]))
    saddle = blend(0.05, egg((0, 1.18, -0.42), (0.13, 0.05, 0.14)), limb((0, 1.18, -0.4), (0, 1.19, -0.15), 0.06, 0.04))
    crank = union(
        rotated(ring((0.06, 0, 0), 0.14, 0.02), "z", 90),
        limb((0.08, 0, 0), (0.1, -0.2, 0.12), 0.02),
        block((0.16, -0.2, 0.12), (0.07, 0.02, 0.05), 0.01),
    )
    bodies = [
        Body(union(*tyres), ink("161618"), 0.2),
        Body(union(*rods), ink("c8ccd0"), 0.8),
        Body(frame, colour, 0.9, 70),
        Body(bars, ink("c0c4c8"), 0.9),
        Body(saddle, one_of(random, "2a1810 161618 6a3c1c"), 0.4),
        Body(moved(crank, (0, 0.5, -0.05)), ink("b0b4b8"), 0.8),
    ]
    turn = float(random.choice([-1, 1]) * random.uniform(50, 115))
    return still(
        random,
        [each.rotated("y", turn) for each in bodies],
        "street street lawn meadow beach",
        (0, 0.75, 0),
        6,
        0.26,
        (-10, 10),
        (2, 18),
    )
