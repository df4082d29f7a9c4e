"""Frogs, snakes, turtles."""

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, angle, develop, length, mix, rise, wave
from lucarne.atlas.scenes.colour import ink, inks, one_of, ramp
from lucarne.atlas.scenes.noise import Cells, Noise, relief
from lucarne.atlas.scenes.render import Body, orbit
from lucarne.atlas.scenes.skins import clouded
from lucarne.atlas.scenes.space import (
    Points,
    Vector,
    ball,
    blend,
    cut,
    egg,
    limb,
    mirrored,
    rotated,
    union,
)
from lucarne.atlas.scenes.stage import seen, still


def frogs(random: Random) -> Pixels:
    colours = inks(
        str(
            random.choice(
                [
                    "2a5a14 5a9a28 a8d058",
                    "3a3a18 6a6a30 a09a58",
                    "a82c10 d85a18 f0a030",
                    "1a3a8a 2a6ad0 58a8e8",
                    "4a3a24 7a6440 b09868",
                ]
            )
        )
    )
    spots, noise = Cells(random, 0.8), Noise(random)
    marked = random.random() < 0.55

    def paint(p: Points) -> Plane:
        colour = ramp(colours, 0.55 + 0.15 * noise.solid(p, 0.4, 1.8))
        if marked:
            colour = mix(
                colour,
                colours[0] * np.float32(0.3),
                rise(0.34, 0.26, spots.near(p[0] * 4 + p[1] * 2, p[2] * 4)[0])[:, None],
            )
        return mix(colour, ink("e8e4c0"), (0.9 * rise(0.34, 0.22, p[1] - 0.12 * rise(0.3, 1.0, p[2])))[:, None])

    body = [
        rotated(egg((0, 0.48, -0.1), (0.48, 0.36, 0.66)), "x", -22, (0, 0.48, 0)),
        egg((0, 0.68, 0.48), (0.44, 0.26, 0.36)),
        mirrored(ball((0.26, 0.88, 0.46), 0.16)),
        mirrored(limb((0.42, 0.3, -0.45), (0.62, 0.22, 0.15), 0.24, 0.17)),
        mirrored(limb((0.62, 0.22, 0.15), (0.72, 0.05, -0.35), 0.15, 0.08)),
        mirrored(limb((0.34, 0.42, 0.35), (0.5, 0.1, 0.55), 0.12, 0.09)),
        mirrored(union(*(limb((0.5, 0.05, 0.55), (0.5 + 0.1 * side, 0.02, 0.78), 0.04) for side in (-1, 0, 1)))),
    ]
    eye = Body(
        mirrored(ball((0.3, 0.92, 0.52), 0.125)), one_of(random, "c89818 d85018 e8c840 a8b828", 0.06), 1.1, 90, 0
    )
    pupil = Body(mirrored(egg((0.385, 0.94, 0.575), (0.05, 0.04, 0.06))), ink("060606"), 1.0, 90, 0)
    frog = [Body(blend(0.09, *body), paint, 0.5, 22, 0.25, relief(random, 12, 0.004)), eye, pupil]
    turn = random.uniform(-85, 85)
    return still(
        random,
        [each.rotated("y", turn) for each in frog],
        "lawn earth leaves gravel",
        (0, 0.45, 0),
        5,
        0.23,
        (-15, 15),
        (5, 32),
    )


