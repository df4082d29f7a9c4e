"""Corpora and labels over HTTP, from Python and on the command line: what there is, adding, throwing away, naming."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lucarne import Client
from lucarne.artifact_embeddings import CorpusBatch
from lucarne.artifact_units import UnitList, UnitTexts
from lucarne.bench import Stock
from lucarne.cli import cli
from lucarne.corpora import MOST, Corpora, stem_of
from lucarne.labels import LONGEST
from lucarne.models.errors import TooMuch, Unknown, Unsuitable
from tests.conftest import Served, serving, settings_in
from tests.hostile.test_bodies import is_problem

TEXT = "The red fox ran.\n<|endoftext|>\nThe blue cat sat.\n"
SITE = "blocks.1.mlp.hook_post"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(settings_in(tmp_path_factory.mktemp("data"), test_models=True), Stock()) as served:
        yield served


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with Client(served.url) as client:
        yield client


def add(served: Served, name: str, *texts: bytes) -> Any:
    files = [("file", (f"{number}.txt", text)) for number, text in enumerate(texts)]
    return served.client.post("/api/corpora", data={"name": name}, files=files)


def test_the_bundled_corpus_is_there_and_stays(served: Served) -> None:
    told = served.client.get("/api/corpora").json()
    assert told["most"] == MOST
    first = told["corpora"][0]
    assert (first["name"], first["own"], first["bytes"]) == ("bundled", False, None)
    assert first["documents"] > 100
    assert "not what the network was trained on" in first["about"]
    answer = served.client.delete("/api/corpora/bundled")
    assert answer.status_code == 422
    is_problem(answer)


def test_texts_become_a_corpus_that_units_are_looked_up_in(client: Client, tmp_path: Path) -> None:
    (tmp_path / "foxes.txt").write_text(TEXT * 40, encoding="utf-8")
    name = client.add_corpus("Foxes & cats", tmp_path / "foxes.txt")
    assert name.startswith("foxes-cats-")
    assert client.add_corpus("Foxes & cats", tmp_path / "foxes.txt") == name, "the same text is the same corpus"
    card = next(each for each in client.corpora() if each["name"] == name)
    assert (card["title"], card["documents"], card["own"]) == ("Foxes & cats", 41, True)
    page = client.make("neurons", model="tiny_gpt", site=SITE, unit=3, corpus=name, k=5)
    assert isinstance(page, UnitTexts)
    assert page.title == "Foxes & cats"
    for row in page.contexts:
        assert "".join(row.tokens) in TEXT * 2
    listed = client.make("units", model="tiny_gpt", site=SITE, corpus=name)
    assert isinstance(listed, UnitList)
    assert listed.units[3].label == page.label
    assert client.arrays(listed, "counts.safetensors")["counts"][3].tolist() == page.counts
    batch = client.make("corpus", model="tiny_gpt", corpus=name, context=8)
    assert isinstance(batch, CorpusBatch)
    assert batch.texts[0] == ""
    assert batch.texts[1] == "The red fox ran."
    client.remove_corpus(name)
    assert name not in [each["name"] for each in client.corpora()]


def test_what_is_no_text_or_too_much_is_refused(served: Served) -> None:
    for name, texts, status in (
        ("x", (b"\xff\xfe",), 422), ("x", (b"a\0b",), 422), ("x", (b"",), 422), ("x", (b" \n",), 422),
        ("", (b"text",), 422), ("bundled", (b"text",), 422), ("…", (b"text",), 422),
        ("x", (b"a" * (MOST + 10),), 422), ("x", (b"b" * MOST, b"c" * MOST), 413),
    ):  # fmt: skip
        answer = add(served, name, *texts)
        assert answer.status_code == status, (name, answer.text)
        is_problem(answer)
    answer = served.client.post("/api/corpora", json={"name": "x"})
    assert answer.status_code == 415
    assert [each["name"] for each in served.client.get("/api/corpora").json()["corpora"]] == ["bundled"]


def test_a_corpus_that_is_not_there_is_unknown(served: Served) -> None:
    for name in ("nowhere", "nowhere-0123456789ab", "..", "%2e%2e", "%00"):
        answer = served.client.delete(f"/api/corpora/{name}")
        assert answer.status_code in (404, 405)
        is_problem(answer)
    answer = served.make(kind="corpus", model="tiny_gpt", corpus="nowhere-0123456789ab")
    assert answer.status_code == 404
    assert is_problem(answer).errors[0].pointer == "/corpus"


def test_a_unit_is_called_what_somebody_writes_down(served: Served, client: Client) -> None:
    client.label("tiny_gpt", SITE, 3, "  foxes · Füchse ")
    client.label("tiny_gpt", SITE, 4, "cats")
    client.label("tiny_gpt", "blocks.0.mlp.hook_post", 3, "another layer's")
    assert client.labels("tiny_gpt", SITE) == {3: "foxes · Füchse", 4: "cats"}
    client.label("tiny_gpt", SITE, 4, "")
    assert client.labels("tiny_gpt", SITE) == {3: "foxes · Füchse"}
    told = json.loads((served.settings.data / "labels.json").read_text(encoding="utf-8"))
    assert [list(sites) for sites in told.values()] == [[SITE, "blocks.0.mlp.hook_post"]]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (f"nobody/{SITE}/3", {"label": "x"}, 404), ("tiny_gpt/nowhere/3", {"label": "x"}, 404),
        (f"tiny_gpt/{SITE}/48", {"label": "x"}, 422), (f"tiny_gpt/{SITE}/-1", {"label": "x"}, 422),
        (f"tiny_gpt/{SITE}/x", {"label": "x"}, 422), (f"tiny_gpt/{SITE}/3", {"label": "x" * (LONGEST + 1)}, 422),
        (f"tiny_gpt/{SITE}/3", {"label": "two\nlines"}, 422), (f"tiny_gpt/{SITE}/3", {"label": None}, 422),
        (f"tiny_gpt/{SITE}/3", {"label": "x", "more": 1}, 422), (f"tiny_gpt/{SITE}/3", [], 422),
    ],
)  # fmt: skip
def test_a_label_that_will_not_do_is_refused(served: Served, path: str, body: Any, status: int) -> None:
    answer = served.client.put(f"/api/labels/{path}", json=body)
    assert answer.status_code == status
    is_problem(answer)


def test_a_damaged_file_of_labels_is_as_none(served: Served, client: Client) -> None:
    (served.settings.data / "labels.json").write_text("{")
    assert client.labels("tiny_gpt", SITE) == {}
    client.label("tiny_gpt", SITE, 3, "anew")
    assert client.labels("tiny_gpt", SITE) == {3: "anew"}


def test_corpora_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUCARNE_DATA", str(tmp_path / "data"))
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts/a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "texts/b.txt").write_text("One more.", encoding="utf-8")
    run = CliRunner().invoke
    answer = run(cli, ["corpus", "add", str(tmp_path / "texts"), "--name", "Mine"])
    assert answer.exit_code == 0, answer.output
    name = answer.output.split(":")[0]
    assert "3 documents" in answer.output
    assert name in run(cli, ["corpus", "list"]).output
    read = run(cli, ["corpus", "index", name, "--model", "tiny_gpt", "--device", "cpu"])
    assert read.exit_code == 0, read.output
    assert "has read the 42 tokens" in read.output
    assert run(cli, ["corpus", "remove", name]).exit_code == 0
    assert name not in run(cli, ["corpus", "list"]).output
    assert isinstance(run(cli, ["corpus", "remove", name]).exception, Unknown)
    assert isinstance(run(cli, ["corpus", "add", str(tmp_path / "nothing")]).exception, Unsuitable)


def test_what_was_being_written_when_the_power_failed_is_no_corpus(tmp_path: Path) -> None:
    known = Corpora(tmp_path)
    added = known.add("Mine", ["one", "two"])
    (tmp_path / "other-0123456789ab").mkdir()
    (tmp_path / ".half-x").mkdir()
    assert [each.name for each in known.all()] == ["bundled", added.name]
    with pytest.raises(TooMuch):
        known.add("Mine", ["x" * 1000] * (MOST // 1000))
    assert [each.name for each in known.all()] == ["bundled", added.name]
    assert [stem_of(title) for title in ("My Set!", "Ünïcode  --")] == ["my-set", "unicode"]
