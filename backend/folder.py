"""A folder being filled: what a recipe gets to write into, until it is complete and put in place by rename."""

import hashlib
import os
import re
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from lucarne.artifact import Artifact, File

MANIFEST = "artifact.json"
DIGEST = "artifact.sha256"  # of the manifest: a flipped digit in it is still JSON
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}(\.[a-z0-9]{1,12}){1,2}")  # of a file beside an artifact

MEDIA_TYPES = {
    ".json": "application/json",
    ".png": "image/png",
    ".webp": "image/webp",
    ".svg": "image/svg+xml",
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
}

Made = TypeVar("Made", bound=Artifact)


class Folder:
    """Exists as long as its `with` block, unless it has been moved away by then."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> Self:
        self.path.mkdir(parents=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def complete(self, artifact: Made) -> Made:
        """Name the files in the artifact and write its manifest, last and safe against a power cut.

        Raises OSError where the disk does not take it.
        """
        files = [self._sealed(path) for path in sorted(self.path.iterdir())]
        whole = artifact.model_copy(update={"files": files})
        manifest = whole.model_dump_json().encode()
        _write(self.path / DIGEST, hashlib.sha256(manifest).hexdigest().encode())
        _write(self.path / MANIFEST, manifest)
        fsync_folder(self.path)
        return whole

    def _sealed(self, path: Path) -> File:
        if path.is_symlink() or not path.is_file() or not NAME.fullmatch(path.name) or path.name in (MANIFEST, DIGEST):
            raise ValueError(f"A recipe left something that is no plain file: {path.name}")
        with path.open("rb+") as opened:
            sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
            os.fsync(opened.fileno())
            size = os.fstat(opened.fileno()).st_size
        return File(name=path.name, media_type=media_type(path.name), size=size, sha256=sha256)


def media_type(name: str) -> str:
    return MEDIA_TYPES.get(Path(name).suffix, "application/octet-stream")


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())


def fsync_folder(path: Path) -> None:
    """Make the names in a folder last; a rename is safe only after this."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
