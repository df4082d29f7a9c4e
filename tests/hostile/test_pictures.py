"""Files nobody vouches for: each is a picture, a BadPicture or a TooMuch, never anything else, and never costs much.

Run as a script with a first number and a count, this file decodes that many mutants and prints what came of them: the
tests start it so, because a decoder that crashes must not take the tests with it.
"""

import io
import json
import os
import random
import signal
import struct
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from lucarne.atlas import decoding, gates, pictures
from lucarne.atlas.pictures import Picture, decode
from lucarne.atlas.sandbox import Limits, Sandbox
from lucarne.models.errors import BadPicture, Mistake, NotAPicture, TooMuch

MUTANTS = int(os.environ.get("LUCARNE_MUTANTS", "3000"))
MiB = 2**20


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def chunk(name: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, depth: int, colours: int, rows: bytes, *before: bytes) -> bytes:
    """A PNG from its rows as they are stored, the filter byte of each included; `before` are chunks before IDAT."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colours, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(rows, 1))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(before) + body + chunk(b"IEND")


def with_chunks(file: bytes, *chunks: bytes) -> bytes:
    """A PNG with more chunks after its header."""
    return file[:33] + b"".join(chunks) + file[33:]


def with_segment(file: bytes, code: int, body: bytes) -> bytes:
    """A JPEG with one more segment at its beginning."""
    return file[:2] + struct.pack(">BBH", 0xFF, code, len(body) + 2) + body + file[2:]


def with_scans(file: bytes, count: int) -> bytes:
    """A progressive JPEG, its last scan repeated so often."""
    last = file.rfind(b"\xff\xda")
    return file[:last] + file[last:-2] * (count + 1) + file[-2:]


def photo(width: int = 32, height: int = 24, mode: str = "RGB") -> Image.Image:
    """Smooth, all colours, no symmetry."""
    y, x = np.mgrid[:height, :width].astype(float)
    planes = [128 + 120 * np.sin(x / 9 + y / 7 + turn) for turn in range(4)]
    return Image.fromarray(np.stack(planes, axis=-1).astype(np.uint8), "RGBA").convert(mode)


def exif(orientation: int, text: str = "") -> bytes:
    notes = Image.Exif()
    notes[0x0112] = orientation
    if text:
        notes[0x010E] = text
    return notes.tobytes()


def swapped_profile() -> bytes:
    """An ICC profile that calls blue what sRGB calls red."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    profile = profile[:24] + bytes(12) + profile[36:]  # the hour of its making, so that every run sees the same files
    tags = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}
    tagged = b"".join(tags.get(profile[at : at + 4], profile[at : at + 4]) for at in range(0, len(profile), 4))
    return tagged.replace("sRGB".encode("utf-16-be"), "swap".encode("utf-16-be"))


def seeds() -> dict[str, bytes]:
    """Small files of every kind we read."""
    palette = photo(mode="RGB").quantize(16)
    profile = swapped_profile()
    return {
        "baseline.jpg": saved(photo(), "JPEG", quality=70),
        "progressive.jpg": saved(photo(), "JPEG", quality=70, progressive=True),
        "noted.jpg": saved(photo(), "JPEG", exif=exif(6, "hello"), icc_profile=profile),
        "cmyk.jpg": saved(photo(mode="CMYK"), "JPEG", quality=50),
        "grey.jpg": saved(photo(mode="L"), "JPEG", quality=50),
        "rgb.png": saved(photo(), "PNG"),
        "rgba.png": saved(photo(mode="RGBA"), "PNG", exif=exif(5), icc_profile=profile),
        "palette.png": saved(palette, "PNG", transparency=bytes(range(0, 256, 16))),
        "deep.png": saved(Image.fromarray(np.arange(768, dtype=np.uint16).reshape(24, 32) * 80), "PNG"),
        "bits.png": saved(photo(mode="L").convert("1"), "PNG"),
        "lossy.webp": saved(photo(), "WEBP", quality=60),
        "lossless.webp": saved(photo(mode="RGBA"), "WEBP", lossless=True),
        "alpha.webp": saved(photo(mode="RGBA"), "WEBP", quality=60, exif=exif(8), icc_profile=profile),
    }


