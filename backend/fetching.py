"""What is fetched from where it is published, once somebody asks: one thing of a kind at a time, by its own thread.

What has come stays where it was cut off, and the next try goes on from there.
"""

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

import structlog
from pydantic import BaseModel, ConfigDict, Field

from lucarne.errors import Busy, DiskTrouble, NoRoom, NotFound, Problem, problem_of
from lucarne.health import free
from lucarne.models.catalog import Remote
from lucarne.models.errors import Mistake, Unknown

T = TypeVar("T")
MIB = 1 << 20
PATIENCE = 3.0  # seconds

log = structlog.get_logger()

State = Literal["away", "running", "here", "failed"]


class Fetchable(BaseModel):
    """Something that can be fetched, and how far it is."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    about: str
    credit: str
    licence: str
    size: int = Field(description="Bytes of its files.")
    state: State
    note: str = ""
    done: int = Field(default=0, description="Steps done of the stage at work: MiB that are here, or pictures read.")
    total: int | None = None
    seconds_left: float | None = Field(default=None, description="Of this stage, estimated.")
    gallery: str | None = Field(default=None, description="The gallery that a data set has become.")
    error: Problem | None = None


class Stopped(Exception):
    """Raised at the next step of what is to end."""


@dataclass
class Trip:
    """One thing on its way."""

    name: str
    stop: threading.Event = field(default_factory=threading.Event)
    note: str = ""
    done: int = 0
    total: int | None = None
    since: float = 0.0
    begun_at: int = 0  # steps that were done already
    thread: threading.Thread | None = None

    def stage(self, note: str, total: int | None = None, done: int = 0) -> None:
        self.note, self.total, self.done, self.begun_at, self.since = note, total, done, done, time.monotonic()

    def fetching(self, title: str, remote: Remote, folder: Path) -> None:
        """The stage of a file that is fetched in blocks of a MiB, some of which may be here."""
        part = folder / f"{remote.name}.part"
        have = part.stat().st_size // MIB if part.exists() else 0
        self.stage(f"Fetching {title}, in MiB", -(-remote.size // MIB), have)

    def steps(self, steps: Iterable[T], /) -> Iterable[T]:
        for step in steps:
            if self.stop.is_set():
                raise Stopped
            yield step
            self.done += 1

    def told(self) -> dict[str, Any]:
        """How far it is. What had to be fetched a second time is not counted beyond the whole."""
        done = self.done if self.total is None else min(self.done, self.total)
        made = done - self.begun_at
        left = (self.total - done) * (time.monotonic() - self.since) / made if self.total and made > 0 else None
        return {"note": self.note, "done": done, "total": self.total, "seconds_left": left}


class Goods(Protocol):
    """One kind of thing that can be fetched. The methods may be called from any thread."""

    what: str  # what one of them is called

    def names(self) -> Sequence[str]: ...

    def card(self, name: str) -> Fetchable:
        """What it is, and whether it is here."""
        ...

    def room(self, name: str) -> tuple[Path, int]:
        """Where it is kept, and the bytes it needs there."""
        ...

    def bring(self, trip: Trip) -> None:
        """Fetch it, step by step; raises Mistake and OSError."""
        ...


class Fetching:
    """The fetching of one kind of goods. All methods belong to the event loop."""

    def __init__(self, goods: Goods, reserve: int, arrived: Callable[[], None] = lambda: None) -> None:
        """`arrived` is called once something is here; `reserve` bytes of the disk stay free."""
        self._goods, self._reserve, self._arrived = goods, reserve, arrived
        self._trip: Trip | None = None
        self._failed: dict[str, Problem] = {}  # why the last try ended

    async def all(self) -> list[Fetchable]:
        return await asyncio.to_thread(lambda: [self._told(name) for name in self._goods.names()])

    async def one(self, name: str) -> Fetchable:
        """Raises Unknown."""
        if name not in self._goods.names():
            raise Unknown(self._goods.what, name, self._goods.names(), field="name")
        return await asyncio.to_thread(self._told, name)

    async def begin(self, name: str) -> Fetchable:
        """Begin, unless it is on its way; what is here, by whatever way, is made known once more.

        Raises Unknown, Busy while another one is on its way, NoRoom.
        """
        told = await self.one(name)
        if told.state == "here":
            self._arrived()
        if told.state in ("running", "here"):
            return told
        if self._is_on_its_way:
            raise Busy(f"Another {self._goods.what} is on its way. Try again when it is here.")
        folder, room = self._goods.room(name)
        if free(folder) < room + self._reserve:
            raise NoRoom(f"{told.title} needs {room / 1e6:.0f} MB of disk, which are not free.")
        self._failed.pop(name, None)
        trip = self._trip = Trip(name)
        trip.thread = threading.Thread(target=self._go, args=(trip, asyncio.get_running_loop()), daemon=True)
        trip.thread.start()
        return await self.one(name)

    async def stop(self, name: str) -> None:
        """End it at its next step. Raises Unknown, and NotFound where it is not on its way."""
        if (await self.one(name)).state != "running":
            raise NotFound("That is not on its way.")
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

    def _told(self, name: str) -> Fetchable:
        card, trip, error = self._goods.card(name), self._trip, self._failed.get(name)
        if trip and trip.name == name and self._is_on_its_way:
            return card.model_copy(update={"state": "running", **trip.told()})
        return card.model_copy(update={"state": "failed", "error": error}) if error and card.state == "away" else card

    def _go(self, trip: Trip, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread of its own."""
        try:
            self._goods.bring(trip)
        except Stopped:
            return
        except Exception as error:  # whatever it is: a thread has nobody to tell but who asks
            if not isinstance(error, Mistake):
                log.exception("something could not be fetched", name=trip.name)
            self._failed[trip.name] = problem_of(DiskTrouble() if isinstance(error, OSError) else error)
            return
        with suppress(RuntimeError):  # the loop has ended before us
            loop.call_soon_threadsafe(self._arrived)
