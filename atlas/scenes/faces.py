"""Faces of animals of house and field: cats, dogs, foxes, rabbits, pigs."""

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, rise, wave
from lucarne.atlas.scenes.colour import ink, inks, one_of, vary
from lucarne.atlas.scenes.heads import Eyes, Region, coat, ear, eyes, hairy, neck, portrait, skull, whiskers
from lucarne.atlas.scenes.noise import Noise
from lucarne.atlas.scenes.render import Body, Paint
from lucarne.atlas.scenes.skins import mottled
from lucarne.atlas.scenes.space import Points, Shape, ball, blend, cut, egg, limb, mirrored

INDOORS = "wall wall leaves lawn dark"


OUTDOORS = "leaves leaves leaves air snow"


def fur(shape: Shape, paint: Paint, random: Random) -> Body:
    return Body(shape, paint, 0.06, 8, 0.25, hairy(random))


def gaze(random: Random) -> tuple[float, float]:
    return random.normal() * 0.06, random.normal() * 0.05


def cats(random: Random) -> Pixels:
    white, style = ink("f0ebe2"), int(random.integers(6))
    palettes = [
        "4a3a2a 8a7254 b89c74",
        "7a3c14 b8682c dc9850",
        "3a3a3c 68686a 98989a",
        "0c0b0a 1a1816 2a2724",
        "c8c0b4 e4ded4 f6f2ec",
        "b8a080 d8c4a4 ece0c8",
    ]
    colours = [vary(random, each, 0.05) for each in inks(palettes[style])]
    regions: list[Region] = []
    if style in (0, 1, 2) and random.random() < 0.6:
        regions += [((0.1, -0.28, 0.45), (0.3, 0.2, 0.35), white), ((0, -0.9, 0), (0.5, 0.5, 0.6), white)]
        if random.random() < 0.5:
            regions.append(((0, 0.1, 0.55), (0.06, 0.35, 0.4), white))
    if style == 5:  # points as of a Siamese
        dark = ink("3a2a22")
        regions += [((0, -0.15, 0.55), (0.34, 0.3, 0.4), dark), ((0.45, 0.65, 0), (0.25, 0.3, 0.4), dark)]
    regions.append(((0.42, 0.55, 0.16), (0.1, 0.22, 0.12), ink("c8908a")))
    base = coat(random, colours, regions, (0, -0.1, 0.5))
    stripes = _tabby(random) if style in (0, 1, 2) else None
    paint: Paint = (lambda p: base(p) * stripes(p)) if stripes else base
    muzzle = [
        mirrored(egg((0.11, -0.21, 0.48), (0.16, 0.12, 0.14))),
        egg((0, -0.33, 0.4), (0.13, 0.09, 0.12)),
        limb((0, 0.12, 0.42), (0, -0.1, 0.52), 0.13, 0.09),
    ]
    head = skull((0.6, 0.54, 0.54), ((0.27, -0.18, 0.22), (0.27, 0.22, 0.26)), muzzle, 0.14)
    ears = cut(
        ear((0.32, 0.32, -0.02), (0.46, 0.84, -0.05), 0.21),
        mirrored(limb((0.34, 0.38, 0.17), (0.46, 0.78, 0.08), 0.15, 0.01)),
        0.04,
    )
    iris = one_of(random, "98b040 c8b030 d89830 58a070 6aa0c0 b0c870", 0.08) if style != 5 else ink("58a0d8")
    slit = random.uniform(0.25, 0.85)
    bodies = [
        fur(blend(0.1, head, ears), paint, random),
        neck(random, 0.36, paint),
        *eyes(Eyes((0.24, 0.06, 0.40), 0.135, iris, 0.72, slit), gaze(random)),
        Body(
            blend(0.03, egg((0, -0.12, 0.6), (0.065, 0.045, 0.05)), ball((0, -0.16, 0.6), 0.025)),
            one_of(random, "c88080 5a3430 d89a90"),
            0.5,
            30,
        ),
        whiskers((0.14, -0.22, 0.58), random.uniform(0.5, 0.7)),
    ]
    return portrait(
        random, bodies, 2, "wall leaves" if style == 3 else INDOORS, random.uniform(3, 7), 0.22, (0, 0.02, 0)
    )


