"""The process at the bench: the only one that imports torch. It makes one recipe after the other, as it is told;
a long one makes way at each of its steps for a short one that has come meanwhile.

It reads messages (JSON) from the server and writes what happens. It ends when the server does: its pipe closes, and on
Linux the kernel tells it. A thread reads, so that a cancel is heard while a recipe is at work.
"""

import ctypes
import importlib
import os
import queue
import signal
import sys
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol, TypeVar

import orjson
import structlog

from lucarne.cards import Reader
from lucarne.errors import problem_of
from lucarne.logs import configure as configure_log
from lucarne.models.card import Card
from lucarne.models.errors import Mistake
from lucarne.pictures import Pictures
from lucarne.remembered import CARDS

T = TypeVar("T")
PR_SET_PDEATHSIG = 1
TELL_EVERY = 0.1  # seconds between two tellings of progress

log = structlog.get_logger()


class Loaded(Protocol):
    """A model in memory."""

    @property
    def weights(self) -> str: ...
    def undisturbed(self) -> AbstractContextManager[None]: ...


class Networks(Protocol):
    """Where models come from."""

    def cards(self) -> list[Card]: ...
    def load(self, name: str) -> Any: ...


class Catalog:
    """The models of `lucarne.models`."""

    def __init__(self, weights: Path | None, device: str, checkpoints: Sequence[Path]) -> None:
        from lucarne import models
        from lucarne.models.catalog import MODELS

        self._models = models
        self._places = {folder.resolve().name: str(folder) for folder in checkpoints} | {name: name for name in MODELS}
        self._weights, self._device = weights, device

    def cards(self) -> list[Card]:
        return [self._models.describe(place, folder=self._weights) for place in self._places.values()]

    def load(self, name: str) -> Any:
        return self._models.load(self._places[name], folder=self._weights, device=self._device)


class Cancelled(Exception):
    pass


