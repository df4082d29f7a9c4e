"""Bodies, a camera and a light make an image: surfaces found step by step, soft shadows, sheen, sky light, a floor."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from lucarne.atlas.scenes.canvas import FINE, Image, Plane, blur, lay, power, shrink, stretch
from lucarne.atlas.scenes.colour import Colour, ink
from lucarne.atlas.scenes.space import AXES, Points, Shape, Vector, moved, rotated

Paint = Callable[[Points], Plane]  # colours (n, 3) of points (3, n)
_STEPS = 14
_BLOCK = 4  # fine pixels to a side that share the first steps


@dataclass(frozen=True)
class Body:
    """A shape and what it is made of."""

    shape: Shape
    paint: Colour | Paint
    gloss: float = 0.15  # of the highlight, 0…1 and more
    sharp: float = 30  # the larger the smaller the highlight
    soft: float = 0.2  # how far light creeps around into the shade: 0 stone, 0.5 wax
    bump: Callable[[Points], Plane] | None = None  # small heights that roughen the surface, in units of length
    glow: float = 0  # part of its colour that shines by itself

    def moved(self, by: Vector) -> "Body":
        """Somewhere else, paint and all."""
        shift = np.array(by, np.float32)[:, None]
        return self._carried(moved(self.shape, by), lambda p: p - shift)

    def rotated(self, axis: str, degrees: float) -> "Body":
        """Turned about an axis through the origin, paint and all; as `space.rotated`."""
        first, second = AXES[axis]
        cosine, sine = np.float32(np.cos(np.radians(degrees))), np.float32(np.sin(np.radians(degrees)))

        def back(p: Points) -> Points:
            here = p.copy()
            here[first], here[second] = p[first] * cosine + p[second] * sine, p[second] * cosine - p[first] * sine
            return here

        return self._carried(rotated(self.shape, axis, degrees), back)

    def _carried(self, shape: Shape, back: Callable[[Points], Points]) -> "Body":
        paint, bump = self.paint, self.bump
        return replace(
            self,
            shape=shape,
            paint=(lambda p: paint(back(p))) if callable(paint) else paint,
            bump=(lambda p: bump(back(p))) if bump else None,
        )


@dataclass(frozen=True)
class Light:
    toward: Vector  # to where the light comes from
    colour: Colour = field(default_factory=lambda: ink("fff4e0") * np.float32(1.2))
    sky: Colour = field(default_factory=lambda: ink("9fb4cc") * np.float32(0.42))
    bounce: Colour = field(default_factory=lambda: ink("8a7a68") * np.float32(0.35))  # from below
    wide: float = 0.12  # of the source: how soft shadows are


@dataclass(frozen=True)
class Camera:
    eye: Vector
    target: Vector = (0, 0, 0)
    wide: float = 0.45  # half of what is seen, over the distance

    def rays(self) -> tuple[Plane, Plane]:
        """The eye (3,) and a unit direction for every fine pixel (3, FINE, FINE)."""
        right, up, forward = self.axes()
        place = (((np.arange(FINE) + 0.5) / FINE * 2 - 1) * self.wide).astype(np.float32)
        way = (
            forward[:, None, None] + right[:, None, None] * place[None, None] - up[:, None, None] * place[None, :, None]
        )
        return np.array(self.eye, np.float32), way / np.sqrt((way * way).sum(0))

    def axes(self) -> tuple[Plane, Plane, Plane]:
        """Unit vectors to the right of, up and along the line of sight, (3,) each."""
        forward = np.array(self.target, np.float64) - self.eye
        forward /= np.sqrt((forward**2).sum())
        right = np.array([-forward[2], 0, forward[0]])
        right /= np.sqrt((right**2).sum())
        x, y, z = forward
        up = np.array([right[1] * z - right[2] * y, right[2] * x - right[0] * z, right[0] * y - right[1] * x])
        return right.astype(np.float32), up.astype(np.float32), forward.astype(np.float32)


def orbit(around: Vector, azimuth: float, elevation: float, away: float, wide: float = 0.45) -> Camera:
    """A camera that looks at a point: azimuth 0 from the front (+z), growing to the right; degrees."""
    turn, rise = np.radians(azimuth), np.radians(elevation)
    eye = (
        around[0] + away * float(np.sin(turn) * np.cos(rise)),
        around[1] + away * float(np.sin(rise)),
        around[2] + away * float(np.cos(turn) * np.cos(rise)),
    )
    return Camera(eye, around, wide)


def toward(azimuth: float, elevation: float) -> Vector:
    """A unit vector; azimuth and elevation as of `orbit`."""
    camera = orbit((0, 0, 0), azimuth, elevation, 1)
    return camera.eye


@dataclass
class Shot:
    """What the camera sees: the image, and for every fine pixel how far it went and which body it met."""

    image: Image
    depth: Plane  # (FINE, FINE); infinite where nothing was met
    which: np.ndarray  # (FINE, FINE): index of the body, -1 the floor, -2 nothing


def render(
    bodies: list[Body],
    camera: Camera,
    light: Light,
    backdrop: Image,
    floor: Paint | None = None,
    height: float = 0,
    ends: float = 40,
    focus: float = 0,
) -> Shot:
    """Bodies before a backdrop, standing on a floor at `height` where one is painted (points to colours).

    The floor fades into the backdrop towards the distance `ends`. `focus` is how unsharp the backdrop and the floor's
    far end are, in fine pixels. The backdrop itself is changed.
    """
    eye, way = camera.rays()
    rays = way.reshape(3, -1)
    depth, which = _met(bodies, eye, way, camera.wide, None if floor is None else height, ends)
    normals = np.zeros((3, FINE * FINE), np.float32)
    normals[1] = 1
    colours = backdrop.reshape(-1, 3)
    seen = [np.flatnonzero(which == index) for index in range(len(bodies))]
    for body, pixels in zip(bodies, seen, strict=True):
        if len(pixels):
            points = _at(eye, rays, depth, pixels)
            normals[:, pixels] = _normals(body, points)
            colours[pixels] = body.paint(points) if callable(body.paint) else body.paint
    lamp, sky = _shade(bodies, eye, rays, depth, which, normals, light)
    ground = np.flatnonzero(which == -1)
    if len(ground) and floor is not None:
        matte = _matte(normals.take(ground, axis=1), lamp[ground], sky[ground], light, 0)
        lit = floor(_at(eye, rays, depth, ground)) * matte
        fade = np.clip((depth[ground] / ends - 0.55) / 0.45, 0, 1)[:, None]
        colours[ground] = lit + (colours.take(ground, axis=0) - lit) * (fade * fade)
    for body, pixels in zip(bodies, seen, strict=True):
        if len(pixels):
            normal, ray = (vectors.take(pixels, axis=1) for vectors in (normals, rays))
            colours[pixels] = _lit(body, colours.take(pixels, axis=0), normal, ray, lamp[pixels], sky[pixels], light)
    side = (FINE, FINE)
    shot = Shot(colours.reshape(*side, 3), depth.reshape(side), which.reshape(side))
    if focus and floor is not None:
        _defocus(shot, float(np.sqrt(((np.array(camera.eye) - camera.target) ** 2).sum())), ends, focus)
    return shot


def _met(
    bodies: list[Body], eye: Plane, way: Plane, wide: float, height: float | None, ends: float
) -> tuple[Plane, np.ndarray]:
    """For every fine pixel how far its ray goes, and which body it meets: -1 the floor, -2 nothing."""
    depth = np.full(FINE * FINE, np.inf, np.float32)
    which = np.full(FINE * FINE, -2, np.int16)
    if height is not None:
        down = way[1].ravel()
        with np.errstate(divide="ignore"):
            reach = (height - eye[1]) / down
        below = np.flatnonzero((down < -1e-4) & (reach < ends))
        depth[below], which[below] = reach[below], -1
    for index, body in enumerate(bodies):
        pixels, far = _march(body.shape, eye, way, wide)
        nearer = np.flatnonzero(far < depth[pixels])
        pixels = pixels[nearer]
        depth[pixels], which[pixels] = far[nearer], index
    return depth, which


# ── finding surfaces ─────────────────────────────────────────────────────────────────────────────────────────────────


def _march(shape: Shape, eye: Plane, way: Plane, wide: float) -> tuple[np.ndarray, Plane]:
    """The fine pixels (as flat indices) at which the shape is met, and how far away."""
    pixel = 2 * wide / FINE
    blocks = way[:, _BLOCK // 2 :: _BLOCK, _BLOCK // 2 :: _BLOCK].reshape(3, -1)
    start, end, kept = _span(shape, eye, blocks, margin=_BLOCK * pixel)
    way_here = blocks.take(kept, axis=1)
    open_ = np.ones(len(kept), bool)
    cone = np.float32(0.75 * _BLOCK * pixel)
    for _ in range(8):
        now = np.flatnonzero(open_)
        if not len(now):
            break
        far = start[now]
        free = shape.distance(eye[:, None] + way_here.take(now, axis=1) * far) - cone * far
        start[now] = far + np.maximum(free, 0) * np.float32(0.9)
        open_[now] = (free > cone * far * 0.25) & (start[now] < end[now])
    kept, start, end = (values[start < end] for values in (kept, start, end))

    side = FINE // _BLOCK
    row, column = np.divmod(kept, side)
    offset = np.arange(_BLOCK)
    pixels = (row * _BLOCK)[:, None, None] + offset[None, :, None]
    pixels = (pixels * FINE + (column * _BLOCK)[:, None, None] + offset[None, None, :]).ravel()
    start, end = np.repeat(start, _BLOCK**2), np.repeat(end, _BLOCK**2)
    flat = way.reshape(3, -1)
    found: list[np.ndarray] = [np.empty(0, np.intp)]
    depths: list[Plane] = [np.empty(0, np.float32)]
    way_here = flat.take(pixels, axis=1)
    for step in range(_STEPS):
        gap = shape.distance(eye[:, None] + way_here * start)
        start = start + gap * np.float32(0.95)
        met = gap < np.float32(pixel * 0.35) * start
        over = met | (start > end)
        if step == _STEPS - 1:
            met = met | (gap < np.float32(pixel * 2) * start)
            over = np.ones_like(met)
        if over.any():
            hit = np.flatnonzero(met)
            found.append(pixels[hit])
            depths.append(start[hit])
            left = np.flatnonzero(~over)
            if not len(left):
                break
            pixels, start, end, way_here = pixels[left], start[left], end[left], way_here.take(left, axis=1)
    return np.concatenate(found), np.concatenate(depths)


def _span(shape: Shape, eye: Plane, way: Plane, margin: float) -> tuple[Plane, Plane, np.ndarray]:
    """Where rays enter and leave the ball around a shape, and which of them do."""
    to = np.array(shape.centre, np.float32) - eye
    along = to[0] * way[0] + to[1] * way[1] + to[2] * way[2]
    away = float((to.astype(np.float64) ** 2).sum())
    radius = shape.reach * 1.02 + margin * np.sqrt(away)
    inside = along * along - np.float32(away - radius**2)
    kept = np.flatnonzero((inside > 0) & (along > -radius))
    half = np.sqrt(inside[kept])
    return np.maximum(along[kept] - half, np.float32(0.02)), along[kept] + half, kept


def _at(eye: Plane, rays: Plane, depth: Plane, pixels: np.ndarray) -> Points:
    return eye[:, None] + rays.take(pixels, axis=1) * depth[pixels]


def _normals(body: Body, p: Points) -> Plane:
    step = np.float32(max(body.shape.reach, 0.3) * 4e-3)
    distance, bump = body.shape.distance, body.bump

    def height(p: Points) -> Plane:
        return distance(p) - bump(p) if bump else distance(p)

    here = height(p)
    slope = np.empty_like(p)
    for axis in range(3):
        beside = p.copy()
        beside[axis] += step
        slope[axis] = height(beside) - here
    return slope / (np.sqrt((slope * slope).sum(0)) + np.float32(1e-9))


# ── light ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def _shade(
    bodies: list[Body], eye: Plane, rays: Plane, depth: Plane, which: np.ndarray, normals: Plane, light: Light
) -> tuple[Plane, Plane]:
    """For every fine pixel how much of the lamp and how much of the sky it sees, found at every second one."""
    coarse = np.arange(FINE * FINE).reshape(FINE, FINE)[::2, ::2].ravel()
    pixels = coarse[which[coarse] > -2]
    normal = normals.take(pixels, axis=1)
    points = _at(eye, rays, depth, pixels) + normal * np.float32(0.015)
    lamp, sky = np.ones(len(coarse), np.float32), np.ones(len(coarse), np.float32)
    dim, open_sky = np.ones(len(pixels), np.float32), np.ones(len(pixels), np.float32)
    to = np.array(light.toward, np.float32)
    facing = normal[0] * to[0] + normal[1] * to[1] + normal[2] * to[2] > -0.05
    for body in bodies:
        if body.glow < 0.5:
            _cast(body.shape, points, to, facing, light.wide, dim)
            _crowd(body.shape, points, normal, open_sky)
    seen = which[coarse] > -2
    lamp[seen], sky[seen] = dim, open_sky
    nearest = _nearest_of_the_same(which)
    return lamp[nearest], sky[nearest]


def _nearest_of_the_same(which: np.ndarray) -> np.ndarray:
    """For every fine pixel the sample beside it, of every second pixel and row, that shows the same body."""
    half = FINE // 2
    body = which.reshape(FINE, FINE)
    number = np.arange(half * half).reshape(half, half)
    nearest = np.repeat(np.repeat(number, 2, 0), 2, 1)
    shown = body[::2, ::2].ravel()
    wrong = np.flatnonzero((shown[nearest] != body).ravel())
    row, column = np.divmod(wrong, FINE)
    found = nearest.ravel()
    for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0), (1, 1), (-1, -1), (1, -1), (-1, 1)):
        other = np.clip(row // 2 + down, 0, half - 1) * half + np.clip(column // 2 + right, 0, half - 1)
        fits = shown[other] == which[wrong]
        found[wrong[fits]] = other[fits]
        row, column, wrong = row[~fits], column[~fits], wrong[~fits]
    return found


def _cast(shape: Shape, points: Points, to: Plane, facing: np.ndarray, wide: float, dim: Plane) -> None:
    """Dims the points a shape keeps the lamp from; the wider the lamp, the softer."""
    away = np.array(shape.centre, np.float32)[:, None] - points
    along = away[0] * to[0] + away[1] * to[1] + away[2] * to[2]
    past = (away * away).sum(0) - along * along
    radius = np.float32(shape.reach * 1.05) + wide * np.maximum(along, 0) * 0.5
    inside = radius * radius - past
    left = np.flatnonzero(facing & (inside > 0) & (along > -shape.reach) & (dim > 0.02))
    if not len(left):
        return
    half = np.sqrt(inside[left])
    start, end = np.maximum(along[left] - half, np.float32(0.04)), along[left] + half
    light, sharp = np.ones(len(left), np.float32), np.float32(1 / wide)
    here = np.arange(len(left))
    longest = np.float32(shape.reach * 0.45)
    for _ in range(10):
        gap = shape.distance(points.take(left[here], axis=1) + to[:, None] * start[here])
        light[here] = np.minimum(light[here], 0.5 + 0.5 * gap * sharp / start[here])
        start[here] += np.clip(gap, np.float32(shape.reach * 0.06), longest)
        here = here[(light[here] > 0) & (start[here] < end[here])]
        if not len(here):
            break
    light = np.maximum(light, 0)
    dim[left] *= light * light * (3 - 2 * light)


def _crowd(shape: Shape, points: Points, normal: Plane, open_sky: Plane) -> None:
    """Darkens nooks and the ground near a shape: what a point sees of it along its normal."""
    away = points - np.array(shape.centre, np.float32)[:, None]
    reach = min(shape.reach, 1.0)
    near = np.flatnonzero((away * away).sum(0) < (shape.reach + 0.5 * reach) ** 2)
    if not len(near):
        return
    for part, weight in ((0.16, 0.4), (0.45, 0.5)):
        step = np.float32(part * reach)
        gap = shape.distance(points.take(near, axis=1) + normal.take(near, axis=1) * step)
        open_sky[near] *= 1 - np.float32(weight) * np.clip(1 - gap / step, 0, 1.1)


def _matte(normal: Plane, dim: Plane, open_sky: Plane, light: Light, soft: float) -> Plane:
    """Light that falls on a matte surface, (n, 3)."""
    to = light.toward
    facing = normal[0] * np.float32(to[0]) + normal[1] * np.float32(to[1]) + normal[2] * np.float32(to[2])
    lamp = np.clip((facing + soft) / (1 + soft), 0, 1) * (dim if soft == 0 else dim + soft * 0.4 * (1 - dim))
    up = (normal[1] * 0.5 + 0.5) * open_sky
    down = (1 - (normal[1] * 0.5 + 0.5)) * (0.4 + 0.6 * open_sky)
    return lamp[:, None] * light.colour + up[:, None] * light.sky + down[:, None] * light.bounce


def _lit(body: Body, colour: Plane, normal: Plane, way: Plane, dim: Plane, open_sky: Plane, light: Light) -> Plane:
    """Matte light, a highlight, and the sky mirrored at grazing angles, for points of one body."""
    total = colour * (_matte(normal, dim, open_sky, light, body.soft) * (1 - body.glow) + body.glow)
    if body.gloss:
        into = (normal * way).sum(0)
        mirrored = way - 2 * normal * into
        to = np.array(light.toward, np.float32)
        hot = power((mirrored * to[:, None]).sum(0), body.sharp) * dim
        grazing = np.clip(1 + into, 0, 1)
        grazing = grazing * grazing * grazing * (0.9 * open_sky)
        above = np.clip(mirrored[1] * 1.5 + 0.5, 0, 1)
        window = np.clip((mirrored[1] - 0.35) * 8, 0, 1) * np.clip((mirrored[2] * 0.5 + mirrored[0]) * 8, 0, 1) * 0.5
        mirror = body.gloss * (0.06 + grazing) * (above + window * (body.sharp > 40))
        total = total + (hot * body.gloss)[:, None] * light.colour + mirror[:, None] * light.sky * 1.6
    return total


def _defocus(shot: Shot, sharp_at: float, ends: float, focus: float) -> None:
    """Blurs what lies behind the bodies, the more the farther. Bodies stay sharp and do not bleed."""
    behind = shot.which < 0
    weight = behind.astype(np.float32)
    small = 4
    body_free = shrink(shot.image * weight[..., None], small)
    part = shrink(weight, small)
    soft = stretch(blur(body_free, focus / small) / (blur(part, focus / small)[..., None] + np.float32(1e-4)), small)
    far = np.clip((np.minimum(shot.depth, ends) - sharp_at) / (ends * 0.5), 0, 1)
    far[shot.which == -2] = 1
    lay(shot.image, np.sqrt(far) * weight, soft)
