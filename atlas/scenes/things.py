"""Things of the house: lamps, clocks, chairs, books, letters."""

from collections.abc import Callable

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, angle, exp, length, mix, rise, wave
from lucarne.atlas.scenes.colour import Colour, ink, one_of
from lucarne.atlas.scenes.noise import Cells
from lucarne.atlas.scenes.render import Body, Paint
from lucarne.atlas.scenes.skins import BRIGHT, any_skin, banded, clouded, mottled, timber
from lucarne.atlas.scenes.space import (
    Points,
    Shape,
    block,
    cut,
    egg,
    hollow,
    lathe,
    limb,
    mirrored,
    ring,
    rotated,
    slab,
    tube,
    union,
)
from lucarne.atlas.scenes.stage import still


def lamps(random: Random) -> Pixels:
    """Table lamps, lit or not."""
    lit, shade_high = random.random() < 0.65, random.uniform(0.45, 0.65)
    foot, top = random.uniform(0.85, 1.15), random.uniform(0.2, 0.45)
    shade_colour = one_of(random, "f0e0c0 e8c890 c84a3a 5a8a8a e8e4dc 7a9a5a d8a0a0", 0.08)
    glow = np.float32(1.0 if lit else 0.55)

    def shade_paint(p: Points) -> Plane:
        pleats = 1 + 0.07 * wave(angle(p[0], p[2]) * 30)
        bright = exp(-((p[1] - foot - shade_high * 0.5) ** 2) * 5)
        return shade_colour * (glow * pleats * (0.75 + (0.9 * bright if lit else 0)))[:, None]

    shade = Body(
        hollow(lathe((0, foot, 0), [(0, 0.62), (shade_high, top)], smooth=4), 0.03),
        shade_paint,
        0.05,
        8,
        0.5,
        glow=0.75 if lit else 0.0,
    )
    profiles = [
        [(0, 0.35), (0.06, 0.35), (0.1, 0.08), (foot + 0.1, 0.05)],
        [(0, 0.25), (0.05, 0.3), (0.4, 0.36), (0.75, 0.12), (foot + 0.1, 0.05)],
        [(0, 0.3), (0.05, 0.32), (0.12, 0.1), (0.35, 0.22), (0.55, 0.09), (foot + 0.1, 0.06)],
    ]
    stand = Body(lathe((0, 0, 0), profiles[int(random.integers(3))], smooth=40), any_skin(random, 0.7), 0.7, 60)
    return still(
        random, [shade, stand], "dark table" if lit else "table studio", (0, 0.85, 0), 5, 0.25, (-30, 30), (0, 20)
    )


def clocks(random: Random) -> Pixels:
    """Faces of clocks on a wall: hours, minutes, hands."""
    paper, dark = one_of(random, "f4f0e4 e8dcc0 ffffff 20242c d8e0e0"), ink("181614")
    dark = ink("f0ece0") if float(paper[1]) < 0.1 else dark
    frame = one_of(random, "8a5a2c c8a040 2a2a2e b0b4b8 7a1c1c 2a5a5a", 0.08)
    hour = random.uniform(0, 12)
    hands = [(hour / 12, 0.46, 0.05), (hour % 1, 0.72, 0.032)]
    romans, square = random.random() < 0.5, random.random() < 0.2
    second = one_of(random, "c82018 181614 2a4a8a")

    def face(p: Points) -> Plane:
        x, y = p[0], p[1]
        radius, turn = length(x, y), angle(x, y)
        colour = np.broadcast_to(paper, (len(x), 3)) * (1.02 - 0.1 * radius)[:, None]
        hours, minutes = turn * 12, turn * 60
        near_hour, near_minute = (
            abs(hours - np.rint(hours)) * radius * np.float32(0.52),
            abs(minutes - np.rint(minutes)) * radius * np.float32(0.105),
        )
        broad = 0.035 if romans else 0.022
        marks = rise(broad, broad - 0.012, near_hour) * rise(0.62, 0.64, radius) * rise(0.86, 0.84, radius)
        if romans:
            marks = marks * rise(-0.2, 0.2, wave(near_hour * 26 + 0.25) + 0.4)
        ticks = rise(0.01, 0.004, near_minute) * rise(0.88, 0.89, radius) * rise(0.94, 0.93, radius)
        ink_part = np.maximum(marks, ticks)
        for part, long, thick in hands:
            sine, cosine = np.float32(np.sin(2 * np.pi * part)), np.float32(np.cos(2 * np.pi * part))
            along, across = x * sine + y * cosine, x * cosine - y * sine
            taper = thick * (1.3 - along / long)
            ink_part = np.maximum(
                ink_part,
                rise(0.012, -0.002, abs(across) - np.maximum(taper, 0.006))
                * rise(-0.15, -0.13, along)
                * rise(long, long - 0.02, along),
            )
        colour = mix(colour, dark, ink_part[:, None])
        return mix(colour, second, rise(0.06, 0.05, radius)[:, None])

    if square:
        body, dial = block((0, 0, -0.12), (1.12, 1.12, 0.14), 0.06), tube((0, 0, 0), 1.0, 0.03)
    else:
        body, dial = rotated(ring((0, 0, 0), 1.05, 0.12), "x", 90), tube((0, 0, 0), 1.0, 0.03)
    plate = rotated(dial, "x", 90)
    bodies = [
        Body(plate, face, 0.25, 60, 0),
        Body(body, mottled(random, frame, 0.06) if random.random() < 0.6 else timber(random), 0.6, 50),
    ]
    wall = Body(
        block((0, 0, -0.4), (9, 9, 0.15), 0),
        clouded(
            random,
            str(
                random.choice(
                    ["a89880 b8a890 c8b8a0", "6a7a80 7a8a90 8a9aa0", "c8c4bc d8d4cc e4e0d8", "8a4a3a 9a5a48 a86a58"]
                )
            ),
            0.3,
            0.3,
        ),
        0,
    )
    return still(random, [*bodies, wall], "wall", (0, 0, 0), 5, 0.25, (-32, 32), (-15, 18))