def _tabby(random: Random) -> Paint:
    """Stripes: an M on the forehead, bars on the cheeks; darkness as factors (n, 1)."""
    noise, count = Noise(random), random.uniform(6, 9)

    def factor(p: Points) -> Plane:
        x, y, _ = p
        top = wave(x * np.float32(count) * (1 + 0.25 * noise.solid(p, 0.3, 2.2)) + 0.25) * rise(0.08, 0.3, y)
        side = (
            wave((y * 1.2 + abs(x) * 0.5) * np.float32(count) + 0.3 * noise.solid(p, 0.3, 2.2))
            * rise(0.28, 0.42, abs(x))
            * rise(0.2, 0.0, y)
        )
        back = wave(y * np.float32(count * 0.6) + 0.5 * noise.solid(p, 0.25, 2.2)) * rise(-0.55, -0.75, y)
        return (1 - 0.5 * rise(0.1, 0.7, np.maximum(np.maximum(top, side), back)))[:, None]

    return factor


def dogs(random: Random) -> Pixels:
    white, style = ink("f0ebe2"), int(random.integers(5))
    palettes = [
        "8a5a28 c08a48 e0b878",
        "3a2414 5a3a20 7a5430",
        "0e0c0b 1c1917 2c2824",
        "c8bca8 e0d6c4 f2ece0",
        "6a4a30 9a7450 c0a078",
    ]
    colours = [vary(random, each, 0.05) for each in inks(palettes[style])]
    long, broad = random.uniform(0.62, 0.98), random.uniform(0.17, 0.24)
    regions: list[Region] = []
    if random.random() < 0.6:
        regions.append(((0, -0.3, 0.8), (0.3, 0.24, 0.6), white if style != 2 else ink("9a5a28")))
        regions.append(((0, 0.2, 0.5), (0.09, 0.6, 0.5), white)) if random.random() < 0.6 else None
    if style == 2:
        regions.append(((0.18, 0.22, 0.45), (0.07, 0.05, 0.2), ink("9a5a28")))
    if random.random() < 0.3:
        regions.append(((0.25, 0.12, 0.4), (0.22, 0.24, 0.4), colours[0] * np.float32(0.5)))
    regions.append(((0, -0.33, long - 0.02), (0.15, 0.015, 0.2), ink("1a1210")))
    paint = coat(random, colours, regions, (0, -0.15, long))
    muzzle = [
        limb((0, -0.1, 0.3), (0, -0.2, long), broad * 1.25, broad),
        egg((0, -0.34, long * 0.75), (broad * 0.75, 0.1, 0.25)),
        mirrored(limb((0.16, 0.2, 0.34), (0.14, 0.1, 0.42), 0.1, 0.08)),
    ]
    head = skull((0.5, 0.5, 0.52), ((0.24, -0.1, 0.15), (0.26, 0.26, 0.3)), muzzle, 0.16)
    if random.random() < 0.6:  # ears that hang
        ears = mirrored(
            blend(
                0.1,
                limb((0.38, 0.34, -0.05), (0.6, 0.1, 0.02), 0.1, 0.13),
                limb((0.6, 0.1, 0.02), (0.6, random.uniform(-0.5, -0.15), 0.08), 0.15, 0.1),
            )
        )
    else:
        ears = ear((0.3, 0.34, -0.05), (0.42, 0.86, -0.08), 0.17)
    coal = ink("0c0a09")
    bodies = [
        fur(head, paint, random),
        fur(ears, coat(random, [each * np.float32(0.75) for each in colours], [], (0, 0.3, 0)), random),
        neck(random, 0.38, paint),
        *eyes(Eyes((0.2, 0.1, 0.44), 0.118, one_of(random, "4a2810 6a3c18 2a180c 8a6030"), 0.55), gaze(random)),
        Body(
            blend(
                0.05,
                egg((0, -0.1, long + broad * 0.82), (0.11, 0.075, 0.07)),
                ball((0, -0.16, long + broad * 0.8), 0.04),
            ),
            coal,
            0.8,
            40,
        ),
    ]
    if random.random() < 0.4:  # a tongue
        bodies.append(
            Body(
                blend(0.04, limb((0.03, -0.38, long), (0.05, random.uniform(-0.62, -0.5), long + 0.08), 0.085, 0.075)),
                ink("d86a70"),
                0.6,
                30,
            )
        )
    return portrait(
        random, bodies, 3, "wall leaves" if style == 2 else INDOORS, random.uniform(2, 6), 0.23, (0, -0.05, 0.15)
    )