def snakes(random: Random) -> Pixels:
    """Coiled on the ground."""
    line: list[Vector] = []
    rounds, count = random.uniform(1.6, 2.4), 34
    for part in np.linspace(0, 1, count):
        turn = 2 * np.pi * rounds * part
        radius = 1.15 - 0.8 * part
        line.append(
            (radius * float(np.sin(turn)), 0.14 + 0.42 * float(part) ** 1.5, radius * float(np.cos(turn)) * 0.85)
        )
    last = line[-1]
    line += [(last[0] * 0.5, last[1] + 0.16, last[2] + 0.25), (0.05, last[1] + 0.3, last[2] + 0.6)]
    sizes = [
        *np.concatenate([np.linspace(0.05, 0.19, 12), np.full(count - 14, 0.19), np.linspace(0.19, 0.13, 2)]),
        0.11,
        0.1,
    ]
    bones = [limb(line[number], line[number + 1], sizes[number], sizes[number + 1]) for number in range(len(line) - 1)]
    parts = [blend(0.02, *bones[start : start + 7]) for start in range(0, len(bones), 7)]
    colours = inks(
        str(
            random.choice(
                [
                    "2a3a14 5a7a2c a8b860",
                    "5a3a1c a07840 d8b880",
                    "14100e c8a030 e8d890",
                    "7a1c10 d84828 f0e0d0",
                    "2a2a2c 6a6a6c b0b0a8",
                ]
            )
        )
    )
    scales, noise = Cells(random, 0.1, stagger=True), Noise(random)
    rate = random.uniform(2.5, 5)

    def paint(p: Points) -> Plane:
        turn = angle(p[0], p[2])
        pattern = wave(turn * np.float32(round(rate * 4)) + p[1] * 2) + 0.4 * wave(turn * np.float32(round(rate * 8)))
        first, *_ = scales.near(turn * 60, length(p[0], p[1], p[2]) * 13)
        colour = ramp(colours, 0.5 + 0.35 * rise(-0.3, 0.3, pattern) - 0.15 + 0.06 * noise.solid(p, 0.5))
        return colour * (1.1 - 0.5 * rise(0.3, 0.6, first))[:, None]

    tip = line[-1]
    head = blend(
        0.05,
        egg((tip[0], tip[1], tip[2] + 0.12), (0.17, 0.11, 0.24)),
        limb((tip[0], tip[1] - 0.02, tip[2] + 0.2), (tip[0], tip[1] - 0.04, tip[2] + 0.36), 0.11, 0.07),
    )
    eye = [
        Body(ball((tip[0] + side * 0.12, tip[1] + 0.07, tip[2] + 0.2), 0.04), ink("c89020"), 1.2, 90, 0)
        for side in (-1, 1)
    ]
    tongue = Body(
        limb((tip[0], tip[1] - 0.05, tip[2] + 0.4), (tip[0], tip[1] - 0.1, tip[2] + 0.62), 0.014), ink("a01818"), 0.2
    )
    bodies = [Body(each, paint, 0.4, 20, 0.15) for each in [*parts, head]]
    return still(random, [*bodies, *eye, tongue], "earth lawn beach gravel", (0, 0.25, 0), 5, 0.3, (-60, 60), (18, 48))


def turtles(random: Random) -> Pixels:
    """On land, under a shell of plates."""
    cells = Cells(random, 0.35, stagger=True)
    shell_colours = inks(str(random.choice(["2a1c10 6a4a20 b89040", "1c2a14 4a6428 98a850", "3a2418 7a5030 c09860"])))
    skin = clouded(
        random,
        str(random.choice(["4a4a28 7a7a48 a8a470", "6a5a40 9a8a68 c0b08c", "2a3c20 5a7038 90a060"])),
        0.3,
        1.0,
        1.2,
    )

    def plates(p: Points) -> Plane:
        first, second, *_ = cells.near(angle(p[0], p[2] + 0.001) * 7, (p[1] - 0.3) * 3.2)
        edge = second - first
        rings = wave(first * 5)
        return ramp(shell_colours, 0.75 - first + 0.1 * rings) * (0.35 + 0.65 * rise(0.02, 0.12, edge))[:, None]

    def ridges(p: Points) -> Plane:
        first, second, *_ = cells.near(angle(p[0], p[2] + 0.001) * 7, (p[1] - 0.3) * 3.2)
        return 0.03 * rise(0.0, 0.25, second - first)

    shell = cut(egg((0, 0.35, 0), (0.75, 0.62, 0.9)), egg((0, -0.35, 0), (1.2, 0.62, 1.3)), 0.08)
    stretch = random.uniform(0.0, 0.3)
    limbs = [
        limb((0, 0.35, 0.7), (0, 0.55, 1.1 + stretch), 0.17, 0.15),
        egg((0, 0.6, 1.16 + stretch), (0.16, 0.15, 0.21)),
        mirrored(limb((0.5, 0.3, 0.5), (0.72, 0.08, 0.7), 0.19, 0.15)),
        mirrored(limb((0.5, 0.3, -0.55), (0.7, 0.08, -0.75), 0.19, 0.15)),
        limb((0, 0.28, -0.8), (0, 0.2, -1.1), 0.08, 0.02),
    ]
    bodies = [
        Body(shell, plates, 0.35, 25, 0.05, ridges),
        Body(blend(0.08, *limbs), skin, 0.1, 12, 0.1, relief(random, 16, 0.006)),
        Body(mirrored(ball((0.13, 0.66, 1.26 + stretch), 0.035)), ink("0a0808"), 1.2, 90, 0),
    ]
    turn = random.uniform(-100, 100)
    camera = orbit((0, 0.4, 0), 0, random.uniform(8, 35), 5, 0.27 * random.uniform(0.9, 1.1))
    return develop(
        seen(random, [each.rotated("y", turn) for each in bodies], camera, "beach earth gravel lawn").image, random
    )
