"""The processes: what they import, how they start, how they end."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.conftest import ROOT, wait_for

STARTED = """
import sys, threading
from lucarne.app import create_app
from lucarne.bench import Stock
from lucarne.serve import serve
from lucarne.settings import Settings

sys.path.insert(0, {root!r})
settings = Settings(data={data!r}, port=0, disk_reserve=0, drain=1)
app = create_app(settings, Stock("tests.backend.toys:Toys", "tests.backend.toys:RECIPES"))

def announce(address):
    print(address, *sorted({{"torch", "umap", "ray", "plotly", "sklearn"}} & set(sys.modules)), flush=True)

serve(app, settings, announce)
print("ended", *sorted({{"torch"}} & set(sys.modules)), flush=True)
"""


@contextmanager
def started(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and what it says when it listens."""
    environment = os.environ | {"LUCARNE_TEST_JOURNAL": str(folder / "journal.txt")}
    code = STARTED.format(root=str(ROOT), data=str(folder / "data"))
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment
    )
    assert process.stdout is not None
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_the_server_never_imports_torch(tmp_path: Path) -> None:
    with started(tmp_path) as (process, said):
        address, *heavy = said.split()
        assert heavy == []
        with httpx2.Client(base_url=address, timeout=60) as client:
            assert client.get("/api/models").status_code == 200
            made = client.post("/api/artifacts", json={"kind": "count", "model": "abacus"})
            assert made.status_code == 200
        process.send_signal(signal.SIGTERM)
        assert process.stdout is not None
        assert process.stdout.read() in ("", "ended\n")
        assert process.wait() in (0, -signal.SIGTERM)


def test_sigterm_ends_jobs_and_tells_who_listens(tmp_path: Path) -> None:
    with started(tmp_path) as (process, address), httpx2.Client(base_url=address, timeout=60) as client:
        job = client.post(
            "/api/artifacts", json={"kind": "count", "model": "abacus", "steps": 9000, "pause": 0.1}
        ).json()
        with client.stream("GET", f"/api/jobs/{job['id']}/events") as stream:
            lines = stream.iter_lines()
            assert next(lines) == "event: progress"
            process.send_signal(signal.SIGTERM)
            rest = list(lines)
        assert "event: end" in rest
        assert '"state":"cancelled"' in rest[-2]
        assert process.wait() in (0, -signal.SIGTERM)
    assert list((tmp_path / "data/artifacts").glob(".making/*")) == []


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_bench_dies_with_the_server(tmp_path: Path) -> None:
    with started(tmp_path) as (process, address), httpx2.Client(base_url=address, timeout=60) as client:
        assert client.get("/api/models").status_code == 200
        children = Path(f"/proc/{process.pid}/task").glob("*/children")
        pids = [int(pid) for each in children for pid in each.read_text().split()]
        bench = [pid for pid in pids if b"lucarne.worker" in Path(f"/proc/{pid}/cmdline").read_bytes()]
        assert len(bench) == 1
        process.kill()
        process.wait()
        wait_for(lambda: not _runs(bench[0]))


def test_a_port_that_is_taken_is_said_in_one_line(tmp_path: Path) -> None:
    with started(tmp_path) as (_, address):
        port = address.rstrip("/").rpartition(":")[2]
        ran = lucarne("serve", "--port", port, "--data", str(tmp_path / "other"))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.strip() == f"Port {port} is taken. Try --port {int(port) + 1}."


def test_a_folder_that_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ran = lucarne("serve", "--port", "0", "--data", str(tmp_path / "file/data"))
    assert ran.returncode == 2
    assert ran.stderr.strip().endswith("Choose another: --data.")
    assert len(ran.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    "given", [(), ("--token", "secret"), ("--allowed-host", "lab")], ids=["nothing", "no host", "no token"]
)
def test_strangers_are_let_in_only_on_purpose(given: tuple[str, ...], tmp_path: Path) -> None:
    ran = lucarne("serve", "--host", "0.0.0.0", "--port", "0", "--data", str(tmp_path), *given)
    assert ran.returncode == 2
    assert "--token and --allowed-host" in ran.stderr
    assert "Traceback" not in ran.stderr


def lucarne(*words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-c", "from lucarne.cli import app; app()", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
