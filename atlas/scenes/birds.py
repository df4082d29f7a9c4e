"""Birds: songbirds and parrots on a branch, ducks and swans on water, penguins, flamingos, hens."""

from dataclasses import replace

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, develop, lay, length, mix, rise, wave
from lucarne.atlas.scenes.colour import Colour, ink, one_of, ramp
from lucarne.atlas.scenes.noise import Cells, Noise
from lucarne.atlas.scenes.render import Body, Paint, orbit
from lucarne.atlas.scenes.skins import clouded, mottled
from lucarne.atlas.scenes.space import Points, Vector, ball, blend, egg, limb, mirrored, path, rotated, scaled, union
from lucarne.atlas.scenes.stage import seen, still

Patch = tuple[Vector, float, Colour]  # a ball in space and its colour


def plumage(random: Random, colours: list[Colour], patches: list[Patch], scale: float = 9) -> Paint:
    """Small overlapping feathers, and patches of other colours."""
    cells, noise = Cells(random, 0.4, stagger=True), Noise(random)

    def paint(p: Points) -> Plane:
        first, _, value, _, way = cells.near(
            p[2] * np.float32(scale) + abs(p[0]) * np.float32(scale * 0.6), p[1] * np.float32(scale)
        )
        tone = 0.5 + 0.16 * noise.solid(p, 0.3, 2) + 0.12 * (value - 0.5) - 0.25 * way - 0.2 * rise(0.45, 0.7, first)
        colour = ramp(colours, tone)
        for at, radius, other in patches:
            away = length(
                abs(p[0]) - np.float32(at[0]), p[1] - np.float32(at[1]), p[2] - np.float32(at[2])
            ) / np.float32(radius)
            colour = mix(
                colour,
                other * (1 + 0.15 * (value - 0.5) - 0.2 * way)[:, None],
                rise(1.08, 0.92, away + 0.06 * noise.solid(p, 0.9))[:, None],
            )
        return colour

    return paint


def _eye(at: Vector, size: float = 0.045) -> Body:
    return Body(mirrored(ball(at, size)), ink("0a0808"), 1.3, 120, 0)


def songbirds(random: Random) -> Pixels:
    """Small ones on a branch: robins, tits, finches, sparrows, kingfishers as chance mixes them."""
    back, breast, cap = (
        one_of(random, digits, 0.08)
        for digits in (
            "5a4a3a 6a6a70 2a5a8a 3a4a2a 8a6a48 2a2a30 4a7a9a 6a8a3a",
            "d06828 e8c030 e8e0d0 c83a28 d8b890 f0e8dc d88a50",
            "2a2622 5a4a3a 2a5a9a c83028 e8e0d0 6a6a70",
        )
    )
    patches: list[Patch] = [((0, 0.42, 0.42), 0.44, breast), ((0, 0.98, 0.3), 0.22, cap)]
    if random.random() < 0.5:
        patches.append(((0.2, 0.86, 0.42), 0.11, ink("f0ece4")))
    if random.random() < 0.5:
        patches.append(((0, 0.15, 0.3), 0.34, ink("ece6d8")))
    paint = plumage(random, [back * np.float32(0.6), back, back * np.float32(1.35)], patches)
    body = blend(
        0.16, rotated(egg((0, 0.45, 0.0), (0.36, 0.36, 0.52)), "x", -28, (0, 0.45, 0)), ball((0, 0.86, 0.26), 0.26)
    )
    wings = mirrored(rotated(egg((0.33, 0.42, -0.12), (0.08, 0.24, 0.5)), "x", 22, (0.33, 0.42, 0)))
    tail = limb((0, 0.3, -0.4), (0, random.uniform(-0.05, 0.2), -1.05), 0.12, 0.05)
    long = random.uniform(0.1, 0.24)
    beak = limb((0, 0.84, 0.46), (0, 0.82, 0.52 + long), 0.065, 0.012)
    wing_paint = plumage(random, [back * np.float32(0.35), back * np.float32(0.7), back * np.float32(1.1)], [], 6)
    bird = [
        Body(body, paint, 0.08, 10, 0.25),
        Body(union(wings, tail), wing_paint, 0.1, 12, 0.15),
        _eye((0.17, 0.92, 0.42)),
        Body(beak, one_of(random, "2a2622 d89030 8a7a60"), 0.4, 30),
        Body(mirrored(limb((0.1, 0.15, 0.08), (0.11, -0.02, 0.12), 0.025)), ink("6a4a3a"), 0.1),
    ]
    turn = random.uniform(-80, 80)
    bird = [each.rotated("y", turn) for each in bird]
    branch = path(
        [
            (-2.2, -0.35 + random.normal() * 0.15, 0),
            (-0.8, -0.12, 0.05),
            (0, -0.1, 0),
            (0.9, -0.02, -0.05),
            (2.2, 0.25 + random.normal() * 0.15, 0),
        ],
        [0.13, 0.11, 0.1, 0.09, 0.06],
        0.1,
    )
    twig = limb((0.7, -0.05, 0), (1.3, random.uniform(0.3, 0.7), 0.2), 0.05, 0.02)
    bodies = [*bird, Body(blend(0.05, branch, twig), clouded(random, "2a2018 5a4430 8a7050", 0.3, 1.0, 1.2), 0.05)]
    return still(random, bodies, "leaves leaves air snow", (0, 0.42, 0), 5, 0.21, (-30, 30), (-6, 18))


