"""Balloons, umbrellas, balls, gifts, guitars, pencils."""

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, angle, length, mix, rise, wave
from lucarne.atlas.scenes.colour import ink, inks, one_of, ramp
from lucarne.atlas.scenes.noise import relief
from lucarne.atlas.scenes.render import Body, Paint
from lucarne.atlas.scenes.skins import BRIGHT, any_skin, clouded, mottled, segments, timber
from lucarne.atlas.scenes.space import (
    Points,
    ball,
    blend,
    block,
    cut,
    egg,
    hollow,
    lathe,
    limb,
    mirrored,
    path,
    rotated,
    tube,
    union,
)
from lucarne.atlas.scenes.stage import still


def balloons(random: Random) -> Pixels:
    bodies: list[Body] = []
    for number in range(int(random.choice([1, 3, 5, 7]))):
        at = (
            (0.0, 0.2, 0.0)
            if number == 0
            else (random.uniform(-0.95, 0.95), random.uniform(-0.5, 0.9), -0.5 * random.uniform(0.5, 2))
        )
        colour, size = (
            one_of(random, "d02020 e8b020 2060c8 30a050 e870a0 8040a8 f0f0f0 e87820 30b0b8", 0.06),
            random.uniform(0.42, 0.55),
        )
        skin = mottled(random, colour, 0.04) if random.random() < 0.8 else segments(colour, ink("f4f0ea"), 6)
        body = blend(
            0.08, egg((0, 0, 0), (size, size * 1.18, size)), limb((0, -size * 0.9, 0), (0, -size * 1.24, 0), 0.1, 0.04)
        )
        string = path([(0, -size * 1.25, 0), (0.05, -1.2, 0), (-0.03, -1.9, 0.02), (0.02, -2.8, 0)], [0.012] * 4)
        bodies += [Body(body, skin, 0.9, 90, 0.45).moved(at), Body(string, ink("e8e4dc"), 0.1).moved(at)]
    return still(random, bodies, "air air leaves wall", (0, 0.05, 0), 5, 0.25, (-25, 25), (-12, 8))


