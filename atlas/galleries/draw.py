"""Draws the gallery that ships: `python -m lucarne.atlas.galleries.draw --out FOLDER`. Takes about a minute."""

import argparse
import shutil
import uuid
from pathlib import Path

from tqdm import tqdm

from lucarne.atlas.galleries.gallery import BUNDLED
from lucarne.atlas.galleries.pack import About, Pack, Square
from lucarne.atlas.gallery import samples
from lucarne.atlas.pictures import name_of, square
from lucarne.atlas.scenes.catalog import KINDS, scenes
from lucarne.models.progress import Progress

SIDE = 128  # pixels: the scenes' own size, and what our AlexNet reads
QUALITY = 85  # of the WebP files: all of them stay below seven MiB


def draw(folder: Path, progress: Progress = iter) -> Pack:
    """Every photograph of the samples, every scene; in `folder` once it is whole."""
    making = folder.with_name(f".{uuid.uuid4().hex}.making")
    photographs = [sample for sample in samples() if sample.credit != "Lucarne" and "not stated" not in sample.licence]
    credits = "; ".join(f"{sample.name}: {sample.line}" for sample in photographs)
    about = About(
        title="Scenes and photographs",
        credit=f"Photographs of scikit-image and scikit-learn ({credits}). Scenes drawn by Lucarne.",
        licence="MIT (scenes); photographs as credited",
    )
    squares = []
    for sample in photographs:
        pixels = sample.load()
        squares.append(Square(sample.name, "photographs", square(pixels, SIDE), bytes.fromhex(name_of(pixels))))
    drawn = list(progress(_Counted()))
    squares += [Square(f"{label} {seed}", label, pixels) for label, seed, pixels in drawn]
    try:
        Pack.create(making, about).add(squares, QUALITY, method=6)
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        making.rename(folder)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return Pack(folder)


class _Counted:
    """The scenes, with how many they are."""

    def __len__(self) -> int:
        return sum(kind.count for kind in KINDS.values())

    def __iter__(self):  # noqa: ANN204
        return scenes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=BUNDLED)
    pack = draw(parser.parse_args().out, tqdm)
    print(f"{len(pack)} pictures, {pack.offsets[-1] / 2**20:.2f} MiB")


if __name__ == "__main__":
    main()
