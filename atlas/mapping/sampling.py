"""One cell of each picture: what a site says there, never at the border, where it sees more padding than picture."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from lucarne.atlas.mapping.arguments import argued
from lucarne.atlas.mapping.engine import Engine, Local
from lucarne.atlas.mapping.kept import Arrays, Keys, kept_each, keyed
from lucarne.atlas.pictures import Pixels
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model
from lucarne.models.progress import Progress

BATCH = 64

Shown = tuple[np.ndarray, np.ndarray]  # uint8 (pictures, size, size, 3); cells, int64 (pictures, 2)


@dataclass(frozen=True)
class Samples:
    """What was found in picture i at cell (row, column) `cells[i]`; a unit without a map has cell (0, 0)."""

    vectors: np.ndarray = field(repr=False)  # float32 (samples, channels)
    cells: np.ndarray = field(repr=False)  # int64 (samples, 2)
    arguments: np.ndarray = field(repr=False)  # float16 (samples, classes): h · ∇logit

    def __len__(self) -> int:
        return len(self.cells)


def keys_of(ids: Iterable[object], seed: int) -> Keys:
    """What decides which cell of each picture is looked at."""
    return keyed([f"{seed}\n{each}" for each in ids])


def sample(
    model: Model,
    site: str,
    pictures: Sequence[Pixels],
    keys: Keys,
    folder: Path,
    progress: Progress = iter,
    engine: Engine | None = None,
) -> Samples:
    """One random cell of every picture, uint8 (size, size, 3) at the network's size. Raises Unsuitable.

    Which cell depends on the picture's key alone, so that what `folder` holds of it is true in whatever company it
    comes: only pictures that are new are shown to the network.
    """
    if not len(pictures):
        raise Unsuitable("There are no pictures to sample.", field="gallery")
    size = model.card.input_size
    shape = shown_shape(model, site)

    def shown(numbers: np.ndarray) -> Shown:
        pixels = [pictures[i] for i in numbers]
        if any(each.shape != (size, size, 3) for each in pixels):
            raise Unsuitable(f"The pictures to sample must be {size} pixels wide and high.", field="gallery")
        return np.stack(pixels), np.stack([interior(*shape, keys[i]) for i in numbers])

    there, work = engine or Local(model.device), partial(looking, model, site)
    return Samples(**kept_each(folder, keys, lambda blocks: there.map(work, map(shown, blocks)), BATCH, progress))


def looking(model: Model, site: str, device: str) -> Callable[[Shown], Arrays]:
    """On a device: what a site says of pictures at cells, and what that argues for."""
    there = model.on(device)

    def seen(shown: Shown) -> Arrays:
        found, said = argued(there, site, *shown)
        return {"vectors": found.cpu().numpy(), "cells": shown[1], "arguments": said.half().cpu().numpy()}

    return seen


def shown_shape(model: Model, site: str) -> tuple[int, int]:
    """Rows and columns of a site's maps; a unit has one of each."""
    shape = model.site(site).shape
    return (shape[1] or 1, shape[2] or 1) if len(shape) == 3 else (1, 1)


def interior(height: int, width: int, key: np.ndarray) -> np.ndarray:
    """A random cell off the border, (row, column); of a map under three cells a side any cell."""
    random = np.random.default_rng(key.tolist())
    return np.array([random.integers(1, side - 1) if side > 2 else random.integers(side) for side in (height, width)])