def parrots(random: Random) -> Pixels:
    """Macaws and their like: a hooked beak, bright wings, a long tail."""
    bright = [one_of(random, "d02818 e8b820 2a8a3a 2060b8 f0ece4 e87828 d84878", 0.06) for _ in range(3)]
    patches: list[Patch] = [
        ((0, 0.3, 0.35), 0.42, bright[1]),
        ((0.12, 1.2, 0.3), 0.15, one_of(random, "f0ece4 f0d860 2a2622")),
    ]
    paint = plumage(random, [bright[0] * np.float32(0.6), bright[0], bright[0] * np.float32(1.2)], patches, 7)
    body = blend(0.2, egg((0, 0.4, 0), (0.34, 0.58, 0.36)), ball((0, 1.15, 0.1), 0.3))
    wings = mirrored(rotated(egg((0.33, 0.25, -0.12), (0.08, 0.6, 0.26)), "x", 12, (0.33, 0.4, 0)))
    tail = limb((0, 0.0, -0.2), (0, -1.2, -0.45), 0.14, 0.05)

    def feathers(p: Points) -> Plane:
        part = np.clip(0.75 - p[1] * 0.8, 0, 1)
        vane = 1 + 0.15 * wave(p[2] * 6 + p[1] * 2)
        return ramp([bright[0], bright[1], bright[2], bright[2] * np.float32(0.5)], part) * vane[:, None]

    beak = blend(
        0.04, limb((0, 1.2, 0.34), (0, 1.1, 0.52), 0.13, 0.1), limb((0, 1.1, 0.52), (0, 0.92, 0.46), 0.09, 0.015)
    )
    parrot = [
        Body(body, paint, 0.1, 10, 0.25),
        Body(union(wings, tail), feathers, 0.15, 14, 0.15),
        _eye((0.2, 1.24, 0.28), 0.05),
        Body(beak, one_of(random, "201c1a e0d0b0 d89030"), 0.5, 35),
        Body(mirrored(egg((0.13, -0.12, 0.16), (0.07, 0.08, 0.12))), ink("6a6460"), 0.1),
    ]
    parrot = _turned(parrot, random.uniform(-70, 70))
    perch = limb((-2, -0.25 + random.normal() * 0.1, 0.1), (2, -0.25 + random.normal() * 0.1, 0.1), 0.12)
    bodies = [*parrot, Body(perch, clouded(random, "3a2c20 6a543c 9a805c", 0.3, 0.8, 1.2), 0.05)]
    return still(random, bodies, "leaves leaves leaves air", (0, 0.42, 0), 5, 0.27, (-20, 20), (-8, 16))


def _turned(bodies: list[Body], degrees: float) -> list[Body]:
    return [each.rotated("y", degrees) for each in bodies]


