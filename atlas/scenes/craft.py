"""On water and in the air: boats, aeroplanes, hot-air balloons, rockets."""

import numpy as np

from lucarne.atlas.scenes.birds import afloat
from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, angle, develop, length, mix, rise, wave
from lucarne.atlas.scenes.colour import ink, inks, one_of, ramp
from lucarne.atlas.scenes.noise import Noise
from lucarne.atlas.scenes.render import Body, Paint, orbit
from lucarne.atlas.scenes.skins import any_skin, banded, mottled, segments
from lucarne.atlas.scenes.space import (
    Points,
    Shape,
    blend,
    block,
    cut,
    egg,
    lathe,
    limb,
    mirrored,
    moved,
    rotated,
    slab,
    tube,
    union,
    within,
)
from lucarne.atlas.scenes.stage import seen, still


def boats(random: Random) -> Pixels:
    """Sailing boats, rowing boats, small steamers."""
    style = int(random.choice([0, 0, 1, 2]))
    colour, line = (
        one_of(random, "f0ece4 b81c1c 1c3a6a 2a6a5a e8b030 7a4a28", 0.08),
        one_of(random, "b81c1c 1c3a6a f0ece4 2a2a2e"),
    )
    long = random.uniform(0.95, 1.2)
    hull = within(egg((0, 0.35, 0), (0.42, 0.5, long)), block((0, 0.05, 0), (1, 0.32, 2), 0.01))
    if style == 1:
        hull = cut(hull, egg((0, 0.55, 0), (0.34, 0.42, long * 0.85)), 0.03)

    def paint(p: Points) -> Plane:
        return mix(mix(line, colour, rise(0.08, 0.1, p[1])[:, None]), ink("b88a58"), (rise(0.33, 0.35, p[1]))[:, None])

    bodies = [Body(hull, paint, 0.5, 40)]
    if style == 0:
        high = random.uniform(2.0, 2.5)
        bodies.append(
            Body(
                union(limb((0, 0.3, 0.1), (0, high, 0.1), 0.035), limb((0, 0.55, 0.1), (0, 0.5, -long * 0.95), 0.025)),
                ink("c8a878"),
                0.3,
            )
        )
        cloth = (
            any_skin(random, 1.4)
            if random.random() < 0.3
            else mottled(random, one_of(random, "f4f0e6 e8dcc0 b83a28 e0b060", 0.04), 0.04)
        )
        swell = random.uniform(0.08, 0.25) * random.choice([-1, 1])

        def sail(corner_z: float, tip: float) -> Shape:
            def flat(z: Plane, y: Plane) -> Plane:
                along = (z - np.float32(0.06)) / np.float32(corner_z - 0.06)
                up = (y - 0.6) / np.float32(tip - 0.6)
                return np.maximum(np.maximum(-along, -up), along + up - 1) * np.float32(0.55)

            shape = slab((0, 0, 0), flat, 0.015, 2.6)

            def distance(p: Points) -> Plane:
                bulge = np.float32(swell) * np.maximum(1 - ((p[1] - 1.2) / 0.8) ** 2, 0)
                return shape.distance(np.stack([p[2], p[1], p[0] - bulge])) * np.float32(0.8)

            return Shape(distance, (0, 1.3, 0), 1.7)

        bodies += [
            Body(sail(-long * 0.92, high - 0.1), cloth, 0.05, 8, 0.5),
            Body(sail(long * 0.85, high - 0.4), cloth, 0.05, 8, 0.5),
        ]
        target, wide = (0, 1.0, 0), 0.26
    elif style == 1:
        bodies.append(
            Body(
                union(
                    block((0, 0.27, 0.2), (0.36, 0.03, 0.1), 0.01),
                    block((0, 0.27, -0.4), (0.36, 0.03, 0.1), 0.01),
                    mirrored(limb((0.35, 0.42, 0.1), (1.0, 0.1, -0.35), 0.03)),
                ),
                ink("a8784a"),
                0.2,
            )
        )
        target, wide = (0, 0.3, 0), 0.2
    else:
        cabin = union(block((0, 0.6, -0.1), (0.28, 0.24, 0.42), 0.03), block((0, 0.95, 0.02), (0.2, 0.14, 0.2), 0.03))

        def windows(p: Points) -> Plane:
            return np.where(
                ((abs(p[1] - 0.66) < 0.08) & (wave(p[2] * 3.2) > -0.2) & (abs(p[0]) > 0.2))[:, None],
                ink("1c2a34"),
                ink("f0ece4"),
            )

        funnel = tube((0, 1.2, -0.25), 0.12, 0.25, 0.02)
        bodies += [
            Body(cabin, windows, 0.4, 30),
            Body(funnel, banded(random, one_of(random, "b81c1c 1c3a6a e8b030"), ink("1a1a1c"), 2.4), 0.5),
        ]
        target, wide = (0, 0.6, 0), 0.24
    turn, lean = random.uniform(20, 160) * random.choice([-1, 1]), random.normal() * 4
    return afloat(random, [each.rotated("z", lean).rotated("y", turn) for each in bodies], target, wide, (3, 16))


