"""What stands out in a country: lighthouses, windmills, bridges, tents, temples."""

import numpy as np

from lucarne.atlas.scenes.birds import afloat
from lucarne.atlas.scenes.buildings import gable, house, roof_tiles, trees
from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, angle, mix, rise, wave
from lucarne.atlas.scenes.colour import ink, one_of
from lucarne.atlas.scenes.noise import Noise, relief
from lucarne.atlas.scenes.render import Body
from lucarne.atlas.scenes.skins import banded, clouded, mottled, segments
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
    ring,
    rotated,
    tube,
    union,
)
from lucarne.atlas.scenes.stage import still


def lighthouses(random: Random) -> Pixels:
    one, other = one_of(random, "c8201c 1c3a6a 1a1a1c 2a6a5a f0ece4", 0.05), ink("f0ece4")
    high = random.uniform(2.2, 2.8)
    style = int(random.integers(3))
    paint = (
        banded(random, one, other, random.uniform(0.7, 1.2))
        if style == 0
        else mottled(random, other if style == 1 else one, 0.04)
    )
    if style == 2:
        paint = segments(one, other, 2, 0.5)

    def body_paint(p: Points) -> Plane:
        colour = paint(p)
        level = p[1] * 1.6
        hole = (abs(angle(p[0], p[2])) < 0.03) & (abs(level - np.rint(level)) < 0.13) & (p[1] > 0.3)
        return np.where(hole[:, None], ink("1c2228"), colour)

    tower = lathe((0, 0, 0), [(0.0, 0.5), (0.1, 0.46), (high, 0.28)], smooth=20)
    gallery = union(
        tube((0, high, 0), 0.4, 0.05, 0.01),
        ring((0, high + 0.24, 0), 0.38, 0.015),
        *(
            limb(
                (0.38 * float(np.sin(turn)), high, 0.38 * float(np.cos(turn))),
                (0.38 * float(np.sin(turn)), high + 0.24, 0.38 * float(np.cos(turn))),
                0.012,
            )
            for turn in np.linspace(0, 2 * np.pi, 10)[:-1]
        ),
    )
    lantern = tube((0, high + 0.24, 0), 0.22, 0.22, 0.01)

    def glass(p: Points) -> Plane:
        return mix(
            ink("ffe8a0") * np.float32(1.4), ink("2a2a2c"), rise(0.75, 0.9, abs(wave(angle(p[0], p[2]) * 4)))[:, None]
        )

    cap = lathe((0, high + 0.44, 0), [(0, 0.28), (0.22, 0.1), (0.4, 0.02)], smooth=20)
    rocks = [
        egg(
            (random.normal() * 0.6, -0.12, random.normal() * 0.4),
            (random.uniform(0.35, 0.8), random.uniform(0.2, 0.36), random.uniform(0.35, 0.6)),
        )
        for _ in range(6)
    ]
    stone = clouded(random, "3a3834 6a655c 9a9488", 0.3, 0.9, 1.3)
    bodies = [
        Body(tower, body_paint, 0.15, 15),
        Body(gallery, ink("2a2a2c"), 0.3),
        Body(lantern, glass, 0.6, 50, glow=0.5),
        Body(cap, one if style != 1 else ink("8a1c1c"), 0.4, 30),
        Body(blend(0.12, *rocks), stone, 0.05, 8, 0, relief(random, 5, 0.03)),
    ]
    if random.random() < 0.5:
        bodies += [each.rotated("y", 60).moved((0.85, 0.05, -0.2)) for each in house(random, (0.32, 0.42), 0.4, 0.32)]
    turn = random.uniform(-60, 60)
    return afloat(random, [each.rotated("y", turn) for each in bodies], (0, 1.55, 0), 0.32, (1, 10))


