"""Signs and flags in the wind; planets."""

import numpy as np

from lucarne.atlas.scenes.canvas import (
    FINE,
    PIXEL,
    Pixels,
    Plane,
    Random,
    angle,
    covered,
    develop,
    exp,
    lay,
    length,
    mix,
    power,
    rise,
    sheet,
    shifted,
    wave,
)
from lucarne.atlas.scenes.colour import ink, inks, one_of, ramp, vary
from lucarne.atlas.scenes.noise import Noise
from lucarne.atlas.scenes.render import Body
from lucarne.atlas.scenes.space import ball, block, cut, hollow, limb, rotated, slab, tube, union
from lucarne.atlas.scenes.stage import sky, still


def signs(random: Random) -> Pixels:
    """Road signs and traffic lights."""
    post = Body(limb((0, -1.5, -0.06), (0, 1.0, -0.06), 0.045), ink("8a8e92"), 0.5, 30)
    style = int(random.integers(5))
    if style == 4:
        lit_one = int(random.integers(3))
        lamps = []
        for number, digits in enumerate(("e82018", "f0b020", "28c048")):
            on = number == lit_one
            lamps.append(
                Body(
                    ball((0, 0.5 - 0.5 * number, 0.13), 0.17),
                    ink(digits) * np.float32(1.5 if on else 0.12),
                    0.4,
                    40,
                    glow=0.85 if on else 0.0,
                )
            )
        hoods = [
            Body(
                cut(
                    hollow(rotated(tube((0, y, 0.22), 0.21, 0.13, 0), "x", 90, (0, y, 0.22)), 0.03),
                    union(block((0, y - 0.2, 0.22), (1, 0.14, 1), 0), block((0, y, 0.4), (0.19, 0.19, 0.1), 0)),
                    0.005,
                ),
                ink("1a1a1c"),
                0.2,
            )
            for y in (0.5, 0.0, -0.5)
        ]
        bodies = [
            Body(block((0, 0, 0), (0.3, 0.82, 0.16), 0.08), ink("1c1e20"), 0.3, 20),
            *lamps,
            *hoods,
            Body(limb((0, -2.2, -0.06), (0, -0.7, -0.06), 0.07), ink("3a3c3e"), 0.4),
        ]
        bodies = [each.moved((0, 1.9, 0)) for each in bodies]
        return still(random, bodies, "air street street", (0, 1.85, 0), 5, 0.24, (-38, 38), (-10, 8))
    red, white, blue, yellow = ink("c01818"), ink("f0f0ec"), ink("1850a8"), ink("f0c020")
    shapes = {
        0: (lambda x, y: length(x, y) - 0.7),
        1: (lambda x, y: np.maximum(abs(x) * 0.866 + y * 0.5, -y) - 0.4),
        2: (lambda x, y: np.maximum(np.maximum(abs(x), abs(y)), (abs(x) + abs(y)) * 0.7071) - 0.66),
        3: (lambda x, y: (abs(x) + abs(y)) * 0.7071 - 0.55),
    }
    flat, arrow = shapes[style], int(random.integers(4))

    def face(p: Plane) -> Plane:
        x, y = p[0], p[1]
        depth = -flat(x, y)
        rim, field = {0: (red, white), 1: (red, white), 2: (white, red), 3: (white, yellow)}[style]
        if style == 0 and arrow < 2:
            rim, field = white, blue
        colour = mix(np.broadcast_to(rim, (len(x), 3)), field, rise(0.1, 0.115, depth)[:, None])
        mark = {0: white if arrow < 2 else ink("161616"), 1: ink("161616"), 2: white, 3: ink("161616")}[style]
        if style == 2 or arrow == 2:
            symbol = np.maximum(abs(y) - 0.11, abs(x) - 0.44)
        elif arrow == 0:
            symbol = np.minimum(np.maximum(abs(x) - 0.07, abs(y + 0.08) - 0.3), np.maximum(abs(x) + y - 0.42, 0.12 - y))
        elif arrow == 1:
            symbol = np.minimum(np.maximum(abs(y) - 0.07, abs(x + 0.08) - 0.3), np.maximum(abs(y) + x - 0.42, 0.12 - x))
        else:
            symbol = np.minimum(length(x, y + 0.22) - 0.075, np.maximum(abs(x) - 0.07 - 0.1 * y, abs(y - 0.12) - 0.22))
        return mix(colour, mark, rise(0.01, -0.01, symbol)[:, None])

    plate = Body(slab((0, 0, 0), flat, 0.03, 1.0, 0.01), face, 0.35, 30).rotated(
        "z", 180 if style == 1 and random.random() < 0.2 else 0
    )
    bodies = [each.moved((0, 1.6, 0)).rotated("z", random.normal() * 1.5) for each in (plate, post)]
    return still(random, bodies, "air street meadow lawn snow", (0, 1.55, 0), 5, 0.22, (-40, 40), (-12, 10))


