"""A run's clock, learning rate, record and checkpoint."""

import json
import time
from pathlib import Path

import pytest
import torch
from torch import nn

from lucarne.models.training.run import Run, set_learning_rate


def test_a_run_has_either_steps_or_minutes(tmp_path: Path) -> None:
    for budget in ({}, {"steps": 3, "minutes": 1.0}):
        with pytest.raises(ValueError, match="either"):
            Run(tmp_path, **budget)


def test_steps_are_counted_to_the_last(tmp_path: Path) -> None:
    run = Run(tmp_path, steps=5)
    assert list(run.steps_to_go()) == [0, 1, 2, 3, 4]
    assert run.step == 5
    assert run.progress == 1
    assert list(run.steps_to_go()) == []


def test_minutes_end_a_run_however_many_steps_it_took(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    run = Run(tmp_path, minutes=2)
    taken = 0
    for _ in run.steps_to_go():
        taken += 1
        now += 13
    assert taken == 10, "the tenth begins after 117 seconds, an eleventh would after 130"
    run.save()
    later = Run(tmp_path, minutes=3)
    later.resume()
    assert later.seconds == pytest.approx(130)
    assert later.progress == pytest.approx(130 / 180)


def test_the_learning_rate_rises_shortly_and_falls_to_a_hundredth(tmp_path: Path) -> None:
    run = Run(tmp_path, steps=1000)
    rates = []
    for run.step in range(1001):
        rates.append(run.learning_rate(2.0))
    top = rates.index(max(rates))
    assert max(rates) == pytest.approx(2.0, rel=1e-3)
    assert 15 <= top <= 25
    assert 0 < rates[0] < 0.1 * 2.0
    assert rates[-1] == pytest.approx(0.02)
    assert rates[: top + 1] == sorted(rates[: top + 1])
    assert rates[top:] == sorted(rates[top:], reverse=True)


def test_every_group_gets_the_learning_rate() -> None:
    parameters = [nn.Parameter(torch.zeros(1)) for _ in range(2)]
    optimizer = torch.optim.SGD([{"params": [parameter]} for parameter in parameters], lr=1)
    set_learning_rate(optimizer, 0.25)
    assert [group["lr"] for group in optimizer.param_groups] == [0.25, 0.25]


def test_the_record_is_kept_row_by_row(tmp_path: Path) -> None:
    run = Run(tmp_path / "new", steps=2)
    assert run.last("loss") is None
    for step in run.steps_to_go():
        run.note(loss=step + 0.123456)
    rows = json.loads((tmp_path / "new/log.json").read_text())
    assert rows == run.rows
    assert [(row["step"], row["loss"]) for row in rows] == [(0, 0.1235), (1, 1.1235)]
    assert run.last("loss") == 1.1235
    assert run.last("accuracy") is None


def test_a_checkpoint_brings_back_network_optimizer_and_record(tmp_path: Path) -> None:
    network = nn.Linear(3, 2)
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    run = Run(tmp_path, steps=4)
    for step in run.steps_to_go():
        network(torch.ones(3)).sum().backward()
        optimizer.step()
        if step == 1:
            run.note(loss=3.0)
            break
    run.save(network=network, optimizer=optimizer)
    assert {file.name for file in tmp_path.iterdir()} == {"checkpoint.pt", "log.json"}
    other = nn.Linear(3, 2)
    other_optimizer = torch.optim.SGD(other.parameters(), lr=0.1, momentum=0.9)
    again = Run(tmp_path, steps=4)
    again.resume(network=other, optimizer=other_optimizer)
    assert torch.equal(other.weight, network.weight)
    momentum = [state["momentum_buffer"] for state in other_optimizer.state.values()]
    assert all(buffer.abs().sum() > 0 for buffer in momentum)
    assert (again.step, again.rows) == (run.step, run.rows)


def test_a_checkpoint_half_written_is_not_taken_up(tmp_path: Path) -> None:
    (tmp_path / "checkpoint.part").write_bytes(b"half")
    run = Run(tmp_path, steps=4)
    run.resume(network=nn.Linear(3, 2))
    assert (run.step, run.rows) == (0, [])


def test_a_checkpoint_is_never_unpickled(tmp_path: Path) -> None:
    torch.save({"run": Path("x")}, tmp_path / "checkpoint.pt")
    with pytest.raises(Exception, match=r"weights_only|Unsupported"):
        Run(tmp_path, steps=4).resume()


def test_a_step_that_is_passed_again_has_one_row(tmp_path: Path) -> None:
    run = Run(tmp_path, steps=5)
    run.step = 2
    run.note(loss=3.0)
    run.save()
    again = Run(tmp_path, steps=5)
    again.resume()
    again.note(loss=2.0)
    assert [(row["step"], row["loss"]) for row in again.rows] == [(2, 2.0)]
