"""A map's points moved until those lie together that belong together: UMAP's descent on all cores.

McInnes, Healy, Melville: "UMAP", 2018, section 3.2 and algorithm 5: a vertex is pulled to its neighbours, to each as
often as the edge is strong, and pushed off vertices drawn at random, down the cross entropy of two fuzzy sets. As in
the paper, and not in umap-learn, who pulls does not move itself, which keeps neighbours better. This is our own: the
vertices of one part move at once and see each other where they were, and each draws its numbers from its own
number, the round and the seed. It does not matter which core moves which, and equal seeds give equal maps.
"""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import torch
from numba import njit, uint32, uint64
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from lucarne.models.progress import Progress

Floats = NDArray[np.float32]

PARTS = 8  # that move one after the other in a round
PUSHES = 5  # for each pull
SPAN = 10.0  # of the map at the start, along each side
STEPS = 5  # a power of two: of the curves between a number and its double
LEAST, MOST = np.float32(2.0**-30), np.float32(2.0**20)  # squares of distances that the curves know
BITS = np.uint32(23 - STEPS)  # of a float32's 23 within a step
FIRST = np.uint32(LEAST.view(np.uint32) >> BITS)
WITHIN = np.uint32((1 << BITS) - 1)
SHARE = np.float32(1 / (1 << BITS))
NEAR, FAR = np.float32(-4), np.float32(4)  # no single pull or push moves further

_fast = {"nogil": True, "cache": True, "fastmath": True, "error_model": "numpy"}


def descend(
    graph: csr_matrix, start: Floats, a: float, b: float, rounds: int, seed: int = 0, progress: Progress = iter
) -> Floats:
    """Where the vertices of a symmetric graph of weights (vertices, vertices) come to lie, from `start` (vertices, 2).

    Likeness on the map is 1 / (1 + a d^2b). The same to the bit on one machine, whatever its number of threads.
    """
    weights = graph.data.astype(np.float64) / graph.data.max()
    enough = weights >= 1 / rounds  # weaker ones would hardly be felt
    counted = np.concatenate([[0], np.cumsum(enough)])
    starts = counted[graph.indptr].astype(np.uint32)  # (vertices + 1,)
    others = graph.indices[enough].astype(np.uint32)  # (edges,)
    rates = np.minimum(weights[enough] * 2.0**32, 2.0**32 - 1).astype(np.uint32)  # (edges,), of a pull in each round
    random = np.random.default_rng(seed)
    clocks = random.integers(2**32, size=len(rates), dtype=np.uint32)  # an edge pulls where its clock passes 0
    points = np.ascontiguousarray(start - start.min(0), np.float32)
    points *= np.float32(SPAN) / np.maximum(points.max(0), np.float32(1e-12))
    moved = points.copy()
    pull, push = _curves(a, b)
    parts = np.linspace(0, len(points), PARTS + 1).astype(int)
    threads = torch.get_num_threads()
    with ThreadPoolExecutor(threads) as pool:
        for number in progress(range(rounds)):
            drawn, rate = random.integers(2**32, dtype=np.uint32), np.float32(1 - number / rounds)

            def move(first: int, last: int, drawn: np.uint32 = drawn, rate: np.float32 = rate) -> None:
                _move(first, last, starts, others, rates, clocks, points, moved, drawn, rate, pull, push)

            for first, last in pairwise(parts):
                cuts = np.linspace(first, last, threads + 1).astype(int)
                list(pool.map(move, cuts[:-1], cuts[1:]))
                points[first:last] = moved[first:last]
    return points


def _curves(a: float, b: float) -> tuple[Floats, Floats]:
    """Pull and push, per difference of coordinates, at squares of distances `STEPS` bits apart from LEAST to MOST."""
    last = int(MOST.view(np.uint32) >> BITS) + 2
    squares = (np.arange(int(FIRST), last, dtype=np.uint32) << BITS).view(np.float32).astype(np.float64)
    pull = -2 * a * b * squares ** (b - 1) / (1 + a * squares**b)
    push = 2 * b / ((0.001 + squares) * (1 + a * squares**b))
    return pull.astype(np.float32), push.astype(np.float32)


@njit(inline="always")
def _at(curve: Floats, square: np.float32) -> np.float32:
    """What a curve says of a distance's square: its bits are the place in the curve, and the share of a step."""
    bits = np.float32(min(max(square, LEAST), MOST)).view(np.uint32)
    step = uint32((bits >> BITS) - FIRST)
    low = curve[step]
    return low + np.float32(bits & WITHIN) * SHARE * (curve[uint32(step + uint32(1))] - low)


@njit(inline="always")
def _mixed(bits: np.uint32) -> np.uint32:
    """Other bits, each of which depends on all of these: the finaliser of MurmurHash3 (A. Appleby, 2011)."""
    bits = uint32((bits ^ (bits >> uint32(16))) * uint32(0x85EBCA6B))
    bits = uint32((bits ^ (bits >> uint32(13))) * uint32(0xC2B2AE35))
    return uint32(bits ^ (bits >> uint32(16)))


@njit(inline="always")
def _held(force: np.float32) -> np.float32:
    return min(FAR, max(NEAR, force))


@njit(
    "void(uint32, uint32, uint32[::1], uint32[::1], uint32[::1], uint32[::1], float32[:, ::1], float32[:, ::1], uint32,"
    "float32, float32[::1], float32[::1])",
    **_fast,
)
def _move(  # noqa: ANN202
    first, last, starts, others, rates, clocks, points, moved, drawn, rate, pull, push  # noqa: ANN001
):  # fmt: skip
    """One round of the vertices from `first` to before `last`: `points` are read, `moved` and the `clocks` written.

    Of two forces that follow each other the second does not see what the first did: the processor finds both at once.
    """
    many = uint64(len(points))
    most = uint32(1)
    for vertex in range(first, last):
        most = max(most, uint32(starts[vertex + 1] - starts[vertex]))
    due = np.empty(most + 1, np.uint32)
    for vertex in range(first, last):
        count = uint32(0)
        for edge in range(starts[vertex], starts[vertex + 1]):
            passed = uint32(clocks[edge] + rates[edge])
            clocks[edge] = passed
            due[count] = others[edge]
            count = uint32(count + uint32(passed < rates[edge]))
        bits = _mixed(uint32(drawn ^ _mixed(uint32(vertex))))
        x, y = points[vertex, 0], points[vertex, 1]
        before_x, before_y = np.float32(0), np.float32(0)
        for number in range(count):
            other = due[number]
            dx, dy = x - points[other, 0], y - points[other, 1]
            force = _at(pull, dx * dx + dy * dy)
            force_x, force_y = _held(force * dx), _held(force * dy)
            for _ in range(PUSHES):
                bits = uint32(bits * uint32(1664525) + uint32(1013904223))
                other = uint32((uint64(bits) * many) >> uint64(32))
                dx, dy = x - points[other, 0], y - points[other, 1]
                force = _at(push, dx * dx + dy * dy)
                force_x += _held(force * dx)
                force_y += _held(force * dy)
            x += rate * before_x
            y += rate * before_y
            before_x, before_y = force_x, force_y
        moved[vertex, 0] = x + rate * before_x
        moved[vertex, 1] = y + rate * before_y
