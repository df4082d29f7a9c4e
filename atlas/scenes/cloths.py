"""What is woven and knitted: tartan, wool, baskets, patchwork, carpets, lace, wire fences."""

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, angle, length, mix, power, rise, sheet, wave
from lucarne.atlas.scenes.colour import Colour, inks, one_of, ramp
from lucarne.atlas.scenes.noise import Noise
from lucarne.atlas.scenes.relief import aslant, dome, lit, photograph
from lucarne.atlas.scenes.stage import garden, room, sky

DYES = "8a1c24 c83a2e d87828 e0b038 4a7a34 1f5a44 2a6a8a 24407a 4a2f6a 8a3a6a e8dcc8 2a2a30 7a5a40 9a9a98"


def tartan(random: Random) -> Pixels:
    """Crossed bands of colour, in folds."""
    u, v, near = aslant(random, (1.2, 2.6), 0.4)
    noise = Noise(random)
    folds = 0.5 * noise.clouds(u, v, 0.08, 3.2)
    u, v = u + 0.14 * folds, v + 0.1 * noise.clouds(u, v, 0.08, 3.2)
    sett = _sett(random)
    warp, weft = sett[_thread(u)], sett[_thread(v)]
    fine = np.float32(random.uniform(14, 20))
    over = rise(-0.3, 0.3, wave((u + v) * fine))  # a twill: the diagonal shows which thread is on top
    colour = mix(weft, warp, (0.15 + 0.7 * over)[..., None])
    height = 0.006 * over + 0.12 * folds + 0.004 * noise.grain(u, v, 0.3)
    return photograph(random, lit(random, height, colour, cast=0.4), near)


def _sett(random: Random) -> np.ndarray:
    """The colours of 256 threads: a few broad bands with narrow lines in them, and the same backwards."""
    ground, second, line = (
        one_of(random, DYES, 0.1),
        one_of(random, DYES, 0.1),
        one_of(random, "e8dcc8 e0b038 d8d8d8 c83a2e", 0.1),
    )
    half = np.tile(ground, (128, 1))
    for _ in range(int(random.integers(1, 4))):
        start, wide = int(random.integers(0, 100)), int(random.integers(12, 44))
        half[start : start + wide] = second
    for _ in range(int(random.integers(1, 4))):
        start, wide = int(random.integers(0, 120)), int(random.integers(3, 9))
        half[start : start + wide] = line
    return np.concatenate([half, half[::-1]]).astype(np.float32)


def _thread(place: Plane) -> np.ndarray:
    return (np.floor(place * 256).astype(np.int32)) & 255


def knitted(random: Random) -> Pixels:
    """Stocking stitch: columns of V, in rows of colour."""
    u, v, near = aslant(random, (4, 9), 0.3, 25)
    noise = Noise(random)
    u, v = u + 0.25 * noise.clouds(u, v, 0.04, 2.6), v + 0.25 * noise.clouds(u, v, 0.04, 2.6)
    column = np.floor(u)
    side = u - column - 0.5
    lean = v + 1.1 * abs(side)  # legs of the V climb outwards
    row = np.floor(lean)
    part = lean - row - 0.5
    leg = abs(side) - 0.25
    yarn = np.maximum(1 - (leg / 0.27) ** 2 - (part / 0.56) ** 2, 0)
    one, two, three = (one_of(random, DYES, 0.1) for _ in range(3))
    style, index = int(random.integers(3)), row.astype(np.int32)
    if style == 0:
        colour = np.broadcast_to(one, (*u.shape, 3))
    elif style == 1:
        colour = np.stack([one, one, two, one, three, three])[index % 6]
    else:  # small figures
        figure = ((index + column.astype(np.int32)) % 4 == 0) | ((index - column.astype(np.int32)) % 4 == 0)
        colour = np.where((figure & (index % 8 < 6))[..., None], two, one)
    strand = wave((part + side * np.sign(leg) * 0.6) * 2.2 + leg * 3)
    fibre = noise.grain(u, v * 2, 0.12)
    height = 0.11 * np.sqrt(yarn) + 0.006 * strand + 0.004 * fibre
    shade = (0.3 + 0.7 * rise(0, 0.5, yarn)) * (1 + 0.1 * strand + 0.06 * fibre)
    return photograph(random, lit(random, height.astype(np.float32), colour * shade[..., None], cast=0.6), near)


