"""Streets and rooms: house fronts, skylines by day and night, doors, stairs, interiors."""

import numpy as np

from lucarne.atlas.scenes.canvas import (
    FINE,
    PIXEL,
    Image,
    Pixels,
    Plane,
    Random,
    blur,
    covered,
    develop,
    lay,
    length,
    mix,
    rise,
    sheet,
    wave,
)
from lucarne.atlas.scenes.colour import Colour, ink, inks, one_of, ramp
from lucarne.atlas.scenes.noise import Noise
from lucarne.atlas.scenes.relief import lit, photograph
from lucarne.atlas.scenes.render import Body, Camera, Light, render, toward
from lucarne.atlas.scenes.skins import any_skin, mottled
from lucarne.atlas.scenes.space import ball, block, limb, tube, union
from lucarne.atlas.scenes.stage import boards, checked, plain, sky, still
from lucarne.atlas.scenes.terrain import evening

FACADES = "c8a078 b86a4a d8c8a0 8a9a94 c88a7a a8a090 e0d0b0 7a8498 9a5a48 d8b060 b8c0b8"


def facades(random: Random) -> Pixels:
    """A house front: rows of windows with frames, sills, shutters, some of them lit."""
    x, y = sheet()
    noise = Noise(random)
    lean, size = random.normal() * 0.25, random.uniform(1.6, 3.6)
    far = 1 + np.float32(lean) * x
    u, v = (
        x / far * np.float32(size) + np.float32(random.uniform()),
        y / far * np.float32(size * random.uniform(0.65, 0.9)) + np.float32(random.uniform()),
    )
    column, row = np.floor(u), np.floor(v)
    a, b = u - column - 0.5, v - row - 0.5
    values = random.uniform(0, 1, (2, 64, 64)).astype(np.float32)
    chance, other = (each[row.astype(np.int32) & 63, column.astype(np.int32) & 63] for each in values)
    wall = one_of(random, FACADES, 0.1)
    night = random.random() < 0.2
    colour = wall * (1 + 0.08 * noise.clouds(u, v, 0.2, 1.8) + 0.03 * noise.grain(u, v, 0.4))[..., None]
    half_u, half_v = np.float32(random.uniform(0.17, 0.3)), np.float32(random.uniform(0.24, 0.36))
    arch = np.float32(random.choice([0, 0, 0.12])) * (1 - (a / half_u) ** 2)
    outside = np.maximum(abs(a) - half_u, abs(b) - half_v - arch * (b > 0))
    trim = one_of(random, "f0ece0 e0d8c8 5a3a28 2a3a34 8a8478", 0.05)
    frame = rise(0.05, 0.035, outside)
    colour = mix(colour, trim, frame[..., None])
    panes = np.maximum(rise(0.0, -0.02, outside) * rise(0.012, 0.022, abs(a)) * rise(0.012, 0.022, abs(b - 0.08)), 0)
    mirror = ramp(
        inks("10161c 2c3e4c 88a4b8 d0dce4"),
        0.3 + 0.4 * (b + 0.4) + 0.5 * (chance - 0.5) + 0.15 * noise.clouds(u, v, 0.6, 2),
    )
    if night:
        mirror = mirror * np.float32(0.12)
    lamp = ramp(inks("b86820 f0b050 fff0c0"), 0.5 + 0.5 * b + 0.3 * (other - 0.5)) * np.float32(1.1)
    mirror = np.where((chance > (0.5 if night else 0.92))[..., None], lamp, mirror)
    curtain = rise(0.35, 0.9, abs(a) / half_u) * (other > 0.5)
    mirror = mix(mirror, ink("e8e0d0") * np.float32(0.25 if night else 0.7), (0.7 * curtain)[..., None])
    colour = colour * np.float32(0.16 if night else 1)
    colour = mix(colour, mirror, panes[..., None])
    if random.random() < 0.45:
        shutters = (
            rise(half_u + 0.045, half_u + 0.06, abs(a))
            * rise(half_u * 2, half_u * 2 - 0.02, abs(a))
            * rise(half_v + 0.03, half_v + 0.01, abs(b))
        )
        paint = one_of(random, "2a5a4a 3a5a8a 7a2a24 5a7a5a 6a4a30", 0.08) * (0.7 + 0.3 * wave(b * 16))[..., None]
        colour = mix(colour, paint * np.float32(0.2 if night else 1), shutters[..., None])
    sill = rise(0.02, 0.0, abs(b + half_v + 0.06) - 0.03) * rise(half_u + 0.1, half_u + 0.08, abs(a))
    ledge = rise(0.02, 0.0, abs(b - 0.5 + 0.03) - 0.03) * (random.random() < 0.6)
    colour = mix(colour, trim * np.float32(0.25 if night else 0.95), np.maximum(sill, ledge)[..., None])
    height = (
        0.045 * frame - 0.06 * rise(0.0, -0.02, outside) + 0.06 * sill + 0.05 * ledge + 0.003 * noise.grain(u, v, 0.5)
    )
    if night:
        return photograph(random, colour.astype(np.float32))
    return photograph(random, lit(random, height.astype(np.float32), colour, 1, 0.1, 12, low=(35, 60)))


