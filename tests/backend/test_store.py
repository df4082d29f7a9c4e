"""The store: whole or not at all, whatever happens to the disk or to the process."""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lucarne.artifact import Rank, Ranking
from lucarne.folder import DIGEST, MANIFEST
from lucarne.store import Entry, Store

ONE, TWO, THREE = "1" * 64, "2" * 64, "3" * 64


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """Opens the same store again and again, as processes would one after the other or side by side."""
    stores: list[Store] = []

    def again(limit: int = 10**9) -> Store:
        stores.append(Store(tmp_path / "store", limit))
        stores[-1].open()
        return stores[-1]

    yield again
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[..., Store]) -> Store:
    return opened()


def artifact(id: str) -> Ranking:
    ranks = [Rank(index=0, label="one", probability=1.0, logit=0.5)]
    return Ranking(
        id=id, kind="toy", model="abacus", weights="", recipe={"kind": "toy"}, caption="A toy.", ranks=ranks, total=1
    )


def put(store: Store, id: str, size: int = 1000) -> Entry:
    with store.folder(id) as folder:
        (folder.path / "tiles.safetensors").write_bytes(b"7" * size)
        (folder.path / "more.json").write_text("[]")
        return store.put(artifact(id), folder)


def leftovers(store: Store) -> list[Path]:
    return list((store.root / ".making").glob("*/*"))


def test_what_is_put_is_read(store: Store, opened: Callable[..., Store]) -> None:
    entry = put(store, ONE)
    assert [file.name for file in entry.artifact.files] == ["more.json", "tiles.safetensors"]
    assert entry.artifact.files[1].size == 1000
    again = opened().read(ONE)
    assert again is not None
    assert again.artifact == entry.artifact
    assert leftovers(store) == []


def test_ids_that_are_none_are_not_there(store: Store) -> None:
    for id in ("", "..", ".making", "../store", ONE.upper() + "A", ONE + "\n", "/etc", f"{ONE}/.."):
        assert store.read(id) is None


def _truncate(place: Path) -> None:
    os.truncate(place / "tiles.safetensors", 999)


def _flip(place: Path) -> None:
    content = bytearray((place / "tiles.safetensors").read_bytes())
    content[500] ^= 1
    (place / "tiles.safetensors").write_bytes(content)


def _zero(place: Path) -> None:
    (place / "tiles.safetensors").write_bytes(b"\0" * 1000)


def _lose(place: Path) -> None:
    (place / "more.json").unlink()


def _add(place: Path) -> None:
    (place / "extra.json").write_text("1")


def _link(place: Path) -> None:
    (place / "more.json").unlink()
    (place / "more.json").symlink_to("/etc/hostname")


def _manifest_lost(place: Path) -> None:
    (place / MANIFEST).unlink()


def _manifest_empty(place: Path) -> None:
    (place / MANIFEST).write_bytes(b"")


def _manifest_digit(place: Path) -> None:
    said = (place / MANIFEST).read_bytes()
    (place / MANIFEST).write_bytes(said.replace(b'"probability":1.0', b'"probability":0.1'))


def _digest_lost(place: Path) -> None:
    (place / DIGEST).unlink()


def _empty(place: Path) -> None:
    shutil.rmtree(place)
    place.mkdir()


DAMAGES: list[Callable[[Path], None]] = [
    _truncate, _flip, _zero, _lose, _add, _link, _manifest_lost, _manifest_empty, _manifest_digit, _digest_lost, _empty,
]  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_entry_is_moved_aside_and_made_again(
    opened: Callable[..., Store], damage: Callable[[Path], None]
) -> None:
    first = opened()
    put(first, ONE)
    first.close()
    damage(first.root / ONE)
    second = opened()
    assert second.read(ONE) is None
    assert not (second.root / ONE).exists()
    assert len(list((second.root / ".damaged").iterdir())) == 1
    put(second, ONE)
    third = opened()
    assert third.read(ONE) is not None


def test_swapped_entries_are_noticed(opened: Callable[..., Store]) -> None:
    first = opened()
    put(first, ONE)
    put(first, TWO)
    first.close()
    (first.root / ONE).rename(first.root / THREE)
    (first.root / TWO).rename(first.root / ONE)
    second = opened()
    assert second.read(ONE) is None
    assert second.read(THREE) is None


def test_put_over_a_damaged_entry_replaces_it(opened: Callable[..., Store]) -> None:
    first = opened()
    put(first, ONE)
    first.close()
    _flip(first.root / ONE)
    second = opened()
    put(second, ONE)
    third = opened()
    assert third.read(ONE) is not None


