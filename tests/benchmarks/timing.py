"""Two things timed in turn, so that a machine whose speed drifts is fair to both."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class Row:
    """One comparison: seconds of ours and of a peer, or of ours against a stated limit."""

    what: str
    ours: float
    peer: str
    theirs: float

    def __str__(self) -> str:
        ratio = self.theirs / self.ours
        ours, theirs = f"{1000 * self.ours:>9.1f} ms", f"{1000 * self.theirs:>9.1f} ms"
        return f"{self.what:<60} {ours}   {self.peer:<32} {theirs}   {ratio:>6.2f}×"


def in_turn(what: str, ours: Callable[[], object], peer: str, theirs: Callable[[], object], rounds: int = 9) -> Row:
    """Medians of alternating runs after a warm-up of each."""
    for work in (ours, theirs):
        work()
    mine, other = [], []
    for _ in range(rounds):
        mine.append(_seconds(ours))
        other.append(_seconds(theirs))
    return Row(what, statistics.median(mine), peer, statistics.median(other))


def _seconds(work: Callable[[], object]) -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    start = time.perf_counter()
    work()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter() - start
