"""What a picture file says of itself, read from its bytes: kind, size, number of parts. Nothing is decoded here.

Everything that can be refused is refused here, before a decoder sees a byte.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lucarne.models.errors import BadPicture, NotAPicture, TooMuch

MAX_BYTES = 10 * 2**20
MAX_PIXELS = 25_000_000
MIN_SIDE, MAX_SIDE = 8, 8192
MAX_SCANS = 100
MAX_SCANNED = 500_000_000  # pixels × scans of a progressive JPEG: twenty scans of the largest picture, about a second
MAX_CHUNKS = 1000
MAX_PROFILE = 4 * 2**20  # bytes of an unpacked colour profile; the largest in use, for presses, have about 3 MiB

Kind = Literal["JPEG", "PNG", "WEBP"]


@dataclass(frozen=True)
class File:
    """A picture file that passed: what it holds, and the bytes a decoder may see."""

    kind: Kind
    width: int
    height: int
    content: bytes
    profile: bytes | None = None  # a PNG's ICC profile, unpacked; other kinds carry theirs in `content`


def checked(file: bytes) -> File:
    """Read a file's kind by its content and check all limits. Raises NotAPicture, BadPicture or TooMuch."""
    if len(file) > MAX_BYTES:
        raise TooMuch(f"The file has more than {MAX_BYTES // 2**20} MiB. Send a smaller one.", MAX_BYTES)
    if not file:
        raise NotAPicture("The file is empty. Send a JPEG, PNG or WebP picture.")
    if file.startswith(b"\xff\xd8\xff"):
        return _jpeg(file)
    if file.startswith(b"\x89PNG\r\n\x1a\n"):
        return _png(file)
    if file.startswith(b"RIFF") and file[8:12] == b"WEBP":
        return _webp(file)
    raise NotAPicture("This is no JPEG, PNG or WebP file, whatever it is called. Send one of these.")


def _check_size(width: int, height: int) -> None:
    if min(width, height) < MIN_SIDE:
        raise BadPicture(f"The picture has {width} × {height} pixels; each side needs at least {MIN_SIDE}.")
    if max(width, height) > MAX_SIDE:
        raise TooMuch(f"The picture has {width} × {height} pixels; no side may have more than {MAX_SIDE}.", MAX_SIDE)
    if width * height > MAX_PIXELS:
        raise TooMuch(f"The picture has {width * height:,} pixels; {MAX_PIXELS:,} are the most.", MAX_PIXELS)


def _jpeg(file: bytes) -> File:
    width, height = _frame_size(file)
    _check_size(width, height)
    # Wherever they stand: inside the picture FF is always followed by 00 or a restart marker, so this counts too many
    # (a thumbnail's) but never too few.
    scans = file.count(b"\xff\xda")
    if scans > MAX_SCANS:
        raise TooMuch(f"The JPEG has {scans} scans; {MAX_SCANS} are the most.", MAX_SCANS)
    if scans * width * height > MAX_SCANNED:
        most = MAX_SCANNED // (width * height)
        raise TooMuch(f"The JPEG has {scans} scans; {most} are the most for a picture of its size.", most)
    if file.rfind(b"\xff\xd9") < file.rfind(b"\xff\xda"):
        raise BadPicture("The JPEG file is cut off: its end is missing.")
    return File("JPEG", width, height, file)


_MARKER = re.compile(rb"\xff+([\x01-\xfe])")
_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF0 … SOF15 without DHT, JPG, DAC


def _frame_size(file: bytes) -> tuple[int, int]:
    """Width and height, from the one frame header before the first scan."""
    at = 2
    size = None
    for _ in range(MAX_CHUNKS):
        marker = _MARKER.match(file, at)
        if not marker or marker.end() + 2 > len(file):
            raise BadPicture("The JPEG file is damaged or cut off in its header.")
        code = marker[1][0]
        (length,) = struct.unpack_from(">H", file, marker.end())
        if code in _FRAME:
            if size or length < 8 or marker.end() + length > len(file):
                raise BadPicture("The JPEG file is damaged: its frame header makes no sense.")
            depth, height, width = struct.unpack_from(">BHH", file, marker.end() + 2)
            if depth != 8:
                raise BadPicture(f"The JPEG has {depth} bits per channel; only 8 are read.")
            size = width, height
        elif code == 0xDA:
            if not size:
                raise BadPicture("The JPEG file is damaged: it has no frame header.")
            return size
        elif code in (0x01, 0xD8, 0xD9) or 0xD0 <= code <= 0xD7:
            raise BadPicture("The JPEG file is damaged: its header holds what only a picture may.")
        at = marker.end() + length
    raise TooMuch(f"The JPEG has more than {MAX_CHUNKS} segments before its picture.", MAX_CHUNKS)


