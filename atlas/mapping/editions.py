"""A map of a few pictures more: the rest stays where it was, and with it what is drawn there."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from lucarne.atlas.mapping.engine import HERE, Engine
from lucarne.atlas.mapping.icons import whitening
from lucarne.atlas.mapping.kept import Arrays, Keys, kept
from lucarne.atlas.mapping.layout import Manner, layout
from lucarne.atlas.mapping.placing import place
from lucarne.models.progress import Progress

ENOUGH = 0.8  # of the samples must have been laid out together, or all are laid out anew
FILE = "layout.safetensors"
BLOCK = 2048  # samples placed at once


@dataclass(frozen=True)
class Laid:
    """Where samples lie, and in which measure their directions are drawn."""

    keys: Keys = field(repr=False)  # (samples, 32)
    points: np.ndarray = field(repr=False)  # float32 (samples, 2) in 0…1
    together: np.ndarray = field(repr=False)  # uint8 (samples,): 1 where laid out with others, 0 where placed later
    whitening: np.ndarray = field(repr=False)  # float32 (channels, channels)


def laid_out(
    vectors: np.ndarray,
    keys: Keys,
    folder: Path,
    edition: str,
    manner: Manner,
    seed: int,
    progress: Progress = iter,
    engine: Engine = HERE,
) -> Laid:
    """The layout of samples (samples, channels), kept in the edition's folder.

    Where another edition in `folder` laid out most of them already, they stay in their places and the others are
    placed between those that are most alike.
    """

    def made() -> Arrays:
        if base := _base(folder, keys):
            return vars(_continued(base, vectors, keys))
        points = layout(vectors, manner, seed, progress, engine)
        return vars(Laid(keys, points, np.ones(len(keys), np.uint8), whitening(vectors)))

    return Laid(**kept(folder / edition / FILE, made))


def _base(folder: Path, keys: Keys) -> Laid | None:
    """Of the other editions' layouts the one that knows most of these samples, if that is enough."""
    best, most = None, ENOUGH * len(keys)
    wanted = {key.tobytes() for key in keys}
    for file in sorted(folder.glob(f"*/{FILE}")):
        try:
            laid = Laid(**load_file(file))
        except SafetensorError:
            continue
        known = sum(key.tobytes() in wanted for key in laid.keys[laid.together == 1])
        if known >= most and (best is None or known > most):
            best, most = laid, known
    return best


def _continued(base: Laid, vectors: np.ndarray, keys: Keys) -> Laid:
    known = {key.tobytes(): i for i, key in enumerate(base.keys)}
    at = np.array([known.get(key.tobytes(), -1) for key in keys])
    old, fresh = np.flatnonzero(at >= 0), np.flatnonzero(at < 0)
    points, together = np.zeros((len(keys), 2), np.float32), np.zeros(len(keys), np.uint8)
    points[old], together[old] = base.points[at[old]], base.together[at[old]]
    for first in range(0, len(fresh), BLOCK):
        some = fresh[first : first + BLOCK]
        points[some] = place(vectors[some], points[old], vectors[old])[0]
    return Laid(keys, points, together, base.whitening)
