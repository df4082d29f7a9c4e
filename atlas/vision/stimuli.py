"""Synthetic pictures with known properties, drawn from numbers: gratings, edges, curves, colours, textures.

All are uint8 (size, size, 3) and always the same. Lengths are in pixels, frequencies in cycles per pixel, angles in
degrees. An *orientation* is that of the bars, edges or strokes themselves: 0 lies level, it grows counter-clockwise,
90 stands upright. Colours and contrast are in the stored sRGB values, which are what a network reads, not in light.
The origin is the centre of the picture, x to the right, y up.
"""

import colorsys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.floating[Any]]  # (size, size)
Pixels = NDArray[np.uint8]  # (size, size, 3)
Colour = tuple[int, int, int]
Pair = tuple[Colour, Colour]  # where a pattern is low, where it is high

BLACK: Colour = (0, 0, 0)
GREY: Colour = (128, 128, 128)
WHITE: Colour = (255, 255, 255)


# ── waves ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def grating(
    size: int,
    orientation: float = 0,
    frequency: float = 0.05,
    phase: float = 0,
    contrast: float = 1,
    colours: Pair = (BLACK, WHITE),
) -> Pixels:
    """A sine wave across bars of this orientation. Contrast 1 spans both colours; at phase 0 the centre is a crest."""
    _, across = _axes(size, orientation)
    return _mixed(_wave(frequency * across, phase, contrast), colours)


def gabor(
    size: int,
    orientation: float = 0,
    frequency: float = 0.05,
    phase: float = 0,
    contrast: float = 1,
    colours: Pair = (BLACK, WHITE),
    spread: float | None = None,
) -> Pixels:
    """A grating under a Gaussian window, standard deviation `spread` (a sixth of the size), fading to the mean."""
    along, across = _axes(size, orientation)
    window = np.exp(-(along**2 + across**2) / (2 * (spread or size / 6) ** 2))
    return _mixed(0.5 + (_wave(frequency * across, phase, contrast) - 0.5) * window, colours)


def rings(
    size: int, frequency: float = 0.05, phase: float = 0, contrast: float = 1, colours: Pair = (BLACK, WHITE)
) -> Pixels:
    """A sine wave outwards from the centre."""
    return _mixed(_wave(frequency * np.hypot(*_axes(size)), phase, contrast), colours)


def star(size: int, arms: int = 16, phase: float = 0, contrast: float = 1, colours: Pair = (BLACK, WHITE)) -> Pixels:
    """A sine wave around the centre, `arms` cycles. Where it gets too fine to draw, it fades to the mean colour."""
    x, y = _axes(size)
    radius = np.hypot(x, y)
    drawable = _smooth((radius * 2 * np.pi / arms - 3) / 3)  # from 3 to 6 pixels a cycle
    return _mixed(0.5 + (_wave(arms * np.arctan2(y, x) / (2 * np.pi), phase, contrast) - 0.5) * drawable, colours)


def checkerboard(
    size: int, cell: float = 28, orientation: float = 0, contrast: float = 1, colours: Pair = (BLACK, WHITE)
) -> Pixels:
    """Squares of side `cell`, a corner of four at the centre."""
    along, across = _axes(size, orientation)
    return _mixed(0.5 + contrast / 2 * _teeth(along, 2 * cell) * _teeth(across, 2 * cell), colours)


# ── lines and shapes ─────────────────────────────────────────────────────────────────────────────────────────────────


def edge(
    size: int, orientation: float = 0, blur: float = 0, contrast: float = 1, colours: Pair = (BLACK, WHITE)
) -> Pixels:
    """The second colour on the left of who looks along the edge (above a level one); `blur`: width of the passage."""
    _, across = _axes(size, orientation)
    return _mixed(0.5 + contrast * (_covered(across / max(1.0, blur)) - 0.5), colours)


def bar(
    size: int,
    orientation: float = 0,
    width: float = 16,
    length: float | None = None,
    colours: Pair = (BLACK, WHITE),
) -> Pixels:
    """One bar through the centre, from border to border unless it has a length."""
    along, across = _axes(size, orientation)
    drawn = _covered(width / 2 - abs(across))
    return _mixed(drawn if length is None else drawn * _covered(length / 2 - abs(along)), colours)


