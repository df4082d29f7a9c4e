"""People, simply modelled but alive: skin, hair, clothes, glances, smiles."""

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, angle, length, mix, rise, wave
from lucarne.atlas.scenes.colour import Colour, ink, one_of, vary
from lucarne.atlas.scenes.heads import Eyes, eyes, portrait
from lucarne.atlas.scenes.noise import Noise
from lucarne.atlas.scenes.render import Body, Paint
from lucarne.atlas.scenes.skins import any_skin, mottled
from lucarne.atlas.scenes.space import (
    Points,
    Shape,
    ball,
    blend,
    cut,
    egg,
    limb,
    mirrored,
    path,
    ring,
    rotated,
    tube,
    union,
)
from lucarne.atlas.scenes.stage import still

SKIN = "f0c8a8 e8b890 d8a078 c08858 9a6440 744628 50301c e8c0a0"
HAIR = "14100e 2a1c14 4a2e1c 7a4c28 b8864a d8b878 7a4428 8a8480 d8d4cc"


def people(random: Random) -> Pixels:
    """A face that looks at us, or past us."""
    skin, hair = one_of(random, SKIN, 0.05), one_of(random, HAIR, 0.06)
    wide, long = random.uniform(0.44, 0.52), random.uniform(0.56, 0.64)
    jaw = random.uniform(0.26, 0.36)
    nose = random.uniform(0.06, 0.085)
    head = blend(
        0.14,
        egg((0, 0.05, -0.05), (wide, long, 0.54)),
        egg((0, -0.34, 0.08), (jaw, 0.26, 0.36)),
        mirrored(egg((0.22, -0.12, 0.26), (0.16, 0.15, 0.14))),
    )
    bridge = blend(0.06, limb((0, 0.12, 0.44), (0, -0.1, 0.54), 0.05, nose), mirrored(ball((0.055, -0.12, 0.48), 0.05)))
    lips = mirrored(limb((0, -0.315, 0.43), (0.09, -0.31, 0.39), 0.032, 0.018))
    ears = mirrored(cut(egg((wide + 0.0, 0.0, -0.06), (0.07, 0.15, 0.11)), ball((wide + 0.08, 0.0, 0.0), 0.07), 0.03))
    throat = limb((0, -0.4, -0.12), (0, -1.0, -0.16), 0.2, 0.24)
    face = blend(0.05, head, bridge, lips, ears, throat)
    eye = Eyes(
        (0.185, 0.06, 0.36),
        0.088,
        one_of(random, "3a2414 5a3a20 4a6a3a 3a6a9a 6a7a80 2a1a12", 0.08),
        0.45,
        1,
        ink("f0ece6"),
        0.56,
    )
    glance = random.normal() * 0.12, random.normal() * 0.06
    bodies = [
        Body(face, _complexion(random, skin), 0.14, 14, 0.35),
        Body(
            mirrored(
                cut(
                    ball((0.185, 0.062, 0.358), 0.097),
                    egg((0.185, 0.045, 0.42), (0.13, random.uniform(0.05, 0.065), 0.12)),
                    0.02,
                )
            ),
            vary(random, skin * np.float32(0.85), 0.02),
            0.1,
            12,
            0.3,
        ),
        *eyes(eye, glance),
        Body(
            mirrored(limb((0.1, 0.2, 0.45), (0.27, random.uniform(0.19, 0.24), 0.36), 0.03, 0.018)),
            hair * np.float32(0.7),
            0.05,
        ),
    ]
    bodies += _hair(random, hair, wide, long)
    shirt = (
        any_skin(random, 0.8)
        if random.random() < 0.4
        else mottled(random, one_of(random, "24405a 8a2a2a e8e4dc 2a2a30 4a6a4a c8a04a 7a5a8a d8d0c4", 0.1), 0.06)
    )
    trunk = blend(0.3, egg((0, -1.5, -0.2), (0.7, 0.55, 0.4)), mirrored(egg((0.6, -1.3, -0.2), (0.35, 0.3, 0.3))))
    bodies.append(Body(trunk, shirt, 0.05, 8, 0.1))
    if random.random() < 0.25:
        bodies.append(_glasses(random))
    return portrait(random, bodies, 0, "wall wall leaves dark air", 0, 0.23, (0, -0.1, 0), 38, (-8, 12))