def aeroplanes(random: Random) -> Pixels:
    """In the air, from below, beside or above."""
    old = random.random() < 0.45
    colour, second = (
        one_of(random, "f0f0ee d8dce0 c8241c e8b020 2a5a9a 3a7a4a", 0.06),
        one_of(random, "b81c1c 1c3a7a e8a020 1a1c20", 0.05),
    )
    body = blend(
        0.1,
        limb((0, 0, -1.3), (0, 0, 0.2), 0.07 if old else 0.16, 0.22),
        limb((0, 0, 0.2), (0, 0, 1.15), 0.22, 0.2 if old else 0.12),
    )
    if old:
        levels = (0.34, -0.2) if random.random() < 0.6 else (0.0,)
        wings = union(*(block((0, level, 0.45), (1.6, 0.03, 0.28), 0.03) for level in levels))
        if len(levels) == 2:
            wings = union(
                wings,
                mirrored(
                    union(
                        limb((1.0, -0.2, 0.3), (1.0, 0.34, 0.35), 0.02),
                        limb((1.0, -0.2, 0.6), (1.0, 0.34, 0.6), 0.02),
                        limb((0.25, 0.1, 0.45), (0.3, 0.34, 0.45), 0.02),
                    )
                ),
            )
        tail = union(
            block((0, 0.05, -1.2), (0.55, 0.025, 0.16), 0.02), block((0, 0.25, -1.25), (0.025, 0.24, 0.15), 0.02)
        )
        nose = [
            Body(egg((0, 0, 1.3), (0.08, 0.08, 0.14)), ink("2a2a2c"), 0.5),
            Body(rotated(egg((0, 0, 1.34), (0.75, 0.07, 0.02)), "z", random.uniform(0, 180)), ink("6a4a2c"), 0.4),
        ]
    else:
        wings = mirrored(
            blend(
                0.05,
                limb((0.1, -0.05, 0.25), (1.6, 0.12, -0.45), 0.07, 0.03),
                limb((0.1, -0.05, -0.15), (1.6, 0.12, -0.55), 0.06, 0.03),
                limb((0.1, -0.05, 0.05), (1.5, 0.1, -0.48), 0.06, 0.03),
            )
        )
        tail = blend(
            0.03,
            mirrored(limb((0.05, 0.05, -1.1), (0.6, 0.1, -1.4), 0.06, 0.03)),
            limb((0, 0.1, -0.95), (0, 0.62, -1.35), 0.07, 0.04),
            limb((0, 0.1, -1.2), (0, 0.62, -1.42), 0.06, 0.03),
        )
        engine = rotated(tube((0, 0, 0), 0.13, 0.2, 0.05), "x", 90)
        nose = [Body(mirrored(moved(engine, (0.62, -0.16, 0.12))), second, 0.7, 50)]

    def paint(p: Points) -> Plane:
        x, y, z = abs(p[0]), p[1], p[2]
        base = mix(
            np.broadcast_to(colour, (len(x), 3)),
            second,
            ((abs(y + 0.02) < 0.035) * (x < 0.25) + (z < -1.05) * (y > 0.2)).clip(0, 1)[:, None],
        )
        windows = (abs(y - 0.08) < 0.03) & (wave(z * 7) > 0.1) & (z > -0.9) & (z < 0.85) & (x < 0.24)
        cockpit = (y > 0.06) & (z > 0.88) & (z < 1.1)
        return np.where((windows | cockpit)[:, None], ink("141c24"), base)

    plane = [
        Body(body, paint, 0.7, 60),
        Body(union(wings, tail), mottled(random, second if old and random.random() < 0.5 else colour, 0.04), 0.5, 40),
        *nose,
    ]
    roll, pitch, turn = random.normal() * 16, random.uniform(-22, 12), random.uniform(0, 360)
    plane = [each.rotated("z", roll).rotated("x", pitch).rotated("y", turn) for each in plane]
    return still(random, plane, "air", (0, 0, 0), 6, 0.25, (-180, 180), (-35, 25))


