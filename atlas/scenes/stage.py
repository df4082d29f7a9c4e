"""Where bodies stand: tables, studios, lawns, streets; each with its floor, what lies behind it, and its light."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lucarne.atlas.scenes.canvas import (
    Image,
    Pixels,
    Plane,
    Random,
    blur,
    coarse,
    covered,
    develop,
    exp,
    lay,
    length,
    mix,
    rise,
    sheet,
    shifted,
    shrink,
    stretch,
    turned,
)
from lucarne.atlas.scenes.colour import hsl, ink, inks, one_of, ramp, vary
from lucarne.atlas.scenes.noise import Cells, Noise
from lucarne.atlas.scenes.render import Body, Camera, Light, Paint, Shot, orbit, render, toward
from lucarne.atlas.scenes.space import Points, Vector


@dataclass(frozen=True)
class Place:
    """What surrounds the bodies."""

    backdrop: Image
    light: Light
    floor: Paint | None = None
    ends: float = 12  # how far away the floor fades out
    focus: float = 5  # how unsharp the distance is, in fine pixels


def still(
    random: Random,
    bodies: list[Body],
    place: str = "table studio",
    around: Vector = (0, 0.5, 0),
    away: float = 5,
    wide: float = 0.3,
    azimuth: tuple[float, float] = (-30, 30),
    elevation: tuple[float, float] = (8, 32),
) -> Pixels:
    """A photograph of bodies that stand at the origin, in one of several places named with spaces between."""
    return develop(shoot(random, bodies, place, around, away, wide, azimuth, elevation).image, random)


def shoot(
    random: Random,
    bodies: list[Body],
    place: str,
    around: Vector,
    away: float,
    wide: float,
    azimuth: tuple[float, float],
    elevation: tuple[float, float],
) -> Shot:
    """As `still`, not developed yet. The camera's angles are drawn from their ranges, in degrees."""
    camera = orbit(around, random.uniform(*azimuth), random.uniform(*elevation), away, wide * random.uniform(0.92, 1.1))
    return seen(random, bodies, camera, place)


def seen(random: Random, bodies: list[Body], camera: Camera, place: str, grounded: bool = True) -> Shot:
    """Bodies through a given camera; not `grounded`, the place's floor is left out."""
    names = place.split()
    there = PLACES[names[int(random.integers(len(names)))]](random)
    return render(
        bodies, camera, there.light, there.backdrop, there.floor if grounded else None, 0, there.ends, there.focus
    )


def lamp(random: Random, warm: float = 0.5, strength: float = 1) -> Light:
    """From one side above, left or right; `warm` 0 is a blue day, 1 an evening."""
    side = random.choice([-1, 1])
    colour = mix(ink("eef2ff"), ink("ffd9a0"), np.clip(warm + random.normal() * 0.2, 0, 1)).astype(np.float32)
    return Light(
        toward(side * random.uniform(15, 75), random.uniform(28, 62)),
        colour * np.float32(strength * random.uniform(0.95, 1.35)),
        mix(ink("a8bcd8"), ink("c8b8a0"), warm).astype(np.float32) * np.float32(strength * random.uniform(0.35, 0.55)),
        mix(ink("808080"), ink("9a7a58"), warm).astype(np.float32) * np.float32(strength * 0.35),
        random.uniform(0.06, 0.3),
    )


# ── behind ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def gradient(random: Random, low: Plane, high: Plane) -> Image:
    """From one colour at the bottom to another at the top, with a pool of light."""
    x, y = coarse()
    image = ramp([low, mix(low, high, 0.5), high], y * 0.5 + 0.5)
    pool = exp(-2 * length(x - np.float32(random.uniform(-0.6, 0.6)), y - np.float32(random.uniform(-0.3, 0.8))))
    return stretch(image * (0.75 + 0.6 * pool)[..., None], 2)


def studio(random: Random) -> Image:
    paper = one_of(random, "b9b4a8 8fa3b0 c9a98a 7d8a6e a0707a 5f6f88 d6cfc0 3c4450 e0d4c4 c08a5a 2c2c30 86a8a0", 0.12)
    return gradient(random, paper * np.float32(random.uniform(0.5, 0.9)), paper)


