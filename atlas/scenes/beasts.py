"""Four-footed animals from head to tail: horses, zebras, cows, sheep, elephants, giraffes, camels, deer."""

from dataclasses import dataclass, field

import numpy as np

from lucarne.atlas.scenes.canvas import Pixels, Plane, Random, develop, length, mix, rise, wave
from lucarne.atlas.scenes.colour import Colour, ink, inks, one_of, ramp
from lucarne.atlas.scenes.heads import frayed
from lucarne.atlas.scenes.noise import Cells, Noise, relief
from lucarne.atlas.scenes.render import Body, Paint, orbit
from lucarne.atlas.scenes.skins import clouded, mottled
from lucarne.atlas.scenes.space import (
    Points,
    Shape,
    Vector,
    ball,
    blend,
    cut,
    egg,
    limb,
    mirrored,
    path,
    rotated,
    union,
)
from lucarne.atlas.scenes.stage import seen


@dataclass(frozen=True)
class Frame:
    """A skeleton, in units of about the shoulder's height: z points forward, y up."""

    leg: float = 0.8  # from the ground to the belly's middle
    long: float = 0.62  # half of the trunk
    deep: float = 0.34  # the trunk's radius
    thick: float = 0.1  # of a leg at the foot
    neck: tuple[Vector, ...] = ((0, 1.0, 0.55), (0, 1.4, 0.85))
    neck_thick: tuple[float, float] = (0.24, 0.15)
    head: tuple[Vector, Vector] = ((0, 1.45, 0.9), (0, 1.25, 1.25))  # brow and nose
    head_thick: tuple[float, float] = (0.17, 0.1)
    hump: tuple[Shape, ...] = ()
    tail: tuple[Vector, ...] = ((0, 1.0, -0.72), (0, 0.6, -0.85))
    tail_thick: tuple[float, float] = (0.06, 0.03)
    extra: tuple[Body, ...] = field(default=())


def quadruped(random: Random, frame: Frame, paint: Paint, hoof: Colour) -> list[Body]:
    """Trunk, four legs in mid-stride, neck, head, tail, eyes."""
    swing = random.uniform(0, 0.22)
    high, reach = frame.leg, frame.long * 0.82
    legs, feet = [], []
    for number, (side, along) in enumerate(((1, 1), (-1, 1), (1, -1), (-1, -1))):
        step = swing * (1 if number in (0, 3) else -1)
        top = (side * frame.deep * 0.52, high, along * reach)
        knee = (side * frame.deep * 0.55, high * 0.48, along * reach + step * 0.5 + 0.03 * along)
        foot = (side * frame.deep * 0.55, 0.05, along * reach + step)
        legs += [
            limb(top, knee, frame.thick * 1.9, frame.thick * 1.05),
            limb(knee, foot, frame.thick * 1.05, frame.thick * 0.85),
        ]
        feet.append(limb((foot[0], 0.05, foot[2]), (foot[0], 0.03, foot[2] + 0.03), frame.thick * 0.98))
    trunk = [
        egg((0, high + 0.12, 0), (frame.deep, frame.deep * 1.05, frame.long * 1.1)),
        ball((0, high + 0.12, frame.long * 0.6), frame.deep),
        ball((0, high + 0.14, -frame.long * 0.62), frame.deep * 0.98),
    ]
    spine = path(frame.neck, list(np.linspace(*frame.neck_thick, len(frame.neck))), 0.1)
    face = limb(*frame.head, *frame.head_thick)
    tail = path(frame.tail, list(np.linspace(*frame.tail_thick, len(frame.tail))))
    (bx, by, bz), (_, ny, nz) = frame.head
    away = np.array([0, ny - by, nz - bz]) / np.hypot(ny - by, nz - bz)
    eye = (bx + frame.head_thick[0] * 0.86, by + away[1] * 0.02 + 0.04, bz + float(away[2]) * 0.1 + 0.03)
    return [
        Body(blend(0.16, *trunk, *legs, spine, face, *frame.hump), paint, 0.06, 8, 0.2, relief(random, 20, 0.0007)),
        Body(tail, paint, 0.05), Body(union(*feet), hoof, 0.2),
        Body(mirrored(ball(eye, frame.head_thick[0] * 0.24)), ink("0c0808"), 1.2, 100, 0), *frame.extra,
    ]  # fmt: skip


