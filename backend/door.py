"""Around the whole application: lets in or turns away, keeps time, and sees to what every answer carries. Pure ASGI."""

import asyncio
import time
from urllib.parse import parse_qs

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lucarne import guard
from lucarne.atlas.gates import MAX_BYTES
from lucarne.errors import TooLate, answer, answer_to, problem_of_status
from lucarne.settings import Settings

log = structlog.get_logger()

MULTIPART_EXTRA = 1 << 16  # bytes around the file of an upload
GALLERY_BYTES = 256 << 20  # of many pictures at once
CORPUS_BYTES = (8 << 20) + MULTIPART_EXTRA  # of texts; what is around them does not count
OPEN = ("/livez", "/readyz")  # for whoever watches the server; they tell nothing

CARRIED = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
        "connect-src 'self'; media-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class Door:
    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._settings = settings
        self._token = settings.token.get_secret_value() if settings.token else None
        self._hosts = tuple(host.lower() for host in settings.allowed_hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        elif scope["type"] != "http":
            await self.app(scope, receive, send)
        else:
            await self._let_in(scope, _Visit(scope, receive, send, self._settings))

    async def _let_in(self, scope: Scope, visit: "_Visit") -> None:
        began = time.perf_counter()
        try:
            refused = self._refusal(scope)
            if refused is not None:
                await refused(scope, visit.receive, visit.send)
            else:
                await self.app(scope, visit.receive, visit.send)
        except (ClientDisconnect, TimeoutError):
            visit.status = visit.status or 499  # nobody is there to be answered
            if visit.is_late:
                raise
        except Exception as error:
            response = answer_to(error)
            if response.status_code == 500:
                log.exception("a request failed", method=scope["method"], path=scope["path"][:200])
            if visit.status is not None:
                raise
            await response(scope, visit.receive, visit.send)
        finally:
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"][:200],
                status=visit.status,
                ms=round(1000 * (time.perf_counter() - began), 1),
            )

    def _refusal(self, scope: Scope) -> Response | None:
        """The answer to who may not come in, or who has come with the token in the address."""
        headers = Headers(scope=scope)
        token = None if scope["path"] in OPEN else self._token
        if token is not None and scope["path"] == "/" and scope["method"] == "GET":
            shown = parse_qs(scope["query_string"].decode("latin-1")).get("token", [])
            if shown and guard.objection("GET", headers, self._hosts, None) is None and guard.is_token(shown[0], token):
                return _with_cookie(token, secure=scope["scheme"] == "https")
        refusal = guard.objection(scope["method"], headers, self._hosts, token)
        return None if refusal is None else answer_to(refusal)


class _Visit:
    """One request: its messages with deadlines, its answer with what every answer carries."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, settings: Settings) -> None:
        self._scope, self._receive, self._send, self._settings = scope, receive, send, settings
        self._deadline = asyncio.get_running_loop().time() + settings.body_timeout
        self._has_arrived = False
        self._replaces = False
        self.status: int | None = None
        self.is_late = False

    async def receive(self) -> Message:
        if self._has_arrived:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline):
                message = await self._receive()
        except TimeoutError:
            raise TooLate from None
        self._has_arrived = message["type"] != "http.request" or not message.get("more_body", False)
        return message

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            if message["status"] >= 400 and not _is_problem(headers):  # a part of the framework speaks for itself
                self._replaces = True
                limit = body_limit(self._scope["path"], self._settings) if message["status"] == 413 else None
                response = answer(problem_of_status(message["status"], limit=limit))
                if "content-range" in headers:
                    response.headers["content-range"] = headers["content-range"]
                self._carry(response.headers)
                await response(self._scope, self._receive, self._timely)
                return
            self._carry(headers)
        elif self._replaces:
            return
        await self._timely(message)

    def _carry(self, headers: MutableHeaders) -> None:
        for name, value in CARRIED.items():
            headers[name] = value
        if "cache-control" not in headers:
            hashed = self._scope["path"].startswith("/assets/") and self.status in (200, 206)
            headers["cache-control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"

    async def _timely(self, message: Message) -> None:
        try:
            async with asyncio.timeout(self._settings.send_timeout):
                await self._send(message)
        except TimeoutError:
            self.is_late = True
            raise


def body_limit(path: str, settings: Settings) -> int:
    """Bytes a request's body may have."""
    own = {"/api/pictures": MAX_BYTES + MULTIPART_EXTRA, "/api/galleries": GALLERY_BYTES, "/api/corpora": CORPUS_BYTES}
    return own.get(path, settings.body_limit)


def _is_problem(headers: Headers) -> bool:
    return headers.get("content-type", "").startswith("application/problem+json")


def _with_cookie(token: str, *, secure: bool) -> Response:
    response = RedirectResponse("/", 303)
    response.set_cookie(guard.COOKIE, guard.pass_of(token), httponly=True, samesite="lax", secure=secure)
    return response
