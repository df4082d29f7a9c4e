"""Where galleries live, and what there is.

    <root>/bundled/index/        indexes of the gallery that ships; its pictures lie in the program
    <root>/<stem>/gallery.*      a pack that somebody added, see `lucarne.atlas.galleries.pack`
    <root>/<stem>/editions/      the rows of each edition, `<fingerprint>.npy`
    <root>/<stem>/watched.json   the folder it is read from again whenever it is asked for, where there is one
    <root>/<stem>/index/         an index for each network that has looked at it

A gallery of one's own is called `<stem>-<first 12 digits of its fingerprint>`: with a picture more it is another one,
and artifacts made of the old one stay true.
"""

import fcntl
import functools
import json
import os
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np

from lucarne.artifact import Box, Seen
from lucarne.atlas.galleries.gallery import BUNDLED as SHIPPED_IN
from lucarne.atlas.galleries.gallery import SHIPPED, Gallery, bundled, shipped_for
from lucarne.atlas.galleries.pack import INDEX, About, Pack, Square, one_line, replacing
from lucarne.atlas.pictures import Pixels
from lucarne.models.errors import Unknown, Unsuitable
from lucarne.pictures import Pictures

BUNDLED = "bundled"
EDITIONS = "editions"
BLOCK = 512  # pictures written at once
NOT_AT_HAND = ("fc6", "relu6", "fc7", "relu7")  # too many units for their summaries to ship
_NAME = re.compile(r"([a-z0-9][a-z0-9-]{0,59})-([0-9a-f]{12})")


class Galleries:
    """All methods may be called from any thread and by several processes. OSError means the disk."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def beside(cls, pictures: Pictures) -> "Galleries":
        """Those of the data folder that these pictures lie in."""
        return cls(pictures.root.parent / "galleries")

    def all(self) -> list[Gallery]:
        """The bundled one first, then the newest edition of each that was added."""
        found = [_bundled()] if _is_installed() else []
        for folder in sorted(self.root.glob(f"*/{EDITIONS}")):
            if editions := _by_age(folder):
                found.append(self._edition(folder.parent.name, editions[-1].stem))
        return found

    def get(self, name: str) -> Gallery:
        """Any edition there was. Raises Unknown."""
        if name == BUNDLED and _is_installed():
            return _bundled()
        parts = _NAME.fullmatch(name)
        if parts and (self.root / parts[1] / EDITIONS / f"{parts[2]}.npy").is_file():
            return self._edition(parts[1], parts[2])
        raise Unknown("gallery", name, [gallery.name for gallery in self.all()], field="gallery")

    def add(self, title: str, squares: Iterable[Square], about: About | None = None) -> Gallery:
        """Put pictures into the gallery of that title, a new one if there is none; answers the edition that results.

        What is there already is not kept twice, so that a try that was cut off costs nothing the second time. Raises
        Unsuitable for a title that will not do, and where there is no picture.
        """
        stem = stem_of(title)
        with self.opened(stem, about or About(title=one_line(title.strip()))) as pack:
            before = self.newest_rows(stem)
            pack, rows = put(pack, squares)
            return self.publish(stem, pack, [*before, *rows.values()])

    def remove(self, name: str) -> None:
        """Throw away a gallery that was added: its pictures, every edition, its indexes; a folder is left as it is.

        What was made from it stays. Raises Unknown, and Unsuitable for the bundled one.
        """
        if name == BUNDLED:
            raise Unsuitable("The bundled gallery is part of the program and stays.", field="name")
        folder = self.root / self.get(name).name.rpartition("-")[0]
        with _alone(folder):
            shutil.rmtree(folder / EDITIONS)  # without one it is no gallery, whatever still lies there
            shutil.rmtree(folder)

    def prepare(self) -> None:
        """Have at hand what the first visitor would else wait for: the bundled pictures small enough to compare."""
        if _is_installed():
            from lucarne.atlas.vision.thumbnails import thumbnails

            thumbnails(_bundled(), self.index_folder(_bundled()))

    @contextmanager
    def opened(self, stem: str, about: About) -> Iterator[Pack]:
        """A pack nobody else writes to meanwhile, begun if there is none. One that gets no edition leaves nothing."""
        folder = self.root / stem
        with _alone(folder):
            is_new = not (folder / INDEX).exists()
            try:
                yield Pack.create(folder, about) if is_new else Pack(folder)
            finally:
                if is_new and not (folder / EDITIONS).exists():
                    shutil.rmtree(folder, ignore_errors=True)

    def publish(self, stem: str, pack: Pack, rows: Iterable[int]) -> Gallery:
        """The edition of these rows, each once. Raises Unsuitable where there are none."""
        kept = np.array(list(dict.fromkeys(rows)), np.int32)
        if not len(kept):
            raise Unsuitable("There is no JPEG, PNG or WebP picture among what was given.", field="file")
        fingerprint = Gallery("", pack, kept).fingerprint[:12]
        editions = self.root / stem / EDITIONS
        editions.mkdir(exist_ok=True)
        with replacing(editions / f"{fingerprint}.npy") as file:
            np.save(file, kept)
        return self._edition(stem, fingerprint)

    def index_folder(self, gallery: Gallery) -> Path:
        """Where the indexes of a gallery's pack lie."""
        stem = BUNDLED if gallery.name == BUNDLED else gallery.name.rpartition("-")[0]
        return self.root / stem / "index"

    def is_indexed(self, gallery: Gallery, model: str, weights: str) -> bool:
        """Whether what a model sees in a gallery is known already: nobody has to wait for it."""
        if shipped_for(gallery, model, weights):
            return True
        try:
            told = json.loads((self.index_folder(gallery) / weights[:16] / "index.json").read_text(encoding="utf-8"))
            return told["weights"] == weights and told["rows"] > int(gallery.rows.max(initial=-1))
        except (OSError, ValueError, KeyError, TypeError):
            return False

    def _edition(self, stem: str, fingerprint: str) -> Gallery:
        folder = self.root / stem
        rows = np.load(folder / EDITIONS / f"{fingerprint}.npy", allow_pickle=False)
        stamp = (folder / INDEX).stat().st_mtime_ns
        return Gallery(f"{stem}-{fingerprint}", _pack(folder, stamp), rows)

    def newest_rows(self, stem: str) -> list[int]:
        """Of the newest edition; none where there is no edition yet."""
        files = _by_age(self.root / stem / EDITIONS)
        return np.load(files[-1], allow_pickle=False).tolist() if files else []


