"""What is irregular in nature: clouds, grain, bands, cells and streaks.

Fields are periodic and looked up at any point, with 1 as their period; each picture reads them at a place and under an
angle of its own.
"""

from collections.abc import Callable
from functools import cache

import numpy as np

from lucarne.atlas.scenes.canvas import FINE, Plane, Random, turned

PERIOD = 512  # texels of a field


@cache
def _field(low: float, high: float, exponent: float, index: int) -> Plane:
    """Gaussian noise of mean 0 and deviation 1: amplitude falls as frequency to the minus `exponent` in a band.

    The band is in cycles per period; its ends are soft.
    """
    random = np.random.default_rng([7, index])
    frequency = np.hypot(np.fft.fftfreq(PERIOD)[:, None], np.fft.rfftfreq(PERIOD)[None]) * PERIOD
    frequency[0, 0] = 1
    amplitude = frequency**-exponent / (1 + (low / frequency) ** 6) / (1 + (frequency / high) ** 6)
    amplitude[0, 0] = 0
    field = np.fft.irfft2(np.fft.rfft2(random.normal(size=(PERIOD, PERIOD))) * amplitude, (PERIOD, PERIOD))
    return (field / field.std()).astype(np.float32)


def look(field: Plane, u: Plane, v: Plane) -> Plane:
    """The field at any points, linear between its texels."""
    side = len(field)
    flat = field.ravel()
    u, v = u * side, v * side
    left, top = np.floor(u), np.floor(v)
    right_part, low_part = u - left, v - top
    column, row = left.astype(np.intp) & (side - 1), (top.astype(np.intp) & (side - 1)) * side
    next_column, next_row = (column + 1) & (side - 1), (row + side) & (side * side - 1)
    upper, upper_right = flat.take(row + column), flat.take(row + next_column)
    lower, lower_right = flat.take(next_row + column), flat.take(next_row + next_column)
    upper += (upper_right - upper) * right_part
    lower += (lower_right - lower) * right_part
    return upper + (lower - upper) * low_part


