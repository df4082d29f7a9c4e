"""A gallery: pictures of a pack in an order, under a name that changes when they do."""

import hashlib
import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lucarne.atlas.galleries.pack import Pack
from lucarne.atlas.pictures import Pixels, square

BUNDLED = Path(__file__).parents[1] / "bundled/gallery"
SHIPPED = "about.json"  # of which weights and pictures what lies beside it was made


class Gallery:
    """Ordered, labelled pictures. It never changes: with a picture more it is another, with another fingerprint."""

    def __init__(self, name: str, pack: Pack, rows: NDArray[np.int32] | None = None) -> None:
        """All of a pack, or the pictures that `rows` names."""
        self.name = name
        self.pack = pack
        self.rows = np.arange(len(pack), dtype=np.int32) if rows is None else rows  # (n,): places in the pack

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def title(self) -> str:
        return self.pack.about.title

    def name_of(self, number: int) -> str:
        return self.pack.names[self.rows[number]]

    def label(self, number: int) -> str:
        return self.pack.label(int(self.rows[number]))

    def id(self, number: int) -> str:
        """Of the square as it is kept: what it is called among pictures, 64 hexadecimal digits."""
        return self.pack.ids[self.rows[number]].tobytes().hex()

    def pixels(self, number: int) -> Pixels:
        """The picture's centre square as it is kept, uint8 (side, side, 3)."""
        return self.pack.pixels(int(self.rows[number]))

    def tile(self, number: int, side: int) -> Pixels:
        """The same, uint8 (side, side, 3)."""
        kept = self.pixels(number)
        return kept if len(kept) == side else square(kept, side)

    def tiles(self, side: int) -> Sequence[Pixels]:
        """All of them at that size, each read when it is looked at."""
        return _Tiles(self, side)

    def ids(self) -> list[str]:
        return [self.id(number) for number in range(len(self))]

    def find(self, id: str) -> int | None:
        """The number of the picture that is this one, or was cut from it."""
        wanted = np.frombuffer(bytes.fromhex(id), np.uint8)
        kept = self.pack.ids[self.rows], self.pack.origins[self.rows]
        found = np.flatnonzero((kept[0] == wanted).all(1) | (kept[1] == wanted).all(1))
        return int(found[0]) if len(found) else None

    @cached_property
    def fingerprint(self) -> str:
        """sha256 over every picture with its name and label, 64 hexadecimal digits."""
        said = hashlib.sha256()
        for number, row in enumerate(self.rows):
            said.update(self.pack.ids[row].tobytes())
            said.update(f"{self.name_of(number)}\n{self.label(number)}\n".encode())
        return said.hexdigest()


class _Tiles(Sequence[Pixels]):
    def __init__(self, gallery: Gallery, side: int) -> None:
        self._gallery, self._side = gallery, side

    def __len__(self) -> int:
        return len(self._gallery)

    def __getitem__(self, number: int) -> Pixels:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self._gallery.tile(number, self._side)


def bundled() -> Gallery:
    """The gallery that ships: photographs of scikit-image and scenes drawn from seeds.

    The number in a scene's name is its seed. Raises FileNotFoundError where it is not installed.
    """
    return Gallery("bundled", Pack(BUNDLED))


def shipped_for(gallery: Gallery, model: str, weights: str) -> Path | None:
    """The folder of what ships of the bundled gallery as a model sees it; None unless it is of just these weights."""
    folder = BUNDLED / model
    if gallery.pack.folder != BUNDLED or not (folder / SHIPPED).is_file():
        return None
    told = json.loads((folder / SHIPPED).read_text(encoding="utf-8"))
    return folder if told == {"weights": weights, "gallery": gallery.fingerprint} else None
