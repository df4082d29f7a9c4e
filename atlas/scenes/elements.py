"""Water, sand, sky, fire, foam, rain, smoke: matter without a shape of its own."""

import numpy as np

from lucarne.atlas.scenes.canvas import (
    PIXEL,
    Pixels,
    Random,
    blur,
    develop,
    exp,
    filled,
    lay,
    length,
    mix,
    power,
    rise,
    sheet,
    shifted,
    wave,
)
from lucarne.atlas.scenes.colour import hsl, ink, inks, one_of, ramp, vary
from lucarne.atlas.scenes.noise import Cells, Noise
from lucarne.atlas.scenes.relief import aslant, lit, photograph
from lucarne.atlas.scenes.stage import bokeh, garden, room, sky


def water(random: Random) -> Pixels:
    """Ripples that mirror the sky, or the net of light on the ground of a pool."""
    u, v, near = aslant(random, (0.8, 1.6), 0.6, 30)
    noise = Noise(random)
    deep, shallow = (
        hsl(random.uniform(175, 225), random.uniform(0.4, 0.8), 0.16),
        hsl(random.uniform(165, 210), 0.5, 0.5),
    )
    if random.random() < 0.45:
        cells = Cells(random, 0.9)
        u, v = u * 2 + 0.25 * noise.clouds(u, v, 0.3, 2.2), v * 2 + 0.25 * noise.clouds(u, v, 0.3, 2.2)
        first, second, *_ = cells.near(u, v)
        other, next_other, *_ = cells.near(u * 0.8 + 7.3, v * 0.8 + 3.1)
        net = exp(-(second - first) * 7) * 0.7 + exp(-(next_other - other) * 9) * 0.5
        ground = mix(deep, shallow, 0.6) * (1.1 + 0.15 * noise.clouds(u, v, 0.1, 2.2))[..., None]
        if random.random() < 0.5:  # the tiles of the pool
            ground = (
                ground
                * (
                    0.75
                    + 0.25 * np.minimum(rise(0.02, 0.06, abs(u - np.rint(u))), rise(0.02, 0.06, abs(v - np.rint(v))))
                )[..., None]
            )
        return photograph(random, (ground + net[..., None] * ink("d8f8f0") * np.float32(0.9)).astype(np.float32), near)
    height = 0.035 * noise.clouds(u * 0.6, v * 1.5, 0.3, 2.5, turn=False) + 0.008 * noise.clouds(
        u, v * 1.6, 0.5, 1.9, turn=False
    )
    slope_y, slope_x = np.gradient(height, PIXEL)
    up = np.clip(0.42 + 0.8 * slope_y + 0.3 * slope_x, 0, 1)
    colour = ramp([deep * np.float32(0.5), deep, mix(deep, shallow, 0.6), shallow, ink("d8e8f4")], up)
    glint = power(np.clip(0.5 + 0.8 * slope_y - 0.7 * slope_x, 0, 1), 9)
    warm = one_of(random, "fff4e0 ffd8a0 ffffff")
    return photograph(random, (colour + (1.4 * glint)[..., None] * warm).astype(np.float32), near)


def sand(random: Random) -> Pixels:
    """Wind ripples."""
    u, v, near = aslant(random, (1, 2.2), 0.75, 60)
    noise = Noise(random)
    bend = v * np.float32(random.uniform(1.3, 2.4)) + 0.35 * noise.clouds(u, v, 0.13, 2.4)
    ridge = wave(bend + 0.12 * wave(bend)) * (0.75 + 0.2 * noise.clouds(u, v, 0.2, 2.2))
    grain = noise.grain(u, v, 0.6)
    palette = str(
        random.choice(["a88050 c8a470 e0c498", "9a5c30 c07c44 d8a06c", "b8ac98 d0c6b4 e6ded0", "6a5a48 8a7860 a89880"])
    )
    colour = ramp([vary(random, each, 0.04) for each in inks(palette)], 0.5 + 0.1 * ridge + 0.1 * grain)
    height = 0.05 * ridge + 0.1 * noise.clouds(u, v, 0.06, 3) + 0.0025 * grain
    return photograph(random, lit(random, height, colour, low=(14, 35)), near)


def clouds(random: Random) -> Pixels:
    """Heaps of cloud, lit from one side."""
    x, y = sheet()
    noise = Noise(random)
    blue = one_of(random, "2a62b0 4a86c8 6a94b8 3a5a80 e09860", 0.08)
    image = ramp([mix(blue, ink("e8ecf0"), 0.55), blue, blue * np.float32(0.8)], y * 0.5 + 0.5)
    light_x, light_y = random.uniform(-8, 8), random.uniform(3, 9)
    for layer in range(3):
        scale = np.float32(random.uniform(0.14, 0.3) * (1 + 0.4 * layer))
        field = noise.clouds(x, y * 1.4, float(scale), 1.75, turn=False) - np.float32(random.uniform(0.1, 1.3))
        away = shifted(field, round(light_y), -round(light_x))
        thick = rise(-0.1, 0.9, field)
        lightness = np.clip(0.75 + 0.35 * (field - away) - 0.25 * rise(0.4, 2, field), 0.25, 1.2)
        shade = mix(ink("6a7a90"), ink("fffaf2"), lightness[..., None])
        lay(image, thick, shade)
    return develop(image, random, random.uniform(0.8, 1.05), 0.8)