# ── mutants ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def mutant(number: int, files: list[bytes]) -> bytes:
    """One to four things done to one of the files; checksums are often made right again, to get past the gates."""
    rng = random.Random(number)
    file = bytearray(rng.choice(files))
    for _ in range(rng.randint(1, 4)):
        at, length = rng.randrange(len(file)), rng.choice((1, 1, 2, 4, 16, 64))
        match rng.randrange(8):
            case 0:
                file[at] ^= 1 << rng.randrange(8)
            case 1:
                file[at : at + length] = rng.randbytes(length)
            case 2:
                del file[at : at + length]
            case 3:
                file[at:at] = rng.randbytes(length)
            case 4:
                file[at:at] = file[at : at + 8 * length]
            case 5:
                file[at : at + length] = bytes([rng.choice((0, 0xFF, 0x7F, 0x80))]) * length
            case 6:
                other = rng.choice(files)
                file[at:] = other[rng.randrange(len(other)) :]
            case _:
                del file[at:]
        if not file:
            return b""
    return mended(bytes(file)) if rng.random() < 0.7 else bytes(file)


def mended(file: bytes) -> bytes:
    """Right checksums for a PNG, right length for a WebP."""
    if file.startswith(b"RIFF"):
        return file[:4] + struct.pack("<I", max(0, len(file) - 8)) + file[8:]
    if not file.startswith(b"\x89PNG"):
        return file
    parts, at = [file[:8]], 8
    while at + 12 <= len(file):
        (length,) = struct.unpack_from(">I", file, at)
        if at + 12 + length > len(file):
            break
        parts.append(chunk(file[at + 4 : at + 8], file[at + 8 : at + 8 + length]))
        at += 12 + length
    return b"".join(parts) + file[at:]


def prefixes(files: list[bytes]) -> Iterator[bytes]:
    for file in files:
        for length in range(len(file)):
            yield file[:length]


def outcome(file: bytes) -> str:
    """The kind of what comes of a file, when it is one of those promised and well told."""
    try:
        height, width, pixels = decoding.read(decoding.answer(file))
    except (BadPicture, TooMuch) as mistake:
        told = mistake.detail
        assert 10 < len(told) <= 200 and told.endswith(".") and "/" not in told and ".py" not in told, told
        return type(mistake).__name__
    Picture.of(np.frombuffer(pixels, np.uint8).reshape(height, width, 3))
    return "Picture"


def batch(what: str, first: int, count: int) -> None:
    """Print each number before its turn, so that the last one printed names the file that crashed us; then the sums."""
    files = list(seeds().values())
    if what == "prefixes":
        turns = list(enumerate(prefixes(files)))
    else:
        turns = [(number, mutant(number, files)) for number in range(first, first + count)]
    counts: Counter[str] = Counter()
    for number, file in turns:
        print(number, flush=True)
        signal.setitimer(signal.ITIMER_PROF, Limits().cpu)
        counts[outcome(file)] += 1
    print(json.dumps(counts))


def run_batch(what: str, first: int = 0, count: int = 0) -> dict[str, int]:
    ran = subprocess.run(
        [sys.executable, __file__, what, str(first), str(count)], capture_output=True, text=True, timeout=3600
    )
    lines = ran.stdout.splitlines() or ["nothing"]
    assert ran.returncode == 0, f"{what} {lines[-1]}: status {ran.returncode}\n{ran.stderr[-2000:]}"
    return json.loads(lines[-1])