def outdoors(
    random: Random, bodies: list[Body], place: str, high: float, wide: float, fuzz: float = 0, furry: int = 1
) -> Pixels:
    """A beast in the open, from the side more often than from the front; sometimes only its head and shoulders."""
    turn = float(random.choice([-1, 1]) * random.uniform(25, 110))
    bodies = [each.rotated("y", turn) for each in bodies]
    camera = orbit(
        (0, high * 0.52, 0), random.uniform(-10, 10), random.uniform(2, 16), 6, wide * random.uniform(0.88, 1.15)
    )
    shot = seen(random, bodies, camera, place)
    if fuzz:
        frayed(random, shot, furry, camera, fuzz)
    return develop(shot.image, random)


def horses(random: Random) -> Pixels:
    colour = one_of(random, "5a3018 7a4424 2a1c14 c8b8a0 8a8480 a8703a e8e0d4", 0.06)
    mane = one_of(random, "14100e 2a1c14 e8dcc4 5a4a3a", 0.06)
    paint = _plain(random, colour, [((0, 0.1, 0.5), 0.3, colour * np.float32(0.5))], blaze=random.random() < 0.4)
    crest = path([(0, 1.2, 0.55), (0, 1.55, 0.68), (0, 1.86, 0.86), (0, 1.9, 1.0)], [0.1, 0.11, 0.1, 0.06], 0.1)
    ears = mirrored(limb((0.08, 1.83, 0.95), (0.1, 2.0, 0.97), 0.06, 0.015))
    frame = Frame(
        leg=0.95,
        long=0.72,
        deep=0.36,
        thick=0.075,
        neck=((0, 1.15, 0.6), (0, 1.45, 0.8), (0, 1.72, 0.98)),
        neck_thick=(0.3, 0.17),
        head=((0, 1.74, 1.0), (0, 1.36, 1.36)),
        head_thick=(0.17, 0.105),
        tail=((0, 1.2, -0.85), (0, 0.95, -1.02), (0, 0.4, -1.0)),
        tail_thick=(0.08, 0.11),
        extra=(Body(crest, mottled(random, mane, 0.2), 0.15, 10), Body(ears, paint, 0.05)),
    )
    return outdoors(random, quadruped(random, frame, paint, ink("241a14")), "meadow lawn beach meadow", 1.85, 0.28)


def zebras(random: Random) -> Pixels:
    noise, count = Noise(random), random.uniform(3.4, 4.6)

    def paint(p: Points) -> Plane:
        _, y, z = p
        front = z * np.float32(count) + 0.25 * noise.solid(p, 0.2, 2.4)
        legs = y * np.float32(count * 1.5)
        face = (y * 0.8 - z * 0.8) * np.float32(count * 1.6)
        place = np.where(y < 0.72, legs, np.where(z > 0.95, face, front + 0.5 * (y - 1) * np.sign(z)))
        dark = rise(-0.15, 0.15, wave(place))
        colour = mix(ink("ece6da"), ink("16120f"), dark[:, None])
        return mix(colour, ink("1c1714"), (rise(1.3, 1.36, z) * (y > 1))[:, None])

    crest = path([(0, 1.2, 0.5), (0, 1.5, 0.62), (0, 1.8, 0.8)], [0.06, 0.09, 0.07], 0.1)
    ears = mirrored(limb((0.1, 1.78, 0.88), (0.15, 1.98, 0.88), 0.07, 0.03))
    frame = Frame(
        leg=0.88,
        long=0.66,
        deep=0.37,
        thick=0.075,
        neck=((0, 1.1, 0.55), (0, 1.4, 0.75), (0, 1.65, 0.9)),
        neck_thick=(0.3, 0.18),
        head=((0, 1.68, 0.92), (0, 1.36, 1.28)),
        head_thick=(0.17, 0.11),
        tail=((0, 1.1, -0.8), (0, 0.6, -0.95)),
        extra=(Body(crest, paint, 0.05), Body(ears, paint, 0.05)),
    )
    return outdoors(random, quadruped(random, frame, paint, ink("1c1714")), "meadow earth meadow lawn", 1.85, 0.27)


