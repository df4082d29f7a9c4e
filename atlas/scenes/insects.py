"""Butterflies, ladybirds, bees, and spiders, which are none."""

import numpy as np

from lucarne.atlas.scenes.canvas import (
    Pixels,
    Plane,
    Random,
    angle,
    covered,
    develop,
    lay,
    length,
    mix,
    rise,
    sheet,
    shifted,
    turned,
    wave,
)
from lucarne.atlas.scenes.colour import Colour, ink, inks, one_of, ramp, vary
from lucarne.atlas.scenes.creatures import upon
from lucarne.atlas.scenes.noise import Cells, Noise, relief
from lucarne.atlas.scenes.relief import lit
from lucarne.atlas.scenes.render import Body
from lucarne.atlas.scenes.skins import banded, clouded, mottled
from lucarne.atlas.scenes.space import (
    Points,
    ball,
    blend,
    cut,
    egg,
    limb,
    mirrored,
    path,
    rotated,
    union,
)
from lucarne.atlas.scenes.stage import garden, still

BUTTERFLIES = [
    ("e87818", "14100e"),
    ("2a6ad0", "0c1018"),
    ("f0d840", "2a2018"),
    ("f0ece0", "2a2622"),
    ("c83018", "1c1010"),
    ("6a3a8a", "18101c"),
    ("38a888", "0c1c18"),
    ("d8a868", "4a2c18"),
]


def butterflies(random: Random) -> Pixels:
    """Wings spread on a flower or a leaf: veins, borders, eyes."""
    x, y = sheet()
    image = garden(random) * np.float32(random.uniform(0.6, 1))
    tilt, size = random.uniform(-50, 50), random.uniform(0.72, 0.98)
    px, py = turned(x - np.float32(random.normal() * 0.06), y - np.float32(random.normal() * 0.06), tilt)
    px, py = px / np.float32(size), py / np.float32(size)
    if random.random() < 0.6:
        petals = length(px + 0.1, py + 0.2) - np.float32(0.55) - 0.14 * wave(angle(py + 0.2, px + 0.1) * 12)
        lay(
            image,
            covered(petals),
            one_of(random, "d878a8 a868c8 e8e0f0 e8c040", 0.1)
            * (0.7 + 0.3 * wave(angle(py + 0.2, px + 0.1) * 12 + 0.25))[..., None]
            * np.float32(0.7),
        )
    main, dark = (ink(each) for each in BUTTERFLIES[int(random.integers(len(BUTTERFLIES)))])
    main = vary(random, main, 0.1)
    other = one_of(random, "f4ece0 e8c040 e87818 60a8e8", 0.1)
    ax, fold = abs(px), random.uniform(0.72, 1.0)
    side = ax / np.float32(fold)
    upper = _wing(side, py, (0.5, 0.34), (0.58, 0.4), 32, random)
    lower = _wing(side, py, (0.38, -0.34), (0.42, 0.42), -38, random)
    dark_edge, spots = random.uniform(0.07, 0.16), Cells(random, 0.3)
    whole = np.zeros_like(x)
    veins = rise(0.82, 0.95, wave(angle(py + 0.02, side + 0.05) * random.uniform(16, 24)))
    noise = Noise(random)
    lift = random.uniform(0.06, 0.2)
    away = covered(np.minimum(_moved(upper, 9), _moved(lower, 9)) * np.float32(size), 14)
    image *= (1 - 0.5 * away)[..., None]
    for wing, inner in ((lower, -0.3), (upper, 0.3)):
        cover = covered(wing * np.float32(size))
        depth = -wing
        colour = mix(main, other, (0.75 * rise(0.25, 0.02, length(side - 0.42, py - inner)) * (size > 0.85))[..., None])
        colour = colour * (0.82 + 0.3 * rise(0, 0.3, depth) + 0.05 * noise.grain(px, py, 0.4))[..., None]
        colour = mix(colour, dark, (0.8 * veins)[..., None])
        border = rise(dark_edge * 1.1, dark_edge * 0.8, depth + 0.02 * noise.clouds(px, py, 0.5))
        pearls = rise(0.24, 0.16, spots.near(side * 13, py * 13)[0]) * rise(dark_edge * 0.85, dark_edge * 0.55, depth)
        colour = mix(mix(colour, dark, border[..., None]), other, (pearls * border)[..., None])
        eye = length(side - 0.6, py - np.float32(inner * 1.25))
        for radius, digits in ((0.11, "14100e"), (0.08, "e8c040"), (0.05, "2a4a9a"), (0.02, "f4f4f4")):
            if tilt > -10:
                colour = mix(colour, ink(digits), rise(radius, radius - 0.015, eye)[..., None])
        lay(image, cover, colour * (1 - lift * rise(0.3, 0.0, side))[..., None])
        whole = np.maximum(whole, cover)
    trunk = length(px / 0.05, np.maximum(abs(py + 0.05) - 0.24, 0) / 0.05) - 1
    trunk = np.minimum(trunk, length(px, py - 0.26) / 0.06 - 1)
    lay(image, covered(trunk * 0.05), ramp(inks("0c0a08 3a2c20 6a5440"), 0.5 + px * 6 + 0.2 * wave(py * 12)))
    feeler = abs(ax - 0.02 - 0.35 * (py - 0.3)) + rise(0.58, 0.6, py) + rise(0.3, 0.28, py)
    lay(image, covered(np.minimum(feeler - 0.007, length(ax - 0.125, py - 0.59) - 0.022)), dark)
    height = 0.12 * whole * side * lift * 3 + 0.006 * veins * whole + 0.08 * covered(trunk * 0.05, 12)
    shaded = lit(random, height.astype(np.float32), image, 1, 0.1, 8, 0.2)
    return develop(mix(image, shaded * np.float32(1.1), whole[..., None]).astype(np.float32), random)


