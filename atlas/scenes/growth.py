"""What grows: leaves, grass, bark, planks, honeycomb, coral, moss; seen near."""

import numpy as np

from lucarne.atlas.scenes.canvas import (
    FINE,
    PIXEL,
    Pixels,
    Plane,
    Random,
    angle,
    blur,
    exp,
    filled,
    lay,
    length,
    mix,
    rise,
    sheet,
    turned,
    wave,
)
from lucarne.atlas.scenes.colour import ink, inks, one_of, ramp, vary
from lucarne.atlas.scenes.noise import Cells, Noise
from lucarne.atlas.scenes.relief import aslant, lit, photograph
from lucarne.atlas.scenes.stage import garden

GREENS = ["1c3414 35582a 5c8440 9cb070", "14301c 28543a 4a8a5a 8ab890", "3a4410 6a7a20 98a83a ccd078"]
AUTUMN = ["5a1a0c a03c14 d07a20 e8b850", "6a2410 b85a18 d8982c f0d070", "4a1418 8a2420 b8442c d88a50"]


def foliage(random: Random) -> Pixels:
    """Many leaves over each other, the lower ones in the dark."""
    x, y = sheet()
    noise = Noise(random)
    colours = inks(str(random.choice(GREENS if random.random() < 0.7 else AUTUMN)))
    image = filled(colours[0] * np.float32(0.25)) * (1 + 0.3 * noise.clouds(x, y, 0.3))[..., None]
    size, slim = random.uniform(0.2, 0.4), random.uniform(0.34, 0.62)
    height = np.zeros_like(x)
    count = int(20 / size)
    for number in range(count):
        depth = number / count
        long = size * random.uniform(0.75, 1.2) * (0.8 + 0.3 * depth)
        at_x, at_y = random.uniform(-1.15, 1.15, 2)
        near_x, near_y = abs(x[0] - at_x) < 1.1 * long, abs(y[:, 0] - at_y) < 1.1 * long
        where = np.ix_(near_y, near_x)
        if not (near_x.any() and near_y.any()):
            continue
        along, across = turned(x[where] - np.float32(at_x), y[where] - np.float32(at_y), random.uniform(0, 360))
        along, across = along / np.float32(long), across / np.float32(long * slim)
        across = across + 0.15 * along * along * random.choice([-1, 1])
        profile = (1 - along * along) * (1 - 0.35 * along)
        inside = profile - abs(across)
        cover = np.clip(inside * (long * slim / PIXEL) / 1.5 + 0.5, 0, 1)
        veins = rise(0.6, 1, wave((along - abs(across) * 0.45) * 4))
        rib = rise(0.07, 0.02, abs(across))
        tone = 0.3 + 0.35 * depth + 0.1 * random.normal() + 0.14 * across * random.choice([-1, 1]) - 0.1 * along
        leaf = ramp(colours, tone + 0.16 * rib + 0.07 * veins) * (0.25 + 0.75 * depth)
        dark = blur(cover, 5) * 0.55
        patch = image[where] * (1 - dark)[..., None]
        image[where] = patch + (leaf - patch) * cover[..., None]
        here = 0.05 * depth + 0.012 * np.minimum(inside, 0.5) - 0.004 * rib + 0.02 * across * random.choice([-1, 1])
        height[where] = mix(height[where], here, cover)
    return photograph(random, lit(random, blur(height, 0.6), image * np.float32(1.2), 1, 0.3, 8, 0.5))


