"""Tensors kept at moments of a training, so that it can be watched afterwards: one safetensors file that grows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from lucarne.models.training.run import Run


@dataclass
class Series:
    """What was seen at the `moments` (parts of the run, 0…1) that are over; taken up again with the run."""

    run: Run
    file: Path
    moments: Sequence[float]
    kept: dict[str, Tensor] = field(default_factory=dict)  # each (moments kept, …)

    def __post_init__(self) -> None:
        if self.run.step > 0 and self.file.exists():
            self.kept = load_file(self.file)

    @property
    def is_due(self) -> bool:
        """Whether the run has reached a moment at which nothing was kept yet."""
        count = len(self.kept.get("step", ()))
        return count < len(self.moments) and self.run.progress >= self.moments[count]

    @property
    def is_behind(self) -> bool:
        """Whether the run has gone on since anything was kept: at its end, or where it is prolonged."""
        return not len(self.kept.get("step", ())) or int(self.kept["step"][-1]) < self.run.step

    def keep(self, **tensors: Tensor) -> None:
        """Add one row to each tensor, and to `step` and `progress`."""
        rows = {"step": torch.tensor(self.run.step), "progress": torch.tensor(self.run.progress), **tensors}
        for name, row in rows.items():
            row = row.detach().cpu()[None]
            self.kept[name] = torch.cat([self.kept[name], row]) if name in self.kept else row.clone()
        part = self.file.with_suffix(".part")
        save_file({name: tensor.contiguous() for name, tensor in self.kept.items()}, part)
        part.replace(self.file)