def test_every_mutant_is_a_picture_or_a_mistake() -> None:
    half = MUTANTS // 2
    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(lambda first: run_batch("mutants", first, half), (0, half)))
    counts = sum((Counter(part) for part in parts), Counter())
    assert counts.total() == 2 * half
    assert set(counts) <= {"Picture", "BadPicture", "NotAPicture", "TooMuch"}
    assert counts["Picture"] > half / 50, "the mutants are too wild to reach a decoder"


def test_no_beginning_of_a_file_is_a_picture() -> None:
    counts = run_batch("prefixes")
    assert "Picture" not in counts
    assert sum(counts.values()) == sum(len(file) for file in seeds().values())


@pytest.mark.parametrize("name", seeds())
def test_whole_files_are_pictures(name: str) -> None:
    assert decode(seeds()[name]).pixels.shape in {(24, 32, 3), (32, 24, 3)}


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────

ROWS = b"\0" + b"\x40" * 24
SMALL = png(8, 8, 8, 2, ROWS * 8)
BLANK = Image.new("RGB", (16, 16), "teal")


def frames(kind: str, **options: Any) -> bytes:
    return saved(BLANK, kind, save_all=True, append_images=[photo(16, 16)], **options)


def of_height(file: bytes, height: int) -> bytes:
    """A baseline JPEG that states another height."""
    at = file.index(b"\xff\xc0")
    return file[: at + 5] + struct.pack(">H", height) + file[at + 7 :]


NOT_PICTURES: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one byte": lambda: b"\xff",
    "html": lambda: b"<!doctype html><script>alert(1)</script>",
    "svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>',
    "gif": lambda: saved(BLANK, "GIF"),
    "gif that is html": lambda: b"GIF89a/*" + b"<script>" * 9,
    "tiff": lambda: saved(BLANK, "TIFF"),
    "bmp": lambda: saved(BLANK, "BMP"),
    "ico": lambda: saved(BLANK, "ICO"),
    "eps": lambda: saved(BLANK, "EPS"),
    "pdf": lambda: saved(BLANK, "PDF"),
    "avif": lambda: b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(99),
    "jpeg 2000": lambda: saved(BLANK, "JPEG2000"),
    "wave": lambda: b"RIFF\x24\0\0\0WAVEfmt " + bytes(24),
    "space before": lambda: b" " + SMALL,
    "zip": lambda: b"PK\3\4" + SMALL,
}

BAD: dict[str, Callable[[], bytes]] = {
    "png signature": lambda: SMALL[:8],
    "jpeg signature": lambda: b"\xff\xd8\xff",
    "jpeg begins and ends": lambda: b"\xff\xd8\xff\xd9",
    "webp signature": lambda: b"RIFF\4\0\0\0WEBP",
    "bad checksum": lambda: SMALL[:50] + bytes([SMALL[50] ^ 1]) + SMALL[51:],
    "no IDAT": lambda: SMALL[:33] + chunk(b"IEND"),
    "no header": lambda: SMALL[:8] + SMALL[33:],
    "no palette": lambda: png(8, 8, 8, 3, (b"\0" * 9) * 8),
    "two headers": lambda: with_chunks(SMALL, SMALL[8:33]),
    "rows missing": lambda: png(8, 8, 8, 2, ROWS * 4),
    "no such depth": lambda: png(8, 8, 3, 2, ROWS * 8),
    "not deflated": lambda: SMALL[:33] + chunk(b"IDAT", b"\x99" * 40) + chunk(b"IEND"),
    "apng": lambda: frames("PNG"),
    "animated webp": lambda: frames("WEBP"),
    "several jpegs": lambda: frames("MPO"),
    "1 × 1": lambda: saved(BLANK.resize((1, 1)), "PNG"),
    "7 wide": lambda: saved(BLANK.resize((7, 900)), "JPEG"),
    "0 high png": lambda: png(8, 0, 8, 2, b""),
    "0 high jpeg": lambda: of_height(saved(BLANK, "JPEG"), 0),
    "12 bits": lambda: saved(BLANK, "JPEG").replace(b"\xff\xc0\0\x11\x08", b"\xff\xc1\0\x11\x0c"),
    "two frame headers": lambda: (
        (file := saved(BLANK, "JPEG"))[: (at := file.index(b"\xff\xc0"))] + file[at : at + 19] * 2 + file[at + 19 :]
    ),
    "jpeg cut in its scan": lambda: saved(photo(200, 200), "JPEG")[:-400],
    "webp cut, length mended": lambda: mended(saved(photo(90, 90), "WEBP")[:-60]),
    "webp of two sizes": lambda: (file := seeds()["alpha.webp"])[:24] + b"\x20" + file[25:],
}

