"""A made-up data set in the documented format, small enough to train on in a second."""

import io
import lzma
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lucarne.models.training import gpt, shakespeare

from ..calm import one_thread

__all__ = ["one_thread"]

STORIES = [
    "Once upon a time there was a little {} who lived in a {} by the sea.",
    "The {} and the {} went for a walk. They saw a bird, and the bird sang.",
    "“Where is my {}?” asked the {}. “Here,” said the cat, and it smiled.",
]
WORDS = ["fox", "king", "queen", "house", "tree", "boat", "mouse", "naïve café", "dog", "star"]


def pack(folder: Path, name: str, sizes: list[tuple[int, int]], labels: list[int], seed: int = 0) -> list[np.ndarray]:
    """Writes one part of a pack; the pictures as they were before WebP made them smaller."""
    random = np.random.default_rng(seed)
    files, pictures = [], []
    for (width, height), label in zip(sizes, labels, strict=True):
        coarse = random.integers(256, size=(4, 4, 3), dtype=np.uint8)
        coarse[..., label % 3] //= 4  # something to learn
        picture = np.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC))
        file = io.BytesIO()
        Image.fromarray(picture).save(file, "WEBP", quality=90)
        files.append(file.getvalue())
        pictures.append(picture)
    (folder / f"{name}.bin").write_bytes(b"".join(files))
    offsets = np.cumsum([0, *(len(file) for file in files)])
    np.savez(folder / f"{name}.index.npz", offsets=offsets, labels=np.array(labels))
    return pictures


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Packs as the pictures' training wants them: 40 + 12 to learn from, 20 to be tried on."""
    folder = tmp_path_factory.mktemp("pictures")
    for part in (1, 2):
        labels = [(part + i) % 6 for i in range(20)]
        pack(folder, f"tiny-imagenet-train-0{part}of02", [(64, 64)] * 20, labels, part)
    pack(folder, "photos-128-train-01of01", [(128, 140), (150, 128)] * 6, [i % 4 for i in range(12)], 3)
    pack(folder, "tiny-imagenet-val", [(64, 64)] * 20, [i % 6 for i in range(20)], 4)
    return folder


@pytest.fixture(scope="session")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every text of the mixture and the trial, some 60 stories each, and one in plain letters."""
    folder = tmp_path_factory.mktemp("texts")
    random = np.random.default_rng(0)
    for name in (*gpt.MIXTURE, gpt.TRIAL):
        stories = [STORIES[i % 3].format(*random.choice(WORDS, 2, replace=False)) for i in range(60)]
        with lzma.open(folder / name, "wt", encoding="utf-8") as file:
            file.write("\n<|endoftext|>\n".join(stories))
    plain = [STORIES[i % 3].format(*random.choice(WORDS, 2)) for i in range(200)]
    with lzma.open(folder / shakespeare.TEXT, "wt", encoding="utf-8") as file:
        file.write("\n".join(plain).translate({ord(a): b for a, b in zip("“”ïé", "''ie", strict=True)}))
    return folder
