"""Text to train on: packs of documents, a BPE vocabulary of our own, the token stream as one memory-mapped array."""

import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor

END = "<|endoftext|>"


def documents(file: Path) -> Iterator[str]:
    """The documents of a text, plain or .xz, that are separated by a line `<|endoftext|>`."""
    lines: list[str] = []
    with lzma.open(file, "rt", encoding="utf-8") if file.suffix == ".xz" else file.open(encoding="utf-8") as text:
        for line in text:
            if line.strip() == END:
                yield "".join(lines).strip()
                lines = []
            else:
                lines.append(line)
    if "".join(lines).strip():
        yield "".join(lines).strip()


def trained_tokenizer(texts: Iterator[str], vocabulary: int) -> Tokenizer:
    """A byte-level BPE with GPT-2's way of cutting words, and the end-of-text token as number 0."""
    tokenizer = _byte_level(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def letters(text: str) -> Tokenizer:
    """A tokenizer whose tokens are the characters of `text`, in their order; raises ValueError beyond ASCII."""
    if not text.isascii():
        raise ValueError("Only a text in ASCII has one byte a character.")
    printable = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    own = [printable.pre_tokenize_str(letter)[0][0] for letter in sorted(set(text))]
    return _byte_level(models.BPE({token: number for number, token in enumerate(own)}, []))


def _byte_level(model: models.BPE) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def token_stream(file: Path, tokenizer: Tokenizer, cache: Path) -> np.ndarray:
    """Every document of a text, each behind an end-of-text token, as uint16 (tokens,), encoded once a vocabulary."""
    kept = cache / f"{file.name}.{tokenizer.get_vocab_size()}.tokens.npy"
    if not kept.exists():
        cache.mkdir(parents=True, exist_ok=True)
        end, pieces, some = tokenizer.token_to_id(END), [], []

        def encode() -> None:
            for encoding in tokenizer.encode_batch_fast(some, add_special_tokens=False):
                pieces.append(np.array([end, *encoding.ids], dtype=np.uint16))
            some.clear()

        for document in documents(file):
            some.append(document)
            if len(some) == 1000:
                encode()
        encode()
        part = kept.with_suffix(".part")
        with part.open("wb") as opened:
            np.save(opened, np.concatenate(pieces))
        part.replace(kept)
    return np.load(kept, mmap_mode="r")


@dataclass(frozen=True)
class Corpus:
    """Token streams with the frequency at which each is drawn from."""

    streams: list[np.ndarray]
    weights: list[float]

    def batch(self, count: int, length: int, random: np.random.Generator) -> Tensor:
        """`count` random stretches of `length` + 1 tokens, int64 (count, length + 1)."""
        rows = []
        for stream in random.choice(len(self.streams), size=count, p=self.weights):
            start = random.integers(len(self.streams[stream]) - length)
            rows.append(self.streams[stream][start : start + length + 1].astype(np.int64))
        return torch.from_numpy(np.stack(rows))


def echoes(count: int, length: int, vocabulary: int, random: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Stretches of random tokens behind an end-of-text token, each said twice, and where guessing is judged.

    int64 (count, length + 1) and bool (count, length): True where the next token belongs to a second saying, but for
    its first, which nothing foretells; and where a second saying has ended, that none learns to say a thing for ever.
    Every stretch has a length of its own, from four tokens to half the row; within it no token comes twice.
    """
    rows = np.zeros((count, length + 1), np.int64)
    judged = np.zeros((count, length), bool)
    for row, counts in zip(rows, judged, strict=True):
        at = 1
        while at <= length:
            period = int(random.integers(4, max(5, length // 2)))
            twice = np.tile(1 + random.permutation(vocabulary - 1)[:period], 2)[: length + 1 - at]
            row[at : at + len(twice)] = twice
            counts[at + period : at + 2 * period] = True  # at place i the token i + 1 is guessed
            at += 2 * period
    return torch.from_numpy(rows), torch.from_numpy(judged)
