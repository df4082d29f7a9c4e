"""Uploaded and bundled pictures on disk, named by the hash of their pixels; the oldest uploads make room.

    <root>/<id>.png            uploaded
    <root>/bundled/<id>.png    came with the program: never makes room

Both are PNG of our own writing: what was uploaded is decoded and drawn anew, never kept.
"""

import contextlib
import io
import os
import re
import threading
import time
import uuid
from pathlib import Path

import numpy as np
from PIL import Image

from lucarne.atlas.pictures import Picture, Pixels, encode_png, name_of
from lucarne.folder import fsync_folder
from lucarne.models.errors import Unknown

LIMIT = 2**30  # bytes of uploads: about a thousand photographs
RECOUNT = 100  # uploads after which the folder is counted anew, for others may write to it too
STALE = 3600  # seconds after which a half-written file has no writer any more

_ID = re.compile(r"[0-9a-f]{64}")


class Pictures:
    """All methods may be called from any thread, and by several processes on one folder. OSError means the disk."""

    def __init__(self, root: Path, limit: int = LIMIT) -> None:
        self.root = root
        self.limit = limit
        self._guard = threading.Lock()
        self._total = 0  # bytes of uploads, since the last count
        self._until_recount = 0
        self._checked: set[str] = set()  # whose pixels this process has found to be what their name says

    def add(self, picture: Picture, *, bundled: bool = False) -> str:
        """Keep it, answer its id. Adding it again changes nothing but its age."""
        file = self._file(picture.id, bundled=bundled)
        if self.has(picture.id) and (file.exists() or not bundled):
            if not bundled:
                self._touch(picture.id)
            return picture.id
        content = encode_png(picture.pixels)
        self._write(file, content)
        if not bundled:
            self._make_room(picture.id, len(content))
        return picture.id

    def has(self, id: str) -> bool:
        return self._find(id) is not None

    def path(self, id: str) -> Path:
        """The PNG file, its pixels checked once by each process. Raises Unknown."""
        if id not in self._checked:
            self.read(id)
        if (file := self._find(id)) is None:
            raise Unknown("picture", id)
        return file

    def size(self, id: str) -> tuple[int, int]:
        """Width and height in pixels. Raises Unknown."""
        with Image.open(self.path(id)) as image:
            return image.size

    def read(self, id: str) -> Pixels:
        """Its pixels, uint8 (height, width, 3). Raises Unknown, also where the file is damaged: then it is removed."""
        file = self._find(id)
        try:
            content = file.read_bytes() if file else b""
        except FileNotFoundError:  # made room since
            content = b""
        pixels = _decoded(content) if content else None
        if pixels is not None and name_of(pixels) == id:
            self._checked.add(id)
            return pixels
        self._checked.discard(id)
        if file:
            file.unlink(missing_ok=True)
        raise Unknown("picture", id)

    def _file(self, id: str, *, bundled: bool) -> Path:
        return self.root / ("bundled" if bundled else ".") / f"{id}.png"

    def _find(self, id: str) -> Path | None:
        if not _ID.fullmatch(id):
            return None
        files = (self._file(id, bundled=bundled) for bundled in (True, False))
        return next((file for file in files if file.is_file()), None)

    def _touch(self, id: str) -> None:
        with contextlib.suppress(FileNotFoundError):  # it is bundled, or made room since
            os.utime(self._file(id, bundled=False))

    def _write(self, file: Path, content: bytes) -> None:
        """Whole or not at all, also across a power cut."""
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        half = file.parent / f".{uuid.uuid4().hex}.half"
        try:
            with half.open("xb") as opened:
                opened.write(content)
                opened.flush()
                os.fsync(opened.fileno())
            half.replace(file)
        finally:
            half.unlink(missing_ok=True)
        fsync_folder(file.parent)

    def _make_room(self, newest: str, added: int) -> None:
        """Drop the oldest uploads down to nine tenths of the limit, never the one that has just come."""
        with self._guard:
            self._total += added
            self._until_recount -= 1
            if self._total <= self.limit and self._until_recount >= 0:
                return
            self._until_recount = RECOUNT
            uploads = sorted(self._uploads())
            self._total = sum(size for _, size, _ in uploads)
            if self._total <= self.limit:
                return
            for _, size, file in uploads:
                if self._total <= self.limit * 9 // 10:
                    break
                if file.stem != newest:
                    file.unlink(missing_ok=True)
                    self._checked.discard(file.stem)
                    self._total -= size

    def _uploads(self) -> list[tuple[float, int, Path]]:
        """Age, bytes and file of each upload; sweeps up what writers have left half-written."""
        found = []
        for entry in os.scandir(self.root):
            try:
                about = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            file = Path(entry.path)
            if _ID.fullmatch(file.stem) and file.suffix == ".png":
                found.append((about.st_mtime, about.st_size, file))
            elif file.suffix == ".half" and time.time() - about.st_mtime > STALE:
                file.unlink(missing_ok=True)
        return found


def _decoded(content: bytes) -> Pixels | None:
    """Pixels of a PNG of our own writing; None where the disk has changed it."""
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as image:
            return np.asarray(image) if image.mode == "RGB" else None
    except Exception:  # Pillow raises whatever a damaged file makes it stumble over
        return None