def _wing(
    x: Plane, y: Plane, at: tuple[float, float], radii: tuple[float, float], lean: float, random: Random
) -> Plane:
    """A rounded triangle with a scalloped edge, as a distance."""
    along, across = turned(x - np.float32(at[0]), y - np.float32(at[1]), lean)
    a, b = along / np.float32(radii[0]), across / np.float32(radii[1])
    edge = np.sqrt(length(a * a, b * b)) * np.clip(1 + 0.14 * b * np.sign(lean) + 0.15 * a, 0.6, 1.4)
    return (edge - 0.86 + 0.02 * wave(angle(b, a) * np.float32(random.integers(7, 12)))) * np.float32(min(radii))


def _moved(plane: Plane, by: int) -> Plane:
    return shifted(plane, by, -by)


def ladybirds(random: Random) -> Pixels:
    red, dots = one_of(random, "c81c10 d83818 e88a18 b01018 d8b020 14100e", 0.06), Cells(random, 0.4)
    spot = ink("c81c10") if float(red[0]) < 0.05 else ink("0c0a0a")
    scale = random.uniform(2.6, 3.6)

    def paint(p: Points) -> Plane:
        first, *_ = dots.near(abs(p[0]) * np.float32(scale) + 0.3, p[2] * np.float32(scale))
        colour = mix(red, spot, rise(0.29, 0.25, first)[:, None])
        return mix(colour, ink("0c0a0a"), rise(0.022, 0.012, abs(p[0]))[:, None])

    shell = cut(egg((0, 0.2, -0.1), (0.62, 0.56, 0.74)), egg((0, -0.32, 0), (1, 0.42, 1)), 0.05)
    front = blend(0.05, egg((0, 0.3, 0.5), (0.42, 0.26, 0.26)), egg((0, 0.22, 0.74), (0.24, 0.18, 0.16)))

    def collar(p: Points) -> Plane:
        white = rise(0.16, 0.12, length(abs(p[0]) - 0.27, (p[1] - 0.36) * 0.7, p[2] - 0.6))
        return mix(ink("0e0c0c"), ink("f0ece0"), white[:, None])

    legs = union(
        *(limb((0.4, 0.2, z), (0.78, 0.02, z * 1.5 + 0.1), 0.045, 0.03) for z in (-0.35, 0.0, 0.35)),
        limb((0.12, 0.3, 0.82), (0.3, 0.42, 1.08), 0.025, 0.03),
    )
    beetle = [
        Body(shell, paint, 0.9, 70, 0.15),
        Body(front, collar, 0.7, 50),
        Body(mirrored(legs), ink("100e0c"), 0.4, 20),
    ]
    turn = random.uniform(0, 360)
    tip = random.uniform(-14, 14)
    beetle = [each.rotated("y", turn).rotated("z", tip) for each in beetle]
    return upon(random, beetle, 0.26, (25, 60))


