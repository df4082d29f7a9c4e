"""Where pictures come from: a folder, a zip or tar archive, a packed set. Nothing is decoded here.

A picture's label is the folder it lies in, unless the source says otherwise.
"""

import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np

from lucarne.atlas.gates import MAX_BYTES
from lucarne.models.errors import TooMuch, Unsuitable

KINDS = (".jpg", ".jpeg", ".png", ".webp")
MOST = 200_000  # pictures of a source


@dataclass(frozen=True)
class Found:
    """A picture file, not yet looked at."""

    name: str  # within the source
    label: str
    read: Callable[[], bytes] = field(repr=False, compare=False)  # never more than one byte over the limit of a picture


Names = Callable[[str], str | None]


def label_of(path: str) -> str | None:
    """The folder a picture lies in; `pictures` for one that lies in none."""
    parent = PurePosixPath(path).parent.name
    return parent or "pictures"


def source(path: Path, names: Names = label_of) -> Iterator[Found]:
    """Every picture of a folder, an archive or a packed set (its `.index.npz`), by path. Raises Unsuitable, TooMuch.

    `names` gives the label of each path within the source, None for what is not wanted.
    """
    if path.is_dir():
        return _limited(_folder(path, names))
    if path.name.endswith(".index.npz"):
        return _limited(_packed(path))
    if path.is_file() and zipfile.is_zipfile(path):
        return _limited(_zip(path, names))
    if path.is_file() and tarfile.is_tarfile(path):
        return _limited(_tar(path, names))
    raise Unsuitable(f"{path.name} is no folder, zip or tar archive and no packed set (.index.npz).", field="path")


def _limited(every: Iterator[Found]) -> Iterator[Found]:
    for number, found in enumerate(every):
        if number == MOST:
            raise TooMuch(f"There are more than {MOST:,} pictures. Take fewer.", MOST)
        yield found


def _folder(folder: Path, names: Names) -> Iterator[Found]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).as_posix()
        if not _is_picture(inside) or not path.is_file() or path.is_symlink():
            continue
        if (label := names(inside)) is not None:
            yield Found(inside, label, lambda path=path: _head(path))


def _head(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(MAX_BYTES + 1)


def _zip(path: Path, names: Names) -> Iterator[Found]:
    """Members are unpacked one by one, no further than the limit of a picture: a bomb does not go off."""
    try:
        archive = zipfile.ZipFile(path)  # open as long as somebody may still read from it
    except zipfile.BadZipFile as error:
        raise Unsuitable("The zip archive is damaged: its directory cannot be read.", field="file") from error
    for member in sorted(archive.infolist(), key=lambda member: member.filename):
        name = member.filename
        if not member.is_dir() and _is_picture(name) and (label := names(name)) is not None:
            yield Found(name, label, partial(_member, archive, member))


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(member) as opened:
            return opened.read(MAX_BYTES + 1)
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError, ValueError) as error:
        raise OSError("damaged, encrypted or packed in a way that is not read") from error


def _tar(path: Path, names: Names) -> Iterator[Found]:
    """In the order they lie in: a packed archive has no directory, and is read once from front to back."""
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                if member.isreg() and _is_picture(member.name) and (label := names(member.name)) is not None:
                    opened = archive.extractfile(member)
                    content = opened.read(MAX_BYTES + 1) if opened else b""
                    yield Found(member.name, label, lambda content=content: content)
    except (tarfile.TarError, EOFError) as error:
        raise Unsuitable("The tar archive is damaged: it cannot be read to its end.", field="file") from error


def _packed(index_file: Path) -> Iterator[Found]:
    """Picture files one after another in `NAME.bin`; `NAME.index.npz` holds `offsets` (n + 1,) and `labels` (n,)."""
    content = index_file.with_name(index_file.name.removesuffix(".index.npz") + ".bin")
    try:
        with np.load(index_file, allow_pickle=False) as index:
            offsets, labels = index["offsets"], index["labels"]
        size = content.stat().st_size
    except (OSError, ValueError, KeyError) as error:
        raise Unsuitable("A packed set is NAME.index.npz with offsets and labels, beside NAME.bin.") from error
    if len(offsets) != len(labels) + 1 or (np.diff(offsets) < 0).any() or offsets[0] < 0 or offsets[-1] > size:
        raise Unsuitable("The packed set is damaged: its offsets do not fit its file.")
    for number, label in enumerate(labels.tolist()):
        start, end = int(offsets[number]), int(offsets[number + 1])

        def read(start: int = start, end: int = end) -> bytes:
            with content.open("rb") as opened:
                opened.seek(start)
                return opened.read(min(end - start, MAX_BYTES + 1))

        yield Found(f"{number}", f"class {label}", read)


def _is_picture(name: str) -> bool:
    """By its ending; what macOS and editors leave beside pictures begins with a dot."""
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in KINDS and not hidden
