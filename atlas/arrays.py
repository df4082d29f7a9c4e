"""Arrays for the browser, for Python and for keeping, all in one format: the safetensors layout."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file


def write(file: Path, **arrays: np.ndarray) -> None:
    """Every array under its name; what is read back is the same to the bit."""
    save_file({name: np.asarray(array, order="C") for name, array in arrays.items()}, file)


def apart(**arrays: np.ndarray) -> dict[str, np.ndarray]:
    """Arrays as bytes, the first ones of all numbers, then the second ones: so they repeat more and zip to less."""
    found: dict[str, np.ndarray] = {}
    for name, array in arrays.items():
        wide = array.dtype.itemsize > 1
        parts = np.asarray(array, order="C")[..., None].view(np.uint8)  # (…, byte)
        found[name] = np.ascontiguousarray(np.moveaxis(parts, -1, 0)) if wide else array  # (byte, …)
        found |= {f"{name}.kind": np.array(array.dtype.str)} if wide else {}
    return found


def together(arrays: Mapping[str, np.ndarray], name: str) -> np.ndarray:
    """One of them as it was."""
    if f"{name}.kind" not in arrays:
        return arrays[name]
    parts = np.ascontiguousarray(np.moveaxis(arrays[name], 0, -1))  # (…, byte)
    return parts.view(np.dtype(str(arrays[f"{name}.kind"])))[..., 0]