TOO_MUCH: dict[str, tuple[int, Callable[[], bytes]]] = {
    "over 10 MiB": (gates.MAX_BYTES, lambda: SMALL + bytes(10 * MiB)),
    "9400 × 9400 zeros": (gates.MAX_SIDE, lambda: png(9400, 9400, 8, 2, bytes(9400 * 28201))),
    "20000 × 20000 grey": (gates.MAX_SIDE, lambda: png(20000, 20000, 1, 0, bytes(20000 * 2501))),
    "1 × 65535": (gates.MAX_SIDE, lambda: of_height(saved(Image.new("L", (8, 8)), "JPEG"), 65535)),
    "4 billion wide": (gates.MAX_SIDE, lambda: png(2**32 - 1, 2**32 - 1, 16, 6, b"")),
    "25.005 megapixels": (gates.MAX_PIXELS, lambda: saved(Image.new("L", (5001, 5000)), "PNG", compress_level=1)),
    "webp 16383 wide": (gates.MAX_SIDE, lambda: saved(Image.new("RGB", (16383, 8)), "WEBP", method=0)),
    "300 scans": (gates.MAX_SCANS, lambda: with_scans(saved(photo(64, 64), "JPEG", progressive=True), 300)),
    "99 scans of 16 megapixels": (
        gates.MAX_SCANNED // 4000**2,
        lambda: with_scans(saved(Image.new("L", (4000, 4000)), "JPEG", progressive=True), 90),
    ),
    "1001 comments": (gates.MAX_CHUNKS, lambda: with_chunks(SMALL, *[chunk(b"tEXt", b"a\0b")] * 1001)),
    "100,000 empty parts": (gates.MAX_CHUNKS, lambda: with_chunks(SMALL, *[chunk(b"IDAT")] * 100_000)),
    "2000 jpeg comments": (
        gates.MAX_CHUNKS,
        lambda: (file := saved(BLANK, "JPEG"))[:2] + b"\xff\xfe\0\2" * 2000 + file[2:],
    ),
}


def refused(file: bytes) -> Mistake:
    with pytest.raises(Mistake) as caught:
        decode(file)
    detail = caught.value.detail
    assert 10 < len(detail) <= 200 and "/" not in detail and ".py" not in detail
    return caught.value


@pytest.mark.parametrize("name", NOT_PICTURES)
def test_other_types_are_refused_by_content(name: str) -> None:
    assert type(refused(NOT_PICTURES[name]())) is NotAPicture


@pytest.mark.parametrize("name", BAD)
def test_damaged_pictures_are_refused(name: str) -> None:
    assert type(refused(BAD[name]())) is BadPicture


@pytest.mark.parametrize("name", TOO_MUCH)
def test_what_is_over_a_limit_is_refused_before_it_is_decoded(name: str) -> None:
    limit, made = TOO_MUCH[name]
    file = made()
    mistake = refused(file)
    assert isinstance(mistake, TooMuch) and mistake.limit == limit
    if len(file) <= gates.MAX_BYTES:
        assert pictures._sandbox.run(file).memory < 80 * MiB


