"""Houses, barns, churches, castles: walls with windows under tiled roofs."""

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, angle, length, mix, rise, wave
from lucarne.atlas.scenes.colour import Colour, ink, inks, one_of, ramp
from lucarne.atlas.scenes.noise import Noise, relief
from lucarne.atlas.scenes.render import Body, Paint
from lucarne.atlas.scenes.skins import banded, clouded, mottled
from lucarne.atlas.scenes.space import (
    Points,
    Shape,
    ball,
    blend,
    block,
    cut,
    lathe,
    limb,
    moved,
    rotated,
    tube,
    union,
    within,
)
from lucarne.atlas.scenes.stage import still

COUNTRY = "meadow meadow lawn snow beach street"


WALLS = "e8e0cc d8c8a8 b85a40 e8d4a0 a8b8b8 c8847a f0ece4 8a9a84 c0a888 7a8a9a"


def walls(
    random: Random,
    colour: Colour,
    rows: float,
    columns: float,
    sill: float = 0.25,
    top: float = 9,
    lit: float = 0.2,
    brick: float = 0.5,
) -> Paint:
    """Plaster or brick with windows: `rows` and `columns` of them to a unit, between two heights."""
    noise, tones = Noise(random), random.uniform(0, 1, 1024).astype(np.float32)
    frame, bricks = one_of(random, "f4f0e8 f4f0e8 5a3a24 2a3a34", 0.04), random.random() < brick
    glow = ink("ffd890")

    def paint(p: Points) -> Plane:
        x, y, z = p
        u, v = (x + z) * np.float32(columns), y * np.float32(rows)
        column, row = np.floor(u), np.floor(v)
        a, b = abs(u - column - 0.5), abs(v - row - 0.5)
        chance = tones[((row.astype(np.int32) & 31) * 32) + (column.astype(np.int32) & 31)]
        body = (1 + 0.07 * noise.solid(p, 0.5, 1.5) - 0.15 * rise(0.3, 0.0, y))[:, None] * colour
        if bricks:
            course = y * 16
            joint = np.minimum(
                abs(course - np.rint(course)),
                abs((x + z) * 7 + 0.5 * (np.rint(course) % 2) - np.rint((x + z) * 7 + 0.5 * (np.rint(course) % 2))) * 2,
            )
            body = body * (0.82 + 0.18 * rise(0.05, 0.15, joint))[:, None]
        inside = (y > sill) & (y < top) & (chance > 0.08)
        outer = inside & (a < 0.27) & (b < 0.33)
        pane = inside & (a < 0.22) & (b < 0.28) & (a > 0.018) & (abs(v - row - 0.55) > 0.02)
        glass = np.where(
            (chance > 1 - lit)[:, None],
            glow,
            ramp(inks("141c24 34485a 8aa8bc"), 0.25 + 0.5 * (v - row) + 0.3 * (chance - 0.5)),
        )
        body = np.where(outer[:, None], frame, body)
        return np.where(pane[:, None], glass, body)

    return paint


def roof_tiles(random: Random, digits: str = "8a3a24 a84a2c 5a4a44 3a4048 7a5a3a 9a5a40") -> Paint:
    colour, noise, count = one_of(random, digits, 0.08), Noise(random), random.uniform(5, 8)

    def paint(p: Points) -> Plane:
        row = p[1] * np.float32(count)
        lap = row - np.floor(row)
        column = (p[0] + p[2]) * np.float32(count * 0.8) + 0.5 * (np.floor(row) % 2)
        gap = abs(column - np.rint(column))
        tone = (0.72 + 0.4 * lap) * (0.85 + 0.15 * rise(0.03, 0.1, gap)) + 0.1 * noise.solid(p, 0.6, 1.3)
        return tone[:, None] * colour

    return paint


def gable(at: tuple[float, float, float], half: tuple[float, float], high: float, over: float = 0.12) -> Shape:
    """A roof of two slopes, its ridge along z; `half`: half the width and half the length of the house."""
    x, y, z = at
    wide, long = half[0] + over, half[1] + over
    steep = np.hypot(high, wide)

    def distance(p: Points) -> Plane:
        side, up = abs(p[0] - x), p[1] - y
        slope = (side * np.float32(high) + (up - high) * np.float32(wide)) * np.float32(1 / steep)
        return np.maximum(np.maximum(slope, -up), abs(p[2] - z) - np.float32(long))

    return Shape(distance, (x, y + high / 2, z), float(np.sqrt(wide**2 + high**2 + long**2)))


