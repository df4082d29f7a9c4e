"""Text to train on: packs of documents, a BPE vocabulary of our own, the token stream as one memory-mapped array."""

import lzma
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

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
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
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
