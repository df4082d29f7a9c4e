"""Faces of the wild: lions, bears, pandas and koalas, owls, apes and monkeys."""

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, angle, length, mix, rise, wave
from lucarne.atlas.scenes.colour import Colour, ink, inks, one_of, ramp, vary
from lucarne.atlas.scenes.faces import fur, gaze
from lucarne.atlas.scenes.heads import Eyes, Region, coat, ear, eyes, hairy, neck, portrait, skull, whiskers
from lucarne.atlas.scenes.noise import Cells, Noise
from lucarne.atlas.scenes.render import Body
from lucarne.atlas.scenes.skins import mottled
from lucarne.atlas.scenes.space import Points, blend, cut, egg, limb, mirrored


def lions(random: Random) -> Pixels:
    colours = [vary(random, each, 0.05) for each in inks("a06a30 c8944c e0b878")]
    pale = ink("f0e0c4")
    regions: list[Region] = [
        ((0.1, -0.34, 0.62), (0.22, 0.16, 0.3), pale),
        ((0.2, 0.0, 0.5), (0.1, 0.05, 0.2), pale),
        ((0.02, -0.38, 0.72), (0.16, 0.015, 0.2), ink("2a1810")),
    ]
    paint = coat(random, colours, regions, (0, -0.1, 0.6))
    muzzle = [
        limb((0, 0.15, 0.35), (0, -0.18, 0.62), 0.19, 0.15),
        mirrored(egg((0.12, -0.3, 0.58), (0.17, 0.14, 0.16))),
        egg((0, -0.46, 0.48), (0.16, 0.11, 0.14)),
    ]
    head = skull((0.5, 0.52, 0.5), ((0.26, -0.12, 0.2), (0.26, 0.26, 0.3)), muzzle, 0.14)
    mane_colours = [
        vary(random, each, 0.08)
        for each in inks(str(random.choice(["5a2c10 8a4c1c b87834", "1c120c 3a2414 6a4424", "8a5420 b88038 d8a860"])))
    ]
    mane = coat(random, mane_colours, [], (0, 0, 0.3), 0.5)
    bodies = []
    male = random.random() < 0.75
    if male:
        bulge = random.uniform(0.92, 1.08)
        shape = cut(
            egg((0, -0.12, -0.2), (0.98 * bulge, 1.02 * bulge, 0.55)), egg((0, -0.05, 0.45), (0.5, 0.56, 0.6)), 0.3
        )
        bodies.append(Body(shape, mane, 0.05, 8, 0.2, hairy(random, 0.012)))
    bodies += [
        fur(head, paint, random),
        fur(ear((0.42, 0.42, -0.02), (0.5, 0.52, -0.04), 0.16, 0.13), paint, random),
        neck(random, 0.45, mane if male else paint),
        *eyes(Eyes((0.21, 0.08, 0.46), 0.1, one_of(random, "c88a28 a8742c d8a848"), 0.45), gaze(random)),
        Body(
            blend(0.04, egg((0, -0.17, 0.76), (0.12, 0.06, 0.06)), limb((0, -0.2, 0.76), (0, -0.3, 0.74), 0.03)),
            ink("4a2824"),
            0.4,
            20,
        ),
        whiskers((0.16, -0.32, 0.7), 0.45),
    ]
    return portrait(
        random,
        bodies,
        4 if male else 3,
        "leaves meadow air lawn",
        random.uniform(8, 15) if male else 4,
        0.28 if male else 0.22,
        (0, -0.06, 0),
        35,
    )