def curve(
    size: int,
    curvature: float = 0.015,
    orientation: float = 0,
    width: float = 10,
    length: float | None = None,
    colours: Pair = (BLACK, WHITE),
) -> Pixels:
    """An arc through the centre, there of this orientation; `curvature` is one over its radius, positive turns left.

    It is `length` long (0.8 of the size), but never more than half a circle.
    """
    along, across = _axes(size, orientation)
    reach = 0.8 * size if length is None else length
    away, way = across, along  # from a straight line, and along it
    if curvature:
        reach = min(reach, np.pi / abs(curvature))
        inwards, sideways = 1 - curvature * across, curvature * along
        away = (np.hypot(inwards, sideways) - 1) / curvature
        way = np.arctan2(sideways, inwards) / curvature
    return _mixed(_covered(width / 2 - abs(away)) * _covered(reach / 2 - abs(way)), colours)


def corner(size: int, angle: float = 90, orientation: float = 45, colours: Pair = (BLACK, WHITE)) -> Pixels:
    """A wedge with its tip at the centre, `angle` wide (0…360), that opens towards `orientation` (0…360)."""
    along, across = _axes(size, orientation)
    half = np.radians(angle / 2)
    sides = [along * np.sin(half) + sign * across * np.cos(half) for sign in (1, -1)]
    return _mixed(_covered(np.minimum(*sides) if angle <= 180 else np.maximum(*sides)), colours)


# ── colour ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def uniform(size: int, hue: float = 0, saturation: float = 1, lightness: float = 0.5) -> Pixels:
    """One colour everywhere: CSS's `hsl()`; hue in degrees (0 red, 120 green, 240 blue), the others from 0 to 1."""
    colour = np.array(colorsys.hls_to_rgb(hue / 360 % 1, lightness, saturation))
    return np.tile(np.rint(colour * 255).astype(np.uint8), (size, size, 1))


def hue_disc(size: int, lightness: float = 0.5, ground: Colour = WHITE) -> Pixels:
    """All hues: the angle is the hue, 0 to the right; the distance from the centre the saturation, grey to full."""
    x, y = _axes(size)
    radius, edge = np.hypot(x, y), size * 0.47
    hue = np.degrees(np.arctan2(y, x)) % 360
    colour = _hsl(hue, np.minimum(radius / edge, 1), np.full_like(x, lightness))
    drawn = _covered(edge - radius)[..., None]
    return _pixels(colour * drawn + np.array(ground) / 255 * (1 - drawn))


# ── textures ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def stripes(
    size: int,
    orientation: float = 0,
    frequency: float = 0.04,
    duty: float = 0.5,
    contrast: float = 1,
    colours: Pair = (BLACK, WHITE),
) -> Pixels:
    """Bars with sharp edges; `duty` is the part of each cycle in the second colour."""
    _, across = _axes(size, orientation)
    nearest = abs((across * frequency + 0.5) % 1 - 0.5) / frequency  # pixels to the middle of a light bar
    return _mixed(0.5 + contrast * (_covered(duty / 2 / frequency - nearest) - 0.5), colours)


def spots(
    size: int,
    spacing: float = 32,
    radius: float = 9,
    orientation: float = 0,
    jitter: float = 0,
    seed: int = 0,
    colours: Pair = (BLACK, WHITE),
) -> Pixels:
    """Discs on a triangular lattice, `spacing` apart; `jitter` moves each by so much of the spacing at random."""
    x, y = _axes(size)
    drawn = np.zeros_like(x)
    for there_x, there_y in _lattice(size, spacing, orientation, jitter, seed):
        near_x, near_y = abs(x[0] - there_x) < radius + 1, abs(y[:, 0] - there_y) < radius + 1
        where = np.ix_(near_y, near_x)
        disc = _covered(radius - np.hypot(x[where] - there_x, y[where] - there_y))
        drawn[where] = np.maximum(drawn[where], disc)
    return _mixed(drawn, colours)