def put(pack: Pack, squares: Iterable[Square]) -> tuple[Pack, dict[str, int]]:
    """The pack with those that it does not hold yet, and the row of each by its name."""
    known = {_key(pack, row): row for row in range(len(pack))}
    rows: dict[str, int] = {}
    for block in _blocks(squares):
        fresh = list({_key_of(each): each for each in block if _key_of(each) not in known}.values())
        if fresh:
            start = len(pack)
            pack = pack.add(fresh)
            known |= {_key_of(each): row for row, each in enumerate(fresh, start)}
        rows |= {each.name: known[_key_of(each)] for each in block}
    return pack, rows


def stem_of(title: str) -> str:
    """What the gallery of a title is called, without the digits at the end. Raises Unsuitable."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    stem = re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-")
    if not stem or stem == BUNDLED:
        raise Unsuitable("Give the gallery a name with letters or digits, other than “bundled”.", field="name")
    return stem


def listed(gallery: Gallery, number: int, value: float, group: str, box: Box | None = None) -> Seen:
    """A picture of a gallery as it stands in an artifact."""
    name, label = gallery.name_of(number), gallery.label(number)
    return Seen(number=number, name=name, label=label, value=value, group=group, box=box)


def chosen(
    a: Sequence[str], b: Sequence[str], pictures: Pictures, galleries: Sequence[Gallery]
) -> tuple[list[Pixels], list[Pixels]]:
    """Two sets of pictures by their ids, of uploads or of these galleries; one that is told twice counts once.

    Raises Unknown, and Unsuitable where a picture is in both sets.
    """
    if set(a) & set(b):
        raise Unsuitable("A picture is in both sets: a direction leads from one to another.", field="b")

    def pixels(id: str, field: str) -> Pixels:
        if not pictures.has(id):
            for gallery in galleries:
                if (number := gallery.find(id)) is not None:
                    return gallery.pixels(number)
        try:
            return pictures.read(id)
        except Unknown:
            raise Unknown("picture", f"{id[:8]}…", field=field) from None

    return [pixels(id, "a") for id in dict.fromkeys(a)], [pixels(id, "b") for id in dict.fromkeys(b)]


@functools.lru_cache(maxsize=64)
def is_at_hand(model: str, gallery: str, site: str) -> bool:
    """Whether what a model sees in a gallery at a site ships, so that nobody waits."""
    return gallery == BUNDLED and (SHIPPED_IN / model / SHIPPED).is_file() and site not in NOT_AT_HAND


@functools.lru_cache(maxsize=1)
def _bundled() -> Gallery:
    return bundled()


@functools.lru_cache(maxsize=1)
def _is_installed() -> bool:
    try:
        return len(_bundled()) > 0
    except FileNotFoundError:
        return False


@functools.lru_cache(maxsize=8)
def _pack(folder: Path, stamp: int) -> Pack:
    """`stamp` is when its index was written."""
    return Pack(folder)


def _key(pack: Pack, row: int) -> tuple[bytes, str, str]:
    return pack.origins[row].tobytes(), pack.names[row], pack.label(row)


def _key_of(square: Square) -> tuple[bytes, str, str]:
    return square.origin, one_line(square.name), one_line(square.label)


def _by_age(folder: Path) -> list[Path]:
    """The editions in a folder, the newest last."""
    return sorted(folder.glob("*.npy"), key=lambda file: (file.stat().st_mtime_ns, file.name))


def _blocks(squares: Iterable[Square]) -> Iterator[list[Square]]:
    every = iter(squares)
    while block := list(islice(every, BLOCK)):
        yield block


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else writes to the folder meanwhile; whoever comes second waits."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
