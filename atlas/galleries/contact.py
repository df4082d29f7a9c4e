"""Contact sheets: pictures of a gallery side by side in one WebP file."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from lucarne.atlas.galleries.gallery import Gallery

ACROSS = 8  # tiles in a row
SIDE = 128  # pixels of a tile
QUALITY = 82


def contact(gallery: Gallery, numbers: Sequence[int], side: int = SIDE, across: int = ACROSS) -> bytes:
    """The centre squares of these pictures in rows, uint8 tiles (side, side, 3); a picture may come twice."""
    tiles = {number: gallery.tile(number, side) for number in set(numbers)}
    rows = max(1, -(-len(numbers) // across))
    sheet = np.full((rows * side, across * side, 3), 128, np.uint8)
    for place, number in enumerate(numbers):
        top, left = side * (place // across), side * (place % across)
        sheet[top : top + side, left : left + side] = tiles[number]
    file = io.BytesIO()
    Image.fromarray(sheet).save(file, "WEBP", quality=QUALITY, method=1)
    return file.getvalue()
