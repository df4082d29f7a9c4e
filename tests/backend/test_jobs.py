"""Jobs: made once, one at a time, as long as somebody waits, and gone without a trace when nobody does."""

import json
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2

from tests.conftest import Served, made, wait_for

Serve = Callable[..., Any]


def test_same_recipe_is_made_once(toys: Served, journal: Path) -> None:
    with ThreadPoolExecutor(50) as crowd:
        answers = list(crowd.map(lambda _: toys.count(seed=1, steps=5, pause=0.01), range(50)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert made(journal, 1) == 1


def test_a_finished_artifact_survives_the_server(serve: Serve, journal: Path) -> None:
    with serve() as first:
        before = first.finished(seed=2)
    with serve() as second:
        assert second.count(seed=2).json() == before
    assert made(journal, 2) == 1


def test_a_damaged_artifact_is_made_again_once(serve: Serve, journal: Path) -> None:
    with serve() as first:
        id = first.finished(seed=3)["id"]
    file = first.settings.artifacts / id / "steps.json"
    file.write_bytes(file.read_bytes().replace(b"[", b"("))
    with serve() as second:
        assert second.client.get(f"/api/artifacts/{id}").status_code == 404
        assert second.finished(seed=3)["id"] == id
        assert second.client.get(f"/api/artifacts/{id}/steps.json").text.startswith("[")
    assert made(journal, 3) == 2


def test_an_alias_is_the_same_artifact(toys: Served) -> None:
    ids = {
        toys.make(kind="look", model="abacus", site=site).json()["id"] for site in ("conv1", "features.0", "features_0")
    }
    assert len(ids) == 1


def test_what_was_asked_is_in_the_artifact(toys: Served) -> None:
    said = toys.make(kind="look", model="abacus", site="features.0", size=3).json()
    wanted = {"kind": "look", "model": "abacus", "seed": 0, "site": "conv1", "size": 3, "factor": 1.0}
    assert said["recipe"] == wanted
    assert toys.client.post("/api/artifacts", json=said["recipe"]).json()["id"] == said["id"]


def test_a_long_job_is_answered_with_itself_and_can_be_joined(toys: Served, journal: Path) -> None:
    first = toys.count(seed=4, steps=100, pause=0.01)
    assert first.status_code == 202
    assert first.headers["location"] == f"/api/jobs/{first.json()['id']}"
    second = toys.count(seed=4, steps=100, pause=0.01)
    assert second.json()["id"] == first.json()["id"]
    assert toys.until(first.json()["id"], "done")["done"] == 100
    assert made(journal, 4) == 1
    assert toys.count(seed=4, steps=100, pause=0.01).status_code == 200


def test_cancel_leaves_nothing(toys: Served) -> None:
    id = toys.begin(seed=5)
    assert toys.until(id, "running")["state"] == "running"
    wait_for(toys.leftovers)
    assert toys.client.delete(f"/api/jobs/{id}").status_code == 204
    assert toys.leftovers() == []
    assert toys.job(id)["state"] == "cancelled"
    assert toys.client.get(f"/api/artifacts/{id}").status_code == 404
    assert not (toys.settings.artifacts / id).exists()
    assert toys.client.delete(f"/api/jobs/{id}").status_code == 204, "again is no mistake"


def test_a_cancelled_job_can_be_begun_again(toys: Served, journal: Path) -> None:
    id = toys.begin(seed=6)
    toys.client.delete(f"/api/jobs/{id}")
    assert toys.begin(seed=6) == id
    toys.client.delete(f"/api/jobs/{id}")
    assert made(journal, 6) == 2


def test_a_waiting_job_knows_how_many_are_ahead_and_can_be_cancelled(toys: Served, journal: Path) -> None:
    first, second, third = (toys.begin(seed=seed) for seed in (7, 8, 9))
    assert [toys.job(id)["ahead"] for id in (first, second, third)] == [0, 1, 2]
    toys.client.delete(f"/api/jobs/{second}")
    assert toys.job(third)["ahead"] == 1
    toys.client.delete(f"/api/jobs/{first}")
    assert toys.until(third, "running")["ahead"] == 0
    toys.client.delete(f"/api/jobs/{third}")
    assert made(journal, 8) == 0


def test_a_long_job_makes_way_for_short_ones_and_goes_on(toys: Served, journal: Path) -> None:
    long = toys.begin(kind="count_long", seed=70, steps=300)
    toys.until(long, "running")
    for seed in (71, 72):
        toys.finished(seed=seed)
        assert toys.job(long)["state"] == "running", "neither before nor after it"
    behind = toys.begin(kind="count_long", seed=73)
    assert toys.job(behind)["state"] == "waiting" and toys.job(behind)["ahead"] == 1, "one long one at a time"
    toys.client.delete(f"/api/jobs/{behind}")
    assert toys.until(long, "done", "failed")["state"] == "done"
    steps = toys.client.get(f"/api/artifacts/{long}/steps.json").json()
    assert steps == list(range(299)), "nothing of the others in it"
    assert [made(journal, seed) for seed in (70, 71, 72)] == [1, 1, 1]


def test_a_short_job_in_between_can_be_cancelled_alone_and_so_can_the_long_one(toys: Served) -> None:
    long = toys.begin(kind="count_long", seed=75)
    short = toys.begin(seed=76)
    toys.until(short, "running")
    done = toys.job(long)["done"]
    assert toys.client.delete(f"/api/jobs/{short}").status_code == 204
    assert toys.job(short)["state"] == "cancelled"
    wait_for(lambda: toys.job(long)["done"] > done)
    short = toys.begin(seed=77, steps=100)
    toys.until(short, "running")
    assert toys.client.delete(f"/api/jobs/{long}").status_code == 204
    assert toys.job(long)["state"] == "cancelled"
    assert toys.until(short, "done", "failed")["state"] == "done"


def test_a_bug_in_a_short_job_does_not_harm_the_long_one_around_it(toys: Served) -> None:
    long = toys.begin(kind="count_long", seed=78, steps=200)
    toys.until(long, "running")
    answer = toys.make(kind="misbehave", model="abacus", how="bug")
    assert answer.status_code == 500 or toys.until(answer.json()["id"], "failed")
    assert toys.until(long, "done", "failed")["state"] == "done"


def test_a_death_in_between_ends_both_and_the_bench_is_there_again(toys: Served) -> None:
    long = toys.begin(kind="count_long", seed=79)
    toys.until(long, "running")
    toys.make(kind="misbehave", model="abacus", how="die")
    assert toys.until(long, "failed", "done")["state"] == "failed"
    toys.finished(seed=80)


def test_the_queue_has_an_end(serve: Serve) -> None:
    with serve(queue_limit=16, quick=0) as served, ThreadPoolExecutor(20) as crowd:
        wait_for(lambda: served.parts.bench.is_ready)
        answers = list(crowd.map(lambda seed: served.count(seed=seed, steps=1000, pause=0.05), range(100, 300)))
        taken = [answer for answer in answers if answer.status_code == 202]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert len(taken) == 17
        assert len(refused) == 183
        assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
        assert served.client.get("/livez").status_code == 200
        for answer in taken:
            served.client.delete(f"/api/jobs/{answer.json()['id']}")
        assert served.finished(seed=301)


def test_a_job_nobody_asks_after_is_cancelled(serve: Serve) -> None:
    with serve(abandon_after=0.5) as served:
        id = served.begin(seed=10)
        making = served.parts.workshop._live[id]
        wait_for(making.ended.is_set)
        assert making.state == "cancelled"
        assert served.leftovers() == []


def test_a_job_somebody_listens_to_goes_on(serve: Serve) -> None:
    with serve(abandon_after=0.3) as served:
        id = served.count(seed=11, steps=100, pause=0.015).json()["id"]
        assert list(events(served, id))[-1][1]["state"] == "done"


def test_a_listener_that_goes_away_is_noticed(serve: Serve) -> None:
    with serve(abandon_after=0.5) as served:
        id = served.begin(seed=12)
        making = served.parts.workshop._live[id]
        with served.client.stream("GET", f"/api/jobs/{id}/events") as stream:
            lines = stream.iter_lines()
            next(lines)
            assert making.listeners == 1
        wait_for(making.ended.is_set)
        assert (making.state, making.listeners) == ("cancelled", 0)


def test_events_come_in_order_and_end(toys: Served) -> None:
    id = toys.count(seed=13, steps=60, pause=0.02, previews=True).json()["id"]
    told = list(events(toys, id))
    names = [name for name, _ in told]
    assert names[-1] == "end"
    assert names.count("end") == 1
    assert {"progress", "preview"} <= set(names)
    steps = [job["done"] for name, job in told if name != "preview"]
    assert steps == sorted(steps)
    assert told[-1][1]["state"] == "done"
    assert all(shown == {"file": "part.json"} for name, shown in told if name == "preview")
    assert [name for name, _ in events(toys, id)] == ["preview", "end"], "who comes late hears the end"


def test_who_prefers_not_to_wait_has_the_job_at_once(serve: Serve) -> None:
    recipe = {"kind": "count", "model": "abacus", "seed": 21, "steps": 20, "pause": 0.05}
    with serve(quick=30) as served:
        answer = served.client.post("/api/artifacts", json=recipe, headers={"Prefer": "respond-async"})
        assert answer.status_code == 202
        assert answer.json()["state"] in ("waiting", "running")
        assert served.client.post("/api/artifacts", json=recipe).status_code == 200, "who does not say so waits"
        again = served.client.post("/api/artifacts", json=recipe, headers={"Prefer": "respond-async"})
        assert again.status_code == 200, "what is finished is the answer"


def test_a_preview_can_be_looked_at_until_the_job_ends(toys: Served) -> None:
    id = toys.begin(seed=14, previews=True)
    address = f"/api/artifacts/{id}/part.json"
    shown = wait_for(lambda: (answer := toys.client.get(address)).status_code == 200 and answer)
    assert shown.headers["cache-control"] == "no-store"
    assert toys.client.get(f"/api/artifacts/{id}/steps.json").status_code == 404, "only what was shown"
    toys.client.delete(f"/api/jobs/{id}")
    assert toys.client.get(address).status_code == 404


def test_a_preview_of_what_is_finished_is_past(toys: Served) -> None:
    id = toys.finished(seed=22, steps=3, previews=True)["id"]
    assert toys.client.get(f"/api/artifacts/{id}/part.json").status_code == 204
    assert toys.client.get(f"/api/artifacts/{id}/other.json").status_code == 404


def test_fifty_listen(toys: Served) -> None:
    id = toys.begin(seed=15, steps=100, pause=0.02)
    ended: list[str] = []
    listeners = [
        threading.Thread(target=lambda: ended.append(list(events(toys, id))[-1][1]["state"])) for _ in range(50)
    ]
    for each in listeners:
        each.start()
    for each in listeners:
        each.join()
    assert ended == ["done"] * 50


def test_a_mistake_found_while_making_is_the_answer(toys: Served) -> None:
    answer = toys.make(kind="misbehave", model="abacus", how="mistake")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/how"
    answer = toys.make(kind="say", model="parrot", text="word " * 11)
    assert answer.status_code == 422
    assert answer.json()["limit"] == 10
    assert toys.leftovers() == []


def test_a_bug_is_a_failed_job_that_tells_nothing(toys: Served) -> None:
    answer = toys.make(kind="misbehave", model="abacus", how="bug")
    assert answer.status_code == 202
    assert answer.json()["state"] == "failed"
    assert answer.json()["error"]["status"] == 500
    assert "secret" not in answer.text
    assert toys.leftovers() == []


def test_a_recipe_that_leaves_a_link_has_a_bug(toys: Served) -> None:
    answer = toys.make(kind="misbehave", model="abacus", how="symlink")
    assert answer.json()["error"]["status"] == 500
    assert toys.leftovers() == []


def test_a_full_disk_in_a_recipe_is_said(toys: Served) -> None:
    answer = toys.make(kind="misbehave", model="abacus", how="oserror")
    assert (answer.status_code, answer.json()["type"]) == (507, "urn:lucarne:problem:no-room")


def test_the_bench_dies_and_is_there_again(toys: Served, journal: Path) -> None:
    answer = toys.make(kind="misbehave", model="abacus", how="die")
    if answer.status_code == 202:
        assert toys.until(answer.json()["id"], "failed")["error"]["status"] == 503
    else:
        assert answer.status_code == 503
    id = toys.begin(seed=16)
    toys.until(id, "running")
    wait_for(lambda: made(journal, 16))
    assert toys.parts.bench.pid is not None
    os.kill(toys.parts.bench.pid, signal.SIGKILL)
    assert toys.until(id, "failed")["error"]["type"] == "urn:lucarne:problem:bench-lost"
    assert toys.leftovers() == []
    assert toys.finished(seed=17)


def test_a_job_that_does_not_hear_is_killed(serve: Serve, journal: Path) -> None:
    with serve(cancel_grace=0.3) as served:
        answer = served.make(kind="misbehave", model="abacus", how="deaf")
        assert answer.status_code == 202
        served.until(answer.json()["id"], "running")
        pid = served.parts.bench.pid
        assert served.client.delete(f"/api/jobs/{answer.json()['id']}").status_code == 204
        assert served.job(answer.json()["id"])["state"] == "cancelled"
        assert served.parts.bench.pid != pid
        assert served.finished(seed=18)


def test_a_job_beside_one_that_is_killed_is_begun_again(serve: Serve, journal: Path) -> None:
    with serve(cancel_grace=0.3) as served:
        long = served.begin(kind="count_long", seed=81, steps=100, pause=0.03)
        wait_for(lambda: served.job(long)["done"] > 5)
        deaf = served.make(kind="misbehave", model="abacus", how="deaf").json()["id"]
        served.until(deaf, "running")
        assert served.client.delete(f"/api/jobs/{deaf}").status_code == 204
        assert served.until(long, "done", "failed")["state"] == "done"
        assert served.client.get(f"/api/artifacts/{long}/steps.json").json() == list(range(99))
    assert made(journal, 81) == 2


def test_a_job_that_takes_too_much_memory_is_stopped(serve: Serve) -> None:
    with serve(bench_memory=600 << 20) as served:
        id = served.make(kind="misbehave", model="abacus", how="hoard").json()["id"]
        assert served.until(id, "failed", "done")["error"]["type"] == "urn:lucarne:problem:bench-lost"


def test_draining_takes_nothing_new_and_ends_what_waits(serve: Serve) -> None:
    with serve(drain=0.2) as served:
        running, waiting = served.begin(seed=19), served.begin(seed=20)
        served.loop.call_soon_threadsafe(served.parts.workshop.drain)
        assert served.until(waiting, "cancelled")
        assert served.count(seed=21).status_code == 503
        assert served.client.get("/readyz").json()["detail"] == "The server is closing."
        assert served.until(running, "cancelled")
        assert served.leftovers() == []


def test_finished_jobs_are_remembered_but_not_all(serve: Serve) -> None:
    with serve(remembered_jobs=3) as served:
        ids = [served.finished(seed=seed)["id"] for seed in range(30, 36)]
        assert len(served.parts.workshop._ended) == 3
        assert all(served.job(id)["state"] == "done" for id in ids), "the store remembers the others"
        assert served.client.get(f"/api/jobs/{'0' * 64}").status_code == 404


def events(served: Served, id: str) -> Any:
    """Name and data of each event."""
    with (
        httpx2.Client(base_url=served.url, timeout=60) as client,
        client.stream("GET", f"/api/jobs/{id}/events") as stream,
    ):
        assert stream.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in stream.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))
