"""Positions of a corpus: what a site of the residual stream says at each, and how open the next token is there."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lucarne.atlas.language.corpora import Corpus
from lucarne.atlas.mapping.engine import Engine, Local
from lucarne.atlas.mapping.kept import Arrays, Keys, kept_each
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model
from lucarne.models.progress import Progress

MOST = 100_000  # positions of a map; "often sufficient" for Carter et al., too
TOGETHER = 4096  # positions that are kept at once
LOGITS = 1 << 25  # numbers that one pass may answer: 128 MiB


@dataclass(frozen=True)
class Places:
    """Stretches of a corpus, none longer than the network reads at once, and which of their tokens are samples.

    All are but the first that the network reads of a stretch, into which attention sinks: that is the token with which
    documents begin, which is no part of them, or where a model has none, the stretch's own first.
    """

    tokens: NDArray[np.int64] = field(repr=False)  # (tokens,): the stretches one after the other
    starts: NDArray[np.int64] = field(repr=False)  # (stretches + 1,)
    begin: int | None

    @property
    def first(self) -> int:
        """Of each stretch the first token that is a sample."""
        return 0 if self.begin is not None else 1

    @property
    def at(self) -> NDArray[np.int64]:
        """Which of the tokens each sample is, (samples,)."""
        numbers = np.arange(len(self.tokens))
        return numbers[numbers - self.starts[self.stretches] >= self.first]

    @property
    def stretches(self) -> NDArray[np.int64]:
        """Which stretch each token is in, (tokens,)."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def keys(self, seed: int) -> Keys:
        """For each sample a sha256 over all that was read there: tokens ahead change nothing."""
        digests = []
        for start, end in zip(self.starts[:-1], self.starts[1:], strict=True):
            read = hashlib.sha256(f"{seed}\n{self.begin}\n".encode())
            for number, token in enumerate(self.tokens[start:end].astype("<i8")):
                read.update(token.tobytes())
                if number >= self.first:
                    digests.append(read.copy().digest())
        return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 32)


@dataclass(frozen=True)
class Positions:
    """What a site says at each sample of some places."""

    places: Places
    vectors: NDArray[np.float32] = field(repr=False)  # (samples, width)
    entropies: NDArray[np.float32] = field(repr=False)  # (samples,): of the guess for the next token, in nats

    def __len__(self) -> int:
        return len(self.vectors)


def places(corpus: Corpus, context: int, seed: int = 0, most: int = MOST) -> Places:
    """At most so many samples of a corpus, and the rest of the stretch in which the last of them lies.

    Whole stretches are taken, as chance has it where there are too many, in the corpus's order. Raises Unsuitable.
    """
    spans = corpus.spans(context)
    worth = spans[:, 1] - spans[:, 0] - (corpus.begin is None)
    spans, worth = spans[worth > 0], worth[worth > 0]
    if not len(spans):
        raise Unsuitable(f"{corpus.title} has no text to sample.", field="model")
    order = np.random.default_rng(seed).permutation(len(spans)) if worth.sum() > most else np.arange(len(spans))
    spans = spans[np.sort(order[: np.searchsorted(np.cumsum(worth[order]), most) + 1])]
    tokens = np.concatenate([corpus.tokens[start:end] for start, end in spans])
    return Places(tokens, np.concatenate([[0], np.cumsum(spans[:, 1] - spans[:, 0])]), corpus.begin)


def look(
    model: Model,
    site: str,
    sampled: Places,
    folder: Path,
    seed: int = 0,
    progress: Progress = iter,
    engine: Engine | None = None,
) -> Positions:
    """Let the network read the places; what `folder` holds of them already is not read again."""
    there, work = engine or Local(model.device), partial(reading, model, site, sampled)
    made = kept_each(folder, sampled.keys(seed), lambda blocks: there.map(work, blocks), TOGETHER, progress)
    return Positions(sampled, **made)


def reading(model: Model, site: str, sampled: Places, device: str) -> Callable[[NDArray[np.int64]], Arrays]:
    """On a device: what a site says at samples of those numbers."""
    there, at, stretches = model.on(device), sampled.at, sampled.stretches

    def seen(numbers: NDArray[np.int64]) -> Arrays:
        wanted = at[numbers]
        vectors, entropies = _read(there, site, sampled, np.unique(stretches[wanted]))
        rows = np.searchsorted(_tokens_of(sampled, np.unique(stretches[wanted])), wanted)
        return {"vectors": vectors[rows], "entropies": entropies[rows]}

    return seen


def _tokens_of(sampled: Places, stretches: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers of all tokens of some stretches."""
    return np.concatenate([np.arange(*sampled.starts[each : each + 2].tolist()) for each in stretches.tolist()])


def _read(
    model: Model, site: str, sampled: Places, stretches: NDArray[np.int64]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Vectors (tokens, width) and entropies (tokens,) of all tokens of some stretches.

    Short ones are filled up at their end, which a network that only looks back does not see.
    """
    name, head = model.site(site).name, [] if sampled.begin is None else [sampled.begin]
    rows = [np.concatenate([head, sampled.tokens[sampled.starts[i] : sampled.starts[i + 1]]]) for i in stretches]
    longest = max(map(len, rows))
    abreast = max(1, LOGITS // (longest * int(model.card.plan["vocabulary"])))
    vectors, entropies = [], []
    for first in range(0, len(rows), abreast):
        some = rows[first : first + abreast]
        filled = np.zeros((len(some), longest), np.int64)  # (batch, position)
        for row, each in zip(filled, some, strict=True):
            row[: len(each)] = each
        with model.watch(name) as watched:
            guess = model(filled).float().log_softmax(-1)  # (batch, position, vocabulary)
        unsure = -(guess.exp() * guess).sum(-1)  # (batch, position)
        for i, each in enumerate(some):
            read = slice(len(head), len(each))
            vectors.append(watched[name][i, read].float().cpu().numpy())
            entropies.append(unsure[i, read].cpu().numpy())
    return np.concatenate(vectors), np.concatenate(entropies).astype(np.float32)
