"""The sea by day and evening, sunsets, forests, nights."""

import numpy as np

from lucarne.atlas.scenes.canvas import (
    FINE,
    PIXEL,
    Image,
    Pixels,
    Random,
    covered,
    develop,
    exp,
    lay,
    length,
    mix,
    power,
    rise,
    sheet,
)
from lucarne.atlas.scenes.colour import Colour, ink, inks, one_of, ramp
from lucarne.atlas.scenes.noise import Noise
from lucarne.atlas.scenes.stage import sky
from lucarne.atlas.scenes.weather import box, evening_sky, fir


def seas(random: Random) -> Pixels:
    """Waves under the sky; by day, or with the sun going down before us."""
    x, y = sheet()
    low = random.random() < 0.6
    horizon = random.uniform(-0.15, 0.3)
    if low:
        image, at, light = evening_sky(random, horizon)
    else:
        image, at, light = sky(random), (random.uniform(-2, 2), 1.2), ink("fff4e4")
    flipped = image[::-1]
    shift = round((horizon / 2) * FINE * 2)
    mirror = np.roll(flipped, -shift, axis=0)
    depth = 0.35 / np.maximum(np.float32(horizon) - y, 0.004)
    noise = Noise(random)
    u, v = x * depth * 2.2, depth * 2.2
    rough = random.uniform(0.4, 1.2)
    fade = rise(24, 2, depth)
    swell = noise.clouds(u * 0.4, v * 1.1, 0.12, 2.4, turn=False) * fade
    fine = noise.clouds(u, v * 3, 0.6, 1.7, turn=False) * rise(9, 0.5, depth)
    tilt = np.float32(rough) * (0.6 * swell + 0.5 * fine)
    row = np.clip((np.arange(FINE)[:, None] + tilt * 22).astype(np.intp), 0, FINE - 1)
    column = np.clip((np.arange(FINE)[None] + fine * 4).astype(np.intp), 0, FINE - 1)
    deep = one_of(random, "0c2a3c 103a4a 0a3048 18404a 20343c", 0.1) * (np.float32(0.35) if low else np.float32(1.3))
    grazing = np.clip(1 - (np.float32(horizon) - y) * 0.8, 0.1, 0.92)
    water = mix(deep, mirror[row, column], np.clip(grazing - 0.18 * tilt, 0.05, 1)[..., None])
    path = exp(-((x - np.float32(at[0])) ** 2) / (0.02 + 0.25 * np.maximum(np.float32(horizon) - y, 0)))
    glitter = power(np.clip(0.5 + 0.5 * fine + 0.3 * swell, 0, 2), 3) * path * (1.2 if low else 0.3)
    water = water + glitter[..., None] * light
    if not low and random.random() < 0.6:
        water = mix(water, ink("f0f4f4"), (0.9 * rise(1.1, 1.9, swell + 0.7 * fine))[..., None])
    lay(image, rise(-0.006, 0.006, np.float32(horizon) - y), water)
    if random.random() < 0.35:  # a headland
        noise_edge = noise.clouds(x, y * 0, 0.3, 1.6, turn=False)
        side = random.choice([-1, 1])
        top = np.float32(horizon) + np.maximum(np.float32(0.22) * (side * x - 0.1) + 0.04 * noise_edge, -0.02)
        land = rise(-0.004, 0.004, top - y) * (y > horizon - 0.012)
        lay(image, land, mix(ink("20303a"), light, 0.12) * np.float32(0.5 if low else 1.2))
    return develop(image.astype(np.float32), random)


