"""The whole way, over HTTP and on the command line, with the real recipes on the tiny models."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from safetensors.numpy import load
from typer.testing import CliRunner

from lucarne.bench import Stock
from lucarne.cards import kind_of
from lucarne.cli import cli
from lucarne.recipes import RECIPES
from tests.conftest import Served, serving, settings_in
from tests.galleries import file_of, picture

SLOW = ("features", "atlas", "trail", "visitors")  # seconds a site: tests/recipes asks them of every one
MINUTES = ("text_atlas", "text_trail")  # of a network without one that ships; tests/recipes makes them of a few
TEXT = "Once upon a time 🐈 a cät said: “no”."
OTHER = TEXT.replace("cät", "cåt")  # as many tokens
FEATURES = ("dictionary", "steering", "dose_response", "shelf")  # of networks with a dictionary: tests/language
OWN: dict[str, dict[str, Any]] = {  # what a kind needs that no other does
    "mix": {"units": [{"site": "features.0", "unit": 1}]},
    "text_patching": {"corrupt": OTHER, "answer": 1, "against": 2},
    "induction": {"text": "a cät"},  # said twice, it has to fit
    "embeddings": {"plus": ["a"]},
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(settings_in(tmp_path_factory.mktemp("data"), test_models=True, quick=200), Stock()) as served:
        yield served


def wishes(served: Served) -> Iterator[dict[str, Any]]:
    """Every recipe on every site of the tiny models that the server offers it for."""
    cat, flower = (each["id"] for each in served.client.get("/api/samples").json()["pictures"][:2])
    few = [("file", (f"{seed}.png", file_of(picture(seed)))) for seed in range(12)]
    added = served.client.post("/api/galleries", data={"name": "few"}, files=few)
    assert added.status_code in (200, 201), added.text
    gallery = next(
        each["name"] for each in served.client.get("/api/galleries").json()["galleries"] if "few" in each["name"]
    )
    texts = [("file", ("few.txt", ("\n<|endoftext|>\n".join([TEXT * 3, OTHER * 3] * 8)).encode()))]
    corpus = served.client.post("/api/corpora", data={"name": "few"}, files=texts).json()["name"]
    for model in served.client.get("/api/models").json()["models"]:
        if model["for_tests"]:
            for kind in (each for each in model["recipes"] if each not in MINUTES):
                fields = next(each for each in RECIPES if kind_of(each) == kind).model_fields
                said: dict[str, Any] = {"kind": kind, "model": model["name"]}
                said |= {"picture": cat} if "picture" in fields else {}
                said |= {"corrupt": flower} if "corrupt" in fields else {}
                said |= {"text": TEXT} if "text" in fields else {}
                said |= {"unit": 1} if "unit" in fields else {}
                said |= {"steps": 2} if "steps" in fields else {}
                said |= {"gallery": gallery} if "gallery" in fields else {}
                said |= {"corpus": corpus} if "corpus" in fields else {}
                said |= {"a": [cat], "b": [flower]} if kind == "direction" else {}
                said |= OWN.get(kind, {})
                if "site" in fields:
                    sites = [site["name"] for site in model["sites"] if kind in site["recipes"]]
                    yield from ({**said, "site": site} for site in (sites[:1] if kind in SLOW else sites))
                else:
                    yield said


def test_every_recipe_is_made_on_every_site_that_suits(served: Served) -> None:
    kinds: set[str] = set()
    for wish in wishes(served):
        answer = served.make(**wish)
        assert answer.status_code == 200, (wish, answer.text)
        artifact = answer.json()
        kinds.add(artifact["kind"])
        assert served.client.post("/api/artifacts", json=artifact["recipe"]).json()["id"] == artifact["id"]
        for file in artifact["files"]:
            content = served.client.get(f"/api/artifacts/{artifact['id']}/{file['name']}").content
            assert (len(content), hashlib.sha256(content).hexdigest()) == (file["size"], file["sha256"])
            if file["name"].endswith(".safetensors"):
                assert load(content)
    assert kinds == {kind_of(each) for each in RECIPES} - {*MINUTES, *FEATURES}


def test_defaults_said_or_not_are_one_recipe(served: Served) -> None:
    """Otherwise a permalink would name another artifact than the page that made it."""
    for each in RECIPES:
        least = {"kind": kind_of(each), "model": "m", **OWN.get(kind_of(each), {})}
        least |= {
            name: 1 if field.annotation is int else ["a" * 64] if name in ("a", "b") else "a" * 64
            for name, field in each.model_fields.items()
            if field.is_required() and name not in least
        }
        recipe = each.model_validate_json(json.dumps(least))
        again = each.model_validate_json(recipe.model_dump_json())
        assert again.id("w") == recipe.id("w")


def test_an_alias_names_the_same_artifact(served: Served) -> None:
    ids = {
        served.make(kind="kernels", model="tiny_alexnet", site=site).json()["id"] for site in ("conv1", "features.0")
    }
    assert len(ids) == 1


def test_a_text_beyond_the_context_is_too_much(served: Served) -> None:
    answer = served.make(kind="attention", model="tiny_gpt", text="word " * 300)
    assert answer.status_code == 422
    assert answer.json()["limit"] > 0


def test_the_command_line_makes_the_same(served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUCARNE_DATA", str(tmp_path / "data"))
    sample = served.client.get("/api/samples").json()["pictures"][0]["id"]
    picture = tmp_path / "cat.png"
    picture.write_bytes(served.client.get(f"/api/pictures/{sample}").content)
    for kind, words in (
        ("kernels", ["--model", "tiny_alexnet"]),
        (
            "activations",
            ["--model", "tiny_alexnet", "--site", "features.3", "--picture", str(picture), "--rotate", "-30"],
        ),
        ("predictions", ["--model", "tiny_alexnet", "--picture", str(picture), "--k", "3"]),
        ("tokens", ["--model", "tiny_gpt", "--text", TEXT, "--no-begin"]),
        ("attention", ["--model", "tiny_gpt", "--text", TEXT]),
    ):
        folder = tmp_path / kind
        ran = CliRunner().invoke(cli, ["make", kind, *words, "-o", str(folder), "--device", "cpu"])
        assert ran.exit_code == 0, ran.output
        artifact = json.loads((folder / "artifact.json").read_bytes())
        assert artifact["caption"] in ran.output
        assert {path.name for path in folder.iterdir()} - {"artifact.json", "artifact.sha256"} == {
            file["name"] for file in artifact["files"]
        }
        assert served.make(**artifact["recipe"]).json()["id"] == artifact["id"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["kernels", "--model", "alexnt"], "alexnet"),
        (["kernels", "--model", "gpt"], "vision"),
        (["activations", "--model", "tiny_alexnet", "--site", "conv9", "--picture", "{picture}"], "conv"),
        (["activations", "--model", "tiny_alexnet", "--site", "conv1", "--picture", "nothing.png"], "cannot be read"),
        (["predictions", "--model", "tiny_alexnet", "--picture", "{text}"], "JPEG"),
        (["predictions", "--model", "tiny_alexnet", "--picture", "{picture}", "--k", "0"], "k"),
        (["tokens", "--model", "tiny_gpt", "--text", ""], "text"),
        (["kernels", "--model", "gpt2"], "vision"),
    ],
)
def test_mistakes_are_one_line(
    words: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from lucarne.cli import app
    from tests.hostile.pixels import png

    monkeypatch.setenv("LUCARNE_DATA", str(tmp_path / "data"))
    (tmp_path / "a.png").write_bytes(png(1, 30))
    (tmp_path / "a.txt").write_text("no picture")
    filled = [word.format(picture=tmp_path / "a.png", text=tmp_path / "a.txt") for word in words]
    monkeypatch.setattr("sys.argv", ["lucarne", "make", *filled, "-o", str(tmp_path / "out")])
    with pytest.raises(SystemExit) as ended:
        app()
    told = capsys.readouterr()
    assert ended.value.code == 2
    assert told.out == ""
    assert len(told.err.strip().splitlines()) == 1
    assert said in told.err
    assert not list((tmp_path / "out").glob("*")) if (tmp_path / "out").exists() else True


def test_models_are_listed_and_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LUCARNE_WEIGHTS", str(tmp_path))
    listed = CliRunner().invoke(cli, ["models", "list"])
    assert listed.exit_code == 0
    assert "gpt2" in listed.output
    assert "to pull" in listed.output
    assert "tiny" not in listed.output
    verified = CliRunner().invoke(cli, ["models", "verify", "tiny_alexnet"])
    assert (verified.exit_code, verified.output.split(":")[0]) == (0, "tiny_alexnet")
    missing = CliRunner().invoke(cli, ["models", "verify", "gpt2"])
    assert missing.exit_code == 1
    assert "lucarne models pull gpt2" in missing.output


def test_the_doctor_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("LUCARNE_DATA", str(tmp_path / "file/data"))
    ran = CliRunner().invoke(cli, ["doctor"])
    assert ran.exit_code == 1
    assert "cannot be written to — choose another folder" in ran.output
    assert "Python 3" in ran.output
