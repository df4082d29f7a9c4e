"""Stages of a long work, each kept whole in a folder: begun again after kill -9, it goes on and ends the same."""

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save

Arrays = dict[str, np.ndarray]


def kept(file: Path, make: Callable[[], Arrays]) -> Arrays:
    """What `make` answers, from the file if it is there and whole; else made, and put there by rename."""
    try:
        return load_file(file)
    except (FileNotFoundError, SafetensorError):
        arrays = {name: np.ascontiguousarray(array) for name, array in make().items()}
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
    return arrays
