"""What the trainings of language models share: how a network starts, is asked, and is moved."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from lucarne.models.gpt import GPT
from lucarne.models.training.run import mixed_precision

EMBEDDING_RATE = 0.3  # the learning rate of vectors and gains, as part of that of the blocks' matrices


def waves(positions: int, width: int, size: float = 0.06) -> Tensor:
    """Position vectors to start from: sines and cosines of many lengths, (positions, width), root mean square `size`.

    The vectors are learned like any others afterwards. Started as waves, a step back is the same turn everywhere;
    started three times as large as the tokens' vectors, they are heard beside them: so "the token before" is soon
    found, at all positions at once.
    """
    rates = 1.5 * (math.pi / (2 * positions)) ** (torch.arange(0, width, 2) / width)  # radians a position
    angles = torch.arange(positions)[:, None] * rates  # (positions, width / 2)
    return torch.cat([angles.sin(), angles.cos()], dim=1) * size * math.sqrt(2)


def optimizers(network: GPT) -> tuple[torch.optim.Muon, torch.optim.AdamW]:
    """Muon for the matrices of the blocks, AdamW for token and position vectors, gains and biases.

    Jordan et al.: "Muon: An optimizer for hidden layers in neural networks", 2024. Its steps are scaled to AdamW's
    (Liu et al.: "Muon is Scalable for LLM Training", 2025, section 2.2).
    """
    matrices = [parameter for parameter in network.h.parameters() if parameter.dim() == 2]
    vectors = [network.wte.weight, network.wpe.weight]
    small = [parameter for parameter in network.parameters() if parameter.dim() == 1]
    muon = torch.optim.Muon(matrices, weight_decay=0.1, momentum=0.95, adjust_lr_fn="match_rms_adamw")
    groups = [{"params": vectors, "weight_decay": 0.1}, {"params": small, "weight_decay": 0.0}]
    return muon, torch.optim.AdamW(groups, betas=(0.9, 0.95), fused=True)


def guessed(network: GPT, stretch: Tensor, device: str) -> Tensor:
    """The loss of guessing each next token of `stretch`, int64 (rows, length + 1): nats, float32 (rows, length)."""
    with mixed_precision(device):
        logits = network(stretch[:, :-1])  # (rows, length, vocabulary)
    return F.cross_entropy(logits.float().transpose(1, 2), stretch[:, 1:], reduction="none")