def bees(random: Random) -> Pixels:
    """Bees and bumblebees on a flower."""
    noise = Noise(random)
    gold, coal = one_of(random, "d89818 e8b030 c88a20", 0.05), ink("14100c")

    def paint(p: Points) -> Plane:
        band = rise(-0.15, 0.15, wave(p[2] * 3.1 + 0.3))
        colour = mix(gold, coal, band[:, None])
        colour = mix(colour, gold * np.float32(0.8), rise(0.02, 0.1, p[2])[:, None])
        return colour * (1 + 0.14 * noise.solid(p, 1.2, 0.8))[:, None]

    fat = random.uniform(0.24, 0.36)
    body = blend(0.06, egg((0, 0.42, -0.45), (fat, fat * 0.95, 0.5)), ball((0, 0.46, 0.2), fat * 0.95))
    head = blend(0.05, ball((0, 0.38, 0.55), 0.2), limb((0, 0.3, 0.7), (0, 0.1, 0.78), 0.05, 0.02))
    wings = mirrored(
        union(
            rotated(egg((0.52, 0.74, -0.2), (0.42, 0.015, 0.18)), "y", 32, (0.15, 0.7, 0)),
            rotated(egg((0.42, 0.72, -0.45), (0.3, 0.015, 0.13)), "y", 50, (0.15, 0.7, -0.2)),
        )
    )
    legs = union(
        *(limb((0.2, 0.3, z), (0.42, 0.02, z * 1.6), 0.04, 0.025) for z in (-0.2, 0.05, 0.3)),
        limb((0.07, 0.48, 0.68), (0.18, 0.55, 0.92), 0.02),
    )
    bee = [
        Body(body, paint, 0.1, 8, 0.3, relief(random, 16, 0.006)),
        Body(head, coal, 0.4, 25),
        Body(mirrored(egg((0.14, 0.42, 0.62), (0.07, 0.12, 0.09))), ink("2a1810"), 0.9, 60),
        Body(mirrored(legs), coal, 0.3),
        Body(wings, ink("a8b0b8"), 0.9, 30, 0.5),
    ]
    turn = random.uniform(0, 360)
    bee = [each.rotated("y", turn) for each in bee]
    petal_colour, count = one_of(random, "e8e0f0 d870a8 f0d040 a070c8 f4f0ec 7a90d8", 0.08), int(random.integers(7, 14))
    petals = union(
        *(rotated(egg((0, -0.06, 1.05), (0.36, 0.06, 0.72)), "y", 360 * number / count) for number in range(count))
    )
    knob = Body(
        egg((0, -0.06, 0), (0.55, 0.14, 0.55)),
        clouded(random, "a86c10 d8a020 f0cc50", 0.3, 1.2, 0.9),
        0.1,
        10,
        0.2,
        relief(random, 14, 0.02),
    )
    flower = [Body(petals, mottled(random, petal_colour, 0.06), 0.15, 12, 0.4), knob]
    return still(random, [*bee, *flower], "leaves", (0, 0.3, 0), 5, 0.27, (-40, 40), (22, 55))


