"""A shop for weights on this machine: a real HTTP server that can misbehave in every way a real one was seen to."""

import hashlib
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from lucarne.models.catalog import Remote

PROBE = "bytes=0-0"  # what is asked for to see where an address leads


@dataclass(frozen=True)
class Asked:
    path: str
    range: str | None
    if_range: str | None


@dataclass
class Shop:
    """Serves `goods` at `/WAY/weights.bin`; the way says how well. Knows what it was asked for, probes aside."""

    goods: bytes
    tag: str | None = '"first edition"'
    cut: int = 0  # bytes after which the way `cut` hangs up, once
    towards: str = ""  # where the way `moved` leads
    asked: list[Asked] = field(default_factory=list)
    probed: list[str] = field(default_factory=list)
    sent: int = 0  # bytes of bodies

    def __post_init__(self) -> None:
        shop = self

        class Clerk(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shop.serve(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Clerk)
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def url(self, way: str) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/{way}/weights.bin"

    def remote(self, way: str, goods: bytes | None = None) -> Remote:
        """What the catalog would say of the goods."""
        goods = self.goods if goods is None else goods
        return Remote(self.url(way), len(goods), hashlib.sha256(goods).hexdigest())

    def serve(self, clerk: BaseHTTPRequestHandler) -> None:
        way = clerk.path.split("/")[1]
        wanted = clerk.headers["Range"]
        if wanted == PROBE:
            self.probed.append(clerk.path)
        else:
            self.asked.append(Asked(clerk.path, wanted, clerk.headers["If-Range"]))
        behave: Callable[[BaseHTTPRequestHandler], None] = getattr(self, f"way_{way}")
        behave(clerk)

    def way_right(self, clerk: BaseHTTPRequestHandler, goods: bytes | None = None, most: int | None = None) -> None:
        """As RFC 9110 has it: a range if it is asked for and still of the same edition, else the whole."""
        goods = self.goods if goods is None else goods
        wanted, edition = clerk.headers["Range"], clerk.headers["If-Range"]
        start = 0
        if wanted and edition in (None, self.tag):
            start = int(wanted.removeprefix("bytes=").split("-")[0])
            clerk.send_response(206)
            clerk.send_header("Content-Range", f"bytes {start}-{len(goods) - 1}/{len(goods)}")
        else:
            clerk.send_response(200)
        self._body(clerk, goods[start:][: 1 if wanted == PROBE else None], most)

    def way_cut(self, clerk: BaseHTTPRequestHandler) -> None:
        """Hangs up in the middle, the first time."""
        self.way_right(clerk, most=self.cut if len(self.asked) == 1 and clerk.headers["Range"] != PROBE else None)

    def way_deaf(self, clerk: BaseHTTPRequestHandler) -> None:
        """Hears no Range, and hangs up the first time."""
        clerk.send_response(200)
        self._body(clerk, self.goods, self.cut if len(self.asked) == 1 else None)

    def way_greedy(self, clerk: BaseHTTPRequestHandler) -> None:
        """Hangs up once, then finds that more was sent than there is."""
        if len(self.asked) == 2 and clerk.headers["Range"] != PROBE:
            clerk.send_response(416)
            return self._body(clerk, b"")
        return self.way_cut(clerk)

    def way_wrong(self, clerk: BaseHTTPRequestHandler) -> None:
        self.way_right(clerk, bytes(len(self.goods)))

    def way_wavering(self, clerk: BaseHTTPRequestHandler) -> None:
        """Wrong the first time, then right."""
        self.way_right(clerk, bytes(len(self.goods)) if len(self.asked) == 1 else None)

    def way_html(self, clerk: BaseHTTPRequestHandler) -> None:
        clerk.send_response(200)
        clerk.send_header("Content-Type", "text/html")
        self._body(clerk, b"<!doctype html><title>Please sign in</title>")

    def way_endless(self, clerk: BaseHTTPRequestHandler) -> None:
        """Does not say how much, and sends without end."""
        clerk.send_response(200)
        clerk.end_headers()
        with suppress(OSError):  # they hang up, as they should
            while True:
                self.sent += clerk.wfile.write(self.goods)

    def way_slow(self, clerk: BaseHTTPRequestHandler) -> None:
        """A byte now and then: never silent for long enough to time out."""
        clerk.send_response(200)
        clerk.send_header("Content-Length", str(len(self.goods)))
        clerk.end_headers()
        with suppress(OSError):  # they hang up, as they should
            for at in range(len(self.goods)):
                self.sent += clerk.wfile.write(self.goods[at : at + 1])
                time.sleep(0.02)

    def way_packed(self, clerk: BaseHTTPRequestHandler) -> None:
        """Fails whoever would let it pack what it sends."""
        assert "gzip" not in clerk.headers["Accept-Encoding"]
        self.way_right(clerk)

    def way_gone(self, clerk: BaseHTTPRequestHandler) -> None:
        clerk.send_response(404)
        self._body(clerk, b"no such thing")

    def way_broken(self, clerk: BaseHTTPRequestHandler) -> None:
        clerk.send_response(500)
        self._body(clerk, b"oh dear")

    def way_moved(self, clerk: BaseHTTPRequestHandler) -> None:
        clerk.send_response(302)
        if self.towards:
            clerk.send_header("Location", self.towards)
        self._body(clerk, b"")

    def _body(self, clerk: BaseHTTPRequestHandler, body: bytes, most: int | None = None) -> None:
        if self.tag:
            clerk.send_header("ETag", self.tag)
        clerk.send_header("Content-Length", str(len(body)))
        clerk.end_headers()
        self.sent += len(body[:most])  # before it goes: who has read it all finds it counted
        with suppress(OSError):  # they may have hung up
            clerk.wfile.write(body[:most])
