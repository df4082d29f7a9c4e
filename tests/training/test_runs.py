"""The bundled networks' trainings, from the first step to the files that ship, on made-up data and smaller networks."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from lucarne.models import alexnet as plain_alexnet
from lucarne.models import load, loading, weights
from lucarne.models.gpt import GPT
from lucarne.models.training import alexnet, gpt, ship

SMALL_ALEXNET = plain_alexnet.Plan(
    input_size=67, classes=6, kernels=(8, 8, 12, 8, 8), response_norm=False, padding=2, hidden=16
)
SMALL_GPT = gpt.Plan(vocabulary=300, context=16, layers=2, heads=2, width=16, hidden=32)

Run = Callable[..., list[dict[str, float]]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, pictures: Path, texts: Path, tmp_path: Path) -> Run:
    """Runs a training's own command for so many steps; its record."""
    for module in (plain_alexnet, alexnet, ship):
        monkeypatch.setattr(module, "BUNDLED", SMALL_ALEXNET)
    monkeypatch.setattr(gpt, "BUNDLED", SMALL_GPT)
    sample = gpt.sample
    monkeypatch.setattr(gpt, "sample", lambda network, tokens, length, *others: sample(network, tokens, 5, *others))

    def run(module: ModuleType, steps: int) -> list[dict[str, float]]:
        data = pictures if module is alexnet else texts
        command = f"train --data {data} --out {tmp_path}/run --cache {tmp_path}/cache --steps {steps} --batch 8"
        monkeypatch.setattr(sys, "argv", [*command.split(), "--device", "cpu"])
        module.main()
        return json.loads((tmp_path / "run/log.json").read_text())

    return run


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch, pictures: Path, texts: Path, tmp_path: Path) -> Callable[[str], Path]:
    """Ships what was run, by its own command, to where bundled networks lie."""
    for module in (loading, weights):
        monkeypatch.setattr(module, "BUNDLED", tmp_path / "bundled")

    def shipped(name: str) -> Path:
        into = tmp_path / "bundled" / name
        data = pictures if name == "alexnet" else texts
        command = f"ship {name} --run {tmp_path}/run --data {data} --into {into} --cache {tmp_path}/cache"
        monkeypatch.setattr(sys, "argv", command.split())
        ship.main()
        return into

    return shipped


def checkpoint(folder: Path) -> dict[str, Any]:
    return torch.load(folder / "run/checkpoint.pt", weights_only=True)


@pytest.mark.parametrize(("module", "figures"), [(alexnet, {"top1", "top5"}), (gpt, {"bits_per_byte"})])
def test_a_run_ends_after_its_steps_and_keeps_a_record(
    module: ModuleType, figures: set[str], run: Run, tmp_path: Path
) -> None:
    log = run(module, 3)
    assert [row["step"] for row in log] == [3]
    assert set(log[0]) == {"step", "minutes", "loss"} | figures
    assert all(np.isfinite(value) and value >= 0 for value in log[0].values())
    assert checkpoint(tmp_path)["run"]["step"] == 3


