"""Shapes in space as signed distances, with the ball that holds each: eggs, limbs, blocks, lathed and extruded bodies.

y points up. Distances need only be right near the surface and never too large by more than a little, which is what
finding the surface step by step (Hart 1996) asks. Only exact arithmetic, so float32 throughout (see `canvas`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np

from lucarne.atlas.scenes.canvas import Plane

T = TypeVar("T")
Vector = tuple[float, float, float]
Points = Plane  # (3, n)
Distance = Callable[[Points], Plane]
AXES = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}  # the two coordinates that change in a turn about each


@dataclass(frozen=True)
class Shape:
    """A signed distance, and a ball outside of which the shape is not."""

    distance: Distance
    centre: Vector
    reach: float


# ── simple bodies ────────────────────────────────────────────────────────────────────────────────────────────────────


def ball(at: Vector, radius: float) -> Shape:
    return Shape(lambda p: _length(p[0] - at[0], p[1] - at[1], p[2] - at[2]) - np.float32(radius), at, radius)


def egg(at: Vector, radii: Vector) -> Shape:
    """An ellipsoid."""
    a, b, c = (np.float32(1 / radius) for radius in radii)

    def distance(p: Points) -> Plane:
        x, y, z = (p[0] - at[0]) * a, (p[1] - at[1]) * b, (p[2] - at[2]) * c
        near = _length(x, y, z)
        x *= a
        y *= b
        z *= c
        steep = _length(x, y, z)
        steep += np.float32(1e-6)
        steep = near / steep
        near -= 1
        near *= steep
        return near

    return Shape(distance, at, max(radii))


def limb(start: Vector, end: Vector, thick: float, thin: float | None = None) -> Shape:
    """A rod with round ends from one radius to another."""
    thin = thick if thin is None else thin
    way = np.array(end) - start
    inverse = np.float32(1 / max(float(way @ way), 1e-9))
    dx, dy, dz = (np.float32(part) for part in way)
    gx, gy, gz = dx * inverse, dy * inverse, dz * inverse
    base, slope = np.float32(thick), np.float32(thin - thick)

    def distance(p: Points) -> Plane:
        x, y, z = p[0] - start[0], p[1] - start[1], p[2] - start[2]
        part = x * gx
        part += y * gy
        part += z * gz
        np.minimum(np.maximum(part, 0, out=part), 1, out=part)
        x -= dx * part
        y -= dy * part
        z -= dz * part
        away = _length(x, y, z)
        part *= slope
        part += base
        away -= part
        return away

    middle = (np.array(start) + end) / 2
    return Shape(distance, _vector(middle), float(np.sqrt(way @ way)) / 2 + max(thick, thin))


def path(points: Sequence[Vector], radii: Sequence[float], k: float = 0) -> Shape:
    """Limbs end to end."""
    parts = [limb(*pair, *size) for pair, size in zip(_pairs(points), _pairs(radii), strict=True)]
    return blend(k, *parts) if k else union(*parts)


def block(at: Vector, half: Vector, round_by: float = 0.02) -> Shape:
    """A box by its half sides, edges rounded inside them."""
    inner = [np.float32(max(side - round_by, 0)) for side in half]

    def distance(p: Points) -> Plane:
        x, y, z = (abs(p[axis] - at[axis]) - inner[axis] for axis in range(3))
        outside = _length(np.maximum(x, 0), np.maximum(y, 0), np.maximum(z, 0))
        return outside + np.minimum(np.maximum(np.maximum(x, y), z), 0) - np.float32(round_by)

    return Shape(distance, at, float(np.sqrt(sum(side**2 for side in half))))


def tube(at: Vector, radius: float, half: float, round_by: float = 0.02, top: float | None = None) -> Shape:
    """An upright cylinder, or a frustum where `top` is another radius."""
    slope = 0 if top is None else (top - radius) / (2 * half)
    steep = np.float32(1 / np.sqrt(1 + slope**2))

    def distance(p: Points) -> Plane:
        y = p[1] - at[1]
        side = _length(p[0] - at[0], p[2] - at[2]) - np.float32(radius - round_by)
        if slope:
            side = (side - (np.clip(y, -half, half) + half) * np.float32(slope)) * steep
        lid = abs(y) - np.float32(half - round_by)
        outside = _length(np.maximum(side, 0), np.maximum(lid, 0))
        return outside + np.minimum(np.maximum(side, lid), 0) - np.float32(round_by)

    return Shape(distance, at, float(np.hypot(max(radius, top or 0), half)))


def ring(at: Vector, radius: float, thick: float) -> Shape:
    """A torus that lies flat."""

    def distance(p: Points) -> Plane:
        x, y, z = p[0] - at[0], p[1] - at[1], p[2] - at[2]
        return _length(_length(x, z) - np.float32(radius), y) - np.float32(thick)

    return Shape(distance, at, radius + thick)


def lathe(
    at: Vector, profile: Sequence[tuple[float, float]], waves: int = 0, deep: float = 0, smooth: int = 60
) -> Shape:
    """Turned around the upright axis: (height, radius) pairs from the bottom up; `smooth` (to 500) rounds the corners.

    With `waves` the radius swells that many times around, by `deep` of itself (a pumpkin, a fluted column).
    """
    heights, radii = (np.array(column, np.float64) for column in zip(*profile, strict=True))
    low, high = float(heights[0]), float(heights[-1])
    fine = np.linspace(low, high, 256)
    table = np.interp(fine, heights, radii)
    for _ in range(smooth):
        table[1:-1] = (table[:-2] + 2 * table[1:-1] + table[2:]) / 4
    slope = np.gradient(table, fine)
    radius_at, steep_at = table.astype(np.float32), (1 / np.sqrt(1 + np.minimum(slope**2, 25))).astype(np.float32)
    scale = np.float32(255 / (high - low))

    def distance(p: Points) -> Plane:
        x, y, z = p[0] - at[0], p[1] - at[1], p[2] - at[2]
        place = np.clip((y - low) * scale, 0, 254.99)
        index = place.astype(np.intp)
        radius = radius_at.take(index)
        radius += (radius_at.take(index + 1) - radius) * (place - index)
        away = _length(x, z)
        if waves:
            radius = radius * (1 + np.float32(deep) * _turns(x, z, away, waves))
        side = (away - radius) * steep_at.take(index)
        lid = np.maximum(low - y, y - high)
        outside = _length(np.maximum(side, 0), np.maximum(lid, 0))
        return (outside + np.minimum(np.maximum(side, lid), 0)) * np.float32(0.9 if waves else 1)

    middle = (low + high) / 2
    reach = float(np.hypot(radii * (1 + deep), heights - middle).max())
    return Shape(distance, (at[0], at[1] + middle, at[2]), reach)


def slab(at: Vector, flat: Callable[[Plane, Plane], Plane], half: float, reach: float, round_by: float = 0.01) -> Shape:
    """A flat shape (a signed distance of x and y, within `reach`) made `half` deep to the front and the back."""

    def distance(p: Points) -> Plane:
        side = flat(p[0] - at[0], p[1] - at[1]) + np.float32(round_by)
        lid = abs(p[2] - at[2]) - np.float32(half - round_by)
        outside = _length(np.maximum(side, 0), np.maximum(lid, 0))
        return outside + np.minimum(np.maximum(side, lid), 0) - np.float32(round_by)

    return Shape(distance, at, float(np.hypot(reach, half)))


# ── put together ─────────────────────────────────────────────────────────────────────────────────────────────────────


def union(*shapes: Shape) -> Shape:
    def distance(p: Points) -> Plane:
        total = shapes[0].distance(p)
        for shape in shapes[1:]:
            total = np.minimum(total, shape.distance(p))
        return total

    return Shape(distance, *_holding(shapes))


def blend(k: float, *shapes: Shape) -> Shape:
    """One body of several, grown together over about `k`."""
    inverse, quarter = np.float32(1 / k), np.float32(k / 4)

    def distance(p: Points) -> Plane:
        total = shapes[0].distance(p)
        for shape in shapes[1:]:
            other = shape.distance(p)
            near = np.abs(total - other)
            near *= inverse
            np.maximum(np.subtract(1, near, out=near), 0, out=near)
            near *= near
            near *= quarter
            total = np.minimum(total, other)
            total -= near
        return total

    return Shape(distance, *_holding(shapes))


def cut(shape: Shape, hole: Shape, k: float = 0.01) -> Shape:
    """The shape without the hole, the new edge rounded by about `k`."""
    inverse, quarter = np.float32(1 / k), np.float32(k / 4)

    def distance(p: Points) -> Plane:
        one, other = shape.distance(p), -hole.distance(p)
        near = np.maximum(1 - abs(one - other) * inverse, 0)
        return np.maximum(one, other) + near * near * quarter

    return Shape(distance, shape.centre, shape.reach)


def within(shape: Shape, other: Shape) -> Shape:
    """What both have in common."""
    return Shape(lambda p: np.maximum(shape.distance(p), other.distance(p)), shape.centre, shape.reach)


def hollow(shape: Shape, thick: float) -> Shape:
    """Its skin alone."""
    return Shape(lambda p: abs(shape.distance(p)) - np.float32(thick / 2), shape.centre, shape.reach + thick / 2)


def mirrored(shape: Shape) -> Shape:
    """The shape and its reflection at x = 0, for the price of one."""
    x, y, z = shape.centre

    def distance(p: Points) -> Plane:
        here = p.copy()
        np.abs(here[0], out=here[0])
        return shape.distance(here)

    return Shape(distance, (0, y, z), shape.reach + abs(x))


def moved(shape: Shape, by: Vector) -> Shape:
    shift = np.array(by, np.float32)[:, None]
    x, y, z = shape.centre
    return Shape(lambda p: shape.distance(p - shift), (x + by[0], y + by[1], z + by[2]), shape.reach)


def rotated(shape: Shape, axis: str, degrees: float, about: Vector = (0, 0, 0)) -> Shape:
    """Turned counter-clockwise seen from the tip of an axis, `"x"`, `"y"` or `"z"`, through the point `about`."""
    first, second = AXES[axis]
    cosine, sine = np.float32(np.cos(np.radians(degrees))), np.float32(np.sin(np.radians(degrees)))

    def distance(p: Points) -> Plane:
        here = p.copy()
        a, b = p[first] - about[first], p[second] - about[second]
        here[first], here[second] = a * cosine + b * sine + about[first], b * cosine - a * sine + about[second]
        return shape.distance(here)

    centre = list(shape.centre)
    a, b = shape.centre[first] - about[first], shape.centre[second] - about[second]
    centre[first] = float(a * cosine - b * sine) + about[first]
    centre[second] = float(a * sine + b * cosine) + about[second]
    return Shape(distance, (centre[0], centre[1], centre[2]), shape.reach)


def scaled(shape: Shape, by: float) -> Shape:
    """Larger or smaller, about the origin."""
    size, inverse = np.float32(by), np.float32(1 / by)
    x, y, z = shape.centre
    return Shape(lambda p: shape.distance(p * inverse) * size, (x * by, y * by, z * by), shape.reach * by)


def rippled(shape: Shape, ripple: Distance, deep: float) -> Shape:
    """The surface moved outwards by up to `deep` as `ripple`, within -1…1, says."""
    amount = np.float32(deep)
    return Shape(
        lambda p: (shape.distance(p) - ripple(p) * amount) * np.float32(0.85), shape.centre, shape.reach + deep
    )


# ── small things ─────────────────────────────────────────────────────────────────────────────────────────────────────


def _length(*parts: Plane) -> Plane:
    total = parts[0] * parts[0]
    for part in parts[1:]:
        total += part * part
    return np.sqrt(total, out=total)


def _turns(x: Plane, z: Plane, away: Plane, count: int) -> Plane:
    """cos(count · angle) by repeated multiplication: exact arithmetic where an arc tangent would not be."""
    inverse = 1 / (away + np.float32(1e-6))
    cosine, sine = x * inverse, z * inverse
    real, imaginary = cosine, sine
    for _ in range(count - 1):
        real, imaginary = real * cosine - imaginary * sine, real * sine + imaginary * cosine
    return real


def _vector(point: np.ndarray) -> Vector:
    return float(point[0]), float(point[1]), float(point[2])


def _pairs(values: Sequence[T]) -> list[tuple[T, T]]:
    return list(pairwise(values))


def _holding(shapes: Sequence[Shape]) -> tuple[Vector, float]:
    """A ball around balls."""
    low = np.min([np.array(shape.centre) - shape.reach for shape in shapes], axis=0)
    high = np.max([np.array(shape.centre) + shape.reach for shape in shapes], axis=0)
    middle = (low + high) / 2
    reach = max(float(np.sqrt(((np.array(shape.centre) - middle) ** 2).sum())) + shape.reach for shape in shapes)
    return _vector(middle), reach