def grass(random: Random) -> Pixels:
    """Blades against what is behind them, or seen from above."""
    x, y = sheet()
    image = garden(random) * np.float32(0.45)
    colours = inks(
        str(
            random.choice(["1c3010 3a5c20 6a8c38 a8c070", "4a4418 7a7030 b0a050 dccc88", "183418 2c6030 5a9850 a0d088"])
        )
    )
    high = random.uniform(0.5, 1.9)
    count = 170
    wind = random.normal() * 0.25
    for number in range(count):
        depth = number / count
        root, tall = random.uniform(-1.15, 1.15), high * random.uniform(0.55, 1.15)
        bottom = np.float32(-1.1 + 0.5 * (1 - depth))
        lean, curl = wind + random.normal() * 0.22, random.normal() * 0.35
        row_part = np.clip((y[:, 0] - bottom) / np.float32(tall), 0, 1)
        rows = np.flatnonzero((row_part < 1) & (y[:, 0] > bottom))
        if not len(rows):
            continue
        part = row_part[rows][:, None]
        middle = np.float32(root) + np.float32(lean) * part + np.float32(curl) * part * part
        wide = np.float32(random.uniform(0.012, 0.028) * (0.6 + 0.6 * depth))
        # the blade lies within a few pixels of its middle line: they alone are looked at
        column = np.rint((middle + 1) / PIXEL - 0.5).astype(np.intp) + np.arange(-6, 7)
        aside = np.take(x[0], np.clip(column, 0, FINE - 1)) - middle
        cover = np.clip((wide * (1 - part) - abs(aside)) / PIXEL + 0.5, 0, 1) * ((column >= 0) & (column < FINE))
        column = np.clip(column, 0, FINE - 1)
        tone = 0.12 + 0.5 * depth + 0.35 * part + 0.1 * random.normal() + 6 * aside
        colour = ramp(colours, tone) * (0.35 + 0.65 * depth) * (0.35 + 0.75 * part)[..., None]
        place = rows[:, None], column
        image[place] += (colour - image[place]) * cover[..., None]
    if random.random() < 0.4:
        lay(image, rise(0.2, 1.4, blur(image[..., 1], 9) * 3) * 0.25, ink("f0f0b0"))
    return photograph(random, image * np.float32(1.1))


def bark(random: Random) -> Pixels:
    """Of an old tree: ridges that part and meet; or a birch."""
    x, y = sheet()
    noise = Noise(random)
    u, v = turned(x, y, random.normal() * 8)
    u, v = u * np.float32(random.uniform(0.8, 1.4)), v * np.float32(random.uniform(0.8, 1.4))
    if random.random() < 0.3:
        lines = noise.clouds(u * 0.25, v * 2.4, 0.4, 1.3, turn=False)
        scar = rise(0.9, 1.5, noise.clouds(u * 0.5, v * 1.2, 0.35, 1.9, turn=False))
        colour = ramp(inks("c8c0b0 e8e2d6 f6f2ea"), 0.6 + 0.2 * noise.clouds(u, v, 0.2))
        colour = mix(colour, ink("8a7a6a"), rise(0.9, 1.6, lines)[..., None])
        colour = mix(colour, ink("1c1814"), scar[..., None])
        return photograph(random, lit(random, -0.05 * scar + 0.006 * lines, colour))
    u = u + 0.10 * noise.clouds(u, v * 0.6, 0.25, 2.0)
    cells = Cells(random, 0.95)
    first, second, value, _, _ = cells.near(u * 5, v * 1.3)
    ridge = rise(0.0, 0.45, second - first)
    grain = noise.clouds(u * 1.2, v * 0.35, 0.5, 1.1, turn=False)
    palette = str(
        random.choice(["241810 4a3424 7a5c40 a88c6c", "2a2824 504c44 7c766a a8a294", "3a2014 6a3c22 9a6038 c08c5c"])
    )
    colour = ramp(inks(palette), 0.15 + 0.6 * ridge + 0.12 * grain + 0.12 * (value - 0.5))
    moss = rise(0.5, 1.5, noise.clouds(u, v, 0.15, 2.2) + np.float32(random.uniform(-1.2, 0.6)))
    colour = mix(colour, ramp(inks("3a4a18 6a7a2c a0a850"), 0.5 + 0.2 * grain), (0.85 * moss * ridge)[..., None])
    return photograph(random, lit(random, 0.16 * ridge + 0.012 * grain, colour))