def ducks(random: Random) -> Pixels:
    """Ducks, geese and swans afloat."""
    style = int(random.integers(4))
    swan = style == 1
    back = ink(["6a5a48", "f0ece6", "e8e0d0", "8a7a60"][style])
    head = ink(["0e4a34", "f4f0ea", "f0e8d8", "6a5a44"][style])
    patches: list[Patch] = [((0, 1.05, 0.85), 0.55, head), ((0, 0.5, 0.7), 0.36, ink("5a2c1c") if style == 0 else back)]
    if style == 0:
        patches.append(((0, 0.72, 0.72), 0.17, ink("ece8e0")))
    paint = plumage(random, [back * np.float32(0.7), back, np.minimum(back * np.float32(1.2), 1)], patches, 6)
    high = random.uniform(1.35, 1.6) if swan else random.uniform(0.95, 1.1)
    throat = path(
        [(0, 0.45, 0.55), (0, 0.8 if swan else 0.7, 0.85 if swan else 0.75), (0, high - 0.15, 0.62), (0, high, 0.72)],
        [0.24, 0.16, 0.14, 0.16],
        0.1,
    )
    body = blend(
        0.2,
        egg((0, 0.28, 0), (0.55, 0.42, 0.92)),
        limb((0, 0.4, -0.7), (0, 0.62, -1.15), 0.2, 0.04),
        throat,
        ball((0, high, 0.74), 0.2),
    )
    wings = mirrored(rotated(egg((0.45, 0.42, -0.2), (0.16, 0.26, 0.72)), "x", 8, (0.4, 0.4, 0)))
    beak = blend(
        0.05, egg((0, high - 0.05, 1.0), (0.1, 0.06, 0.2)), limb((0, high, 0.85), (0, high - 0.05, 1.1), 0.07, 0.05)
    )
    duck = [Body(body, paint, 0.1, 10, 0.25), Body(wings, paint, 0.1, 10, 0.25), _eye((0.15, high + 0.06, 0.84), 0.038),
            Body(beak, one_of(random, "e88a20 e8b030 d86a18"), 0.4, 30)]  # fmt: skip
    bodies = _turned(duck, random.uniform(-100, 100))
    if random.random() < 0.35:
        for number in range(2):
            chick = [
                Body(
                    blend(0.08, egg((0, 0.15, 0), (0.22, 0.2, 0.3)), ball((0, 0.42, 0.2), 0.15)),
                    mottled(random, ink("d8b040"), 0.15),
                    0.05,
                ),
                Body(limb((0, 0.4, 0.34), (0, 0.38, 0.44), 0.05, 0.02), ink("c87a28"), 0.2),
            ]
            bodies += [each.rotated("y", 30).moved((-1.2 - 0.6 * number, 0, 0.6 + 0.2 * number)) for each in chick]
    return afloat(random, bodies, (0, 0.62 if not swan else 0.78, 0), 0.3)


def afloat(
    random: Random, bodies: list[Body], target: Vector, wide: float, elevation: tuple[float, float] = (6, 22)
) -> Pixels:
    """Things on rippled water that mirrors them."""
    noise = Noise(random)
    camera = orbit(target, random.uniform(-20, 20), random.uniform(*elevation), 6, wide * random.uniform(0.9, 1.15))
    shot = seen(random, bodies, camera, "meadow leaves beach", grounded=False)
    eye, way = camera.rays()
    with np.errstate(divide="ignore"):
        far = -eye[1] / np.minimum(way[1], np.float32(-1e-4))
    x, z = eye[0] + way[0] * far, eye[2] + way[2] * far
    water = (way[1] < -1e-3) & (far < shot.depth)
    fade = rise(40, 8, far)
    ripple = 0.6 * (noise.clouds(x, z * 1.3, 0.25, 1.9, turn=False) + 0.6 * noise.clouds(x, z, 0.6, 1.6)) * fade
    # a mirrored ray meets what stands as far above the water line as the picture shows below it
    right, up, forward = camera.axes()
    toward = way[0] * forward[0] - way[1] * forward[1] + way[2] * forward[2]
    side, height = (
        way[0] * right[0] - way[1] * right[1] + way[2] * right[2],
        way[0] * up[0] - way[1] * up[1] + way[2] * up[2],
    )
    side_size = len(x)
    row = np.clip(
        (0.5 - 0.5 * height / toward / np.float32(camera.wide) + 0.02 * ripple) * side_size, 0, side_size - 1
    ).astype(np.intp)
    column = np.clip(
        (0.5 + 0.5 * side / toward / np.float32(camera.wide) + 0.008 * ripple) * side_size, 0, side_size - 1
    ).astype(np.intp)
    deep = one_of(random, "1a3a4a 20443c 2a4a5a 1c3428 304a50", 0.1)
    mirror = shot.image[row, column] * np.float32(0.75)
    colour = mix(
        deep * np.clip(1 + 0.35 * ripple, 0.5, 1.6)[..., None],
        mirror,
        np.clip(0.5 + 0.12 * ripple, 0.2, 0.8)[..., None],
    )
    contact = rise(0.6, 0.0, length(x * 0.8, z * 0.8) - 0.5) * 0.35
    lay(shot.image, water.astype(np.float32), colour * (1 - contact)[..., None])
    return develop(shot.image, random)