def bears(random: Random) -> Pixels:
    """Brown, black and white bears; pandas; koalas."""
    style = int(random.integers(5))
    black, white = ink("12100f"), ink("ece8e0")
    palettes = [
        "4a2c18 7a4c2c a07850",
        "12100f 201c1a 302a26",
        "d8d0c0 e8e2d6 f4f0e8",
        "d8d4cc ece8e0 f8f4ee",
        "6a6a6e 8e8e92 b0b0b4",
    ]
    colours = [vary(random, each, 0.04) for each in inks(palettes[style])]
    regions: list[Region] = [
        ((0, -0.27, 0.6), (0.26, 0.2, 0.34), vary(random, colours[2], 0.05) if style != 3 else white)
    ]
    if style == 3:
        regions += [((0.24, 0.05, 0.45), (0.15, 0.17, 0.3), black), ((0, -1.3, -0.4), (2, 0.55, 2), black)]
    regions.append(((0, -0.34, 0.78), (0.12, 0.014, 0.2), black))
    paint = coat(random, colours, regions, (0, -0.15, 0.6))
    muzzle = [limb((0, -0.08, 0.35), (0, -0.24, 0.62), 0.23, 0.17), egg((0, -0.4, 0.45), (0.17, 0.1, 0.18))]
    head = skull((0.58, 0.54, 0.52), ((0.3, -0.14, 0.15), (0.28, 0.26, 0.28)), muzzle, 0.2)
    big = 0.3 if style == 4 else 0.0
    ears = mirrored(
        cut(
            egg((0.5 + big * 0.3, 0.45 - big * 0.4, -0.05), (0.19 + big * 0.4, 0.2 + big * 0.4, 0.12)),
            egg((0.5 + big * 0.3, 0.45 - big * 0.4, 0.09), (0.1 + big * 0.3, 0.11 + big * 0.3, 0.09)),
            0.05,
        )
    )
    ear_paint = coat(random, [black, black, ink("2a2624")], [], (0, 0, 0)) if style == 3 else paint
    nose = egg((0, -0.17, 0.8), (0.1, 0.07, 0.06)) if style != 4 else egg((0, -0.12, 0.72), (0.13, 0.22, 0.12))
    bodies = [
        fur(head, paint, random), fur(ears, ear_paint, random), neck(random, 0.45, paint),
        *eyes(Eyes((0.22, 0.05, 0.46), 0.085, ink("2a1a10"), 0.6), gaze(random)),
        Body(nose, ink("0e0c0b"), 0.7, 35),
    ]  # fmt: skip
    return portrait(
        random,
        bodies,
        3,
        "snow air leaves" if style == 2 else "leaves leaves lawn",
        random.uniform(4, 9),
        0.24,
        (0, 0, 0.05),
    )


def owls(random: Random) -> Pixels:
    style = int(random.integers(3))
    feather = inks(["4a3420 8a6a44 c8ac80", "8a8a88 c0c0bc ecebe6", "7a5228 b08848 e0c890"][style])
    disc = inks(["8a6a44 c0a478 e8d8b8", "b8b8b4 e0dfda f8f6f0", "d8b878 f0e0c0 fcf4e4"][style])
    cells, noise = Cells(random, 0.4, stagger=True), Noise(random)
    eye_y, eye_x = 0.2, 0.27

    def paint(p: Points) -> Plane:
        x, y, z = p
        first, _, value, _, way_v = cells.near(angle(x, z) * 26, y * 6.5)
        lap = ramp(feather, 0.35 + 0.35 * value + 0.5 * way_v) * (1 - 0.45 * rise(0.35, 0.6, first))[:, None]
        bars = wave(y * 7 + 0.2 * noise.solid(p, 0.4))
        lap = lap * (1 - 0.3 * rise(0.3, 0.8, bars))[:, None]
        dx, dy = abs(x) - np.float32(eye_x), y - np.float32(eye_y)
        away = length(dx, dy * 0.95)
        rays = noise.clouds(angle(dy, dx) * 8, away * 0.4, 0.7, 1.0, turn=False)
        rings = wave(away * 9)
        face = ramp(disc, 0.6 + 0.15 * rays + 0.12 * rings - 0.5 * rise(0.24, 0.14, away))
        face = mix(face, ink("241810"), (0.8 * rise(0.06, 0.02, abs(away - 0.37)))[:, None])
        return mix(lap, face, (rise(0.40, 0.36, away) * (z > 0))[:, None])

    head = blend(
        0.15,
        egg((0, 0.2, 0), (0.66, 0.52, 0.5)),
        egg((0, -0.95, -0.08), (0.8, 1.1, 0.62)),
        mirrored(egg((eye_x, eye_y, 0.32), (0.34, 0.36, 0.16))),
    )
    bodies = [Body(head, paint, 0.05, 8, 0.25, hairy(random, 0.005))]
    if style == 0 or random.random() < 0.3:
        bodies.append(Body(ear((0.38, 0.55, 0.1), (0.6, 0.95, 0.0), 0.12), mottled(random, feather[0], 0.2), 0.05))
    count = len(bodies)
    iris = one_of(random, "e8b020 f0c830 e07818 d8d040", 0.05) if style != 2 else ink("1a100c")
    bodies += eyes(Eyes((eye_x, eye_y, 0.40), 0.165, iris, random.uniform(0.45, 0.7), 1, None, 0.88), gaze(random))
    bodies.append(
        Body(
            blend(
                0.04,
                limb((0, 0.1, 0.5), (0, -0.02, 0.58), 0.075, 0.06),
                limb((0, -0.02, 0.58), (0, -0.14, 0.53), 0.06, 0.01),
            ),
            ink("3a342c" if style != 2 else "d8c8a8"),
            0.5,
            30,
        )
    )
    return portrait(random, bodies, count, "leaves leaves dark air", 3, 0.25, (0, -0.05, 0), 25)


