"""Heads that look at us: what all share, from skull to whiskers, and how hair frays an outline."""

from dataclasses import dataclass

import numpy as np

from lucarne.atlas.scenes.canvas import FINE, Pixels, Plane, Random, angle, develop, length, mix, rise, wave
from lucarne.atlas.scenes.colour import Colour, ink, ramp
from lucarne.atlas.scenes.noise import Noise, relief, streaks
from lucarne.atlas.scenes.render import Body, Camera, Paint, Shot, orbit
from lucarne.atlas.scenes.space import Points, Shape, Vector, ball, blend, egg, limb, mirrored, union
from lucarne.atlas.scenes.stage import seen

Region = tuple[Vector, Vector, Colour]  # an egg in space (its reflection too) and the colour within


@dataclass(frozen=True)
class Eyes:
    at: Vector  # the right one of the animal's two mirrored eyes, x > 0
    size: float
    iris: Colour
    pupil: float = 0.5  # of the iris
    slit: float = 1  # width of the pupil over its height
    white: Colour | None = None  # around the iris, where it shows
    iris_part: float = 0.86  # of the ball as seen


def eyes(kind: Eyes, look: tuple[float, float] = (0, 0)) -> list[Body]:
    """Two balls with iris, pupil and a wet shine; `look` moves the gaze, in parts of the ball."""
    x, y, _ = kind.at
    white = ink("1a1410") if kind.white is None else kind.white

    def paint(p: Points) -> Plane:
        away_x = abs(p[0]) - np.float32(x) - np.sign(p[0]) * np.float32(look[0] * kind.size)
        dx, dy = away_x / np.float32(kind.size), (p[1] - np.float32(y + look[1] * kind.size)) / np.float32(kind.size)
        radius = length(dx, dy)
        ring = radius / np.float32(kind.iris_part)
        fibres = 1 + 0.12 * wave(angle(dy, dx) * 17) - 0.35 * rise(0.75, 1.0, ring) + 0.25 * rise(0, -0.8, dy)
        colour = kind.iris * fibres[:, None]
        black = length(dx / np.float32(kind.slit), dy) / np.float32(kind.iris_part * kind.pupil)
        colour = mix(colour, ink("050505"), rise(1.08, 0.92, black)[:, None])
        return mix(colour, white, rise(0.97, 1.05, ring)[:, None])

    return [Body(mirrored(ball(kind.at, kind.size)), paint, 1.2, 140, 0)]


def whiskers(at: Vector, long: float, count: int = 3) -> Body:
    x, y, z = at
    hairs = []
    for number in range(count):
        lift = (number - (count - 1) / 2) * 0.14
        hairs.append(limb((x, y + lift * 0.3, z), (x + long, y + lift - 0.04, z - 0.12), 0.008, 0.004))
    return Body(mirrored(union(*hairs)), ink("f0ece4"), 0.2)


def coat(
    random: Random,
    colours: list[Colour],
    regions: list[Region],
    around: Vector,
    hair: float = 0.16,
    blotch: float = 0.1,
) -> Paint:
    """Fur that runs away from a point (the nose), with regions of other colours that fade into it."""
    noise = Noise(random)
    cx, cy, cz = around

    def paint(p: Points) -> Plane:
        x, y, z = p[0] - np.float32(cx), p[1] - np.float32(cy), p[2] - np.float32(cz)
        strands = noise.clouds(angle(y, x) * 5, length(x, y, z) * 0.16, 0.8, 1.0, turn=False)
        colour = ramp(colours, 0.5 + blotch * noise.solid(p, 0.2, 2.4) + hair * 0.35 * strands)
        for at, radii, other in regions:
            away = length(
                (abs(p[0]) - np.float32(at[0])) / np.float32(radii[0]),
                (p[1] - np.float32(at[1])) / np.float32(radii[1]),
                (p[2] - np.float32(at[2])) / np.float32(radii[2]),
            )
            colour = mix(colour, other, rise(1.15, 0.8, away + 0.12 * strands)[:, None])
        return colour * (1 + hair * strands)[:, None]

    return paint


def hairy(random: Random, deep: float = 0.003) -> Paint:
    """A relief for fur."""
    return relief(random, 22, deep)


def ear(root: Vector, tip: Vector, wide: float, sharp: float = 0.03) -> Shape:
    """One of two mirrored ears, from a broad root to a tip."""
    return mirrored(limb(root, tip, wide, sharp))


def portrait(
    random: Random, bodies: list[Body], furry: int, place: str, fuzz: float = 5, wide: float = 0.24,
    target: Vector = (0, 0, 0), azimuth: float = 32, elevation: tuple[float, float] = (-8, 18),
) -> Pixels:  # fmt: skip
    """A head before something unsharp; the first `furry` bodies have hair `fuzz` fine pixels long."""
    camera = orbit(
        target, random.uniform(-azimuth, azimuth), random.uniform(*elevation), 5, wide * random.uniform(0.88, 1.12)
    )
    roll = random.normal() * 5
    shot = seen(random, [body.rotated("z", roll) for body in bodies], camera, place, grounded=False)
    if fuzz:
        frayed(random, shot, furry, camera, fuzz)
    return develop(shot.image, random)


def frayed(random: Random, shot: Shot, furry: int, camera: Camera, long: float) -> None:
    """Hair: the first bodies' colours are drawn outwards in strands, over what is behind them."""
    inside = (shot.which >= 0) & (shot.which < furry)
    if not inside.any():
        return
    rows, columns = np.nonzero(inside)
    row, column = np.mgrid[0:FINE, 0:FINE].astype(np.float32)
    down, right = row - np.float32(rows.mean()), column - np.float32(columns.mean())
    away = length(down, right) + 1
    down, right = down / away, right / away
    strands = streaks(random.uniform(0, 1, (FINE, FINE)).astype(np.float32), right, -down, 6, 4)
    reach = np.clip((strands - 0.38) * 4, 0, 1) * np.float32(long)
    from_row = np.clip(np.rint(row - down * reach), 0, FINE - 1).astype(np.intp)
    from_column = np.clip(np.rint(column - right * reach), 0, FINE - 1).astype(np.intp)
    grows = inside[from_row, from_column] & (inside | (shot.which < 0))
    dim = (1 - 0.12 * strands / strands.max())[..., None]
    moved = shot.image[from_row, from_column] * dim
    shot.image[grows] = moved[grows]
    shot.which[grows] = 0


def skull(radii: Vector, cheeks: tuple[Vector, Vector], muzzle: list[Shape], k: float = 0.18) -> Shape:
    """The head's main form: an egg, cheeks on both sides, and whatever makes the muzzle."""
    return blend(k, egg((0, 0, 0), radii), mirrored(egg(*cheeks)), *muzzle)


def neck(random: Random, wide: float, paint: Paint | Colour) -> Body:
    """Neck and shoulders that go out of the picture."""
    shape = blend(
        0.3,
        limb((0, -0.3, -0.25), (0, -1.2, -0.45), wide, wide * 1.35),
        mirrored(egg((wide * 0.9, -1.55, -0.4), (wide * 1.2, 0.6, 0.5))),
    )
    return Body(shape, paint, 0.05, 8, 0.25, hairy(random))
