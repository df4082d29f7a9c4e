"""In the water and slow on land: fish, jellyfish, starfish, snails."""

import numpy as np

from lucarne.atlas.scenes.canvas import (
    FINE,
    Pixels,
    Plane,
    Random,
    angle,
    blur,
    develop,
    exp,
    length,
    mix,
    rise,
    sheet,
    turned,
    wave,
)
from lucarne.atlas.scenes.colour import Colour, ink, inks, one_of, ramp
from lucarne.atlas.scenes.noise import Cells, Noise, relief
from lucarne.atlas.scenes.render import Body, Paint, orbit
from lucarne.atlas.scenes.skins import clouded
from lucarne.atlas.scenes.space import (
    Points,
    Shape,
    Vector,
    ball,
    blend,
    egg,
    limb,
    mirrored,
    rotated,
    union,
)
from lucarne.atlas.scenes.stage import seen, still


def fish(random: Random) -> Pixels:
    """One or a few, under water."""
    bodies: list[Body] = []
    count = int(random.choice([1, 1, 1, 2, 3]))
    colours = [
        one_of(random, digits, 0.08)
        for digits in (
            "e87018 e8a818 d83018 2a6ad0 8a9aa8 3aa8a0 e8d040 c85a9a",
            "f4f0e8 14141c e8c030 2a4ab0 e87018",
            "f4ece0 e8d8c0",
        )
    ]
    style, stripes = int(random.integers(4)), random.uniform(0.9, 2.4)
    turn = float(random.choice([-1, 1]) * random.uniform(45, 115))
    for number in range(count):
        tall, flat = random.uniform(0.3, 0.62), random.uniform(0.16, 0.26)
        body = blend(0.15, egg((0, 0, 0.1), (flat, tall, 0.8)), limb((0, 0, -0.5), (0, 0, -0.88), 0.16, 0.08))
        sweep = random.uniform(-0.25, 0.25)
        fork = random.uniform(0.3, 0.6)
        tail = blend(
            0.1,
            limb((0, 0, -0.85), (sweep, fork, -1.35), 0.08, 0.05),
            limb((0, 0, -0.85), (sweep, -fork, -1.35), 0.08, 0.05),
            egg((sweep * 0.5, 0, -1.08), (0.04, 0.26, 0.22)),
        )
        back = egg((0, tall * 0.85, -0.05), (0.035, 0.3, random.uniform(0.35, 0.6)))
        belly = egg((0, -tall * 0.85, -0.25), (0.035, 0.24, 0.26))
        side = mirrored(rotated(egg((flat + 0.1, -0.1, 0.1), (0.16, 0.03, 0.22)), "z", -30, (flat, -0.1, 0.1)))
        paint = _fish_skin(random, colours, style, stripes, tall)
        fins = _fins(random, colours[0] if random.random() < 0.6 else colours[1])
        animal = [
            Body(body, paint, 0.5, 25, 0.15), Body(union(tail, back, belly, side), fins, 0.25, 15, 0.5),
            *_fish_eye((flat * 0.86, tall * 0.22, 0.62)),
        ]  # fmt: skip
        at = (
            (0.0, 0.0, 0.0)
            if number == 0
            else (random.uniform(-0.6, 0.6), (-1) ** number * random.uniform(0.75, 0.95), -random.uniform(0.6, 1.2))
        )
        turn += random.normal() * 12 * (number > 0)
        bodies += [each.rotated("x", random.normal() * 8).rotated("y", turn).moved(at) for each in animal]
    camera = orbit((0, 0, 0), 0, random.uniform(-12, 20), 5, (0.26 if count == 1 else 0.34) * random.uniform(0.9, 1.15))
    shot = seen(random, bodies, camera, "deep deep deep leaves" if count == 1 else "deep", grounded=False)
    x, y = sheet()
    for _ in range(int(random.integers(0, 9))):
        at_x, at_y, size = *random.uniform(-1, 1, 2), random.uniform(0.015, 0.05)
        away = length(x - np.float32(at_x), y - np.float32(at_y))
        shot.image += (
            0.35 * rise(size * 0.6, size, away) * rise(size * 1.1, size, away)
            + 0.5 * rise(size * 0.3, 0, length(x - np.float32(at_x - size * 0.4), y - np.float32(at_y + size * 0.4)))
        )[..., None]
    return develop(shot.image, random)


def _fish_skin(random: Random, colours: list[Colour], style: int, stripes: float, tall: float) -> Paint:
    cells, noise = Cells(random, 0.15, stagger=True), Noise(random)

    def paint(p: Points) -> Plane:
        x, y, z = p
        first, _, value, _, _ = cells.near(z * 14, y * 14)
        under = rise(0.1, -0.6, y / np.float32(tall))
        if style == 0:  # upright bands
            part = rise(-0.2, 0.1, wave(z * np.float32(stripes) + 0.06 * noise.solid(p, 0.4)) - 0.3)
        elif style == 1:  # lines from head to tail
            part = rise(-0.1, 0.2, wave(y * np.float32(stripes * 1.6)))
        elif style == 2:  # patches
            part = rise(0.1, 0.3, noise.solid(p, 0.3, 2.4))
        else:
            part = np.zeros_like(x)
        colour = mix(colours[0], colours[1], part[:, None])
        colour = mix(colour, colours[2], (0.75 * under)[:, None])
        return colour * (1.05 - 0.35 * rise(0.3, 0.6, first) + 0.1 * (value - 0.5))[:, None]

    return paint


