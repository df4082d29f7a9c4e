"""The bundled networks' trainings, from the first step to the files that ship, on made-up data and smaller networks."""

import dataclasses
import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from lucarne.models import alexnet as plain_alexnet
from lucarne.models import load, loading, weights
from lucarne.models.errors import Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.heads import head_scores
from lucarne.models.training import alexnet, gpt, shakespeare, ship
from lucarne.models.training.corpus import documents
from lucarne.models.training.run import set_learning_rate

SMALL_ALEXNET = plain_alexnet.Plan(
    input_size=67, classes=6, kernels=(8, 8, 12, 8, 8), response_norm=False, padding=2, hidden=16
)
SMALL_GPT = gpt.Plan(vocabulary=300, context=16, layers=2, heads=2, width=16, hidden=32)
SMALL_SIZES = {"context": 16, "layers": 2, "heads": 2, "width": 16, "hidden": 32}
TRAININGS = [alexnet, gpt, shakespeare]

Run = Callable[..., list[dict[str, float]]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, pictures: Path, texts: Path, tmp_path: Path) -> Run:
    """Runs a training's own command for so many steps; its record."""
    for module in (plain_alexnet, alexnet, ship):
        monkeypatch.setattr(module, "BUNDLED", SMALL_ALEXNET)
    monkeypatch.setattr(gpt, "BUNDLED", SMALL_GPT)
    monkeypatch.setattr(shakespeare, "SIZES", SMALL_SIZES)

    def run(module: ModuleType, steps: int) -> list[dict[str, float]]:
        data = pictures if module is alexnet else texts
        command = f"train --data {data} --out {tmp_path}/run --steps {steps} --batch 8"
        command += "" if module is shakespeare else f" --cache {tmp_path}/cache"
        monkeypatch.setattr(sys, "argv", [*command.split(), "--device", "cpu"])
        module.main()
        return json.loads((tmp_path / "run/log.json").read_text())

    return run


@pytest.fixture
def shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], Path]:
    """Ships what was run, by its own command, to where bundled networks lie."""
    for module in (loading, weights):
        monkeypatch.setattr(module, "BUNDLED", tmp_path / "bundled")

    def shipped(name: str) -> Path:
        into = tmp_path / "bundled" / name
        command = f"ship {name} --run {tmp_path}/run --into {into} --remark Small."
        monkeypatch.setattr(sys, "argv", command.split())
        ship.main()
        return into

    return shipped


def checkpoint(folder: Path) -> dict[str, Any]:
    return torch.load(folder / "run/checkpoint.pt", weights_only=True)


@pytest.mark.parametrize(
    ("module", "figures"),
    [(alexnet, {"top1", "top5"}), (gpt, {"bits_per_byte"}), (shakespeare, {"nats_per_character"})],
)
def test_a_run_ends_after_its_steps_and_keeps_a_record(
    module: ModuleType, figures: set[str], run: Run, tmp_path: Path
) -> None:
    log = run(module, 3)
    assert [row["step"] for row in log] == [3]
    assert set(log[0]) == {"step", "minutes", "loss"} | figures
    assert all(np.isfinite(value) and value >= 0 for value in log[0].values())
    assert checkpoint(tmp_path)["run"]["step"] == 3


@pytest.mark.parametrize("module", TRAININGS)
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
    assert len(rates) == 3 * (optimizers := 1 if module is alexnet else 2)
    log = run(module, 5)
    assert len(rates) == 5 * optimizers, "three steps were done already"
    assert [row["step"] for row in log] == [3, 5]
    assert log[0] == first
    assert log[1]["loss"] == pytest.approx(first["loss"], rel=0.1), "the running mean goes on"
    assert log[1]["minutes"] >= first["minutes"]
    after = checkpoint(tmp_path)
    moved = [name for name, tensor in after["network"].items() if not torch.equal(tensor, before["network"][name])]
    assert moved
    for name in {"optimizer", "muon", "adam"} & set(after):
        assert after[name]["param_groups"][0]["params"] == before[name]["param_groups"][0]["params"]


