"""A corpus: documents as one model reads them. The bundled one was written by the bundled network itself, from a seed.

    texts/gpt.safetensors    `tokens`, uint16 or uint8 (tokens,), and `starts`, int32 (documents + 1,)
    texts/gpt.json           by which weights, in which vocabulary, from which seed it was written

It is made by `lucarne.atlas.language.write`. A model with a vocabulary of its own reads the same stories as text.
"""

import functools
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load_file

from lucarne.models.errors import Unsuitable, WeightsDamaged, WeightsMissing
from lucarne.models.tokenizer import BPE

if TYPE_CHECKING:
    from lucarne.models.model import Model

BUNDLED = Path(__file__).parents[1] / "bundled/texts"
NETWORKS = Path(__file__).parents[2] / "models/bundled"
SEPARATOR = "<|endoftext|>"  # alone on a line between two documents of a file
TOLD_BY = "gpt"  # whose stories a model without any of its own reads
TOGETHER = 256  # documents that are cut into tokens at once


@dataclass(frozen=True, eq=False)
class Corpus:
    """Documents as one model reads them, without the token that each of them begins with."""

    name: str
    title: str
    about: str
    tokens: NDArray[np.int64] = field(repr=False)  # (tokens,): all documents, one after another
    starts: NDArray[np.int64] = field(repr=False)  # (documents + 1,): where each begins, and the end of the last
    begin: int | None = None  # what the model was trained to begin with

    def __len__(self) -> int:
        """How many tokens."""
        return len(self.tokens)

    @property
    def documents(self) -> int:
        return len(self.starts) - 1

    def windows(self, context: int) -> Iterator[NDArray[np.int64]]:
        """Stretches of at most `context` tokens that cross no document, the begin token first where there is one."""
        for start, end in self.spans(context):
            yield self.window(start, end)

    def window(self, start: int, end: int) -> NDArray[np.int64]:
        """The tokens `start` to `end` (exclusive) behind the begin token, if there is one."""
        stretch = self.tokens[start:end]
        return stretch if self.begin is None else np.concatenate([[self.begin], stretch])

    def spans(self, context: int) -> NDArray[np.int64]:
        """From where to where (exclusive) each of the windows goes, in order: (windows, 2)."""
        room = context - (self.begin is not None)
        if room < 1:
            raise Unsuitable(f"A context of {context} tokens has no room for a text.", field="context")
        spans = [
            (start, min(start + room, end))
            for first, end in zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True)
            for start in range(first, end, room)
        ]
        return np.array(spans, np.int64).reshape(-1, 2)

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over all that a model reads here, 64 hexadecimal digits."""
        said = hashlib.sha256(f"{self.begin}\n".encode())
        said.update(self.tokens.astype("<i8").tobytes())
        said.update(self.starts.astype("<i8").tobytes())
        return said.hexdigest()


def bundled(model: "Model") -> Corpus:
    """The stories that ship, as this model reads them: its own where it has written some, else the bundled GPT's.

    Raises Unsuitable for a model that reads no text, WeightsMissing where the stories or the model's tokenizer are not
    here, WeightsDamaged where they are in another vocabulary than the network that wrote them has.
    """
    if model.kind != "language":
        raise Unsuitable(f"{model.card.title} reads pictures: a corpus is for models that read text.", field="model")
    return _bundled(model.card.name, model.weights, model)


_kept: dict[tuple[str, str], Corpus] = {}  # by model and weights; a worker holds few


def _bundled(name: str, weights: str, model: "Model") -> Corpus:
    if (name, weights) not in _kept:
        if len(_kept) >= 4:
            _kept.clear()
        _kept[name, weights] = _read(name, model)
    return _kept[name, weights]


def _read(name: str, model: "Model") -> Corpus:
    if (BUNDLED / f"{name}.safetensors").exists():
        told = record(name)
        tokens, starts = _stored(name)
        if told.get("vocabulary") != vocabulary_of(model.tokenizer):
            raise _foreign(name)
        return Corpus("bundled", told["title"], told["about"], tokens, starts, model.tokenizer.end)
    told = record(TOLD_BY)
    corpus = of_texts(model, "bundled", told["title"], told["about"], texts(TOLD_BY))
    if not len(corpus):
        raise Unsuitable(f"The tokenizer of {name} reads none of the letters of the stories that ship.", field="model")
    return corpus


def of_texts(model: "Model", name: str, title: str, about: str, documents: Iterable[str]) -> Corpus:
    """A corpus of texts, cut into this model's tokens. What its tokenizer has no token for is left out.

    Raises Unsuitable where the tokenizer knows tokens that the network does not.
    """
    pieces: list[NDArray[np.int64]] = []
    block: list[str] = []

    def cut() -> None:
        for each in model.tokenizer.tokenizer.encode_batch_fast(block, add_special_tokens=False):
            pieces.append(np.array(each.ids, np.int64))
        block.clear()

    for document in documents:
        block.append(document)
        if len(block) == TOGETHER:
            cut()
    cut()
    pieces = [each for each in pieces if len(each)]
    tokens = np.concatenate(pieces) if pieces else np.zeros(0, np.int64)
    vocabulary = model.card.plan.get("vocabulary", 0)
    if len(tokens) and tokens.max() >= vocabulary:
        raise Unsuitable(f"The tokenizer of {model.card.name} has tokens that the network does not know.")
    starts = np.cumsum([0, *(len(each) for each in pieces)], dtype=np.int64)
    return Corpus(name, title, about, tokens, starts, model.tokenizer.end)


def texts(name: str) -> list[str]:
    """The documents that a bundled network wrote, as text."""
    tokens, starts = _stored(name)
    tokenizer = _tokenizer(name)
    if record(name).get("vocabulary") != vocabulary_of(tokenizer):
        raise _foreign(name)
    written = [tokenizer.bytes_of(token) for token in range(int(tokens.max(initial=0)) + 1)]
    pairs = zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    return [
        b"".join(written[token] for token in tokens[start:end].tolist()).decode("utf-8", errors="replace")
        for start, end in pairs
    ]


def record(name: str) -> dict[str, Any]:
    """How the texts of a bundled network came to be: title, about, weights, vocabulary, seed, temperature, rule."""
    try:
        return json.loads((BUNDLED / f"{name}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise _missing(name) from None
    except ValueError as error:
        raise WeightsDamaged(f"The record of the texts of {name} cannot be read.") from error


def vocabulary_of(tokenizer: BPE) -> str:
    """sha256 of a vocabulary: texts in numbers are of use only to who counts alike."""
    tokens = sorted(tokenizer.tokenizer.get_vocab().items(), key=lambda each: each[1])
    return hashlib.sha256(json.dumps(tokens).encode()).hexdigest()


def _stored(name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    try:
        arrays = load_file(BUNDLED / f"{name}.safetensors")
    except (FileNotFoundError, SafetensorError) as error:
        raise _missing(name) from error
    return arrays["tokens"].astype(np.int64), arrays["starts"].astype(np.int64)


def _missing(name: str) -> WeightsMissing:
    return WeightsMissing(
        f"The texts of {name} are not here. Write them: python -m lucarne.atlas.language.write {name}"
    )


def _foreign(name: str) -> WeightsDamaged:
    return WeightsDamaged(
        f"The texts of {name} are in the vocabulary of another version of it. "
        f"Write them anew: python -m lucarne.atlas.language.write {name}"
    )


@functools.lru_cache(maxsize=2)
def _tokenizer(name: str) -> BPE:
    """Of a bundled network, without its weights."""
    return BPE.read(NETWORKS / name / "tokenizer.json")


def documents_in(path: Path) -> Iterator[str]:
    """The documents of a .txt file, cut at lines that say `<|endoftext|>`, or of every .txt file of a folder.

    Raises Unsuitable for what is neither, or is no UTF-8.
    """
    files = sorted(path.rglob("*.txt")) if path.is_dir() else [path]
    if not path.exists() or not files or (path.is_file() and path.suffix.lower() != ".txt"):
        raise Unsuitable("Give a .txt file, or a folder with .txt files in it.", field="path")
    for file in files:
        yield from documents_of(file.read_bytes(), file.name)


def documents_of(content: bytes, name: str = "The file") -> Iterator[str]:
    """The documents in the bytes of a text file. Raises Unsuitable for what is no UTF-8, or holds a NUL."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unsuitable(f"{name} is no text in UTF-8: save it as UTF-8 and try again.", field="file") from None
    if "\0" in text:
        raise Unsuitable(f"{name} holds a NUL, which is no character people write.", field="file")
    lines: list[str] = []
    for line in [*text.splitlines(), SEPARATOR]:
        if line.strip() != SEPARATOR:
            lines.append(line)
            continue
        if document := "\n".join(lines).strip():
            yield document
        lines = []
