"""What an index comes down to for each unit: a histogram, the pictures at the top, some of every tenth.

Its size follows the network, not the gallery.
"""

from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lucarne.atlas import arrays
from lucarne.atlas.galleries.pack import replacing
from lucarne.atlas.vision.indexing import Index, in_blocks
from lucarne.models.progress import Progress

TOP = 36  # pictures kept of the top
EACH = 3  # of each tenth
BINS = 32
UNITS = 128  # sorted at once


@dataclass(frozen=True)
class Summary:
    """One site over a gallery. Numbers of pictures are places in it; where there are too few, they repeat the last.

    Pictures are ranked by value, equal ones by number. Tenth 9 is the tenth of the gallery that excites most.
    """

    edges: NDArray[np.float32]  # (units, 2): of the histogram, first and last
    counts: NDArray[np.uint32]  # (units, 32)
    above: NDArray[np.float32]  # (units,): the part of the pictures with an answer above zero
    percentiles: NDArray[np.float16]  # (units, 101): the value below which 0 … 100 % of the pictures lie
    top: NDArray[np.uint32]  # (units, 36)
    top_values: NDArray[np.float16]
    top_cells: NDArray[np.uint16]  # zeros for a site without maps
    tenths: NDArray[np.uint32]  # (units, 10, 3), the strongest of a tenth first
    tenths_values: NDArray[np.float16]
    tenths_cells: NDArray[np.uint16]


def summarise(index: Index, rows: NDArray[np.int32], progress: Progress = iter) -> dict[str, Summary]:
    """Every kept site, over the pictures in these rows of the index."""
    work = [(name, units) for name, width in index.widths.items() for units in in_blocks(width, UNITS)]
    parts: dict[str, list[Summary]] = {name: [] for name in index.widths}
    for name, units in progress(work):
        values = index.values(name)[:, units][rows]  # (pictures, units)
        cells = index.cells(name)
        parts[name].append(of_units(values, None if cells is None else cells[:, units][rows]))
    return {name: _joined(each) for name, each in parts.items()}


def of_units(values: NDArray[np.float16], cells: NDArray[np.uint16] | None) -> Summary:
    """Some units, values and cells (pictures, units)."""
    count, units = values.shape
    order = np.argsort(_descending(values), axis=0, kind="stable")  # (pictures, units)
    ranked = np.take_along_axis(values, order, 0).astype(np.float32)
    edges = np.stack([ranked[-1], ranked[0]], 1)  # (units, 2)
    edges[:, 0] = np.minimum(edges[:, 0], 0)
    counts = np.stack([_histogram(ranked[:, unit], edges[unit]) for unit in range(units)])
    top = order[np.minimum(np.arange(TOP), count - 1)].T  # (units, 36)
    places = (np.arange(9, -1, -1)[:, None] + (np.arange(EACH) + 0.5) / EACH) / 10  # (10, 3): tenth 0 comes last
    places = np.minimum((places * count).astype(int), count - 1)
    tenths = order[places].transpose(2, 0, 1)  # (units, 10, 3)
    return Summary(
        edges=edges,
        counts=counts,
        above=(values > 0).mean(0, dtype=np.float32),
        percentiles=np.percentile(ranked, np.arange(101), axis=0).T.astype(np.float16),
        top=top.astype(np.uint32),
        top_values=_taken(values, top),
        top_cells=_taken(cells, top),
        tenths=tenths.astype(np.uint32),
        tenths_values=_taken(values, tenths),
        tenths_cells=_taken(cells, tenths),
    )


def write(file: Path, summaries: dict[str, Summary]) -> None:
    """All sites in one file, whole or not at all."""
    named = {
        f"{site}.{field.name}": getattr(summary, field.name)
        for site, summary in summaries.items()
        for field in fields(Summary)
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    with replacing(file) as half:
        np.savez_compressed(half, **arrays.apart(**named))  # pyright: ignore[reportArgumentType]


def read(file: Path, site: str) -> Summary:
    """One site. Raises FileNotFoundError, or KeyError for a site that is not there."""
    with np.load(file, allow_pickle=False) as kept:
        return Summary(**{field.name: arrays.together(kept, f"{site}.{field.name}") for field in fields(Summary)})


def _descending(values: NDArray[np.float16]) -> NDArray[np.uint16]:
    """Whole numbers in the opposite order: sixteen bits are sorted in two passes, floating-point numbers are not."""
    bits = (values + np.float16(0)).view(np.uint16)  # -0 is 0
    return np.where(bits >> 15, bits, ~bits & 0x7FFF)


def _histogram(ranked: NDArray[np.float32], edges: NDArray[np.float32]) -> NDArray[np.uint32]:
    steps = np.linspace(edges[0], edges[1], BINS + 1)[1:-1]
    below = np.searchsorted(ranked[::-1], steps, side="left")
    return np.diff(np.concatenate([[0], below, [len(ranked)]])).astype(np.uint32)


def _taken(values: NDArray | None, numbers: NDArray[np.intp]) -> NDArray:
    """values[numbers[unit, …], unit]."""
    if values is None:
        return np.zeros(numbers.shape, np.uint16)
    units = np.arange(len(numbers)).reshape(-1, *[1] * (numbers.ndim - 1))
    return values[numbers, units]


def _joined(parts: list[Summary]) -> Summary:
    return Summary(
        **{field.name: np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Summary)}
    )
