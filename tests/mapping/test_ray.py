"""An atlas built on a Ray cluster: the same to the bit as one built here, whatever becomes of a worker."""

import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from typer.testing import CliRunner

from lucarne.atlas.mapping import atlas as mapping
from lucarne.atlas.mapping import layout, sampling
from lucarne.atlas.mapping.engine import HERE, Engine, at_work
from lucarne.atlas.mapping.packing import pack
from lucarne.cli import cli
from lucarne.models import load
from lucarne.models.errors import Unknown, Unsuitable
from lucarne.models.model import Model

T = TypeVar("T")
WHEELS = sys.version_info < (3, 15) and platform.libc_ver()[0] != "musl"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Engine]:
    """Two workers of one core each, on a Ray that only this machine can speak to."""
    if not WHEELS:
        pytest.skip("there is no Ray for this platform")
    from lucarne.atlas.mapping.ray_engine import Ray

    with Ray("cpu", num_cpus=2, num_gpus=0, object_store_memory=100_000_000) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


@pytest.fixture
def pictures(model: Model, monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    monkeypatch.setattr(mapping, "DRAWN", 64)
    monkeypatch.setattr(mapping, "TOGETHER", 2)
    monkeypatch.setattr(mapping, "ICON", replace(mapping.ICON, steps=2))
    monkeypatch.setattr(sampling, "BATCH", 4)
    size = model.card.input_size
    assert size is not None
    return list(np.random.default_rng(0).integers(256, size=(40, size, size, 3), dtype=np.uint8))


def built(model: Model, pictures: list[np.ndarray], folder: Path, engine: Engine, told: Callable[..., None]) -> Path:
    """An atlas with all its stages, and packed."""

    def progress(steps: Iterable[T], /) -> Iterator[T]:
        for step in steps:
            told()
            yield step

    atlas = mapping.build(model, "relu5", pictures, folder / "work", sides=(2, 3), progress=progress, engine=engine)
    (folder / "packed").mkdir()
    pack(atlas, folder / "packed")
    return folder


def files_in(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def telling(device: str) -> Callable[[int], tuple[int, int]]:
    """Work that says what it was asked, and by which process it is done."""

    def tell(number: int) -> tuple[int, int]:
        time.sleep(0.01)
        return number, os.getpid()

    return tell


def failing(device: str) -> Callable[[int], int]:
    return lambda number: 1 // number


def fatal(device: str) -> Callable[[int], int]:
    return lambda number: number if number != 2 else os.kill(os.getpid(), signal.SIGKILL) or 0


def workers(cluster: Engine) -> list[int]:
    """Their processes, once both are there: as soon as one is, it does all that there is to do."""
    found: set[int] = set()
    while len(found) < 2:
        found = {process for _, process in cluster.map(telling, range(20))}
    return [*found]


def test_an_atlas_is_the_same_to_the_bit_wherever_it_is_built(
    model: Model, pictures: list[np.ndarray], cluster: Engine, tmp_path: Path
) -> None:
    """Though one of the workers is killed among the pictures, and the other one among the icons."""
    here, there, alive = [0], [0], workers(cluster)

    def count() -> None:
        here[0] += 1

    def kill() -> None:
        there[0] += 1
        if there[0] in (4, here[0] - 1):
            os.kill(alive.pop(), signal.SIGKILL)

    whole = files_in(built(model, pictures, tmp_path / "here", HERE, count))
    assert here[0] >= 10 + 4, "blocks of pictures and of icons"
    assert files_in(built(model, pictures, tmp_path / "there", cluster, kill)) == whole
    assert there == here and not alive and len(whole) > 14


def test_neighbours_are_found_in_blocks(cluster: Engine) -> None:
    vectors = np.random.default_rng(1).normal(size=(5000, 8)).astype(np.float32)
    here, there = (layout.nearest(vectors, 10, "cosine", engine=each) for each in (HERE, cluster))
    assert np.array_equal(here[0], there[0]) and np.array_equal(here[1], there[1])


def test_answers_keep_the_order_of_blocks_of_which_few_are_read_ahead(cluster: Engine) -> None:
    read: list[int] = []

    def blocks() -> Iterator[int]:
        for number in range(100):
            read.append(number)
            yield number

    for number, (answer, _) in enumerate(cluster.map(telling, blocks())):
        assert answer == number and len(read) <= number + 1 + 8
    assert len(read) == 100 and list(cluster.map(telling, [])) == []


def test_what_goes_wrong_in_a_worker_goes_wrong_here(cluster: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        list(cluster.map(failing, [1, 1, 0, 1]))
    assert list(cluster.map(failing, [1, 1])) == [1, 1], "who stopped in the middle can go on with something else"


def test_work_that_kills_whoever_does_it_is_given_up(cluster: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    from lucarne.atlas.mapping import ray_engine

    monkeypatch.setattr(ray_engine, "LOST", 2)
    with pytest.raises(Unsuitable, match="one worker after the other"):
        list(cluster.map(fatal, range(5)))


def test_an_engine_is_local_or_ray(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUCARNE_DATA", str(tmp_path))
    asked = ["atlas", "build", "relu5", "--engine", "spark"]
    assert isinstance(wrong := CliRunner().invoke(cli, asked).exception, Unknown) and "local, ray" in wrong.detail
    asked = ["atlas", "build", "relu5", "--address", "auto"]
    assert isinstance(wrong := CliRunner().invoke(cli, asked).exception, Unsuitable) and wrong.field == "address"
    with at_work("local", "cpu") as engine:
        assert engine.home == "cpu" and [*engine.map(telling, [3])] == [(3, os.getpid())]


def test_without_ray_it_is_said_how_to_come_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(Unsuitable, match=r"pip install 'lucarne\[ray\]'"), at_work("ray", "cpu"):
        pass


@pytest.mark.skipif(not WHEELS, reason="there is no Ray for this platform")
def test_a_cluster_that_does_not_answer_is_named() -> None:
    """In a process of its own, for this one may speak to another cluster already."""
    script = (
        "from lucarne.atlas.mapping.ray_engine import Ray\n"
        "from lucarne.models.errors import Unsuitable\n"
        "for address in ('127.0.0.1:1', 'nowhere:at:all'):\n"
        "    try: list(Ray('cpu', address).map(None, []))\n"
        "    except Unsuitable as error: print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    first, second = ran.stdout.splitlines()
    assert first.startswith("No Ray cluster answers at 127.0.0.1:1,")
    assert second.startswith("No Ray cluster answers at nowhere:at:all,")