def _complexion(random: Random, skin: Colour) -> Paint:
    """Redder lips and cheeks, a line between the lips, shade around the eyes, sometimes a beard."""
    noise, red = Noise(random), skin * np.array([0.92, 0.62, 0.58], np.float32)
    lip = mix(red, one_of(random, "b04048 a85a50 c07068", 0.05), random.uniform(0.2, 0.8))
    smile = random.uniform(-0.1, 0.6)
    beard = random.uniform(0.35, 0.8) if random.random() < 0.25 else 0.0
    stubble = one_of(random, HAIR, 0.05)

    def paint(p: Points) -> Plane:
        x, y, z = abs(p[0]), p[1], p[2]
        colour = (1 + 0.04 * noise.solid(p, 0.3))[:, None] * skin
        colour = mix(colour, red, (0.3 * rise(0.16, 0.02, length(x - 0.24, y + 0.12, z - 0.36)))[:, None])
        colour = mix(
            colour, skin * np.float32(0.6), (0.35 * rise(0.14, 0.06, length(x - 0.185, y - 0.06)) * (z > 0.2))[:, None]
        )
        if beard:
            chin = (
                rise(-0.12, -0.26, y + 0.35 * np.maximum(0.25 - x, 0) * (y > -0.3))
                * rise(-0.2, 0.0, z)
                * rise(-0.75, -0.55, y)
            )
            colour = mix(colour, stubble, (beard * chin * np.clip(0.8 + 0.2 * noise.solid(p, 0.9, 0.8), 0, 1))[:, None])
        curve = y + 0.318 - smile * x * x * 1.6
        front = (z > 0.3) * rise(0.145, 0.12, x)
        thick = 0.034 * (1 - (x / 0.145) ** 2) + 0.006 * wave(x * 5)
        colour = mix(colour, lip, (rise(1.1, 0.7, abs(curve) / np.maximum(thick, 0.004)) * front)[:, None])
        return mix(colour, lip * np.float32(0.22), (rise(0.011, 0.004, abs(curve)) * front)[:, None])

    return paint


def _hair(random: Random, colour: Colour, wide: float, long: float) -> list[Body]:
    noise = Noise(random)

    def strands(p: Points) -> Plane:
        streak = noise.clouds(angle(p[0], p[2]) * 6, p[1] * 0.25, 0.8, 1.0, turn=False)
        return (1 + 0.28 * streak)[:, None] * colour

    style = int(random.integers(6))
    line = random.uniform(0.3, 0.4)
    opening = egg((random.normal() * 0.04, line - 0.62, 0.55), (wide * 0.92, 0.66, 0.5))
    cap = cut(egg((0, 0.12, -0.08), (wide + 0.06, long + 0.05, 0.6)), opening, 0.06)
    short = cut(cap, egg((0, -0.75, 0.1), (1, 0.62, 1)), 0.05)
    shapes: list[Shape] = [short]
    if style == 1:  # to the shoulders
        shapes = [
            blend(
                0.12,
                cap,
                mirrored(
                    path(
                        [(wide, 0.1, -0.1), (wide + 0.08, -0.5, -0.1), (wide + 0.02, -1.05, 0.02)],
                        [0.16, 0.19, 0.1],
                        0.05,
                    )
                ),
                egg((0, -0.6, -0.4), (0.45, 0.7, 0.25)),
            )
        ]
    elif style == 2:  # a knot
        shapes = [blend(0.08, short, ball((0, 0.75, -0.25), 0.22))]
    elif style == 3:  # curls
        curls = [
            ball(
                (
                    float(0.62 * np.cos(turn)) * (wide + 0.02) / 0.5,
                    0.2 + float(0.58 * np.sin(turn)),
                    float(random.uniform(-0.2, 0.12)),
                ),
                random.uniform(0.15, 0.22),
            )
            for turn in np.linspace(-0.35, np.pi + 0.35, 11)
        ]
        shapes = [blend(0.08, short, *curls)]
    elif style == 4 and random.random() < 0.5:  # bald
        return []
    elif style == 5:  # a hat
        brim = random.uniform(0.75, 1.0)
        felt = mottled(random, one_of(random, "4a3424 2a2a30 c8b080 7a2a2a 2a4a5a d8c8a0", 0.1), 0.1)
        hat = blend(
            0.05, tube((0, 0.62, -0.08), wide + 0.06, 0.26, 0.1, wide - 0.02), tube((0, 0.36, -0.08), brim, 0.02, 0.02)
        )
        band = Body(tube((0, 0.42, -0.08), wide + 0.075, 0.05, 0.01), one_of(random, "14100e 8a2a2a e8e4dc"), 0.1)
        tilt = -random.uniform(2, 12)
        return [Body(short, strands, 0.2, 12, 0.2), Body(hat, felt, 0.05).rotated("x", tilt), band.rotated("x", tilt)]
    return [Body(shape, strands, 0.25, 12, 0.2) for shape in shapes]


def _glasses(random: Random) -> Body:
    rim = rotated(ring((0.19, 0.06, 0.5), 0.13, 0.014), "x", 90, (0.19, 0.06, 0.5))
    frame = union(
        mirrored(rim),
        limb((-0.06, 0.08, 0.5), (0.06, 0.08, 0.5), 0.014),
        mirrored(limb((0.32, 0.08, 0.48), (0.5, 0.06, -0.05), 0.014)),
    )
    return Body(frame, one_of(random, "14100e 8a2a2a c8a050 4a4a50"), 0.6, 40)


