"""Walls and floors of stone and clay: bricks, pebbles, marble, tiles, dry earth, cobbles."""

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, length, mix, rise, sheet, wave
from lucarne.atlas.scenes.colour import ink, inks, one_of, ramp, vary
from lucarne.atlas.scenes.noise import Cells, Noise
from lucarne.atlas.scenes.relief import aslant, lit, photograph


def bricks(random: Random) -> Pixels:
    """A wall in a running bond, seen more or less from the side."""
    u, v, near = aslant(random, (2.2, 5.5), 0.6, 8)
    if random.random() < 0.3:
        u, v = v, u
    noise, tones = Noise(random), random.uniform(0, 1, (64, 64)).astype(np.float32)
    u = u * np.float32(0.42) + 0.01 * noise.clouds(u, v, 0.2)
    v = v + 0.02 * noise.clouds(u, v, 0.2)
    row = np.floor(v)
    u = u + 0.5 * (row % 2)
    column = np.floor(u)
    inside = np.minimum((0.5 - abs(u - column - 0.5)) * 2.2, 0.5 - abs(v - row - 0.5))
    joint = np.float32(random.uniform(0.05, 0.1))
    face = rise(joint * 0.5, joint * 1.6, inside + 0.02 * noise.grain(u, v, 0.2))
    tone = tones[row.astype(np.int32) & 63, column.astype(np.int32) & 63]
    grain = noise.clouds(u, v, 0.5, 0.9)
    clay = inks(
        str(
            random.choice(
                [
                    "5a2a20 8a4030 a85a40 c07858",
                    "8a6a4a a88860 c8a880 d8c09a",
                    "4a4848 6a6866 8a8682 a09a94",
                    "c8c0b4 d8d2c8 e4e0d8 f0ece6",
                ]
            )
        )
    )
    colour = ramp(clay, 0.15 + 0.7 * tone + 0.1 * grain)
    mortar = one_of(random, "b0a898 8a857c c8c2b4 5a564e")
    height = 0.045 * face + 0.006 * grain + 0.012 * tone * face
    return photograph(random, lit(random, height, mix(mortar, colour, face[..., None])), near)


def pebbles(random: Random) -> Pixels:
    u, v, near = aslant(random, (2.2, 5), 0.6)
    cells, noise = Cells(random, 0.8), Noise(random)
    u, v = u + 0.12 * noise.clouds(u, v, 0.08, 2.4), v + 0.12 * noise.clouds(u, v, 0.08, 2.4)
    first, second, value, _, _ = cells.near(u, v)
    edge = np.clip((second - first) * 1.5, 0, 1)
    round_ = np.sqrt(1 - (1 - edge) ** 2)
    palette = str(
        random.choice(
            [
                "5a5650 8a8478 b0a898 d0cac0 7a6a5c",
                "3a4048 5a646c 8a949a b8c0c4 e0e4e4",
                "8a5a40 b08868 d8c0a0 6a6a6a f0e8dc",
                "2a2a2c 4a4a4c 6a6a6a 8a8886 a8a49e",
            ]
        )
    )
    colour = ramp(inks(palette), value) * (1 + 0.1 * noise.clouds(u * 3, v * 3 + 5 * value, 0.3, 1.2))[..., None]
    gaps = rise(0.02, 0.2, edge)
    wet = 0.5 if random.random() < 0.4 else 0.0
    scale = np.float32(0.5) * (0.6 + 0.4 * value)
    image = lit(random, round_ * scale * 0.35, mix(ink("2a2620"), colour, gaps[..., None]), 1, wet, 12)
    return photograph(random, image, near)