def sunsets(random: Random) -> Pixels:
    """Silhouettes of hills and trees before an evening sky."""
    x, y = sheet()
    horizon = random.uniform(-0.55, -0.1)
    image, _, light = evening_sky(random, horizon)
    noise = Noise(random)
    low = image[-1, FINE // 2]
    for layer in range(4):
        base = np.float32(horizon + 0.22 - 0.2 * layer)
        edge = base + np.float32(0.09 + 0.03 * layer) * noise.clouds(x, y * 0 + layer, 0.3, 1.9, turn=False)
        part = (layer + 1) / 4
        colour = mix(mix(light, low, 0.5), ink("06070c"), part**0.7)
        lay(image, covered(y - edge), colour * np.float32(0.8 - 0.6 * part))
    if random.random() < 0.6:
        _bare_tree(random, image, random.uniform(-0.7, 0.7), -0.95, ink("040406"))
    return develop(image.astype(np.float32), random)


def forests(random: Random) -> Pixels:
    """Trunks, fog, light between them; or rows of firs."""
    x, y = sheet()
    noise = Noise(random)
    mist = one_of(random, "b8c8b8 c8c8a8 a0b8c0 d8c890 90a890", 0.1)
    image = mist * (0.75 + 0.35 * y + 0.12 * noise.clouds(x, y, 0.15, 2.4))[..., None]
    if random.random() < 0.45:
        for layer in range(5):
            part = layer / 4
            for _ in range(int(11 - 1.6 * layer)):
                size = random.uniform(0.7, 1.3) * (0.5 + 0.9 * part)
                fir(
                    random,
                    image,
                    random.uniform(-1.15, 1.15),
                    -0.2 - 0.75 * part + random.normal() * 0.08,
                    size,
                    mist,
                    0.85 - 0.8 * part,
                    0,
                )
        return develop(image.astype(np.float32), random)
    leaf = noise.clouds(x, y, 0.3, 1.5)
    green = ramp(
        inks(str(random.choice(["2a4418 5a8030 a8c868", "6a3410 b86a20 e8b050", "2c3c20 4a6030 88985c"]))),
        0.5 + 0.2 * leaf,
    )
    lay(image, 0.8 * rise(0.1, 0.9, leaf + 1.2 * y), green)
    floor = rise(-0.35, -0.6, y + 0.05 * leaf)
    lay(image, floor * 0.9, ramp(inks("2a2414 4a4420 7a7438"), 0.5 + 0.25 * noise.clouds(x, y * 3, 0.4, 1.3)))
    birch = random.random() < 0.3
    for layer in range(4):
        part = layer / 3
        for _ in range(int(random.integers(3, 9) - layer)):
            wide = random.uniform(0.02, 0.045) * (0.5 + 1.8 * part)
            middle = (
                random.uniform(-1.1, 1.1)
                + random.normal() * 0.05 * y
                + 0.015 * noise.clouds(x * 0, y, 0.25, 2.2, turn=False)
            )
            foot = np.float32(-0.42 - 0.5 * part)
            away = x - middle
            cover = covered(abs(away) - np.float32(wide) * (1.1 - 0.12 * y), 2.5) * rise(foot - 0.02, foot + 0.02, y)
            form = np.clip(away / np.float32(wide), -1, 1)
            if birch:
                mark = rise(0.8, 1.2, noise.clouds(x * 1.5, y * 8, 0.2, 1.5, turn=False))
                bark = mix(ink("d8d4c8"), ink("2a2622"), mark[..., None])
            else:
                bark = ramp(
                    inks("1c140e 3c2e22 6a5844"), 0.45 + 0.22 * noise.clouds(x * 8, y * 0.8, 0.3, 1.3, turn=False)
                )
            bark = bark * (0.55 + 0.45 * form * random.choice([-1, 1]) + 0.15)[..., None]
            lay(image, cover, mix(bark, mist, 0.75 * (1 - part)))
    if random.random() < 0.6:
        across = x * np.float32(0.8) + y * np.float32(random.uniform(-0.9, 0.9))
        image = image + (
            0.3 * np.maximum(noise.clouds(across, y * 0.05, 0.3, 1.8, turn=False), 0) * rise(-0.8, 0.8, y)
        )[..., None] * ink("fff0c0")
    return develop(image.astype(np.float32), random)


def nights(random: Random) -> Pixels:
    """Stars, the Milky Way, a moon, northern lights."""
    x, y = sheet()
    noise = Noise(random)
    blue = one_of(random, "0a1430 101030 061820 141024", 0.15)
    image = ramp([blue * np.float32(2.2), blue, blue * np.float32(0.5)], y * 0.5 + 0.5)
    if random.random() < 0.5:
        turn = random.uniform(-1, 1)
        across = x * np.float32(np.sin(turn)) + y * np.float32(np.cos(turn)) - np.float32(random.uniform(0, 0.4))
        band = exp(-(across**2) * 6) * np.clip(0.55 + 0.4 * noise.clouds(x, y, 0.2, 1.7), 0, 2)
        dust = rise(0.0, 1.2, noise.clouds(x, y, 0.25, 1.9)) * exp(-(across**2) * 25)
        image = image + (band * (1 - 0.8 * dust))[..., None] * mix(ink("7a8ac0"), ink("d0a890"), 0.4) * np.float32(0.6)
    if random.random() < 0.4:
        folded = x + 0.25 * noise.clouds(x, y * 0.3, 0.2, 2.4)
        curtain = (
            np.maximum(noise.clouds(folded, y * 0.05, 0.4, 1.9, turn=False), 0) * rise(-0.3, 0.1, y) * rise(1.2, 0.2, y)
        )
        image = image + curtain[..., None] * ramp(inks("30e080 40c0a0 8040c0"), y * 0.6 + 0.3) * np.float32(0.8)
    bright = random.exponential(size=420)
    for at_x, at_y, strong in zip(random.uniform(-1, 1, 420), random.uniform(-1, 1, 420), bright, strict=True):
        row, column = round((1 - at_y) / PIXEL - 0.5), round((1 + at_x) / PIXEL - 0.5)
        image[max(row, 0) : row + 2, max(column, 0) : column + 2] += np.float32(0.22 * strong) * one_of(
            random, "c8d8ff fff0d8 ffffff", 0.03
        )
    if random.random() < 0.5:
        at = random.uniform(-0.6, 0.6), random.uniform(0.1, 0.7)
        size = random.uniform(0.08, 0.3)
        px, py = (x - np.float32(at[0])) / np.float32(size), (y - np.float32(at[1])) / np.float32(size)
        away = length(px, py)
        craters = ramp(inks("7a7a80 c0beb8 f0ece0"), 0.65 + 0.2 * noise.clouds(px, py, 0.25, 1.9))
        phase = rise(-0.35, 0.35, px * np.float32(np.cos(size * 40)) + np.float32(random.uniform(0, 1.3)))
        image = image + (exp(-np.maximum(away - 1, 0) * 2) * 0.12)[..., None]
        lay(image, np.clip((1 - away) * size / PIXEL + 0.5, 0, 1), craters * (0.02 + 0.98 * phase)[..., None])
    edge = np.float32(random.uniform(-0.8, -0.4)) + 0.12 * noise.clouds(x, y * 0, 0.25, 1.7, turn=False)
    lay(image, covered(y - edge), blue * np.float32(0.25))
    return develop(image.astype(np.float32), random, 1.2, 0.6)


def _bare_tree(random: Random, image: Image, at_x: float, base: float, colour: Colour) -> None:
    """Boughs that fork and fork again, black against the light."""
    x, y = sheet()
    boughs = [(at_x, base, np.pi / 2 + random.normal() * 0.05, random.uniform(0.3, 0.5), random.uniform(0.03, 0.05))]
    while boughs:
        from_x, from_y, turn, long, thick = boughs.pop()
        to_x, to_y = from_x + long * np.cos(turn), from_y + long * np.sin(turn)
        rows, columns = box(
            (from_x + to_x) / 2, (from_y + to_y) / 2, abs(to_x - from_x) / 2 + thick, abs(to_y - from_y) / 2 + thick
        )
        px, py = x[rows, columns] - np.float32(from_x), y[rows, columns] - np.float32(from_y)
        part = np.clip((px * np.float32(np.cos(turn)) + py * np.float32(np.sin(turn))) / np.float32(long), 0, 1)
        away = length(px - part * np.float32(to_x - from_x), py - part * np.float32(to_y - from_y)) - np.float32(
            thick
        ) * (1 - 0.35 * part)
        image[rows, columns] += (colour - image[rows, columns]) * covered(away)[..., None]
        if thick > 0.0045:
            for side in (-1, 1):
                boughs.append(
                    (to_x, to_y, turn + side * random.uniform(0.2, 0.6), long * random.uniform(0.6, 0.85), thick * 0.64)
                )