def flags(random: Random) -> Pixels:
    """Flags in the wind: bands, crosses, discs."""
    x, y = sheet()
    image = sky(random)
    noise = Noise(random)
    colours = [one_of(random, "c8202c f0ece4 1c4a9a f0c030 1a7a3a 1a1a1e e87818 58a8d8", 0.04) for _ in range(3)]
    left, wide, high = (
        np.float32(random.uniform(-0.85, -0.6)),
        np.float32(random.uniform(1.3, 1.55)),
        np.float32(random.uniform(0.75, 0.95)),
    )
    u = (x - left) / wide
    phase, rate, slope = random.uniform(), random.uniform(0.9, 1.7), random.normal() * 0.12
    swing = wave(u * np.float32(rate) - 0.25 * y + phase)
    lift = np.float32(0.09) * swing * np.clip(u, 0, 1) + np.float32(slope) * u
    v = (y - np.float32(random.uniform(0.0, 0.2)) - lift) / high + 0.5
    style = int(random.integers(6))
    if style == 0:
        index = np.clip(np.floor(v * 3), 0, 2)
    elif style == 1:
        index = np.clip(np.floor(u * 3), 0, 2)
    elif style == 2:
        index = np.where((abs(v - 0.5) < 0.1) | (abs(u - 0.36) < 0.07), 1, 0)
    elif style == 3:
        index = np.where(length((u - 0.5) * wide / high, v - 0.5) < 0.29, 1, 0)
    elif style == 4:
        index = np.where(abs(v - 0.5) + u * 0.9 < 0.5, 2, np.floor(v * 2).clip(0, 1))
    else:
        index = np.where((u < 0.4) & (v > 0.46), 2, np.floor(v * 9) % 2)
    colour = np.stack(colours)[index.astype(np.intp)]
    shade = np.clip(
        1
        + 0.28 * wave(u * np.float32(rate) - 0.25 * y + phase + 0.22) * np.clip(0.3 + u, 0, 1)
        + 0.05 * noise.clouds(u, v, 0.5, 2),
        0.3,
        1.5,
    )
    weave = 1 + 0.025 * noise.grain(u, v, 0.8)
    inside = np.maximum(np.maximum(-u, u - 1 + 0.03 * wave(v * 2)) * wide, abs(v - 0.5) * high - high / 2)
    lay(image, covered(inside), colour * (shade * weave)[..., None])
    pole = abs(x - left + 0.025) - 0.028
    lay(image, covered(pole) * (y < 0.93), ramp(inks("5a5a5a c8c8c8 8a8a8a"), 0.5 + (x - left + 0.025) * 16))
    lay(image, covered(length(x - left + 0.025, y - 0.93) - 0.05), ink("d8b040"))
    return develop(image.astype(np.float32), random)


