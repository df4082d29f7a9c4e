"""Skins of animals, near: fur, zebra, leopard, giraffe, tiger, scales, feathers."""

import numpy as np

from lucarne.atlas.scenes.canvas import FINE, Floats, Pixels, Plane, Random, angle, blur, length, mix, rise, sheet, wave
from lucarne.atlas.scenes.colour import ink, inks, one_of, ramp, vary
from lucarne.atlas.scenes.noise import Cells, Noise, streaks
from lucarne.atlas.scenes.relief import aslant, lit, photograph


def _coat(random: Random, colour: Floats, long: float, rough: float, form: Plane) -> Pixels:
    """Hair of a given length in fine pixels, lying along a flow, over a body of soft form."""
    x, y = sheet()
    noise = Noise(random)
    flow = random.uniform(0, 1) + 0.09 * noise.clouds(x, y, 0.1, 2.8)
    right, up = wave(flow + 0.25), wave(flow)
    strands = streaks(random.normal(size=(FINE, FINE)).astype(np.float32), right, up, long, 7)
    tufts = streaks(noise.clouds(x, y, 0.35, 1.0), right, up, long * 1.5, 5)
    strands = strands / 0.3
    moved = np.clip(tufts * 2, -2, 2)  # tufts pull the pattern along the hair
    row, column = np.mgrid[0:FINE, 0:FINE]
    at_row = np.clip(row - np.rint(up * moved * 3 * rough), 0, FINE - 1).astype(np.intp)
    at_column = np.clip(column + np.rint(right * moved * 3 * rough), 0, FINE - 1).astype(np.intp)
    shaded = colour[at_row, at_column] * np.clip(1 + 0.16 * strands + 0.16 * rough * tufts, 0.2, 2)[..., None]
    height = 0.35 * form + 0.012 * rough * tufts + 0.004 * strands
    return photograph(random, lit(random, height.astype(np.float32), shaded, 1, 0.08, 8, 0.5))


def _form(random: Random) -> Plane:
    """The swell of a flank."""
    x, y = sheet()
    return 0.45 * Noise(random).clouds(x, y, 0.07, 3.4)


def fur(random: Random) -> Pixels:
    """Plain long hair, somewhat blotched."""
    x, y = sheet()
    palettes = [
        "3a2414 6a4424 a07444 d0a878",
        "8a8074 b8ac9c dcd4c4 f4f0e8",
        "14110f 2a2420 4a4038 6a5c50",
        "7a3410 a85420 d08040 f0b880",
        "585858 808080 a8a8a8 d8d8d8",
    ]
    noise = Noise(random)
    colour = ramp(
        [vary(random, each, 0.06) for each in inks(str(random.choice(palettes)))],
        0.5 + 0.2 * noise.clouds(x, y, 0.1, 2.2),
    )
    return _coat(random, colour, random.uniform(12, 26), random.uniform(0.7, 1.6), _form(random))


def zebra(random: Random) -> Pixels:
    u, v, _ = aslant(random, (0.9, 1.9), 0.2)
    noise = Noise(random)
    bend = (
        u * np.float32(1.4)
        + 0.22 * noise.clouds(u, v, 0.1, 2.8, turn=False)
        + np.float32(random.uniform(0.1, 0.35)) * v * v
    )
    stripe = wave(bend) + 0.35 * noise.clouds(u, v, 0.12, 2.2) * wave(v * 0.4)
    dark = rise(-0.12, 0.12, stripe)
    white = one_of(random, "e8e2d4 f0ece4 dcccb0", 0.04) * (1 - 0.12 * rise(0, 1.5, noise.clouds(u, v, 0.2)))[..., None]
    return _coat(random, mix(white, ink("17130f"), dark[..., None]), 6, 0.5, _form(random))


