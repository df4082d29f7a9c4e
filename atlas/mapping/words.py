"""What a cell of a map of texts is drawn as: the tokens its mean would have the network say, and where that was so."""

from dataclasses import dataclass, field

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from lucarne.atlas.mapping.grid import Grid
from lucarne.models.gpt import GPT
from lucarne.models.model import Model

WORDS = 10  # of a cell
SHOWN = 6  # contexts of a cell
ROWS = 1024  # means read off at once
ALIKE = 5  # tokens at the end of two contexts that make them one


@dataclass(frozen=True)
class Words:
    """The tokens that say most of each cell, most telling first.

    A token's weight is `p · log(p / q)` in nats: p its probability at the cell's mean, q at the mean of all. So what
    all cells have in common is left out, and so is what is a little less unlikely here than elsewhere: the weights of
    all tokens add up to the divergence of the cell from the whole. Ranked by `log(p / q)` alone, cells are drawn as
    rare fragments that are never said; by p alone, most are drawn as the same few commonest tokens.
    """

    tokens: NDArray[np.int64] = field(repr=False)  # (cells, WORDS)
    odds: NDArray[np.float32] = field(repr=False)  # (cells, WORDS): p
    lifts: NDArray[np.float32] = field(repr=False)  # (cells, WORDS): log(p / q)


def lens(model: Model, vectors: NDArray[np.float32]) -> Tensor:
    """What the network would say next if vectors (n, width) of its residual stream were the end of it.

    Log-probabilities (n, vocabulary). nostalgebraist: "interpreting GPT: the logit lens", 2020.
    """
    network = model.network
    assert isinstance(network, GPT)
    stream = torch.from_numpy(np.ascontiguousarray(vectors, np.float32)).to(model.device)
    with torch.inference_mode(), model.undisturbed():
        logits = F.linear(network.ln_f(stream), network.wte.weight)  # (n, vocabulary)
    return logits.float().log_softmax(-1).cpu()


def words(model: Model, means: NDArray[np.float32], whole: NDArray[np.float32], count: int = WORDS) -> Words:
    """The most telling tokens of cells with these means (cells, width), where `whole` (width,) is the mean of all."""
    usual = lens(model, whole[None])  # (1, vocabulary)
    count = min(count, usual.shape[-1])
    odds, lifts = np.empty((2, len(means), count), np.float32)
    tokens = np.empty((len(means), count), np.int64)
    for first in range(0, len(means), ROWS):
        some = slice(first, first + ROWS)
        said = lens(model, means[some])  # (rows, vocabulary)
        lift = said - usual  # (rows, vocabulary)
        best = (said.exp() * lift).topk(count).indices  # (rows, count)
        tokens[some], odds[some], lifts[some] = best, said.gather(1, best).exp(), lift.gather(1, best)
    return Words(tokens, odds, lifts)


def typical(
    centred: NDArray[np.float32],
    grid: Grid,
    tokens: NDArray[np.int64],
    at: NDArray[np.int64],
    count: int = SHOWN,
) -> NDArray[np.int32]:
    """Of each cell the samples most like its mean, (cells, count), filled up with -1.

    `centred` (samples, width) is what is said at each sample, less the mean of all; sample i is token `at[i]` of
    `tokens`. Of contexts that end in the same few tokens one is enough.
    """
    found = np.full((len(grid), count), -1, np.int32)
    for cell in range(len(grid)):
        members = grid.of(cell)
        inside = centred[members]
        mean = inside.mean(0)
        lengths = np.linalg.norm(inside, axis=1) * np.linalg.norm(mean)
        near = members[np.argsort(-(inside @ mean) / np.maximum(lengths, 1e-9), kind="stable")]
        ends: set[bytes] = set()
        for sample in near:
            end = tokens[max(0, at[sample] + 1 - ALIKE) : at[sample] + 1].tobytes()
            if end not in ends:
                found[cell, len(ends)] = sample
                ends.add(end)
            if len(ends) == count:
                break
    return found
