"""How much a picture really excites a unit: shown plainly, and beside what photographs do.

A picture optimised under transforms is worth what it does without them; and a unit's dream should excite it as nothing
in the world does, or it shows what the optimiser likes rather than what the unit does.
"""

import numpy as np
import torch

from lucarne.atlas.vision.objectives import Objective, look
from lucarne.models.model import Model

BATCH = 64


def excitement(model: Model, objective: Objective, pixels: np.ndarray) -> np.ndarray:
    """The objective of pictures, uint8 (pictures, size, size, 3), as they are: float32 (pictures,).

    An objective that looks at several pictures at once is given all of them at once.
    """
    batch = len(pixels) if objective.pictures > 1 else BATCH
    parts = [pixels[first : first + batch] for first in range(0, len(pixels), batch)]
    values = [objective(look(model, objective.sites, part)) for part in parts]
    return torch.cat(values).float().cpu().numpy()


def percentile(value: float, real: np.ndarray) -> float:
    """The part of real pictures' activations (pictures,) that lie below `value`, equal ones by half: 0…100."""
    if not len(real):
        return float("nan")
    return float(100 * (np.mean(real < value) + np.mean(real == value) / 2))
