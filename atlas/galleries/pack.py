"""A pack: small pictures one after another in one file, and an index beside it. A pack only ever grows.

    gallery.bin          WebP files of centre squares, one after another, all of our own writing
    gallery.index.npz    offsets (n + 1,), labels (n,), ids and origins (n, 32), names (bytes, a line each)
    gallery.json         title, credit, licence, what the labels are called

What lies in `gallery.bin` behind the last offset was being written when the power failed, and is written over.
"""

import io
import json
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lucarne.atlas.pictures import Pixels, name_of

BIN, INDEX, ABOUT = "gallery.bin", "gallery.index.npz", "gallery.json"
QUALITY = 90  # of the WebP files; at 128 pixels a square has about 6 kB
LONGEST_NAME = 120  # characters


@dataclass(frozen=True)
class About:
    """What a pack says of itself."""

    title: str
    credit: str = ""
    licence: str = ""
    labels: tuple[str, ...] = ()  # what label numbers stand for


@dataclass(frozen=True)
class Square:
    """A picture on its way into a pack."""

    name: str
    label: str
    pixels: Pixels = field(repr=False)  # (side, side, 3)
    origin: bytes = b""  # sha256 of the whole picture's pixels, 32 bytes, where it was cut from a larger one


class Pack:
    """The pictures of a folder. Reading is for any number of threads and processes; one at a time may add."""

    def __init__(self, folder: Path) -> None:
        """Raises FileNotFoundError where there is none, ValueError or KeyError where it is damaged."""
        self.folder = folder
        self.about = _about(folder)
        with np.load(folder / INDEX, allow_pickle=False) as index:
            self.offsets: NDArray[np.int64] = index["offsets"]  # (n + 1,)
            self.labels: NDArray[np.int32] = index["labels"]  # (n,): places in `about.labels`
            self.ids: NDArray[np.uint8] = index["ids"]  # (n, 32): sha256 of a square's pixels
            self.origins: NDArray[np.uint8] = index["origins"]  # (n, 32): of the picture it was cut from
            names = index["names"].tobytes().decode()
        self.names = names.split("\n") if len(self) else []
        if not len(self) == len(self.labels) == len(self.ids) == len(self.origins) == len(self.names):
            raise ValueError("The index of the pack is damaged.")

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def file(self, row: int) -> bytes:
        """The WebP file of a square."""
        with (self.folder / BIN).open("rb") as opened:
            opened.seek(int(self.offsets[row]))
            return opened.read(int(self.offsets[row + 1] - self.offsets[row]))

    def pixels(self, row: int) -> Pixels:
        """uint8 (side, side, 3)."""
        with Image.open(io.BytesIO(self.file(row)), formats=["WEBP"]) as image:
            return np.asarray(image.convert("RGB"))

    def label(self, row: int) -> str:
        return self.about.labels[self.labels[row]]

    @classmethod
    def create(cls, folder: Path, about: About) -> "Pack":
        """A pack with nothing in it yet, in a folder of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / BIN).touch()
        _write_about(folder, about)
        none = np.zeros((0, 32), np.uint8)
        _write_index(folder, np.zeros(1, np.int64), np.zeros(0, np.int32), none, none, [])
        return cls(folder)

    def add(self, squares: Sequence[Square], quality: int = QUALITY, method: int = 2) -> "Pack":
        """The same pack with these behind the others; on disk whole or not at all, also across a power cut."""
        known = {name: number for number, name in enumerate(self.about.labels)}
        labels = [known.setdefault(one_line(square.label), len(known)) for square in squares]
        files = [_webp(square.pixels, quality, method) for square in squares]
        ids = [bytes.fromhex(name_of(_read(file))) for file in files]
        origins = [square.origin or id for square, id in zip(squares, ids, strict=True)]
        with (self.folder / BIN).open("r+b") as opened:
            opened.truncate(int(self.offsets[-1]))
            opened.seek(0, os.SEEK_END)
            opened.write(b"".join(files))
            opened.flush()
            os.fsync(opened.fileno())
        if len(known) > len(self.about.labels):
            _write_about(self.folder, replace(self.about, labels=tuple(known)))
        ends = self.offsets[-1] + np.cumsum([len(file) for file in files], dtype=np.int64)
        _write_index(
            self.folder,
            np.concatenate([self.offsets, ends]),
            np.concatenate([self.labels, np.array(labels, np.int32)]),
            np.concatenate([self.ids, _rows(ids)]),
            np.concatenate([self.origins, _rows(origins)]),
            [*self.names, *(one_line(square.name) for square in squares)],
        )
        return Pack(self.folder)


def one_line(name: str) -> str:
    """A name as it may stand in an index: printable, and no longer than names should be."""
    plain = "".join(char if char.isprintable() else " " for char in name)
    return plain if len(plain) <= LONGEST_NAME else f"…{plain[1 - LONGEST_NAME :]}"


@contextmanager
def replacing(file: Path) -> Iterator[Path]:
    """A path to write to, put in the place of `file` once it is whole."""
    half = file.with_name(f".{uuid.uuid4().hex}.half{file.suffix}")
    try:
        yield half
        with half.open("rb+") as opened:
            os.fsync(opened.fileno())
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)


def _rows(hashes: Sequence[bytes]) -> NDArray[np.uint8]:
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32)


def _webp(pixels: Pixels, quality: int, method: int) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "WEBP", quality=quality, method=method)
    return file.getvalue()


def _read(file: bytes) -> Pixels:
    with Image.open(io.BytesIO(file), formats=["WEBP"]) as image:
        return np.asarray(image.convert("RGB"))


def _about(folder: Path) -> About:
    told = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    return About(told["title"], told["credit"], told["licence"], tuple(told["labels"]))


def _write_about(folder: Path, about: About) -> None:
    told = {"title": about.title, "credit": about.credit, "licence": about.licence, "labels": about.labels}
    with replacing(folder / ABOUT) as file:
        file.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _write_index(
    folder: Path,
    offsets: NDArray[np.int64],
    labels: NDArray[np.int32],
    ids: NDArray[np.uint8],
    origins: NDArray[np.uint8],
    names: Sequence[str],
) -> None:
    lines = np.frombuffer("\n".join(names).encode(), np.uint8)
    with replacing(folder / INDEX) as file:
        np.savez(file, offsets=offsets, labels=labels, ids=ids, origins=origins, names=lines)
