"""What the network would see at each cell of the map: a dream of the cell's mean, as everything else there is not.

Carter et al.: "Activation Atlas", Distill 2019: the direction is whitened, `v · S` with `S = inverse(AᵀA / N)`, so that
what all cells have in common is left out of it; the objective is `dot · max(0.1, cosine) ** power` at the middle cell.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lucarne.atlas.pictures import Pixels
from lucarne.atlas.vision.dream import Settings
from lucarne.atlas.vision.features import FINAL, Dreams, Frame, render
from lucarne.atlas.vision.objectives import along
from lucarne.models.model import Model
from lucarne.models.progress import Progress

POWER = 2.0
LEVELLING = 0.02  # of the mean variance is added to all directions: what is never seen must not count as rare
ICON = replace(FINAL, steps=96)
ABREAST = 8  # icons drawn at once on a CPU: past fc6 the weights are read once for all, in half the time and less

Asked = tuple[NDArray[np.float32], list[int]]  # directions (cells, channels), and the seed of each one's noise


def whitening(vectors: NDArray[np.float32], levelling: float = LEVELLING) -> NDArray[np.float32]:
    """The inverse of the second moments of vectors (samples, channels): (channels, channels)."""
    moments = vectors.T.astype(np.float64) @ vectors / len(vectors)
    moments += levelling * np.trace(moments) / len(moments) * np.eye(len(moments))
    return np.linalg.inv(moments).astype(np.float32)


def icons(
    model: Model,
    site: str,
    directions: NDArray[np.float32],
    size: int,
    *,
    seeds: Sequence[int] | int = 0,
    settings: Settings = ICON,
    told: Callable[[Frame], None] | None = None,
    progress: Progress = iter,
) -> Dreams:
    """A dream for each of `directions` (cells, channels), uint8 (cells, size, size, 3)."""
    lengths = np.linalg.norm(directions, axis=1, keepdims=True)
    objectives = [along(model, site, each, POWER) for each in directions / np.maximum(lengths, 1e-12)]
    return render(
        model, objectives, settings, size=size, seeds=seeds, told=told, every=settings.steps, progress=progress,
        abreast=ABREAST if model.device == "cpu" else None,
    )  # fmt: skip


def drawing(model: Model, site: str, size: int, settings: Settings, device: str) -> Callable[[Asked], Pixels]:
    """On a device: the pixels of icons, uint8 (cells, size, size, 3)."""
    there = model.on(device)

    def drawn(asked: Asked) -> Pixels:
        directions, seeds = asked
        return icons(there, site, directions, size, seeds=seeds, settings=settings).pixels

    return drawn
