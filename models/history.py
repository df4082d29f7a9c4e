"""How a network that ships came to be: what was kept of it while it was trained."""

import torch
from torch import Tensor

from lucarne.models import weights
from lucarne.models.catalog import ALIASES, MODELS
from lucarne.models.errors import WeightsDamaged

KERNELS = "conv1-training.safetensors"


def kernels_in_training(name: str) -> dict[float, Tensor]:
    """conv1's kernels by the part of the training that was over, 0…1 in thousandths.

    Each float32 (kernels, 3, height, width), in red, green, blue; none at all for a model whose training left nothing.
    Raises WeightsDamaged for a file that is not what it should be.
    """
    proper = ALIASES.get(name, name)
    file = weights.BUNDLED / proper / KERNELS
    if proper not in MODELS or not file.exists():
        return {}
    tensors = weights.read_tensors(file)
    kernels, progress = tensors.get("kernels"), tensors.get("progress")  # (moments, kernels, 3, y, x), (moments,)
    if kernels is None or progress is None or kernels.dim() != 5 or progress.shape != kernels.shape[:1]:
        raise WeightsDamaged(f"{file.name} does not hold kernels and the progress at which each was kept.")
    if not torch.isfinite(kernels).all() or not ((progress >= 0) & (progress <= 1)).all():
        raise WeightsDamaged(f"{file.name} holds kernels that are not finite, or a progress that is not 0…1.")
    return {round(part, 3): weight for part, weight in zip(progress.tolist(), kernels, strict=True)}
