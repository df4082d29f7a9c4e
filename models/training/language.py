"""What the trainings of language models share: how a network starts, is asked, and is moved."""

import math
from typing import Any

import torch
from torch import Tensor

from lucarne.models.gpt import GPT
from lucarne.models.training.run import mixed_precision

AT_ONCE = 256  # guesses whose logits are held together: 4 MB for a vocabulary of 4096
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


def guessed(network: GPT, stretch: Tensor, counts: Tensor, device: str) -> tuple[Tensor, Tensor]:
    """The loss of guessing each next token of `stretch`, int64 (rows, length + 1), in nats.

    `counts`, bool (rows, length), says which guesses are judged. Answers with their mean, to be moved against, and with
    the loss of every guess, float32 (rows, length), which carries no gradient.
    """
    with mixed_precision(device):
        hidden = network.hidden(stretch[:, :-1])  # (rows, length, width)
    share = (counts / counts.sum()).flatten()  # (rows · length,)
    mean, each = _Guess.apply(hidden.flatten(0, 1), network.wte.weight, stretch[:, 1:].flatten(), share)  # pyright: ignore[reportGeneralTypeIssues]
    return mean, each.view(counts.shape)


class _Guess(torch.autograd.Function):
    """Logits, softmax and cross-entropy of a few hundred guesses at a time, and their gradient in the same breath.

    A batch's logits together would be hundreds of megabytes that are written and read six times: on one core five times
    as slow as the products themselves. As in Liger's fused linear cross-entropy (Hsu et al., 2024, section 3.2).
    """

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, tokens: Tensor, target: Tensor, share: Tensor) -> tuple[Tensor, Tensor]:
        hidden, vectors = hidden.bfloat16(), tokens.bfloat16()  # (guess, width), (vocabulary, width)
        each = torch.empty(len(hidden), device=hidden.device)
        to_hidden, to_vectors = torch.empty_like(hidden, dtype=torch.float32), torch.zeros_like(tokens)
        for start in range(0, len(hidden), AT_ONCE):
            some = slice(start, start + AT_ONCE)
            read, right = hidden[some], target[some, None]  # (some, width), (some, 1)
            logits = (read @ vectors.t()).float()  # (some, vocabulary)
            logits -= logits.amax(1, keepdim=True)
            said = logits.gather(1, right)  # (some, 1)
            odds = logits.exp_()
            total = odds.sum(1, keepdim=True)  # (some, 1)
            each[some] = (total.log() - said)[:, 0]
            wrong = (odds / total).scatter_add_(1, right, -torch.ones_like(said))  # (some, vocabulary)
            wrong = (wrong * share[some, None]).bfloat16()
            to_hidden[some] = (wrong @ vectors).float()
            to_vectors += wrong.t() @ read
        ctx.save_for_backward(to_hidden, to_vectors)
        ctx.mark_non_differentiable(each)
        return each @ share, each

    @staticmethod
    def backward(ctx: Any, mean: Tensor, _: Tensor) -> tuple[Tensor, Tensor, None, None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        to_hidden, to_vectors = ctx.saved_tensors
        return to_hidden * mean, to_vectors * mean, None, None