def cows(random: Random) -> Pixels:
    noise, threshold = Noise(random), random.uniform(-0.3, 0.3)
    dark, pale = one_of(random, "16120f 16120f 5a2c14 7a4420", 0.05), one_of(random, "ece6dc e8e0d0 c89858", 0.04)

    def paint(p: Points) -> Plane:
        patch = rise(-0.08, 0.08, noise.solid(p, 0.22, 2.6) - np.float32(threshold))
        colour = mix(pale, dark, patch[:, None]) * (1 + 0.06 * noise.solid(p, 0.6, 1.2))[:, None]
        colour = mix(colour, ink("d8a090"), (rise(1.36, 1.44, p[2]) * (p[1] > 0.9))[:, None])
        return mix(colour, ink("d8a090"), (rise(0.2, 0.12, length(p[0], p[1] - 0.56, p[2] + 0.35)))[:, None])

    horn = mirrored(path([(0.12, 1.56, 0.92), (0.28, 1.64, 0.94), (0.3, 1.8, 1.0)], [0.045, 0.04, 0.012]))
    ears = mirrored(egg((0.27, 1.48, 0.9), (0.14, 0.06, 0.08)))
    frame = Frame(
        leg=0.72,
        long=0.78,
        deep=0.44,
        thick=0.085,
        neck=((0, 1.05, 0.7), (0, 1.38, 0.95)),
        neck_thick=(0.33, 0.22),
        head=((0, 1.44, 0.98), (0, 1.15, 1.36)),
        head_thick=(0.19, 0.14),
        hump=(egg((0, 0.62, -0.38), (0.18, 0.16, 0.2)),),
        tail=((0, 1.15, -0.95), (0, 0.5, -1.05)),
        extra=(Body(horn, ink("d8ccb0"), 0.2, 20), Body(ears, paint, 0.05)),
    )
    return outdoors(random, quadruped(random, frame, paint, ink("2a221c")), "meadow lawn meadow", 1.6, 0.27)


def sheep(random: Random) -> Pixels:
    wool = one_of(random, "ece4d4 f4eee2 d8ccb8 6a5c50", 0.04)
    face = one_of(random, "1c1816 ece4d8 5a4a3e", 0.05)
    curls, noise = relief(random, 7, 0.011), Noise(random)

    def fleece(p: Points) -> Plane:
        return (1 + 0.08 * noise.solid(p, 0.6, 1.2))[:, None] * wool

    coat = blend(0.2, egg((0, 0.88, -0.05), (0.48, 0.45, 0.78)), ball((0, 0.98, 0.42), 0.4), ball((0, 1.2, 0.66), 0.26))
    horn = mirrored(
        path(
            [(0.14, 1.38, 0.8), (0.34, 1.42, 0.7), (0.4, 1.2, 0.8), (0.32, 1.12, 0.98)], [0.08, 0.075, 0.06, 0.02], 0.04
        )
    )
    ears = mirrored(egg((0.24, 1.26, 0.78), (0.13, 0.05, 0.07)))
    skin = mottled(random, face, 0.06)
    frame = Frame(
        leg=0.55,
        long=0.5,
        deep=0.3,
        thick=0.06,
        neck=((0, 1.0, 0.5), (0, 1.25, 0.75)),
        neck_thick=(0.2, 0.18),
        head=((0, 1.28, 0.8), (0, 1.06, 1.1)),
        head_thick=(0.17, 0.1),
        tail=((0, 0.9, -0.75), (0, 0.7, -0.9)),
        tail_thick=(0.12, 0.08),
    )
    bodies = [
        Body(coat, fleece, 0.02, 6, 0.3, curls),
        *quadruped(random, frame, skin, ink("1c1816")),
        Body(ears, skin, 0.05),
    ]
    if random.random() < 0.35:
        bodies.append(Body(horn, clouded(random, "8a7450 c0a878 e0d0a8", 0.3, 1.2), 0.2))
    return outdoors(random, bodies, "meadow lawn lawn meadow snow", 1.45, 0.22, random.uniform(2, 5))


