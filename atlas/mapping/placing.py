"""Where a vector lies among others whose places are known, and the file in which an atlas keeps that."""

from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from lucarne.atlas import arrays
from lucarne.atlas.mapping.grid import Grid
from lucarne.atlas.mapping.layout import DIMENSIONS, Floats, axes_of
from lucarne.models.errors import WeightsDamaged

PLACING = "placing.safetensors"
NEAREST = 4  # places between which a vector is placed
SHARP = 24.0  # how much more the nearer of them counts: exp(SHARP · cosine)


def place(vectors: np.ndarray, points: np.ndarray, others: np.ndarray) -> tuple[Floats, Floats]:
    """Where vectors (n, channels) lie among `others` (m, channels) at `points` (m, 2): points (n, 2) in 0…1, and the
    cosine to the nearest of them (n,).

    Between the nearest few, the nearer the more. UMAP itself would do it in the same way and then move them a little.
    """
    unit, known = (each / np.maximum(np.linalg.norm(each, axis=1, keepdims=True), 1e-9) for each in (vectors, others))
    cosines = unit @ known.T  # (n, m)
    near = np.argsort(-cosines, axis=1, kind="stable")[:, : min(NEAREST, len(others))]
    close = np.take_along_axis(cosines, near, 1)
    weight = np.exp(SHARP * (close - close[:, :1]))
    places = (points[near] * (weight / weight.sum(1, keepdims=True))[..., None]).sum(1)
    return places.astype(np.float32), close[:, 0].astype(np.float32)


def write_placing(folder: Path, grid: Grid, means: Floats, vectors: Floats, whole: Floats | None = None) -> None:
    """Keep where vectors belong on a map of `vectors` (samples, channels): by the means (cells, channels) of its
    finest grid, from `whole` (channels,) on if the map was laid out from there.

    They are kept in the measure of the layout, along the directions that count, as numbers of -127 to 127: so an atlas
    of a layer of thousands of units stays small. Where the layout looked at all directions, all are kept.
    """
    channels = vectors.shape[1]
    whole = np.zeros(channels, np.float32) if whole is None else whole
    inside, known = means - whole, {}
    if len(vectors) > DIMENSIONS < channels:
        known["axes"] = axes_of(vectors, DIMENSIONS).astype(np.float16)  # (channels, DIMENSIONS)
        inside = inside @ known["axes"].astype(np.float32)
    scale = np.maximum(np.abs(inside).max(1, keepdims=True, initial=1e-9), 1e-9) / 127
    middles = ((grid.cells + 0.5) / grid.side).astype(np.float32)
    arrays.write(folder / PLACING, middles=middles, whole=whole, means=np.rint(inside / scale).astype(np.int8), **known)


def read_placing(folder: Path, vectors: Floats) -> tuple[Floats, Floats]:
    """Where vectors (n, channels) lie on the map kept in `folder`, as `place` says it. Raises WeightsDamaged."""
    try:
        known = load_file(folder / PLACING)
        inside = vectors - known["whole"]
        if "axes" in known:
            inside = inside @ known["axes"].astype(np.float32)
        return place(inside, known["middles"], known["means"].astype(np.float32))
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise WeightsDamaged(f"{PLACING} of the atlas is damaged.") from error
