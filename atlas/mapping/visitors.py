"""Pictures from which a map was not made, on it: so that its cells open into photographs where its own do not ship."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from lucarne.atlas import arrays
from lucarne.atlas.galleries.gallery import Gallery
from lucarne.atlas.mapping.bundled import VISITORS, Packed
from lucarne.atlas.mapping.kept import Keys
from lucarne.atlas.mapping.sampling import BATCH, interior, shown_shape
from lucarne.atlas.pictures import Pixels
from lucarne.models.model import Model
from lucarne.models.progress import Progress

PLACES = 4  # of a picture, at most


@dataclass(frozen=True)
class Visitors:
    """Places of pictures, and where on the map they lie. All have one order, by picture."""

    pictures: NDArray[np.int32] = field(repr=False)  # (places,): which picture it is a place of
    cells: NDArray[np.uint8] = field(repr=False)  # (places, 2): row and column of the site
    points: NDArray[np.uint16] = field(repr=False)  # (places, 2) in 65535ths of the map's side
    near: NDArray[np.uint8] = field(repr=False)  # (places,): cosine to the nearest cell's mean, in 255ths; 0 for less


def visit(model: Model, packed: Packed, pictures: Sequence[Pixels], keys: Keys, progress: Progress = iter) -> Visitors:
    """Up to `PLACES` places of every picture, uint8 (size, size, 3) at the network's size, none at the border.

    Which they are depends on the picture's key alone. Raises WeightsDamaged.
    """
    site = packed.said["site"]
    shape = shown_shape(model, site)
    parts: list[Visitors] = []
    for first in progress(range(0, len(pictures), BATCH)):
        some = range(first, min(first + BATCH, len(pictures)))
        seen = model.look(np.stack([pictures[i] for i in some]), site)[site].float().cpu().numpy()
        maps = seen.reshape(*seen.shape[:2], *shape)  # (pictures, channels, rows, columns)
        chosen = [places_of(shape, keys[i]) for i in some]  # each (places, 2)
        rows, columns = np.concatenate(chosen).T  # (places,)
        each = np.repeat(np.arange(len(some)), [len(cells) for cells in chosen])  # (places,)
        points, near = packed.placed(maps[each, :, rows, columns])
        parts.append(Visitors(
            (first + each).astype(np.int32),
            np.stack([rows, columns], 1).astype(np.uint8),
            np.rint(points * 65535).astype(np.uint16),
            np.rint(np.clip(near, 0, 1) * 255).astype(np.uint8),
        ))  # fmt: skip
    return Visitors(*(np.concatenate(arrays) for arrays in zip(*(vars(part).values() for part in parts), strict=True)))


def places_of(shape: tuple[int, int], key: np.ndarray) -> np.ndarray:
    """Different places of a picture, int64 (1 … PLACES, 2): drawn one by one, those drawn again are left out."""
    drawn = [interior(*shape, np.append(key, number)) for number in range(PLACES)]
    return np.array(sorted({(int(row), int(column)) for row, column in drawn}))


def write_visitors(folder: Path, found: Visitors, gallery: Gallery) -> None:
    """Keep them beside a packed atlas."""
    arrays.write(folder / VISITORS, **vars(found), gallery=_name(gallery))
    (folder / VISITORS).chmod(0o644)  # the library leaves it to its owner alone


def read_visitors(packed: Packed, gallery: Gallery) -> Visitors | None:
    """Those of just this gallery that are kept beside an atlas; None where there are none."""
    try:
        kept = load_file(packed.folder / VISITORS)
    except (FileNotFoundError, SafetensorError):
        return None
    return Visitors(**kept) if np.array_equal(kept.pop("gallery", np.empty(0)), _name(gallery)) else None


def _name(gallery: Gallery) -> NDArray[np.uint8]:
    return np.frombuffer(bytes.fromhex(gallery.fingerprint), np.uint8)