def marble(random: Random) -> Pixels:
    """A polished slab: folds of noise, veins where they cross zero."""
    u, v, near = aslant(random, (0.7, 1.6), 0.4)
    noise = Noise(random)
    fold_u, fold_v = u + 0.25 * noise.clouds(u, v, 0.25, 2.2), v + 0.25 * noise.clouds(u, v, 0.25, 2.2)
    fold = noise.clouds(fold_u, fold_v * 0.6, 0.3, 1.9)
    fine = noise.clouds(fold_u * 2, fold_v * 2, 0.3, 1.7)
    vein = np.maximum((1 - rise(0, 0.26, abs(fold))) ** 2, 0.6 * (1 - rise(0, 0.12, abs(fine))))
    palette = str(
        random.choice(
            [
                "f0eeea d4d2ce a8a8ac 484a54",
                "14181a 20282a 34403c d8d4c0",
                "1a3a2c 2a5a44 4a7a60 e0ead8",
                "d8a890 e0bca8 c88a74 7a3a34",
                "e8dcc0 d4b88c b08a58 6a4020",
                "3a2420 5a342c 8a5a48 f0e4d8",
            ]
        )
    )
    colours = [vary(random, each, 0.04) for each in inks(palette)]
    part = 0.3 + 0.2 * noise.clouds(u, v, 0.2, 2.2) + 0.08 * fold
    colour = mix(ramp(colours[:3], part * 1.4), colours[3], (vein * (0.7 + 0.25 * fine)).clip(0, 1)[..., None])
    x, y = sheet()
    sheen = 0.12 * rise(0.3, 1, wave(0.2 * x + 0.25 * y + np.float32(random.uniform())))
    return photograph(random, colour * np.float32(0.85) + sheen[..., None], near, 2)


def tiles(random: Random) -> Pixels:
    """Glazed tiles with an ornament, or a mosaic of small ones."""
    u, v, near = aslant(random, (1.4, 4.5), 0.7)
    noise = Noise(random)
    column, row = np.floor(u), np.floor(v)
    x, y = u - column - 0.5, v - row - 0.5
    edge = 0.5 - np.maximum(abs(x), abs(y))
    one, two, three = (
        one_of(random, digits, 0.08)
        for digits in (
            "f0ece0 e8e4d8 d8e4e8",
            "1f4a8a 2a6a6a 8a2a2a 3a5a2a b07020 2a2a34",
            "d8a030 5a9ac0 c05a40 7a9a5a",
        )
    )
    tone = random.uniform(0, 1, 64 * 64).astype(np.float32)[
        (row.astype(np.int32) & 63) * 64 + (column.astype(np.int32) & 63)
    ]
    style = int(random.integers(5))
    away = np.sqrt(x * x + y * y)
    if style == 0:  # quarter circles that meet
        corner = np.sqrt((0.5 - abs(x)) ** 2 + (0.5 - abs(y)) ** 2)
        colour = mix(mix(one, two, rise(0.42, 0.4, corner)[..., None]), three, rise(0.22, 0.2, away)[..., None])
    elif style == 1:  # a star
        star = np.maximum(abs(x) + abs(y), np.maximum(abs(x), abs(y)) * 1.42)
        diamond = np.minimum(star, np.maximum(abs(x), abs(y)) * 1.2)
        colour = mix(
            mix(one, two, rise(0.42, 0.4, diamond)[..., None]), three, rise(0.2, 0.18, abs(x) + abs(y))[..., None]
        )
    elif style == 2:  # chequered
        colour = mix(one, two, ((column + row) % 2)[..., None])
    elif style == 3:  # a mosaic
        colour = ramp([two, three, one, mix(one, two, 0.5)], tone)
    else:  # half and half, each turned as chance will
        turned = np.where(tone < 0.5, x + y, x - y) * np.where((tone * 4) % 2 < 1, 1, -1)
        colour = mix(one, two, rise(-0.01, 0.01, turned)[..., None])
    glaze = (0.92 + 0.08 * noise.clouds(u, v, 0.4, 1.5) + 0.1 * (tone - 0.5))[..., None]
    joint = rise(0.015, 0.04, edge)
    height = 0.02 * joint + 0.002 * noise.clouds(u, v, 0.3, 2) + 0.01 * (tone - 0.5) * x
    image = lit(
        random, height, mix(one_of(random, "8a8478 b0a898 5a5650"), colour * glaze, joint[..., None]), 1, 0.25, 40
    )
    return photograph(random, image, near)


