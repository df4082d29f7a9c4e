"""The server process: signals, and the deadlines that uvicorn does not keep."""

import asyncio
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from lucarne.api import Parts
from lucarne.errors import answer, problem_of_status
from lucarne.galleries import Galleries
from lucarne.settings import Settings

HEADERS_WITHIN = 15.0  # seconds from the connection to the end of the first request's headers
LINGER = 5  # seconds more than the workshop has, to tell everybody how their jobs ended


class Protocol(H11Protocol):
    """HTTP/1.1 for strangers: a connection that does not come to the point is closed."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # pyright: ignore[reportIncompatibleMethodOverride]
        super().connection_made(transport)
        self._patience = self.loop.call_later(HEADERS_WITHIN, self._lose_patience)

    def connection_lost(self, exc: Exception | None) -> None:
        self._patience.cancel()
        super().connection_lost(exc)

    def _lose_patience(self) -> None:
        if self.cycle is None:
            self.transport.abort()

    def send_400_response(self, msg: str) -> None:
        response = answer(problem_of_status(400))
        head = [b"HTTP/1.1 400 Bad Request", b"connection: close"]
        head += [name + b": " + value for name, value in response.raw_headers]
        self.transport.write(b"\r\n".join([*head, b"", bytes(response.body)]))
        self.transport.close()


class Server(uvicorn.Server):
    """Tells the workshop at the first signal, so that what is at work can end before the connections do."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[str], None]) -> None:
        super().__init__(config)
        self._announce = announce

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        parts: Parts = _inner(self.config.app).state.parts
        self._loop.call_soon_threadsafe(parts.workshop.drain)
        super().handle_exit(sig, frame)

    async def startup(self, sockets: Any = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
            self._announce(f"http://{shown}:{port}/")
            parts: Parts = _inner(self.config.app).state.parts
            self._preparing = asyncio.create_task(asyncio.to_thread(Galleries.beside(parts.pictures).prepare))


def configured(app: FastAPI, settings: Settings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        http=Protocol,
        ws="none",
        lifespan="on",
        access_log=False,  # it writes query texts
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=int(settings.drain) + LINGER,
    )


def serve(app: FastAPI, settings: Settings, announce: Callable[[str], None]) -> bool:
    """Serve until a signal comes; `announce` hears the address once we listen. False where we never came to it."""
    server = Server(configured(app, settings), announce)
    server.run()
    return server.started


def _inner(app: Any) -> FastAPI:
    assert isinstance(app, FastAPI)
    return app
