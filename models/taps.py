"""Where a network lets itself be watched and edited: one call per named value, free when nobody looks."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from torch import Tensor

Edit = Callable[[Tensor], Tensor]


class Enough(Exception):
    """Raised inside a forward pass once every watched value has been seen: what lies behind is not computed."""


class Taps:
    """What is watched and edited at present. A network calls its taps with each value as it comes into being.

    `tap("conv1", value)` hands `value` back, edited if somebody edits that site, and keeps it if somebody watches.
    """

    def __init__(self) -> None:
        self.seen: dict[str, Tensor] = {}
        self.watched: frozenset[str] = frozenset()
        self.edits: dict[str, Edit] = {}
        self.stop_when_seen = False

    def __call__(self, site: str, value: Tensor) -> Tensor:
        if site in self.edits:
            value = self.edits[site](value)
        if site in self.watched:
            self.seen[site] = value
            if self.stop_when_seen and len(self.seen) == len(self.watched):
                raise Enough
        return value

    @contextmanager
    def watch(self, *sites: str, stop: bool = False) -> Iterator[dict[str, Tensor]]:
        """Keep the values of `sites` of the passes made inside the block; with `stop`, compute no further than needed."""
        before = self.seen, self.watched, self.stop_when_seen
        self.seen, self.watched, self.stop_when_seen = {}, frozenset(sites), stop
        try:
            yield self.seen
        except Enough:
            pass
        finally:
            self.seen, self.watched, self.stop_when_seen = before

    @contextmanager
    def edit(self, edits: Mapping[str, Edit]) -> Iterator[None]:
        """Replace values by what a function makes of them, inside the block."""
        before = self.edits
        self.edits = {**before, **edits}
        try:
            yield
        finally:
            self.edits = before

    def wants(self, site: str) -> bool:
        """Whether `site` must really be computed, for values that a fused kernel otherwise skips."""
        return site in self.watched or site in self.edits