def windmills(random: Random) -> Pixels:
    modern = random.random() < 0.3
    roll = random.uniform(0, 90)
    if modern:
        high = 2.4
        tower = lathe((0, 0, 0), [(0, 0.13), (high, 0.06)], smooth=2)
        blades = [
            rotated(
                blend(
                    0.03, limb((0, 0.08, 0), (0, 0.35, 0), 0.05, 0.07), limb((0, 0.35, 0), (0, 1.25, 0), 0.07, 0.015)
                ),
                "z",
                turn + roll,
            )
            for turn in (0, 120, 240)
        ]
        rotor = moved(union(*blades, egg((0, 0, 0.05), (0.09, 0.09, 0.14))), (0, high, 0.2))
        bodies = [
            Body(union(tower, block((0, high, 0), (0.08, 0.09, 0.2), 0.03)), ink("f0f0ee"), 0.3, 25),
            Body(rotor, ink("f4f4f2"), 0.3, 25),
        ]
    else:
        high = random.uniform(1.5, 1.8)
        plaster = one_of(random, "f0ece4 a87850 6a5040 c8b898 8a4a34", 0.06)
        base = banded(random, plaster, plaster * np.float32(0.85), 7)

        def paint(p: Points) -> Plane:
            turn = angle(p[0], p[2])
            door = (abs(turn) < 0.05) & (p[1] < 0.45)
            window = (abs(turn) < 0.035) & (abs(p[1] - 0.9) < 0.1)
            return np.where((door | window)[:, None], ink("3a2418"), base(p))

        tower = lathe((0, 0, 0), [(0, 0.62), (high, 0.38)], smooth=2)
        cap = blend(0.05, egg((0, high, 0), (0.46, 0.4, 0.48)))
        arms: list[Shape] = []
        for turn in (0, 90, 180, 270):
            slats = union(
                limb((0, 0, 0), (0, 1.25, 0), 0.035),
                limb((0.26, 0.3, 0), (0.26, 1.22, 0), 0.016),
                *(limb((0, level, 0), (0.26, level, 0), 0.016) for level in np.linspace(0.3, 1.22, 7).tolist()),
            )
            arms.append(rotated(slats, "z", turn + roll))
        bodies = [
            Body(tower, paint, 0.05),
            Body(
                cut(cap, block((0, high - 0.55, 0), (1, 0.5, 1), 0), 0.02),
                roof_tiles(random, "5a3a28 3a4048 7a3a24"),
                0.05,
            ),
        ]
        cloth = random.random() < 0.4
        bodies += [
            Body(moved(arm, (0, high + 0.08, 0.55)), ink("f0e8d8") if cloth else ink("6a4a30"), 0.05) for arm in arms
        ]
    turn = random.uniform(-50, 50)
    return still(
        random,
        [each.rotated("y", turn) for each in bodies],
        "meadow meadow lawn beach",
        (0, 1.35 if modern else 1.2, 0),
        8,
        0.27 if modern else 0.25,
        (-5, 5),
        (1, 14),
    )


def bridges(random: Random) -> Pixels:
    """Of stone with arches, or hung from ropes, over water."""
    if random.random() < 0.5:
        stone = clouded(
            random,
            str(random.choice(["6a6660 8a857c b0a89c", "8a7050 b09468 d0b890", "7a4030 9a5844 b87860"])),
            0.3,
            0.7,
            1.3,
        )
        spans, long = int(random.integers(2, 5)), 2.4
        wide, rise_ = long / spans, random.uniform(0.0, 0.35)
        top = 0.84 * wide + random.uniform(0.1, 0.2)
        deck = union(
            block((0, top / 2 - 0.1, 0), (3.4, top / 2 + 0.1, 0.42), 0.01),
            mirrored_z(block((0, top + 0.05, 0.38), (3.4, 0.08, 0.05), 0.01)),
        )
        holes = union(
            *(
                moved(
                    rotated(tube((0, 0, 0), wide * 0.84, 1.0, 0), "x", 90),
                    ((number - (spans - 1) / 2) * 2 * wide, -0.1, 0),
                )
                for number in range(spans)
            )
        )
        arch: Shape = cut(deck, holes, 0.01)
        if rise_:
            arch = Shape(
                lambda p, inner=arch: (
                    inner.distance(np.stack([p[0], p[1] + np.float32(rise_) * (p[0] / 2.2) ** 2, p[2]]))
                    * np.float32(0.85)
                ),
                (0, 0.4, 0),
                3.6,
            )

        def blocks(p: Points) -> Plane:
            course = p[1] * 8
            column = p[0] * 4 + 0.5 * (np.floor(course) % 2)
            joint = np.minimum(abs(course - np.rint(course)), abs(column - np.rint(column)) * 2)
            return stone(p) * (0.75 + 0.25 * rise(0.04, 0.15, joint))[:, None]

        bodies = [Body(arch, blocks, 0.03)]
    else:
        colour = one_of(random, "b83020 c8482c 5a6a7a 2a6a5a 8a8a88", 0.06)
        towers = [
            union(
                mirrored_z(block((x, 1.0, 0.32), (0.09, 1.25, 0.07), 0.01)),
                block((x, 1.9, 0), (0.08, 0.08, 0.36), 0.01),
                block((x, 1.2, 0), (0.08, 0.06, 0.36), 0.01),
            )
            for x in (-1.25, 1.25)
        ]
        deck = block((0, 0.62, 0), (4.2, 0.06, 0.38), 0.01)
        cables: list[Shape] = []
        for start, end, low in ((-1.25, 1.25, 0.85), (-3.6, -1.25, 0.7), (1.25, 3.6, 0.7)):
            at = np.linspace(start, end, 9)
            middle = (start + end) / 2 if abs(start + end) < 0.1 else (start if start < -2 else end)
            reach = max(abs(end - middle), abs(start - middle))
            high = low + (2.2 - low) * ((at - middle) / reach) ** 2
            points = [(float(x), float(y), 0.33) for x, y in zip(at, high, strict=True)]
            cables += [limb(points[number], points[number + 1], 0.03) for number in range(8)]
            cables += [limb(point, (point[0], 0.65, 0.33), 0.012) for point in points[1:-1]]
        bodies = [
            Body(union(*towers), colour, 0.3, 25),
            Body(deck, colour, 0.2, 20),
            Body(mirrored_z(union(*cables)), colour, 0.3, 25),
        ]
    turn = random.uniform(15, 50) * random.choice([-1, 1])
    return afloat(random, [each.rotated("y", turn) for each in bodies], (0, 0.85, 0), 0.34, (2, 14))