@pytest.mark.parametrize(
    "name, body",
    [
        (b"zTXt", b"a\0\0" + zlib.compress(bytes(200 * MiB), 1)),
        (b"iTXt", b"a\0\1\0\0\0" + zlib.compress(bytes(200 * MiB), 1)),
        (b"iCCP", b"a\0\0" + zlib.compress(bytes(200 * MiB), 1)),
        (b"iCCP", b"a\0\0" + b"not deflated"),
        (b"iCCP", b""),
    ],
)
def test_packed_chunks_are_not_unpacked_beyond_reason(name: bytes, body: bytes) -> None:
    outcome = pictures._sandbox.run(with_chunks(SMALL, chunk(name, body)))
    assert outcome.finished and outcome.memory < 80 * MiB
    assert decode(with_chunks(SMALL, chunk(name, body))) == decode(SMALL)


def test_more_rows_than_stated_are_not_unpacked() -> None:
    file = png(8, 8, 8, 2, ROWS * 8 + bytes(400 * MiB))
    assert decode(file) == decode(SMALL)
    assert pictures._sandbox.run(file).memory < 80 * MiB


@pytest.mark.parametrize("tail", [b"<script>alert(1)</script>", b"PK\3\4" + bytes(500), b"%PDF-1.7", bytes(1000)])
@pytest.mark.parametrize("name", ["baseline.jpg", "rgb.png", "lossy.webp"])
def test_a_polyglot_is_nothing_but_its_pixels(name: str, tail: bytes) -> None:
    file = seeds()[name]
    picture = decode(file + tail)
    assert picture == decode(file)
    assert tail[:8] not in pictures.encode_png(picture.pixels) or tail[:8] == bytes(8)


def test_script_in_a_comment_does_not_come_back() -> None:
    file = with_segment(saved(photo(), "JPEG", quality=70), 0xFE, b"*/=alert(1)/*")
    assert decode(file) == decode(seeds()["baseline.jpg"])
    assert b"alert" not in pictures.encode_png(decode(file).pixels)


WORST: dict[str, Callable[[], bytes]] = {
    "rgba.png": lambda: saved(Image.new("RGBA", (5000, 5000), (9, 99, 199, 90)), "PNG", compress_level=1),
    "palette.png": lambda: saved(Image.new("P", (5000, 5000)), "PNG", transparency=b"\x40\x80", compress_level=1),
    "deep.png": lambda: saved(Image.new("I;16", (5000, 5000), 40000), "PNG", transparency=7, compress_level=1),
    "lossless.webp": lambda: saved(
        Image.new("RGBA", (5000, 5000), (9, 99, 199, 90)), "WEBP", lossless=True, quality=0, method=0
    ),
    "lossy.webp": lambda: saved(Image.new("RGBA", (5000, 5000), (9, 99, 199, 90)), "WEBP", method=0),
    "cmyk.jpg": lambda: saved(Image.new("CMYK", (5000, 5000), (9, 99, 199, 90)), "JPEG", progressive=True),
    "long.png": lambda: saved(Image.new("RGBA", (8192, 3050), (9, 99, 199, 90)), "PNG", compress_level=1),
}


@pytest.mark.parametrize("name", WORST)
def test_the_largest_pictures_are_read_within_350_mib(name: str) -> None:
    outcome = pictures._sandbox.run(WORST[name]())
    assert outcome.finished
    assert max(decoding.read(outcome.answer)[:2]) == decoding.LONGEST
    assert outcome.memory <= 350 * MiB


# ── what is read, and how ────────────────────────────────────────────────────────────────────────────────────────────


def pixels(file: bytes) -> np.ndarray:
    return decode(file).pixels


def upright(stored: np.ndarray, orientation: int) -> np.ndarray:
    """What a picture stored so is meant to look like: TIFF 6.0, Orientation."""
    return {
        2: stored[:, ::-1],
        3: stored[::-1, ::-1],
        4: stored[::-1],
        5: stored.swapaxes(0, 1),
        6: np.rot90(stored, -1),
        7: stored[::-1, ::-1].swapaxes(0, 1),
        8: np.rot90(stored, 1),
    }.get(orientation, stored)


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_pictures_are_turned_upright(kind: str, orientation: int) -> None:
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
    plain = pixels(saved(photo(), kind, **options))
    noted = pixels(saved(photo(), kind, exif=exif(orientation), **options))
    assert np.array_equal(noted, upright(plain, orientation))
    if kind != "JPEG":
        assert np.array_equal(plain, np.asarray(photo()))


