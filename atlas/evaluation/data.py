"""Finding what networks are measured on, and saying in one sentence what is missing or damaged."""

import lzma
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from PIL import UnidentifiedImageError

from lucarne.models.errors import Unsuitable
from lucarne.models.training.corpus import documents
from lucarne.models.training.data import decoded, index_of


def pack(data: Path, name: str, size: int, cache: Path) -> tuple[np.ndarray, np.ndarray]:
    """The centre squares of a pack of pictures, uint8 (n, size, size, 3), and their labels, int64 (n,).

    The pack lies in `data` or in `data/pictures`; decoded once, the pictures stay in `cache`.
    """
    folder = _place(data, "pictures", f"{name}*.index.npz")
    if folder is None:
        raise Unsuitable(f"No pack {name} in the data folder: it needs {name}.bin and {name}.index.npz.", field="data")
    try:
        labels = [index_of(index)[1] for index in sorted(folder.glob(f"{name}*.index.npz"))]
        pictures, known = decoded(folder, name, size, cache)
    except (ValueError, KeyError, EOFError, BadZipFile, UnidentifiedImageError) as error:
        raise Unsuitable(f"The pack {name} or what the cache keeps of it is damaged.", field="data") from error
    except OSError as error:
        reason = error.strerror or "it is cut short"
        raise Unsuitable(f"The pack {name} or the cache cannot be used: {reason}.", field="data") from error
    if not np.array_equal(np.concatenate(labels), known):
        raise Unsuitable(f"The cache keeps other pictures as {name}: choose another --cache.", field="cache")
    if not len(known):
        raise Unsuitable(f"The pack {name} is empty.", field="data")
    return pictures, known


def stories(data: Path, name: str) -> list[str]:
    """The documents of a text that lies in `data` or in `data/text`."""
    folder = _place(data, "text", name)
    if folder is None:
        raise Unsuitable(f"No text {name} in the data folder, nor in a folder text in it.", field="data")
    try:
        return list(documents(folder / name))
    except (lzma.LZMAError, EOFError, UnicodeDecodeError) as error:
        raise Unsuitable(f"The text {name} is damaged.", field="data") from error
    except OSError as error:
        raise Unsuitable(f"The text {name} cannot be read: {error.strerror}.", field="data") from error


def _place(data: Path, inner: str, pattern: str) -> Path | None:
    """`data` or its folder `inner`, whichever has something of that name."""
    if not data.is_dir():
        raise Unsuitable("There is no data folder of that name.", field="data")
    return next((place for place in (data, data / inner) if any(place.glob(pattern))), None)
