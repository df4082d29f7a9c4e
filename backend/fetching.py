"""Data sets of the catalog on their way into a gallery: one at a time, by a thread that can be stopped.

What has come of an archive stays where it was cut off, and the next try goes on from there.
"""

import asyncio
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, Field

from lucarne.atlas.galleries.catalog import DATASETS, fetch
from lucarne.atlas.galleries.pack import About
from lucarne.atlas.galleries.squares import Skipped, squares
from lucarne.errors import Busy, DiskTrouble, NoRoom, NotFound, Problem, problem_of
from lucarne.galleries import Galleries
from lucarne.health import free
from lucarne.models.errors import Mistake, Unknown
from lucarne.settings import Settings

T = TypeVar("T")
MIB = 1 << 20
PATIENCE = 3.0  # seconds
ROOM = 2  # times its archive: beside it lie the squares of its pictures

log = structlog.get_logger()

State = Literal["away", "running", "here", "failed"]


class Dataset(BaseModel):
    """A set of pictures that can be fetched, and how far that is."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    about: str
    credit: str
    licence: str
    size: int = Field(description="Bytes of the archive.")
    state: State
    note: str = ""
    done: int = Field(default=0, description="Steps done of the stage at work: MiB that are here, then pictures read.")
    total: int | None = None
    seconds_left: float | None = Field(default=None, description="Of this stage, estimated.")
    gallery: str | None = Field(default=None, description="The gallery it has become.")
    error: Problem | None = None


class Stopped(Exception):
    """Raised at the next step of what is to end."""


@dataclass
class Trip:
    """One data set on its way."""

    name: str
    stop: threading.Event = field(default_factory=threading.Event)
    note: str = ""
    done: int = 0
    total: int | None = None
    since: float = 0.0
    begun_at: int = 0  # steps that were done already
    thread: threading.Thread | None = None

    def stage(self, note: str, total: int | None, done: int = 0) -> None:
        self.note, self.total, self.done, self.begun_at, self.since = note, total, done, done, time.monotonic()

    def steps(self, steps: Iterable[T], /) -> Iterable[T]:
        for step in steps:
            if self.stop.is_set():
                raise Stopped
            yield step
            self.done += 1

    @property
    def seconds_left(self) -> float | None:
        made = self.done - self.begun_at
        return (self.total - self.done) * (time.monotonic() - self.since) / made if self.total and made > 0 else None


class Fetching:
    """All methods belong to the event loop."""

    def __init__(self, settings: Settings, known: Galleries) -> None:
        self._settings, self._known = settings, known
        self._trip: Trip | None = None
        self._failed: dict[str, Problem] = {}  # why the last try ended

    async def all(self) -> list[Dataset]:
        return await asyncio.to_thread(lambda: [self._told(name) for name in DATASETS])

    async def begin(self, name: str) -> Dataset:
        """Begin, unless it is on its way or here. Raises Unknown, Busy while another one is, NoRoom."""
        told = await self.one(name)
        if told.state in ("running", "here"):
            return told
        if self._is_on_its_way:
            raise Busy("Another data set is on its way. Try again when it is here.")
        if free(self._settings.data) < ROOM * told.size + self._settings.disk_reserve:
            raise NoRoom(
                f"{told.title} and its pictures need {ROOM * told.size / 1e6:.0f} MB of disk, which are not free."
            )
        self._failed.pop(name, None)
        trip = self._trip = Trip(name)
        trip.thread = threading.Thread(target=self._go, args=(trip,), daemon=True)
        trip.thread.start()
        return await self.one(name)

    async def one(self, name: str) -> Dataset:
        """Raises Unknown."""
        if name not in DATASETS:
            raise Unknown("data set", name, DATASETS, field="name")
        return await asyncio.to_thread(self._told, name)

    async def stop(self, name: str) -> None:
        """End it at its next step. Raises Unknown, and NotFound where it is not on its way."""
        if (await self.one(name)).state != "running":
            raise NotFound("That data set is not on its way.")
        await self.close()

    async def close(self) -> None:
        """Whatever is on its way ends at its next step; a line that has gone silent is not waited for long."""
        if self._trip and self._trip.thread:
            self._trip.stop.set()
            self._trip.note = "Stopping"
            await asyncio.to_thread(self._trip.thread.join, PATIENCE)

    @property
    def _is_on_its_way(self) -> bool:
        return bool(self._trip and self._trip.thread and self._trip.thread.is_alive())

    def _told(self, name: str) -> Dataset:
        dataset, trip = DATASETS[name], self._trip
        here = next((each.name for each in self._known.all() if each.name.rpartition("-")[0] == name), None)
        state: State = "here" if here else "away"
        told = Dataset(
            name=name, title=dataset.title, about=dataset.about, credit=dataset.credit, licence=dataset.licence,
            size=dataset.remote.size, state=state, gallery=here,
        )  # fmt: skip
        if trip and trip.name == name and self._is_on_its_way:
            change = {"note": trip.note, "done": trip.done, "total": trip.total, "seconds_left": trip.seconds_left}
            return told.model_copy(update={"state": "running", **change})
        error = self._failed.get(name)
        return told.model_copy(update={"state": "failed", "error": error}) if error and not here else told

    def _go(self, trip: Trip) -> None:
        """In a thread of its own."""
        dataset = DATASETS[trip.name]
        folder = self._settings.data / "downloads"
        try:
            part = folder / f"{dataset.remote.name}.part"
            have = part.stat().st_size // MIB if part.exists() else 0
            trip.stage(f"Fetching {dataset.title}, in MiB", -(-dataset.remote.size // MIB), have)
            found = fetch(trip.name, folder, trip.steps)
            trip.stage("Reading its pictures", None)
            skipped: list[Skipped] = []
            about = About(dataset.title, dataset.credit, dataset.licence)
            self._known.add(trip.name, squares(trip.steps(found), skipped.append), about)
        except Stopped:
            pass
        except Exception as error:  # whatever it is: a thread has nobody to tell but who asks
            if not isinstance(error, Mistake):
                log.exception("a data set could not be fetched", name=trip.name)
            self._failed[trip.name] = problem_of(DiskTrouble() if isinstance(error, OSError) else error)
