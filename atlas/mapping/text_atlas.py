"""The activation atlas of a language model: what its residual stream says at very many places of texts, as a map.

The pipeline is that of Carter et al.: "Activation Atlas", Distill 2019, with words for icons: a cell is drawn as what
the network would say next if the cell's mean were the end of its stream. Every stage is kept in a folder, so that a
build that was cut off at any point goes on from there to the same end.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lucarne.atlas.language.corpora import Corpus
from lucarne.atlas.mapping.atlas import CROWD, fewest
from lucarne.atlas.mapping.engine import Engine, Local
from lucarne.atlas.mapping.grid import Grid, averages, gridded, undrawn
from lucarne.atlas.mapping.kept import Arrays, kept
from lucarne.atlas.mapping.layout import Manner, layout
from lucarne.atlas.mapping.positions import MOST, Positions, look, places
from lucarne.atlas.mapping.shipped import is_stream
from lucarne.atlas.mapping.words import Words, typical, words
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model
from lucarne.models.progress import Progress, note

SIDES = (20, 40, 80)
MANNER = Manner(neighbours=100, distance=0.9)  # with the pictures' 50 and 0.05 every token is a dot on an empty sheet


@dataclass(frozen=True)
class TextAtlas:
    """A map of one site. All that is said of a grid's cells has the order of the grid."""

    site: str
    positions: Positions
    points: NDArray[np.float32] = field(repr=False)  # (samples, 2) in 0…1
    whole: NDArray[np.float32] = field(repr=False)  # (width,): the mean of all samples
    grids: list[Grid]
    means: list[NDArray[np.float32]] = field(repr=False)  # (cells, width) a grid
    words: list[Words]
    entropies: list[NDArray[np.float32]] = field(repr=False)  # (cells,) a grid: mean, in nats
    contexts: list[NDArray[np.int32]] = field(repr=False)  # (cells, shown) a grid: samples, -1 where there are fewer


def build(
    model: Model,
    site: str,
    corpus: Corpus,
    folder: Path,
    *,
    edition: str = "edition",
    sides: Sequence[int] | None = None,
    manner: Manner | None = None,
    seed: int = 0,
    most: int = MOST,
    progress: Progress = iter,
    engine: Engine | None = None,
) -> TextAtlas:
    """The atlas of a site of the residual stream over at most so many positions of a corpus. Raises Unsuitable.

    Its stages are kept in `folder`, which is for one site of one model, and in that of the edition, for one corpus.
    `engine` reads the positions and compares them; this process, if none is told.
    """
    engine = engine or Local(model.device)
    name = model.site(site).name
    if not is_stream(name):
        raise Unsuitable(f"{name} is not part of the residual stream, which alone can be read as words.", field="site")
    sampled = places(corpus, model.card.context or len(corpus), seed, most)
    note(progress, f"Reading {len(sampled.at):,} positions")
    positions = look(model, name, sampled, folder / "samples", seed, progress, engine)
    whole = positions.vectors.mean(0, dtype=np.float64).astype(np.float32)  # (width,)
    centred = positions.vectors - whole  # (samples, width)
    note(progress, f"Laying out {len(positions):,} positions")

    def laid() -> Arrays:
        """In whole steps, as they are packed, so that none moves over a border later."""
        lying = layout(centred, manner or MANNER, seed, progress, engine)
        return {"points": np.rint(lying * 65535).astype(np.uint16)}

    points = kept(folder / edition / "layout.safetensors", laid)["points"].astype(np.float32) / np.float32(65535)
    inside = undrawn(points)
    grids = [
        gridded(points, side, fewest(side, len(positions)), inside) for side in (sides or sides_for(len(positions)))
    ]
    means = [averages(centred, grid) + whole for grid in grids]
    note(progress, f"Reading {sum(map(len, grids)):,} cells as words")
    at = sampled.at
    atlas = TextAtlas(
        name, positions, points, whole, grids, means,
        words=[words(model, mean, whole) for mean in progress(means)],
        entropies=[averages(positions.entropies[:, None], grid)[:, 0] for grid in grids],
        contexts=[typical(centred, grid, sampled.tokens, at) for grid in grids],
    )  # fmt: skip
    note(progress, "")
    return atlas


def sides_for(samples: int) -> tuple[int, ...]:
    """Cells along the side of each grid: as of `SIDES`, each half of the next, where there are samples to fill them."""
    finest = max(1, min(SIDES[-1], round((samples / CROWD) ** 0.5)))
    return tuple(dict.fromkeys(max(1, finest // part) for part in (4, 2, 1)))
