"""What ships of the bundled gallery as our AlexNet sees it, so that nobody waits for an index.

`python -m lucarne.atlas.vision.shipped` makes it anew; needed when the gallery or the weights change.

Summaries of the convolutions, of fc8 and of the dictionary's features, and relu7 in six bits: a row's largest value is
63, all else is rounded to a 63rd of it. Of the twelve nearest neighbours of each picture 99.6 % are those of float16.
"""

import argparse
import functools
import json
import tempfile
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tqdm import tqdm

from lucarne.atlas import arrays
from lucarne.atlas.galleries.gallery import BUNDLED, SHIPPED, Gallery, bundled
from lucarne.atlas.vision.indexing import Index
from lucarne.atlas.vision.summary import Summary, read, summarise, write
from lucarne.models.model import Model
from lucarne.models.progress import Progress
from lucarne.models.taps import FEATURES

STEPS = 63  # of a row of relu7
LEFT_OUT = ("fc6", "fc7")  # thousands of units each: their summaries would double what ships
SUMMARY, ROWS = "summary.npz", "relu7.safetensors"


def summary(folder: Path, kept: str) -> Summary | None:
    """None for a site that does not ship."""
    return None if kept in LEFT_OUT else read(folder / SUMMARY, kept)


@functools.lru_cache(maxsize=1)
def relu7(folder: Path) -> NDArray[np.float16]:
    """(pictures, 4096)."""
    kept = load_file(folder / ROWS)
    largest = kept["largest"][:, None]  # (pictures, 1)
    steps = np.frombuffer(zlib.decompress(kept["steps"].tobytes()), np.uint8).reshape(len(largest), -1)
    return (steps * largest / STEPS).astype(np.float16)


def keep_rows(file: Path, steps: NDArray[np.uint8], largest: NDArray[np.float32]) -> None:
    """In Huffman's code alone: few of these numbers come in the same order twice, and looking for it costs a sixth."""
    huffman = zlib.compressobj(9, strategy=zlib.Z_HUFFMAN_ONLY)
    squeezed = huffman.compress(steps.tobytes()) + huffman.flush()
    arrays.write(file, steps=np.frombuffer(squeezed, np.uint8), largest=largest)


def make(folder: Path, gallery: Gallery, model: Model, progress: Progress = iter) -> None:
    with tempfile.TemporaryDirectory() as place:
        index = Index(Path(place), model).extend(model, gallery.pack, progress)
        summaries = summarise(index, gallery.rows, progress)
        for site in (name for name in model.sites if name.endswith(FEATURES)):
            own = Index(Path(place) / site, model, only=site).extend(model, gallery.pack, progress)
            summaries |= summarise(own, gallery.rows, progress)
        rows = np.maximum(index.values("fc7"), 0).astype(np.float32)  # (pictures, 4096)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SHIPPED).unlink(missing_ok=True)
    write(folder / SUMMARY, {name: each for name, each in summaries.items() if name not in LEFT_OUT})
    largest = rows.max(1)
    steps = np.rint(rows / np.maximum(largest, 1e-6)[:, None] * STEPS).astype(np.uint8)
    keep_rows(folder / ROWS, steps, largest)
    about = {"weights": model.weights, "gallery": gallery.fingerprint}
    (folder / SHIPPED).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    from lucarne.models import load

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="alexnet")
    parser.add_argument("--out", type=Path)
    told = parser.parse_args()
    folder = told.out or BUNDLED / told.model
    make(folder, bundled(), load(told.model, device="cpu"), tqdm)
    print(f"{sum(file.stat().st_size for file in folder.iterdir()) / 2**20:.2f} MiB")


if __name__ == "__main__":
    main()