def test_long_notes_do_no_harm() -> None:
    assert decode(saved(photo(), "JPEG", quality=70, exif=exif(1, "x" * 60_000))) == decode(seeds()["baseline.jpg"])


def test_broken_notes_do_no_harm() -> None:
    for notes in (b"Exif\0\0", b"Exif\0\0MM\0*\xff\xff\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + b"\xff" * 90):
        assert decode(with_segment(saved(photo(), "JPEG", quality=70), 0xE1, notes)) == decode(seeds()["baseline.jpg"])


def test_16_bit_grey_is_scaled() -> None:
    levels = np.linspace(0, 65535, 64).astype(">u2").reshape(8, 8)
    rows = b"".join(b"\0" + row.tobytes() for row in levels)
    expected = np.rint(levels.astype(float) / 257).astype(np.uint8)
    assert np.array_equal(pixels(png(8, 8, 16, 0, rows)), np.stack([expected] * 3, axis=-1))
    clear = chunk(b"tRNS", struct.pack(">H", int(levels[3, 3])))
    expected[3, 3] = 255
    assert np.array_equal(pixels(png(8, 8, 16, 0, rows, clear))[..., 1], expected)


def test_16_bit_colour_is_scaled() -> None:
    levels = np.linspace(0, 65535, 192).astype(">u2").reshape(8, 8, 3)
    rows = b"".join(b"\0" + row.tobytes() for row in levels)
    assert abs(pixels(png(8, 8, 16, 2, rows)) - levels / 257).max() <= 1
    clear = chunk(b"tRNS", levels[3, 3].tobytes())
    drawn = pixels(png(8, 8, 16, 2, rows, clear))
    assert (drawn[3, 3] == 255).all() and (drawn[3, 4] < 255).all()


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_few_bits_of_grey_span_the_whole_range(depth: int) -> None:
    most = 2**depth - 1
    levels = np.arange(64).reshape(8, 8) % (most + 1)
    bits = (levels[..., None] >> np.arange(depth - 1, -1, -1)) & 1
    rows = b"".join(b"\0" + np.packbits(row).tobytes() for row in bits.reshape(8, -1))
    expected = levels * 255 // most
    assert np.array_equal(pixels(png(8, 8, depth, 0, rows))[..., 0], expected)
    clear = chunk(b"tRNS", struct.pack(">H", most - 1))
    assert np.array_equal(pixels(png(8, 8, depth, 0, rows, clear))[..., 0], np.where(levels == most - 1, 255, expected))


@pytest.mark.parametrize("size", [(8, 8), (9, 13), (33, 10)])
def test_interlaced_pictures_are_read_and_their_missing_rows_missed(size: tuple[int, int]) -> None:
    width, height = size
    colours = np.asarray(photo(width, height))
    rows = b""
    for left, top, right, down in gates._PASSES:
        part = colours[top::down, left::right]
        rows += b"".join(b"\0" + row.tobytes() for row in part) if part.size else b""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1))

    def interlaced(rows: bytes) -> bytes:
        return SMALL[:8] + header + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND")

    assert np.array_equal(pixels(interlaced(rows)), colours)
    assert type(refused(interlaced(rows[:-1]))) is BadPicture


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_alpha_is_laid_on_white(mode: str) -> None:
    drawn = np.asarray(photo(mode="RGBA").convert(mode)).astype(float)
    colour, alpha = drawn[..., :-1], drawn[..., -1:] / 255
    expected = np.broadcast_to(colour * alpha + 255 * (1 - alpha), (24, 32, 3))
    assert abs(pixels(saved(photo(mode="RGBA").convert(mode), "PNG")) - expected).max() <= 1