class JobProgress:
    """The progress a recipe gets: tells the server, and raises at the next step once the job is cancelled.

    `make_way` is called before each step.
    """

    def __init__(
        self, job: str, tell: "Teller", cancelled: threading.Event, make_way: Callable[[], None] = lambda: None
    ) -> None:
        self._job, self._tell, self._cancelled, self._make_way = job, tell, cancelled, make_way
        self._told = 0.0

    def __call__(self, steps: Iterable[T], /) -> Iterator[T]:
        total = len(steps) if hasattr(steps, "__len__") else None  # pyright: ignore[reportArgumentType]
        began = time.monotonic()
        done = 0
        self._say(done, total, began)
        for step in steps:
            self._make_way()
            self.check()
            yield step
            done += 1
            if time.monotonic() - self._told >= TELL_EVERY or done == total:
                self._say(done, total, began)
        self.check()

    def check(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled

    def preview(self, file: str) -> None:
        """Show a file of the folder already; to be called again when it has changed (by rename, not in place)."""
        self.check()
        self._tell(say="preview", job=self._job, file=file)

    def note(self, words: str) -> None:
        """Say what is being done."""
        self.check()
        self._tell(say="note", job=self._job, note=words)

    def _say(self, done: int, total: int | None, began: float) -> None:
        self._told = time.monotonic()
        left = (self._told - began) / done * (total - done) if total and done else None
        self._tell(say="progress", job=self._job, done=done, total=total, seconds_left=left)


class Teller:
    """Writes messages to the server; a server that is gone is no news to write."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._guard = threading.Lock()

    def __call__(self, **message: Any) -> None:
        with self._guard, suppress(OSError):
            self._pipe.send_bytes(orjson.dumps(message))


class Resident:
    """The models in memory, the longest unused making room."""

    def __init__(self, networks: Networks, most: int) -> None:
        self._networks, self._most = networks, most
        self._models: OrderedDict[str, Loaded] = OrderedDict()

    def __contains__(self, name: str) -> bool:
        return name in self._models

    def get(self, name: str) -> Loaded:
        if name not in self._models:
            while len(self._models) >= self._most:
                self._models.popitem(last=False)
            self._models[name] = self._networks.load(name)
        self._models.move_to_end(name)
        return self._models[name]


def work(pipe: Connection) -> None:
    """Until the pipe closes: what this process is for."""
    setup = orjson.loads(pipe.recv_bytes())
    sys.path[:] = setup["sys_path"]
    configure_log()
    _follow(setup["parent"])
    tell = Teller(pipe)
    cancelled: dict[str, threading.Event] = {}
    tasks: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, tasks, cancelled), daemon=True).start()

    weights = Path(setup["weights"]) if setup["weights"] else None
    checkpoints = [Path(folder) for folder in setup["checkpoints"]]
    networks: Networks = named(setup["networks"])(weights, setup["device"], checkpoints)
    reader = Reader(named(setup["recipes"]))
    cards = CARDS.validate_python(setup["cards"]) if setup["cards"] else networks.cards()
    tell(say="cards", cards=CARDS.dump_python(cards, mode="json"))
    resident = Resident(networks, setup["resident_models"])
    tell(say="ready", unsound=_unsound(resident, cards))
    pictures = Pictures(Path(setup["pictures"]))
    os.nice(setup["niceness"])  # from here on the server comes first; until here somebody waits for us

    worker = Worker(tell, tasks, cancelled, reader, networks, resident, pictures)
    while True:
        worker.take(tasks.get())


@dataclass
class Worker:
    """Makes recipes, each in its folder, and tells what came of them."""

    tell: Teller
    tasks: "queue.SimpleQueue[dict[str, Any]]"
    cancelled: dict[str, threading.Event]
    reader: Reader
    networks: Networks
    resident: Resident
    pictures: Pictures

    def take(self, task: dict[str, Any]) -> None:
        if task["say"] == "describe":
            self.tell(say="cards", cards=CARDS.dump_python(self.networks.cards(), mode="json"))
        else:
            self.make(task)

    def make(self, task: dict[str, Any]) -> None:
        job, tell = task["job"], self.tell
        stop = self.cancelled.setdefault(job, threading.Event())
        try:
            recipe = self.reader.read(task["recipe"], task["kind"])
            if recipe.model not in self.resident:
                tell(say="note", job=job, note=f"Loading {recipe.model}")
            progress = JobProgress(job, tell, stop, self._make_way if recipe.is_long else lambda: None)
            progress.check()
            model: Any = self.resident.get(recipe.model)
            if model.weights != task["weights"]:
                raise Mistake(
                    "The model's weights have changed since the server started. Start it again.", field="model"
                )
            tell(say="note", job=job, note="")
            with model.undisturbed():
                artifact = recipe.make(model, Path(task["folder"]), self.pictures, progress)
            progress.check()
            tell(say="made", job=job, artifact=artifact.model_dump(mode="json"))
        except Cancelled:
            tell(say="cancelled", job=job)
        except Exception as error:  # whatever a recipe does, the bench goes on and the server hears of it
            problem = problem_of(error)
            if problem.status == 500:
                log.exception("a recipe failed", kind=task["kind"], instance=problem.instance)
            tell(say="failed", job=job, problem=problem.model_dump())
        finally:
            self.cancelled.pop(job, None)

    def _make_way(self) -> None:
        """Make the short recipes that wait. The server sends no second long one while one is at work."""
        with suppress(queue.Empty):
            while True:
                self.take(self.tasks.get_nowait())


def named(place: str) -> Any:
    """What lies at `module:name`."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


def _listen(
    pipe: Connection, tasks: "queue.SimpleQueue[dict[str, Any]]", cancelled: dict[str, threading.Event]
) -> None:
    while True:
        try:
            message = orjson.loads(pipe.recv_bytes())
        except (EOFError, OSError):
            os._exit(0)  # the server is gone, and with it anybody who would want this finished
        if message["say"] == "cancel":
            if (stop := cancelled.get(message["job"])) is not None:
                stop.set()
            continue
        if message["say"] == "make":
            cancelled[message["job"]] = threading.Event()
        tasks.put(message)


def _follow(parent: int) -> None:
    """Do not outlive the server, and go before it when memory runs out."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which then closes the pipe
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)


def _unsound(resident: Resident, cards: list[Card]) -> dict[str, str]:
    """Models that claim to be here and cannot be loaded, with the reason. Leaves the first ones in memory."""
    unsound: dict[str, str] = {}
    for card in reversed(cards):
        if card.available and not card.for_tests:
            try:
                resident.get(card.name)
            except Exception as error:
                log.warning("a model cannot be loaded", model=card.name, error=type(error).__name__)
                unsound[card.name] = problem_of(error).detail
    return unsound


if __name__ == "__main__":
    # the descriptor of our end of the pipe is the only argument
    work(Connection(int(sys.argv[1])))
