"""Where corpora live, and what there is.

    <root>/<stem>-<12 digits>/corpus.json    title, how many documents and bytes
    <root>/<stem>-<12 digits>/text.txt       the documents, lines that say `<|endoftext|>` between them
    <root>/<name>/index/                     an index for each network that has read it; of the bundled one, too

The digits are of the text: another text is another corpus, and artifacts made of the old one stay true.
"""

import hashlib
import json
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lucarne.atlas.language.corpora import NETWORKS, SEPARATOR, TOLD_BY, Corpus, documents_of, of_texts, record
from lucarne.folder import fsync_folder
from lucarne.models.errors import Mistake, TooMuch, Unknown, Unsuitable
from lucarne.pictures import Pictures

if TYPE_CHECKING:
    from lucarne.atlas.language.indexing import Index
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress

BUNDLED = "bundled"
MOST = 8 << 20  # bytes of a corpus: about two million tokens, which our GPT reads in some hours on one core
ABOUT, TEXT = "corpus.json", "text.txt"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}-[0-9a-f]{12}")

_read: dict[tuple[str, str], Corpus] = {}  # as a network of these weights reads it; a worker holds few


@dataclass(frozen=True)
class Known:
    """A corpus by what is said of it."""

    name: str
    title: str
    about: str
    documents: int
    bytes: int | None  # None for one that is kept as tokens


class Corpora:
    """All methods may be called from any thread and by several processes. OSError means the disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def beside(cls, pictures: Pictures) -> "Corpora":
        """Those of the data folder that these pictures lie in."""
        return cls(pictures.root.parent / "corpora")

    def all(self) -> list[Known]:
        """The bundled one first, if it is installed, then those that were added, by name."""
        found: list[Known] = []
        try:
            told = record(TOLD_BY)
            found.append(Known(BUNDLED, told["title"], told["about"], int(told["documents"]), None))
        except Mistake:
            pass
        for file in sorted(self.root.glob(f"*/{ABOUT}")):
            if _NAME.fullmatch(file.parent.name):
                found.append(Known(file.parent.name, **json.loads(file.read_text(encoding="utf-8"))))
        return found

    def known(self, name: str) -> Known:
        """Raises Unknown."""
        for each in self.all():
            if each.name == name:
                return each
        raise Unknown("corpus", name, [each.name for each in self.all()], field="corpus")

    def get(self, name: str, model: "Model") -> Corpus:
        """A corpus as a model reads it. Raises Unknown, and what `bundled` and `of_texts` raise."""
        if name == BUNDLED:
            from lucarne.atlas.language.corpora import bundled

            return bundled(model)
        known = self.known(name)
        if (name, model.weights) not in _read:
            documents = documents_of((self.root / name / TEXT).read_bytes())
            corpus = of_texts(model, name, known.title, known.about, documents)
            if not len(corpus):
                raise Unsuitable(f"The tokenizer of {model.card.name} reads none of this corpus.", field="corpus")
            if len(_read) >= 4:
                _read.clear()
            _read[name, model.weights] = corpus
        return _read[name, model.weights]

    def index(self, name: str, model: "Model", progress: "Progress" = iter) -> "tuple[Corpus, Index]":
        """A corpus and what is known of every unit over it: what ships, or what is made where it is first needed."""
        from lucarne.atlas.language.index import shipped
        from lucarne.atlas.language.indexing import identity, index

        corpus = self.get(name, model)
        if name == BUNDLED and (ready := shipped(model)):
            return corpus, ready
        digits = hashlib.sha256(identity(model, corpus).encode()).hexdigest()[:16]
        return corpus, index(model, corpus, self.root / name / "index" / f"{digits}.safetensors", progress)

    def add(self, title: str, documents: Iterable[str]) -> Known:
        """Keep documents under a title. Raises Unsuitable for a title or for no text, TooMuch beyond eight MiB."""
        stem, kept, size = stem_of(title), [], 0
        for document in documents:
            size += len(document.encode()) + len(SEPARATOR) + 2
            if size > MOST:
                detail = f"A corpus has at most {MOST >> 20} MiB of text. Give a part of it."
                raise TooMuch(detail, MOST, field="file")
            kept.append(document)
        if not kept:
            raise Unsuitable("There is no text in what was given.", field="file")
        text = f"\n{SEPARATOR}\n".join(kept).encode()
        name = f"{stem}-{hashlib.sha256(text).hexdigest()[:12]}"
        told = Known(name, title.strip()[:200], "Added by hand.", len(kept), len(text))
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self.root, prefix=".half-") as half:
            fresh = Path(half) / name
            fresh.mkdir()
            _write(fresh / TEXT, text)
            about = {key: value for key, value in asdict(told).items() if key != "name"}
            _write(fresh / ABOUT, json.dumps(about, ensure_ascii=False).encode())
            if not (self.root / name / ABOUT).exists():
                fresh.rename(self.root / name)
                fsync_folder(self.root)
        return told

    def remove(self, name: str) -> None:
        """Throw away a corpus that was added, and its indexes. What was made from it stays.

        Raises Unknown, and Unsuitable for the bundled one.
        """
        if name == BUNDLED:
            raise Unsuitable("The bundled corpus is part of the program and stays.", field="name")
        folder = self.root / self.known(name).name
        (folder / ABOUT).unlink()  # without it it is no corpus, whatever still lies there
        shutil.rmtree(folder)


def stem_of(title: str) -> str:
    """What the corpus of a title is called, without the digits at the end. Raises Unsuitable."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-")
    if not stem or stem == BUNDLED:
        raise Unsuitable("Give the corpus a name with letters or digits, other than “bundled”.", field="name")
    return stem


def is_at_hand(model: str, corpus: str) -> bool:
    """Whether what a model's units do in a corpus ships, so that nobody waits. Loads no network."""
    from lucarne.atlas.language.index import is_at_hand as ships

    return corpus == BUNDLED and (NETWORKS / model).is_dir() and ships(model)


def _write(file: Path, content: bytes) -> None:
    with file.open("xb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
