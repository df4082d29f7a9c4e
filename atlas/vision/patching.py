"""Where two pictures differ for a network: one place of one swapped into the other at a time.

Activation patching (Meng et al.: "Locating and Editing Factual Associations in GPT", NeurIPS 2022, section 2, of whom
the names: a *clean* run, a *corrupt* one, and what of the clean answer comes back), over the cells of a network's maps.
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model
from lucarne.models.progress import Progress

BATCH = 32  # patched values that go through the rest of the network together
MOST = 13  # places a side: finer maps are patched in square blocks
LEAST = 1e-3  # of a difference between logits of which parts can be told


def stages(model: Model) -> list[str]:
    """The sites behind each ReLU: what the next layer is told."""
    return [name for name in model.sites if name.startswith("relu") and "." not in name]


@torch.inference_mode()
def patching(
    model: Model,
    clean: np.ndarray,
    corrupt: np.ndarray,
    index: int,
    sites: Sequence[str],
    *,
    most: int = MOST,
    progress: Progress = iter,
) -> dict[str, Tensor]:
    """By site, which part of the difference in class `index`'s logit each place brings back: float32 (rows, columns).

    Pictures are uint8 (size, size, 3). 0: the network still answers to `corrupt` as before; 1: as it does to `clean`;
    beyond these: more. A map with more than `most` cells a side is patched in blocks; a fully connected site has one
    place. Raises Unknown, or Unsuitable where both pictures get the same logit.
    """
    names = [model.site(site).name for site in sites]
    with model.watch(*names) as seen:
        logits = model(np.stack([clean, corrupt]))[:, index]  # (2,)
    wanted = float(logits[0] - logits[1])
    if abs(wanted) < LEAST:
        raise Unsuitable("Both pictures get the same logit: there is nothing to bring back.", field="corrupt")
    blocks = {name: _blocks(seen[name].shape[2:], most) for name in names}
    schedule = [(name, first) for name in names for first in range(0, len(blocks[name]), BATCH)]
    parts: dict[str, list[Tensor]] = {name: [] for name in names}
    for name, first in progress(schedule):
        swapped = torch.stack(
            [_swapped(seen[name][0], seen[name][1], block) for block in blocks[name][first : first + BATCH]]
        )
        with model.edit(
            {name: lambda _, swapped=swapped: swapped}
        ):  # the layers before it see one picture, for nothing
            parts[name].append((model(corrupt[None])[:, index] - logits[1]) / wanted)
    return {name: _square(torch.cat(parts[name]).float().cpu()) for name in names}


def stretched(parts: Tensor, size: int) -> Tensor:
    """Places (rows, columns) drawn as blocks on a square of `size` cells a side."""
    return F.interpolate(parts[None, None], size=(size, size), mode="nearest-exact")[0, 0]


def _blocks(sides: Sequence[int], most: int) -> list[tuple[slice, ...]]:
    """The places of a map, row by row; of a fully connected site the one there is."""
    if not sides:
        return [()]
    side = -(-sides[0] // most)
    height, width = ([slice(start, start + side) for start in range(0, cells, side)] for cells in sides)
    return [(rows, columns) for rows in height for columns in width]


def _swapped(clean: Tensor, corrupt: Tensor, block: tuple[slice, ...]) -> Tensor:
    """`corrupt` with the vectors of one block of cells taken from `clean`, each (channels, height, width)."""
    patched = corrupt.clone()
    patched[(slice(None), *block)] = clean[(slice(None), *block)]
    return patched


def _square(parts: Tensor) -> Tensor:
    side = round(len(parts) ** 0.5)
    return parts.view(side, side)