def honeycomb(
    size: int,
    spacing: float = 36,
    wall: float = 5,
    orientation: float = 0,
    colours: Pair = ((168, 104, 22), (250, 204, 84)),
) -> Pixels:
    """Hexagons, their centres `spacing` apart along `orientation` and 60 and 120 from it. First colour: the wall."""
    along, across = _axes(size, orientation)
    # Two rectangular lattices make the triangular one; the nearer centre of both is the cell a pixel lies in.
    pitch = spacing * np.sqrt(3)
    first = along - spacing * np.rint(along / spacing), across - pitch * np.rint(across / pitch)
    second = (
        along - spacing * (np.floor(along / spacing) + 0.5),
        across - pitch * (np.floor(across / pitch) + 0.5),
    )
    nearer = np.hypot(*first) < np.hypot(*second)
    x, y = (abs(np.where(nearer, one, other)) for one, other in zip(first, second, strict=True))
    inside = spacing / 2 - np.maximum(x, x / 2 + y * np.sqrt(3) / 2)  # pixels to the border of the cell
    shade = 1 - 0.16 * np.hypot(x, y) / spacing  # a cell is a little deeper at its rim
    return _mixed(_covered(inside - wall / 2) * shade, colours)


def brick(
    size: int,
    width: float = 64,
    height: float = 24,
    mortar: float = 4,
    seed: int = 0,
    colours: Pair = ((214, 205, 190), (168, 74, 50)),
) -> Pixels:
    """A wall: every second course is moved by half a brick; the first colour is the mortar. Bricks differ a little."""
    x, y = _axes(size)
    course = np.floor(y / height)
    x = x + width / 2 * (course % 2)
    count = np.floor(x / width)
    inside = np.minimum(width / 2 - abs(x - (count + 0.5) * width), height / 2 - abs(y - (course + 0.5) * height))
    random = np.random.default_rng(seed)
    shades = random.normal(0, 1, (64, 64))[course.astype(int) % 64, count.astype(int) % 64]
    grain = _field(size, 1.2, random)
    clay = np.array(colours[1]) / 255 * (1 + 0.10 * shades + 0.07 * grain)[..., None]
    lime = np.array(colours[0]) / 255 * (1 + 0.05 * grain)[..., None]
    drawn = _covered(inside - mortar / 2)[..., None]
    return _pixels(clay * drawn + lime * (1 - drawn))


def wood(
    size: int,
    orientation: float = 90,
    frequency: float = 0.05,
    seed: int = 0,
    colours: Pair = ((120, 72, 36), (214, 160, 104)),
) -> Pixels:
    """Grain of a board: wavering year rings along `orientation`, about `frequency` per pixel across, and fibres."""
    along, across = _axes(size, orientation)
    random = np.random.default_rng(seed)
    drift = _waver(along / size, random) * 0.32 + _waver(across / size, random) * 0.4  # in rings
    knot = 1.1 * np.exp(-(((along + 0.12 * size) / (0.30 * size)) ** 2) - ((across - 0.1 * size) / (0.16 * size)) ** 2)
    ring = (across * frequency + drift + knot) % 1
    summer = np.where(ring < 0.82, ring / 0.82, (1 - ring) / 0.18)  # darkens slowly, then the next year begins
    fibre = _fibres(along, across, random)
    return _mixed(np.clip(0.92 - 0.62 * summer**1.7 + 0.10 * fibre, 0, 1), colours)


def noise(size: int, exponent: float = 2, contrast: float = 0.5, seed: int = 0, coloured: bool = False) -> Pixels:
    """Random, its power falling as frequency to the minus `exponent`: 0 is white noise, 2 is like photographs.

    `contrast` is two standard deviations, as a part of the whole range; what passes the range is cut off.
    """
    random = np.random.default_rng(seed)
    planes = [_field(size, exponent, random) for _ in range(3 if coloured else 1)]
    return _pixels(0.5 + contrast / 2 * np.stack(planes * (1 if coloured else 3), axis=-1))


