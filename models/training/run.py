"""One training run: its clock, its learning rate, its record, and a checkpoint it can be taken up from again."""

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn
from tqdm import tqdm


@dataclass
class Run:
    """A run that ends after `steps` steps or after `minutes`, whichever is given; progress is the part that is over.

    With `minutes` the schedule follows the clock, so that a slow or busy machine still ends with a low learning rate.
    """

    folder: Path
    steps: int | None = None
    minutes: float | None = None
    batch: int = 1  # examples a step
    machine: str = "an unnamed machine"  # for the card
    step: int = 0
    spent: float = 0.0  # seconds in earlier sittings and this one
    rows: list[dict[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        if (self.steps is None) == (self.minutes is None):
            raise ValueError("Give either the number of steps or the number of minutes.")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._since = time.monotonic()

    @property
    def progress(self) -> float:
        if self.steps is not None:
            return min(1.0, self.step / self.steps)
        assert self.minutes is not None
        return min(1.0, self.seconds / (60 * self.minutes))

    @property
    def seconds(self) -> float:
        return self.spent + time.monotonic() - self._since

    def learning_rate(self, peak: float, warm_up: float = 0.02) -> float:
        """A short linear rise, then half a cosine down to a hundredth of `peak`."""
        if self.progress < warm_up:
            return peak * (self.progress + 1e-3) / (warm_up + 1e-3)
        fall = (self.progress - warm_up) / (1 - warm_up)
        return peak * (0.01 + 0.99 * (1 + math.cos(math.pi * fall)) / 2)

    def steps_to_go(self) -> Iterator[int]:
        with tqdm(total=1000, unit="‰", desc=self.folder.name, mininterval=5) as bar:
            while self.progress < 1.0:
                yield self.step
                self.step += 1
                bar.update(int(1000 * self.progress) - bar.n)

    def note(self, **figures: float) -> None:
        """Append a row to the record and print it; a run that was taken up may pass a step again."""
        row = {"step": self.step, "minutes": round(self.seconds / 60, 2)}
        row |= {name: round(value, 4) for name, value in figures.items()}
        self.rows = [*(other for other in self.rows if other["step"] != self.step), row]
        tqdm.write("  ".join(f"{name} {value}" for name, value in row.items()))
        (self.folder / "log.json").write_text(json.dumps(self.rows, indent=1))

    def last(self, figure: str) -> float | None:
        """What the record's last row says; a run that is taken up goes on with its running means from there."""
        return self.rows[-1].get(figure) if self.rows else None

    def save(self, **parts: nn.Module | torch.optim.Optimizer) -> None:
        """Put a checkpoint in place by rename, whole or not at all."""
        state: dict[str, Any] = {name: part.state_dict() for name, part in parts.items()}
        state["run"] = {
            "step": self.step,
            "spent": self.seconds,
            "rows": self.rows,
            "batch": self.batch,
            "machine": self.machine,
        }
        torch.save(state, self.folder / "checkpoint.part")
        (self.folder / "checkpoint.part").replace(self.folder / "checkpoint.pt")

    def resume(self, **parts: nn.Module | torch.optim.Optimizer) -> None:
        """Take up the last checkpoint, if there is one."""
        file = self.folder / "checkpoint.pt"
        if not file.exists():
            return
        state = torch.load(file, map_location="cpu", weights_only=True)
        for name, part in parts.items():
            part.load_state_dict(state[name])
        self.step, self.spent, self.rows = state["run"]["step"], state["run"]["spent"], state["run"]["rows"]
        self._since = time.monotonic()


def mixed_precision(device: str) -> torch.autocast:
    """Products in bfloat16, sums and weights in float32: 1.6 to 1.8 times as fast on processors that have it."""
    return torch.autocast(torch.device(device).type, dtype=torch.bfloat16)


def set_learning_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


def machine(device: str) -> str:
    """What computes, in words for a card."""
    if device.startswith("cuda"):
        return torch.cuda.get_device_name(device)
    threads = torch.get_num_threads()
    return "one processor core" if threads == 1 else f"{threads} processor cores"
