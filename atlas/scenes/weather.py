"""Skies with the light that goes with them, and firs."""

import numpy as np

from lucarne.atlas.scenes.canvas import (
    FINE,
    PIXEL,
    Image,
    Random,
    covered,
    exp,
    lay,
    length,
    mix,
    rise,
    sheet,
)
from lucarne.atlas.scenes.colour import Colour, ink, inks, ramp
from lucarne.atlas.scenes.noise import Noise
from lucarne.atlas.scenes.stage import sky
from lucarne.atlas.scenes.terrain import View, evening, sun_in

# ── sky and trees ────────────────────────────────────────────────────────────────────────────────────────────────────


def weather(
    random: Random, high: float, horizon: float, thick: float, clear: float | None = None, wide: float = 0.9
) -> tuple[Image, View]:
    """A sky, and the light that goes with it."""
    if random.random() < 0.22:
        image, at, light = evening_sky(random, horizon)
        haze = image[round((1 - horizon) / 2 * FINE) - 4].mean(axis=0, dtype=np.float64).astype(
            np.float32
        ) * np.float32(0.7)
        side = 1 if at[0] > 0 else -1
        return image, View(
            high,
            horizon,
            wide=wide,
            light=(side * 0.9, 0.3, 0.35),
            sun=light * np.float32(1.3),
            shade=ink("5a6484") * np.float32(0.5),
            haze=haze,
            thick=thick,
        )
    image = sky(random, clear)
    side = float(random.choice([-1, 1]) * random.uniform(0.4, 1))
    return image, View(
        high,
        horizon,
        wide=wide,
        light=(side, random.uniform(0.35, 0.9), random.uniform(-0.7, 0.3)),
        haze=ink("b8c8d8") * np.float32(0.9),
        thick=thick,
    )


def evening_sky(random: Random, horizon: float) -> tuple[Image, tuple[float, float], Colour]:
    x, y = sheet()
    high, middle, low, light = evening(random)
    part = np.clip((y - np.float32(horizon)) / np.float32(1 - horizon), 0, 1)
    image = ramp([low, mix(low, middle, 0.7), middle, high], part * 0.95)
    at = random.uniform(-0.6, 0.6), horizon + random.uniform(0.0, 0.45)
    image = sun_in(image, x, y, at, random.uniform(0.04, 0.13), light, random.uniform(0.2, 0.5))
    noise = Noise(random)
    flat = 1 / (0.35 + np.maximum(y - np.float32(horizon), 0))
    field = noise.clouds(x * flat * 0.5, flat * 1.5, 0.3, 1.9, turn=False)
    below = noise.clouds(x * flat * 0.5, flat * 1.5 + 0.05, 0.3, 1.9, turn=False)
    cover = rise(random.uniform(-0.6, 0.8), 1.8, field)
    near = exp(-length(x - np.float32(at[0]), y - np.float32(at[1])) * 1.5)
    tone = mix(
        mix(middle, high, 0.6) * np.float32(0.8), light, np.clip(0.25 + 0.7 * near + 0.15 * below, 0, 1)[..., None]
    )
    return lay(image, 0.85 * cover, tone), at, light


def box(at_x: float, at_y: float, half_x: float, half_y: float) -> tuple[slice, slice]:
    """Rows and columns around a place on the sheet."""
    low, high = round((at_x - half_x + 1) / PIXEL), round((at_x + half_x + 1) / PIXEL) + 1
    top, bottom = round((1 - at_y - half_y) / PIXEL), round((1 - at_y + half_y) / PIXEL) + 1
    return slice(max(top, 0), max(bottom, 0)), slice(max(low, 0), max(high, 0))


def fir(
    random: Random, image: Image, at_x: float, base: float, high: float, mist: Colour, hazy: float, snowy: float
) -> None:
    """A conifer, drawn into the image: branches in tiers, darker inside, dusted with snow where it is `snowy`."""
    rows, columns = box(at_x, base + high / 2, high * 0.3, high * 0.55)
    x, y = (plane[rows, columns] for plane in sheet())
    if not x.size:
        return
    noise = Noise(random)
    part = (y - np.float32(base)) / np.float32(high)
    tier = part * np.float32(random.uniform(7, 11))
    tooth = tier - np.floor(tier)
    rough = noise.clouds(x * (1 / high), y * (1 / high), 0.5, 1.0)
    half = np.float32(high * random.uniform(0.18, 0.26)) * (1 - part) * (0.55 + 0.6 * (1 - tooth)) * (1 + 0.14 * rough)
    away = abs(x - np.float32(at_x))
    cover = covered(away - half, 2) * (part > 0.06) * (part < 1)
    cover = np.maximum(cover, covered(away - np.float32(0.022 * high)) * (part > -0.05) * (part <= 0.12))
    green = ramp(
        inks("0c1a10 1e3a22 446a3a"),
        0.35 + 0.3 * (1 - tooth) + 0.15 * rough + 0.4 * (x - np.float32(at_x)) / np.float32(high),
    )
    if snowy:
        white = rise(0.4, 0.75, (1 - tooth) * 0.6 + 0.25 * rough + 0.5 * snowy)
        green = mix(green, ink("e8eef6"), (white * snowy)[..., None])
    image[rows, columns] += (mix(green, mist, hazy) - image[rows, columns]) * cover[..., None]
