"""The index of a pack of pictures: what every unit of a network answers to each of them, kept on disk.

    index.json           of which network, how many rows are whole
    ids.u8               (row, 32): sha256 of each picture's pixels
    thumbnails.u8        (row, 32, 32, 3): by which pixels are compared
    relu3.values.f16     (row, channel): the largest answer anywhere in the map, and
    relu3.cells.u16      (row, channel): the cell that gave it, row * width + column
    fc7.values.f16       (row, unit): before the ReLU

Files only grow, in blocks; what lies behind the last whole row was being written when the power failed.
"""

import json
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from lucarne.atlas.galleries.pack import Pack, replacing
from lucarne.atlas.pictures import Pixels, square
from lucarne.atlas.vision.thumbnails import THUMBNAIL, thumbnail
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model
from lucarne.models.progress import Progress
from lucarne.models.taps import FEATURES

BATCH = 32  # pictures that go through the network at once
BLOCK = 16  # batches between two commits: some seconds of work are the most that is lost
FORMAT = 1
ABOUT, IDS, THUMBNAILS = "index.json", "ids.u8", "thumbnails.u8"


@dataclass(frozen=True)
class Kept:
    """How a site is answered from the index: by the values of `name`, those below zero cut off if `rectified`."""

    name: str
    rectified: bool


def kept_for(model: Model, site: str) -> Kept:
    """Every site of a convolution's layer is answered by its ReLU: the largest value is the same wherever it is kept.

    `relu6` and `relu7` are `fc6` and `fc7` without what is below zero. A dictionary's features answer for themselves.
    """
    name = model.site(site).name
    if name.endswith(FEATURES):
        return Kept(name, rectified=False)
    layer = name[-1]
    spatial, full = f"relu{layer}", f"fc{layer}"
    if full in model.sites:
        return Kept(full, rectified=name.startswith("relu"))
    return Kept(spatial, rectified=False)


def check_unit(model: Model, site: str, unit: int) -> None:
    """Raises Unsuitable for a channel or unit that the site does not have."""
    units = model.site(site).shape[0] or 0
    if unit >= units:
        raise Unsuitable(f"{model.site(site).name} has {units} units, numbered 0 to {units - 1}.", field="unit")


def widths(model: Model) -> dict[str, int]:
    """The sites that an index keeps, in the network's order, with how many units each has.

    A dictionary's features are not among them: they would cost half as much again as the whole network. They have an
    index of their own, made when they are first asked for.
    """
    names = [name for name in model.sites if name.startswith(("relu", "fc")) and not name.endswith(FEATURES)]
    spatial = [name for name in names if name.startswith("relu") and len(model.sites[name].shape) == 3]
    full = [name for name in names if name.startswith("fc")]
    return {name: int(model.sites[name].shape[0] or 0) for name in (*spatial, *full)}