def umbrellas(random: Random) -> Pixels:
    """Open, upright or laid on their side."""
    count = int(random.choice([6, 8, 8, 10]))
    one, other = one_of(random, BRIGHT, 0.1), one_of(random, "f4f0e4 202428 e8b830 c83a2e", 0.08)
    paint: Paint = segments(one, other if random.random() < 0.6 else one * np.float32(0.85), count // 2)
    if random.random() < 0.2:
        paint = any_skin(random, 1.4)
    roof = cut(
        lathe((0, 1.25, 0), [(0, 1.25), (0.12, 1.12), (0.4, 0.75), (0.6, 0.35), (0.68, 0.04)], count, 0.035, 90),
        lathe((0, 1.2, 0), [(-0.1, 1.28), (0.12, 1.1), (0.4, 0.72), (0.6, 0.3), (0.64, 0.02)], count, 0.035, 90),
        0.02,
    )
    handle = union(
        limb((0, -0.3, 0), (0, 2.05, 0), 0.035),
        path([(0, -0.3, 0), (0.02, -0.45, 0), (0.14, -0.52, 0), (0.26, -0.45, 0), (0.28, -0.32, 0)], [0.05] * 5, 0.02),
    )
    bodies = [Body(roof, paint, 0.15, 12, 0.35), Body(handle, one_of(random, "2a1c14 8a5a30 14141a"), 0.4, 30)]
    if random.random() < 0.5:
        tip, turn = random.uniform(55, 75), random.uniform(0, 360)
        bodies = [each.moved((0, -1.25, 0)).rotated("z", tip).rotated("y", turn).moved((0, 0.86, 0)) for each in bodies]
        return still(random, bodies, "beach street lawn table", (0, 0.75, 0), 5, 0.33, (-30, 30), (8, 28))
    return still(
        random,
        [each.moved((0, 0.5, 0)) for each in bodies],
        "beach street lawn air",
        (0, 1.25, 0),
        5,
        0.32,
        (-30, 30),
        (4, 24),
    )


def sports_balls(random: Random) -> Pixels:
    """Football, basketball, tennis ball, baseball, volleyball."""
    style, size = int(random.integers(5)), 0.8
    directions = (
        np.array(
            [
                (0.0, 1.0, 1.618),
                (0, 1, -1.618),
                (0, -1, 1.618),
                (0, -1, -1.618),
                (1, 1.618, 0),
                (1, -1.618, 0),
                (-1, 1.618, 0),
                (-1, -1.618, 0),
                (1.618, 0, 1),
                (1.618, 0, -1),
                (-1.618, 0, 1),
                (-1.618, 0, -1),
            ]
        )
        / 1.902
    )

    def paint(p: Points) -> Plane:
        x, y, z = (part / np.float32(size) for part in p)
        if style == 0:  # twelve black pentagons
            first, second = np.full_like(x, -2), np.full_like(x, -2)
            for a, b, c in directions.astype(np.float32):
                dot = x * a + y * b + z * c
                second = np.maximum(np.minimum(first, dot), second)
                first = np.maximum(first, dot)
            seam = rise(0.02, 0.008, first - second) * rise(0.94, 0.93, first)
            colour = mix(ink("f0eee8"), ink("16161a"), rise(0.925, 0.935, first)[:, None])
            return mix(colour, ink("6a6a6a"), seam[:, None])
        if style == 1:
            curve = np.minimum(np.minimum(abs(x), abs(y)), abs(abs(z) - 0.55 - 0.35 * x * x))
            return mix(ink("b85a1c"), ink("1a120c"), rise(0.035, 0.02, curve)[:, None])
        if style in (2, 3):
            seam = abs(z - 0.9 * x * y * 1.6)
            ground, line = (ink("c8d830"), ink("f4f4ec")) if style == 2 else (ink("f0ece4"), ink("b82020"))
            stitches = rise(0.0, 0.3, wave(x * 9 + y * 9)) if style == 3 else 1
            return mix(ground, line, (rise(0.055, 0.04, seam) * stitches)[:, None])
        panel = np.where((abs(x) >= abs(y)) & (abs(x) >= abs(z)), y, np.where(abs(y) >= abs(z), z, x))
        gap = abs(abs(panel) - 0.2)
        colour = ramp(inks("e8c030 f4f0e8 2a5aa8"), (panel + 1) * 0.5)
        return mix(colour, ink("4a4a4a"), rise(0.025, 0.012, gap)[:, None])

    fuzz = relief(random, 24, 0.006) if style == 2 else relief(random, 20, 0.002 if style == 1 else 0.0005)
    body = Body(ball((0, 0, 0), size), paint, 0.3, 25, 0.15, fuzz)
    for axis in "xyz":
        body = body.rotated(axis, random.uniform(0, 360))
    return still(
        random,
        [body.moved((0, size - 0.01, 0))],
        "lawn lawn table beach street studio",
        (0, 0.75, 0),
        5,
        random.uniform(0.2, 0.34),
        (-30, 30),
        (5, 30),
    )


def gifts(random: Random) -> Pixels:
    """Parcels with ribbons and bows."""
    bodies: list[Body] = []
    for number in range(int(random.choice([1, 1, 2, 3]))):
        half = tuple(random.uniform(0.4, 0.65, 3) * (1 if number == 0 else 0.65))
        at = (0.0, 0, 0.0) if number == 0 else ((-1) ** number * 1.05, 0, random.uniform(-0.3, 0.6))
        x, y, z = (float(part) for part in half)
        ribbon = one_of(random, "c8201c e8c040 f4f0e8 2a6a3a 2a4a9a e878a0", 0.06)
        silk = mottled(random, ribbon, 0.05)
        loops = mirrored(
            cut(
                rotated(egg((0.22, 2 * y + 0.14, 0), (0.24, 0.13, 0.12)), "z", 20, (0, 2 * y, 0)),
                rotated(egg((0.24, 2 * y + 0.14, 0), (0.16, 0.08, 0.3)), "z", 20, (0, 2 * y, 0)),
                0.02,
            )
        )
        bow = union(
            loops,
            ball((0, 2 * y + 0.07, 0), 0.085),
            mirrored(limb((0.03, 2 * y + 0.05, 0.05), (0.3, 2 * y + 0.03, 0.3), 0.05, 0.06)),
        )
        bands = union(
            block((0, y, 0), (0.09, y + 0.012, z + 0.012), 0.01), block((0, y, 0), (x + 0.012, y + 0.012, 0.09), 0.01)
        )
        turn = random.uniform(-45, 45)
        for each in (
            Body(block((0, y, 0), (x, y, z), 0.02), any_skin(random, 1), 0.3, 25),
            Body(bands, silk, 0.5, 25),
            Body(bow, silk, 0.5, 25, 0.3),
        ):
            bodies.append(each.rotated("y", turn).moved(at))
    return still(random, bodies, "table table dark snow studio", (0, 0.55, 0), 5, 0.27, (-35, 35), (14, 36))


def guitars(random: Random) -> Pixels:
    """Guitars and violins, leaning or lying."""
    violin = random.random() < 0.4
    wood = timber(random, str(random.choice(["8a4a18 b87830 e0b060", "5a1c0c 8a3414 b85a24", "2a1810 4a2c1c 7a4c2c"])))
    upper, lower = (0.3, 0.37) if violin else (0.38, 0.52)
    parts = [tube((0, 0, 0.0), lower, 0.11), tube((0, 0, -0.62), upper, 0.11)]
    trunk = blend(0.28, *parts, tube((0, 0, -0.35), 0.2, 0.11))
    holes = (
        mirrored(limb((0.16, 0.12, -0.3), (0.2, 0.12, -0.02), 0.022)) if violin else tube((0, 0.1, -0.45), 0.15, 0.08)
    )

    def face(p: Points) -> Plane:
        x, _, z = p
        colour = wood(p)
        dark = rise(0.02, 0.0, holes.distance(np.stack([x, np.full_like(x, 0.12), z])))
        rim = rise(0.035, 0.02, abs(length(x, z + 0.45) - 0.18)) * (not violin)
        edge = rise(-0.05, -0.02, trunk.distance(np.stack([x, np.zeros_like(x), z])))
        return mix(colour, ink("1a0e08"), np.maximum(0.75 * edge, np.maximum(dark, 0.7 * rim))[:, None])

    long = -1.75 if violin else -2.2
    neck = union(
        limb((0, 0.08, -0.9), (0, 0.08, long), 0.065),
        block((0, 0.12, (long - 0.7) / 2), (0.06, 0.05, (-long - 0.7) / 2), 0.01),
        block((0, 0.06, long - 0.16), (0.1, 0.04, 0.2), 0.03),
    )
    strings = union(*(limb((x, 0.19, 0.18), (x, 0.18, long), 0.007) for x in (-0.04, -0.014, 0.014, 0.04)))
    pegs = mirrored(
        union(
            *(
                limb((0.08, 0.06, long - 0.06 - 0.1 * number), (0.17, 0.06, long - 0.06 - 0.1 * number), 0.025)
                for number in range(3)
            )
        )
    )
    bodies = [
        Body(trunk, face, 0.8, 60, 0),
        Body(neck, clouded(random, "1a100a 2a1a10 3a2618", 0.2), 0.4, 30),
        Body(strings, ink("d8d4c8"), 0.8),
        Body(pegs, ink("c8b890"), 0.6),
        Body(block((0, 0.13, 0.18), (0.16, 0.04, 0.03), 0.01), ink("2a1810"), 0.3),
    ]
    bodies = [each.moved((0, 0, 0.75)) for each in bodies]
    if random.random() < 0.6:  # standing
        tilt = random.uniform(72, 84)
        bodies = [each.rotated("x", tilt).rotated("z", 4).moved((0, 1.15, 0)) for each in bodies]
        return still(
            random, bodies, "table studio dark wall", (0, 1.25, 0), 6, 0.25 if not violin else 0.2, (-35, 35), (2, 18)
        )
    return still(
        random, [each.moved((0, 0.12, 0)) for each in bodies], "table studio", (0, 0.1, 0), 5, 0.25, (-60, 60), (38, 68)
    )


def pencils(random: Random) -> Pixels:
    """Sharpened, in colours, side by side or in a pot."""
    bodies: list[Body] = []
    pot = random.random() < 0.4
    count = int(random.integers(4, 9))
    for number in range(count):
        colour = one_of(random, BRIGHT, 0.08)

        def paint(p: Points, colour: Plane = colour) -> Plane:
            wood_ = mix(
                np.broadcast_to(colour, (p.shape[1], 3)),
                ink("d8b080"),
                rise(1.5, 1.52, p[1] + 0.02 * wave(angle(p[0], p[2]) * 6))[:, None],
            )
            return mix(wood_, colour * np.float32(0.8), rise(1.76, 1.78, p[1])[:, None])

        body = Body(lathe((0, 0, 0), [(0, 0.1), (1.5, 0.1), (1.86, 0.012)], 6, 0.04, 2), paint, 0.4, 30)
        if pot:
            turn = 2 * np.pi * number / count
            bodies.append(
                body.rotated("x", random.uniform(4, 14))
                .rotated("y", float(np.degrees(turn)))
                .moved((0.2 * float(np.sin(turn)), 0.1, 0.2 * float(np.cos(turn))))
            )
        else:
            bodies.append(
                body.rotated("z", 90 + random.normal() * 2).moved(
                    (0.9 + random.normal() * 0.06, 0.1, (number - count / 2) * 0.24)
                )
            )
    if pot:
        bodies.append(Body(hollow(tube((0, 0.45, 0), 0.4, 0.45, 0.02), 0.05), any_skin(random, 0.8), 0.4, 30))
        return still(random, bodies, "table studio", (0, 0.85, 0), 5, 0.26, (-30, 30), (4, 25))
    turn = random.uniform(0, 360)
    return still(
        random,
        [each.rotated("y", turn) for each in bodies],
        "table studio table",
        (0, 0.1, 0),
        5,
        0.25,
        (-10, 10),
        (28, 65),
    )