def planks(random: Random) -> Pixels:
    """Boards with knots and year rings, bare or with old paint."""
    u, v, near = aslant(random, (0.9, 1.8), 0.4)
    noise, count = Noise(random), float(random.uniform(1.2, 2.6))
    across = v * np.float32(count)
    board = np.floor(across)
    tone = random.uniform(0, 1, 64).astype(np.float32)[board.astype(np.int32) & 63]
    cells = Cells(random, 0.8)
    *_, way_u, way_v = cells.near(u * 0.55 + 9.3 * tone, board + 0.5 + 0.7 * (across - board - 0.5))
    knot = exp(-((way_u * 4) ** 2) - (way_v * 3.2) ** 2)
    ring_at = across * 2.6 + 1.8 * knot + 0.5 * noise.clouds(u * 0.25, v, 0.3, 2.2, turn=False) + 7 * tone
    ring = ring_at - np.floor(ring_at)
    fibre = noise.clouds(u * 0.12, v * 2.2, 0.6, 1.0, turn=False)
    palette = str(
        random.choice(
            [
                "4a2a14 8a5a30 c08c54 e0b884",
                "2c1a10 5a3820 8a5c38 b08458",
                "6a6258 8c857a aaa498 c8c2b6",
                "8a6a48 b89468 dcc098 f0e0c4",
            ]
        )
    )
    colour = ramp(
        inks(palette), 0.75 - 0.45 * ring * ring + 0.12 * fibre + 0.3 * (tone - 0.5) - 0.5 * rise(0.5, 1, knot)
    )
    height = 0.006 * fibre
    if random.random() < 0.35:
        paint = one_of(random, "2a6a7a 8a2a24 e8e4d8 4a7a4a c8a03a 3a5a8a", 0.1)
        left = rise(-0.5, -0.2, noise.clouds(u * 0.5, v, 0.4, 1.3, turn=False) + np.float32(random.uniform(-0.3, 0.6)))
        colour = mix(colour, paint * (1 + 0.08 * fibre)[..., None], left[..., None])
        height = height + 0.008 * left
    gap = rise(0.01, 0.035, 0.5 - abs(across - board - 0.5))
    image = lit(random, height + 0.05 * gap, colour * (0.15 + 0.85 * gap)[..., None], 1, 0.06, 6)
    return photograph(random, image, near)


def honeycomb(random: Random) -> Pixels:
    """Cells of wax, some filled, some sealed."""
    u, v, near = aslant(random, (2.2, 4.2), 0.4)
    noise = Noise(random)
    u, v = u + 0.06 * noise.clouds(u, v, 0.2, 2.2), v + 0.06 * noise.clouds(u, v, 0.2, 2.2)
    pitch = np.float32(np.sqrt(3))
    one = u - np.rint(u), v - pitch * np.rint(v / pitch)
    half_u, half_v = np.floor(u) + 0.5, pitch * (np.floor(v / pitch) + 0.5)
    other = u - half_u, v - half_v
    nearer = length(*one) < length(*other)
    x, y = np.where(nearer, one[0], other[0]), np.where(nearer, one[1], other[1])
    number = (np.rint((u - x) * 2).astype(np.int32) & 63) * 64 + (np.rint((v - y) * 2 / pitch).astype(np.int32) & 63)
    tone = random.uniform(0, 1, 4096).astype(np.float32)[number]
    inside = 0.5 - np.maximum(abs(x), abs(x) / 2 + abs(y) * (pitch / 2))
    wall = rise(0.1, 0.04, inside)
    full = random.uniform(0, 1)
    honey = tone < full
    sealed = tone > random.uniform(0.7, 1.2)
    depth = rise(0.05, 0.3, inside)
    empty = ramp(inks("e0b050 8a5014 2c1808"), depth)
    liquid = ramp(inks("c87c14 e8a020 a85c0c"), depth + 0.3 * (tone - 0.3))
    colour = np.where(honey[..., None], liquid, empty)
    lid = ramp(inks("c8964a e0bc78"), 0.5 + 0.25 * noise.clouds(u, v, 0.5, 1.4))
    colour = np.where(sealed[..., None], lid, colour)
    wax = ink("e8bc58") * (1 + 0.08 * noise.clouds(u, v, 0.4))[..., None]
    colour = mix(colour, wax, wall[..., None])
    level = np.where(sealed, 0.8 + 0.3 * depth, np.where(honey, 0.45 - 0.08 * depth, 0.2 - 0.2 * depth))
    height = np.maximum(wall, level) * 0.1
    image = lit(random, blur(height, 0.7), colour, 1, 0.6, 20, 0.6)
    return photograph(random, image, near)


