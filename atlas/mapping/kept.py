"""Stages of a long work, each kept whole in a folder: begun again after kill -9, it goes on and ends the same."""

import hashlib
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save

from lucarne.models.progress import Progress

Arrays = dict[str, np.ndarray]
Keys = NDArray[np.uint8]  # (things, 32): a sha256 each

KEYS = "keys"
STALE = 3600  # seconds after which a half-written file has no writer any more


def keyed(said: list[str]) -> Keys:
    """The keys of things by what is said of each in full."""
    digests = b"".join(hashlib.sha256(each.encode()).digest() for each in said)
    return np.frombuffer(digests, np.uint8).reshape(-1, 32)


def kept(file: Path, make: Callable[[], Arrays]) -> Arrays:
    """What `make` answers, from the file if it is there and whole; else made, and put there by rename."""
    try:
        return load_file(file)
    except (FileNotFoundError, SafetensorError):
        arrays = {name: np.ascontiguousarray(array) for name, array in make().items()}
    _put(file, arrays)
    return arrays


def kept_each(
    folder: Path,
    keys: Keys,
    make: Callable[[list[NDArray[np.int64]]], Iterable[Arrays]],
    together: int,
    progress: Progress = iter,
) -> Arrays:
    """What belongs to each of `keys`, in their order; what the folder does not hold is made, so many `together`.

    `make` is told places among `keys`, block by block, and answers to each block arrays with a row for each place.
    They are kept in files that know the keys of their rows: whoever comes later with some of the same keys, in whatever
    order, finds them.
    """
    names = [each.tobytes() for each in keys]
    held = _held(folder)
    missing = [i for name, i in {name: i for i, name in reversed([*enumerate(names)])}.items() if name not in held]
    missing.sort()
    blocks = [np.array(missing[first : first + together], np.int64) for first in range(0, len(missing), together)]
    for some, arrays in zip(progress(blocks), make(blocks), strict=False):  # a step begins, then what it made is there
        made = arrays | {KEYS: keys[some]}
        file = folder / f"{hashlib.sha256(keys[some].tobytes()).hexdigest()[:32]}.safetensors"
        _put(file, {name: np.ascontiguousarray(array) for name, array in made.items()})
        held |= {names[i]: (file, row) for row, i in enumerate(some)}
    return _gathered([held[name] for name in names])


def _held(folder: Path) -> dict[bytes, tuple[Path, int]]:
    """The block and the row of every key. A block that is damaged is thrown away: what was in it is made again."""
    held: dict[bytes, tuple[Path, int]] = {}
    for half in folder.glob("*.half"):
        if time.time() - half.stat().st_mtime > STALE:
            half.unlink(missing_ok=True)
    for file in sorted(folder.glob("*.safetensors")):
        try:
            with safe_open(file, "numpy") as block:
                held |= {key.tobytes(): (file, row) for row, key in enumerate(block.get_tensor(KEYS))}
        except SafetensorError:
            file.unlink()
    return held


def _gathered(places: list[tuple[Path, int]]) -> Arrays:
    """Rows of blocks, each block read once."""
    wanted: dict[Path, list[tuple[int, int]]] = {}
    for i, (file, row) in enumerate(places):
        wanted.setdefault(file, []).append((i, row))
    whole: Arrays = {}
    for file, rows in wanted.items():
        to, at = np.array(rows).T
        for name, array in load_file(file).items():
            if name != KEYS:
                empty = (len(places), *array.shape[1:])
                whole.setdefault(name, np.empty(empty, array.dtype))[to] = array[at]
    return whole


def _put(file: Path, arrays: Arrays) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(f".{os.getpid()}.half")
    try:
        with half.open("wb") as opened:
            opened.write(save(arrays))
            opened.flush()
            os.fsync(opened.fileno())
        half.replace(file)
    finally:
        half.unlink(missing_ok=True)