def test_the_longest_unused_makes_room(opened: Callable[..., Store]) -> None:
    store = opened(limit=10_000)
    put(store, ONE, 3000)
    put(store, TWO, 3000)
    assert store.known(ONE) is not None  # used: now TWO is the longest unused
    put(store, THREE, 3000)
    assert store.read(TWO) is None
    assert store.read(ONE) is not None
    assert store.read(THREE) is not None
    assert leftovers(store) == []


def test_the_newest_stays_even_beyond_the_limit(opened: Callable[..., Store]) -> None:
    store = opened(limit=1)
    put(store, ONE)
    put(store, TWO)
    assert store.read(ONE) is None
    assert store.read(TWO) is not None


def test_use_is_remembered_over_a_restart_whatever_the_clock_says(opened: Callable[..., Store]) -> None:
    first = opened()
    for id in (ONE, TWO):
        put(first, id, 3000)
    first.close()
    os.utime(first.root / TWO, (1, 1))  # a clock that was a generation back
    second = opened(limit=10_000)
    put(second, THREE, 3000)
    assert second.read(TWO) is None
    assert second.read(ONE) is not None


def test_what_the_dead_left_is_swept_and_the_living_are_not(opened: Callable[..., Store]) -> None:
    dead, living = opened(), opened()
    for store in (dead, living):
        folder = store.folder(ONE).path
        folder.mkdir()
        (folder / "half").write_text("h")
    assert dead._lock is not None
    dead._lock.close()  # what the kernel does for a process that dies
    opened()
    assert not dead.making.exists()
    assert (living.making / f"{ONE[:16]}-1" / "half").exists()


def test_two_servers_share_a_store(opened: Callable[..., Store]) -> None:
    ours, theirs = opened(), opened()
    with ours.folder(ONE) as folder:
        (folder.path / "tiles.safetensors").write_bytes(b"ours")
        put(theirs, ONE)
        entry = ours.put(artifact(ONE), folder)
    assert entry.artifact.files[1].size == 1000, "who comes second takes what is there"
    shutil.rmtree(theirs.root / ONE)
    assert ours.known(ONE) is None
    assert leftovers(ours) == []


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("nth", range(1, 8))
@pytest.mark.parametrize("call", ["fsync", "rename", "write"])
def test_a_disk_that_fails_leaves_nothing_half_done(
    opened: Callable[..., Store], monkeypatch: pytest.MonkeyPatch, call: str, nth: int, number: int
) -> None:
    """Each fsync, each rename and each write of an artifact fails in its turn."""
    store = opened()
    put(store, TWO)
    fault = Fault(call, nth, number, monkeypatch)
    try:
        put(store, ONE)
        failed = False
    except OSError as error:
        assert error.errno == number
        failed = True
    monkeypatch.undo()
    assert failed == fault.has_fired
    assert failed or fault.calls < nth, "the fault was to fire and did not"
    if (store.root / ONE).exists():  # then it is whole
        assert opened().read(ONE) is not None
    assert leftovers(store) == []
    assert opened().read(TWO) is not None, "reads go on"
    assert put(store, ONE).artifact.id == ONE, "and so does everything, without a restart"


def test_the_faults_cover_every_call(opened: Callable[..., Store], monkeypatch: pytest.MonkeyPatch) -> None:
    """No kind of call is made more often than the seven times that are tried."""
    store = opened()
    for call, id in (("fsync", ONE), ("rename", TWO), ("write", THREE)):
        with monkeypatch.context() as patch:
            fault = Fault(call, 100, errno.EIO, patch)
            put(store, id)
            assert 1 <= fault.calls <= 7


class Fault:
    """The nth call fails."""

    def __init__(self, call: str, nth: int, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls = 0
        self.has_fired = False
        if call == "write":
            self._wrap(monkeypatch, "lucarne.folder._write", nth, number)
        else:
            self._wrap(monkeypatch, f"os.{call}", nth, number)

    def _wrap(self, monkeypatch: pytest.MonkeyPatch, name: str, nth: int, number: int) -> None:
        module, _, attribute = name.rpartition(".")
        real = getattr(__import__(module, fromlist=[attribute]), attribute)

        def failing(*given: object, **named: object) -> object:
            self.calls += 1
            if self.calls == nth:
                self.has_fired = True
                raise OSError(number, os.strerror(number))
            return real(*given, **named)

        monkeypatch.setattr(name, failing)
