"""The induction lab: something is said twice, heads are switched off, and the stripe and the loss are watched.

Olsson et al., "In-context Learning and Induction Heads", 2022: what was said before is found again by an induction
head, which needs a previous-token head in an earlier layer to know what followed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from lucarne.atlas.language.attention import Attention, attention
from lucarne.atlas.language.bench import check_head, gpt
from lucarne.atlas.language.tokens import tokens
from lucarne.models.errors import TooMuch
from lucarne.models.model import Model
from lucarne.models.taps import Edit
from lucarne.models.tokenizer import Piece

Head = tuple[int, int]  # layer, head


@dataclass(frozen=True)
class Said:
    """What the network does with tokens said twice. float32."""

    loss: Tensor  # (position - 1,): nats by which each token from the second on surprises
    stripe: Tensor  # (layer, head): mean attention in the second saying to what followed in the first, 0…1
    previous: Tensor  # (layer, head): mean attention to the token just before, 0…1
    attended: Attention


def said(model: Model, numbers: Tensor, length: int, off: Sequence[Head] = ()) -> Said:
    """Watch all heads on int64 numbers of tokens (position,), the last 2 × `length` of them the same thing twice.

    Each of `off`, (layer, head), hands over nothing: its `hook_z` is zero. Raises Unsuitable for a head that is not
    there.
    """
    with model.edit(switched_off(model, off)):
        attended = attention(model, numbers)
    loss = F.cross_entropy(attended.logits[:-1], numbers[1:], reduction="none")  # (position - 1,)
    stripe, previous = [], []
    for layer in range(gpt(model).plan.layers):
        pattern = attended.pattern(layer)  # (head, query, key)
        stripe.append(pattern.diagonal(1 - length, 1, 2)[:, -length:].mean(-1))
        previous.append(pattern.diagonal(-1, 1, 2).mean(-1))
    return Said(loss, torch.stack(stripe), torch.stack(previous), attended)


def switched_off(model: Model, heads: Sequence[Head]) -> dict[str, Edit]:
    """The edits that let each of these heads hand over nothing."""
    of_layer: dict[int, list[int]] = {}
    for layer, head in heads:
        check_head(model, layer, head, field=("off", "off"))
        of_layer.setdefault(layer, []).append(head)

    def silence(numbers: list[int]) -> Edit:
        def silent(gathered: Tensor) -> Tensor:  # (batch, position, head, d_head)
            gathered = gathered.clone()
            gathered[:, :, numbers] = 0
            return gathered

        return silent

    return {f"blocks.{layer}.attn.hook_z": silence(numbers) for layer, numbers in of_layer.items()}


def said_twice(model: Model, text: str) -> tuple[list[Piece], int]:
    """The tokens of a text, said twice, behind the token the model begins with if it has one; and how many it has.

    Raises what `tokens` raises, and TooMuch where two sayings do not fit into the context.
    """
    begun, once = tokens(model, text), tokens(model, text, begin=False)
    most = (gpt(model).plan.context - (len(begun) - len(once))) // 2
    if len(once) > most:
        raise TooMuch(
            f"Said twice, {len(once)} tokens do not fit into the context: at most {most}.", most, field="text"
        )
    return [*begun, *once], len(once)


def strongest(scores: Tensor) -> Head:
    """The head of scores (layer, head) whose score is largest."""
    layer, head = divmod(int(scores.argmax()), scores.shape[1])
    return layer, head
