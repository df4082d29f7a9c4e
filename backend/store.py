"""Finished artifacts on disk, one folder per id: whole or not at all, never changed, the longest unused making room.

    <root>/<id>/              a finished artifact: its files and, written last, `artifact.json` (and its digest)
    <root>/.making/<who>/     folders being filled by a living process, which holds a lock on <root>/.making/<who>.lock
    <root>/.damaged/          entries that were not what their manifest says, kept to be looked at

A lock ends with its process however that ends, so what the dead have left can be told from what the living are at.
Several processes may share a store: who comes second finds the first one's artifact in place and uses it.
"""

import errno
import fcntl
import hashlib
import itertools
import os
import re
import shutil
import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter, ValidationError

from lucarne.artifact import Artifact
from lucarne.artifacts import AnyArtifact
from lucarne.folder import DIGEST, MANIFEST, Folder, fsync_folder

ID = re.compile(r"[0-9a-f]{64}")
RESCAN = 100  # finished artifacts after which the folder is counted anew, for others may write to it too
KEPT_DAMAGED = 20

_artifacts: TypeAdapter[Artifact] = TypeAdapter(AnyArtifact)


@dataclass(frozen=True)
class Entry:
    """An artifact whose files have been checked by this process."""

    artifact: Artifact
    manifest: bytes  # `artifact.json`, as it is served
    folder: Path
    size: int
    names: frozenset[str] = field(default_factory=frozenset)


