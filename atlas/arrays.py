"""Arrays for the browser, for Python and for keeping, all in one format: the safetensors layout."""

from pathlib import Path

import numpy as np
from safetensors.numpy import save_file


def write(file: Path, **arrays: np.ndarray) -> None:
    """Every array under its name; what is read back is the same to the bit."""
    save_file({name: np.asarray(array, order="C") for name, array in arrays.items()}, file)
