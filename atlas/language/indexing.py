"""The index of a corpus: for every neuron and dictionary feature where it answers most, how often, and how much.

Two sweeps over the corpus: the first finds each unit's largest answers, the second, knowing them, counts answers into a
histogram and takes some from each tenth of the range. What was found so far is put on disk every few seconds, whole:
begun again after kill -9, it goes on from there and ends the same.

`python -m lucarne.atlas.language.index gpt` makes the one that ships.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save
from torch import Tensor

from lucarne.atlas.galleries.pack import replacing
from lucarne.atlas.language.corpora import Corpus
from lucarne.models.errors import Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.model import Model
from lucarne.models.progress import Progress, note
from lucarne.models.taps import FEATURES

TOP = 20  # contexts kept of the top, one of each window
EACH = 2  # of each tenth of the range
BINS = 32
NEURON = 0.1  # a neuron is called active above this: a GELU is seldom just zero
AT_ONCE = 1 << 24  # numbers of all sites that are in memory at a time
EVERY = 5.0  # seconds of work that may be lost
FORMAT = "1"
NOWHERE = -1  # in place of a place
UNTAKEN = np.uint64(2**64 - 1)


@dataclass(frozen=True)
class Index:
    """What is known of every unit of some sites over a corpus. Places are tokens of the corpus, -1 where none is left.

    Tenth 9 of the range is the one that ends at the largest answer.
    """

    sites: dict[str, int]  # of each how many units, in the order of the rows below
    positions: int  # tokens that were looked at
    top: NDArray[np.int32] = field(repr=False)  # (units, 20), largest first
    values: NDArray[np.float16] = field(repr=False)  # (units, 20)
    active: NDArray[np.uint32] = field(repr=False)  # (units,): positions above the threshold
    counts: NDArray[np.uint32] = field(repr=False)  # (units, 32): of those, by answer, from 0 to the largest
    tenths: NDArray[np.int32] = field(repr=False)  # (units, 10, 2)

    def of(self, site: str) -> "Index":
        """One site. Raises KeyError for one that is not there."""
        start = 0
        for name, units in self.sites.items():
            if name == site:
                rows = slice(start, start + units)
                return Index(
                    {name: units}, self.positions, self.top[rows], self.values[rows], self.active[rows],
                    self.counts[rows], self.tenths[rows],
                )  # fmt: skip
            start += units
        raise KeyError(site)

    @property
    def density(self) -> NDArray[np.float64]:
        """The part of the positions at which each unit is active, 0…1, (units,)."""
        return self.active / max(1, self.positions)


def threshold_of(site: str) -> float:
    """Above what a unit of a site is called active."""
    return 0.0 if site.endswith(FEATURES) else NEURON


def sites_of(model: Model) -> dict[str, int]:
    """The sites with units worth a page, with how many: every layer's neurons, and features of dictionaries.

    Raises Unsuitable for a network that has none.
    """
    if not isinstance(model.network, GPT):
        raise Unsuitable(f"{model.card.title} is no GPT: its units are found through pictures.", field="model")
    names = [name for name in model.sites if name.endswith((".mlp.hook_post", FEATURES))]
    return {name: int(model.sites[name].shape[-1] or 0) for name in names}


def check_unit(model: Model, site: str, unit: int) -> str:
    """The proper name of a site with units; raises Unknown, or Unsuitable for a site or unit that is none."""
    name, known = model.site(site).name, sites_of(model)
    if name not in known:
        detail = f"{name} has no units with pages. Take a layer's neurons, such as {next(iter(known))}, or features."
        raise Unsuitable(detail, field="site")
    if not 0 <= unit < known[name]:
        raise Unsuitable(f"{name} has {known[name]} units, numbered 0 to {known[name] - 1}.", field="unit")
    return name


def identity(model: Model, corpus: Corpus) -> str:
    """What an index is of: weights, sites, dictionaries, corpus. It changes when one of them does."""
    dictionaries = ",".join(f"{card.site}={card.weights}" for card in model.card.dictionaries)
    return f"{FORMAT} {model.weights} {_listed(sites_of(model))} {dictionaries} {corpus.fingerprint}"


def index(model: Model, corpus: Corpus, file: Path, progress: Progress = iter) -> Index:
    """The index in `file`, finished if it is not; nobody else works at it meanwhile."""
    with _alone(file):
        return _finished(model, corpus, file, progress)


def read(file: Path, said: str) -> Index | None:
    """The finished index that a file holds of what `said` names; None where it holds another, or a part."""
    try:
        with safe_open(file, "numpy") as opened:
            told = opened.metadata() or {}
            if told.get("identity") != said or told.get("left") != "0":
                return None
            arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
    except (FileNotFoundError, SafetensorError):
        return None
    sites = {name: int(units) for name, units in (pair.split("=") for pair in told["sites"].split(","))}
    return Index(sites, int(told["positions"]), **arrays)


def as_bytes(found: Index, said: str) -> bytes:
    """An index as `read` reads it."""
    told = {"identity": said, "left": "0", "positions": str(found.positions), "sites": _listed(found.sites)}
    names = ("top", "values", "active", "counts", "tenths")
    return save({name: np.ascontiguousarray(getattr(found, name)) for name in names}, told)


def _finished(model: Model, corpus: Corpus, file: Path, progress: Progress) -> Index:
    said, sites = identity(model, corpus), sites_of(model)
    if (known := read(file, said)) is not None:
        return known
    blocks = _blocks(model, corpus, sum(sites.values()))
    work, half = _Work(model, corpus, sites), file.with_suffix(".part")
    done = work.resume(half, said)
    saved = time.monotonic()
    note(progress, f"Reading {len(corpus):,} tokens of {corpus.title}, twice")
    for step in progress(range(done, 2 * len(blocks))):
        sweep, block = divmod(step, len(blocks))
        (work.rank if sweep == 0 else work.count)(blocks[block])
        if time.monotonic() - saved > EVERY:
            work.keep(half, said, step + 1)
            saved = time.monotonic()
    note(progress, "")
    with replacing(file) as whole:
        whole.write_bytes(as_bytes(work.index(), said))
    half.unlink(missing_ok=True)
    found = read(file, said)
    assert found is not None
    return found


def _blocks(model: Model, corpus: Corpus, units: int) -> list[NDArray[np.int64]]:
    """The corpus's windows, so many at a time as fit into memory: spans (windows, 2)."""
    context = int(model.card.context or 0)
    spans = corpus.spans(context)
    together = max(1, AT_ONCE // max(1, units * context))
    return [spans[first : first + together] for first in range(0, len(spans), together)]


class _Work:
    """An index in the making. The same blocks in the same order make the same index, whoever goes through them."""

    def __init__(self, model: Model, corpus: Corpus, sites: dict[str, int]) -> None:
        units = sum(sites.values())
        self.model, self.corpus, self.sites = model, corpus, sites
        self.arrays = {
            "top": np.full((units, TOP), NOWHERE, np.int64),
            "values": np.zeros((units, TOP), np.float32),
            "active": np.zeros(units, np.uint32),
            "counts": np.zeros((units, BINS), np.uint32),
            "taken": np.full((units, 10, EACH), UNTAKEN),  # chance in the upper half, place in the lower: least wins
        }
        self.positions = 0

    def resume(self, half: Path, said: str) -> int:
        """How many steps were done by who kept this."""
        try:
            with safe_open(half, "numpy") as opened:
                told = opened.metadata() or {}
                if told.get("identity") != said:
                    return 0
                self.arrays = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        except (FileNotFoundError, SafetensorError):
            return 0
        self.positions = int(told["positions"])
        return int(told["done"])

    def keep(self, half: Path, said: str, done: int) -> None:
        told = {"identity": said, "done": str(done), "positions": str(self.positions)}
        with replacing(half) as fresh:
            fresh.write_bytes(save(self.arrays, told))

    def rank(self, spans: NDArray[np.int64]) -> None:
        """The first sweep: where each unit answers most in each window, and how often it is active."""
        for rows, site, values, places in self._seen(spans):
            threshold = threshold_of(site)
            active = (values > threshold).float().sum(1).sum(0)  # (unit,); torch is slow at adding up what is bool
            self.arrays["active"][rows] += active.numpy().astype(np.uint32)
            largest, at = values.max(1)  # two of (window, unit)
            where = torch.where(largest > threshold, places.gather(1, at), NOWHERE)  # (window, unit)
            largest = torch.where(largest > threshold, largest, 0)
            both = torch.cat([torch.from_numpy(self.arrays["values"][rows]).T, largest])  # (20 + window, unit)
            found = torch.cat([torch.from_numpy(self.arrays["top"][rows]).T, where])
            best = both.argsort(dim=0, descending=True, stable=True)[:TOP]  # equal ones in the corpus's order
            self.arrays["values"][rows] = both.gather(0, best).T.numpy()
            self.arrays["top"][rows] = found.gather(0, best).T.numpy()
        self.positions += int(_counted(self.corpus, spans).sum())

    def count(self, spans: NDArray[np.int64]) -> None:
        """The second sweep: how often each unit answers how much, and some of each tenth."""
        for rows, site, values, places in self._seen(spans):
            largest = self.arrays["values"][rows, 0]  # (units,)
            units, width = rows.stop - rows.start, values.shape[1]
            flat = values.reshape(-1, units).numpy()  # (windows × positions, units)
            found = np.flatnonzero(flat > threshold_of(site))
            row, unit = np.divmod(found, units)
            part = flat.reshape(-1)[found] / largest[unit]  # 0…1 of the largest
            bins = unit * BINS + np.minimum((part * BINS).astype(np.int64), BINS - 1)
            counted = np.bincount(bins, minlength=units * BINS).reshape(units, BINS)
            self.arrays["counts"][rows] += counted.astype(np.uint32)
            slot = (unit * 10 + np.minimum((part * 10).astype(np.int64), 9)) * EACH + row // width % EACH
            chances = _chances(places.reshape(-1).numpy())[row]
            taken = self.arrays["taken"][rows].reshape(-1)
            np.minimum.at(taken, slot, chances)
            self.arrays["taken"][rows] = taken.reshape(units, 10, EACH)

    @torch.inference_mode()
    def _seen(self, spans: NDArray[np.int64]) -> Iterator[tuple[slice, str, Tensor, Tensor]]:
        """Each site's rows, name, answers (window, position, unit), 0 where nothing counts, and the tokens' places."""
        windows = [self.corpus.window(start, end) for start, end in spans]
        first = len(windows[0]) - int(spans[0, 1] - spans[0, 0])  # 1 where a begin token stands before
        longest = max(map(len, windows))
        filled = np.zeros((len(windows), longest), np.int64)  # a network that looks back does not see what fills it up
        for row, window in zip(filled, windows, strict=True):
            row[: len(window)] = window
        places = torch.from_numpy(spans[:, :1] + np.arange(longest) - first)  # (window, position)
        seen = self.model.look(filled, *self.sites)
        start = 0
        for site, units in self.sites.items():
            values = seen.pop(site).float().cpu()
            values[:, 0] = 0
            for row, window in zip(values, windows, strict=True):
                row[len(window) :] = 0
            yield slice(start, start + units), site, values, places
            start += units

    def index(self) -> Index:
        found = self.arrays
        tenths = np.where(found["taken"] == UNTAKEN, NOWHERE, (found["taken"] & np.uint64(0xFFFFFFFF)).astype(np.int64))
        return Index(
            self.sites, self.positions, found["top"].astype(np.int32), found["values"].astype(np.float16),
            found["active"], found["counts"], tenths.astype(np.int32),
        )  # fmt: skip


def _counted(corpus: Corpus, spans: NDArray[np.int64]) -> NDArray[np.int64]:
    """Positions of windows that count, (windows,): all but the first the network reads, into which attention sinks."""
    return spans[:, 1] - spans[:, 0] - (corpus.begin is None)


def _chances(places: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Each place behind a number that looks like chance and is always the same: Knuth's multiplicative hash."""
    mixed = (places.astype(np.uint64) * np.uint64(2654435761)) & np.uint64(0xFFFFFFFF)
    return (mixed << np.uint64(32)) | places.astype(np.uint64)


def _listed(sites: dict[str, int]) -> str:
    return ",".join(f"{name}={units}" for name, units in sites.items())


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """Nobody else makes this index meanwhile; whoever comes second waits."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