def penguins(random: Random) -> Pixels:
    bodies: list[Body] = []
    count = int(random.choice([1, 1, 2, 3]))
    for number in range(count):
        size = random.uniform(0.9, 1.05) if number == 0 else random.uniform(0.6, 1.0)
        x, z = (0.0, 0.0) if number == 0 else ((-1) ** number * random.uniform(0.85, 1.1), random.uniform(-0.6, 0.4))
        black = one_of(random, "14161a 20242c 1a1a1c", 0.1)
        gold = one_of(random, "e8a828 e87a20 f0d040", 0.05)
        noise = Noise(random)

        def paint(p: Points, black: Colour = black, gold: Colour = gold, noise: Noise = noise) -> Plane:
            x, y, z = abs(p[0]), p[1], p[2]
            front = rise(0.02, 0.1, z - 0.6 * np.maximum(x - 0.22, 0)) * rise(1.42, 1.34, y + 0.25 * x)
            colour = mix(black, ink("f0ece4"), front[:, None])
            spot = rise(0.17, 0.1, length(x - 0.2, y - 1.42, z - 0.08))
            glow = rise(0.22, 0.05, abs(y - 1.32)) * front * rise(0.3, 0.1, x)
            colour = mix(colour, gold, np.maximum(spot, 0.55 * glow)[:, None])
            return colour * (1 + 0.05 * noise.solid(p, 0.7, 1.2))[:, None]

        body = blend(
            0.18,
            egg((0, 0.72, 0), (0.42, 0.72, 0.38)),
            egg((0, 1.5, 0.05), (0.22, 0.24, 0.24)),
            limb((0, 0.15, -0.25), (0, 0.05, -0.45), 0.14, 0.05),
        )
        lift = random.uniform(0.05, 0.5)
        wings = mirrored(limb((0.36, 1.1, 0), (0.42 + lift, 0.5 + lift * 0.4, 0.0), 0.09, 0.05))
        penguin = [
            Body(body, paint, 0.12, 12, 0.2),
            Body(wings, mottled(random, black, 0.06), 0.12, 12),
            _eye((0.14, 1.56, 0.2), 0.035),
            Body(limb((0, 1.5, 0.22), (0, 1.44, 0.5), 0.055, 0.015), mix(black, gold, 0.5), 0.3, 30),
            Body(mirrored(egg((0.17, 0.04, 0.2), (0.13, 0.05, 0.2))), one_of(random, "d88a30 2a2622"), 0.1),
        ]
        turn = random.uniform(-60, 60)
        for each in penguin:
            bodies.append(_sized(each, size).rotated("y", turn).moved((x, 0, z)))
    return still(
        random, bodies, "snow snow gravel beach", (0, 0.85, 0), 5, 0.23 if count == 1 else 0.32, (-25, 25), (2, 18)
    )


def _sized(body: Body, by: float) -> Body:
    inverse, paint = np.float32(1 / by), body.paint
    return replace(
        body, shape=scaled(body.shape, by), paint=(lambda p: paint(p * inverse)) if callable(paint) else paint
    )