def tiger(random: Random) -> Pixels:
    u, v, _ = aslant(random, (0.9, 1.7), 0.2)
    noise = Noise(random)
    bend = u * np.float32(1.7) + 0.3 * noise.clouds(u, v, 0.12, 2.6)
    thick = 0.55 + 0.35 * noise.clouds(u * 0.5, v, 0.25, 2.2)
    dark = rise(0.1, 0.4, wave(bend) - thick + 0.25 * wave(v * 0.7))
    pale = rise(0.4, 1.6, noise.clouds(u, v, 0.08, 2.8) + v * np.float32(0.5))
    orange = ramp(inks("a8541a d07a2a e09a48"), 0.5 + 0.2 * noise.clouds(u, v, 0.2))
    ground = mix(orange, ink("f0e4cc"), pale[..., None])
    return _coat(random, mix(ground, ink("1a120c"), dark[..., None]), 9, 0.8, _form(random))


def leopard(random: Random) -> Pixels:
    """Broken rings on gold."""
    u, v, _ = aslant(random, (1.5, 2.9), 0.2)
    cells, noise = Cells(random, 0.6), Noise(random)
    u, v = u + 0.12 * noise.clouds(u, v, 0.15, 2.2), v + 0.12 * noise.clouds(u, v, 0.15, 2.2)
    first, _, value, way_u, way_v = cells.near(u, v)
    radius = first + 0.06 * noise.clouds(u, v, 0.3, 1.8)
    gap = wave(angle(way_v, way_u) * (2 + np.floor(value * 2)) + value * 5)
    rosette = rise(0.13, 0.09, abs(radius - 0.29)) * rise(0.95, 0.5, gap)
    inside = rise(0.28, 0.2, radius)
    ground = ramp(inks("b07a34 d0a058 e4c48c f0e0c0"), 0.35 + 0.16 * noise.clouds(u, v, 0.05, 2.6))
    if random.random() < 0.25:  # a cheetah's plain spots
        rosette = rise(0.3, 0.22, radius)
    colour = mix(mix(ground, ink("9a6428"), (0.6 * inside)[..., None]), ink("1c130b"), rosette[..., None])
    return _coat(random, colour, 7, 0.6, _form(random))


def giraffe(random: Random) -> Pixels:
    u, v, _ = aslant(random, (1.6, 3.2), 0.2)
    cells, noise = Cells(random, 0.8), Noise(random)
    u, v = u + 0.06 * noise.clouds(u, v, 0.3, 2.0), v + 0.06 * noise.clouds(u, v, 0.3, 2.0)
    first, second, value, _, _ = cells.near(u, v)
    patch = rise(0.1, 0.2, second - first)
    brown = ramp(inks("4a2410 7a4420 a8683a"), 0.6 - 0.5 * first + 0.3 * (value - 0.5))
    ground = one_of(random, "ecdcb8 f4e8cc e0cca0", 0.04) * (1 + 0.08 * noise.clouds(u, v, 0.2))[..., None]
    return _coat(random, mix(ground, brown, patch[..., None]), 5, 0.4, _form(random))


def cow(random: Random) -> Pixels:
    """Large patches with a clear coast."""
    u, v, _ = aslant(random, (1.1, 1.9), 0.2)
    noise = Noise(random)
    dark = rise(0.12, 0.2, noise.clouds(u, v, 0.22, 2.9) + np.float32(random.uniform(-0.3, 0.5)))
    white = one_of(random, "f0ece4 e8e0d4", 0.03) * (1 + 0.05 * noise.clouds(u, v, 0.3))[..., None]
    brown = one_of(random, "1a1614 1a1614 4a3020 7a5030", 0.04)
    return _coat(random, mix(white, brown, dark[..., None]), 6, 0.5, _form(random))