def chairs(random: Random) -> Pixels:
    seat, high, wide = random.uniform(0.8, 1.0), random.uniform(1.7, 2.1), random.uniform(0.42, 0.52)
    thick = random.uniform(0.045, 0.075)
    legs = mirrored(
        union(
            limb((wide - 0.06, seat, wide - 0.08), (wide, 0, wide), thick, thick * 0.8),
            limb((wide - 0.06, seat, -wide + 0.08), (wide, 0, -wide - 0.05), thick, thick * 0.8),
        )
    )
    lean = random.uniform(0.08, 0.2)
    posts = mirrored(limb((wide - 0.06, seat, -wide + 0.06), (wide - 0.05, high, -wide - lean), thick, thick * 0.9))
    style = int(random.integers(4))
    if style == 0:
        back: Shape = union(
            *(
                limb((-wide + 0.06, level, -wide - lean * part), (wide - 0.06, level, -wide - lean * part), thick * 0.8)
                for part, level in (
                    (0.4, seat + (high - seat) * 0.4),
                    (0.7, seat + (high - seat) * 0.7),
                    (1.0, high - 0.05),
                )
            )
        )
    elif style == 1:
        back = union(
            limb((-wide + 0.06, high, -wide - lean), (wide - 0.06, high, -wide - lean), thick),
            *(
                limb((x, seat, -wide + 0.06), (x, high, -wide - lean), thick * 0.5)
                for x in np.linspace(-wide * 0.6, wide * 0.6, 4).tolist()
            ),
        )
    else:
        back = rotated(
            block((0, (seat + high) / 2 + 0.1, -wide - 0.02), (wide - 0.02, (high - seat) * 0.36, 0.06), 0.05),
            "x",
            -6,
            (0, seat, -wide),
        )
    paint: Paint = (
        timber(random, str(random.choice(["5a3418 8a5a30 c08a54", "2a1810 4a2c1c 6a442c", "b89468 d8b888 ecd4ac"])))
        if random.random() < 0.6
        else mottled(random, one_of(random, BRIGHT, 0.1), 0.05)
    )
    cushion = style >= 2 or random.random() < 0.4
    bodies = [
        Body(union(legs, posts), paint, 0.3, 25),
        Body(back, any_skin(random, 1) if style >= 2 else paint, 0.2, 15),
        Body(block((0, seat, 0), (wide, 0.06, wide), 0.04), paint, 0.3, 25),
    ]
    if cushion:
        bodies.append(
            Body(block((0, seat + 0.1, 0), (wide - 0.04, 0.08, wide - 0.04), 0.07), any_skin(random, 1), 0.05)
        )
    turn = random.uniform(-70, 70)
    return still(
        random,
        [each.rotated("y", turn) for each in bodies],
        "table studio lawn table",
        (0, 0.98, 0),
        6,
        0.24,
        (-10, 10),
        (8, 30),
    )