def flamingos(random: Random) -> Pixels:
    """Also herons and storks: long legs in shallow water, an S of a neck."""
    style = int(random.integers(3))
    back = one_of(random, ["e8808a e89a90 d8606a", "7a8a98 98a4b0", "f0ece4 f4f0ea"][style], 0.05)
    dark = ink("181418")
    paint = plumage(
        random,
        [back * np.float32(0.7), back, np.minimum(back * np.float32(1.25), 1)],
        [((0.3, 1.55, -0.75), 0.42, back * np.float32(0.6) if style == 0 else dark)],
        6,
    )
    high = random.uniform(2.5, 2.9)
    if random.random() < 0.25 and style == 0:  # it feeds
        throat = [(0, 1.75, 0.4), (0, 1.9, 0.8), (0, 1.3, 1.1), (0, 0.7, 1.0), (0, 0.4, 1.1)]
    else:
        throat = [(0, 1.75, 0.4), (0, 1.85, 0.85), (0, 2.2, 0.75), (0, high - 0.1, 0.45), (0, high, 0.62)]
    body = blend(
        0.15,
        rotated(egg((0, 1.65, -0.1), (0.34, 0.36, 0.62)), "x", 12, (0, 1.65, 0)),
        limb((0, 1.6, -0.5), (0, 1.4, -0.95), 0.16, 0.05),
        path(throat, [0.15, 0.1, 0.085, 0.08, 0.1], 0.1),
        ball(throat[-1], 0.14),
    )
    tip = throat[-1]
    beak = blend(
        0.03,
        limb((0, tip[1], tip[2] + 0.08), (0, tip[1] - 0.05, tip[2] + 0.28), 0.07, 0.06),
        limb(
            (0, tip[1] - 0.05, tip[2] + 0.28),
            (0, tip[1] - (0.22 if style == 0 else 0.12), tip[2] + (0.34 if style == 0 else 0.6)),
            0.055,
            0.012,
        ),
    )
    shin = back * np.float32(0.8) if style == 0 else one_of(random, "c84a28 6a6a50 2a2622")
    legs = [
        limb((0.1, 1.4, -0.1), (0.12, 0.75, -0.05), 0.05, 0.035),
        limb((0.12, 0.75, -0.05), (0.12, -0.1, 0.0), 0.035),
    ]
    if random.random() < 0.6:
        legs += [
            limb((-0.1, 1.4, -0.1), (-0.14, 0.75, 0.05), 0.05, 0.035),
            limb((-0.14, 0.75, 0.05), (-0.14, -0.1, -0.1), 0.035),
        ]
    else:
        legs += [
            limb((-0.1, 1.4, -0.1), (-0.14, 0.95, 0.3), 0.05, 0.035),
            limb((-0.14, 0.95, 0.3), (-0.05, 0.85, -0.15), 0.035),
        ]
    bird = [
        Body(body, paint, 0.08, 10, 0.3),
        Body(beak, mix(dark, back, 0.3) if style == 0 else one_of(random, "d8a030 c84a28"), 0.3, 25),
        Body(union(*legs), shin, 0.15, 15),
        _eye((tip[0] + 0.1, tip[1] + 0.04, tip[2] + 0.08), 0.026),
    ]
    bodies = _turned(bird, random.uniform(-110, 110))
    return afloat(random, bodies, (0, 1.3, 0), 0.28, (2, 14))


def hens(random: Random) -> Pixels:
    """Hens and cocks, with comb and tail."""
    cock = random.random() < 0.5
    back = one_of(random, "9a4a20 e8e4dc 2a2422 b8803a 6a3a20", 0.06)
    neck_colour = one_of(random, "d88a30 c86a20 e8e4dc 3a302a", 0.06)
    paint = plumage(
        random, [back * np.float32(0.6), back, back * np.float32(1.3)], [((0, 1.2, 0.5), 0.45, neck_colour)], 7
    )
    body = blend(
        0.22,
        rotated(egg((0, 0.72, -0.05), (0.42, 0.42, 0.6)), "x", -14, (0, 0.7, 0)),
        limb((0, 0.9, 0.4), (0, 1.38, 0.5), 0.24, 0.14),
        ball((0, 1.42, 0.52), 0.17),
    )
    feathers = [
        limb((0, 0.85, -0.5), (float(side) * 0.1, float(high), -0.95 - 0.2 * number), 0.14, 0.05)
        for number, (side, high) in enumerate([(0, 1.45 if cock else 1.2), (1, 1.25), (-1, 1.05)])
    ]
    comb = [
        ball((0, 1.6 + 0.05 * float(np.sin(number * 1.2)), 0.42 + 0.09 * number), 0.07 if cock else 0.045)
        for number in range(4)
    ]
    red = mottled(random, ink("b81c18"), 0.1)
    hen = [
        Body(body, paint, 0.1, 10, 0.2),
        Body(
            mirrored(rotated(egg((0.4, 0.75, -0.1), (0.09, 0.26, 0.42)), "x", 10, (0.4, 0.7, 0))),
            plumage(random, [back * np.float32(0.4), back * np.float32(0.8), back], [], 5),
            0.1,
        ),
        Body(blend(0.1, *feathers), mottled(random, one_of(random, "14241c 2a2422 8a4a20"), 0.2), 0.3, 15),
        Body(union(*comb, mirrored(egg((0.05, 1.24, 0.66), (0.04, 0.1, 0.05)))), red, 0.2, 15, 0.3),
        Body(limb((0, 1.42, 0.66), (0, 1.38, 0.82), 0.05, 0.012), ink("d8a040"), 0.3),
        _eye((0.13, 1.47, 0.6), 0.03),
        Body(
            mirrored(
                union(
                    limb((0.14, 0.4, 0), (0.15, 0.05, 0.05), 0.05, 0.03),
                    limb((0.15, 0.03, 0.05), (0.2, 0.02, 0.25), 0.03),
                )
            ),
            ink("d89838"),
            0.1,
        ),
    ]
    return still(
        random,
        _turned(hen, random.uniform(-110, 110)),
        "lawn lawn earth meadow",
        (0, 0.85, 0),
        5,
        0.25,
        (-20, 20),
        (4, 20),
    )