@pytest.mark.parametrize("module", [alexnet, gpt])
def test_a_run_is_taken_up_where_it_ended(
    module: ModuleType, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates: list[float] = []
    set_learning_rate = module.set_learning_rate

    def note(optimizer: torch.optim.Optimizer, rate: float) -> None:
        rates.append(rate)
        set_learning_rate(optimizer, rate)

    monkeypatch.setattr(module, "set_learning_rate", note)
    (first,) = run(module, 3)
    before = checkpoint(tmp_path)
    assert len(rates) == 3
    log = run(module, 5)
    assert len(rates) == 5, "three steps were done already"
    assert [row["step"] for row in log] == [3, 5]
    assert log[0] == first
    assert log[1]["loss"] == pytest.approx(first["loss"], rel=0.1), "the running mean goes on"
    assert log[1]["minutes"] >= first["minutes"]
    after = checkpoint(tmp_path)
    moved = [name for name, tensor in after["network"].items() if not torch.equal(tensor, before["network"][name])]
    assert moved
    assert after["optimizer"]["param_groups"][0]["params"] == before["optimizer"]["param_groups"][0]["params"]


@pytest.mark.parametrize("module", [alexnet, gpt])
def test_taking_up_what_is_finished_changes_nothing(module: ModuleType, run: Run, tmp_path: Path) -> None:
    run(module, 2)
    before = checkpoint(tmp_path)
    log = run(module, 2)
    after = checkpoint(tmp_path)
    assert after["run"]["step"] == 2
    for name, tensor in after["network"].items():
        assert torch.equal(tensor, before["network"][name]), name
    assert log[-1]["loss"] == log[0]["loss"]


@pytest.mark.parametrize("module", [alexnet, gpt])
def test_equal_seeds_give_equal_networks(module: ModuleType, run: Run, tmp_path: Path) -> None:
    run(module, 2)
    first = checkpoint(tmp_path)["network"]
    (tmp_path / "run/checkpoint.pt").unlink()
    run(module, 2)
    for name, tensor in checkpoint(tmp_path)["network"].items():
        torch.testing.assert_close(tensor, first[name], msg=name)


def test_alexnet_learns(run: Run) -> None:
    assert run(alexnet, 60)[-1]["top1"] > 30, "one in six by chance"


def test_the_gpt_learns(run: Run) -> None:
    first, last = run(gpt, 1)[-1], run(gpt, 60)[-1]
    assert last["bits_per_byte"] < 0.8 * first["bits_per_byte"]


def test_the_folded_network_computes_what_the_normalised_one_does() -> None:
    torch.manual_seed(0)
    network = alexnet.trainable(SMALL_ALEXNET)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm1d | nn.BatchNorm2d):
            for tensor in (module.weight, module.bias, module.running_mean):
                assert tensor is not None
                tensor.data.normal_(1, 0.5)
            assert module.running_var is not None
            module.running_var.uniform_(0.2, 3)
    network.eval()
    folded = alexnet.folded(network)
    assert {type(module) for module in folded.modules()}.isdisjoint({nn.BatchNorm1d, nn.BatchNorm2d, nn.Sequential})
    pictures = torch.randn(4, 3, 67, 67)
    sites = [f"{kind}{n}" for kind, layers in (("conv", range(1, 6)), ("fc", range(6, 9))) for n in layers]
    with torch.inference_mode(), network.tap.watch(*sites) as before, folded.tap.watch(*sites) as after:
        expected, answer = network(pictures), folded(pictures)
    scale = max(1.0, expected.abs().max().item())
    torch.testing.assert_close(answer, expected, rtol=0, atol=1e-4 * scale)
    for site in sites:
        torch.testing.assert_close(after[site], before[site], rtol=1e-4, atol=1e-4, msg=site)


def test_what_ships_of_alexnet_is_loaded_and_answers_as_what_was_trained(
    run: Run, shipped: Callable[[str], Path], tmp_path: Path, pictures: Path
) -> None:
    log = run(alexnet, 40)
    into = shipped("alexnet")
    assert {file.name for file in into.iterdir()} == {"model.safetensors", "card.json"}
    model = load("alexnet", device="cpu")
    card = json.loads((into / "card.json").read_text(encoding="utf-8"))
    assert model.weights == card["weights"]
    assert model.card.log == log
    assert set(model.card.metrics) == {"top1", "top5"}
    assert model.card.metrics["top1"] == pytest.approx(log[-1]["top1"], abs=10), "measured on the shipped file"
    told = checkpoint(tmp_path)["run"]
    assert any(told["machine"] in note and f"{40 * told['batch']:,} pictures" in note for note in model.card.notes)
    network = alexnet.trainable(SMALL_ALEXNET)
    network.load_state_dict(checkpoint(tmp_path)["network"])
    trained = alexnet.folded(network.eval())
    for name, parameter in trained.named_parameters():
        levels = 31 if name.startswith(("fc6.", "fc7.")) else 127
        if parameter.dim() > 1:
            step = parameter.flatten(1).abs().amax(1) / levels  # (out,)
            off = (model.network.get_parameter(name) - parameter).flatten(1).abs().amax(1)
            assert (off <= step / 2 * 1.001).all(), name
        else:
            assert torch.equal(model.network.get_parameter(name), parameter), name
    size = sum(parameter.numel() for parameter in trained.parameters())
    assert (into / "model.safetensors").stat().st_size < 1.2 * size + 10_000, "a byte a weight"


def test_what_ships_of_the_gpt_is_loaded_and_answers_as_what_was_trained(
    run: Run, shipped: Callable[[str], Path], tmp_path: Path
) -> None:
    log = run(gpt, 5)
    into = shipped("gpt")
    names = {"model.safetensors", "card.json", "config.json", "tokenizer.json"}
    assert {file.name for file in into.iterdir()} == names
    trained = GPT(SMALL_GPT).eval()
    trained.load_state_dict(checkpoint(tmp_path)["network"])
    for model in (load("gpt", device="cpu"), load(str(into), device="cpu")):
        tokens = torch.tensor([model.tokenizer.ids("Once upon")])
        with torch.inference_mode():
            torch.testing.assert_close(model(tokens), trained(tokens), rtol=1e-2, atol=1e-3)
        assert model.card.context == 16
    model = load("gpt", device="cpu")
    assert model.card.log == log
    assert model.card.metrics["bits_per_byte"] == pytest.approx(log[-1]["bits_per_byte"], rel=0.01)
    assert model.tokenizer.end == 0
    assert (tmp_path / "run/tokenizer.json").read_text() == (into / "tokenizer.json").read_text()