def scales(random: Random) -> Pixels:
    """Of a fish or a snake: rows of shining lappets."""
    u, v, near = aslant(random, (3, 7), 0.35)
    noise = Noise(random)
    x, y = sheet()
    u, v = u + 0.3 * noise.clouds(x, y, 0.06, 3), v + 0.3 * noise.clouds(x, y, 0.06, 3)
    best = np.full_like(u, -99)
    tone, lap = np.zeros_like(u), np.zeros_like(u)
    values = random.uniform(0, 1, 4096).astype(np.float32)
    for down in (0, 1, 2):  # a scale reaches over the rows below
        row = np.floor(v * 2) - 1 + down
        shift = 0.5 * (row % 2)
        column = np.floor(u - shift)
        px, py = u - shift - column - 0.5, v - row * 0.5 - 0.5
        away = length(px, py * 0.8)
        covers = (away < 0.56) & (row > best)
        best = np.where(covers, row, best)
        lap = np.where(covers, away, lap)
        number = (row.astype(np.int32) & 63) * 64 + (column.astype(np.int32) & 63)
        tone = np.where(covers, values[number], tone)
    palette = str(
        random.choice(
            [
                "5a6a70 8a9aa0 b8c4c8 e0e8ec",
                "b0480c d87820 f0a848 f8d898",
                "1c3a2a 3a6a44 7a9a54 c0c888",
                "2a2420 5a4430 9a7c50 d0bc88",
                "1a2a4a 2a5a8a 4a9ab0 a0dcd8",
            ]
        )
    )
    broad = noise.clouds(x, y, 0.12, 2.4)
    colour = ramp(inks(palette), 0.4 + 0.25 * (tone - 0.5) + 0.2 * broad + 0.25 * (lap - 0.3))
    rim = rise(0.4, 0.56, lap)
    height = 0.05 * (1 - lap * lap * 3)
    image = lit(random, height.astype(np.float32), colour * (1 - 0.6 * rim)[..., None], 1, 0.5, 14)
    return photograph(random, image, near)


def feathers(random: Random) -> Pixels:
    """Overlapping plumage, each feather with its shaft and barbs; sometimes a peacock's eyes."""
    u, v, near = aslant(random, (0.9, 1.9), 0.3)
    noise = Noise(random)
    x, y = sheet()
    u, v = u + 0.16 * noise.clouds(x, y, 0.15, 2.2), v + 0.16 * noise.clouds(x, y, 0.15, 2.2)
    best = np.full_like(u, -99)
    lap_x, lap_y, tone = (np.zeros_like(u) for _ in range(3))
    values = random.uniform(0, 1, 4096).astype(np.float32)
    for down in range(4):
        row = np.floor(v * 2) - 2 + down
        shift = 0.5 * (row % 2)
        column = np.floor(u - shift)
        px, py = u - shift - column - 0.5, v - row * 0.5 - 0.75
        covers = (length(px * 1.9, np.minimum(py + 0.35, py * 0.1)) < 1) & (length(px, py * 0.62) < 0.53) & (row > best)
        best = np.where(covers, row, best)
        lap_x, lap_y = np.where(covers, px, lap_x), np.where(covers, py, lap_y)
        tone = np.where(covers, values[(row.astype(np.int32) & 63) * 64 + (column.astype(np.int32) & 63)], tone)
    radius = length(lap_x, lap_y * 0.62)
    barbs = wave((abs(lap_x) * 0.9 - lap_y * 0.8) * 20 + tone)
    shaft = rise(0.035, 0.015, abs(lap_x))
    palette = str(
        random.choice(
            [
                "3a2a1c 6a5034 a88858 e0d0a8",
                "20242a 48505a 8a949c d0d8dc",
                "0c2a3a 14586a 2a8a6a a8c858",
                "7a1c10 b0401c d88830 f0d070",
                "c8c0b0 dcd6ca ece8e0 faf8f4",
            ]
        )
    )
    colours = inks(palette)
    colour = ramp(colours, 0.35 + 0.25 * (tone - 0.5) + 1.1 * (radius - 0.25) + 0.06 * barbs)
    if random.random() < 0.35:  # eyes
        eye = length(lap_x, lap_y * 0.8 + 0.18)
        for size, digits in ((0.3, "8a7a2a"), (0.24, "1a8a7a"), (0.17, "203a9a"), (0.09, "0c1024")):
            colour = mix(colour, ink(digits), rise(size, size - 0.03, eye)[..., None])
    colour = mix(colour, colours[3], (0.5 * shaft)[..., None])
    edge = rise(0.42, 0.54, radius)
    height = 0.03 * (1 - radius) + 0.006 * barbs + 0.01 * shaft
    image = lit(random, height.astype(np.float32), colour * (1 - 0.55 * edge)[..., None], 1, 0.15, 8)
    return photograph(random, mix(image, blur(image, 1), 0.3), near)
