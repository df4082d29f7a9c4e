"""A gallery as a network sees it: what ships of that, or what an index says, which is made when it is first needed."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lucarne.atlas.galleries.gallery import Gallery, shipped_for
from lucarne.atlas.vision import shipped
from lucarne.atlas.vision.indexing import Index, kept_for
from lucarne.atlas.vision.neighbors import WIDTH, Narrowed, Nearest, by_angle
from lucarne.atlas.vision.summary import Summary, read, summarise, write
from lucarne.atlas.vision.thumbnails import thumbnails
from lucarne.models.model import Model
from lucarne.models.progress import Progress
from lucarne.models.taps import FEATURES

MANY = 4096  # pictures from which on neighbours are narrowed down before they are compared


class Study:
    """Asks nothing of the network before it must; then `progress` goes over the batches of the index."""

    def __init__(self, gallery: Gallery, model: Model, folder: Path, progress: Progress = iter) -> None:
        """`folder` keeps all indexes of the gallery's pack; each network has its own in it."""
        self.gallery, self.model, self._progress = gallery, model, progress
        self._shipped = shipped_for(gallery, model.card.name, model.weights)
        self._folder = folder / model.weights[:16]
        self._shared = folder
        self._indexes: dict[Path, Index] = {}

    def summary(self, site: str) -> Summary:
        """Histogram and examples of every unit of the site that answers for this one (`kept_for`)."""
        name = kept_for(self.model, site).name
        if self._shipped and (known := shipped.summary(self._shipped, name)):
            return known
        return read(self.write_summary(name), name)

    def write_summary(self, name: str = "") -> Path:
        """The file that keeps the summaries of all sites whose index keeps this one, written if it is not there yet."""
        file = self._place(name) / f"summary-{self.gallery.fingerprint[:16]}.npz"
        if not file.exists():
            write(file, summarise(self.index(name), self.gallery.rows, self._progress))
        return file

    def vectors(self, site: str) -> NDArray[np.float16]:
        """A row for each picture: (pictures, units), or each channel's largest value, (pictures, channels)."""
        kept = kept_for(self.model, site)
        if self._shipped and kept.name == "fc7" and kept.rectified:
            return shipped.relu7(self._shipped)
        values = self._of_gallery(self.index(kept.name).values(kept.name))
        return np.maximum(values, 0) if kept.rectified else values

    def nearest(self, site: str, vector: NDArray, k: int) -> Nearest:
        """The pictures whose vectors at a site lie nearest to one by angle. Exact, however many they are."""
        vectors = self.vectors(site)
        if len(vectors) < MANY or vectors.shape[1] <= 2 * WIDTH:
            return by_angle(vectors, vector, k)
        name = kept_for(self.model, site).name
        folder = self._place(name) / f"near-{self.model.site(site).name}-{self.gallery.fingerprint[:16]}"
        try:
            narrowed = Narrowed.read(folder, vectors)
        except (OSError, ValueError, EOFError):
            narrowed = Narrowed.of(vectors)
            narrowed.write(folder)
        return narrowed.nearest(vector, k)

    def thumbnails(self) -> NDArray[np.uint8]:
        """(pictures, 32 * 32 * 3)."""
        index = Index(self._folder, self.model)
        if index.rows >= len(self.gallery.pack):
            return self._of_gallery(index.thumbnails())
        return thumbnails(self.gallery, self._shared)

    def index(self, name: str = "") -> Index:
        """The index of the whole pack that keeps a site, brought up to date; a dictionary's features have their own."""
        place = self._place(name)
        if place not in self._indexes:
            with _alone(place):
                index = Index(place, self.model, name if name.endswith(FEATURES) else None)
                self._indexes[place] = index.extend(self.model, self.gallery.pack, self._progress)
        return self._indexes[place]

    def _place(self, name: str) -> Path:
        """The folder of the index that keeps a site."""
        if not name.endswith(FEATURES):
            return self._folder
        known = {each.site: each.weights for each in self.model.card.dictionaries}
        return self._folder / f"features-{known.get(name.removesuffix(FEATURES), '')[:16]}"

    def _of_gallery(self, values: NDArray) -> NDArray:
        """The rows of the gallery, copied only where they are not the whole pack in its order."""
        rows = self.gallery.rows
        return values[: len(rows)] if np.array_equal(rows, np.arange(len(rows))) else values[rows]


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else extends what lies in the folder meanwhile; whoever comes second waits."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
