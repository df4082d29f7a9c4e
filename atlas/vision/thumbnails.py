"""A gallery's pictures by the eye alone: 32 by 32 pixels of each, by which those in pixel space are compared."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lucarne.atlas.galleries.gallery import Gallery
from lucarne.atlas.galleries.pack import replacing
from lucarne.atlas.pictures import Pixels

THUMBNAIL = 32  # pixels of a side


def thumbnails(gallery: Gallery, folder: Path) -> NDArray[np.uint8]:
    """(pictures, 32 * 32 * 3), kept in a file of the folder, made when they are first asked for."""
    file = folder / f"thumbnails-{gallery.fingerprint[:16]}.npy"
    if not file.exists():
        made = [thumbnail(gallery.pixels(number)) for number in range(len(gallery))]
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(file) as half:
            np.save(half, np.stack(made) if made else np.zeros((0, THUMBNAIL**2 * 3), np.uint8))
    return np.load(file, mmap_mode="r")


def thumbnail(pixels: Pixels) -> NDArray[np.uint8]:
    """(32 * 32 * 3,): the centre square, each pixel the mean of what it covers."""
    height, width, _ = pixels.shape
    side = min(height, width)
    left, top = (width - side) // 2, (height - side) // 2
    image = Image.fromarray(pixels[top : top + side, left : left + side])
    return np.asarray(image.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BOX)).reshape(-1)
