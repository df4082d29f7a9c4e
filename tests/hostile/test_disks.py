"""A disk that is full or sick: said so, nothing half-written, reads go on, and it recovers without a restart."""

import errno
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lucarne import folder as folder_module
from tests.conftest import Served
from tests.hostile.test_bodies import is_problem


@contextmanager
def failing(monkeypatch: pytest.MonkeyPatch, call: str, number: int, under: Path) -> Iterator[list[str]]:
    """Every call of that name that concerns our folder fails, and is written down."""
    fired: list[str] = []
    real: Callable[..., Any] = folder_module._write if call == "write" else getattr(os, call)

    def fails(what: Any, *given: Any, **named: Any) -> Any:
        path = str(Path(f"/proc/self/fd/{what}").readlink()) if isinstance(what, int) else str(what)
        if path.startswith(str(under)):
            fired.append(path)
            raise OSError(number, os.strerror(number), path)
        return real(what, *given, **named)

    with monkeypatch.context() as patch:
        if call == "write":
            patch.setattr(folder_module, "_write", fails)
        else:
            patch.setattr(os, call, fails)
        yield fired


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 507), (errno.EIO, 503), (errno.EROFS, 503)])
@pytest.mark.parametrize("call", ["write", "fsync", "rename", "mkdir"])
def test_a_job_says_that_the_disk_fails(
    toys: Served, monkeypatch: pytest.MonkeyPatch, call: str, number: int, status: int
) -> None:
    before = toys.finished(seed=1)
    recipe = {
        "kind": "look",
        "model": "abacus",
        "site": "conv1",
        "size": zlib.crc32(f"{call} {number}".encode()) % 1000,
    }
    with failing(monkeypatch, call, number, toys.settings.artifacts) as fired:
        answer = toys.make(**recipe)
        assert fired, "the fault was to fire and did not"
        assert answer.status_code == status
        is_problem(answer)
        assert toys.client.get(f"/api/artifacts/{before['id']}").status_code == 200, "reads go on"
        assert toys.client.get("/livez").status_code == 200
    assert toys.leftovers() == []
    again = toys.make(**recipe)
    assert again.status_code == 200, "it recovers by itself"


@pytest.mark.parametrize(("number", "status"), [(errno.ENOSPC, 507), (errno.EIO, 503)])
def test_an_upload_says_that_the_disk_fails(
    toys: Served, monkeypatch: pytest.MonkeyPatch, number: int, status: int
) -> None:
    from tests.hostile.pixels import png

    content = png(number, 20)
    with failing(monkeypatch, "fsync", number, toys.settings.pictures) as fired:
        answer = toys.client.post("/api/pictures", files={"file": ("a.png", content)})
        assert fired, "the fault was to fire and did not"
        assert answer.status_code == status
        is_problem(answer)
    assert not [path for path in toys.settings.pictures.iterdir() if path.suffix == ".half"]
    assert toys.client.post("/api/pictures", files={"file": ("a.png", content)}).status_code == 201


def test_a_store_that_cannot_be_written_is_not_ready(toys: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    toys.finished(seed=2)
    assert toys.client.get("/readyz").status_code == 200

    def fails(*_: object, **__: object) -> int:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", fails)
        assert toys.client.get("/readyz").status_code == 503
    assert toys.client.get("/readyz").status_code == 200