# ── drawing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def _axes(size: int, orientation: float = 0) -> tuple[Plane, Plane]:
    """Pixels along and across this orientation, from the centre; across grows to the left of along."""
    place = np.arange(size) - (size - 1) / 2
    x, y = np.meshgrid(place, -place)
    # exact for quarter turns, so that what should be symmetric is
    turn = np.radians(orientation)
    cosine, sine = round(float(np.cos(turn)), 15), round(float(np.sin(turn)), 15)
    return x * cosine + y * sine, y * cosine - x * sine


def _wave(cycles: Plane, phase: float, contrast: float) -> Plane:
    return 0.5 + contrast / 2 * np.cos(2 * np.pi * cycles + np.radians(phase))


def _covered(depth: Plane) -> Plane:
    """How much of a pixel is inside, when its centre is `depth` pixels inside a straight border."""
    return np.clip(depth + 0.5, 0, 1)


def _smooth(rise: Plane) -> Plane:
    rise = np.clip(rise, 0, 1)
    return rise * rise * (3 - 2 * rise)


def _teeth(place: Plane, period: float) -> Plane:
    """A square wave from -1 to 1 that rises at 0, each flank as long as one pixel."""
    depth = period / 4 - abs((place - period / 4 + period / 2) % period - period / 2)
    return 2 * _covered(depth) - 1


def _mixed(high: Plane, colours: Pair) -> Pixels:
    low_colour, high_colour = (np.array(colour) / 255 for colour in colours)
    return _pixels(low_colour + (high_colour - low_colour) * high[..., None])


def _pixels(values: NDArray[np.floating[Any]]) -> Pixels:
    """From 0…1 to bytes."""
    return np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8)


def _hsl(hue: Plane, saturation: Plane, lightness: Plane) -> NDArray[np.floating[Any]]:
    """CSS Color Module 4, section 7.1: (size, size) each to (size, size, 3)."""
    reach = saturation * np.minimum(lightness, 1 - lightness)
    channels = [(start + hue / 30) % 12 for start in (0, 8, 4)]
    return np.stack([lightness - reach * np.clip(np.minimum(k - 3, 9 - k), -1, 1) for k in channels], axis=-1)


def _lattice(size: int, spacing: float, orientation: float, jitter: float, seed: int) -> Sequence[tuple[float, float]]:
    """Points of a triangular lattice about the centre, as many as can touch the picture."""
    most = int(size / spacing) + 2
    column, row = np.meshgrid(np.arange(-2 * most, 2 * most + 1), np.arange(-most, most + 1))
    moved = np.random.default_rng(seed).uniform(-jitter, jitter, (2, *column.shape))
    along = spacing * (column + row / 2 + moved[0])
    across = spacing * (row * np.sqrt(3) / 2 + moved[1])
    turn = np.radians(orientation)
    x, y = along * np.cos(turn) - across * np.sin(turn), along * np.sin(turn) + across * np.cos(turn)
    return list(zip(x.ravel().tolist(), y.ravel().tolist(), strict=True))


def _field(size: int, exponent: float, random: np.random.Generator) -> Plane:
    """Gaussian noise with mean 0 and standard deviation 1, its power falling as frequency to the minus `exponent`."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None])
    frequency[0, 0] = np.inf  # no mean
    field = np.fft.irfft2(np.fft.rfft2(random.normal(size=(size, size))) * frequency ** (-exponent / 2), (size, size))
    return field / field.std()


def _waver(place: Plane, random: np.random.Generator) -> Plane:
    """A slow, smooth wandering: a few sines, the quicker the smaller."""
    waves = [np.sin(2 * np.pi * (rate * place + random.uniform())) / rate for rate in (0.7, 1.3, 2.1, 3.4)]
    return np.sum(waves, axis=0)


def _fibres(along: Plane, across: Plane, random: np.random.Generator) -> Plane:
    """Fine lines along the grain that begin and end, from -1 to 1."""
    total = np.zeros_like(along)
    for _ in range(24):
        pitch = random.uniform(0.08, 0.3)  # cycles per pixel across
        slant = random.uniform(-0.004, 0.004)
        total += np.cos(2 * np.pi * (pitch * across + slant * along + random.uniform()))
    return np.clip(total / 6, -1, 1)