def _png(file: bytes) -> File:
    # Only pixels and what turns them upright go on to the decoder: comments, packed or not, never reach it. A gamma
    # without a profile (gAMA, cHRM) is dropped too: nearly all that still write it mean sRGB.
    kept = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"eXIf", b"IEND"}
    content, packed = [file[:8]], []
    seen: set[bytes] = set()
    width = height = bits = interlaced = 0
    palette = False
    profile = None
    for name, body, whole in _png_chunks(file):
        if not seen:
            if name != b"IHDR" or len(body) != 13:
                raise BadPicture("The PNG file is damaged: its header is missing.")
            width, height, depth, colours, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            palette = colours == 3
            _check_size(width, height)
            if depth not in _DEPTHS.get(colours, ()) or interlaced > 1:
                raise BadPicture("The PNG file is damaged: there is no such kind of pixels.")
            bits = depth * _CHANNELS[colours]
        elif name in seen and name in {b"IHDR", b"PLTE", b"tRNS", b"iCCP"}:
            raise BadPicture(f"The PNG file is damaged: it has {name.decode()} twice.")
        if name in {b"acTL", b"fcTL", b"fdAT"}:
            raise BadPicture("The PNG is an animation. Send a still picture.")
        if name == b"IDAT" and palette and b"PLTE" not in seen:
            raise BadPicture("The PNG file is damaged: it has no palette.")
        if name == b"iCCP":
            profile = _unpacked(body)
        if name == b"IDAT":
            packed.append(body)
        if name in kept:
            content.append(whole)
        seen.add(name)
    if b"IDAT" not in seen:
        raise BadPicture("The PNG file is damaged: there is no picture in it.")
    _check_rows(packed, _stored(width, height, bits, bool(interlaced)))
    return File("PNG", width, height, b"".join(content), profile)


_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of each colour type
_DEPTHS = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # Adam7


def _stored(width: int, height: int, bits: int, interlaced: bool) -> int:
    """Bytes of all rows, each with its filter byte. PNG specification, sections 7.2 and 8.2."""
    total = 0
    for left, top, step_x, step_y in _PASSES if interlaced else ((0, 0, 1, 1),):
        columns, rows = -(-max(0, width - left) // step_x), -(-max(0, height - top) // step_y)
        total += rows * (1 + -(-columns * bits // 8)) if columns else 0
    return total


def _check_rows(packed: list[bytes], least: int) -> None:
    """Whether as many bytes are packed as the picture needs: Pillow draws what is missing black and does not say so."""
    unpacker = zlib.decompressobj()
    total = 0
    try:
        for part in packed:
            while part and total < least:
                total += len(unpacker.decompress(part, 2**20))
                part = unpacker.unconsumed_tail
    except zlib.error:
        raise BadPicture("The PNG file is damaged: its pixels cannot be unpacked.") from None
    if total < least:
        raise BadPicture("The PNG file is cut off: a part of the picture is missing.")


def _png_chunks(file: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Name, body, and all bytes of each chunk up to IEND. What stands after IEND is no part of the picture."""
    at = 8
    count = 0
    while True:
        if at + 12 > len(file):
            raise BadPicture("The PNG file is cut off.")
        length, name = struct.unpack_from(">I4s", file, at)
        end = at + 12 + length
        if end > len(file):
            raise BadPicture("The PNG file is cut off.")
        # The usual encoder cuts the picture into parts of 8 KiB: in 10 MiB these cannot be too many.
        count += not (name == b"IDAT" and length >= 8000)
        if count > MAX_CHUNKS:
            raise TooMuch(f"The PNG has more than {MAX_CHUNKS} chunks.", MAX_CHUNKS)
        if struct.unpack_from(">I", file, end - 4)[0] != zlib.crc32(file[at + 4 : end - 4]):
            raise BadPicture("The PNG file is damaged: a checksum is wrong.")
        if not name.isalpha():
            raise BadPicture("The PNG file is damaged: a chunk has no name.")
        yield name, file[at + 8 : end - 4], file[at:end]
        if name == b"IEND":
            return
        at = end


def _unpacked(chunk: bytes) -> bytes | None:
    """The profile of an iCCP chunk: name, 0, method 0, deflated profile. A damaged or huge one is as good as none."""
    _, _, packed = chunk.partition(b"\0")
    unpacker = zlib.decompressobj()
    try:
        profile = unpacker.decompress(packed[1:], MAX_PROFILE)
    except zlib.error:
        return None
    return profile if unpacker.eof else None


def _webp(file: bytes) -> File:
    end = struct.unpack_from("<I", file, 4)[0] + 8
    if end > len(file):
        raise BadPicture("The WebP file is cut off.")
    canvas = size = None
    at = 12
    for _ in range(MAX_CHUNKS):
        if at == end:
            break
        if at + 8 > end or at + 8 + struct.unpack_from("<I", file, at + 4)[0] > end:
            raise BadPicture("The WebP file is damaged or cut off.")
        name, length = struct.unpack_from("<4sI", file, at)
        body = file[at + 8 : at + 8 + length]
        if name in (b"ANIM", b"ANMF") or (name == b"VP8X" and body[:1] and body[0] & 2):
            raise BadPicture("The WebP is an animation. Send a still picture.")
        if name == b"VP8X" and at == 12 and length >= 10:
            canvas = int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
            _check_size(*canvas)
        elif name in (b"VP8 ", b"VP8L"):
            if size:
                raise BadPicture("The WebP file is damaged: it holds two pictures.")
            size = _webp_size(name, body)
            _check_size(*size)
        at = min(at + 8 + length + length % 2, end)
    else:
        raise TooMuch(f"The WebP has more than {MAX_CHUNKS} chunks.", MAX_CHUNKS)
    if not size or (canvas and canvas != size):
        raise BadPicture("The WebP file is damaged: there is no picture of the stated size in it.")
    return File("WEBP", *size, file[:end])


def _webp_size(name: bytes, body: bytes) -> tuple[int, int]:
    if name == b"VP8 " and body[3:6] == b"\x9d\x01\x2a" and len(body) >= 10:
        width, height = struct.unpack_from("<HH", body, 6)
        return width & 0x3FFF, height & 0x3FFF
    if name == b"VP8L" and body[:1] == b"\x2f" and len(body) >= 5:
        (bits,) = struct.unpack_from("<I", body, 1)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    raise BadPicture("The WebP file is damaged: its header makes no sense.")
