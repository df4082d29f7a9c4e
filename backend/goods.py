"""What can be fetched: the data sets and the networks of the catalogs."""

from collections.abc import Sequence
from pathlib import Path

from lucarne.atlas.galleries.catalog import DATASETS
from lucarne.atlas.galleries.catalog import fetch as pictures_of
from lucarne.atlas.galleries.pack import About
from lucarne.atlas.galleries.squares import Skipped, squares
from lucarne.fetching import Fetchable, Trip
from lucarne.galleries import Galleries
from lucarne.models.catalog import MODELS
from lucarne.models.fetching import fetch

ROOM = 2  # times a data set's archive: beside it lie the squares of its pictures


class Datasets:
    """Each becomes a gallery."""

    what = "data set"

    def __init__(self, known: Galleries, folder: Path) -> None:
        self._known, self._folder = known, folder

    def names(self) -> Sequence[str]:
        return list(DATASETS)

    def card(self, name: str) -> Fetchable:
        told = DATASETS[name]
        gallery = next((each.name for each in self._known.all() if each.name.rpartition("-")[0] == name), None)
        return Fetchable(
            name=name, title=told.title, about=told.about, credit=told.credit, licence=told.licence,
            size=told.remote.size, state="here" if gallery else "away", gallery=gallery,
        )  # fmt: skip

    def room(self, name: str) -> tuple[Path, int]:
        return self._folder, ROOM * DATASETS[name].remote.size

    def bring(self, trip: Trip) -> None:
        dataset = DATASETS[trip.name]
        trip.fetching(dataset.title, dataset.remote, self._folder)
        found = pictures_of(trip.name, self._folder, trip.steps)
        trip.stage("Reading its pictures")
        skipped: list[Skipped] = []
        about = About(dataset.title, dataset.credit, dataset.licence)
        self._known.add(trip.name, squares(trip.steps(found), skipped.append), about)


class Weights:
    """Each makes a network usable."""

    what = "network"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> Sequence[str]:
        return [name for name, entry in MODELS.items() if entry.files]

    def card(self, name: str) -> Fetchable:
        told = MODELS[name]
        return Fetchable(
            name=name, title=told.title, about=told.about, credit=told.source, licence=told.licence,
            size=sum(remote.size for remote in told.files), state="here" if self._is_here(name) else "away",
        )  # fmt: skip

    def room(self, name: str) -> tuple[Path, int]:
        return self._folder, sum(remote.size for remote in MODELS[name].files)

    def bring(self, trip: Trip) -> None:
        for remote in MODELS[trip.name].files:
            trip.fetching(remote.name, remote, self._folder / trip.name)
            fetch(remote, self._folder / trip.name, trip.steps)

    def _is_here(self, name: str) -> bool:
        """By size: what is in the files is checked when they arrive, and again when they are read."""
        files = [(self._folder / name / remote.name, remote.size) for remote in MODELS[name].files]
        return all(file.is_file() and file.stat().st_size == size for file, size in files)