@pytest.mark.parametrize("module", TRAININGS)
def test_taking_up_what_is_finished_changes_nothing(module: ModuleType, run: Run, tmp_path: Path) -> None:
    run(module, 2)
    before = checkpoint(tmp_path)
    log = run(module, 2)
    after = checkpoint(tmp_path)
    assert after["run"]["step"] == 2
    for name, tensor in after["network"].items():
        assert torch.equal(tensor, before["network"][name]), name
    assert log[-1]["loss"] == log[0]["loss"]


@pytest.mark.parametrize("module", TRAININGS)
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


def test_shakespeare_is_learned(run: Run) -> None:
    first, last = run(shakespeare, 1)[-1], run(shakespeare, 100)[-1]
    assert last["nats_per_character"] < 0.8 * first["nats_per_character"]


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
    run: Run, shipped: Callable[[str], Path], tmp_path: Path
) -> None:
    log = run(alexnet, 40)
    into = shipped("alexnet")
    assert {file.name for file in into.iterdir()} == {"model.safetensors", "card.json", "conv1-training.safetensors"}
    model = load("alexnet", device="cpu")
    card = json.loads((into / "card.json").read_text(encoding="utf-8"))
    assert model.weights == card["weights"]
    assert model.card.log == log
    told = checkpoint(tmp_path)["run"]
    assert told["machine"] in model.card.compute
    assert any(f"{40 * told['batch']:,} pictures" in note for note in model.card.notes)
    assert model.card.notes[-1] == "Small."
    assert all(source.licence for source in model.card.data)
    network = alexnet.trainable(SMALL_ALEXNET)
    network.load_state_dict(checkpoint(tmp_path)["network"])
    trained = alexnet.folded(network.eval())
    for name, parameter in trained.named_parameters():
        back = model.network.get_parameter(name)
        if name in ship.HALVED:
            assert (back - parameter).square().sum() < 0.03 * parameter.square().sum(), name
        elif parameter.dim() > 1:
            step = parameter.flatten(1).abs().amax(1) / 127  # (out,)
            assert ((back - parameter).flatten(1).abs().amax(1) <= step / 2 * 1.001).all(), name
        else:
            assert torch.equal(back, parameter), name
    pictures = torch.randint(256, (8, 67, 67, 3), dtype=torch.uint8)
    with torch.inference_mode():
        expected, answer = trained(trained.read(pictures)), model(pictures)
    assert torch.corrcoef(torch.stack([answer.flatten(), expected.flatten()]))[0, 1] > 0.98
    halves = sum(trained.get_parameter(name).numel() for name in ship.HALVED) / 2
    size = sum(parameter.numel() for parameter in trained.parameters()) - halves
    assert (into / "model.safetensors").stat().st_size < 1.2 * size + 10_000, "a byte a weight, or half of one"


def test_the_first_kernels_are_kept_from_the_start_to_the_end(run: Run, shipped: Callable[[str], Path]) -> None:
    run(alexnet, 20)
    into = shipped("alexnet")
    series = load_file(into / "conv1-training.safetensors")
    kernels = series["kernels"]
    assert kernels.shape == (5, 8, 3, 11, 11) and kernels.dtype == torch.float16
    assert series["step"].tolist() == [0, 1, 2, 10, 20]
    assert series["progress"].tolist() == pytest.approx([0, 0.05, 0.1, 0.5, 1])
    model = load("alexnet", device="cpu")
    assert model.card.moments == pytest.approx([0, 0.05, 0.1, 0.5, 1])
    trained: torch.Tensor = model.network.conv1.weight  # pyright: ignore
    torch.testing.assert_close(kernels[-1].float(), trained, rtol=0, atol=float(trained.abs().max()) / 100)
    assert not torch.equal(kernels[0], kernels[1])


