"""Strangers: foreign pages, rebound names, missing tokens, clients that stall, leave, or never read."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from starlette.types import Message, Receive, Scope, Send

from lucarne import serve as serving_module
from lucarne.door import Door
from lucarne.settings import Settings
from tests.conftest import Served, wait_for
from tests.hostile.test_bodies import is_problem

Serve = Callable[..., Any]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost.evil.example",
        "",
        "[::2]",
        "127.0.0.1@evil.example",
        "[",
        "0.0.0.0",
        "169.254.169.254",
    ],
)
@pytest.mark.parametrize("path", ["/livez", "/api/models", "/"])
def test_a_name_that_is_not_ours_is_refused(toys: Served, host: str, path: str) -> None:
    answer = toys.client.get(path, headers={"host": host})
    assert answer.status_code in (400, 403)
    is_problem(answer)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1:1234", "[::1]:8000"])
def test_names_of_this_machine_are_ours(toys: Served, host: str) -> None:
    assert toys.client.get("/livez", headers={"host": host}).status_code == 200


FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:1"},
    {"origin": "file://"},
    {"origin": "x"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_a_foreign_page_changes_nothing(toys: Served, headers: dict[str, str]) -> None:
    for method, path in (("POST", "/api/artifacts"), ("POST", "/api/pictures"), ("DELETE", f"/api/jobs/{'0' * 64}")):
        answer = toys.client.request(method, path, headers=headers)
        assert answer.status_code == 403
        is_problem(answer)
    assert "access-control-allow-origin" not in toys.client.get("/api/models", headers=headers).headers
    assert toys.client.options("/api/artifacts", headers=headers).status_code in (403, 405)


def test_our_own_page_may(toys: Served) -> None:
    headers = {"origin": toys.url, "sec-fetch-site": "same-origin"}
    answer = toys.client.post("/api/artifacts", json={"kind": "count", "model": "abacus"}, headers=headers)
    assert answer.status_code == 200


def test_every_answer_protects_the_browser(toys: Served) -> None:
    for path in ("/", "/livez", "/api/models", "/api/nothing", "/api/openapi.json"):
        headers = toys.client.get(path).headers
        assert "script-src 'self';" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers or "uvicorn" not in headers["server"]


def test_a_token_opens_and_nothing_else_does(serve: Serve) -> None:
    with serve(token="hush", allowed_hosts=("lab.example",)) as served:
        url = served.url
        with httpx2.Client(base_url=url) as client:
            assert client.get("/livez").status_code == 200, "health needs none"
            for headers in (
                {},
                {"authorization": "Bearer wrong"},
                {"authorization": "Basic hush"},
                {"cookie": "lucarne=hush"},
            ):
                answer = client.get("/api/models", headers=headers)
                assert answer.status_code == 401
                assert is_problem(answer)
                assert answer.headers["www-authenticate"] == "Bearer"
            assert client.get("/?token=wrong").status_code == 401
            assert client.get("/?token=%ff").status_code == 401
            assert client.get("/api/models", headers={"authorization": "Bearer hush"}).status_code == 200
            assert (
                client.get("/api/models", headers={"authorization": "Bearer hush", "host": "lab.example"}).status_code
                == 200
            )
            assert client.get("/?token=hush", headers={"host": "evil.example"}).status_code == 403
            entered = client.get("/?token=hush")
            assert (entered.status_code, entered.headers["location"]) == (303, "/")
            assert "httponly" in entered.headers["set-cookie"].lower()
            assert "hush" not in entered.headers["set-cookie"]
            assert client.get("/api/models").status_code == 200, "the cookie"


def raw(served: Served) -> socket.socket:
    host, port = served.url.removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=60)


@pytest.mark.parametrize(
    "sent",
    [
        b"\0\0\0\0\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"POST /api/artifacts HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/artifacts HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /api/artifacts HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_is_refused(toys: Served, sent: bytes) -> None:
    with raw(toys) as connection, contextlib.suppress(ConnectionError):
        connection.sendall(sent)
        answer = connection.recv(65536)
        assert answer == b"" or answer.split()[1] in (b"400", b"403", b"404", b"415", b"431"), answer
        for telltale in (b"Traceback", b".py", b"/home", b"/tmp"):
            assert telltale not in answer
    assert toys.client.get("/livez").status_code == 200


def test_a_connection_that_says_nothing_is_closed(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving_module, "HEADERS_WITHIN", 0.2)
    with serve() as served:
        with raw(served) as silent:
            assert silent.recv(1) == b""
        with raw(served) as slow, contextlib.suppress(ConnectionError):
            slow.sendall(b"GET / HTTP/1.1\r\nHost: loc")
            assert slow.recv(1) == b""
        assert served.client.get("/livez").status_code == 200


def test_a_body_that_never_comes_is_not_waited_for(serve: Serve) -> None:
    with serve(body_timeout=0.3) as served:
        for path, media in (
            ("/api/artifacts", b"application/json"),
            ("/api/pictures", b"multipart/form-data; boundary=xyz"),
        ):
            with raw(served) as slow:
                slow.sendall(b"POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: %s\r\n" % (path.encode(), media))
                slow.sendall(b"Content-Length: 1000\r\n\r\n--xyz\r\n")
                assert slow.recv(65536).split()[1] == b"408"


@pytest.mark.parametrize("share", [0, 10, 50, 90])
def test_a_client_that_leaves_within_an_upload_is_nothing(toys: Served, share: int) -> None:
    body = b"--xyz\r\n" + b"x" * 1_000_000
    with raw(toys) as leaver:
        leaver.sendall(
            b"POST /api/pictures HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=xyz\r\n"
        )
        leaver.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body[: len(body) * share // 100])
    assert toys.client.get("/livez").status_code == 200
    assert toys.parts.decoding_waiting == 0


def test_a_client_that_leaves_while_it_waits_does_not_stop_the_job(toys: Served) -> None:
    body = b'{"kind":"count","model":"abacus","seed":77,"steps":40,"pause":0.01}'
    with raw(toys) as leaver:
        leaver.sendall(b"POST /api/artifacts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        leaver.sendall(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        making = wait_for(lambda: next(iter(toys.parts.workshop._live.values()), None))
    wait_for(making.ended.is_set)
    assert making.state == "done"


def test_an_answer_nobody_takes_is_given_up() -> None:
    """The kernel's buffers hide a deaf client for long, so here the door itself meets one."""
    given_up: list[bool] = []

    async def talker(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                await send({"type": "http.response.body", "body": b"x", "more_body": True})
        finally:
            given_up.append(True)

    async def receive() -> Message:
        return {"type": "http.request"}

    async def deaf(message: Message) -> None:
        if message["type"] == "http.response.body":
            await asyncio.Event().wait()

    async def meet() -> None:
        scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"localhost")], "scheme": "http"}
        await Door(talker, Settings(send_timeout=0.05))(scope, receive, deaf)

    with pytest.raises(TimeoutError):
        asyncio.run(meet())
    assert given_up == [True]