def test_colours_under_full_transparency_stay_hidden() -> None:
    hidden = Image.new("RGBA", (2000, 2000), (255, 0, 0, 0))
    assert (pixels(saved(hidden, "PNG", compress_level=1)) == 255).all()
    assert (pixels(saved(hidden.resize((20, 20)), "WEBP", lossless=True, exact=True)) == 255).all()


def test_palette_with_alpha() -> None:
    picture = Image.new("P", (8, 8))
    picture.putpalette([255, 0, 0, 0, 0, 255, 10, 20, 30])
    picture.putdata([(x + y) % 3 for y in range(8) for x in range(8)])
    colours = np.array([[255, 255, 255], [127, 127, 255], [10, 20, 30]])  # clear, half, full
    expected = colours[np.add.outer(np.arange(8), np.arange(8)) % 3]
    assert abs(pixels(saved(picture, "PNG", transparency=bytes([0, 128, 255]))) - expected).max() <= 1


def test_one_bit_pictures_are_black_and_white() -> None:
    picture = Image.fromarray(np.add.outer(np.arange(9), np.arange(9)) % 2 == 0)
    assert np.array_equal(pixels(saved(picture, "PNG"))[..., 0], np.asarray(picture) * 255)


def test_cmyk_becomes_rgb() -> None:
    inks = {(255, 0, 0, 0): (0, 255, 255), (0, 255, 255, 0): (255, 0, 0), (0, 0, 0, 255): (0, 0, 0)}
    for ink, colour in inks.items():
        drawn = pixels(saved(Image.new("CMYK", (16, 16), ink), "JPEG", quality=95))
        assert abs(drawn.astype(int) - colour).max() <= 3


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_colour_profiles_are_followed(kind: str) -> None:
    options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {"quality": 98} if kind == "JPEG" else {}
    red = Image.new("RGB", (16, 16), (255, 0, 0))
    drawn = pixels(saved(red, kind, icc_profile=swapped_profile(), **options)).astype(int)
    assert abs(drawn - (0, 0, 255)).max() <= 4


@pytest.mark.parametrize("profile", [b"", b"\0" * 200, random.Random(0).randbytes(3000), swapped_profile()[:-600]])
def test_broken_profiles_are_ignored(profile: bytes) -> None:
    plain = saved(photo(), "PNG")
    assert decode(saved(photo(), "PNG", icc_profile=profile)).pixels.shape == (24, 32, 3)
    assert decode(with_chunks(plain, chunk(b"iCCP", b"a\0\0" + zlib.compress(bytes(200))))) == decode(plain)


def test_profiles_of_another_kind_of_picture_are_ignored() -> None:
    grey, cmyk = saved(photo(mode="L"), "JPEG"), photo(mode="CMYK")
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert decode(saved(photo(mode="L"), "JPEG", icc_profile=profile)) == decode(grey)
    assert decode(saved(cmyk, "JPEG", icc_profile=profile)) == decode(saved(cmyk, "JPEG"))


def test_large_pictures_are_reduced_in_shape() -> None:
    large = photo(2400, 1600)
    small = np.asarray(large.resize((1024, 683), Image.Resampling.LANCZOS))
    options: dict[str, dict[str, Any]] = {"PNG": {"compress_level": 1}, "JPEG": {}, "WEBP": {"method": 0}}
    for kind, how in options.items():
        drawn = pixels(saved(large, kind, **how))
        assert drawn.shape == (683, 1024, 3)
        assert abs(drawn.astype(int) - small).mean() < 3
    assert pixels(saved(Image.new("RGB", (8192, 8)), "PNG")).shape == (1, 1024, 3)


def test_previews_and_gain_maps_of_cameras_do_no_harm() -> None:
    file = saved(photo(64, 48), "JPEG")
    xmp = b'http://ns.adobe.com/xap/1.0/\0<x hdrgm:Version="1.0"/>'
    assert decode(with_segment(frames("MPO"), 0xE1, xmp)).pixels.shape == (16, 16, 3)
    assert decode(file + saved(photo(16, 16), "JPEG")) == decode(file)


