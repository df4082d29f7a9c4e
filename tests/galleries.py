"""Small pictures, files of them, and galleries made of them, for whoever tests one."""

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from lucarne.atlas.galleries.gallery import Gallery
from lucarne.atlas.galleries.pack import About, Pack, Square
from lucarne.atlas.pictures import Pixels


def picture(seed: int, height: int = 64, width: int = 64) -> Pixels:
    """Noise in patches, so that thumbnails differ too."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.NEAREST))


def file_of(pixels: Pixels, kind: str = "PNG") -> bytes:
    opened = io.BytesIO()
    Image.fromarray(pixels).save(opened, kind)
    return opened.getvalue()


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def pack_in(folder: Path, seeds: Sequence[int], labels: Sequence[str] = ("a", "b")) -> Pack:
    squares = [Square(f"picture {seed}", labels[seed % len(labels)], picture(seed)) for seed in seeds]
    return Pack.create(folder, About("A test's")).add(squares)


def gallery_in(folder: Path, count: int = 20) -> Gallery:
    return Gallery("tested-0123456789ab", pack_in(folder, range(count)))
