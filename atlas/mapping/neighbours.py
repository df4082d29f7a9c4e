"""The nearest of all samples to each of them, exactly: found in groups by products of matrices, then measured singly.

The distances of a few samples to a few thousand stay in the processor's cache, and of each group of `GROUP` only the
least is kept: the `count` nearest lie in the `count` groups with the least of these. Where the processor multiplies
matrices of bfloat16 (Intel's AMX) that takes a third of the time; the few samples of which rounding may have hidden a
neighbour are then compared in float32.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

Floats = NDArray[np.float32]
Part = TypeVar("Part")
Answer = TypeVar("Answer")

ROWS = 4096  # samples whose neighbours are asked for at once
TOGETHER, COLUMNS = 512, 4096  # distances that a core computes at once: 4 or 8 MiB
GROUP = 4
SPARE = 14  # groups more than neighbours: what rounding puts a little behind is among them
WIDE = 32  # a matrix as wide as a multiple of it is multiplied fastest
WHOLE = {torch.float32: torch.int32, torch.bfloat16: torch.int16}  # in which what is not negative has the same order
SLACK = {torch.float32: 1e-5, torch.bfloat16: 2.0**-8}  # by which a product's last rounding changes it, and a little


def comparing(rows: Floats, count: int, device: str) -> Callable[[int], tuple[NDArray[np.int32], Floats]]:
    """On a device: the nearest of all rows (samples, channels) to each of the `ROWS` from one on, itself first, and
    the squares of their distances, (rows, count) each. What it needs of memory does not grow with the samples.
    """
    known = torch.tensor(rows, device=device)  # a copy: what came from another process is not to be written to
    known -= known.mean(0)  # leaves distances as they are, and less to be rounded
    squares = (known * known).sum(1)  # (samples,)
    sure = Products.of(known, torch.float32)
    quick = Products.of(known, torch.bfloat16) if device == "cpu" and multiplies_bfloat16() else None

    def among(few: Tensor, numbers: Tensor) -> tuple[Tensor, Tensor]:
        """Of `numbers` (few, candidates) the nearest to `few` (few,), itself first, and the squares of distances."""
        there = numbers.clamp(max=len(known) - 1)  # what is more fills the last group
        others = known.index_select(0, there.flatten()).view(*there.shape, -1)  # (few, candidates, channels)
        alike = torch.bmm(others, known[few, :, None])[:, :, 0]
        apart = (squares[there] - 2 * alike + squares[few, None]).clamp(min=0)
        apart[(numbers != there) | (numbers == few[:, None])] = torch.inf
        found = apart.topk(count - 1, largest=False)
        near = torch.cat([few[:, None], there.gather(1, found.indices)], 1)
        return near, torch.cat([torch.zeros_like(found.values[:, :1]), found.values], 1)

    def of(few: Tensor) -> tuple[Tensor, Tensor]:
        if quick is None:
            return among(few, sure.candidates(few, count)[0])
        numbers, beyond = quick.candidates(few, count)
        near, away = among(few, numbers)
        doubtful = away[:, -1].sqrt() > beyond
        if doubtful.any():
            near[doubtful], away[doubtful] = among(few[doubtful], sure.candidates(few[doubtful], count)[0])
        return near, away

    def nearest_to(first: int) -> tuple[NDArray[np.int32], Floats]:
        several = torch.arange(first, min(first + ROWS, len(known)), device=device).split(TOGETHER)
        near, away = zip(*(side_by_side(of, several) if device == "cpu" else map(of, several)), strict=True)
        return torch.cat(near).int().cpu().numpy(), torch.cat(away).cpu().numpy()

    return nearest_to


@dataclass(frozen=True)
class Products:
    """Two matrices whose product is the squares of all distances between samples, as exact as their kind of number."""

    left: Tensor  # (samples, width)
    right: Tensor  # (samples and what fills the last columns, width)
    off: Tensor  # (samples,): how far each lies from where rounding put it

    @classmethod
    def of(cls, known: Tensor, kind: torch.dtype) -> "Products":
        """|x − y|² = x·(−2y) + |x|²·1 + 1·|y|², each square in two parts: a large one and what rounding left of it."""
        rounded = known.to(kind).float()
        squares = (rounded * rounded).sum(1, keepdim=True)
        large = squares.to(kind).float()
        parts, ones = torch.cat([large, squares - large], 1), torch.ones_like(large).expand(-1, 2)
        left, right = torch.cat([rounded, parts, ones], 1), torch.cat([-2 * rounded, ones, parts], 1)
        samples, width = left.shape
        wide, fill = -width % WIDE, -samples % (COLUMNS if samples > COLUMNS else GROUP)
        right = pad(right, (0, wide, 0, fill))
        right[samples:, width - 2] = torch.inf  # what only fills is far from all
        return cls(pad(left, (0, wide)).to(kind), right.to(kind), (known - rounded).norm(dim=1))

    def candidates(self, few: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """Numbers (few, candidates) among which are the `count` nearest and itself, as far as rounding lets one see;
        and the distance (few,) beyond which all others lie for certain.
        """
        left, whole = self.left[few], WHOLE[self.left.dtype]
        across = min(COLUMNS, len(self.right))
        each = across // GROUP  # groups: every each-th of the columns
        least = torch.empty((len(few), len(self.right) // GROUP), dtype=whole, device=left.device)
        for number, right in enumerate(self.right.split(across)):
            apart = (left @ right.T).view(whole).view(len(few), GROUP, each)
            torch.amin(apart, 1, out=least[:, number * each : (number + 1) * each])
        groups = smallest(least, count + SPARE)
        parts = torch.arange(GROUP, device=left.device) * each
        numbers = (groups // each * across + groups % each)[:, :, None] + parts
        if groups.shape[1] == least.shape[1]:
            beyond = torch.full(few.shape, torch.inf, device=left.device)
        else:
            last = least.gather(1, groups).amax(1).view(left.dtype).float().clamp(min=0)
            beyond = (last * (1 - SLACK[left.dtype])).sqrt() - self.off[few] - self.off.max()
        return numbers.flatten(1), beyond


def smallest(values: Tensor, count: int) -> Tensor:
    """The places (rows, count) of the smallest of values (rows, n), in no order; all, where there are no more.

    Where there are many, by way of the least of every eight: the smallest are among the eights of the smallest least.
    """
    rows, several = values.shape
    if several <= 8 * count or several % 8:
        return values.topk(min(count, several), largest=False, sorted=False).indices
    eighths = smallest(values.view(rows, 8, -1).amin(1), count)
    places = (eighths[:, :, None] + torch.arange(8, device=values.device) * (several // 8)).flatten(1)
    chosen = values.gather(1, places).topk(count, largest=False, sorted=False).indices
    return places.gather(1, chosen)


def side_by_side(work: Callable[[Part], Answer], parts: Sequence[Part]) -> list[Answer]:
    """The answers to parts, each found by one core alone: where others are busy, none is kept waiting for it."""
    threads = torch.get_num_threads()
    try:
        with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
            return list(pool.map(work, parts))
    finally:
        torch.set_num_threads(threads)  # for threads that are started later


def multiplies_bfloat16() -> bool:
    """Whether this processor has instructions for whole matrices of bfloat16; others are slower with it."""
    return bool(getattr(torch.cpu, "get_capabilities", dict)().get("amx_bf16", False))