def elephants(random: Random) -> Pixels:
    grey = one_of(random, "6a6866 7a7470 8a7a6c 585a5c", 0.05)
    noise, folds = Noise(random), relief(random, 9, 0.003)

    def paint(p: Points) -> Plane:
        return grey * (1 + 0.12 * noise.solid(p, 0.4, 1.5) + 0.05 * wave(p[1] * 14 + noise.solid(p, 0.4)))[:, None]

    lift = random.uniform(-0.3, 0.6)
    trunk = path(
        [(0, 1.6, 1.3), (0, 1.1, 1.6), (0, 0.6, 1.62), (0, 0.3 + max(lift, 0), 1.75 + max(lift, 0) * 0.4)],
        [0.24, 0.18, 0.13, 0.08],
        0.1,
    )
    ears = mirrored(
        rotated(
            cut(egg((0.62, 1.6, 0.8), (0.44, 0.56, 0.09)), egg((0.62, 1.6, 0.93), (0.5, 0.6, 0.08)), 0.05),
            "y",
            random.uniform(-35, -5),
            (0.3, 1.6, 0.85),
        )
    )
    tusks = mirrored(path([(0.19, 1.22, 1.35), (0.24, 0.95, 1.55), (0.22, 0.92, 1.8)], [0.06, 0.05, 0.02], 0.05))
    frame = Frame(
        leg=0.85,
        long=0.8,
        deep=0.62,
        thick=0.19,
        neck=((0, 1.4, 0.7), (0, 1.6, 1.0)),
        neck_thick=(0.5, 0.4),
        head=((0, 1.72, 1.08), (0, 1.45, 1.3)),
        head_thick=(0.38, 0.28),
        hump=(trunk,),
        tail=((0, 1.35, -1.0), (0, 0.7, -1.12)),
        tail_thick=(0.06, 0.035),
        extra=(Body(ears, paint, 0.04, 8, 0.3, folds), Body(tusks, ink("ece4d0"), 0.4, 30)),
    )
    bodies = quadruped(random, frame, paint, ink("a89c8c"))
    bodies[0] = Body(bodies[0].shape, paint, 0.05, 8, 0.1, folds)
    bodies[3] = Body(mirrored(ball((0.34, 1.72, 1.28), 0.05)), ink("0c0808"), 1, 80, 0)
    return outdoors(random, bodies, "earth meadow meadow beach", 2.1, 0.34)


def giraffes(random: Random) -> Pixels:
    cells, noise = Cells(random, 0.75), Noise(random)
    pale, scale = one_of(random, "e8d4a8 ecdcb8 dcc090", 0.04), random.uniform(3.2, 4.4)
    browns = inks(str(random.choice(["5a3014 8a5024", "8a4a1c b87a38", "3a2214 5a3420"])))

    def paint(p: Points) -> Plane:
        x, y, z = p
        first, second, value, _, _ = cells.near(
            (z + 0.6 * abs(x)) * np.float32(scale) + 0.2 * noise.solid(p, 0.4), y * np.float32(scale)
        )
        patch = rise(0.05, 0.16, second - first) * rise(0.5, 0.75, y)
        return mix(pale, ramp(browns, value), patch[:, None])

    horns = mirrored(limb((0.07, 2.86, 1.22), (0.09, 3.05, 1.2), 0.035, 0.045))
    ears = mirrored(egg((0.22, 2.8, 1.16), (0.13, 0.05, 0.06)))
    mane = path([(0, 1.7, 0.52), (0, 2.2, 0.78), (0, 2.72, 1.06)], [0.05, 0.06, 0.05], 0.05)
    frame = Frame(
        leg=1.2,
        long=0.55,
        deep=0.34,
        thick=0.07,
        neck=((0, 1.45, 0.5), (0, 2.1, 0.85), (0, 2.7, 1.15)),
        neck_thick=(0.3, 0.14),
        head=((0, 2.74, 1.22), (0, 2.54, 1.58)),
        head_thick=(0.14, 0.085),
        tail=((0, 1.35, -0.6), (0, 0.7, -0.75)),
        extra=(Body(horns, ink("4a2c18"), 0.1), Body(ears, paint, 0.05), Body(mane, ink("6a3c1c"), 0.05)),
    )
    bodies = quadruped(random, frame, paint, ink("3a2c20"))
    if random.random() < 0.4:  # only head and neck
        turn = random.uniform(-70, 70)
        turned = [each.moved((0, -2.5, -0.95)).rotated("y", turn) for each in bodies]
        shot = seen(
            random, turned, orbit((0, 0.05, 0), 0, random.uniform(-8, 10), 5, 0.2), "air leaves air", grounded=False
        )
        return develop(shot.image, random)
    return outdoors(random, bodies, "meadow earth meadow", 2.9, 0.3)


