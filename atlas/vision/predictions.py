"""What a network takes a picture for."""

from dataclasses import dataclass

import numpy as np

from lucarne.models.model import Model


@dataclass(frozen=True)
class Answer:
    index: int
    label: str
    probability: float
    logit: float


def predictions(model: Model, pixels: np.ndarray, k: int = 5) -> list[Answer]:
    """The `k` likeliest classes of one picture, uint8 (size, size, 3), best first."""
    logits = model(pixels[None])[0].float().cpu()  # (classes,)
    odds = logits.softmax(-1)
    best = odds.topk(min(k, len(odds)))
    return [
        Answer(index, model.labels[index], probability, logits[index].item())
        for probability, index in zip(best.values.tolist(), best.indices.tolist(), strict=True)
    ]
