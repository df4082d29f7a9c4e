"""A text on an atlas of texts, token by token."""

import numpy as np
import torch

from lucarne.atlas.mapping.bundled import Packed
from lucarne.atlas.mapping.words import lens
from lucarne.models.model import Model


def trail(
    model: Model, packed: Packed, tokens: list[int], says: int
) -> list[tuple[float, float, float, list[tuple[int, float]]]]:
    """For each of the tokens but the first: x and y in 0…1, the cosine to the nearest cell, and the likeliest next
    tokens with their probabilities, read off the stream as it is there. Raises WeightsDamaged."""
    if len(tokens) < 2:
        return []
    site = packed.said["site"]
    stream = model.look(torch.tensor([tokens]), site)[site][0, 1:].float().cpu().numpy()  # (tokens - 1, width)
    points, near = packed.placed(np.ascontiguousarray(stream))
    best = lens(model, stream).exp().topk(says)  # two of (tokens - 1, says)
    guesses = zip(best.indices.tolist(), best.values.tolist(), strict=True)
    return [
        (float(x), float(y), float(cosine), list(zip(*guess, strict=True)))
        for (x, y), cosine, guess in zip(points, near, guesses, strict=True)
    ]