def house(random: Random, half: tuple[float, float], high: float, pitch: float) -> list[Body]:
    wall_colour = one_of(random, WALLS, 0.08)
    trunk = block((0, high / 2, 0), (half[0], high / 2, half[1]), 0.01)
    end = within(gable((0, high, 0), half, pitch, 0.0), block((0, high + pitch / 2, 0), (half[0], pitch, half[1]), 0))
    roof = cut(
        gable((0, high - 0.02, 0), half, pitch + 0.1),
        gable((0, high - 0.16, 0), (half[0], half[1] + 0.5), pitch + 0.08, 0.0),
        0.005,
    )
    plaster = walls(random, wall_colour, random.uniform(1.5, 2.0), random.uniform(1.3, 1.9), 0.25, high - 0.05)
    door_colour, at = one_of(random, "7a1c1c 2a4a6a 3a5a2a 5a3418 f0ece4", 0.08), random.uniform(-0.4, 0.4) * half[0]

    def paint(p: Points) -> Plane:
        colour = plaster(p)
        front = (p[2] > half[1] - 0.03) & (p[1] < 0.52)
        frame, door = front & (abs(p[0] - at) < 0.2), front & (abs(p[0] - at) < 0.16) & (p[1] < 0.48)
        return np.where(door[:, None], door_colour, np.where(frame[:, None], ink("f0ece4"), colour))

    chimney = block((half[0] * 0.45, high + pitch * 0.75, -half[1] * 0.4), (0.1, pitch * 0.42 + 0.1, 0.1), 0.01)
    return [
        Body(union(trunk, end), paint, 0.06, 10),
        Body(roof, roof_tiles(random), 0.08, 10),
        Body(chimney, banded(random, ink("8a4a34"), ink("6a3424"), 8), 0.05),
    ]


def houses(random: Random) -> Pixels:
    half = random.uniform(0.6, 0.85), random.uniform(0.7, 1.1)
    high, pitch = random.uniform(0.8, 1.3), random.uniform(0.5, 0.85)
    bodies = house(random, half, high, pitch)
    if random.random() < 0.35:
        wing = [
            each.rotated("y", 90).moved((half[0] + 0.3, 0, -0.1))
            for each in house(random, (0.42, 0.5), high * 0.75, pitch * 0.7)[:2]
        ]
        bodies += wing
    bodies += trees(random, int(random.integers(0, 4)), half[0] + 0.6)
    turn = random.uniform(-55, 55)
    return still(
        random,
        [each.rotated("y", turn) for each in bodies],
        COUNTRY,
        (0, (high + pitch) * 0.46, 0),
        7,
        0.24,
        (-5, 5),
        (4, 24),
    )


def trees(random: Random, count: int, away: float) -> list[Body]:
    bodies: list[Body] = []
    for _ in range(count):
        turn, size = random.uniform(0, 2 * np.pi), random.uniform(0.35, 0.6)
        x, z = away * 1.3 * float(np.sin(turn)), away * 1.3 * float(np.cos(turn)) - 0.6
        crowns = [
            ball(
                (
                    x + random.normal() * 0.18 * size,
                    size * (1.3 + 0.4 * random.normal() * 0.5),
                    z + random.normal() * 0.18 * size,
                ),
                size * random.uniform(0.5, 0.75),
            )
            for _ in range(4)
        ]
        leaf = clouded(
            random,
            str(random.choice(["1c3414 3a5c24 6a8a3c", "24401c 4a7030 88a850", "6a3a10 b06a20 e0a040"])),
            0.3,
            1.2,
            1.0,
        )
        bodies += [
            Body(blend(0.15, *crowns), leaf, 0.03, 6, 0.2, relief(random, 9, 0.02)),
            Body(limb((x, 0, z), (x, size, z), 0.08), ink("4a3424"), 0),
        ]
    return bodies