def mirrored_z(shape: Shape) -> Shape:
    return rotated(mirrored(rotated(shape, "y", 90)), "y", -90)


def tents(random: Random) -> Pixels:
    """In a camp, or of a circus."""
    one, other = (
        one_of(random, "e87818 c8241c 2a7a4a 2a6a9a e8b828 d8c8a0 5a6a3a", 0.08),
        one_of(random, "f4ece0 e8c840 1c3a6a c8c0b0", 0.05),
    )
    if random.random() < 0.45:
        top = lathe((0, 0, 0), [(0, 1.0), (0.6, 1.02), (0.66, 1.12), (0.9, 0.7), (1.7, 0.05)], 16, 0.015, 8)
        paint = segments(one, other, 8)

        def canvas(p: Points) -> Plane:
            door = (abs(angle(p[0], p[2])) < 0.05) & (p[1] < 0.5)
            return np.where(door[:, None], ink("2a1c18"), paint(p))

        pole = limb((0, 1.6, 0), (0, 2.1, 0), 0.025)
        flag = block((0.2, 2.0, 0), (0.2, 0.09, 0.012), 0.01)
        bodies = [Body(top, canvas, 0.1, 10, 0.35), Body(pole, ink("8a6a40"), 0.1), Body(flag, one, 0.05, soft=0.4)]
    else:
        high, wide, long = random.uniform(0.95, 1.2), random.uniform(0.75, 0.9), random.uniform(0.9, 1.2)
        skin = gable((0, 0, 0), (wide, long), high, 0.0)
        opening = gable((0, -0.02, long), (wide * 0.55, 0.5), high * 0.78, 0.0)
        noise = Noise(random)

        def cloth(p: Points) -> Plane:
            return (
                mix(np.broadcast_to(one, (p.shape[1], 3)), other, rise(0.22, 0.18, p[1])[:, None])
                * (1 + 0.08 * noise.solid(p, 0.4, 2))[:, None]
            )

        ropes = mirrored(
            union(
                *(limb((wide * 0.6, high * 0.4, z), (wide + 0.5, 0, z * 1.2), 0.012) for z in (-long * 0.9, long * 0.9))
            )
        )
        bodies = [Body(cut(skin, opening, 0.02), cloth, 0.12, 12, 0.35), Body(ropes, ink("d8d0c0"), 0)]
    bodies += trees(random, int(random.integers(0, 3)), 1.3)
    turn = random.uniform(-50, 50)
    return still(
        random,
        [each.rotated("y", turn) for each in bodies],
        "meadow lawn beach snow",
        (0, 0.75, 0),
        7,
        0.23,
        (-5, 5),
        (4, 22),
    )


def temples(random: Random) -> Pixels:
    """Columns under a gable."""
    marble = clouded(
        random,
        str(random.choice(["b8b0a0 d8d0c0 f0eae0", "a88860 c8a880 e0c8a0", "c0b8b0 dcd8d4 f4f2f0"])),
        0.25,
        0.6,
        1.5,
    )
    count, wide, long, high = (
        int(random.integers(4, 7)),
        random.uniform(1.0, 1.25),
        random.uniform(0.9, 1.4),
        random.uniform(0.85, 1.1),
    )
    radius = wide / count * 0.42
    spots = [(x, long) for x in np.linspace(-wide + radius, wide - radius, count).tolist()] + [
        (side * (wide - radius), z) for side in (-1, 1) for z in np.linspace(long, -long, count)[1:].tolist()
    ]
    pillars = [
        Body(
            lathe(
                (x, 0.2, z),
                [(0, radius * 1.3), (0.05, radius), (high - 0.06, radius * 0.85), (high, radius * 1.35)],
                12,
                0.04,
                6,
            ),
            marble,
            0.08,
        )
        for x, z in spots
    ]
    steps = union(
        *(
            block((0, 0.04 + 0.07 * number, 0), (wide + 0.3 - 0.1 * number, 0.04, long + 0.35 - 0.1 * number), 0.005)
            for number in range(3)
        )
    )
    beam = block((0, high + 0.3, 0), (wide + 0.08, 0.1, long + 0.12), 0.01)
    front = gable((0, high + 0.4, 0), (wide, long), random.uniform(0.4, 0.55), 0.14)
    inner = block((0, high / 2 + 0.2, -0.15), (wide * 0.62, high / 2, long * 0.75), 0.01)
    bodies = [
        Body(steps, marble, 0.05),
        Body(beam, marble, 0.05),
        Body(front, marble, 0.05),
        Body(inner, clouded(random, "6a6258 8a8074", 0.3), 0),
        *pillars,
    ]
    turn = random.uniform(-45, 45)
    return still(
        random,
        [each.rotated("y", turn) for each in bodies],
        "meadow beach lawn earth",
        (0, 0.8, 0),
        8,
        0.22,
        (-5, 5),
        (3, 16),
    )