def dry_earth(random: Random) -> Pixels:
    """Mud that has cracked."""
    u, v, near = aslant(random, (1.6, 3.6), 0.75)
    noise, cells, small = Noise(random), Cells(random, 0.95), Cells(random, 0.95)
    u, v = u + 0.12 * noise.clouds(u, v, 0.25, 1.6), v + 0.12 * noise.clouds(u, v, 0.25, 1.6)
    first, second, value, _, _ = cells.near(u, v)
    fine_first, fine_second, _, _, _ = small.near(u * 2.7, v * 2.7)
    crack = np.minimum(rise(0.02, 0.12, second - first), 0.5 + 0.5 * rise(0.0, 0.07, fine_second - fine_first))
    grain = noise.clouds(u, v, 0.5, 1.1)
    palette = str(random.choice(["6a4a30 9a7450 b89870", "8a7a68 b0a08a d0c4b0", "7a3a20 a8603a c88a60"]))
    colour = ramp(inks(palette), 0.5 + 0.16 * grain + 0.25 * (value - 0.5)) * (0.16 + 0.84 * crack)[..., None]
    curl = 0.05 * np.clip(first, 0, 0.6)  # the rims of the flakes bend up
    return photograph(random, lit(random, 0.09 * crack + curl + 0.004 * grain, colour), near)


def roof(random: Random) -> Pixels:
    """Overlapping roof tiles, course upon course."""
    u, v, near = aslant(random, (2.5, 5.5), 0.7, 20)
    noise = Noise(random)
    row = np.floor(v)
    part = v - row  # 0 at the lower, open edge
    u = u + 0.5 * (row % 2)
    column = np.floor(u)
    side = u - column - 0.5
    tone = random.uniform(0, 1, 4096).astype(np.float32)[
        (row.astype(np.int32) & 63) * 64 + (column.astype(np.int32) & 63)
    ]
    rounded = random.random() < 0.6
    swell = np.sqrt(np.maximum(1 - (side * 1.9) ** 2, 0)) if rounded else rise(0.5, 0.46, abs(side))
    lip = rise(0.0, 0.12, part - (0.35 * side * side if rounded else 0))
    palette = str(
        random.choice(["6a2c1c 9a4a30 b8694a c88a68", "3a3c42 54585e 6e7278 8a8e92", "5a4030 7a5a44 9a7a5c b09474"])
    )
    colour = ramp(inks(palette), 0.15 + 0.7 * tone + 0.1 * noise.clouds(u, v, 0.4, 1.0))
    colour = mix(colour, ink("6a7048"), (0.5 * rise(0.6, 1.8, noise.clouds(u, v, 0.12, 1.6)))[..., None])
    height = 0.09 * swell * (0.4 if not rounded else 1) + 0.13 * (1 - part) * lip
    return photograph(random, lit(random, height, colour * (0.3 + 0.7 * lip)[..., None]), near)


def cobbles(random: Random) -> Pixels:
    """A street of rounded stones that runs away from the eye."""
    u, v, near = aslant(random, (3, 6), 0.85, 30)
    noise, tones = Noise(random), random.uniform(0, 1, (64, 64)).astype(np.float32)
    v = v + 0.25 * wave(u * np.float32(random.uniform(0.03, 0.1)))
    row = np.floor(v)
    shift = tones[row.astype(np.int32) & 63, 0]
    u = u * 0.8 + shift + 0.03 * noise.clouds(u, v, 0.3)
    column = np.floor(u)
    x, y = abs(u - column - 0.5) * 2, abs(v - row - 0.5) * 2
    edge: Plane = 1 - np.sqrt(length(x * x, y * y)) + 0.04 * noise.clouds(u, v, 0.4)
    stone = rise(0.04, 0.16, edge)
    tone = tones[row.astype(np.int32) & 63, column.astype(np.int32) & 63]
    palette = str(
        random.choice(["4a4a4c 6a6a6c 8a8a8a a8a6a2", "5a4a40 7a6a5c 9a8a7a b8a898", "3a4048 58606a 7a848c 98a0a6"])
    )
    colour = ramp(inks(palette), 0.1 + 0.8 * tone + 0.08 * noise.clouds(u, v, 0.6, 0.9))
    wet = random.random() < 0.4
    height = 0.12 * np.sqrt(np.clip(edge * 2, 0, 1)) + 0.004 * noise.grain(u, v, 0.3)
    image = lit(random, height.astype(np.float32), mix(ink("26221e"), colour, stone[..., None]), 1, 0.5 * wet, 10)
    return photograph(random, image, near)
