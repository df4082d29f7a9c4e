"""The process is killed while it writes artifacts: what is in the store afterwards is whole, and the rest is swept."""

import random
import subprocess
import sys
from pathlib import Path

from lucarne.folder import DIGEST, MANIFEST
from lucarne.store import Store
from tests.conftest import ROOT

KILLS = 25

WRITER = """
import hashlib, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from lucarne.artifact import Rank, Ranking
from lucarne.store import Store

store = Store(Path({store!r}), 40_000_000)
store.open()
ranks = [Rank(index=0, label="one", probability=1.0, logit=0.5)]
print("ready", flush=True)
for line in sys.stdin:
    id = hashlib.sha256(line.encode()).hexdigest()
    with store.folder(id) as folder:
        for name in ("tiles.safetensors", "heads.safetensors", "more.json"):
            (folder.path / name).write_bytes(bytes.fromhex(id) * 20_000)
            print("writing", flush=True)
        said = dict(kind="toy", model="m", weights="", recipe={{}}, caption="")
        store.put(Ranking(id=id, ranks=ranks, total=1, **said), folder)
    print("done", flush=True)
"""


def test_kill_9_leaves_whole_artifacts_or_none(tmp_path: Path) -> None:
    dice = random.Random(0)
    store = tmp_path / "store"
    killed_at: list[str] = []
    finished: set[str] = set()
    writers = [start(store) for _ in range(2)]
    for kill in range(KILLS):
        writer = writers.pop(0)
        writers.append(start(store))  # gets ready, and sweeps, while the other one writes
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        writer.stdin.write("".join(f"{kill} {number}\n" for number in range(50)))
        writer.stdin.flush()
        said = [writer.stdout.readline().strip() for _ in range(dice.randrange(1, 14))]
        for _ in range(dice.randrange(0, 20_000)):  # somewhere between two of its lines
            pass
        assert writer.poll() is None, "it was to be killed at work"
        writer.kill()
        rest = writer.stdout.read().split()
        assert writer.wait() == -9
        writer.stdin.close()
        writer.stdout.close()
        killed_at.append((said + rest)[-1])
        finished |= {f"{kill} {number}\n" for number in range((said + rest).count("done"))}
    for writer in writers:
        writer.communicate("")
    assert killed_at.count("writing") >= 5, "the kills must hit while something is being made"
    check(store, len(finished))


def start(store: Path) -> "subprocess.Popen[str]":
    code = WRITER.format(root=str(ROOT), store=str(store))
    return subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def check(root: Path, finished: int) -> None:
    """Every entry is whole; what was said to be finished is there; nothing else is left."""
    store = Store(root, 40_000_000)
    store.open()
    ids = [path.name for path in root.iterdir() if not path.name.startswith(".")]
    assert len(ids) >= min(finished, 15)
    for id in ids:
        entry = store.read(id)
        assert entry is not None
        assert {path.name for path in (root / id).iterdir()} == {*entry.names, MANIFEST, DIGEST}
    assert not (root / ".damaged").exists()
    assert len(list((root / ".making").iterdir())) == 2, "our lock and our folder"
    store.close()
    assert list((root / ".making").iterdir()) == []
