"""How the bundled atlases were made: `python -m lucarne.atlas.mapping.prebuild alexnet relu5 --data DIR --work DIR`.

`--data` holds the picture packs the network was trained on. Their pictures are looked at and not kept: what ships are
the dreams of what the network says of them. Cut off, it goes on where it was.
"""

import argparse
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from lucarne.atlas.galleries.gallery import bundled
from lucarne.atlas.mapping.atlas import SIDES, build
from lucarne.atlas.mapping.bundled import opened
from lucarne.atlas.mapping.engine import ENGINES, Engine, at_work
from lucarne.atlas.mapping.layout import Manner
from lucarne.atlas.mapping.packing import pack, record
from lucarne.atlas.mapping.sampling import keys_of
from lucarne.atlas.mapping.shipped import BUNDLED
from lucarne.atlas.mapping.visitors import visit, write_visitors
from lucarne.atlas.pictures import Pixels
from lucarne.models import load
from lucarne.models.model import Model
from lucarne.models.training.alexnet import resized
from lucarne.models.training.data import decoded

PACKS = (("photos-128-train", 128), ("tiny-imagenet-train", 64))
CREDIT = "Tiny ImageNet and photos-128, the pictures the network was trained on"


class Packed(Sequence[Pixels]):
    """Every n-th picture of the packs, at the network's size."""

    def __init__(self, data: Path, cache: Path, size: int, step: int) -> None:
        self._size = size
        self._packs = [decoded(data, name, side, cache)[0][::step] for name, side in PACKS]

    def __len__(self) -> int:
        return sum(len(pack) for pack in self._packs)

    def __getitem__(self, number: int) -> Pixels:  # pyright: ignore[reportIncompatibleMethodOverride]
        for pictures in self._packs:
            if number < len(pictures):
                return resized(torch.from_numpy(np.array(pictures[number : number + 1])), self._size)[0].numpy()
            number -= len(pictures)
        raise IndexError


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", help="a vision model of the catalog")
    parser.add_argument("site")
    parser.add_argument("--data", type=Path, required=True, help="folder of the picture packs")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/lucarne/training")
    parser.add_argument("--work", type=Path, required=True, help="folder of the stages; resumes")
    parser.add_argument("--out", type=Path, default=BUNDLED)
    parser.add_argument("--sides", type=int, nargs="+", default=SIDES, help="cells along a side of each grid")
    parser.add_argument("--step", type=int, default=1, help="take every so many-th picture")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--engine", choices=ENGINES, default="local", help="ray: on the machines of a cluster")
    parser.add_argument("--address", help="of the Ray cluster; without it Ray runs on this machine alone")
    given = parser.parse_args()
    with at_work(given.engine, given.device, given.address) as engine:
        _made(given, engine)


def _made(given: argparse.Namespace, engine: Engine) -> None:
    model = load(given.model, device=engine.home)
    site, manner = model.site(given.site).name, Manner()
    pictures = Packed(given.data, given.cache, model.card.input_size or 0, given.step)
    work = given.work / f"{given.model}-{model.weights[:12]}-{site}-{given.step}"
    told = partial(tqdm, mininterval=10)
    atlas = build(model, site, pictures, work, sides=given.sides, manner=manner, progress=told, engine=engine)
    folder = given.out / f"{given.model}-{site}"
    folder.mkdir(parents=True, exist_ok=True)
    pages = pack(atlas, folder)
    record(folder, weights=model.weights, site=site, samples=len(pictures), credit=CREDIT, manner=vars(manner),
           made=date.today().isoformat(), pages=[vars(page) for page in pages])  # fmt: skip
    receive(model, folder)


def receive(model: Model, folder: Path) -> None:
    """Keep beside an atlas where the pictures of the gallery that ships lie on it: its own pictures do not ship."""
    packed, gallery = opened(folder, model), bundled()
    assert packed is not None
    squares = gallery.tiles(model.card.input_size or 0)
    found = visit(model, packed, squares, keys_of(gallery.ids(), 0), partial(tqdm, mininterval=10))
    write_visitors(folder, found, gallery)


if __name__ == "__main__":
    main()