def planets(random: Random) -> Pixels:
    """Globes in the dark: banded, cratered, oceanic, some with rings."""
    x, y = sheet()
    noise = Noise(random)
    image = np.tile(ink("020308"), (FINE, FINE, 1)) + (np.maximum(noise.clouds(x, y, 0.1, 2.4), 0) * 0.05)[
        ..., None
    ] * one_of(random, "6040a0 a04060 3060a0", 0.1)
    for row, column, strong in zip(*random.integers(0, FINE - 1, (2, 160)), random.exponential(size=160), strict=True):
        image[row : row + 2, column : column + 2] += np.float32(0.2 * strong)
    size, at = np.float32(random.uniform(0.42, 0.8)), random.normal(size=2) * 0.12
    px, py = (x - np.float32(at[0])) / size, (y - np.float32(at[1])) / size
    tilt = random.uniform(-0.6, 0.6)
    qx, qy = (
        px * np.float32(np.cos(tilt)) + py * np.float32(np.sin(tilt)),
        py * np.float32(np.cos(tilt)) - px * np.float32(np.sin(tilt)),
    )
    away = length(px, py)
    depth = np.sqrt(np.maximum(1 - away * away, 0))
    style = int(random.integers(4))
    turns = angle(qx, depth + 1e-3)
    if style == 0:
        bands = qy * np.float32(random.uniform(1.5, 3.5)) + 0.05 * noise.clouds(turns * 4, qy * 3, 0.4, 1.9, turn=False)
        colours = [one_of(random, "c8a070 e8d0a0 a8683c f0e4c8 8a5a40 a0b0c0 5a80b0 d8c8e0", 0.08) for _ in range(5)]
        colour = ramp(colours, 0.5 + 0.35 * wave(bands) + 0.15 * wave(bands * 2.7))
    elif style == 1:
        land = noise.clouds(turns * 3, qy * 0.8, 0.4, 2.0, turn=False)
        colour = mix(
            ramp(inks("08205a 1850a0 3a80c0"), 0.5 + 0.2 * land),
            ramp(inks("3a6a2a 8a8a4a b89a68 f0f0f0"), 0.2 + 0.25 * land + 0.5 * power(abs(qy), 3)),
            rise(0.25, 0.4, land)[..., None],
        )
        clouds = rise(0.3, 1.6, noise.clouds(turns * 3, qy, 0.5, 1.7, turn=False))
        colour = mix(
            mix(colour, ink("f4f8fc"), rise(0.82, 0.9, abs(qy))[..., None]), ink("ffffff"), (0.85 * clouds)[..., None]
        )
    else:
        ground = [
            vary(random, each, 0.08)
            for each in inks(
                str(
                    random.choice(
                        ["5a2c18 a8542c d88a58", "5a5a58 9a9890 d0ccc4", "6a5a20 c8a848 f0e090", "2a4a4a 5a8a88 b0d0c8"]
                    )
                )
            )
        ]
        rough = noise.clouds(turns * 3, qy, 0.5, 1.6, turn=False)
        relief_ = rough - shifted(rough, 3, 3)
        colour = ramp(ground, 0.5 + 0.18 * rough) * np.clip(1 + 0.5 * relief_, 0.4, 1.6)[..., None]
    turn = random.uniform(0, 2 * np.pi)
    side = px * np.float32(np.cos(turn)) + py * np.float32(np.sin(turn))
    sun = np.clip(0.75 * side + 0.62 * depth, 0, 1)
    air = one_of(random, "4080ff ffb060 80ffe0 ffffff", 0.1)
    globe = colour * (sun * 1.25)[..., None] + (sun * power(1 - depth, 3) * 0.5)[..., None] * air
    image = image + (exp(-np.maximum(away - 1, 0) * 14) * 0.25 * np.clip(sun + 0.2, 0, 1))[..., None] * air
    ring_radius = length(qx, qy / np.float32(random.uniform(0.12, 0.4)))
    ringed = random.random() < 0.4
    grooves = (0.5 + 0.5 * noise.clouds(ring_radius * 3, ring_radius * 0, 0.5, 1.2, turn=False)).clip(0.1, 1)
    belt = rise(1.3, 1.34, ring_radius) * rise(2.05, 2.0, ring_radius) * grooves * ringed
    lay(image, 0.85 * belt * (qy > 0), ink("d8c4a0") * np.float32(0.8))
    lay(image, np.clip((1 - away) * size / PIXEL + 0.5, 0, 1), globe)
    lay(image, 0.85 * belt * (qy <= 0), ink("d8c4a0") * np.float32(0.8))
    return develop(image.astype(np.float32), random, 1, 0.7)