def camels(random: Random) -> Pixels:
    colour = one_of(random, "a87c48 c09460 8a6438 d0ac78", 0.05)
    paint = _plain(random, colour, [], blaze=False, dark=0.15)
    humps = (
        (egg((0, 1.58, 0.0), (0.24, 0.34, 0.3)),)
        if random.random() < 0.5
        else (egg((0, 1.52, 0.3), (0.22, 0.3, 0.22)), egg((0, 1.52, -0.3), (0.22, 0.32, 0.22)))
    )
    ears = mirrored(egg((0.13, 1.98, 1.22), (0.05, 0.07, 0.04)))
    frame = Frame(
        leg=0.98,
        long=0.66,
        deep=0.38,
        thick=0.08,
        neck=((0, 1.2, 0.6), (0, 1.15, 0.95), (0, 1.5, 1.15), (0, 1.85, 1.2)),
        neck_thick=(0.28, 0.13),
        head=((0, 1.9, 1.24), (0, 1.76, 1.58)),
        head_thick=(0.15, 0.1),
        hump=humps,
        tail=((0, 1.2, -0.78), (0, 0.75, -0.88)),
        extra=(Body(ears, paint, 0.05),),
    )
    return outdoors(random, quadruped(random, frame, paint, ink("5a4430")), "beach beach earth", 1.95, 0.29, 3)


def deer(random: Random) -> Pixels:
    colour = one_of(random, "8a5428 a86c38 6a4424 b88850", 0.05)
    cells = Cells(random, 0.7)
    base = _plain(random, colour, [((0, 0.75, 0.2), 0.3, ink("e8d8bc"))], blaze=False)
    spotted = random.random() < 0.45

    def paint(p: Points) -> Plane:
        coat = base(p)
        if spotted:
            spots = rise(0.22, 0.14, cells.near(p[2] * 5, p[1] * 5)[0]) * rise(0.85, 0.95, p[1]) * rise(0.6, 0.45, p[2])
            coat = mix(coat, ink("ece0c8"), spots[:, None])
        return coat

    ears = mirrored(egg((0.19, 1.72, 0.84), (0.14, 0.07, 0.05)))
    extra = [Body(ears, base, 0.05), Body(ball((0, 1.5, 1.28), 0.05), ink("14100e"), 0.6, 30)]
    if random.random() < 0.6:
        main = path(
            [(0.08, 1.78, 0.84), (0.28, 2.05, 0.72), (0.36, 2.35, 0.8), (0.3, 2.6, 0.95)], [0.045, 0.04, 0.03, 0.012]
        )
        tines = [
            limb((0.2, 1.95, 0.76), (0.24, 2.15, 1.02), 0.03, 0.01),
            limb((0.33, 2.2, 0.75), (0.5, 2.4, 0.8), 0.03, 0.01),
            limb((0.35, 2.38, 0.82), (0.42, 2.6, 0.74), 0.025, 0.01),
        ]
        extra.append(Body(mirrored(union(main, *tines)), mottled(random, ink("8a6a48"), 0.15), 0.1))
    frame = Frame(
        leg=0.85,
        long=0.58,
        deep=0.3,
        thick=0.055,
        neck=((0, 1.1, 0.5), (0, 1.4, 0.68), (0, 1.62, 0.8)),
        neck_thick=(0.22, 0.13),
        head=((0, 1.66, 0.84), (0, 1.5, 1.2)),
        head_thick=(0.14, 0.075),
        tail=((0, 1.05, -0.65), (0, 0.92, -0.75)),
        tail_thick=(0.08, 0.05),
        extra=tuple(extra),
    )
    return outdoors(random, quadruped(random, frame, paint, ink("1c1612")), "lawn meadow snow lawn earth", 2.1, 0.28)


def _plain(
    random: Random, colour: Colour, patches: list[tuple[Vector, float, Colour]], blaze: bool, dark: float = 0.4
) -> Paint:
    """A coat of one colour, darker down the legs; perhaps a white stripe on the face."""
    noise = Noise(random)

    def paint(p: Points) -> Plane:
        coat = (1 + 0.08 * noise.solid(p, 0.4, 1.6))[:, None] * colour
        coat = coat * (1 - dark * rise(0.55, 0.15, p[1]))[:, None]
        for at, radius, other in patches:
            coat = mix(
                coat,
                other,
                rise(
                    1.2,
                    0.7,
                    length(abs(p[0]) - np.float32(at[0]), p[1] - np.float32(at[1]), p[2] - np.float32(at[2]))
                    / np.float32(radius),
                )[:, None],
            )
        if blaze:
            coat = mix(coat, ink("f0e8dc"), (rise(0.06, 0.03, abs(p[0])) * rise(1.02, 1.08, p[2]))[:, None])
        return coat

    return paint