def _fins(random: Random, colour: Colour) -> Paint:
    return lambda p: colour * (0.85 + 0.25 * wave(angle(p[1], p[2] + np.float32(0.6)) * 40))[:, None]


def _fish_eye(at: Vector) -> list[Body]:
    x, y, z = at
    ring = Body(
        mirrored(ball(at, 0.1)), one_of(np.random.default_rng(round(1000 * y)), "e8e0c8 e8c050 d8dce0", 0.02), 0.8, 60
    )
    return [ring, Body(mirrored(ball((x + 0.055, y, z + 0.012), 0.062)), ink("060606"), 1.2, 120, 0)]


def upon(random: Random, bodies: list[Body], wide: float, elevation: tuple[float, float]) -> Pixels:
    """Small animals on a leaf, on bark or on boards."""
    if random.random() < 0.55:
        noise = Noise(random)
        colours = inks(str(random.choice(["1c3a12 3c6c24 7aa048", "2a4a1c 5a8a34 a8c468", "4a5a18 7a8a2c b8c060"])))

        def leaf(p: Points) -> Plane:
            x, _, z = p
            veins = rise(0.06, 0.02, abs(wave((z * 0.8 - abs(x)) * 0.9)) * 0.35)
            rib = rise(0.06, 0.03, abs(x))
            return ramp(
                colours, 0.42 + 0.1 * noise.solid(p, 0.4, 1.6) + 0.22 * np.maximum(veins, rib) + 0.05 * wave(z * 3 + x)
            )

        swell = relief(random, 1.5, 0.02)
        plate = Body(egg((0, -0.16, 0), (1.5, 0.17, 2.6)), leaf, 0.2, 12, 0.3, swell).rotated(
            "y", random.uniform(0, 360)
        )
        return still(random, [*bodies, plate], "leaves", (0, 0.2, 0), 5, wide, (-180, 180), elevation)
    return still(random, bodies, "earth table gravel lawn", (0, 0.2, 0), 5, wide, (-180, 180), elevation)


def snails(random: Random) -> Pixels:
    """A spiral house on a soft foot."""
    turns = 2.6
    coils: list[Shape] = []
    colours = inks(
        str(
            random.choice(
                ["5a3818 a87840 e0c088", "3a2418 7a4c2c c89864", "8a6a28 d8b858 f4e4a8", "4a4440 8a8078 d0c8bc"]
            )
        )
    )
    for number in range(26):
        part = number / 25
        turn = 2 * np.pi * turns * part
        radius = 0.52 * (1 - part) ** 1.25
        thick = 0.06 + 0.25 * (1 - part) ** 1.1
        coils.append(
            ball(
                (
                    0.12 + 0.3 * part,
                    0.72 + radius * float(np.sin(turn - 2.0)),
                    -0.15 + radius * float(np.cos(turn - 2.0)),
                ),
                thick,
            )
        )
    shell = blend(0.1, *coils, egg((0.1, 0.72, -0.15), (0.26, 0.5, 0.5)))

    def house(p: Points) -> Plane:
        y, z = p[1] - 0.72, p[2] + 0.15
        radius, turn = length(y, z), angle(y, z)
        spiral = wave(turn + radius * 3.4)
        growth = wave(turn * 26)
        return ramp(colours, 0.5 + 0.3 * spiral + 0.08 * growth)

    stretch = random.uniform(0.85, 1.15)
    foot = blend(
        0.15, limb((0, 0.1, -0.85), (0, 0.13, 0.3), 0.05, 0.19), limb((0, 0.15, 0.3), (0, 0.42, stretch), 0.2, 0.16)
    )
    horns = mirrored(
        union(
            limb((0.06, 0.5, stretch), (0.2, 0.92, stretch + 0.22), 0.035, 0.025),
            ball((0.2, 0.93, stretch + 0.22), 0.045),
            limb((0.08, 0.38, stretch + 0.1), (0.14, 0.34, stretch + 0.3), 0.03),
        )
    )
    flesh = clouded(
        random,
        str(random.choice(["6a5a44 9a8a70 c8b8a0", "3a342c 6a6254 9a9080", "a08060 c8a888 e4d0b4"])),
        0.3,
        1.2,
        1.0,
    )
    snail = [
        Body(shell, house, 0.5, 35, 0.2),
        Body(blend(0.04, foot, horns), flesh, 0.4, 15, 0.4, relief(random, 12, 0.01)),
    ]
    turn = float(random.choice([-1, 1]) * random.uniform(40, 120))
    return upon(random, [each.rotated("y", turn) for each in snail], 0.27, (8, 32))