def spiders(random: Random) -> Pixels:
    """On the ground, or hanging in a web."""
    colour = one_of(random, "2a1c14 14100e 5a4430 7a5a38", 0.06)
    skin = clouded(random, "0e0a08 " + ("3a2a1c" if float(colour[0]) < 0.05 else "6a4a30") + " a08058", 0.25, 0.8, 1.4)
    if random.random() < 0.5:
        return _web(random, colour)
    joints = []
    for number, spread in enumerate((-62, -22, 22, 62)):
        turn = np.radians(spread + random.normal() * 6)
        reach = 1.0 + 0.15 * abs(number - 1.5)
        x, z = float(np.cos(turn)), float(np.sin(turn))
        lift = random.uniform(0.45, 0.65)
        joints.append(
            path(
                [
                    (0.12 * x, 0.26, 0.22 + 0.12 * z),
                    (0.5 * reach * x, lift, 0.22 + 0.55 * reach * z),
                    (0.82 * reach * x, 0.38, 0.22 + 0.85 * reach * z),
                    (1.12 * reach * x, 0.02, 0.22 + 1.12 * reach * z),
                ],
                [0.055, 0.055, 0.045, 0.022],
            )
        )
    trunk = blend(
        0.05,
        egg((0, 0.26, 0.22), (0.2, 0.15, 0.24)),
        egg((0, 0.34, -0.4), (random.uniform(0.28, 0.42), 0.32, 0.48)),
        mirrored(limb((0.06, 0.25, 0.42), (0.1, 0.2, 0.62), 0.05, 0.03)),
    )
    bodies = [
        Body(trunk, skin, 0.15, 12, 0.1, relief(random, 14, 0.008)),
        Body(mirrored(union(*joints)), banded(random, colour, colour * np.float32(2.2), 3, 0, 0.5), 0.15, 12),
        Body(
            mirrored(union(ball((0.05, 0.37, 0.4), 0.03), ball((0.12, 0.35, 0.36), 0.022))), ink("060606"), 1.3, 90, 0
        ),
    ]
    turn = random.uniform(0, 360)
    return upon(random, [each.rotated("y", turn) for each in bodies], 0.28, (22, 65))


def _web(random: Random, colour: Colour) -> Pixels:
    x, y = sheet()
    image = garden(random) * np.float32(random.uniform(0.3, 0.7))
    px, py = x - np.float32(random.normal() * 0.15), y - np.float32(random.normal() * 0.15)
    radius, turns = length(px, py * np.float32(random.uniform(0.85, 1.1))), angle(py, px)
    spokes = int(random.integers(14, 24))
    shift = turns * spokes
    chance = random.normal(size=64).astype(np.float32) * 0.12
    part = shift - np.floor(shift)
    sag = radius * (1 + 0.16 / spokes * 14 * (part - 0.5) ** 2 * -1 + 0.04)
    rounds = sag * np.float32(random.uniform(11, 17)) + chance[(np.floor(shift).astype(np.int32)) & 63]
    ring = abs(rounds - np.rint(rounds)) / np.float32(14)
    spoke = abs(shift - np.rint(shift)) * radius * np.float32(2 * np.pi / spokes)
    silk = np.maximum(rise(0.011, 0.003, ring) * (radius < 1.25) * (radius > 0.1), rise(0.009, 0.002, spoke))
    drops = (
        rise(0.4, 0.15, Cells(random, 0.9).near(turns * 70, np.rint(rounds))[0])
        * rise(0.014, 0.006, ring)
        * (random.random() < 0.6)
    )
    glint = 0.55 + 0.35 * Noise(random).clouds(x, y, 0.15, 2)
    image = image + (silk * np.clip(glint, 0.15, 1.4) * 0.8 + drops)[..., None] * ink("eef2f4")
    size, tilt = random.uniform(0.1, 0.16), random.uniform(0, 360)
    ax, ay = turned(px, py, tilt)
    ax, ay = ax / np.float32(size), ay / np.float32(size)
    legs = np.full_like(x, 9)
    for spread in (-65, -25, 25, 65):
        turn = np.radians(spread)
        bend = abs(ax) - 0.9 * np.clip(length(ax, ay) / 2.2, 0, 1) * 0
        along, across = turned(bend, ay, float(np.degrees(turn)))
        legs = np.minimum(
            legs,
            np.maximum(
                abs(across - 0.12 * np.sin(np.clip(along, 0, 2.4).astype(np.float64) * 1.3) * np.sign(spread)) - 0.09,
                np.maximum(-along, along - 2.3),
            ).astype(np.float32),
        )
    trunk = np.minimum(length(ax / 0.75, (ay + 0.8) / 0.95) - 1, length(ax / 0.45, (ay - 0.3) / 0.5) - 1)
    lay(image, covered(legs * np.float32(size)), colour * np.float32(0.7))
    lay(
        image,
        covered(trunk * np.float32(size * 0.6)),
        ramp(
            [colour * np.float32(0.5), colour * np.float32(1.6), colour * np.float32(3)],
            0.4 + 0.4 * ax + 0.3 * wave(ay * 1.5),
        ),
    )
    return develop(image.astype(np.float32), random)