def monkeys(random: Random) -> Pixels:
    """Apes and monkeys: a bare face in a frame of hair."""
    style = int(random.integers(4))
    hair: Colour = one_of(random, ["1a1412 2a2220", "9a4814 b86020", "6a5030 8a6a40", "a89078 c8b8a4"][style], 0.04)
    bare = one_of(random, ["3a2c26 4a3a32 c09880", "5a463a 7a6252", "d0a888 b88468", "d88a80 c06a60"][style], 0.04)
    colours = [hair * np.float32(0.7), hair, hair * np.float32(1.35)]
    regions: list[Region] = [
        ((0.16, 0.06, 0.45), (0.2, 0.19, 0.4), bare),
        ((0, -0.22, 0.5), (0.3, 0.27, 0.5), bare),
        ((0.02, -0.36, 0.7), (0.2, 0.013, 0.2), bare * np.float32(0.3)),
    ]
    paint = coat(random, colours, regions, (0, -0.05, 0.4), 0.22)
    muzzle = [
        egg((0, -0.28, 0.36), (0.33, 0.24, 0.3)),
        mirrored(limb((0.08, 0.2, 0.42), (0.26, 0.19, 0.36), 0.09)),
        limb((0, 0.1, 0.45), (0, -0.08, 0.55), 0.07, 0.07),
    ]
    head = skull((0.5, 0.55, 0.5), ((0.25, -0.05, 0.15), (0.24, 0.26, 0.26)), muzzle, 0.12)
    ears = mirrored(cut(egg((0.56, 0.02, -0.05), (0.12, 0.2, 0.1)), egg((0.6, 0.02, 0.05), (0.07, 0.13, 0.08)), 0.04))
    nostrils = mirrored(egg((0.05, -0.1, 0.6), (0.025, 0.02, 0.03)))
    bodies = [
        fur(head, paint, random),
        neck(random, 0.42, coat(random, colours, [], (0, 0, 0), 0.25)),
        Body(ears, mottled(random, bare, 0.1), 0.1, 12, 0.4),
        Body(nostrils, ink("1a100c"), 0.1),
        *eyes(
            Eyes((0.17, 0.07, 0.41), 0.1, one_of(random, "6a3c18 8a5420 3a2010"), 0.5, 1, ink("3a2a20")), gaze(random)
        ),
    ]
    return portrait(random, bodies, 2, "leaves leaves leaves air", random.uniform(4, 8), 0.23, (0, 0, 0))
