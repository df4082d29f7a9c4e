"""A real server on a real socket, in a thread of the test process, for whoever wants to ask it something."""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # so that the bench, another process, finds the toys
os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / ".make" / "numba"))  # UMAP is compiled once, not in every process

from lucarne.api import Parts  # noqa: E402
from lucarne.app import create_app  # noqa: E402
from lucarne.bench import Stock  # noqa: E402
from lucarne.serve import configured  # noqa: E402
from lucarne.settings import Settings  # noqa: E402
from tests.backend.toys import TOYS  # noqa: E402


@dataclass
class Served:
    """A server that runs, and a client of it."""

    app: FastAPI
    url: str
    client: httpx2.Client
    loop: asyncio.AbstractEventLoop

    @property
    def parts(self) -> Parts:
        return self.app.state.parts

    @property
    def settings(self) -> Settings:
        return self.parts.settings

    def make(self, **recipe: Any) -> httpx2.Response:
        return self.client.post("/api/artifacts", json=recipe)

    def count(self, **changes: Any) -> httpx2.Response:
        return self.make(**{"kind": "count", "model": "abacus", **changes})

    def begin(self, **changes: Any) -> str:
        """The id of a job that takes long."""
        answer = self.count(**{"steps": 2000, "pause": 0.01, **changes})
        assert answer.status_code == 202, answer.text
        return answer.json()["id"]

    def finished(self, **changes: Any) -> dict[str, Any]:
        """The artifact, waited for."""
        answer = self.count(**changes)
        if answer.status_code == 202:
            self.until(answer.json()["id"], "done")
            answer = self.client.get(f"/api/artifacts/{answer.json()['id']}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def job(self, id: str) -> dict[str, Any]:
        return self.client.get(f"/api/jobs/{id}").json()

    def until(self, id: str, *states: str) -> dict[str, Any]:
        """The job, once it is in one of these states."""
        return wait_for(lambda: (job := self.job(id))["state"] in states and job)

    def leftovers(self) -> list[str]:
        """Everything in the store that is no finished artifact."""
        making = self.settings.artifacts / ".making"
        return [
            str(path.relative_to(making)) for path in making.rglob("*") if path.is_file() and path.suffix != ".lock"
        ]


def wait_for(what: Callable[[], Any], seconds: float = 60.0) -> Any:
    """What `what` answers, once it is something; the time is only there to fail at last."""
    turn = threading.Event()
    for _ in range(int(seconds / 0.02)):
        if answer := what():
            return answer
        turn.wait(0.02)
    raise AssertionError("it never came")


@contextmanager
def serving(settings: Settings, stock: Stock = TOYS, page: Path | None = None) -> Iterator[Served]:
    app = create_app(settings, stock, page or settings.data / "no-page")
    server = uvicorn.Server(configured(app, settings))
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        await server.serve()

    thread = threading.Thread(target=lambda: asyncio.run(run()), daemon=True)
    thread.start()
    wait_for(lambda: server.started or not thread.is_alive())
    port = server.servers[0].sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    try:
        with httpx2.Client(base_url=url, timeout=60) as client:
            yield Served(app, url, client, loops[0])
    finally:
        server.should_exit = True
        thread.join()


def settings_in(folder: Path, **changes: Any) -> Settings:
    told: dict[str, Any] = {"data": folder, "disk_reserve": 0, "port": 0, "drain": 0, "quick": 0.3, "cancel_grace": 3.0}
    return Settings(**{**told, **changes})


@pytest.fixture(scope="session")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the toys write a line, the seed, for each time they are really made."""
    file = tmp_path_factory.mktemp("journal") / "journal.txt"
    file.touch()
    os.environ["LUCARNE_TEST_JOURNAL"] = str(file)
    yield file
    del os.environ["LUCARNE_TEST_JOURNAL"]


def made(journal: Path, seed: int) -> int:
    """How often the toy of that seed was really made."""
    return journal.read_text().split().count(str(seed))


@pytest.fixture(scope="module")
def toys(journal: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server whose models are toys, shared by the tests of a file."""
    with serving(settings_in(tmp_path_factory.mktemp("data"))) as served:
        yield served


@pytest.fixture
def serve(journal: Path, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Servers of one's own, by settings that differ."""

    def start(stock: Stock = TOYS, page: Path | None = None, **changes: Any) -> Any:
        return serving(settings_in(tmp_path / "data", **changes), stock, page)

    yield start


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The browser comes last: Playwright keeps an event loop in this thread from its first test on."""
    items.sort(key=lambda item: "browser" in item.path.parts)
