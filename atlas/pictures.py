"""Pictures: decoded from files nobody vouches for, named by their pixels, cut square, turned, written as PNG."""

import hashlib
import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lucarne.atlas import gates
from lucarne.atlas.decoding import LONGEST, read
from lucarne.atlas.sandbox import Sandbox
from lucarne.models.errors import BadPicture, TooMuch

__all__ = ["LONGEST", "Picture", "Pixels", "decode", "encode_png", "name_of", "square", "turned"]

Pixels = NDArray[np.uint8]  # (height, width, 3), sRGB

_sandbox = Sandbox("lucarne.atlas.decoding")


@dataclass(frozen=True)
class Picture:
    """Two pictures with the same pixels are the same picture."""

    id: str
    pixels: Pixels = field(repr=False, compare=False)  # (height, width, 3), read-only

    @classmethod
    def of(cls, pixels: Pixels) -> "Picture":
        """Any uint8 (height, width, 3), trusted, of any size."""
        if pixels.dtype != np.uint8 or pixels.ndim != 3 or pixels.shape[2] != 3:
            raise ValueError(f"Pixels are uint8 (height, width, 3), not {pixels.dtype} {pixels.shape}.")
        own = np.ascontiguousarray(pixels)
        if own.flags.writeable:
            own = own.copy() if own is pixels else own
            own.flags.writeable = False
        return cls(name_of(own), own)


def name_of(pixels: Pixels) -> str:
    """sha256 over shape and pixels, 64 hexadecimal digits."""
    height, width, _ = pixels.shape
    said = hashlib.sha256(f"{height} {width} 3\n".encode())
    said.update(np.ascontiguousarray(pixels).data)
    return said.hexdigest()


def decode(file: bytes) -> Picture:
    """The picture in an untrusted JPEG, PNG or WebP file: upright, on white, in sRGB, no side over 1024.

    This process looks at nothing but the file's length: its parts and size are checked (`gates.py`) and its pixels
    decoded (`decoding.py`) in a child, under limits of time and memory. Raises NotAPicture (no file of these kinds),
    BadPicture (damaged, an animation, a side under 8 pixels) or TooMuch (over a limit).
    """
    if len(file) > gates.MAX_BYTES:
        raise TooMuch(f"The file has more than {gates.MAX_BYTES // 2**20} MiB. Send a smaller one.", gates.MAX_BYTES)
    outcome = _sandbox.run(file)
    if not outcome.finished:
        limits = _sandbox.limits
        most = f"{limits.wall:.0f} seconds or {limits.memory // 2**20} MiB of memory"
        raise TooMuch(f"Decoding the picture takes over {most}. Send a simpler one.", int(limits.wall))
    try:
        height, width, pixels = read(outcome.answer)
    except (ValueError, KeyError, TypeError):  # no answer of ours
        raise BadPicture("The picture is damaged: it cannot be decoded.") from None
    return Picture.of(np.frombuffer(pixels, np.uint8).reshape(height, width, 3))


def square(pixels: Pixels, size: int) -> Pixels:
    """The largest centred square, brought to (size, size, 3): averaged down or interpolated up by Lanczos' filter."""
    height, width, _ = pixels.shape
    side = min(height, width)
    left, top = (width - side) // 2, (height - side) // 2  # whole pixels: half of one would blur
    image = Image.fromarray(pixels[top : top + side, left : left + side])
    return np.asarray(image.resize((size, size), Image.Resampling.LANCZOS))


def turned(pixels: Pixels, degrees: float) -> Pixels:
    """Turned counter-clockwise about the centre, same size; quarter turns of a square are exact.

    What comes in at the corners is the picture mirrored at its edges. A plain colour there would put an edge of full
    contrast at just the angle of the turn, to which a kernel answers; a mirror continues the brightness and, for what
    stands upright or lies level, the direction too.

    Sampled by cubic B-splines through the pixels (Unser, "Splines: a perfect fit", 1999): they keep the contrast of
    gratings to half a percent up to 0.2 cycles per pixel. The usual bicubic kernel adds 2 to 6 % there, and only where
    a picture is turned: enough to bend a tuning curve.
    """
    height, width, _ = pixels.shape
    quarters, rest = divmod(degrees, 90)
    if rest == 0 and (height == width or quarters % 2 == 0):
        return np.ascontiguousarray(np.rot90(pixels, int(quarters) % 4))
    reach = int(np.ceil((np.hypot(height, width) - min(height, width)) / 2)) + 3
    mirrored = np.pad(pixels, ((reach, reach), (reach, reach), (0, 0)), mode="symmetric").astype(np.float32)
    weights = _spline(mirrored)

    turn = np.radians(degrees)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    y, x = y - (height - 1) / 2, x - (width - 1) / 2
    from_y = y * np.cos(turn) + x * np.sin(turn) + (height - 1) / 2 + reach  # (height, width): where each pixel was
    from_x = x * np.cos(turn) - y * np.sin(turn) + (width - 1) / 2 + reach
    top, left = np.floor(from_y).astype(np.intp) - 1, np.floor(from_x).astype(np.intp) - 1
    down, right = (_cubic(place - np.floor(place)) for place in (from_y, from_x))  # (4, height, width) each
    flat = weights.reshape(-1, 3)
    drawn = np.zeros((height, width, 3), np.float32)
    for row in range(4):
        for column in range(4):
            share = (down[row] * right[column])[..., None]
            drawn += share * flat[(top + row) * weights.shape[1] + left + column]
    return np.rint(np.clip(drawn, 0, 255)).astype(np.uint8)


def _spline(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
    """Weights of the B-splines that pass through the pixels, found by dividing their waves by the spline's."""
    height, width, _ = pixels.shape
    down, right = ((2 + np.cos(2 * np.pi * wave)) / 3 for wave in (np.fft.fftfreq(height), np.fft.rfftfreq(width)))
    waves = np.fft.rfft2(pixels, axes=(0, 1)) / np.outer(down, right)[..., None]
    return np.fft.irfft2(waves, (height, width), axes=(0, 1)).astype(np.float32)


def _cubic(part: NDArray[np.floating[Any]]) -> list[NDArray[np.floating[Any]]]:
    """What the four splines around a point add to it, `part` of a pixel past the second."""
    rest = 1 - part
    before, after = rest**3 / 6, part**3 / 6
    return [before, 2 / 3 - part**2 + part**3 / 2, 2 / 3 - rest**2 + rest**3 / 2, after]


def encode_png(pixels: Pixels) -> bytes:
    """Quick rather than small."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=1)
    return file.getvalue()