def bokeh(random: Random, ground: Plane, lights: Sequence[Plane], count: int = 40, size: float = 0.16) -> Image:
    """Small lights far out of focus: discs with a bright rim."""
    x, y = coarse()
    image = ground * (1 + 0.35 * np.clip(Noise(random).clouds(x, y, 0.12, 3), -1.8, 2))[..., None]
    return stretch(_discs(random, image.astype(np.float32), lights, count, size), 2)


def _discs(random: Random, image: Image, lights: Sequence[Plane], count: int, size: float) -> Image:
    x, y = coarse()
    for _ in range(count):
        radius, at_x, at_y = size * random.uniform(0.5, 1.1), random.uniform(-1.1, 1.1), random.uniform(-1.1, 1.1)
        colour = lights[int(random.integers(len(lights)))] * np.float32(random.uniform(0.1, 0.65))
        reach = radius + 0.05
        where = np.ix_(abs(y[:, 0] - at_y) < reach, abs(x[0] - at_x) < reach)
        away = length(x[where] - np.float32(at_x), y[where] - np.float32(at_y)) - np.float32(radius)
        image[where] += (covered(away, 5) * (0.7 + 0.3 * rise(-0.25 * radius, 0, away)))[..., None] * colour
    return image


def garden(random: Random) -> Image:
    """Leaves in the sun, out of focus."""
    x, y = coarse()
    noise = Noise(random)
    colours = "0c1a0a 1e3416 3f5c28 738c48 b8c48c" if random.random() < 0.7 else "14100a 3a3014 7a6a2a b0a050 e8e0b0"
    part = 0.42 + 0.2 * noise.clouds(x, y, 0.16, 2.6) + 0.06 * noise.blobs(x, y, 0.3, 9) + 0.12 * y
    image = _discs(
        random, ramp(inks(colours), part), [each * np.float32(0.5) for each in inks("d8e8a0 fff8d0 a0c060")], 14, 0.13
    )
    return stretch(image, 2)


def room(random: Random) -> Image:
    """A wall, and upright and level things before it, out of focus."""
    x, y = coarse()
    image = shrink(
        gradient(random, *(one_of(random, "8a7a68 c0ae94 6f7f86 a89888 58616a b89a78 cfc6b4", 0.1) for _ in range(2))),
        2,
    )
    for _ in range(int(random.integers(3, 8))):
        wide, high = random.uniform(0.06, 0.35), random.uniform(0.1, 0.7)
        at_x, at_y = random.uniform(-1, 1), random.uniform(-0.2, 0.9)
        colour = one_of(random, "3a2a20 e8dcc0 7a3a2a 2f4a5a c89a50 f4efe0 506048 20242c", 0.15)
        inside = np.maximum(abs(x - np.float32(at_x)) - np.float32(wide), abs(y - np.float32(at_y)) - np.float32(high))
        lay(image, covered(inside) * random.uniform(0.5, 1), colour)
    return stretch(blur(image, random.uniform(4, 6.5)), 2)


def sky(random: Random, clear: float | None = None) -> Image:
    """Blue above, paler below, with clouds lit from one side; `clear` from 0 (overcast) to 1."""
    x, y = sheet()
    noise = Noise(random)
    clear = random.uniform(0.2, 1) if clear is None else clear
    blue = one_of(random, "2f6fc0 4a8ad0 3a78b8 5a90c0", 0.05)
    image = ramp([ink("d8e4ea"), mix(ink("d8e4ea"), blue, 0.6), blue], y * 0.5 + 0.45)
    high = 1.4 / (1.9 + y)  # clouds lie flatter and smaller towards the horizon
    field = noise.clouds(x * high, y * 1.6 * high, 0.35, 2.0, turn=False)
    lit = field - shifted(field, 5, 7)
    cover = rise(-0.7 + 1.4 * clear, 0.8 + 1.5 * clear, field)
    white = np.clip(0.86 + 0.3 * lit - 0.12 * field, 0.35, 1.15)[..., None] * ink("fbf8f4")
    return lay(image, cover * 0.95, white)


# ── under ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def boards(random: Random) -> Paint:
    """Planks."""
    noise, cells = Noise(random), random.uniform(0, 1, 64).astype(np.float32)
    dark, light = random.choice(
        np.array([["4a2a16", "9a6234"], ["6a4a30", "c09060"], ["8a6a4a", "dcc09a"], ["2a1a12", "6a4028"]])
    )
    wide, degrees = random.uniform(0.35, 0.9), random.uniform(-50, 50)

    def paint(p: Points) -> Plane:
        along, across = turned(p[0], p[2], degrees)
        board = np.floor(across / wide)
        tone = cells[board.astype(np.int32) & 63]
        grain = noise.clouds(along * 0.1 + tone * 7, across, 0.55, 1.7, turn=False)
        seam = rise(0.0, 0.02, abs(across / wide - board - 0.5) * -wide + 0.5 * wide)
        colour = ramp([ink(str(dark)), ink(str(light))], 0.45 + 0.2 * grain + 0.3 * (tone - 0.5))
        return colour * (0.35 + 0.65 * seam)[:, None]

    return paint