def coral(random: Random) -> Pixels:
    """Brain coral: a labyrinth of ridges, as where two substances spread and hinder each other (Turing 1952)."""
    u, v, near = aslant(random, (0.6, 1.3), 0.4)
    noise = Noise(random)
    maze = noise.blobs(u, v, 1.0, float(random.uniform(8, 12)))
    ridge = rise(-0.45, 0.45, maze)
    palettes = [
        "5a3a1c a8783c e0c080",
        "2a5a3c 6a9a50 c8d488",
        "5a2a4a a05a80 e0a8b8",
        "3a4a6a 7a8aa8 d0d8e0",
        "7a2c14 c8602c f0a860",
        "1c5a5a 3aa098 a8e0c8",
    ]
    fine = noise.grain(u, v, 0.9)
    colour = ramp([vary(random, each) for each in inks(str(random.choice(palettes)))], 0.1 + 0.75 * ridge + 0.07 * fine)
    height = 0.09 * np.sqrt(ridge + 0.01) + 0.004 * fine
    return photograph(
        random, lit(random, height.astype(np.float32), colour * (0.5 + 0.5 * ridge)[..., None], 1, 0.15, 10), near
    )


def moss(random: Random) -> Pixels:
    """Cushions of moss and lichen on stone."""
    u, v, near = aslant(random, (0.9, 2), 0.5)
    noise = Noise(random)
    patches = noise.clouds(u, v, 0.2, 2.0)
    fine, star = noise.grain(u, v, 0.35), noise.blobs(u, v, 0.9, 20)
    cover = rise(-0.3, 0.25, patches + 0.15 * star)
    stone = ramp(inks("4a4844 7c7870 a8a498"), 0.5 + 0.2 * noise.clouds(u, v, 0.4, 1.2))
    green = ramp(inks("1c2c0c 445c18 7c9430 b8c868"), 0.42 + 0.13 * fine + 0.13 * star)
    lichen = rise(0.9, 1.1, noise.clouds(u, v, 0.25, 1.8) + 0.2 * fine)
    stone = mix(stone, one_of(random, "d8b040 c8d0b0 e07830", 0.08), (0.9 * lichen)[..., None])
    height = cover * (0.1 + 0.03 * star + 0.014 * fine) + 0.01 * noise.clouds(u, v, 0.4, 1.4)
    return photograph(random, lit(random, height, mix(stone, green, cover[..., None])), near)


