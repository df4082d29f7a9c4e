"""Dictionaries from the first step to the files that ship, on small networks, and what they promise of themselves."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from lucarne.models import alexnet as plain_alexnet
from lucarne.models import dictionary as dictionaries
from lucarne.models import load, loading, weights
from lucarne.models.dictionary import Dictionary, load_dictionary, loudest
from lucarne.models.errors import Unknown, WeightsDamaged
from lucarne.models.training import alexnet, dictionary, gpt, ship
from lucarne.models.training.subjects import gathered, loss_with

SMALL_ALEXNET = plain_alexnet.Plan(
    input_size=67, classes=6, kernels=(8, 8, 12, 8, 8), response_norm=False, padding=2, hidden=16
)
SMALL_GPT = gpt.Plan(vocabulary=300, context=16, layers=4, heads=2, width=16, hidden=32)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Runs a training's or the shipping command, with everything small and bundled networks in a folder of the test."""
    for module in (plain_alexnet, alexnet, ship):
        monkeypatch.setattr(module, "BUNDLED", SMALL_ALEXNET)
    monkeypatch.setattr(gpt, "BUNDLED", SMALL_GPT)
    for module in (loading, weights, dictionaries):
        monkeypatch.setattr(module, "BUNDLED", tmp_path / "bundled")

    def run(main: Callable[[], None], arguments: str) -> None:
        monkeypatch.setattr(sys, "argv", ["command", *arguments.format(at=tmp_path).split()])
        main()

    return run


@pytest.fixture(params=["gpt", "alexnet"])
def trained(
    request: pytest.FixtureRequest, command: Callable[..., None], texts: Path, pictures: Path
) -> tuple[str, Path]:
    """The name of a small network that was trained and shipped, and the folder of its data."""
    name = request.param
    module, data = {"gpt": (gpt, texts), "alexnet": (alexnet, pictures)}[name]
    command(module.main, f"--data {data} --out {{at}}/run --cache {{at}}/cache --steps 30 --batch 8 --device cpu")
    command(ship.main, f"{name} --run {{at}}/run --into {{at}}/bundled/{name}")
    return name, data


def test_a_dictionary_is_trained_measured_shipped_and_loaded(
    trained: tuple[str, Path], command: Callable[..., None], tmp_path: Path
) -> None:
    name, data = trained
    learn = f"{name} --data {data} --out {{at}}/dictionary --cache {{at}}/cache --positions 3000 --batch 256 --active 4"
    command(dictionary.main, f"{learn} --steps 200 --device cpu")
    log = json.loads((tmp_path / "dictionary/log.json").read_text())
    assert log[1]["unexplained"] < log[0]["unexplained"]
    assert 0.1 < log[-1]["explained_variance"] < 1
    assert log[-1]["active"] <= 4
    command(ship.main, f"dictionary --run {{at}}/dictionary --into {{at}}/bundled/{name}")
    (card,) = load(name, device="cpu").card.dictionaries
    assert card.features == 8 * {"gpt": 16, "alexnet": 8}[name]
    assert card.explained_variance == pytest.approx(log[-1]["explained_variance"], abs=1e-3)
    assert card.log == log[:-1]
    shipped = load_dictionary(name, card.site)
    subject = dictionary.subject_of(name, data, tmp_path / "cache")
    again = dictionary.fidelity(subject, shipped, 1000, 64)
    for figure in ship.MEASURED:
        assert again[figure] == pytest.approx(log[-1][figure], abs=1e-3), "what the card says is true of the file"
    torch.testing.assert_close(shipped.decoder.weight.norm(dim=0), torch.ones(card.features), atol=2e-3, rtol=0)
    with pytest.raises(Unknown, match=card.site):
        load_dictionary(name, "nowhere")
    file = dictionaries.file_of(name, card.site)
    damaged = bytearray(file.read_bytes())
    damaged[-1] ^= 1
    file.write_bytes(damaged)
    with pytest.raises(WeightsDamaged):
        load_dictionary(name, card.site)


def test_a_run_is_taken_up_where_it_ended(
    trained: tuple[str, Path], command: Callable[..., None], tmp_path: Path
) -> None:
    name, data = trained
    learn = f"{name} --data {data} --out {{at}}/dictionary --cache {{at}}/cache --positions 500 --batch 64 --device cpu"
    command(dictionary.main, f"{learn} --active 4 --steps 100")
    command(dictionary.main, f"{learn} --active 4 --steps 200")
    log = json.loads((tmp_path / "dictionary/log.json").read_text())
    assert [row["step"] for row in log if "unexplained" in row] == [99, 199]
    assert log[-2]["unexplained"] < log[0]["unexplained"]


def test_a_site_left_alone_or_zeroed_gives_the_loss_it_should(trained: tuple[str, Path], tmp_path: Path) -> None:
    name, data = trained
    subject = dictionary.subject_of(name, data, tmp_path / "cache")
    plain = sum(subject.loss(inputs, wanted) for inputs, wanted in subject.trial(20))
    assert loss_with(subject, 20, lambda rows: rows) == pytest.approx(plain)
    assert loss_with(subject, 20, torch.zeros_like) != pytest.approx(plain)

    def upside_down(rows: Tensor) -> Tensor:
        return rows.flip(0)

    assert loss_with(subject, 20, upside_down) != pytest.approx(plain), "every vector has its place"


def test_gathered_vectors_are_those_of_the_site(trained: tuple[str, Path], tmp_path: Path) -> None:
    name, data = trained
    subject = dictionary.subject_of(name, data, tmp_path / "cache")
    values = gathered(subject, 200, np.random.default_rng(0))
    assert len(values) >= 200 and values.dtype == torch.float16
    with torch.inference_mode(), subject.network.tap.watch(subject.site) as seen:
        subject.network(subject.shown(64, np.random.default_rng(0)))
    value = seen[subject.site]
    torch.testing.assert_close(values[: len(subject.rows(value))], subject.rows(value).half())
    assert torch.equal(subject.with_rows(value, subject.rows(value)), value)


def test_only_the_loudest_speak_and_only_above_zero() -> None:
    said = torch.tensor([[3.0, -1.0, 2.0, 5.0], [-1.0, -2.0, -3.0, 0.5]])
    assert loudest(said, 2).tolist() == [[3, 0, 0, 5], [0, 0, 0, 0.5]]


def test_a_dictionary_in_other_units_does_the_same() -> None:
    torch.manual_seed(0)
    small = Dictionary(6, 24, 3)
    torch.nn.init.normal_(small.centre)
    values = torch.randn(10, 6)
    with torch.inference_mode():
        expected, said = small(values), small.encode(values)
        large = dictionary.in_own_units(small, 50.0)
        torch.testing.assert_close(large(values * 50), expected * 50, rtol=1e-4, atol=1e-4)
        torch.testing.assert_close(large.encode(values * 50), said * 50, rtol=1e-4, atol=1e-4)
