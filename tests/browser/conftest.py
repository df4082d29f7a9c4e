"""The real page in a real browser, in front of the real server with the bundled networks."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.server import running

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip
REPORT = "addEventListener('securitypolicyviolation', e => (window.reports ??= []).push(e.violatedDirective))"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium where there is one; otherwise Playwright's own."""
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    return {**browser_type_launch_args, "args": QUIET, **({"executable_path": found} if found else {})}


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with running() as (url, _):
        yield url


@pytest.fixture
def look(page: Page, address: str) -> Iterator[Callable[..., Page]]:
    """Open a place of the page, `look("alexnet/conv3", width=390)`; afterwards nothing may have gone wrong in it."""
    troubles: list[str] = []
    page.on("console", lambda said: troubles.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "request",
        lambda asked: troubles.append(asked.url) if not asked.url.startswith((address, "blob:", "data:")) else None,
    )
    page.add_init_script(REPORT)
    expected: list[str] = []

    def open_at(place: str = "", width: int = 1280, height: int = 800, expect: str = "") -> Page:
        expected.extend([expect] if expect else [])
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{address}/#/{place}")
        return page

    yield open_at
    assert not page.evaluate("window.reports ?? []"), "the content security policy was broken"
    assert [trouble for trouble in troubles if not any(each in trouble for each in expected)] == []
