"""The workshop: makes each recipe once, for as long as somebody waits for it.

There are two lanes, one for recipes that take long and one for all others, and one recipe of each is at work at a time.
"""

import asyncio
import time
import weakref
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from lucarne.bench import Bench, Failed, Message, Stopped
from lucarne.errors import Busy, NotFound, NotReady, Problem, disk_refusal, problem_of
from lucarne.job import Job, Preview, State
from lucarne.recipe import Recipe
from lucarne.settings import Settings
from lucarne.store import Entry, Store

log = structlog.get_logger()


class Making:
    """A job from within: what it is to make, how far it is, who listens."""

    def __init__(self, id: str, recipe: Recipe, weights: str) -> None:
        self.id, self.recipe, self.weights = id, recipe, weights
        self.state: State = "waiting"
        self.done, self.total, self.seconds_left = 0, None, None
        self.note = ""
        self.error: Problem | None = None
        self.entry: Entry | None = None
        self.folder: Path | None = None
        self.previews: list[str] = []  # every telling, in order: a file may be told again when it has changed
        self.listeners = 0
        self.heard = time.monotonic()  # when somebody last asked after it
        self.task: asyncio.Task[None] | None = None
        self.is_made = False  # and only to be put in place: too late to cancel
        self.ended = asyncio.Event()
        self._changed = asyncio.Event()

    def change(self) -> None:
        """Wake everybody who listens."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def changed(self) -> None:
        await self._changed.wait()

    def hear(self, message: Message) -> None:
        """News from the bench."""
        match message["say"]:
            case "progress":
                self.done, self.total = message["done"], message["total"]
                self.seconds_left = message["seconds_left"]
            case "note":
                self.note = message["note"]
            case "preview":
                self.previews.append(message["file"])
        self.change()

    def end(self, state: State, error: Problem | None = None) -> None:
        self.state, self.error = state, error
        self.seconds_left, self.note, self.folder = None, "", None
        self.ended.set()
        self.change()

    @contextmanager
    def listening(self) -> Iterator[None]:
        self.listeners += 1
        try:
            yield
        finally:
            self.listeners -= 1
            self.heard = time.monotonic()


class Lane:
    """Recipes that wait for one another, and the one whose turn it is."""

    def __init__(self) -> None:
        self.queue: deque[Making] = deque()
        self.at_work: Making | None = None
        self.more = asyncio.Event()

    def ahead(self, making: Making) -> int:
        return (self.at_work is not None) + (self.queue.index(making) if making in self.queue else 0)


class Workshop:
    def __init__(self, settings: Settings, store: Store, bench: Bench) -> None:
        self._settings, self._store, self._bench = settings, store, bench
        self._lanes = {is_long: Lane() for is_long in (False, True)}
        self._live: dict[str, Making] = {}
        self._ended: OrderedDict[str, Making] = OrderedDict()
        self._looking: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        self._tasks: list[asyncio.Task[None]] = []
        self.draining = False

    def start(self) -> None:
        self._tasks = [asyncio.create_task(self._work(lane)) for lane in self._lanes.values()]
        self._tasks.append(asyncio.create_task(self._tidy()))

    async def make(self, recipe: Recipe, weights: str, *, at_once: bool = False) -> Entry | Making:
        """The finished artifact, or the job that is making it, `at_once` or when it takes long.

        Raises Busy or NotReady.
        """
        id = recipe.id(weights)
        if (entry := self._store.known(id)) is not None:
            return entry
        lock = self._looking.get(id) or asyncio.Lock()
        self._looking[id] = lock
        async with lock:
            making = self._live.get(id)
            if making is not None and making.task is not None and making.task.cancelling():
                await making.ended.wait()
                making = None
            if making is None:
                entry = await asyncio.to_thread(self._store.read, id)
                if entry is not None:
                    return entry
                making = self._enqueue(Making(id, recipe, weights))
        making.heard = time.monotonic()
        with suppress(TimeoutError), making.listening():
            async with asyncio.timeout(0 if at_once else self._settings.quick):
                await making.ended.wait()
        return making.entry or making

    def find(self, id: str) -> Making:
        """The job of that id, running or remembered; raises NotFound."""
        making = self._live.get(id) or self._ended.get(id)
        if making is None:
            raise NotFound("There is no job of that id. Post its recipe to begin one.")
        making.heard = time.monotonic()
        return making

    def job(self, making: Making) -> Job:
        ahead = self._lane(making).ahead(making) if making.state == "waiting" else 0
        return Job(
            id=making.id,
            state=making.state,
            done=making.done,
            total=making.total,
            note=making.note,
            seconds_left=making.seconds_left,
            ahead=ahead,
            error=making.error,
        )

    async def events(self, making: Making) -> AsyncIterator[tuple[str, Job | Preview]]:
        """Progress and previews as they come (a slow listener misses some progress, no preview), then the end."""
        with making.listening():
            shown, last = 0, None
            while True:
                job, is_over = self.job(making), making.ended.is_set()
                fresh, shown = making.previews[shown:], len(making.previews)
                for file in dict.fromkeys(fresh):
                    yield "preview", Preview(file=file)
                if is_over:
                    yield "end", job
                    return
                if job != last:
                    last = job
                    yield "progress", job
                if shown == len(making.previews) and self.job(making) == last and not making.ended.is_set():
                    await making.changed()

    async def cancel(self, id: str) -> None:
        """Stop a job, whoever waits for it; returns when it writes nothing any more. Raises NotFound."""
        making = self.find(id)
        if making.ended.is_set():
            return
        self._cancel(making)
        await making.ended.wait()

    def drain(self) -> None:
        """Take nothing new, let what is at work finish for a while, then stop it."""
        if not self.draining:
            self.draining = True
            for lane in self._lanes.values():
                for making in list(lane.queue):
                    self._cancel(making)
            self._tasks.append(asyncio.create_task(self._stop_later()))

    async def close(self) -> None:
        self.draining = True
        for making in list(self._live.values()):
            self._cancel(making)
        for making in list(self._live.values()):
            await making.ended.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def preview(self, id: str, file: str) -> Path | None:
        """Where a file lies that a running job has shown."""
        making = self._live.get(id)
        if making is None or making.folder is None or file not in making.previews:
            return None
        return making.folder / file

    def has_shown(self, id: str, file: str) -> bool:
        """Whether a job that has ended showed that file on its way."""
        making = self._ended.get(id)
        return making is not None and file in making.previews

    def _enqueue(self, making: Making) -> Making:
        if self.draining:
            raise NotReady
        lane = self._lane(making)
        if len(lane.queue) >= self._settings.queue_limit + (lane.at_work is None):
            raise Busy
        lane.queue.append(making)
        self._live[making.id] = making
        lane.more.set()
        return making

    def _lane(self, making: Making) -> Lane:
        return self._lanes[making.recipe.is_long]

    def _cancel(self, making: Making) -> None:
        if making in (queue := self._lane(making).queue):
            queue.remove(making)
            self._over(making, "cancelled")
        elif making.task is not None and not making.is_made and not making.task.cancelling():
            making.task.cancel()

    def _over(self, making: Making, state: State, error: Problem | None = None) -> None:
        self._live.pop(making.id, None)
        self._ended.pop(making.id, None)
        self._ended[making.id] = making
        while len(self._ended) > self._settings.remembered_jobs:
            self._ended.popitem(last=False)
        making.end(state, error)
        for waiting in self._lane(making).queue:
            waiting.change()  # one less ahead

    async def _work(self, lane: Lane) -> None:
        while True:
            while not lane.queue:
                lane.more.clear()
                await lane.more.wait()
            making = lane.at_work = lane.queue.popleft()
            making.state = "running"
            making.change()
            making.task = asyncio.create_task(self._make(making))
            await asyncio.wait([making.task])
            lane.at_work = None
            if not making.ended.is_set():  # cancelled before it began
                self._over(making, "cancelled")

    async def _make(self, making: Making) -> None:
        """One job from its folder to its end. The one place where anything at all may go wrong and is put up with."""
        state, error = "failed", None
        try:
            with self._store.folder(making.id) as folder:
                making.folder = folder.path
                artifact = await self._bench.make(making.id, making.recipe, making.weights, folder.path, making.hear)
                said = {"id": making.id, "kind": making.recipe.kind, "weights": making.weights}
                said |= {"model": making.recipe.model, "recipe": making.recipe.model_dump()}
                whole = artifact.model_copy(update=said)
                making.is_made = True
                making.entry = await asyncio.to_thread(self._store.put, whole, folder)
                state = "done"
        except (Stopped, asyncio.CancelledError):
            state = "cancelled"
        except Failed as failed:
            error = failed.problem
        except OSError as trouble:
            error = problem_of(disk_refusal(trouble))
            log.error("a job could not be stored", job=making.id[:16], errno=trouble.errno, instance=error.instance)
        except Exception as trouble:
            error = problem_of(trouble)
            if error.status == 500:
                log.exception("a job failed", job=making.id[:16], kind=making.recipe.kind, instance=error.instance)
        if making.entry is not None:
            state, error = "done", None
        self._over(making, state, error)

    async def _tidy(self) -> None:
        """Stop what nobody waits for any more."""
        every = min(1.0, self._settings.abandon_after / 4)
        while True:
            await asyncio.sleep(every)
            for making in list(self._live.values()):
                idle = time.monotonic() - making.heard
                if making.listeners == 0 and idle > self._settings.abandon_after:
                    log.info("nobody waits for a job any more", job=making.id[:16])
                    self._cancel(making)

    async def _stop_later(self) -> None:
        await asyncio.sleep(self._settings.drain)
        for making in list(self._live.values()):
            self._cancel(making)