def skylines(random: Random) -> Pixels:
    """Towers of a great city, by day, at dusk, at night."""
    x, y = sheet()
    time = int(random.integers(3))
    if time == 0:
        image, glow, dark = sky(random), ink("c8d4e0"), 0.0
    else:
        high, middle, low, _ = evening(random)
        image = (
            ramp([low, middle, high], y * 0.5 + 0.45)
            if time == 1
            else ramp([ink("2a2440"), ink("10142c"), ink("060814")], y * 0.5 + 0.5)
        )
        glow, dark = (mix(low, middle, 0.5) if time == 1 else ink("201c34")), (0.6 if time == 1 else 1.0)
    base = random.uniform(-0.85, -0.5)
    for layer in range(4):
        near = (layer + 1) / 4
        at = -1.1
        while at < 1.1:
            wide = random.uniform(0.1, 0.24) * (0.6 + 0.7 * near)
            high = base + random.uniform(0.2, 1.25) * (1.15 - 0.45 * near)
            _tower(random, image, at + wide / 2, wide / 2, high, near, glow, dark)
            at += wide * random.uniform(0.85, 1.3)
    if random.random() < 0.5:  # a river that mirrors it
        shore = base + random.uniform(-0.05, 0.15)
        line = round((1 - shore) / 2 * FINE)
        ripple = Noise(random).clouds(x * 3, 1 / (0.15 + np.maximum(np.float32(shore) - y, 0)), 0.5, 1.5, turn=False)
        rows = np.clip(2 * line - np.arange(FINE)[:, None] + ripple * 3, 0, FINE - 1).astype(np.intp)
        columns = np.clip(np.arange(FINE)[None] + ripple * 1.5, 0, FINE - 1).astype(np.intp)
        lay(image, covered(y - np.float32(shore)), image[rows, columns] * np.float32(0.65))
    return develop((image + 0.25 * dark * blur(image, 8)).astype(np.float32), random)