def foxes(random: Random) -> Pixels:
    colours = (
        [vary(random, each, 0.05) for each in inks("8a3c10 c0601c e08c40")]
        if random.random() < 0.75
        else inks("b8bcc0 dce0e4 f4f6f8")
    )
    white, black = ink("f4eee4"), ink("16110e")
    regions: list[Region] = [
        ((0.2, -0.25, 0.4), (0.26, 0.2, 0.5), white),
        ((0, -1.0, 0.0), (0.4, 0.6, 0.6), white),
        ((0.44, 0.85, 0), (0.14, 0.16, 0.3), black),
        ((0.36, 0.5, 0.14), (0.09, 0.22, 0.1), white),
    ]
    paint = coat(random, colours, regions, (0, -0.15, 0.8))
    muzzle = [
        limb((0, -0.02, 0.3), (0, -0.2, 0.9), 0.22, 0.07),
        mirrored(limb((0.2, -0.1, 0.1), (0.52, -0.3, -0.1), 0.24, 0.06)),
    ]
    head = skull((0.46, 0.42, 0.46), ((0.2, -0.1, 0.15), (0.24, 0.2, 0.26)), muzzle, 0.16)
    ears = cut(
        ear((0.28, 0.28, -0.04), (0.44, 0.92, -0.1), 0.19),
        mirrored(limb((0.3, 0.34, 0.14), (0.43, 0.86, 0.02), 0.13, 0.01)),
        0.03,
    )
    bodies = [
        fur(blend(0.08, head, ears), paint, random), neck(random, 0.36, paint),
        *eyes(Eyes((0.19, 0.05, 0.42), 0.095, one_of(random, "c88a28 a86820"), 0.6, 0.6), gaze(random)),
        Body(egg((0, -0.17, 0.96), (0.06, 0.05, 0.05)), black, 0.8, 40), whiskers((0.06, -0.22, 0.86), 0.3),
    ]  # fmt: skip
    return portrait(random, bodies, 2, OUTDOORS, random.uniform(5, 9), 0.23, (0, 0.1, 0.1))


