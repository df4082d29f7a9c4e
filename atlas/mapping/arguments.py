"""Which classes a cell of a picture argues for: activation times gradient, all classes in one pass.

Carter et al.: "Activation Atlas", Distill 2019, "attribution": h · ∇logit. The sum over channels of h times a logit's
gradient is the derivative of that logit along h, so one forward pass with tangents does what one backward pass a class
would.
"""

import importlib
import warnings
from typing import Any

import numpy as np
import torch
import torch.autograd.forward_ad as forward
from torch import Tensor

from lucarne.models.model import Model


def argued(model: Model, site: str, pixels: np.ndarray, cells: np.ndarray) -> tuple[Tensor, Tensor]:
    """Activations (pictures, channels) at `cells` (pictures, 2), row and column, and what each argues for.

    `pixels` are uint8 (pictures, size, size, 3). The second is float32 (pictures, classes): h · ∇logit. A unit without
    a map has the cell (0, 0).
    """
    name = model.site(site).name
    found: list[Tensor] = []

    def tangent(value: Tensor) -> Tensor:
        along = torch.zeros_like(value)
        each = torch.arange(len(value), device=value.device)
        if value.dim() == 4:
            rows, columns = torch.from_numpy(cells).to(value.device).unbind(1)
            found.append(value[each, :, rows, columns])
            along[each, :, rows, columns] = found[0]
        else:
            found.append(value)
            along = value
        return forward.make_dual(value, along)

    _prepare()
    network: Any = model.network
    given = network.read(torch.from_numpy(np.ascontiguousarray(pixels)).to(model.device))
    with torch.no_grad(), forward.dual_level(), model.edit({name: tangent}):
        logits = forward.unpack_dual(network(given))
    assert logits.tangent is not None
    return found[0].float(), logits.tangent.float()


def _prepare() -> None:
    """What torch loads at the first tangent it loads by a way that it warns of itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        importlib.import_module("torch._decomp.decompositions_for_jvp")
