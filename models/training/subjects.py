"""What dictionaries are trained on: finished networks, the inputs they are shown, and the site that is looked at."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from lucarne.models.alexnet import AlexNet
from lucarne.models.gpt import GPT
from lucarne.models.taps import Edit
from lucarne.models.training import gpt as train_gpt
from lucarne.models.training.alexnet import resized
from lucarne.models.training.corpus import Corpus, token_stream
from lucarne.models.training.data import augmented, decoded


class Subject(Protocol):
    """A network with a site at which every position of an example has a vector of channels."""

    @property
    def network(self) -> GPT | AlexNet: ...

    @property
    def site(self) -> str: ...

    def shown(self, count: int, random: np.random.Generator) -> Tensor:
        """`count` examples to learn from, as the network takes them."""
        ...

    def trial(self, count: int) -> Iterator[tuple[Tensor, Tensor]]:
        """`count` held-out examples in small batches, each with what the network should answer."""
        ...

    def rows(self, value: Tensor) -> Tensor:
        """The vectors (positions, width) of a value of the site."""
        ...

    def with_rows(self, value: Tensor, rows: Tensor) -> Tensor:
        """The value with other vectors in the same places."""
        ...

    def loss(self, inputs: Tensor, wanted: Tensor) -> float:
        """Summed cross-entropy, nats."""
        ...


@dataclass
class Stories:
    """The GPT's residual stream, without the first position: the beginning of every text, unlike all others."""

    network: GPT
    corpus: Corpus
    held_out: np.ndarray
    site: str = "blocks.3.hook_resid_pre"

    @classmethod
    def of(cls, network: GPT, data: Path, cache: Path) -> "Stories":
        tokenizer = train_gpt.tokenizer_for(data, cache, network.plan.vocabulary)
        streams = [token_stream(data / name, tokenizer, cache) for name in train_gpt.MIXTURE]
        corpus = Corpus(streams, list(train_gpt.MIXTURE.values()))
        return cls(network, corpus, token_stream(data / train_gpt.TRIAL, tokenizer, cache))

    def shown(self, count: int, random: np.random.Generator) -> Tensor:
        stretch = self.corpus.batch(count, self.network.plan.context - 1, random)  # (count, context)
        stretch[:, 0] = 0  # as a text begins
        return stretch

    def trial(self, count: int) -> Iterator[tuple[Tensor, Tensor]]:
        length = self.network.plan.context - 1
        starts = np.linspace(0, len(self.held_out) - length - 1, count).astype(int)
        for some in np.array_split(starts, -(-count // 16)):
            wanted = torch.tensor(np.stack([self.held_out[start : start + length] for start in some]).astype(np.int64))
            begun = torch.cat([torch.zeros(len(some), 1, dtype=torch.int64), wanted[:, :-1]], dim=1)
            yield begun, wanted  # (≤ 16, length) each

    def rows(self, value: Tensor) -> Tensor:
        return value[:, 1:].flatten(0, 1)

    def with_rows(self, value: Tensor, rows: Tensor) -> Tensor:
        return torch.cat([value[:, :1], rows.view_as(value[:, 1:])], dim=1)

    def loss(self, inputs: Tensor, wanted: Tensor) -> float:
        return F.cross_entropy(
            self.network(inputs)[:, 1:].flatten(0, 1), wanted[:, 1:].flatten(), reduction="sum"
        ).item()


@dataclass
class Pictures:
    """AlexNet's last convolution after its ReLU, every position of the map a sample."""

    network: AlexNet
    pictures: np.ndarray
    held_out: np.ndarray
    labels: np.ndarray
    site: str = "relu5"

    @classmethod
    def of(cls, network: AlexNet, data: Path, cache: Path) -> "Pictures":
        pictures, _ = decoded(data, "tiny-imagenet-train", 64, cache)
        held_out, labels = decoded(data, "tiny-imagenet-val", 64, cache)
        return cls(network, pictures, held_out, labels)

    def shown(self, count: int, random: np.random.Generator) -> Tensor:
        chosen = torch.from_numpy(self.pictures[random.integers(len(self.pictures), size=count)])
        generator = torch.Generator().manual_seed(int(random.integers(2**31)))
        picture = augmented(chosen, self.network.plan.input_size, 0.35, generator)
        return (picture - self.network.mean) / self.network.std  # (count, 3, size, size)

    def trial(self, count: int) -> Iterator[tuple[Tensor, Tensor]]:
        chosen = np.linspace(0, len(self.labels) - 1, count).astype(int)
        for some in np.array_split(chosen, -(-count // 100)):
            pixels = resized(torch.from_numpy(self.held_out[some]), self.network.plan.input_size)
            yield self.network.read(pixels), torch.from_numpy(self.labels[some])

    def rows(self, value: Tensor) -> Tensor:
        return value.permute(0, 2, 3, 1).flatten(0, 2)

    def with_rows(self, value: Tensor, rows: Tensor) -> Tensor:
        count, width, height, across = value.shape
        return rows.view(count, height, across, width).permute(0, 3, 1, 2)

    def loss(self, inputs: Tensor, wanted: Tensor) -> float:
        return F.cross_entropy(self.network(inputs), wanted, reduction="sum").item()


@torch.inference_mode()
def gathered(subject: Subject, positions: int, random: np.random.Generator) -> Tensor:
    """At least so many vectors of the site on examples to learn from, float16 (positions, width)."""
    pieces: list[Tensor] = []
    while sum(map(len, pieces)) < positions:
        with subject.network.tap.watch(subject.site, stop=True) as seen:
            subject.network(subject.shown(64, random))
        pieces.append(subject.rows(seen[subject.site]).half())
    return torch.cat(pieces)


@torch.inference_mode()
def loss_with(subject: Subject, count: int, edit: Edit) -> float:
    """Summed loss over `count` held-out examples while the vectors of the site are what `edit` makes of them."""

    def spliced(value: Tensor) -> Tensor:
        return subject.with_rows(value, edit(subject.rows(value)))

    with subject.network.tap.edit({subject.site: spliced}):
        return sum(subject.loss(inputs, wanted) for inputs, wanted in subject.trial(count))