def books(random: Random) -> Pixels:
    """Piled, or standing in a row, or open."""
    bodies: list[Body] = []
    style = int(random.integers(3))
    if style == 2:
        return _open_book(random)
    along = 0.0
    for _ in range(int(random.integers(3, 6)) + 2 * style):
        thick, long, deep = random.uniform(0.09, 0.2), random.uniform(0.75, 1.0), random.uniform(0.5, 0.65)
        cover = one_of(random, "7a1c1c 1c3a5a 2a4a2c 8a6a2c 3a2a4a e0d4bc 20242c a84a28 4a7a8a", 0.1)
        gold = one_of(random, "d8b050 e8e0d0 c83a2a 20242c")
        stripes = banded(random, cover, gold, random.uniform(1.5, 2.5), 0)

        def band(p: Points, stripes: Paint = stripes, cover: Colour = cover, deep: float = deep) -> Plane:
            return mix(
                np.broadcast_to(cover, (p.shape[1], 3)),
                stripes(p),
                ((p[2] > deep - 0.03) * rise(0.5, 0.8, abs(p[0])))[:, None],
            )

        def pages(p: Points) -> Plane:
            return ink("ece4d0") * (0.92 + 0.08 * wave(p[1] * 60))[:, None]

        boards_ = cut(
            block((0, 0, 0), (long, thick, deep), 0.02),
            block((0.04, 0, -0.06), (long + 0.02, thick - 0.025, deep), 0),
            0.005,
        )
        leaves = block((0, 0, -0.03), (long - 0.03, thick - 0.025, deep - 0.04), 0.005)
        book = [Body(boards_, band, 0.25, 20), Body(leaves, pages, 0.03)]
        if style == 0:
            turn = random.normal() * 12
            bodies += [
                each.rotated("y", turn).moved((random.normal() * 0.05, along + thick, random.normal() * 0.04))
                for each in book
            ]
        else:
            lean = random.normal() * 3
            bodies += [each.rotated("z", 90 + lean).moved((along + thick, long, 0)) for each in book]
        along += 2 * thick + 0.005
    if style:
        bodies = [each.moved((-along / 2, 0, 0)) for each in bodies]
    target = (0, along / 2, 0) if style == 0 else (0, 0.85, 0)
    return still(random, bodies, "table table studio", target, 5, 0.25 if style == 0 else 0.26, (-35, 35), (10, 35))


def _open_book(random: Random) -> Pixels:
    lines, picture = random.uniform(9, 14), random.random() < 0.5
    cells, colours = Cells(random, 0.8), [one_of(random, BRIGHT, 0.1) for _ in range(3)]

    def page(p: Points) -> Plane:
        x, z = abs(p[0]), p[2]
        text = (
            rise(0.0, 0.3, wave(z * np.float32(lines)))
            * rise(0.12, 0.14, x)
            * rise(1.02, 0.98, x + 0.06 * cells.near(z * 9, x * 0)[2])
            * rise(0.68, 0.66, abs(z))
        )
        words = rise(0.1, 0.25, cells.near(x * 8, np.rint(z * np.float32(lines)))[0])
        colour = mix(ink("f0e8d8"), ink("3a3632"), (0.7 * text * words)[:, None])
        if picture:
            frame = (p[0] > 0.2) * (p[0] < 0.95) * (z > -0.6) * (z < 0.05)
            sun = rise(0.15, 0.12, length(p[0] - 0.7, z + 0.35))
            scene = mix(mix(colours[0], colours[1], rise(-0.4, 0.0, z)[:, None]), colours[2], sun[:, None])
            colour = np.where(frame[:, None], scene, colour)
        return colour * (0.75 + 0.25 * rise(0.0, 0.18, x))[:, None]

    leaf = mirrored(rotated(egg((0.56, 0.06, 0), (0.66, 0.13, 6)), "z", 4, (0, 0, 0)))
    block_ = block((0, 0.1, 0), (1.08, 0.4, 0.8), 0.02)
    paper = Body(Shape(lambda p: np.maximum(leaf.distance(p), block_.distance(p)), (0, 0.1, 0), 1.4), page, 0.05)
    cover = Body(block((0, 0.0, 0), (1.16, 0.04, 0.86), 0.02), one_of(random, "7a1c1c 1c3a5a 2a4a2c 20242c", 0.1), 0.2)
    turn = random.uniform(-35, 35)
    return still(
        random, [each.rotated("y", turn) for each in (paper, cover)], "table", (0, 0.1, 0), 5, 0.23, (-10, 10), (32, 62)
    )


