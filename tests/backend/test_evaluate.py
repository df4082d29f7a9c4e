"""`lucarne models evaluate`: tables, JSON, the card; a mistake is one line."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lucarne.atlas.evaluation import dictionaries
from lucarne.atlas.evaluation.figures import MEANINGS
from lucarne.cli import cli
from lucarne.models.card import Confusion, DictionaryCard, Sample
from lucarne.models.errors import Unsuitable

from ..calm import one_thread
from ..shipped import SITES, add_dictionary, data_in, ship
from .test_process import lucarne

__all__ = ["one_thread"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return data_in(tmp_path_factory.mktemp("data"))


@pytest.fixture
def bundled(tmp_path: Path) -> Iterator[Path]:
    """Small networks, two of them with a dictionary, in the place of those that ship."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dictionaries, "POSITIONS", 500)
        patch.setattr(dictionaries, "EXAMPLES", 8)
        ship(tmp_path / "bundled", patch)
        for name in SITES:
            add_dictionary(tmp_path / "bundled", name)
        yield tmp_path / "bundled"


def evaluate(name: str, data: Path, *options: str) -> tuple[str, str]:
    """What is printed, and what is said beside it."""
    words = ["models", "evaluate", name, "--data", str(data), "--cache", str(data / "cache"), "--device", "cpu"]
    ran = CliRunner().invoke(cli, [*words, *options], catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return ran.stdout, ran.stderr


def test_tables_show_every_figure(bundled: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    before = {name: (bundled / name / "card.json").read_bytes() for name in ("alexnet", "gpt", "shakespeare")}
    shown, bars = evaluate("alexnet", data)
    for figure in ("top1", "top5", "clear_kernels", "noise_kernels", "dead_conv2", "dead_conv5"):
        assert MEANINGS[figure] in shown and figure in shown
    assert "31 pictures" in shown and "Taken for" in shown and "relu5" in shown
    assert "1/1" in bars
    shown, _ = evaluate("gpt", data)
    for words in (
        "bits_per_byte",
        "best_induction",
        "previous_token_heads",
        SITES["gpt"][0],
        "Once upon a time",
        "seed 4",
    ):
        assert words in shown
    shown, _ = evaluate("shakespeare", data)
    for words in ("nats_per_character", "bits_per_byte", "ROMEO:"):
        assert words in shown
    for name, content in before.items():
        assert (bundled / name / "card.json").read_bytes() == content, "only --record writes"


@pytest.mark.parametrize("name", ["alexnet", "gpt", "shakespeare"])
def test_json_is_what_is_recorded(name: str, bundled: Path, data: Path) -> None:
    shown, said = evaluate(name, data, "--json", "--record")
    found = json.loads(shown)
    assert "Recorded" in said
    card = json.loads((bundled / name / "card.json").read_text(encoding="utf-8"))
    assert (found["model"], found["weights"]) == (name, card["weights"])
    assert found["metrics"].items() <= card["metrics"].items()
    for part, kind in (("worst", Confusion), ("samples", Sample)):
        assert found[part] == card.get(part, [])
        assert [kind.model_validate(each) for each in found[part]] or part != (
            "worst" if name == "alexnet" else "samples"
        )
    assert found["dictionaries"] == [DictionaryCard(**each).model_dump() for each in card.get("dictionaries", [])]
    assert card["notes"] == ["Drawn “at random”."]


def test_what_has_no_card_is_refused_before_the_work(bundled: Path, data: Path) -> None:
    words = ["models", "evaluate", "tiny_gpt", "--data", str(data / "gone"), "--record"]
    ran = CliRunner().invoke(cli, words)
    assert isinstance(ran.exception, Unsuitable)
    assert "ships with Lucarne" in ran.exception.detail


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("alexnet", "No pack tiny-imagenet-val in the data folder"),
        ("gpt", "No text stories-val.txt.xz in the data folder"),
        ("tiny_alexnet", "tells other classes apart"),
        ("alexnot", "No model named 'alexnot'."),
    ],
)
def test_a_mistake_is_one_line_on_the_real_command(name: str, sentence: str, tmp_path: Path) -> None:
    ran = lucarne("models", "evaluate", name, "--data", str(tmp_path))
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(sentence) or sentence in ran.stderr
    assert len(ran.stderr.strip().splitlines()) == 1
