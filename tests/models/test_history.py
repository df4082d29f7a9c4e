"""What was kept of a training can be looked at, and a file that is not what it should be says so."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from lucarne.models import weights
from lucarne.models.errors import WeightsDamaged
from lucarne.models.history import KERNELS, kernels_in_training

PROGRESS = torch.tensor([0.0, 0.01, 0.1, 1.0])
KEPT = torch.randn(4, 8, 3, 11, 11, generator=torch.Generator().manual_seed(0)).half()
Keep = Callable[..., None]


@pytest.fixture
def keep(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Keep:
    """Puts such a file beside a bundled network."""
    monkeypatch.setattr(weights, "BUNDLED", tmp_path)

    def keep(name: str = "alexnet", **tensors: Tensor) -> None:
        (tmp_path / name).mkdir()
        whole: dict[str, Any] = {"kernels": KEPT, "progress": PROGRESS, "step": torch.arange(4), **tensors}
        save_file({each: tensor for each, tensor in whole.items() if tensor.numel()}, tmp_path / name / KERNELS)

    return keep


def test_kernels_come_back_by_the_part_of_the_training_that_was_over(keep: Keep) -> None:
    keep()
    kernels = kernels_in_training("alexnet")
    assert list(kernels) == [0.0, 0.01, 0.1, 1.0], "as people write them, not as float32 has them"
    for kept, moment in zip(KEPT, kernels.values(), strict=True):
        assert moment.dtype == torch.float32
        assert torch.equal(moment, kept.float())


@pytest.mark.parametrize("name", ["gpt", "alexnet-imagenet", "tiny_alexnet", "nobody", "../alexnet"])
def test_of_other_networks_nothing_was_kept(name: str, keep: Keep) -> None:
    keep()
    assert kernels_in_training(name) == {}


@pytest.mark.parametrize(
    "tensors",
    [
        {"kernels": KEPT[0]},
        {"kernels": torch.zeros(0)},
        {"progress": torch.zeros(0)},
        {"progress": PROGRESS[:3]},
        {"progress": PROGRESS * 100},
        {"progress": PROGRESS - 1},
        {"progress": PROGRESS * torch.nan},
        {"kernels": KEPT / 0},
    ],
    ids=["one moment", "no kernels", "no progress", "a moment too few", "percent", "below 0", "no number", "infinite"],
)
def test_a_record_that_cannot_be_is_damaged(tensors: dict[str, Tensor], keep: Keep) -> None:
    keep(**tensors)
    with pytest.raises(WeightsDamaged, match=KERNELS):
        kernels_in_training("alexnet")


def test_half_a_record_is_damaged(keep: Keep, tmp_path: Path) -> None:
    keep()
    file = tmp_path / "alexnet" / KERNELS
    file.write_bytes(file.read_bytes()[:5000])
    with pytest.raises(WeightsDamaged):
        kernels_in_training("alexnet")