def baskets(random: Random) -> Pixels:
    """Strips over and under each other."""
    u, v, near = aslant(random, (2.5, 6), 0.5)
    noise = Noise(random)
    column, row = np.floor(u), np.floor(v)
    x, y = u - column - 0.5, v - row - 0.5
    up = (column + row) % 2 < 1
    wide = np.float32(random.uniform(0.40, 0.47))
    along, across = np.where(up, y, x), np.where(up, x, y)
    arch = np.cos(np.pi * along.astype(np.float64)).astype(np.float32)
    strip = rise(wide, wide - 0.05, abs(across))
    fibre = noise.clouds(np.where(up, u * 4, v * 4), np.where(up, v, u) * 0.4, 0.5, 1.0, turn=False)
    palette = str(
        random.choice(["7a4a20 a87840 d0a868 e8cc98", "5a3018 7a4a28 a06c40 c09060", "b8a880 d0c4a0 e4dcc0 f4f0e0"])
    )
    colours = inks(palette)
    colour = ramp(colours, 0.5 + 0.14 * fibre + 0.15 * arch)
    if random.random() < 0.4:  # the other strips dyed
        dye = one_of(random, DYES, 0.1)
        colour = mix(colour, dye * (0.8 + 0.15 * fibre)[..., None], (0.85 * up)[..., None])
    shade = (0.2 + 0.8 * strip) * (0.45 + 0.55 * rise(0, 0.8, arch))
    height = 0.1 * arch * strip + 0.004 * fibre
    return photograph(random, lit(random, height, colour * shade[..., None], 1, 0.1, 12), near)


def patchwork(random: Random) -> Pixels:
    """A quilt: patches of small prints, sewn together and padded."""
    u, v, near = aslant(random, (1.5, 3), 0.4, 60)
    noise = Noise(random)
    column, row = np.floor(u), np.floor(v)
    x, y = u - column - 0.5, v - row - 0.5
    number = (row.astype(np.int32) & 7) * 8 + (column.astype(np.int32) & 7)
    if random.random() < 0.6:  # each patch of two triangles
        number = (number * 2 + (x + y > 0)) % 64
        seam = np.minimum(0.5 - np.maximum(abs(x), abs(y)), abs(x + y) * 0.7)
    else:
        seam = 0.5 - np.maximum(abs(x), abs(y))
    ground = np.stack([one_of(random, DYES, 0.12) for _ in range(64)])[number]
    print_ = np.stack([one_of(random, "f0e8d8 e8dcc8 2a2a30 e0b038 c83a2e 8aa8c0", 0.1) for _ in range(64)])[number]
    kind = random.integers(0, 4, 64)[number]
    dots = rise(0.1, -0.1, length(wave(u * 3.5), wave(v * 3.5)) - 0.45)
    bands, checks = rise(-0.1, 0.1, wave(u * 4)), rise(-0.2, 0.2, wave(u * 3) * wave(v * 3))
    pattern = np.choose(kind, [dots, bands * 0.8, checks * 0.8, np.zeros_like(u)])
    colour = mix(ground, print_, pattern[..., None]) * (1 + 0.06 * noise.grain(u, v, 0.4))[..., None]
    puff = np.sqrt(np.clip(seam * 3, 0, 1)) + 0.06 * noise.clouds(u, v, 0.3, 2.2)
    return photograph(random, lit(random, 0.09 * puff.astype(np.float32), colour, cast=0.5), near)


def carpets(random: Random) -> Pixels:
    """A rug: a medallion and borders, mirrored, knot by knot."""
    u, v, near = aslant(random, (0.75, 1.25), 0.45, 100)
    knots = np.float32(random.uniform(40, 64))
    kx, ky = (abs(np.floor(part * knots) + 0.5) / knots for part in (u, v))
    colours = [
        one_of(random, digits, 0.1)
        for digits in ("7a1a1e 1f3050 5a2a20 24463c", "c89a4a d8b070 b87840", "e8dcc0 dcd0b0", "2a3a5a 3a1a1e 8a4a2a")
    ]
    edge, aspect = np.float32(random.uniform(0.75, 1)), np.float32(random.uniform(0.8, 1.3))
    kx, ky = kx / edge, ky / edge * aspect
    away = np.maximum(kx, ky)
    turns, radius = angle(ky, kx), length(kx, ky)
    petals = int(random.integers(2, 5)) * 4
    rings, lattice = np.float32(random.uniform(2.5, 6)), np.float32(random.uniform(2, 5))
    lobes = np.float32(random.uniform(0.05, 0.25)) * wave(turns * petals)
    medallion = radius + 0.4 * lobes - np.float32(random.uniform(0.2, 0.5))
    fields = wave(radius * rings + lobes) + random.uniform(0.3, 1.2) * wave(kx * lattice) * wave(ky * lattice)
    figure = np.float32(random.uniform(4, 9))
    border = (
        wave(kx * figure) * wave(ky * figure)
        if random.random() < 0.6
        else wave((kx + ky) * figure) * wave((kx - ky) * figure)
    )
    index = np.where(fields > 0.55, 1, 0)
    index = np.where(medallion < 0, np.where(fields > 0.1, 2, 3), index)
    index = np.where(abs(medallion) < 0.02, 2, index)
    random.shuffle(colours)
    index = np.where(away > 0.72, np.where(border > 0.2, 2, np.where(border < -0.4, 1, 3)), index)
    index = np.where((abs(away - 0.74) < 0.018) | (abs(away - 0.96) < 0.02), 1, index)
    noise = Noise(random)
    pile = noise.grain(u, v, 0.8)
    colour = np.stack(colours)[index] * (1 + 0.16 * pile + 0.1 * noise.clouds(u, v * 0.2, 0.6))[..., None]
    fringe = 0.99 + 0.012 * wave(np.where(kx > ky, ky, kx) * 40)
    ground = (
        one_of(random, "6a4a30 8a6a4a 5a5a5c a09080", 0.1) * (1 + 0.1 * noise.clouds(u * 0.2, v * 2, 0.5))[..., None]
    )
    colour = mix(colour, ground, rise(-0.01, 0.01, away - fringe)[..., None])
    return photograph(random, lit(random, 0.006 * pile, colour, cast=0.3), near)