def barns(random: Random) -> Pixels:
    half, high, pitch = (
        (random.uniform(0.75, 0.95), random.uniform(1.0, 1.3)),
        random.uniform(0.75, 0.95),
        random.uniform(0.55, 0.75),
    )
    red, noise = one_of(random, "8a2018 a02c20 7a1c18 8a7a68 5a4030", 0.06), Noise(random)

    def boards_(p: Points) -> Plane:
        plank = (p[0] + p[2]) * 8
        tone = (
            0.8
            + 0.2 * rise(0.03, 0.1, abs(plank - np.rint(plank)))
            + 0.1 * noise.clouds(np.rint(plank), p[1] * 0.3, 0.7, 1.0)
        )
        colour = tone[:, None] * red
        front = (p[2] > half[1] - 0.03) & (p[1] < 0.62) & (abs(p[0]) < 0.36)
        x, y = abs(p[0]), p[1]
        trim = front & ((x > 0.31) | (y > 0.57) | (abs(x - y * 0.55) < 0.03) | (x < 0.02))
        loft = (p[2] > half[1] - 0.03) & (length(p[0], p[1] - high - 0.2) < 0.14)
        colour = np.where((trim | (loft & (length(p[0], p[1] - high - 0.2) > 0.1)))[:, None], ink("f0ece4"), colour)
        return np.where((loft & (length(p[0], p[1] - high - 0.2) < 0.1))[:, None], ink("2a1c18"), colour)

    trunk = block((0, high / 2, 0), (half[0], high / 2, half[1]), 0.01)
    cover = cut(
        gable((0, high - 0.02, 0), half, pitch + 0.1),
        gable((0, high - 0.16, 0), (half[0], half[1] + 0.5), pitch + 0.08, 0.0),
        0.005,
    )
    bodies = [
        Body(
            union(
                trunk, within(gable((0, high, 0), half, pitch, 0.0), block((0, high, 0), (half[0], pitch, half[1]), 0))
            ),
            boards_,
            0.04,
        ),
        Body(cover, roof_tiles(random, "4a4a4e 6a6460 5a3a2c 8a8a88"), 0.2, 15),
    ]
    if random.random() < 0.5:
        at = half[0] + 0.55
        silo = union(
            tube((at, 0.95, -0.4), 0.36, 0.95, 0.02),
            within(ball((at, 1.9, -0.4), 0.37), block((at, 2.4, -0.4), (1, 0.5, 1), 0)),
        )
        bodies.append(Body(silo, banded(random, ink("c8c8c4"), ink("a8a8a8"), 4), 0.4, 25))
    turn = random.uniform(-50, 50)
    return still(
        random,
        [each.rotated("y", turn) for each in bodies],
        "meadow meadow lawn snow",
        (0.1, 0.75, 0),
        7,
        0.25,
        (-5, 5),
        (4, 20),
    )


def churches(random: Random) -> Pixels:
    plaster = one_of(random, "f0ece4 d8c8a8 a89a88 e8d8b8 8a8078 b86a50", 0.05)
    nave = [each.moved((0, 0, -0.9)) for each in house(random, (0.55, 0.9), 0.85, 0.65)[:2]]
    paint = walls(random, plaster, 1.2, 1.4, 0.4, 1.7, 0.1, 0.4)
    nave[0] = Body(nave[0].shape, paint, 0.05)
    high = random.uniform(1.7, 2.2)
    tower = block((0, high / 2, 0.3), (0.36, high / 2, 0.36), 0.01)

    def tower_paint(p: Points) -> Plane:
        colour = (0.95 + 0.05 * wave(p[1] * 9))[:, None] * plaster
        arch = np.minimum(abs(p[0]), abs(p[2] - 0.3))
        bell = (arch < 0.11) & (p[1] > high - 0.5) & (p[1] < high - 0.2 + 0.08 * (1 - (arch / 0.11) ** 2))
        door = (p[2] > 0.6) & (abs(p[0]) < 0.14) & (p[1] < 0.45 + 0.1 * (1 - (p[0] / 0.14) ** 2))
        dial = (p[2] > 0.6) & (length(p[0], p[1] - high + 0.85) < 0.14)
        colour = np.where((bell | door)[:, None], ink("2a1c14"), colour)
        return np.where(
            dial[:, None],
            mix(ink("f4f0e4"), ink("1a1816"), rise(0.1, 0.13, length(p[0], p[1] - high + 0.85))[:, None]),
            colour,
        )

    style = int(random.integers(3))
    if style == 0:
        spire: Shape = rotated(
            lathe((0, 0, 0), [(high, 0.5), (high + random.uniform(1.1, 1.6), 0.02)], smooth=2), "y", 45
        )
    elif style == 1:  # an onion
        spire = lathe(
            (0, 0, 0),
            [
                (high, 0.4),
                (high + 0.1, 0.36),
                (high + 0.35, 0.48),
                (high + 0.6, 0.3),
                (high + 0.85, 0.06),
                (high + 1.05, 0.02),
            ],
            smooth=40,
        )
    else:
        spire = gable((0, high - 0.02, 0.3), (0.36, 0.36), 0.5)
    if style < 2:
        spire = moved(spire, (0, 0, 0.3))
    metal = (
        roof_tiles(random, "4a7a6a 5a4a44 8a3a24 3a4048")
        if style != 1
        else mottled(random, one_of(random, "3a7a6a c8a040 4a5a7a", 0.06), 0.06)
    )
    top = high + (1.35 if style == 0 else 1.05 if style == 1 else 0.5)
    cross = union(
        limb((0, top - 0.1, 0.3), (0, top + 0.4, 0.3), 0.025),
        limb((-0.12, top + 0.25, 0.3), (0.12, top + 0.25, 0.3), 0.025),
    )
    bodies = [
        *nave,
        Body(tower, tower_paint, 0.05),
        Body(spire, metal, 0.3 if style == 1 else 0.1, 25),
        Body(cross, ink("c8a040"), 0.8, 50),
        *trees(random, int(random.integers(0, 3)), 1.3),
    ]
    turn = random.uniform(-60, 60)
    return still(
        random,
        [each.rotated("y", turn) for each in bodies],
        "meadow meadow snow lawn",
        (0, 1.35, 0),
        8,
        0.27,
        (-5, 5),
        (2, 16),
    )