def succulent(random: Random) -> Pixels:
    """A rosette from above: thick leaves a golden angle apart, the youngest in the middle."""
    x, y = sheet()
    px, py = x - np.float32(random.uniform(-0.3, 0.3)), y - np.float32(random.uniform(-0.3, 0.3))
    palettes = [
        "1c3a2c 3c6a50 7aa880 c8dcb8",
        "3a4a3c 6a7a6c a0b0a0 e0e4dc",
        "4a2a3c 7a5a6a a898a0 dcccd0",
        "2c4410 5c7c24 98b048 d0d88c",
    ]
    colours = [vary(random, each, 0.06) for each in inks(str(random.choice(palettes)))]
    tip = one_of(random, "a84048 c87850 8a3a5a 4a7a50", 0.1)
    noise = Noise(random)
    image = ramp(inks("1c1410 3a2c20 5c4a38"), 0.5 + 0.2 * noise.grain(x, y, 0.4)) * np.float32(0.6)
    height = np.zeros_like(x)
    count, spread, wide = int(random.integers(34, 60)), random.uniform(0.15, 0.2), random.uniform(0.36, 0.6)
    for number in range(count, 0, -1):
        radius, size = spread * np.sqrt(number), np.float32(0.42 * spread * np.sqrt(number) + 0.08)
        turn = number * np.pi * (3 - np.sqrt(5))
        at_x, at_y = radius * 0.75 * np.cos(turn), radius * 0.75 * np.sin(turn)
        near_x, near_y = abs(px[0] - at_x) < 1.05 * size, abs(py[:, 0] - at_y) < 1.05 * size
        if not (near_x.any() and near_y.any()):
            continue
        where = np.ix_(near_y, near_x)
        along, across = turned(px[where] - np.float32(at_x), py[where] - np.float32(at_y), float(np.degrees(turn)))
        along, across = along / size, across / (size * np.float32(wide))
        inside = (1 - along**2) * (1 + 0.5 * along) - across**2
        cover = np.clip(inside * size / PIXEL / 3 + 0.5, 0, 1)
        thick = np.sqrt(np.clip(inside, 0, 1))
        tone = 0.2 + 0.3 * along + 0.25 * thick + 0.25 * (1 - number / count)
        leaf = mix(ramp(colours, tone), tip, (0.7 * rise(0.72, 1.0, along))[..., None])
        patch = image[where] * (1 - 0.6 * blur(cover, 4))[..., None]
        image[where] = patch + (leaf - patch) * cover[..., None]
        up = np.float32(0.3 * (1 - number / count)) + 0.1 * size * thick + 0.12 * size * along
        height[where] = mix(height[where], up, cover)
    return photograph(random, lit(random, blur(height, 0.7), image * np.float32(1.1), 0.8, 0.15, 10, 0.5))


def logs(random: Random) -> Pixels:
    """Cross-cut of a trunk: year rings, cracks, bark."""
    x, y = sheet()
    noise = Noise(random)
    size = np.float32(random.uniform(0.75, 1.5))
    px, py = (x - np.float32(random.normal() * 0.2)) / size, (y - np.float32(random.normal() * 0.2)) / size
    turns = angle(py, px)
    radius = length(px, py * np.float32(random.uniform(0.9, 1.1))) * (
        1 + 0.04 * noise.clouds(wave(turns), wave(turns + 0.25), 0.12, 2.4)
    )
    radius = radius + 0.02 * noise.clouds(px, py, 0.25, 2.4)
    rings = radius * np.float32(random.uniform(9, 18)) + 0.5 * noise.clouds(radius, radius * 0, 0.3, 1.2, turn=False)
    part: Plane = rings - np.floor(rings)
    colours = inks(str(random.choice(["6a3c1c a8743c d8ac6c f0d8a8", "5a3424 8a5a40 b88c68 e0c4a0"])))
    colour = ramp(colours, 0.85 - 0.5 * part * part - 0.15 * rise(0.5, 0, radius) + 0.05 * noise.grain(px, py, 0.5))
    crack = rise(0.02, 0.0, abs(turns - np.float32(random.uniform(-0.4, 0.4))) * radius * 3) * rise(0.05, 0.2, radius)
    rough = noise.clouds(turns * 9, radius * 2, 0.5, 1.2, turn=False)
    edge = rise(-0.01, 0.01, radius - 0.9 + 0.008 * rough)
    bark_colour = ramp(inks("201610 4a3626 7a6048"), 0.5 + 0.2 * rough)
    colour = mix(mix(colour, ink("24160c"), crack[..., None]), bark_colour, edge[..., None])
    outside = rise(0.0, 0.02, radius - 1.02 + 0.03 * rough)
    colour = mix(colour, garden(random) * np.float32(0.5), outside[..., None])
    height = 0.008 * part - 0.05 * crack + 0.03 * edge * (1 + 0.3 * rough)
    return photograph(random, lit(random, height * (1 - outside), colour))