def fences(random: Random) -> Pixels:
    """A wire fence before something far away."""
    x, y = sheet()
    behind = [garden, sky, room][int(random.integers(3))](random)
    u, v, _ = aslant(random, (3, 6), 0.35, 12)
    u, v = u + v, u - v
    if random.random() < 0.25:
        u, v = (u + v) * 0.7, (u - v) * 0.7
    noise = Noise(random)
    u, v = u * 0.7 + 0.04 * noise.clouds(x, y, 0.1, 2.4), v * 0.7 + 0.04 * noise.clouds(x, y, 0.1, 2.4)
    near_u, near_v = (abs(part - np.rint(part)) for part in (u, v))
    thick = random.uniform(0.05, 0.1)
    weave = ((np.floor(u + 0.5) + np.floor(v + 0.5)) % 2) < 1
    first, second = dome(near_u, thick), dome(near_v, thick)
    height = np.maximum(first * np.where(weave, 1, 0.7), second * np.where(weave, 0.7, 1))
    wire = np.maximum(rise(thick, thick * 0.8, near_u), rise(thick, thick * 0.8, near_v))
    metal = one_of(random, "9a9c9e 6a6c6e c8c8c4 4a5a4a 8a6a50", 0.08)
    shaded = lit(random, height * np.float32(0.04), np.broadcast_to(metal, (*u.shape, 3)), 1, 0.5, 10)
    return photograph(random, mix(behind, shaded, wire[..., None]))


def lace(random: Random) -> Pixels:
    """White thread on a dark ground: rosettes in a net."""
    u, v, near = aslant(random, (0.7, 1.4), 0.35)
    noise = Noise(random)
    u, v = u + 0.05 * noise.clouds(u, v, 0.15, 2.6), v + 0.05 * noise.clouds(u, v, 0.15, 2.6)
    row = np.floor(v)
    x = u + 0.5 * (row % 2)
    x, y = x - np.floor(x) - 0.5, v - row - 0.5
    radius, turns = length(x, y), angle(y, x)
    petals = int(random.integers(5, 9))
    flower = radius - np.float32(0.27) * (0.75 + 0.25 * wave(turns * petals))
    net = power(np.maximum(abs(wave((u + v) * 5)), abs(wave((u - v) * 5))), 8)
    inner = wave(turns * petals + 0.5) * rise(0.05, 0.12, radius)
    thread = np.where(flower < 0, np.maximum(rise(0.0, 0.4, inner), rise(-0.07, -0.03, flower)), net * 0.9)
    thread = np.maximum(thread, rise(0.03, 0.015, abs(radius - 0.4)))
    thread = np.maximum(thread * (0.9 + 0.1 * noise.grain(u, v, 0.6)), 0).clip(0, 1)
    ground: Colour = one_of(random, "1a1a20 3a1420 14283a 20301c 4a3a30 7a1a24", 0.1)
    cloth = ground * (1 + 0.15 * noise.clouds(u, v, 0.3, 2))[..., None]
    white = one_of(random, "f4f0e4 ece4d0 ffffff", 0.03) * (0.9 + 0.1 * noise.grain(u * 2, v * 2, 0.5))[..., None]
    image = lit(random, 0.02 * thread, mix(cloth, white, thread[..., None]), 1, cast=0.8)
    return photograph(random, image, near)