def plain(
    random: Random, digits: str = "8a8f98 b8a890 c8c0b4 6a7280 a08070 d8d0c0 50585c 9a4a3a 2f5a6a e0dcd4"
) -> Paint:
    """Painted, papered or stone: one colour that varies a little."""
    colour, noise = one_of(random, digits, 0.1), Noise(random)

    def paint(p: Points) -> Plane:
        tone = 1 + 0.1 * noise.clouds(p[0], p[2], 0.2) + 0.06 * noise.grain(p[0], p[2], 0.3)
        return tone[:, None] * colour

    return paint


def checked(random: Random, digits: str = "f0ece0 b02a2a 2a4a7a 3a3a3a e0c060 40705a") -> Paint:
    """A chequered cloth or tiles."""
    one, other = one_of(random, "f0ece0 e8e0d0 dcd8d0"), one_of(random, digits)
    side, degrees, woven = random.uniform(0.25, 0.6), random.uniform(0, 90), random.random() < 0.5

    def paint(p: Points) -> Plane:
        u, v = turned(p[0], p[2], degrees)
        first, second = (np.floor(part / side).astype(np.int32) & 1 for part in (u, v))
        part = (first + second) * 0.5 if woven else (first ^ second)
        return one + (other - one) * np.asarray(part, np.float32)[:, None]

    return paint


def tangled(digits: str, scale: float = 0.5, exponent: float = 1.3) -> Callable[[Random], Paint]:
    """Ground of many small things: grass, earth, sand, snow, gravel; colours from deep to high."""

    def make(random: Random) -> Paint:
        noise, colours = Noise(random), [vary(random, colour, 0.08) for colour in inks(digits)]

        def paint(p: Points) -> Plane:
            fine = noise.clouds(p[0], p[2], scale, exponent)
            return ramp(colours, 0.5 + 0.17 * fine + 0.13 * noise.clouds(p[0], p[2], 0.06, 2.4))

        return paint

    return make


def pebbly(random: Random) -> Paint:
    cells, colours = Cells(random), inks("5a564e 8a8478 b4aa9a d8d0c0 7a6a5a")

    def paint(p: Points) -> Plane:
        first, second, value, _, _ = cells.near(p[0] * 5, p[2] * 5)
        return ramp(colours, value) * (0.3 + 0.7 * rise(0, 0.3, second - first))[:, None]

    return paint


grass = tangled("1a2a12 34491e 55702f 7f9448 b0b878", 0.5, 1.1)
earth = tangled("2a1c12 4a3322 6a4c34 8a6a4c", 0.4)
sand = tangled("b08a5a c8a878 dcc49a ecdcb8", 0.5, 1.0)
snow = tangled("b8c8dc d8e2ee eef4fa ffffff", 0.2, 2.2)
asphalt = tangled("3a3c40 55575a 6a6c6e 8a8a88", 0.8, 0.9)


# ── places ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def _table(random: Random) -> Place:
    floor = [boards, boards, plain, checked][int(random.integers(4))](random)
    behind = [room, studio, room][int(random.integers(3))](random)
    return Place(behind, lamp(random, 0.6), floor, random.uniform(8, 11))


def _studio(random: Random) -> Place:
    """Seamless paper that rises behind the thing."""
    paper = one_of(random, "d8d4cc c4ccd2 d8bfa4 b8c4ac d8b4b4 9cacc4 ece6da e4c89c a8c8c8 70787c 30343a f0f0ee", 0.1)
    x, y = sheet()
    behind = paper * (1.05 + 0.25 * y - 0.2 * x * x)[..., None]
    return Place(
        behind.astype(np.float32), lamp(random, 0.4), lambda p: np.tile(paper * np.float32(0.75), (p.shape[1], 1)), 8, 3
    )


def _lawn(random: Random) -> Place:
    return Place(garden(random), lamp(random, 0.45, 1.05), grass(random), random.uniform(9, 13), 7)