def test_large_pngs_of_the_usual_encoder_are_not_too_many_chunks() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1700, 1700, 3), np.uint8)
    file = saved(Image.fromarray(noise), "PNG", compress_level=0)
    body = b"".join(body for name, body, _ in gates._png_chunks(file) if name == b"IDAT")
    parts = [chunk(b"IDAT", body[at : at + 8192]) for at in range(0, len(body), 8192)]
    assert len(parts) > gates.MAX_CHUNKS
    assert pixels(file[:33] + b"".join(parts) + chunk(b"IEND")).shape == (1024, 1024, 3)


def test_same_pixels_are_the_same_picture() -> None:
    one, other = decode(saved(photo(), "PNG")), decode(saved(photo(), "WEBP", lossless=True))
    assert one == other and one.id == other.id and len(one.id) == 64
    assert one != decode(saved(photo().transpose(Image.Transpose.ROTATE_90), "PNG"))
    with pytest.raises(ValueError):
        one.pixels[0, 0, 0] = 1


# ── the child ────────────────────────────────────────────────────────────────────────────────────────────────────────

NAUGHTY = """
import ctypes, os, signal, tempfile, time

def warm():
    pass

def answer(work):
    if work == b"spin":
        while True: pass
    if work == b"sleep":
        time.sleep(60)
    if work == b"memory":
        return b"%d" % len(bytearray(200 << 20))
    if work == b"crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    if work == b"kill everybody":
        os.kill(os.getppid(), signal.SIGKILL)
        os._exit(1)
    if work == b"write":
        with tempfile.TemporaryFile(buffering=0) as file: file.write(b"x")
    return work
"""


@pytest.fixture(scope="module")
def naughty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    folder = tmp_path_factory.mktemp("naughty")
    (folder / "naughty_module.py").write_text(NAUGHTY)
    sys.path.insert(0, str(folder))
    box = Sandbox("naughty_module", Limits(cpu=0.3, wall=1.0, memory=150 * MiB))
    box.run(b"")
    sys.path.remove(str(folder))
    yield box
    box.close()


@pytest.mark.parametrize("work", [b"spin", b"sleep", b"memory", b"crash", b"write"])
def test_a_child_that_goes_wrong_is_ended_and_the_next_is_well(naughty: Sandbox, work: bytes) -> None:
    assert not naughty.run(work).finished
    assert naughty.run(b"hello").answer == b"hello"


def test_a_child_that_ends_its_warden_is_an_error_of_ours(naughty: Sandbox) -> None:
    with pytest.raises(RuntimeError):
        naughty.run(b"kill everybody")


def test_much_travels_both_ways_at_once() -> None:
    file = saved(Image.fromarray(np.random.default_rng(0).integers(0, 256, (1024, 1024, 3), np.uint8)), "PNG")
    with ThreadPoolExecutor(6) as pool:
        assert len({picture.id for picture in pool.map(decode, [file] * 12)}) == 1


def test_a_lost_process_is_started_again() -> None:
    decode(SMALL)
    kettle = pictures._sandbox._kettle
    assert kettle
    kettle.kill()
    kettle.wait()
    assert decode(SMALL).pixels.shape == (8, 8, 3)


def test_works_in_a_script_without_a_main_guard(tmp_path: Path) -> None:
    (tmp_path / "small.png").write_bytes(SMALL)
    script = tmp_path / "script.py"
    script.write_text(
        "import sys\nfrom lucarne.atlas.pictures import decode\n"
        "print('once', decode(open('small.png', 'rb').read()).pixels.shape, 'torch' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, str(script)], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert ran.stdout == "once (8, 8, 3) False\n", ran.stderr


if __name__ == "__main__":
    batch(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
