"""Who may come in: the right host name, no foreign page, the token where there is one. Functions of headers."""

import hashlib
import hmac
from http.cookies import CookieError, SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from lucarne.errors import NotAllowed, NoToken, Refusal

LOOPBACK = ("localhost", "127.0.0.1", "::1")
SAFE = ("GET", "HEAD", "OPTIONS")
COOKIE = "lucarne"


def objection(method: str, headers: Headers, hosts: tuple[str, ...], token: str | None) -> Refusal | None:
    """Why a request may not come in, if it may not.

    The host name is checked against DNS rebinding. A page of another site can post a form here without asking (a
    multipart upload needs no preflight), but it cannot hide that it is of another site.
    """
    said = headers.getlist("host")
    if len(said) != 1 or _name(said[0]) not in (*LOOPBACK, *hosts):
        return NotAllowed()
    if method not in SAFE:
        if headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
            return NotAllowed()
        if (origin := headers.get("origin")) is not None and not _same(origin, said[0]):
            return NotAllowed()
    if token is not None and not shows(headers, token):
        return NoToken()
    return None


def shows(headers: Headers, token: str) -> bool:
    """Whether a request carries the token, as a bearer's or in the cookie."""
    scheme, _, bearer = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and is_token(bearer.strip(), token):
        return True
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return False
    return cookie is not None and hmac.compare_digest(cookie.value.encode(), pass_of(token).encode())


def is_token(shown: str, token: str) -> bool:
    return hmac.compare_digest(shown.encode("utf-8", "replace"), token.encode())


def pass_of(token: str) -> str:
    """What the cookie holds: proof of the token, not the token."""
    return hashlib.sha256(f"lucarne {token}".encode()).hexdigest()


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None


def _same(origin: str, host: str) -> bool:
    try:
        theirs = urlsplit(origin)
        ours = urlsplit(f"{theirs.scheme}://{host}")
        port = {"http": 80, "https": 443}.get(theirs.scheme)
        return port is not None and (theirs.hostname, theirs.port or port) == (ours.hostname, ours.port or port)
    except ValueError:
        return False