def dolls(random: Random) -> Pixels:
    """Whole figures, small, with arms that do something: walking, waving, dancing."""
    bodies: list[Body] = []
    count = int(random.choice([1, 1, 2, 3]))
    for number in range(count):
        x = (number - (count - 1) / 2) * 1.25 + random.normal() * 0.05
        turn = random.uniform(-35, 35)
        bodies += [each.rotated("y", turn).moved((x, 0, random.normal() * 0.2)) for each in _figure(random)]
    return still(
        random,
        bodies,
        "lawn street beach meadow table",
        (0, 1.25, 0),
        6,
        0.2 if count == 1 else 0.16 + 0.08 * count,
        (-25, 25),
        (2, 18),
    )


def _figure(random: Random) -> list[Body]:
    skin, hair = one_of(random, SKIN, 0.05), one_of(random, HAIR, 0.06)
    shirt, trousers = (
        one_of(random, "c83a2e 2a6a9a e8b830 4a8a4a f0ece4 8a4a8a e87a3a 2a2a34", 0.1),
        one_of(random, "24304a 3a3a3e 6a5a44 8a7a60 2a4a3a 7a2a34", 0.1),
    )
    stride, left, right = (
        random.uniform(0, 0.3) * random.choice([-1, 1]),
        random.uniform(-50, 130),
        random.uniform(-50, 130),
    )
    skirt = random.random() < 0.35
    legs = [
        limb((0.14, 0.95, 0), (0.16, 0.5, stride * 0.6), 0.14, 0.11),
        limb((0.16, 0.5, stride * 0.6), (0.16, 0.1, stride * 0.9 - 0.04), 0.11, 0.08),
        limb((-0.14, 0.95, 0), (-0.16, 0.5, -stride * 0.6), 0.14, 0.11),
        limb((-0.16, 0.5, -stride * 0.6), (-0.16, 0.1, -stride * 0.9 - 0.04), 0.11, 0.08),
    ]
    feet = union(
        egg((0.17, 0.07, stride * 0.9 + 0.05), (0.09, 0.07, 0.17)),
        egg((-0.17, 0.07, -stride * 0.9 + 0.05), (0.09, 0.07, 0.17)),
    )
    trunk = blend(0.15, egg((0, 1.5, 0), (0.3, 0.38, 0.2)), egg((0, 1.08, 0), (0.26, 0.25, 0.19)))
    sleeves, hands = [], []
    for side, lift in ((1, right), (-1, left)):
        turn = np.radians(lift - 60)
        elbow = (side * (0.3 + 0.34 * float(np.cos(turn))), 1.68 + 0.34 * float(np.sin(turn)), 0.05)
        bend = turn + np.radians(random.uniform(0, 60))
        hand = (elbow[0] + side * 0.32 * float(np.cos(bend)), elbow[1] + 0.32 * float(np.sin(bend)), 0.15)
        sleeves.append(limb((side * 0.27, 1.7, 0), elbow, 0.1, 0.085))
        hands += [limb(elbow, hand, 0.075, 0.06), ball(hand, 0.08)]
    head = blend(
        0.05, egg((0, 2.15, 0), (0.21, 0.26, 0.23)), limb((0, 1.9, 0), (0, 2.0, 0), 0.09), ball((0, 2.12, 0.23), 0.045)
    )
    cap = cut(egg((0, 2.2, -0.03), (0.24, 0.28, 0.26)), egg((0, 2.02, 0.25), (0.3, 0.26, 0.22)), 0.03)
    bodies = [
        Body(
            blend(0.1, trunk, *sleeves),
            any_skin(random, 0.6) if random.random() < 0.4 else mottled(random, shirt, 0.07),
            0.05,
        ),
        Body(union(head, *hands, *(legs if skirt else [])), mottled(random, skin, 0.04), 0.1, 14, 0.3),
        Body(cap, mottled(random, hair, 0.15), 0.15, 12),
        Body(feet, one_of(random, "2a1c14 14100e 8a2a2a e8e4dc"), 0.3),
        Body(mirrored(ball((0.08, 2.18, 0.19), 0.032)), ink("14100e"), 0.8, 60, 0),
    ]
    if skirt:
        bodies.append(Body(tube((0, 0.82, 0), 0.42, 0.32, 0.04, 0.2), mottled(random, trousers, 0.07), 0.05))
    else:
        bodies.append(
            Body(blend(0.06, *legs, egg((0, 0.98, 0), (0.25, 0.16, 0.18))), mottled(random, trousers, 0.07), 0.05)
        )
    return bodies