class Index:
    """What is kept in a folder for a network of these weights. One process at a time may extend it."""

    def __init__(self, folder: Path, model: Model, only: str | None = None) -> None:
        """Of every site that is kept, or of one."""
        self.folder = folder
        self.widths = widths(model) if only is None else {only: int(model.sites[only].shape[0] or 0)}
        self.weights = model.weights
        self.rows = self._whole()

    def _whole(self) -> int:
        """Rows that are whole; 0 where nothing fits this network."""
        try:
            told = json.loads((self.folder / ABOUT).read_text(encoding="utf-8"))
            fits = (told["format"], told["weights"], told["widths"]) == (FORMAT, self.weights, self.widths)
            return int(told["rows"]) if fits else 0
        except (OSError, ValueError, KeyError, TypeError):
            return 0

    def values(self, name: str) -> NDArray[np.float16]:
        """(rows, units) of a kept site, mapped from its file."""
        return self._map(f"{name}.values.f16", np.float16, self.widths[name])

    def cells(self, name: str) -> NDArray[np.uint16] | None:
        """(rows, channels), None for a site that has no maps."""
        return None if name.startswith("fc") else self._map(f"{name}.cells.u16", np.uint16, self.widths[name])

    def thumbnails(self) -> NDArray[np.uint8]:
        """(rows, 32 * 32 * 3)."""
        return self._map(THUMBNAILS, np.uint8, THUMBNAIL**2 * 3)

    def ids(self) -> NDArray[np.uint8]:
        """(rows, 32)."""
        return self._map(IDS, np.uint8, 32)

    def _map(self, file: str, kind: type, width: int) -> NDArray:
        if not self.rows:
            return np.zeros((0, width), kind)
        return np.memmap(self.folder / file, kind, "r", shape=(self.rows, width))

    def extend(self, model: Model, pack: Pack, progress: Progress = iter) -> "Index":
        """Bring it up to the whole of the pack: only what is not indexed yet goes through the network.

        Where pictures of the pack have changed all begins anew. Cut off anywhere, it goes on from its last block.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        if self.rows > len(pack) or not np.array_equal(self.ids(), pack.ids[: self.rows]):
            self.rows = 0
        starts = range(self.rows, len(pack), BATCH)
        if not len(starts):
            return self
        with ExitStack() as stack:
            files = {file: stack.enter_context(self._open(file, size)) for file, size in self._sizes().items()}
            for number, (start, seen) in enumerate(zip(progress(starts), _read(pack, starts), strict=False), 1):
                rows = range(start, min(start + BATCH, len(pack)))
                for file, content in self._batch(model, pack.ids[start : rows.stop], seen).items():
                    files[file].write(np.ascontiguousarray(content).data)
                if number % BLOCK == 0 or rows.stop == len(pack):
                    for file in files.values():
                        file.flush()
                        os.fsync(file.fileno())
                    self._commit(rows.stop)
        return self

    def _batch(self, model: Model, ids: NDArray[np.uint8], seen: "Seen") -> dict[str, NDArray]:
        """What is written for some pictures, by file."""
        size = int(model.card.input_size or 0)
        squares = [each if len(each) == size else square(each, size) for each in seen.pixels]
        answers = look(model, np.stack(squares), self.widths)  # of (n, size, size, 3)
        written: dict[str, NDArray] = {IDS: ids, THUMBNAILS: np.stack(seen.thumbnails)}
        for name, (values, cells) in answers.items():
            written[f"{name}.values.f16"] = values
            if cells is not None:
                written[f"{name}.cells.u16"] = cells
        return written

    def _sizes(self) -> dict[str, int]:
        """Bytes of a row in each file."""
        sizes = {IDS: 32, THUMBNAILS: THUMBNAIL**2 * 3}
        for name, width in self.widths.items():
            sizes[f"{name}.values.f16"] = 2 * width
            if not name.startswith("fc"):
                sizes[f"{name}.cells.u16"] = 2 * width
        return sizes

    def _open(self, file: str, size: int):  # noqa: ANN202
        path = self.folder / file
        path.touch()
        opened = path.open("r+b")
        opened.truncate(self.rows * size)
        opened.seek(0, os.SEEK_END)
        return opened

    def _commit(self, rows: int) -> None:
        told = {"format": FORMAT, "weights": self.weights, "widths": self.widths, "rows": rows}
        with replacing(self.folder / ABOUT) as file:
            file.write_text(json.dumps(told), encoding="utf-8")
        self.rows = rows


@dataclass(frozen=True)
class Seen:
    """A batch of pictures as they were read."""

    pixels: list[Pixels]
    thumbnails: list[NDArray[np.uint8]]


def _read(pack: Pack, starts: range) -> Iterator[Seen]:
    """The batches that begin at rows of a pack. A block of them is read at once, by all cores, between two commits.

    Reading while the network runs would take its cores from it, which all wait for the slowest.
    """

    def batch(start: int) -> Seen:
        pixels = [pack.pixels(row) for row in range(start, min(start + BATCH, len(pack)))]
        return Seen(pixels, [thumbnail(each) for each in pixels])

    with ThreadPoolExecutor(torch.get_num_threads()) as readers:
        for first in range(0, len(starts), BLOCK):
            yield from list(readers.map(batch, starts[first : first + BLOCK]))


Answers = dict[str, tuple[NDArray[np.float16], NDArray[np.uint16] | None]]


@torch.inference_mode()
def look(model: Model, shown: Pixels, sites: dict[str, int]) -> Answers:
    """What each site answers to pictures, uint8 (n, size, size, 3): values (n, units) and, for maps, their cells."""
    seen = model.look(shown, *sites)
    answers: Answers = {}
    for name in sites:
        value = seen[name]
        if value.dim() == 4:
            value, cell = _largest(value)  # (n, channels) each
            answers[name] = _half(value), cell
        else:
            answers[name] = _half(value), None
    return answers


def vectors_of(model: Model, shown: Pixels, site: str) -> NDArray[np.float16]:
    """What a site says of each picture, uint8 (n, size, size, 3), as the index keeps it: (n, units or channels)."""
    kept = kept_for(model, site)
    values = look(model, shown, {kept.name: 0})[kept.name][0]
    return np.maximum(values, 0) if kept.rectified else values


def _largest(maps: torch.Tensor) -> tuple[torch.Tensor, NDArray[np.uint16]]:
    """Of (n, channels, height, width) the largest values and their cells, of equal ones the first.

    Pooling is three times as fast as `max` where maps lie channels last.
    """
    value, cell = F.adaptive_max_pool2d(maps, 1, return_indices=True)  # (n, channels, 1, 1) each
    return value.flatten(1), cell.flatten(1).to(torch.int32).cpu().numpy().astype(np.uint16)


def _half(values: torch.Tensor) -> NDArray[np.float16]:
    """In half precision, what is too large for it at its largest number."""
    return values.clamp(-65504, 65504).half().cpu().numpy()


def in_blocks(rows: int, size: int) -> Iterator[slice]:
    """0…rows in slices of so many."""
    yield from (slice(start, min(start + size, rows)) for start in range(0, rows, size))