_STROKES = {
    "A": "0,0 .5,1 1,0|.2,.38 .8,.38",
    "B": "0,0 0,1 .6,1 .85,.85 .85,.65 .6,.53 0,.53|.6,.53 .95,.4 .95,.14 .7,0 0,0",
    "C": "1,.82 .7,1 .3,1 0,.75 0,.25 .3,0 .7,0 1,.18",
    "D": "0,0 0,1 .55,1 .95,.7 .95,.3 .55,0 0,0",
    "E": "1,0 0,0 0,1 1,1|0,.52 .8,.52",
    "F": "0,0 0,1 1,1|0,.52 .8,.52",
    "G": "1,.82 .7,1 .3,1 0,.75 0,.25 .3,0 .7,0 1,.2 1,.48 .6,.48",
    "H": "0,0 0,1|1,0 1,1|0,.5 1,.5",
    "K": "0,0 0,1|.9,1 0,.45|.25,.6 1,0",
    "L": "0,1 0,0 .9,0",
    "M": "0,0 0,1 .5,.4 1,1 1,0",
    "N": "0,0 0,1 1,0 1,1",
    "O": "0,.3 0,.7 .3,1 .7,1 1,.7 1,.3 .7,0 .3,0 0,.3",
    "P": "0,0 0,1 .65,1 .95,.85 .95,.62 .65,.47 0,.47",
    "R": "0,0 0,1 .65,1 .95,.85 .95,.62 .65,.47 0,.47|.5,.47 1,0",
    "S": ".95,.85 .7,1 .3,1 .05,.82 .05,.65 .3,.53 .7,.48 .95,.33 .95,.16 .7,0 .3,0 .05,.15",
    "T": "0,1 1,1|.5,1 .5,0",
    "U": "0,1 0,.3 .3,0 .7,0 1,.3 1,1",
    "V": "0,1 .5,0 1,1",
    "W": "0,1 .25,0 .5,.65 .75,0 1,1",
    "X": "0,0 1,1|0,1 1,0",
    "Y": "0,1 .5,.5 1,1|.5,.5 .5,0",
    "Z": "0,1 1,1 0,0 1,0",
    "2": ".05,.8 .3,1 .7,1 .95,.8 .95,.6 0,0 1,0",
    "3": ".05,.9 .3,1 .7,1 .92,.82 .92,.68 .65,.54 .4,.54|.65,.54 .98,.38 .98,.18 .7,0 .3,0 .02,.12",
    "4": ".75,0 .75,1 0,.3 1,.3",
    "5": ".95,1 .1,1 .05,.55 .6,.6 .95,.4 .95,.2 .65,0 .3,0 .02,.12",
    "7": "0,1 1,1 .4,0",
    "8": ".5,.53 .15,.68 .15,.88 .4,1 .6,1 .85,.88 .85,.68 .5,.53 .05,.35 .05,.14 .3,0 .7,0 .95,.14 .95,.35 .5,.53",
}


def letters(random: Random) -> Pixels:
    """Capitals and figures, as solid bodies; one, or a few in a row."""
    count, names = int(random.choice([1, 1, 2, 3])), list(_STROKES)
    bodies: list[Body] = []
    for number in range(count):
        strokes = [
            [tuple(float(part) for part in point.split(",")) for point in stroke.split()]
            for stroke in _STROKES[names[int(random.integers(len(names)))]].split("|")
        ]
        thick, deep = random.uniform(0.09, 0.16), random.uniform(0.1, 0.3)
        lines = [(np.array(stroke) - (0.5, 0)) * (0.95, 1.35) + (0, thick) for stroke in strokes]
        shape = slab((0, 0, 0), _pen(lines, thick), deep, 1.8, random.uniform(0.01, 0.06))
        x = (number - (count - 1) / 2) * 1.35
        paint = any_skin(random, 1.3) if random.random() < 0.5 else mottled(random, one_of(random, BRIGHT, 0.1), 0.06)
        bodies.append(
            Body(shape, paint, random.choice([0.1, 0.5, 0.9]), 40, 0.1)
            .rotated("y", random.normal() * 14)
            .moved((x, 0, random.normal() * 0.1))
        )
    return still(
        random,
        bodies,
        "table studio lawn street dark beach",
        (0, 0.78, 0),
        5,
        0.22 if count == 1 else 0.18 + 0.1 * count,
        (-35, 35),
        (3, 28),
    )


def _pen(lines: list[np.ndarray], thick: float) -> Callable[[Plane, Plane], Plane]:
    """Distance to strokes of a pen."""
    pairs = [(line[number], line[number + 1] - line[number]) for line in lines for number in range(len(line) - 1)]

    def flat(x: Plane, y: Plane) -> Plane:
        best = np.full_like(x, 99)
        for (from_x, from_y), (way_x, way_y) in pairs:
            px, py = x - np.float32(from_x), y - np.float32(from_y)
            part = np.clip((px * np.float32(way_x) + py * np.float32(way_y)) / np.float32(way_x**2 + way_y**2), 0, 1)
            dx, dy = px - np.float32(way_x) * part, py - np.float32(way_y) * part
            best = np.minimum(best, dx * dx + dy * dy)
        return np.sqrt(best) - np.float32(thick)

    return flat