def fire(random: Random) -> Pixels:
    """Flames that lick upwards out of the dark."""
    x, y = sheet()
    noise = Noise(random)
    rising = y + 1
    sway = 0.16 * noise.clouds(x, y * 0.6, 0.3, 2.2, turn=False) * rising
    u, v = x + sway, y * np.float32(0.45)
    tongues = noise.clouds(u * 1.2, v, 0.35, 1.7, turn=False)
    fine = noise.clouds(u * 2.2, v * 1.4, 0.4, 1.6, turn=False)
    body = np.float32(random.uniform(0.75, 1.15)) - 0.62 * rising - 0.8 * x * x * np.float32(random.uniform(0.2, 1))
    heat = np.clip(body + 0.38 * tongues + 0.16 * fine, 0, 1.4) / 1.4
    colours = inks("050304 3a0804 b02c04 f07808 ffc840 fff4c0")
    if random.random() < 0.15:
        colours = inks("030406 04143a 0c4ab0 3a9af0 a0e0ff ffffff")
    image = ramp(colours, heat) * (0.3 + 2.2 * heat)[..., None]
    image = image + 0.5 * blur(image, 14)
    for _ in range(int(random.integers(0, 30))):
        at_x, at_y = random.uniform(-1, 1), random.uniform(-0.5, 1)
        lay(
            image,
            exp(-((x - at_x) ** 2 + (y - at_y) ** 2) * random.uniform(4000, 14000)),
            ink("ffb040") * np.float32(2),
        )
    return develop(image.astype(np.float32), random, 1, 0.7)


def bubbles(random: Random) -> Pixels:
    """Soap bubbles packed or adrift: thin film colours, a window mirrored in each."""
    x, y = sheet()
    image = [garden, room, sky][int(random.integers(3))](random) * np.float32(0.45)
    if random.random() < 0.5:
        image = filled(one_of(random, "102030 201430 14303a 303440", 0.2)) * (1.2 + 0.6 * y)[..., None]
    hue = random.uniform(0, 1)
    for _ in range(int(random.integers(5, 28))):
        radius = random.uniform(0.08, 0.42)
        px, py = (
            (x - np.float32(random.uniform(-1, 1))) / np.float32(radius),
            (y - np.float32(random.uniform(-1, 1))) / np.float32(radius),
        )
        away = length(px, py)
        inside = np.clip((1 - away) * radius / PIXEL + 0.5, 0, 1)
        rim = power(np.minimum(away, 1), 5)
        film = hue + 0.6 * away * away + 0.25 * py
        tint = np.stack([0.5 + 0.5 * wave(film + shift) for shift in (0, 0.33, 0.67)], axis=-1)
        image += (inside * (0.06 + 0.5 * rim))[..., None] * tint
        window = (
            rise(0.32, 0.26, abs(px + 0.38))
            * rise(0.32, 0.26, abs(py - 0.42))
            * rise(0.02, 0.05, abs(px + 0.38))
            * rise(0.02, 0.05, abs(py - 0.42))
        )
        other = rise(0.14, 0.1, length((px - 0.4) * 0.7, py + 0.5))
        image += (inside * (0.75 * window + 0.2 * other))[..., None]
    return develop(image.astype(np.float32), random)


def rain(random: Random) -> Pixels:
    """Drops on a window, the world upside down in each."""
    x, y = sheet()
    noise = Noise(random)
    if random.random() < 0.6:
        behind = bokeh(
            random, one_of(random, "1a2430 24201c 14202a", 0.2), inks("ffb050 ff7040 70a0ff ffe0a0 80ffc0"), 26, 0.2
        )
    else:
        behind = [garden, room, sky][int(random.integers(3))](random) * np.float32(0.7)
    image = behind * (0.9 + 0.1 * noise.clouds(x, y, 0.2))[..., None]
    side = len(x)
    for scale, size in ((2.5, 0.34), (5, 0.36), (10, 0.34)):
        cells = Cells(random, 0.6)
        first, _, value, way_u, way_v = cells.near(x * scale, y * scale * 0.85)
        radius = size * (0.35 + 0.65 * value) * (value > random.uniform(0.1, 0.4))
        part = first / np.maximum(radius, 1e-3)
        inside = rise(1.0, 0.88, part)
        row = np.clip((way_v * 0.7 + 0.5) * side, 0, side - 1).astype(np.intp)
        column = np.clip((0.5 + 0.5 * x + way_u * 0.7) * side, 0, side - 1).astype(np.intp)
        upside = behind[row, column] * (1.25 - 0.9 * power(np.minimum(part, 1), 4))[..., None]
        upside = (
            upside
            + (
                rise(0.3, 0.2, length(way_u / np.maximum(radius, 1e-3) - 0.35, way_v / np.maximum(radius, 1e-3) + 0.4))
                * 0.8
            )[..., None]
        )
        lay(image, inside, upside)
    return develop(image.astype(np.float32), random)


def smoke(random: Random) -> Pixels:
    """Veils that fold over each other."""
    x, y = sheet()
    noise = Noise(random)
    u, v = x, y
    for strength in (0.4, 0.22, 0.12):
        u, v = u + strength * noise.clouds(u, v, 0.14, 2.6), v + strength * noise.clouds(u, v, 0.14, 2.6)
    veil = power(np.clip(1 - abs(noise.clouds(u, v, 0.25, 2.2)) * 0.7, 0, 1), 2)
    second = power(np.clip(1 - abs(noise.clouds(v, u, 0.2, 2.4)), 0, 1), 4)
    mask = rise(1.25, 0.2, length(x + 0.3 * noise.clouds(x, y, 0.1, 3), y * 0.7))
    one = hsl(random.uniform(0, 360), random.uniform(0, 0.8), 0.6)
    other = hsl(random.uniform(0, 360), random.uniform(0, 0.8), 0.5)
    ground = one_of(random, "08090c 0c0a10 101418")
    image = ground + (veil * mask)[..., None] * one + (second * mask * 0.8)[..., None] * other
    return develop(image.astype(np.float32), random)