def test_the_start_of_the_first_kernels_fades(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alexnet, "set_learning_rate", lambda optimizer, _: set_learning_rate(optimizer, 0.0))
    run(alexnet, 20)
    start = load_file(tmp_path / "run/conv1-training.safetensors")["kernels"][0].float()
    left = checkpoint(tmp_path)["network"]["conv1.0.weight"]
    torch.testing.assert_close(left, (1 - alexnet.FADED) * start, atol=1e-3 * float(start.abs().max()), rtol=0)


@pytest.mark.parametrize(("module", "name"), [(gpt, "gpt"), (shakespeare, "shakespeare")])
def test_what_ships_of_a_language_model_is_loaded_and_answers_as_what_was_trained(
    module: ModuleType, name: str, run: Run, shipped: Callable[[str], Path], tmp_path: Path
) -> None:
    log = run(module, 5)
    into = shipped(name)
    names = {"model.safetensors", "card.json", "config.json", "tokenizer.json"}
    assert {file.name for file in into.iterdir()} == names | (
        {"heads-training.safetensors"} if module is gpt else set()
    )
    state = checkpoint(tmp_path)["network"]
    trained = GPT(dataclasses.replace(SMALL_GPT, vocabulary=len(state["wte.weight"]))).eval()
    trained.load_state_dict(state)
    for model in (load(name, device="cpu"), load(str(into), device="cpu")):
        tokens = torch.tensor([model.tokenizer.ids("Once a")])
        with torch.inference_mode():
            torch.testing.assert_close(model(tokens), trained(tokens), rtol=1e-2, atol=1e-3)
        assert model.card.context == 16
    model = load(name, device="cpu")
    assert model.card.log == log
    assert model.tokenizer.end == (0 if module is gpt else None)
    assert (tmp_path / "run/tokenizer.json").read_text() == (into / "tokenizer.json").read_text()


def test_what_heads_did_is_kept_from_the_start_to_the_end(run: Run, shipped: Callable[[str], Path]) -> None:
    run(gpt, 100)
    into = shipped("gpt")
    record = load("gpt", device="cpu").card.heads
    assert record is not None
    assert record.step == [0, 1, 2, 4, 6, 8, 10, 13, 17, 22, 30, 40, 55, 75, 100]
    assert record.tokens == [step * 8 * 16 for step in record.step]
    series = load_file(into / "heads-training.safetensors")
    count = series["text"].shape[1]
    assert series["pattern"].shape == (15, 2, 2, count, count)
    rows = series["pattern"].float().sum(-1) / 255
    assert (rows - 1).abs().max() < 0.05, "each row shares out one attention"
    model = load("gpt", device="cpu")
    now = head_scores(model.network)  # pyright: ignore
    torch.testing.assert_close(torch.tensor(record.induction[-1]), now.induction, atol=2e-3, rtol=0)
    torch.testing.assert_close(torch.tensor(record.previous_token[-1]), now.previous_token, atol=2e-3, rtol=0)


def test_a_run_that_is_prolonged_keeps_what_heads_did_at_its_new_end(run: Run, shipped: Callable[[str], Path]) -> None:
    run(gpt, 100)
    run(gpt, 110)
    shipped("gpt")
    model = load("gpt", device="cpu")
    record = model.card.heads
    assert record is not None and record.step[-2:] == [100, 110]
    now = head_scores(model.network)  # pyright: ignore
    torch.testing.assert_close(torch.tensor(record.induction[-1]), now.induction, atol=2e-3, rtol=0)


def learned_from(texts: Path) -> set[str]:
    return set("\n\n".join(documents(texts / shakespeare.TEXT)))


def test_characters_a_network_has_no_token_for_are_named(run: Run, shipped: Callable[[str], Path], texts: Path) -> None:
    run(shakespeare, 1)
    shipped("shakespeare")
    model = load("shakespeare", device="cpu")
    assert model.tokenizer.vocabulary == len(learned_from(texts))
    with pytest.raises(Unsuitable, match="no token for 4 €:"):
        model.tokenizer.ids("the 4 foxes pay 44 €")