class Noise:
    """A source of irregularity for one picture. Each method answers for points, mean 0 and deviation about 1."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._index = 0
        self.degrees = float(random.uniform(0, 360))

    def _placed(self, u: Plane, v: Plane, scale: float, turn: bool) -> tuple[Plane, Plane]:
        shift = self._random.uniform(0, 1, 2)
        if turn:
            u, v = turned(u, v, self.degrees)
        return u * np.float32(scale) + np.float32(shift[0]), v * np.float32(scale) + np.float32(shift[1])

    def clouds(self, u: Plane, v: Plane, scale: float = 0.4, exponent: float = 1.9, turn: bool = True) -> Plane:
        """Fractal: blotches of all sizes. A period spans 1/scale; the larger the exponent, the smoother."""
        self._index = (self._index + 1) % 4
        return look(_field(1, 220, exponent, self._index), *self._placed(u, v, scale, turn))

    def blobs(self, u: Plane, v: Plane, scale: float = 0.4, size: float = 8, turn: bool = True) -> Plane:
        """Of one size: about `size` blobs along a period."""
        self._index = (self._index + 1) % 4
        return look(_field(size * 0.7, size * 1.15, 0, self._index), *self._placed(u, v, scale, turn))

    def grain(self, u: Plane, v: Plane, scale: float = 0.5, turn: bool = True) -> Plane:
        """Fine, with hardly anything coarse."""
        self._index = (self._index + 1) % 4
        return look(_field(40, 200, 0.4, self._index), *self._placed(u, v, scale, turn))

    def solid(self, p: Plane, scale: float = 0.25, exponent: float = 1.9) -> Plane:
        """Clouds in space, for points (3, n): three crossed sheets, so that no side of a body shows streaks."""
        x, y, z = p
        sheets = [self.clouds(*pair, scale, exponent) for pair in ((x, y), (y, z), (z, x))]
        return (sheets[0] + sheets[1] + sheets[2]) * np.float32(0.577)


def ground(random: Random, scale: float, exponent: float) -> Callable[[Plane, Plane], Plane]:
    """Clouds as one function of the plane: asked twice about a place it answers the same."""
    field, degrees = _field(1, 220, exponent, int(random.integers(4))), float(random.uniform(0, 360))
    shift = random.uniform(0, 1, 2).astype(np.float32)

    def height(u: Plane, v: Plane) -> Plane:
        u, v = turned(u * np.float32(scale), v * np.float32(scale), degrees)
        return look(field, u + shift[0], v + shift[1])

    return height


def relief(random: Random, count: float, deep: float) -> Callable[[Plane], Plane]:
    """Heights in space for points (3, n): blobs, about `count` to a unit of length, `deep` their deviation.

    Unlike the methods of `Noise` it is one function: asked twice about a point it answers the same.
    """
    field = _field(16, 28, 0, int(random.integers(4)))
    shifts = random.uniform(0, 1, (3, 2)).astype(np.float32)
    scale, amount = np.float32(count / 24), np.float32(deep * 0.577)

    def height(p: Plane) -> Plane:
        q = p * scale
        total = look(field, q[0] + shifts[0, 0], q[1] + shifts[0, 1])
        total += look(field, q[1] + shifts[1, 0], q[2] + shifts[1, 1])
        total += look(field, q[2] + shifts[2, 0], q[0] + shifts[2, 1])
        return total * amount

    return height


class Cells:
    """The plane shared out among scattered points (Worley 1996): for each place its nearest point."""

    def __init__(self, random: Random, jitter: float = 0.85, stagger: bool = False) -> None:
        self._at = random.uniform(0.5 - jitter / 2, 0.5 + jitter / 2, (2, 64 * 64)).astype(np.float32)
        self._value = random.uniform(0, 1, 64 * 64).astype(np.float32)
        self._stagger = stagger

    def near(self, u: Plane, v: Plane) -> tuple[Plane, Plane, Plane, Plane, Plane]:
        """Distance to the nearest point, to the second; the nearest's number 0…1; the way to it along u and v.

        There is one point to a unit square on average.
        """
        u, v = np.asarray(u, np.float32), np.asarray(v, np.float32)
        home_v = np.floor(v)
        first = np.full(u.shape, 9, np.float32)
        second = first.copy()
        value, way_u, way_v = (np.zeros(u.shape, np.float32) for _ in range(3))
        for down in (-1, 0, 1):
            row = home_v + down
            shift = (row % 2) * np.float32(0.5) if self._stagger else np.float32(0)
            home_u = np.floor(u - shift)
            for right in (-1, 0, 1):
                column = home_u + right
                number = (row.astype(np.intp) & 63) * 64 + (column.astype(np.intp) & 63)
                to_u, to_v = column + shift + self._at[0].take(number) - u, row + self._at[1].take(number) - v
                away = to_u * to_u + to_v * to_v
                nearer = away < first
                second = np.where(nearer, first, np.minimum(second, away))
                first = np.where(nearer, away, first)
                value = np.where(nearer, self._value.take(number), value)
                way_u, way_v = np.where(nearer, to_u, way_u), np.where(nearer, to_v, way_v)
        return np.sqrt(first), np.sqrt(second), value, way_u, way_v


def streaks(plane: Plane, right: Plane, up: Plane, reach: float, steps: int = 8) -> Plane:
    """The plane smeared along a field of directions (Cabral and Leedom 1993), `reach` fine pixels to either side.

    All are (FINE, FINE); the directions are unit vectors.
    """
    row, column = np.mgrid[0:FINE, 0:FINE].astype(np.float32)
    total = plane.copy()
    step = reach / steps
    for sign in (1, -1):
        x, y = column, row
        for _ in range(steps):
            at = np.clip(y, 0, FINE - 1).astype(np.intp) * FINE + np.clip(x, 0, FINE - 1).astype(np.intp)
            x = x + np.take(right, at) * np.float32(sign * step)
            y = y - np.take(up, at) * np.float32(sign * step)
            at = np.clip(y, 0, FINE - 1).astype(np.intp) * FINE + np.clip(x, 0, FINE - 1).astype(np.intp)
            total += np.take(plane, at)
    return total / (2 * steps + 1)