def _tower(
    random: Random, image: Image, at: float, half: float, high: float, near: float, glow: Colour, dark: float
) -> None:
    left, right = max(round((at - half + 1) / PIXEL), 0), min(round((at + half + 1) / PIXEL), FINE)
    top = max(round((1 - high) / PIXEL), 0)
    if right - left < 3 or top >= FINE:
        return
    x, y = (plane[top:, left:right] for plane in sheet())
    u, v = (x - np.float32(at)) / np.float32(half), np.float32(high) - y
    wall = one_of(random, "8a7a6a a89080 6a7480 9aa4a8 5a5a60 b8a898 4a5a6a", 0.1)
    style, rate = int(random.integers(3)), random.uniform(26, 44)
    columns = (x - np.float32(at)) * np.float32(rate * 1.2)
    rows = v * np.float32(rate)
    chance = random.uniform(0, 1, (64, 64)).astype(np.float32)[
        np.floor(rows).astype(np.int32) & 63, np.floor(columns).astype(np.int32) & 63
    ]
    a, b = columns - np.floor(columns), rows - np.floor(rows)
    window = [(a > 0.25) & (a < 0.8) & (b > 0.25) & (b < 0.75), (b > 0.3) & (b < 0.8), (a > 0.35) & (a < 0.85)][
        style
    ] & (v > 0.03)
    pane = ramp(inks("1c2830 4a6474 a8c0cc"), 0.3 + 0.5 * chance)
    day = np.where(window[..., None], pane, wall) * (0.95 + 0.2 * u * (1 if at < 0 else -1))[..., None]
    lamps = np.where(
        (window & (chance > 0.55))[..., None],
        ramp(inks("f0a840 ffe0a0 d8e8ff"), chance * 3 - 1.6) * np.float32(0.9),
        ink("0c0e16"),
    )
    colour = mix(day * np.float32(1 - 0.75 * dark), lamps, dark * 0.85) if dark else day
    image[top:, left:right] = mix(colour, glow, 0.72 * (1 - near))


def doors(random: Random) -> Pixels:
    """Front doors with panels, steps, a lamp, a wreath."""
    x, y = sheet()
    noise = Noise(random)
    u, v = (
        x * np.float32(random.uniform(0.75, 1.1)) + np.float32(random.normal() * 0.06),
        y * np.float32(random.uniform(0.85, 1.05)) - 0.1,
    )
    wall = one_of(random, FACADES, 0.1)
    course = v * 9
    brick = random.random() < 0.5
    column = u * 4.5 + 0.5 * (np.floor(course) % 2)
    joint = (
        rise(0.04, 0.1, np.minimum(abs(course - np.rint(course)), abs(column - np.rint(column)) * 2))
        if brick
        else np.ones_like(x)
    )
    colour = mix(wall * np.float32(1.15), wall, joint[..., None]) * (1 + 0.09 * noise.clouds(u, v, 0.4, 1.3))[..., None]
    half, top = np.float32(random.uniform(0.36, 0.46)), np.float32(random.uniform(0.55, 0.72))
    arched = random.random() < 0.45
    crown = np.float32(0.28) * (np.sqrt(np.maximum(1 - (u / half) ** 2, 0)) - 1) if arched else np.float32(0)
    door = np.maximum(abs(u) - half, v - top - crown)
    trim, paint = (
        one_of(random, "f0ece0 d8d0c0 8a8478 5a4030", 0.04),
        one_of(random, "1c3a5a 7a1c1c 1c4a34 2a2a2e d8a830 5a3418 4a7a8a 8a5a7a", 0.08),
    )
    frame = rise(0.1, 0.085, door)
    colour = mix(colour, trim, frame[..., None])
    inside = rise(0.0, -0.015, door)
    rows = int(random.integers(2, 4))
    a, b = abs(abs(u) / half - 0.5), (v + 0.95) / (top + 0.85) * rows
    panel = np.maximum(a - 0.3, abs(b - np.floor(b) - 0.5) - 0.36)
    if random.random() < 0.4:
        glass = (b > rows - 1) & (panel < 0)
        pane = ramp(inks("1c2830 5a7484 c0d0d8"), 0.4 + 0.3 * u + 0.2 * noise.clouds(u, v, 0.3, 2))
    else:
        glass, pane = np.zeros_like(x, bool), paint
    wood = paint * (1 + 0.05 * noise.clouds(u * 3, v * 0.3, 0.5, 1.2, turn=False))[..., None]
    wood = np.where(glass[..., None], pane, wood)
    colour = mix(colour, wood, inside[..., None])
    knob = length(u - half * 0.78, v + 0.2) - 0.035
    colour = mix(colour, ink("d8b050"), covered(knob)[..., None])
    step = np.floor(np.clip((-v - 0.92) * 9, -1, 3))
    stone = one_of(random, "8a867e a8a298 6a6862", 0.05) * (1 + 0.08 * noise.grain(u, v, 0.4))[..., None]
    colour = np.where((v < -0.92)[..., None], stone * (1.1 - 0.18 * ((-v * 9) % 1))[..., None], colour)
    height = (
        0.07 * frame
        - 0.05 * inside
        + 0.02 * rise(0.03, -0.03, panel) * inside
        + 0.05 * covered(knob, 8)
        + 0.012 * (joint - 1) * (1 - frame)
        + 0.05 * (v < -0.92) * (step + 2)
    )
    if random.random() < 0.25:
        wreath = abs(length(u, v - 0.15) - 0.17) - 0.05 + 0.02 * noise.grain(u, v, 0.5)
        colour = mix(
            colour, ramp(inks("14280f 3a6024 8a2a20"), 0.4 + 0.3 * noise.grain(u, v, 0.3)), covered(wreath)[..., None]
        )
        height = height + 0.05 * covered(wreath, 6)
    return photograph(random, lit(random, blur(height, 0.5), colour.astype(np.float32), 1, 0.15, 12))


