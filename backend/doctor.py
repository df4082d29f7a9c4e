"""What works here, what does not, and one cure for each."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from lucarne.health import free, is_writable
from lucarne.models.catalog import MODELS
from lucarne.models.errors import Mistake
from lucarne.settings import GiB, Settings


@dataclass(frozen=True)
class Finding:
    about: str
    is_good: bool = True
    cure: str = ""
    is_essential: bool = True


def examine(settings: Settings) -> list[Finding]:
    """Imports torch, touches the disk, and starts the process that decodes pictures."""
    return [finding for each in (_python, _torch, _weights, _pictures, _disk, _page) for finding in each(settings)]


def _python(_: Settings) -> Iterator[Finding]:
    yield Finding(f"Python {sys.version_info.major}.{sys.version_info.minor}, {os.cpu_count()} cores")


def _torch(_: Settings) -> Iterator[Finding]:
    try:
        import torch
    except ImportError:
        yield Finding("torch cannot be imported", False, "install Lucarne again: make run")
        return
    yield Finding(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    if torch.cuda.is_available():
        yield Finding(f"GPU {torch.cuda.get_device_name()}")
    else:
        yield Finding("no GPU that torch can use", False, "not needed; everything runs on the processor", False)


def _weights(settings: Settings) -> Iterator[Finding]:
    try:
        from lucarne.models import describe, load
    except ImportError:
        return  # torch is missing, which has been said
    for name, entry in MODELS.items():
        if entry.random:
            continue
        card = describe(name, folder=settings.weights)
        is_bundled = not entry.files
        if not card.available:
            cure = "install Lucarne again" if is_bundled else f"if you want it: lucarne models pull {name}"
            yield Finding(f"weights of {name}", False, cure, is_bundled)
            continue
        try:
            load(name, folder=settings.weights, device="cpu")
        except Mistake as mistake:
            cure = "install Lucarne again" if is_bundled else f"lucarne models pull {name}"
            yield Finding(f"{name}: {mistake.detail}", False, cure)
        else:
            yield Finding(f"weights of {name}")


def _pictures(_: Settings) -> Iterator[Finding]:
    from lucarne.atlas.gallery import samples
    from lucarne.atlas.pictures import Picture, decode, encode_png

    try:
        some = samples()
        decode(encode_png(Picture.of(some[0].load()).pixels))
    except (Mistake, OSError, IndexError) as error:
        cure = "see that processes may be started"
        yield Finding(f"pictures cannot be decoded ({type(error).__name__})", False, cure)
    else:
        yield Finding(f"pictures are decoded; {len(some)} samples")
    if find_spec("skimage") is None:
        yield Finding("no sample photographs", False, "pip install scikit-image", False)


def _disk(settings: Settings) -> Iterator[Finding]:
    if is_writable(settings.artifacts):
        yield Finding(f"data in {settings.data}")
    else:
        yield Finding(f"{settings.data} cannot be written to", False, "choose another folder: LUCARNE_DATA or --data")
    left = free(settings.data)
    is_enough = left >= settings.disk_reserve
    cure = "" if is_enough else f"free some: {settings.disk_reserve / GiB:.1f} GiB are wanted"
    yield Finding(f"{left / GiB:.1f} GiB of disk free", is_enough, cure)


def _page(_: Settings) -> Iterator[Finding]:
    if (Path(__file__).parent / "page/index.html").exists():
        yield Finding("the page is built")
    else:
        yield Finding("the page is not built", False, "make run")
