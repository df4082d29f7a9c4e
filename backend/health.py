"""Whether we are ready for work, and if not, why."""

import os
import shutil
from pathlib import Path

from lucarne.bench import Bench
from lucarne.errors import NotReady
from lucarne.settings import Settings
from lucarne.workshop import Workshop


def check(settings: Settings, bench: Bench, workshop: Workshop) -> None:
    """Raises NotReady with the first thing that is wrong. Touches the disk."""
    if workshop.draining:
        raise NotReady("The server is closing.")
    if bench.unsound:
        raise NotReady("The weights of a model are damaged. `lucarne models verify` says which.")
    if not bench.is_ready:
        raise NotReady("The bench is waking up.")
    if not is_writable(settings.artifacts):
        raise NotReady("The folder for finished artifacts cannot be written to.")
    if free(settings.data) < settings.disk_reserve:
        raise NotReady("The disk is nearly full.")


def free(folder: Path) -> int:
    """Bytes free where `folder` is, or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def is_writable(folder: Path) -> bool:
    probe = folder / f".probe-{os.getpid()}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe.write_bytes(b"a")
        probe.unlink()
    except OSError:
        return False
    return True