def stairs(random: Random) -> Pixels:
    """Straight, seen from below or aslant."""
    bodies: list[Body] = []
    count, rise_, tread, wide = (
        int(random.integers(5, 9)),
        random.uniform(0.17, 0.24),
        random.uniform(0.26, 0.36),
        random.uniform(0.9, 1.6),
    )
    skin = (
        any_skin(random, 2)
        if random.random() < 0.2
        else mottled(random, one_of(random, "b8b0a0 8a8680 c8a078 6a4a30 d8d4cc a86a50", 0.06), 0.08)
    )
    other = mottled(random, one_of(random, "b8b0a0 8a8680 e8e0d0 6a4a30", 0.06), 0.06)
    steps = [
        block((0, rise_ * (number + 0.5), -tread * number), (wide, rise_ / 2, tread * 0.62), 0.012)
        for number in range(count)
    ]
    bodies += [Body(each, skin if number % 2 else other, 0.12, 15) for number, each in enumerate(steps)]
    if random.random() < 0.6:
        metal = one_of(random, "2a2a2c 8a5a30 c8c8c4 5a7a6a")
        for side in (-1, 1) if random.random() < 0.5 else (1,):
            top, end = 0.75, (count - 1)
            posts = union(
                limb((side * wide * 0.92, 0.1, 0), (side * wide * 0.92, rise_ + top, 0), 0.03),
                limb(
                    (side * wide * 0.92, rise_ * end, -tread * end),
                    (side * wide * 0.92, rise_ * (end + 1) + top, -tread * end),
                    0.03,
                ),
                limb(
                    (side * wide * 0.92, rise_ + top, 0),
                    (side * wide * 0.92, rise_ * (end + 1) + top, -tread * end),
                    0.04,
                ),
                *(
                    limb(
                        (side * wide * 0.92, rise_ * (number + 1), -tread * number),
                        (side * wide * 0.92, rise_ * (number + 1) + top, -tread * number),
                        0.018,
                    )
                    for number in range(1, count - 1)
                ),
            )
            bodies.append(Body(posts, metal, 0.5, 30))
    return still(
        random,
        bodies,
        "street lawn table studio",
        (0, rise_ * count * 0.55, -tread * count * 0.4),
        5,
        0.3,
        (-50, 50),
        (10, 35),
    )