def _meadow(random: Random) -> Place:
    """Grass under the sky, with a dim edge of trees."""
    image = sky(random)
    x, y = sheet()
    noise = Noise(random)
    trees = y - np.float32(random.uniform(0.0, 0.25)) - 0.12 * noise.clouds(x, y * 0, 0.2, 1.6, turn=False)
    lay(image, covered(trees, 4), mix(ink("24381a"), ink("9ab0b8"), random.uniform(0, 0.5)))
    return Place(blur(image, 3), lamp(random, 0.4, 1.1), grass(random), 18, 5)


def _earth(random: Random) -> Place:
    return Place(garden(random), lamp(random, 0.55), earth(random), 11, 6)


def _beach(random: Random) -> Place:
    _, y = sheet()
    image = sky(random, random.uniform(0.6, 1))
    sea = ramp(inks("3a8a9a 1f6a8a 5a9ab0"), y + 0.6)
    lay(image, covered(y - np.float32(random.uniform(0.15, 0.4)), 3), sea)
    return Place(blur(image, 4), lamp(random, 0.5, 1.15), sand(random), 12, 5)


def _snow(random: Random) -> Place:
    return Place(blur(sky(random, random.uniform(0, 0.8)), 3), lamp(random, 0.25, 1.0), snow(random), 16, 4)


def _street(random: Random) -> Place:
    x, y = sheet()
    image = sky(random)
    noise = random.uniform(0.05, 0.5, 16)
    for number, high in enumerate(noise):
        wide = np.maximum(
            abs(x - (number / 8 - 1 + random.uniform(0, 0.1))) - np.float32(0.11), y - np.float32(high + 0.1)
        )
        lay(image, covered(wide), one_of(random, "8a7a6a a89080 6a6058 b8a898 7a5040 98a0a4", 0.1))
    return Place(blur(image, random.uniform(3, 6)), lamp(random, 0.45, 1.05), asphalt(random), 20, 4)


def _gravel(random: Random) -> Place:
    return Place(garden(random), lamp(random, 0.5), pebbly(random), 10, 6)


def _dark(random: Random) -> Place:
    """A dark room with one lamp, small lights far behind."""
    ground = one_of(random, "14161c 1c1410 101820 201018", 0.2)
    behind = bokeh(random, ground, inks("ffb050 ff7040 70a0ff ffe0a0 ff5080 80ffc0"), int(random.integers(5, 30)))
    floor = boards(random) if random.random() < 0.5 else plain(random, "2a2622 1c2026 30201a")
    return Place(behind, lamp(random, 0.8, 1.0), floor, 9, 5)


def _air(random: Random) -> Place:
    """No ground at all: sky."""
    return Place(blur(sky(random), 2), lamp(random, 0.4, 1.1), None)


def _leaves(random: Random) -> Place:
    """No ground: leaves far behind."""
    return Place(garden(random), lamp(random, 0.45, 1.05), None)


def _wall(random: Random) -> Place:
    return Place([room, studio][int(random.integers(2))](random), lamp(random, 0.5), None)


def _deep(random: Random) -> Place:
    """Under water."""
    x, y = sheet()
    noise = Noise(random)
    blue = [hsl(random.uniform(175, 225), random.uniform(0.5, 0.9), lightness) for lightness in (0.08, 0.24, 0.5)]
    image = ramp(blue, 0.45 + 0.35 * y + 0.08 * noise.clouds(x, y, 0.12, 2.6))
    across = x + y * np.float32(random.uniform(-0.5, 0.5))
    rays = np.maximum(noise.clouds(across, y * 0.06, 0.25, 1.7, turn=False), 0) * rise(-0.6, 1, y)
    image = image * (1 + 0.45 * rays)[..., None]
    light = Light(
        toward(random.uniform(-60, 60), 65), ink("d8f4ff") * np.float32(1.2), blue[2] * np.float32(0.8), blue[1]
    )
    return Place(image.astype(np.float32), light, None)


PLACES: dict[str, Callable[[Random], Place]] = {
    "air": _air,
    "beach": _beach,
    "dark": _dark,
    "deep": _deep,
    "earth": _earth,
    "gravel": _gravel,
    "lawn": _lawn,
    "leaves": _leaves,
    "meadow": _meadow,
    "snow": _snow,
    "street": _street,
    "studio": _studio,
    "table": _table,
    "wall": _wall,
}