def jellyfish(random: Random) -> Pixels:
    """Bells that glow in the dark water, trailing threads."""
    x, y = sheet()
    noise = Noise(random)
    deep = one_of(random, "06142c 0a0c24 041c28 100820", 0.1)
    image = ramp(
        [deep * np.float32(0.4), deep, deep * np.float32(2.2)], 0.4 + 0.3 * y + 0.1 * noise.clouds(x, y, 0.1, 2.6)
    )
    hue = one_of(random, "60b0f0 e070b0 f09050 90e0d0 c8a0f0 f0e0d0", 0.1)
    for number in range(int(random.choice([1, 1, 2, 4]))):
        size = random.uniform(0.42, 0.6) if number == 0 else random.uniform(0.14, 0.28)
        at = random.uniform((-0.2, 0.05), (0.2, 0.45)) if number == 0 else random.uniform(-0.8, 0.8, 2)
        px, py = turned(x - np.float32(at[0]), y - np.float32(at[1]), random.normal() * 22)
        px, py = px / np.float32(size), py / np.float32(size)
        squash = random.uniform(0.55, 0.95)
        rim = -0.12 + 0.05 * wave(px * np.float32(random.uniform(2, 4)))
        dome = length(px, np.maximum(py, 0) / np.float32(squash))
        inside = rise(1.0, 0.96, dome) * rise(rim - 0.03, rim + 0.03, py)
        ribs = 0.5 + 0.5 * wave(
            np.clip(px / np.maximum(np.sqrt(np.maximum(1 - (py / squash) ** 2, 0)), 0.05), -1, 1) * 4
        )
        shine = (
            0.16
            + 0.75 * rise(0.6, 1.0, dome)
            + 0.22 * ribs
            + 0.5 * rise(0.45, 0.1, length(px * 1.2, (py - 0.25) * 1.6))
        )
        image = (
            image
            + (inside * shine * 0.75)[..., None] * hue
            + (exp(-np.maximum(dome - 0.6, 0) * 3) * 0.08)[..., None] * hue
        )
        for thread in range(int(random.integers(9, 18))):
            root, sway = random.uniform(-0.85, 0.85), random.normal() * 0.22
            below = np.maximum(-py, 0)
            line = (
                root * (1 - 0.2 * below)
                + sway * below
                + 0.05 * wave(below * random.uniform(0.5, 1.2) + random.uniform()) * below
            )
            broad = 0.05 if thread < 3 else 0.012
            frill = broad * (1 + (0.6 * wave(below * 7 + thread) if thread < 3 else 0))
            long = random.uniform(1.0, 2.4)
            image = (
                image
                + (
                    (py < rim + 0.04)
                    * rise(frill, 0.0, abs(px - line))
                    * rise(long, long * 0.3, below)
                    * (0.4 if thread < 3 else 0.55)
                )[..., None]
                * hue
            )
    for _ in range(60):
        row, column = random.integers(0, FINE - 2, 2)
        image[row : row + 2, column : column + 2] += np.float32(random.uniform(0.0, 0.12))
    return develop((0.85 * image + 0.3 * blur(image, 10)).astype(np.float32), random, 1.2, 0.7)


def starfish(random: Random) -> Pixels:
    colours = inks(
        str(
            random.choice(
                [
                    "8a2c10 d8602c f0a868",
                    "6a1c24 b83c3c e88878",
                    "3a3a6a 6a6ab0 b0b0e0",
                    "8a5a20 d8a048 f4d898",
                    "5a2a4a a0548a e0a8cc",
                ]
            )
        )
    )
    arms = [
        limb((0, 0.14, 0), (float(np.sin(turn)) * long, 0.06, float(np.cos(turn)) * long), 0.3, 0.07)
        for turn, long in zip(
            np.linspace(0, 2 * np.pi, 6)[:-1] + random.normal(size=5) * 0.08, random.uniform(1.0, 1.3, 5), strict=True
        )
    ]
    knobs, noise = Cells(random, 0.6), Noise(random)

    def paint(p: Points) -> Plane:
        first, *_ = knobs.near(p[0] * 8, p[2] * 8)
        return ramp(
            colours, 0.45 + 0.15 * noise.solid(p, 0.5, 1.6) + 0.5 * rise(0.3, 0.1, first) - 0.3 * length(p[0], p[2])
        )

    def bumps(p: Points) -> Plane:
        return 0.03 * rise(0.35, 0.05, knobs.near(p[0] * 8, p[2] * 8)[0])

    star = Body(blend(0.22, *arms), paint, 0.2, 15, 0.2, bumps).rotated("y", random.uniform(0, 72))
    bodies = [star]
    for _ in range(int(random.integers(0, 5))):
        turn, away, size = random.uniform(0, 2 * np.pi), random.uniform(1.2, 1.9), random.uniform(0.1, 0.25)
        bodies.append(
            Body(
                egg(
                    (away * float(np.sin(turn)), size * 0.5, away * float(np.cos(turn))), (size, size * 0.7, size * 0.8)
                ),
                clouded(random, "6a6a68 a8a49c e0dcd0", 0.3, 1),
                0.2,
            )
        )
    return still(random, bodies, "beach beach deep gravel beach", (0, 0.1, 0), 5, 0.28, (-180, 180), (28, 75))
