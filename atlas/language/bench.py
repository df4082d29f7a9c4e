"""What the instruments for texts ask of a model: that it is a GPT, and that it has the layer and the head."""

from torch import Tensor

from lucarne.models.errors import Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.model import Model


def gpt(model: Model) -> GPT:
    """The network, where it is a GPT; raises Unsuitable for any other."""
    if not isinstance(model.network, GPT):
        raise Unsuitable(f"{model.card.title} is no GPT: it has no blocks of heads to look into.", field="model")
    return model.network


def check_head(model: Model, layer: int, head: int = 0, *, field: tuple[str, str] = ("layer", "head")) -> None:
    """Raises Unsuitable, with the field that is wrong, for a layer or head the model does not have."""
    plan = gpt(model).plan
    if not 0 <= layer < plan.layers:
        raise Unsuitable(f"There is no layer {layer}: {model.card.name} has 0 to {plan.layers - 1}.", field=field[0])
    if not 0 <= head < plan.heads:
        raise Unsuitable(f"There is no head {head}: a layer has 0 to {plan.heads - 1}.", field=field[1])


def check_place(place: int, positions: int, field: str) -> None:
    """Raises Unsuitable for a place in a text of `positions` tokens that it does not have."""
    if not 0 <= place < positions:
        raise Unsuitable(f"There is no token {place}: the text has 0 to {positions - 1}.", field=field)


def linear(network: GPT, layer: int, part: str) -> tuple[Tensor, Tensor]:
    """Weight (out, in) and bias (out,) of `attn.c_attn`, `attn.c_proj`, `mlp.c_fc` or `mlp.c_proj` of a block."""
    module = network.get_submodule(f"h.{layer}.{part}")
    return module.get_parameter("weight"), module.get_parameter("bias")
