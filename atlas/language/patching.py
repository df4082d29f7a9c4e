"""Where two texts differ for a GPT: one value of the one put into the run on the other at a time.

Activation patching (Meng et al.: "Locating and Editing Factual Associations in GPT", NeurIPS 2022, section 2; Wang et
al.: "Interpretability in the Wild", 2022, of whom the measure: the part of the logit difference that comes back).
"""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from lucarne.atlas.language.direct_logits import in_vocabulary
from lucarne.models.errors import Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.model import Model
from lucarne.models.progress import Progress
from lucarne.models.taps import Edit

What = Literal["resid_pre", "attn_out", "mlp_out", "heads"]

BATCH = 4096  # positions that go through the rest of the network together
LEAST = 1e-3  # of a difference between logits of which parts can be told


@dataclass(frozen=True)
class Patched:
    """Which part of the logit difference each patch brings back: 0 as after the corrupt text, 1 as after the clean."""

    parts: Tensor  # float32 (layer, block of positions) or (layer, head)
    blocks: list[range]  # the positions of each column; one a head: all of them
    answer: int
    against: int
    clean: float  # logit of the answer less that of its rival, after the clean text
    corrupt: float


@torch.inference_mode()
def patching(
    model: Model,
    clean: Tensor,
    corrupt: Tensor,
    what: What,
    answer: int | None = None,
    against: int | None = None,
    *,
    most: int = 64,
    progress: Progress = iter,
) -> Patched:
    """Patch int64 tokens (position,) each, read at the last position.

    Without an answer it is the likeliest token after `clean`, without a rival the likeliest after `corrupt`. A text of
    more than `most` tokens is patched in blocks of neighbours. Raises Unsuitable where the lengths differ, a token is
    not there, or nothing sets the two runs apart.
    """
    network = model.network
    assert isinstance(network, GPT)
    if len(clean) != len(corrupt):
        detail = f"The texts must have as many tokens: the clean one has {len(clean)}, the corrupt one {len(corrupt)}."
        raise Unsuitable(detail, field="corrupt")
    layers, heads = range(network.plan.layers), network.plan.heads
    names = [f"blocks.{layer}.{'attn.hook_z' if what == 'heads' else f'hook_{what}'}" for layer in layers]
    starts = [f"blocks.{layer}.hook_resid_pre" for layer in layers]
    with model.watch(*names, *starts) as seen:
        said = network.hidden(torch.stack([clean, corrupt]).to(model.device))[:, -1]  # (2, width)
    logits = said @ network.wte.weight.T  # (2, vocabulary)
    answer = int(logits[0].argmax()) if answer is None else in_vocabulary(answer, network, "answer")
    against = int(logits[1].argmax()) if against is None else in_vocabulary(against, network, "against")
    if answer == against:
        detail = f"Both texts are answered by token {answer}: give texts that end otherwise, or two tokens to compare."
        raise Unsuitable(detail, field="corrupt")
    wanted = network.wte.weight[answer] - network.wte.weight[against]  # (width,)
    difference = (said @ wanted).tolist()
    if abs(difference[0] - difference[1]) < LEAST:
        raise Unsuitable("Both texts give the tokens the same logits: there is nothing to bring back.", field="corrupt")

    blocks = [range(len(clean))] * heads if what == "heads" else blocks_of(len(clean), most)
    parts = torch.zeros(len(layers), len(blocks))
    rows = max(1, BATCH // len(clean))
    # What is the same in both runs brings nothing back: positions before the first difference are not patched.
    schedule = [(layer, some) for layer in layers for some in _differing(seen[names[layer]], blocks, what).split(rows)]
    for layer, some in progress(schedule):
        swap = _swap(seen[names[layer]], [(column, blocks[column]) for column in some.tolist()], what)
        stream = seen[starts[layer]][1:].expand(len(some), -1, -1)  # (patch, position, width)
        with model.edit({names[layer]: swap}):
            for block in network.blocks[layer:]:  # what lies below knows nothing of the patch
                stream = block(stream)
        back = network.ln_f(stream[:, -1]) @ wanted  # (patch,)
        parts[layer, some] = ((back - difference[1]) / (difference[0] - difference[1])).float().cpu()
    return Patched(parts, blocks, answer, against, *difference)


def blocks_of(positions: int, most: int) -> list[range]:
    """At most `most` blocks of neighbouring positions, all of one size but for the last."""
    side = -(-positions // most)
    return [range(start, min(start + side, positions)) for start in range(0, positions, side)]


def _differing(value: Tensor, blocks: list[range], what: What) -> Tensor:
    """The columns at which clean and corrupt, (2, position, …), are not the same: int64 (column,)."""
    differs = (value[0] != value[1]).any(-1)  # (position,) or (position, head)
    if what == "heads":
        return differs.any(0).nonzero()[:, 0].cpu()
    return torch.tensor([at for at, block in enumerate(blocks) if differs[block.start : block.stop].any()]).long()


def _swap(value: Tensor, columns: list[tuple[int, range]], what: What) -> Edit:
    """Puts the clean value into row after row of a batch of corrupt ones, each at its own block or head."""

    def swap(corrupt: Tensor) -> Tensor:
        patched = corrupt.clone()
        for row, (column, block) in enumerate(columns):
            if what == "heads":
                patched[row, :, column] = value[0, :, column]
            else:
                patched[row, block.start : block.stop] = value[0, block.start : block.stop]
        return patched

    return swap
