"""From picture files nobody vouches for to centre squares, many at a time, each file in a child that may die of it.

`squares` runs here; `answer` and `warm` in the children of `lucarne.atlas.sandbox`. A batch that a file brings down is
done again file by file, so that only that file is left out.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from lucarne.atlas import decoding, gates
from lucarne.atlas.galleries.pack import Square, one_line
from lucarne.atlas.galleries.sources import Found
from lucarne.atlas.sandbox import Limits, Sandbox
from lucarne.models.errors import Mistake

SIDE = 256  # pixels that are kept of a larger square: the largest of our networks reads 227
BATCH = 32  # files that share a child
BATCH_BYTES = 8 * 2**20

warm = decoding.warm

_sandbox = Sandbox("lucarne.atlas.galleries.squares", Limits(cpu=20, wall=30))


@dataclass(frozen=True)
class Skipped:
    """A file that is no picture we can read, and why."""

    name: str
    why: str


def squares(files: Iterable[Found], skip: Callable[[Skipped], None]) -> Iterator[Square]:
    """The centre square of each file, no side over 256, in order; files that cannot be read are told to `skip`."""
    batch: list[tuple[Found, bytes]] = []
    size = 0
    for found in files:
        try:
            content = found.read()
        except OSError:
            skip(Skipped(one_line(found.name), "It cannot be read."))
            continue
        if len(content) > gates.MAX_BYTES:
            skip(Skipped(one_line(found.name), f"It has more than {gates.MAX_BYTES // 2**20} MiB."))
            continue
        batch.append((found, content))
        size += len(content)
        if len(batch) == BATCH or size >= BATCH_BYTES:
            yield from _decoded(batch, skip)
            batch, size = [], 0
    yield from _decoded(batch, skip)


def _decoded(batch: list[tuple[Found, bytes]], skip: Callable[[Skipped], None]) -> Iterator[Square]:
    if not batch:
        return
    told = json.dumps([len(content) for _, content in batch]).encode()
    outcome = _sandbox.run(told + b"\n" + b"".join(content for _, content in batch))
    answers = _read(outcome.answer, len(batch)) if outcome.finished else None
    if answers is None and len(batch) > 1:
        for one in batch:
            yield from _decoded([one], skip)
        return
    for (found, _), answer in zip(batch, answers or ["Decoding it takes too long or too much memory."], strict=True):
        if isinstance(answer, str):
            skip(Skipped(one_line(found.name), answer))
        else:
            yield Square(found.name, found.label, answer[1], answer[0])


def _read(answer: bytes, count: int) -> list[str | tuple[bytes, np.ndarray]] | None:
    """For each file why not, or the hash of the picture and its square. None for what is no answer of ours."""
    line, _, pixels = answer.partition(b"\n")
    answers: list[str | tuple[bytes, np.ndarray]] = []
    at = 0
    try:
        for said in json.loads(line):
            if "why" in said:
                answers.append(str(said["why"])[:200])
                continue
            side, origin = int(said["side"]), bytes.fromhex(said["origin"])
            if not 1 <= side <= SIDE or len(origin) != 32:
                return None
            square = np.frombuffer(pixels, np.uint8, side * side * 3, at).reshape(side, side, 3)
            answers.append((origin, square))
            at += side * side * 3
    except (ValueError, KeyError, TypeError):
        return None
    return answers if len(answers) == count and at == len(pixels) else None


def answer(work: bytes) -> bytes:
    """In the child: a line of JSON that says of each file why not or what its square is, and the squares' pixels."""
    line, _, files = work.partition(b"\n")
    said: list[dict[str, object]] = []
    pixels: list[bytes] = []
    at = 0
    for size in json.loads(line):
        try:
            image = decoding.decoded(gates.checked(files[at : at + size]))
        except Mistake as mistake:
            said.append({"why": mistake.detail})
        else:
            origin = hashlib.sha256(f"{image.height} {image.width} 3\n".encode() + image.tobytes())  # as pictures' ids
            image = _square(image)
            said.append({"side": image.width, "origin": origin.hexdigest()})
            pixels.append(image.tobytes())
        at += size
    return json.dumps(said).encode() + b"\n" + b"".join(pixels)


def _square(image: Image.Image) -> Image.Image:
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    cut = image.crop((left, top, left + side, top + side))
    return cut if side <= SIDE else cut.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