def hot_air_balloons(random: Random) -> Pixels:
    bodies: list[Body] = []
    for number in range(int(random.choice([1, 1, 2, 4]))):
        one, other = (
            one_of(random, "c8241c e8a818 2a5a9a 2a8a5a 7a3a8a e87020", 0.08),
            one_of(random, "f4ece0 e8c840 1a3a6a e86a30", 0.06),
        )
        style = int(random.integers(3))
        paint: Paint = (
            segments(one, other, int(random.choice([4, 6, 8]))) if style < 2 else banded(random, one, other, 1.4)
        )
        envelope = lathe(
            (0, 0, 0),
            [(-1.15, 0.16), (-0.9, 0.35), (-0.2, 0.9), (0.35, 1.0), (0.8, 0.75), (1.0, 0.3), (1.05, 0.05)],
            16,
            0.02,
            300,
        )
        ropes = mirrored(
            union(
                limb((0.14, -1.12, 0.12), (0.15, -1.55, 0.13), 0.012),
                limb((0.14, -1.12, -0.12), (0.15, -1.55, -0.13), 0.012),
            )
        )
        basket = block((0, -1.66, 0), (0.17, 0.13, 0.15), 0.03)
        at = (
            (0.0, 0.28, 0.0)
            if number == 0
            else (random.uniform(-1.8, 1.8), random.uniform(-1.0, 1.6), -random.uniform(2, 7))
        )
        for each in (
            Body(envelope, paint, 0.15, 12, 0.35),
            Body(ropes, ink("3a3028"), 0),
            Body(basket, banded(random, ink("6a4424"), ink("a8743c"), 9), 0.05),
        ):
            bodies.append(each.rotated("y", random.uniform(0, 360)).moved(at))
    return still(random, bodies, "air air air leaves", (0, 0, 0), 6, 0.28, (-20, 20), (-22, 8))


def rockets(random: Random) -> Pixels:
    """Ready to start, or on their way."""
    colour, second = (
        one_of(random, "f0ece4 d8dce0 c8241c", 0.04),
        one_of(random, "c8241c 1c3a7a e8a020 1a1c20 2a7a6a", 0.06),
    )
    checks = random.uniform(1.5, 3)

    def paint(p: Points) -> Plane:
        turn = angle(p[0], p[2])
        chequer = rise(-0.1, 0.1, wave(turn * 4) * wave(p[1] * np.float32(checks)))
        band = (p[1] < 0.55) | (abs(p[1] - 1.5) < 0.16)
        colour_here = np.where(band[:, None], mix(colour, second, chequer[:, None]), colour)
        colour_here = np.where((p[1] > 2.05)[:, None], second, colour_here)
        window = length(p[0], p[1] - 1.82)
        colour_here = mix(colour_here, ink("b0b4b8"), rise(0.14, 0.12, window)[:, None])
        return mix(colour_here, ink("16243a"), rise(0.1, 0.08, window)[:, None])

    hull = lathe((0, 0, 0), [(0.2, 0.2), (0.3, 0.3), (1.2, 0.36), (1.9, 0.3), (2.4, 0.12), (2.6, 0.01)], smooth=60)
    fins = union(
        *(
            rotated(
                slab(
                    (0, 0, 0),
                    lambda x, y: (
                        np.maximum(np.maximum(x - 0.72, 0.2 - x), np.maximum(-y - 0.05, y + x * 1.1 - 1.05))
                        * np.float32(0.7)
                    ),
                    0.025,
                    1.2,
                ),
                "y",
                turn,
            )
            for turn in (0, 120, 240)
        )
    )
    nozzle = lathe((0, 0, 0), [(0.0, 0.22), (0.22, 0.12)], smooth=2)
    bodies = [Body(hull, paint, 0.6, 50), Body(fins, second, 0.5, 40), Body(nozzle, ink("3a3a3c"), 0.6)]
    flying = random.random() < 0.6
    if flying:
        flame = lathe((0, 0, 0), [(-1.5, 0.01), (-0.8, 0.14), (-0.2, 0.24), (0.05, 0.16)], smooth=100)

        def fire(p: Points) -> Plane:
            return ramp(inks("c83008 f07810 ffc840 fff4c8"), (p[1] + 1.5) * 0.75) * np.float32(2.6)

        bodies.append(Body(flame, fire, 0, glow=1))
        tilt = random.uniform(-40, 40)
        bodies = [each.moved((0, -1.0, 0)).rotated("z", tilt).moved((0, 1.0, 0)) for each in bodies]
        return (
            still(random, bodies, "air", (0, 0.85, 0), 6, 0.3, (-25, 25), (-15, 15))
            if random.random() < 0.7
            else _in_space(random, bodies)
        )
    return still(random, bodies, "beach street earth meadow", (0, 1.3, 0), 6, 0.27, (-25, 25), (0, 12))


def _in_space(random: Random, bodies: list[Body]) -> Pixels:
    shot = seen(random, bodies, orbit((0, 0.85, 0), 0, 0, 6, 0.3), "dark", grounded=False)
    noise = Noise(random)
    rows, columns = np.nonzero(shot.which < 0)
    sky = ramp(
        inks("04060c 0a1228 2a2048"),
        0.4 + 0.2 * noise.clouds(rows * np.float32(0.008), columns * np.float32(0.008), 0.2, 2.2),
    )
    shot.image[rows, columns] = sky + (random.random(len(rows)) > 0.997)[:, None] * np.float32(random.uniform(0.5, 1))
    return develop(shot.image, random)
