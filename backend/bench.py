"""The bench: one process beside the server that holds the models and does the heavy work.

It has one recipe at work, or a long one and, between its steps, a short one. Seen from the server; the other end is
`worker.py`, and torch is imported only there. The process is started again when it dies or does not stop when it is
told to.
"""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import orjson
import structlog
from pydantic import TypeAdapter

from lucarne.artifact import Artifact
from lucarne.artifacts import AnyArtifact
from lucarne.errors import BenchLost, NotReady, Problem
from lucarne.models.card import Card
from lucarne.recipe import Recipe
from lucarne.remembered import CARDS, Remembered
from lucarne.settings import Settings

log = structlog.get_logger()

Message = dict[str, Any]
Hear = Callable[[Message], None]

_artifact: TypeAdapter[Artifact] = TypeAdapter(AnyArtifact)


@dataclass(frozen=True)
class Stock:
    """What the bench works with, as `module:name`, so that the server need not import it."""

    networks: str = "lucarne.worker:Catalog"
    recipes: str = "lucarne.recipes:RECIPES"


class Failed(Exception):
    """A recipe could not be made, and this is why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.title)
        self.problem = problem


class Stopped(Exception):
    """A recipe was not finished because it was cancelled."""


class Killed(Exception):
    """The process was killed for the sake of another recipe, which did not stop: this one is to be begun again."""


class Bench:
    """Belongs to one event loop. `make` is to be called for one long and one short recipe at a time."""

    def __init__(self, settings: Settings, stock: Stock) -> None:
        self._settings, self._stock = settings, stock
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None
        self._gone = asyncio.Event()
        self._inboxes: dict[str, asyncio.Queue[Message]] = {}  # of each job at work
        self._told: list[Card] | None = None
        self._has_cards = asyncio.Event()
        self._ready = asyncio.Event()
        self._remembered = Remembered(settings, stock.networks)
        self._closed = False
        self._killed = False
        self._starts: list[float] = []
        self.unsound: dict[str, str] = {}

    @property
    def is_ready(self) -> bool:
        return self._ready.is_set() and not self.unsound

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process; returns at once, for importing torch takes it seconds."""
        if self._closed:
            return
        if self._told is None and (cards := self._remembered.read()) is not None:
            self._tell(cards)
        ours, theirs = Pipe()
        command = [sys.executable, "-P", "-m", "lucarne.worker", str(theirs.fileno())]
        environment = os.environ | {"OMP_WAIT_POLICY": "PASSIVE", "PYTHONUNBUFFERED": "1"}
        self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=environment, stdin=subprocess.DEVNULL)
        theirs.close()
        self._pipe = ours
        self._gone = asyncio.Event()
        self._starts.append(time.monotonic())
        self._ready.clear()
        settings = self._settings
        self._send(
            sys_path=sys.path,
            parent=os.getpid(),
            niceness=settings.bench_niceness,
            networks=self._stock.networks,
            recipes=self._stock.recipes,
            weights=str(settings.weights) if settings.weights else None,
            device=settings.device,
            checkpoints=[str(folder.resolve()) for folder in settings.checkpoints],
            cards=CARDS.dump_python(self._told, mode="json") if self._told else None,
            resident_models=settings.resident_models,
            pictures=str(settings.pictures),
        )
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._read, args=(loop, ours, self._process), daemon=True).start()

    async def cards(self) -> list[Card]:
        """All models, as the bench describes them; waits for it to wake up. Raises NotReady."""
        await self._within_wait(self._has_cards)
        assert self._told is not None
        return self._told

    def look_again(self) -> None:
        """Have the process describe the models anew: the weights of one have come."""
        if self._pipe is not None:
            self._send(say="describe")

    async def make(self, job: str, recipe: Recipe, weights: str, folder: Path, hear: Hear) -> Artifact:
        """Have a recipe made in `folder`. Raises Failed, Stopped, BenchLost, or CancelledError once it has stopped."""
        while True:
            try:
                return await self._begun(job, recipe, weights, folder, hear)
            except Killed:
                await asyncio.to_thread(_empty, folder)

    async def _begun(self, job: str, recipe: Recipe, weights: str, folder: Path, hear: Hear) -> Artifact:
        await self._within_wait(self._ready)
        self._inboxes[job] = asyncio.Queue()
        self._send(
            say="make", job=job, kind=recipe.kind, recipe=recipe.model_dump_json(), weights=weights, folder=str(folder)
        )
        watch = asyncio.create_task(self._watch_memory())
        try:
            return await self._outcome(job, hear)
        except asyncio.CancelledError:
            await self._stop(job)
            raise
        finally:
            watch.cancel()
            self._inboxes.pop(job, None)

    async def close(self) -> None:
        self._closed = True
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            process = self._process
            with suppress(ProcessLookupError):
                process.kill()
            await asyncio.to_thread(process.wait)

    async def _within_wait(self, event: asyncio.Event) -> None:
        try:
            async with asyncio.timeout(self._settings.model_wait):
                await event.wait()
        except TimeoutError:
            raise NotReady from None

    async def _outcome(self, job: str, hear: Hear) -> Artifact:
        while True:
            message = await self._inboxes[job].get()
            match message["say"]:
                case "lost":
                    raise Killed if message["on_purpose"] else BenchLost
                case "made":
                    return _artifact.validate_python(message["artifact"])
                case "failed":
                    raise Failed(Problem.model_validate(message["problem"]))
                case "cancelled":
                    raise Stopped
                case _:
                    hear(message)

    async def _stop(self, job: str) -> None:
        """Tell it to stop; one that does not within the grace is killed, and another started."""
        self._send(say="cancel", job=job)
        with suppress(Failed, Stopped, BenchLost, Killed):
            try:
                async with asyncio.timeout(self._settings.cancel_grace):
                    await self._outcome(job, lambda _: None)
            except TimeoutError:
                log.warning("the bench did not stop and is killed", job=job[:16])
                await self._kill()

    async def _kill(self) -> None:
        """Kill the process and wait until its end has been noticed, so that it writes nowhere any more."""
        process, gone = self._process, self._gone
        if process is not None:
            self._ready.clear()
            self._killed = True
            with suppress(ProcessLookupError):
                process.kill()
            await gone.wait()

    async def _watch_memory(self) -> None:
        limit = self._settings.bench_memory
        while limit is not None and self._process is not None:
            await asyncio.sleep(0.5)
            if (taken := _resident_bytes(self._process.pid)) > limit:
                log.warning("the bench takes too much memory and is killed", bytes=taken)
                with suppress(ProcessLookupError):
                    self._process.send_signal(signal.SIGKILL)
                return

    def _send(self, **message: Any) -> None:
        assert self._pipe is not None
        with suppress(OSError):  # its death is noticed, and told, by the reader
            self._pipe.send_bytes(orjson.dumps(message))

    def _read(self, loop: asyncio.AbstractEventLoop, pipe: Connection, process: subprocess.Popen[bytes]) -> None:
        """In a thread of its own: messages of one process, then its end."""
        while True:
            try:
                message = orjson.loads(pipe.recv_bytes())
            except (EOFError, OSError):
                break
            except orjson.JSONDecodeError:  # cut off in the middle
                break
            if not self._hand_over(loop, self._hear, message, process):
                return
        process.kill()
        code = process.wait()
        self._hand_over(loop, self._lost, code, process)

    @staticmethod
    def _hand_over(loop: asyncio.AbstractEventLoop, receiver: Callable[..., None], *what: Any) -> bool:
        try:
            loop.call_soon_threadsafe(receiver, *what)
        except RuntimeError:  # the loop has ended before us
            return False
        return True

    def _hear(self, message: Message, process: subprocess.Popen[bytes]) -> None:
        if process is not self._process:
            return
        match message["say"]:
            case "cards":
                self._tell(CARDS.validate_python(message["cards"]))
                self._remembered.write(self._told or [])
            case "ready":
                self.unsound = message["unsound"]
                self._ready.set()
            case _:
                if (inbox := self._inboxes.get(message["job"])) is not None:
                    inbox.put_nowait(message)

    def _tell(self, cards: list[Card]) -> None:
        self._told = cards
        self._has_cards.set()

    def _lost(self, code: int, process: subprocess.Popen[bytes]) -> None:
        if process is not self._process:
            return
        self._gone.set()
        self._ready.clear()
        for inbox in self._inboxes.values():
            inbox.put_nowait({"say": "lost", "on_purpose": self._killed})
        self._killed = False
        if self._closed:
            return
        log.warning("the bench process ended", code=code)
        recent = [start for start in self._starts if start > time.monotonic() - 60]
        self._starts = recent
        if len(recent) < 5:
            self.start()
        else:  # it dies again and again: no use to keep the machine busy with that
            asyncio.get_running_loop().call_later(30, self.start)


def _empty(folder: Path) -> None:
    """Of what a recipe that was not finished has left."""
    shutil.rmtree(folder)
    folder.mkdir()


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
