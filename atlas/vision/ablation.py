"""What a network says when channels of a site are silenced, clamped or made louder."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from lucarne.atlas.vision.predictions import Answer
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model


@dataclass(frozen=True)
class Touch:
    """One channel's new values, in every cell: 0 (`zero`), `value` (`clamp`), or `value` times the old (`boost`)."""

    unit: int
    action: Literal["zero", "clamp", "boost"] = "zero"
    value: float = 0.0


@dataclass(frozen=True)
class Changed:
    """The classes among the first in either, likeliest before first; the same ones after."""

    before: list[Answer]
    after: list[Answer]
    moved: float  # Kullback-Leibler divergence of after from before, in nats


@torch.inference_mode()
def ablation(model: Model, pixels: np.ndarray, site: str, touches: Sequence[Touch], k: int = 5) -> Changed:
    """What is said of one picture, uint8 (size, size, 3), with channels of a site left alone, and with them changed.

    Raises Unknown for a site, Unsuitable for a unit that is not there or is told twice.
    """
    card = model.site(site)
    scale, shift = _lines(card.name, card.shape[0] or 0, touches)  # (units,) each

    def change(value: Tensor) -> Tensor:
        along = (1, -1, *[1] * (value.dim() - 2))  # channels or units come behind the batch
        return value * scale.to(value.device).view(along) + shift.to(value.device).view(along)

    with model.undisturbed():
        plain = model(pixels[None])[0].double().cpu()  # (classes,)
        with model.edit({card.name: change}):
            edited = model(pixels[None])[0].double().cpu()
    first = [*plain.topk(min(k, len(plain))).indices.tolist(), *edited.topk(min(k, len(plain))).indices.tolist()]
    classes = sorted(set(first), key=lambda index: -float(plain[index]))
    return Changed(_answers(model, plain, classes), _answers(model, edited, classes), divergence(edited, plain))


def divergence(after: Tensor, before: Tensor) -> float:
    """Kullback-Leibler divergence, in nats, of what logits (classes,) say now from what others said before."""
    now, then = after.log_softmax(-1), before.log_softmax(-1)
    return max(0.0, float((now.exp() * (now - then)).sum()))


def _lines(site: str, units: int, touches: Sequence[Touch]) -> tuple[Tensor, Tensor]:
    """Each unit's new value as a line over its old one."""
    scale, shift, told = torch.ones(units), torch.zeros(units), set[int]()
    for touch in touches:
        if not 0 <= touch.unit < units:
            raise Unsuitable(f"{site} has {units} units, numbered 0 to {units - 1}.", field="edits")
        if touch.unit in told:
            raise Unsuitable(f"Unit {touch.unit} is changed twice. Say once what becomes of it.", field="edits")
        told.add(touch.unit)
        scale[touch.unit] = touch.value if touch.action == "boost" else 0.0
        shift[touch.unit] = touch.value if touch.action == "clamp" else 0.0
    return scale, shift


def _answers(model: Model, logits: Tensor, classes: list[int]) -> list[Answer]:
    odds = logits.softmax(-1)
    return [Answer(index, model.labels[index], float(odds[index]), float(logits[index])) for index in classes]