def rabbits(random: Random) -> Pixels:
    palettes = [
        "8a7054 b09878 d0bca0",
        "c8c2ba e4e0da f8f6f2",
        "2a2624 4a4440 6a625c",
        "a06a38 c89058 e0b888",
        "6a6668 8e8a8c b4b0b2",
    ]
    colours = [vary(random, each, 0.04) for each in inks(str(random.choice(palettes)))]
    white = ink("f4f0ea")
    regions: list[Region] = [((0.1, -0.25, 0.45), (0.2, 0.16, 0.3), white)] if random.random() < 0.6 else []
    lean = random.normal() * 0.08
    if random.random() < 0.25:  # lop ears
        ears = mirrored(
            blend(
                0.1,
                limb((0.2, 0.42, -0.1), (0.62, 0.34, -0.05), 0.1, 0.11),
                limb((0.64, 0.34, -0.05), (0.76, -0.55, 0.1), 0.12, 0.1),
            )
        )
    else:
        long = mirrored(
            blend(
                0.1,
                limb((0.18, 0.4, -0.1), (0.28 + lean, 1.0, -0.16), 0.13, 0.18),
                limb((0.28 + lean, 1.0, -0.16), (0.36 + lean, 1.45, -0.2), 0.18, 0.05),
            )
        )
        ears = cut(long, mirrored(limb((0.2, 0.5, 0.06), (0.34 + lean, 1.35, -0.02), 0.1, 0.05)), 0.04)
        regions.append(((0.27 + lean, 0.95, -0.02), (0.1, 0.45, 0.08), ink("d8a098")))
    paint = coat(random, colours, regions, (0, -0.1, 0.5))
    muzzle = [limb((0, 0.05, 0.35), (0, -0.2, 0.52), 0.24, 0.15), mirrored(egg((0.09, -0.24, 0.53), (0.13, 0.1, 0.1)))]
    head = skull((0.44, 0.5, 0.5), ((0.22, -0.2, 0.15), (0.24, 0.22, 0.28)), muzzle, 0.16)
    bodies = [
        fur(blend(0.06, head, ears), paint, random), neck(random, 0.4, paint),
        *eyes(Eyes((0.36, 0.1, 0.24), 0.115, one_of(random, "3a2010 1c120c 8a2a30"), 0.75), gaze(random)),
        Body(egg((0, -0.13, 0.64), (0.05, 0.035, 0.035)), ink("c88084"), 0.3), whiskers((0.1, -0.22, 0.6), 0.5),
    ]  # fmt: skip
    return portrait(random, bodies, 2, "lawn leaves meadow wall", random.uniform(4, 8), 0.29, (0, 0.32, 0))


def pigs(random: Random) -> Pixels:
    pink = one_of(random, "e0a098 d89088 e8b4a4 c88a80 9a7068", 0.06)
    colours = [pink * np.float32(0.8), pink, np.minimum(pink * np.float32(1.2), 1)]
    regions: list[Region] = [((0.42, 0.2, 0.1), (0.2, 0.3, 0.4), ink("3a302c"))] if random.random() < 0.3 else []
    paint = coat(random, colours, regions, (0, -0.1, 0.6), 0.06, 0.12)
    long = random.uniform(0.66, 0.85)
    muzzle = [limb((0, -0.02, 0.3), (0, -0.14, long), 0.3, 0.2), egg((0, -0.38, 0.35), (0.24, 0.16, 0.25))]
    head = skull((0.54, 0.52, 0.5), ((0.3, -0.2, 0.12), (0.26, 0.26, 0.28)), muzzle, 0.2)
    snout = cut(
        egg((0, -0.14, long + 0.17), (0.21, 0.17, 0.07)),
        mirrored(egg((0.085, -0.14, long + 0.24), (0.045, 0.065, 0.09))),
        0.02,
    )
    ears = cut(
        mirrored(
            blend(
                0.1,
                limb((0.33, 0.42, 0.0), (0.52, 0.62, 0.12), 0.15, 0.13),
                limb((0.52, 0.62, 0.12), (0.6, 0.42, 0.32), 0.13, 0.03),
            )
        ),
        mirrored(egg((0.55, 0.5, 0.34), (0.12, 0.2, 0.2))),
        0.05,
    )
    bodies = [
        Body(head, paint, 0.15, 12, 0.4, hairy(random, 0.001)),
        Body(ears, paint, 0.1, 12, 0.5),
        neck(random, 0.5, paint),
        Body(snout, mottled(random, vary(random, pink * np.float32(0.85), 0.04), 0.08), 0.4, 20, 0.3),
        *eyes(Eyes((0.24, 0.14, 0.42), 0.08, ink("3a2418"), 0.6), gaze(random)),
    ]
    return portrait(random, bodies, 0, "lawn meadow earth leaves", 0, 0.25, (0, 0.02, 0.1))
