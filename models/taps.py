"""Where a network lets itself be watched and edited: one call per named value, free when nobody looks."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Protocol

from torch import Tensor

Edit = Callable[[Tensor], Tensor]
FEATURES = ".features"  # what a site's dictionary says of its value is a site too, called after it: `relu5.features`


class Lens(Protocol):
    """Another way to say a site's value, that can be watched and edited itself."""

    def read(self, value: Tensor) -> Tensor:
        """The value in the lens's own terms."""
        ...

    def write(self, value: Tensor, change: Tensor) -> Tensor:
        """The value with so much more of it in the lens's own terms."""
        ...


@dataclass(eq=False)
class Watch:
    """Who watches which sites, and what was seen there."""

    sites: frozenset[str]
    stop: bool = False
    seen: dict[str, Tensor] = field(default_factory=dict)


class Enough(Exception):
    """Raised inside a forward pass once `watch` has seen all it wants: what lies behind is not computed."""

    def __init__(self, watch: Watch) -> None:
        super().__init__()
        self.watch = watch


class Taps:
    """What is watched and edited at present. A network calls its taps with each value as it comes into being.

    `tap("conv1", value)` hands `value` back, edited if somebody edits that site, and keeps it if somebody watches.
    """

    def __init__(self) -> None:
        self.watches: list[Watch] = []  # the outermost first
        self.edits: dict[str, Edit] = {}
        self.lenses: dict[str, Lens] = {}  # by the site they look at

    def __call__(self, site: str, value: Tensor) -> Tensor:
        if site in self.edits:
            value = self.edits[site](value)
        if site in self.lenses and self.wants(site + FEATURES):
            value = self._through(self.lenses[site], site, value)
        for watch in self.watches:
            if site in watch.sites:
                watch.seen[site] = value
        for watch in self.watches:
            if watch.stop and site in watch.sites and len(watch.seen) == len(watch.sites):
                raise Enough(watch)
        return value

    def _through(self, lens: Lens, site: str, value: Tensor) -> Tensor:
        said = lens.read(value)
        edited = self(site + FEATURES, said)
        return value if edited is said else lens.write(value, edited - said)

    @contextmanager
    def watch(self, *sites: str, stop: bool = False) -> Iterator[dict[str, Tensor]]:
        """Keep the values of `sites` of the passes inside the block; with `stop`, compute no further than needed."""
        watch = Watch(frozenset(sites), stop)
        self.watches.append(watch)
        try:
            yield watch.seen
        except Enough as enough:
            if enough.watch is not watch:
                raise
        finally:
            self.watches.remove(watch)

    @contextmanager
    def edit(self, edits: Mapping[str, Edit]) -> Iterator[None]:
        """Replace values by what a function makes of them, inside the block."""
        before = self.edits
        self.edits = {**before, **edits}
        try:
            yield
        finally:
            self.edits = before

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Inside the block nothing is watched or edited that was so before it."""
        before = self.watches, self.edits
        self.watches, self.edits = [], {}
        try:
            yield
        finally:
            self.watches, self.edits = before

    def wants(self, site: str) -> bool:
        """Whether `site` must really be computed, for values that a fused kernel otherwise skips."""
        return site in self.edits or any(site in watch.sites for watch in self.watches)