def castles(random: Random) -> Pixels:
    stone = clouded(
        random,
        str(random.choice(["6a6660 8a857c a8a298", "8a7858 b09c78 d0c09c", "5a5048 7a6c60 9c8c7c"])),
        0.3,
        0.7,
        1.3,
    )
    noise = Noise(random)

    def blocks(p: Points) -> Plane:
        course = p[1] * 7
        row = np.floor(course)
        turn = (angle(p[0], p[2]) * 20 + (p[0] + p[2]) * 4) + 0.5 * (row % 2)
        joint = np.minimum(abs(course - np.rint(course)), abs(turn - np.rint(turn)) * 1.5)
        slit = ((abs((p[0] + p[2]) * 2 - np.rint((p[0] + p[2]) * 2)) < 0.06) & (abs(p[1] - 1.0) < 0.14)) | (
            (p[2] > 0.5) & (abs(p[0]) < 0.2) & (p[1] < 0.42 + 0.14 * (1 - (p[0] / 0.2) ** 2))
        )
        colour = stone(p) * (0.75 + 0.25 * rise(0.04, 0.14, joint) + 0.05 * noise.solid(p, 0.5))[:, None]
        return np.where(slit[:, None], ink("1a1410"), colour)

    def tower(x: float, z: float, wide: float, high: float) -> Shape:
        body = union(tube((x, high / 2, z), wide, high / 2, 0.01), tube((x, high, z), wide * 1.2, 0.14, 0.01))
        notches = union(
            *(rotated(block((0, high + 0.12, 0), (wide * 1.5, 0.08, 0.07), 0), "y", turn) for turn in (0, 45, 90, 135))
        )
        return cut(cut(body, moved(notches, (x, 0, z)), 0.005), tube((x, high + 0.15, z), wide * 0.95, 0.12, 0), 0.005)

    spots = [(-0.85, 0.5), (0.85, 0.5), (-0.85, -0.7), (0.85, -0.7)]
    tall = random.uniform(1.2, 1.6)
    towers = union(*(tower(x, z, random.uniform(0.26, 0.32), tall * random.uniform(0.9, 1.15)) for x, z in spots))
    curtain = cut(
        block((0, 0.42, -0.1), (0.85, 0.42, 0.62), 0.01),
        union(*(block((x, 0.86, -0.1), (0.07, 0.09, 2), 0) for x in np.linspace(-0.7, 0.7, 5).tolist())),
        0.005,
    )
    bodies = [Body(towers, blocks, 0.03), Body(curtain, blocks, 0.03)]
    keep = tall * random.uniform(1.3, 1.6)
    bodies.append(Body(tower(0.0, -0.35, 0.4, keep), blocks, 0.03))
    if random.random() < 0.6:
        roof = roof_tiles(random, "7a2c24 2a4a6a 5a3a5a 3a4048")
        bodies.append(Body(lathe((0, 0, -0.35), [(keep + 0.1, 0.5), (keep + 0.85, 0.02)], smooth=2), roof, 0.08))
    pole = limb((0, keep, -0.35), (0, keep + 1.15, -0.35), 0.02)
    flag = Body(
        block((0.24, keep + 1.0, -0.35), (0.24, 0.12, 0.015), 0.01),
        one_of(random, "c8201c e8b020 2a5a9a f0ece4"),
        0.05,
        soft=0.4,
    )
    turn = random.uniform(-45, 45)
    bodies = [each.rotated("y", turn) for each in [*bodies, Body(pole, ink("4a3a2c"), 0), flag]]
    return still(random, bodies, "meadow earth snow meadow", (0, 1.05, 0), 8, 0.25, (-5, 5), (3, 22))
