"""The sheet all scenes are drawn on, twice as fine as the picture: coordinates, edges, layers, blur, and the print.

Colours are linear light, float32, 0…1 and above (a highlight may be brighter than paper); only `develop` makes bytes.
x runs to the right and y up, both from -1 to 1 across the sheet. A signed distance is negative inside.

The same seed must give the same bytes on every machine. Sums, products, quotients, roots and comparisons are the same
everywhere, so they may be float32; sines, powers and exponentials differ in the last bit between processors, so they
are taken in float64, where that bit is a billion times too small to reach a byte.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]  # any shape
Plane = NDArray[np.floating[Any]]  # (FINE, FINE), or as many points as are asked about
Image = NDArray[np.floating[Any]]  # (FINE, FINE, 3)
Pixels = NDArray[np.uint8]  # (SIZE, SIZE, 3)
Level = float | np.floating[Any] | Floats
Random = np.random.Generator

SIZE = 128
FINE = 256
PIXEL = 2 / FINE  # side of a fine pixel on the sheet


@cache
def sheet() -> tuple[Plane, Plane]:
    """x and y of every fine pixel's centre, (FINE, FINE) each. Not to be written to."""
    place = ((np.arange(FINE) + 0.5) * PIXEL - 1).astype(np.float32)
    x, y = (np.ascontiguousarray(plane) for plane in np.meshgrid(place, -place))
    x.flags.writeable = y.flags.writeable = False
    return x, y


@cache
def coarse() -> tuple[Plane, Plane]:
    """The same at every second pixel's corner, (FINE/2, FINE/2) each: enough for what is out of focus."""
    x, y = (shrink(plane, 2) for plane in sheet())
    x.flags.writeable = y.flags.writeable = False
    return x, y


def turned(x: Plane, y: Plane, degrees: float) -> tuple[Plane, Plane]:
    """Coordinates along and across a direction that many degrees counter-clockwise from x."""
    cosine, sine = np.float32(np.cos(np.radians(degrees))), np.float32(np.sin(np.radians(degrees)))
    return x * cosine + y * sine, y * cosine - x * sine


# ── numbers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def wave(cycles: Floats) -> Plane:
    """sin(2π · cycles) to a thousandth, from sums and products alone (parabolas, refined once)."""
    part = np.asarray(cycles, np.float32)
    part = part - np.rint(part)
    rough = part * (8 - 16 * abs(part))
    return rough * (0.775 + 0.225 * abs(rough))


def exp(x: Floats) -> Plane:
    return np.exp(x.astype(np.float64)).astype(np.float32)


def power(x: Floats, exponent: float) -> Plane:
    """Of what is not negative; what is counts as 0."""
    return (np.maximum(x, 0).astype(np.float64) ** exponent).astype(np.float32)


def angle(y: Floats, x: Floats) -> Plane:
    """In turns, -0.5…0.5, counter-clockwise from x."""
    turns = np.arctan2(y.astype(np.float64), x.astype(np.float64)) / (2 * np.pi)
    return turns.astype(np.float32)


def length(*parts: Floats) -> Plane:
    total = parts[0] * parts[0]
    for part in parts[1:]:
        total = total + part * part
    return np.sqrt(total)


def rise(low: Level, high: Level, x: Floats) -> Plane:
    """0 below `low`, 1 above `high` (or the other way round), smooth between."""
    part = np.minimum(np.maximum((x - low) * (np.float32(1) / (high - low)), 0), 1)
    return (part * part * (3 - 2 * part)).astype(np.float32, copy=False)


def bump(x: Floats, width: float) -> Plane:
    """1 at 0, falling smoothly to 0 at `width` on either side."""
    part = np.maximum(1 - (x / width) ** 2, 0)
    return part * part


def mix(low: Floats | float, high: Floats | float, part: Floats | float) -> Any:
    return low + (high - low) * part


# ── layers ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def covered(distance: Plane, softness: float = 1.5) -> Plane:
    """How much of each pixel lies inside; the edge passes over `softness` fine pixels."""
    return np.clip(0.5 - distance / (softness * PIXEL), 0, 1)


def filled(colour: Floats) -> Image:
    """A sheet of one colour."""
    return np.tile(np.asarray(colour, np.float32), (FINE, FINE, 1))


def lay(image: Image, cover: Plane, colour: Floats | float) -> Image:
    """`colour`, one or an image of them, over the image where `cover` says, 0…1. The image itself is changed."""
    image += (colour - image) * cover[..., None]
    return image


