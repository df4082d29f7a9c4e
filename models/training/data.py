"""Pictures to train on: packs of WebP files, decoded once into memory-mapped arrays.

A pack `NAME` is one or more pairs `NAME*.bin` (the files, one after another) and `NAME*.index.npz` (`offsets`, n + 1 of
them, and `labels`). The decoded array stays in a cache folder, so that a second run starts at once.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor
from tqdm import tqdm


def packed(folder: Path, name: str) -> Iterator[tuple[bytes, int]]:
    """Every file of a pack with its label, parts in order."""
    indices = sorted(folder.glob(f"{name}*.index.npz"))
    if not indices:
        raise FileNotFoundError(
            f"No pack named {name!r} in the data folder: expected {name}*.bin beside {name}*.index.npz."
        )
    for index_file in indices:
        offsets, labels = index_of(index_file)  # (n + 1,), (n,)
        files = np.memmap(str(index_file).replace(".index.npz", ".bin"), dtype=np.uint8, mode="r")
        for start, end, label in zip(offsets[:-1], offsets[1:], labels, strict=True):
            yield files[start:end].tobytes(), int(label)


def index_of(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """Offsets (n + 1,) of a pack's files and their labels (n,). Raises whatever a damaged one makes numpy raise."""
    with file.open("rb") as opened, np.load(opened) as index:  # numpy by itself leaves a damaged one open
        return index["offsets"], index["labels"]


def decoded(folder: Path, name: str, size: int, cache: Path) -> tuple[np.ndarray, np.ndarray]:
    """The centre square of every picture of a pack as uint8 (n, size, size, 3), and its labels int64 (n,).

    The pictures are mapped from a file of the cache: changes to them stay in memory.
    """
    pictures_file, labels_file = cache / f"{name}-{size}.npy", cache / f"{name}-{size}.labels.npy"
    if not labels_file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        count = sum(len(index_of(index)[1]) for index in folder.glob(f"{name}*.index.npz"))
        pictures = np.lib.format.open_memmap(pictures_file, mode="w+", dtype=np.uint8, shape=(count, size, size, 3))
        labels = np.empty(count, dtype=np.int64)
        for i, (file, label) in enumerate(tqdm(packed(folder, name), total=count, desc=f"decoding {name}")):
            pictures[i], labels[i] = _centre_square(Image.open(io.BytesIO(file)).convert("RGB"), size), label
        pictures.flush()
        np.save(labels_file, labels)
    return np.load(pictures_file, mmap_mode="c"), np.load(labels_file)


def _centre_square(picture: Image.Image, size: int) -> np.ndarray:
    side = min(picture.size)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    return np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC, (left, top, left + side, top + side)))


def augmented(pixels: Tensor, size: int, smallest_area: float, random: torch.Generator) -> Tensor:
    """Random crops (area from `smallest_area` to 1, aspect 3:4 to 4:3), flips and light changes of uint8 (n, h, w, 3).

    Returns floats in 0…1, (n, 3, size, size), on the device of `pixels`. One bilinear warp does crop, flip and resize.
    """
    count, device = len(pixels), pixels.device

    def uniform(low: float, high: float) -> Tensor:
        return torch.rand(count, generator=random, device=device) * (high - low) + low

    area, aspect = uniform(smallest_area, 1.0), torch.exp(uniform(-0.288, 0.288))
    width, height = (area * aspect).sqrt().clamp(max=1), (area / aspect).sqrt().clamp(max=1)  # (n,) parts of the side
    flip = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    warp = torch.zeros(count, 2, 3, device=device)
    warp[:, 0, 0], warp[:, 0, 2] = width * flip, uniform(-1, 1) * (1 - width)
    warp[:, 1, 1], warp[:, 1, 2] = height, uniform(-1, 1) * (1 - height)
    grid = F.affine_grid(warp, [count, 3, size, size], align_corners=False)
    picture = pixels.permute(0, 3, 1, 2).float() / 255  # (n, 3, h, w)
    picture = F.grid_sample(picture, grid, mode="bilinear", padding_mode="reflection", align_corners=False)
    contrast, brightness = uniform(0.8, 1.2), uniform(-0.1, 0.1)
    return ((picture - 0.5) * contrast.view(-1, 1, 1, 1) + 0.5 + brightness.view(-1, 1, 1, 1)).clamp(0, 1)