def rooms(random: Random) -> Pixels:
    """A room in perspective: floor, walls, a window that lets light in, a table or a bed, a picture."""
    wall = one_of(random, "c8b8a0 a8b4b0 d8d0c0 b09484 8a9aa8 c8a8a0 9aa888 e0d4b8", 0.08)
    floor = [boards, boards, checked, plain][int(random.integers(4))](random)
    papered = random.random() < 0.4
    stripe = random.uniform(2, 5)

    def paper(p: Plane) -> Plane:
        base = np.broadcast_to(wall, (p.shape[1], 3)) * np.float32(1)
        if papered:
            base = base * (0.93 + 0.1 * rise(-0.2, 0.2, wave((p[0] + p[2]) * np.float32(stripe))))[:, None]
        board = p[1] < 0.14
        return np.where(board[:, None], ink("e8e4dc"), base)

    deep, half, high = 2.2, 1.6, 2.1
    shell = [
        Body(block((0, high / 2, -deep), (half + 0.2, high, 0.1), 0), paper, 0),
        Body(block((-half, high / 2, 0), (0.1, high, deep + 0.3), 0), paper, 0),
        Body(block((half, high / 2, 0), (0.1, high, deep + 0.3), 0), paper, 0),
    ]
    at = random.uniform(-0.7, 0.7)
    frame = Body(block((at, 1.25, -deep + 0.1), (0.5, 0.55, 0.03), 0.01), ink("f0ece4"), 0.2)

    def view(p: Plane) -> Plane:
        bar = (abs(p[0] - at) < 0.02) | (abs(p[1] - 1.3) < 0.02)
        outside = ramp(inks("5a8a4a a8c8a0 d8e8f4 a8c8f0"), (p[1] - 0.75) * 1.1)
        return np.where(bar[:, None], ink("f0ece4"), outside * np.float32(1.5))

    bodies = [*shell, frame, Body(block((at, 1.25, -deep + 0.12), (0.45, 0.5, 0.03), 0), view, 0.3, 60, glow=0.9)]
    cloth = any_skin(random, 1)
    if random.random() < 0.5:  # a table with something on it
        top, x = 0.72, random.uniform(-0.5, 0.5)
        wood = one_of(random, "6a3c1c 8a5a30 c8a070 3a2418", 0.08)
        legs = union(
            *(
                limb((x + a * 0.5, 0, -0.7 + b * 0.3), (x + a * 0.5, top, -0.7 + b * 0.3), 0.04)
                for a in (-1, 1)
                for b in (-1, 1)
            )
        )
        bodies += [
            Body(legs, wood, 0.3),
            Body(block((x, top, -0.7), (0.62, 0.04, 0.4), 0.02), wood, 0.4, 30),
            Body(ball((x + 0.2, top + 0.15, -0.65), 0.13), cloth, 0.5, 40),
            Body(tube((x - 0.2, top + 0.17, -0.75), 0.1, 0.15), any_skin(random, 0.5), 0.5, 40),
        ]
    else:  # a bed or a sofa
        x = random.choice([-0.55, 0.55])
        bodies += [
            Body(block((x, 0.3, -1.0), (0.72, 0.2, 0.95), 0.1), cloth, 0.05, soft=0.3),
            Body(block((x, 0.55, -1.75), (0.6, 0.14, 0.2), 0.12), ink("f0ece4"), 0.05, soft=0.3),
            Body(block((x, 0.45, -2.02), (0.76, 0.5, 0.05), 0.03), one_of(random, "6a3c1c 8a5a30 3a2418"), 0.3),
        ]
    if random.random() < 0.7:
        side = random.choice([-1, 1])
        bodies.append(
            Body(block((side * (half - 0.12), 1.35, -0.9), (0.03, 0.28, 0.38), 0.01), any_skin(random, 0.8), 0.2)
        )
    light = Light(
        toward(random.uniform(-30, 30) + (180 if random.random() < 0.5 else 0), random.uniform(28, 50)),
        ink("fff0d8") * np.float32(0.75),
        ink("c8ccd4") * np.float32(0.6),
        ink("b0a090") * np.float32(0.45),
        0.4,
    )
    camera = Camera(
        (random.uniform(-0.5, 0.5), random.uniform(1.1, 1.5), 2.5),
        (random.uniform(-0.2, 0.2), 0.85, -1),
        random.uniform(0.5, 0.62),
    )
    backdrop = np.tile(ink("e8e4dc") * np.float32(0.8), (FINE, FINE, 1)).astype(np.float32)
    return develop(render(bodies, camera, light, backdrop, floor, 0, 40).image, random)