def shadow(image: Image, distance: Plane, soft: float, dark: float) -> Image:
    """Darkens the image inside a distance, fading over `soft` on both sides."""
    image *= 1 - dark * rise(soft, -soft, distance)[..., None]
    return image


def shifted(image: Floats, down: int, right: int) -> Plane:
    """Moved by whole pixels; what comes in repeats the border."""
    height, width = image.shape[:2]
    rows, columns = np.clip(np.arange(height) - down, 0, height - 1), np.clip(np.arange(width) - right, 0, width - 1)
    return image.take(rows, axis=0).take(columns, axis=1).astype(np.float32, copy=False)


def shrink(image: Floats, factor: int) -> Plane:
    """Means of blocks of `factor` by `factor`."""
    height, width = image.shape[0] // factor, image.shape[1] // factor
    blocks = image.reshape(height, factor, width, factor, *image.shape[2:])
    total = blocks[:, 0, :, 0].copy()
    for row in range(factor):
        for column in range(factor):
            if row or column:
                total += blocks[:, row, :, column]
    return total * np.float32(1 / factor**2)


def stretch(image: Floats, factor: int) -> Plane:
    """Enlarged, linear between the pixels."""
    for axis in (0, 1):
        count = image.shape[axis]
        place = np.clip((np.arange(count * factor) + 0.5) / factor - 0.5, 0, count - 1)
        low = np.floor(place).astype(np.intp)
        part = (place - low).astype(np.float32).reshape([-1 if at == axis else 1 for at in range(image.ndim)])
        near = image.take(low, axis=axis)
        image = near + (image.take(np.minimum(low + 1, count - 1), axis=axis) - near) * part
    return image.astype(np.float32, copy=False)


def blur(image: Floats, spread: float) -> Plane:
    """Nearly a Gaussian with this standard deviation in pixels; beyond the border the border goes on."""
    if spread < 0.3:
        return image.astype(np.float32)
    factor = 4 if spread >= 6 else 2
    if spread >= 3 and min(image.shape[:2]) >= 64 and not any(side % factor for side in image.shape[:2]):
        return stretch(blur(shrink(image, factor), spread / factor), factor)
    image = image.astype(np.float32, copy=False)
    radius = max(1, round(spread))  # of three boxes: each of 2r + 1 has a variance of r(r + 1)/3
    for axis in (0, 1):
        for _ in range(3):
            image = _boxed(image, radius, axis)
    return image


def _boxed(image: Floats, radius: int, axis: int) -> Floats:
    edge = [(0, 0)] * image.ndim
    edge[axis] = (radius, radius)
    padded = np.pad(image, edge, mode="edge")
    count, before = image.shape[axis], (slice(None),) * axis
    total = padded[(*before, slice(0, count))].copy()
    for step in range(1, 2 * radius + 1):
        total += padded[(*before, slice(step, step + count))]
    total *= np.float32(1 / (2 * radius + 1))
    return total


# ── the print ────────────────────────────────────────────────────────────────────────────────────────────────────────


def develop(
    image: Image, random: Random, exposure: float = 1, film: float = 1, grain: float = 1, vignette: float = 1
) -> Pixels:
    """From light to bytes: a lens that darkens the corners, film with a soft shoulder, grain, sRGB.

    `film` mixes between a plain print (0) and the contrast of film (1); `grain` and `vignette` are in usual amounts.
    """
    light = shrink(image, FINE // SIZE) * np.float32(exposure)
    x, y = (shrink(plane, FINE // SIZE) for plane in sheet())
    strength = vignette * random.uniform(0.08, 0.26)
    light = np.maximum(light * (1 - strength * (x * x + y * y))[..., None], 0)
    curved = light * (2.2 * light + 0.12) / (light * (2.15 * light + 0.7) + 0.14)
    grey = curved[..., :1] * 0.25 + curved[..., 1:2] * 0.6 + curved[..., 2:] * 0.15
    curved = mix(curved, grey, 0.14 * film)  # the curve makes colours stronger than they were
    stored = power(np.minimum(mix(light, curved, film), 1), 1 / 2.2)
    speckle = random.normal(size=(SIZE, SIZE, 1)) + 0.5 * random.normal(size=(SIZE, SIZE, 3))
    noisy = stored + speckle * (grain * random.uniform(0.004, 0.016))
    return np.rint(np.clip(noisy, 0, 1) * 255).astype(np.uint8)