class Store:
    """All methods may be called from any thread. OSError means the disk; nothing half-done is left behind by one."""

    def __init__(self, root: Path, limit: int) -> None:
        self.root = root
        self.limit = limit
        self._who = uuid.uuid4().hex
        self._count = itertools.count(1)
        self._guard = threading.RLock()
        self._sizes: OrderedDict[str, int] = OrderedDict()  # id → bytes, longest unused first
        self._checked: dict[str, Entry] = {}
        self._lock: IO[bytes] | None = None

    def open(self) -> None:
        """Sweep up after the dead, count what is here."""
        self.making.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = self._locked()
        self.making.mkdir(exist_ok=True)
        self._sweep()
        self._scan()

    def close(self) -> None:
        shutil.rmtree(self.making, ignore_errors=True)
        if self._lock is not None:
            self._lock_file(self._who).unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    @property
    def making(self) -> Path:
        return self.root / ".making" / self._who

    def folder(self, id: str) -> Folder:
        """An empty folder to make artifact `id` in."""
        return Folder(self.making / f"{id[:16]}-{next(self._count)}")

    def put(self, artifact: Artifact, folder: Folder) -> Entry:
        """Complete `folder` and put it in place; somebody else's finished artifact of that id wins."""
        assert ID.fullmatch(artifact.id)
        whole = folder.complete(artifact)
        place = self.root / artifact.id
        try:
            folder.path.rename(place)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            if (theirs := self.read(artifact.id)) is not None:
                return theirs
            folder.path.rename(place)  # theirs was damaged, and has been moved aside
        fsync_folder(self.root)
        entry = _entry(whole, (place / MANIFEST).read_bytes(), place)
        with self._guard:
            self._checked[artifact.id] = entry
            self._use(artifact.id, entry.size)
        self._make_room(artifact.id)
        return entry

    def known(self, id: str) -> Entry | None:
        """The entry, where this process has checked it before: no more than a look whether it is still there."""
        entry = self._checked.get(id)
        if entry is None:
            return None
        if not entry.folder.is_dir():
            self._forget(id)
            return None
        with self._guard:
            self._use(id, entry.size)
        return entry

    def read(self, id: str) -> Entry | None:
        """The entry, its files checked against their digests the first time; a damaged one is moved aside."""
        if not ID.fullmatch(id):
            return None
        if (entry := self.known(id)) is not None:
            return entry
        place = self.root / id
        if not place.is_dir():
            return None
        try:
            entry = _checked(place, id)
        except _Damaged:
            self._quarantine(id)
            return None
        except FileNotFoundError:
            return None  # another process has just made room
        with self._guard:
            self._checked[id] = entry
            self._use(id, entry.size)
        os.utime(place)
        return entry

    def _use(self, id: str, size: int) -> None:
        self._sizes[id] = size
        self._sizes.move_to_end(id)

    def _forget(self, id: str) -> None:
        with self._guard:
            self._checked.pop(id, None)
            self._sizes.pop(id, None)

    def _make_room(self, but: str) -> None:
        """Remove the longest unused entries beyond the limit, but never the newest one."""
        with self._guard:
            if next(self._count) % RESCAN == 0:
                self._scan()
            total = sum(self._sizes.values())
            leaving: list[str] = []
            for id, size in self._sizes.items():
                if total <= self.limit:
                    break
                if id != but:
                    leaving.append(id)
                    total -= size
        for id in leaving:
            self._remove(id)

    def _remove(self, id: str) -> None:
        self._forget(id)
        going = self.folder(id).path
        try:
            (self.root / id).rename(going)
        except FileNotFoundError:
            return  # another process was faster
        shutil.rmtree(going, ignore_errors=True)

    def _quarantine(self, id: str) -> None:
        self._forget(id)
        aside = self.root / ".damaged"
        aside.mkdir(exist_ok=True)
        try:
            (self.root / id).rename(aside / f"{id[:16]}-{uuid.uuid4().hex[:8]}")
        except FileNotFoundError:
            return
        kept = sorted(aside.iterdir(), key=lambda path: path.lstat().st_ctime_ns)
        for path in kept[:-KEPT_DAMAGED]:
            shutil.rmtree(path, ignore_errors=True)

    def _scan(self) -> None:
        found: list[tuple[int, str, int]] = []
        for place in os.scandir(self.root):
            if ID.fullmatch(place.name) and place.is_dir(follow_symlinks=False):
                try:
                    size = sum(file.stat(follow_symlinks=False).st_size for file in os.scandir(place.path))
                    found.append((place.stat().st_mtime_ns, place.name, size))
                except FileNotFoundError:
                    continue
        with self._guard:
            here = {id: size for _, id, size in sorted(found)}
            used = [id for id in self._sizes if id in here]
            self._sizes = OrderedDict((id, size) for id, size in here.items() if id not in used)
            self._sizes.update((id, here[id]) for id in used)
            self._checked = {id: entry for id, entry in self._checked.items() if id in here}

    def _lock_file(self, who: str) -> Path:
        return self.root / ".making" / f"{who}.lock"

    def _locked(self) -> IO[bytes]:
        """Our lock file, locked; made anew if another process swept it away before it was."""
        while True:
            opened = self._lock_file(self._who).open("wb")
            fcntl.flock(opened, fcntl.LOCK_EX)
            if self._lock_file(self._who).exists():
                return opened
            opened.close()

    def _sweep(self) -> None:
        for lock in self.making.parent.glob("*.lock"):
            who = lock.name.removesuffix(".lock")
            if who == self._who:
                continue
            try:
                with lock.open("rb") as opened:
                    fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(self.making.parent / who, ignore_errors=True)
                    lock.unlink(missing_ok=True)
            except (BlockingIOError, FileNotFoundError):
                continue


class _Damaged(Exception):
    pass


def _checked(place: Path, id: str) -> Entry:
    """The entry in `place`; raises _Damaged where anything is not as its manifest says."""
    try:
        manifest = (place / MANIFEST).read_bytes()
        if hashlib.sha256(manifest).hexdigest().encode() != (place / DIGEST).read_bytes():
            raise _Damaged
        artifact = _artifacts.validate_json(manifest)
    except FileNotFoundError:
        if place.is_dir():
            raise _Damaged from None
        raise
    except ValidationError:
        raise _Damaged from None
    present = {file.name for file in os.scandir(place)} - {MANIFEST, DIGEST}
    if artifact.id != id or present != {file.name for file in artifact.files}:
        raise _Damaged
    for file in artifact.files:
        path = place / file.name
        if path.is_symlink() or not path.is_file() or path.stat().st_size != file.size:
            raise _Damaged
        with path.open("rb") as opened:
            if hashlib.file_digest(opened, "sha256").hexdigest() != file.sha256:
                raise _Damaged
    return _entry(artifact, manifest, place)


def _entry(artifact: Artifact, manifest: bytes, place: Path) -> Entry:
    names = frozenset(file.name for file in artifact.files)
    return Entry(artifact, manifest, place, len(manifest) + sum(file.size for file in artifact.files), names)
