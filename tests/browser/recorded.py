"""Bundled networks with full cards, in a folder of their own: records of trainings whose numbers a test knows.

The bench is another process: it finds the folder through its environment.
"""

import json
import os
import string
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from lucarne.models import gpt, load, loading, weights
from lucarne.models.fetching import sha256_of
from lucarne.models.history import KERNELS
from lucarne.models.tiny import draw
from lucarne.models.training.corpus import letters
from lucarne.worker import Catalog

FOLDER = "LUCARNE_TEST_BUNDLED"
MOMENTS = [0.0, 0.01, 0.1, 0.5, 1.0]
TOKENS = [0, 1_000_000, 4_000_000, 20_000_000]
CHARACTERS = string.ascii_letters + " \n!$&',-.3:;?"
WORST = [{"name": "plunger", "right": 6.0, "taken_for": "broom", "wrong": 14.0}]


class Recorded(Catalog):
    """What `lucarne.worker.Catalog` is, with the bundled networks of that folder."""

    def __init__(self, folder: Path | None, device: str, checkpoints: Sequence[Path]) -> None:
        loading.BUNDLED = weights.BUNDLED = Path(os.environ[FOLDER])
        super().__init__(folder, device, checkpoints)


def kept() -> torch.Tensor:
    """conv1's kernels at the moments: the finished ones growing out of noise. float16 (moments, 96, 3, 11, 11)."""
    finished = load("alexnet", device="cpu").network.get_parameter("conv1.weight").detach()
    noise = torch.randn(finished.shape, generator=torch.Generator().manual_seed(0)) * finished.std()
    return torch.stack([(1 - part) * noise + part * finished for part in MOMENTS]).half()


def scores() -> tuple[torch.Tensor, torch.Tensor]:
    """Previous-token and induction scores of 6 × 6 heads at four moments: one of each kind begins to look."""
    previous, induction = torch.full((4, 6, 6), 0.03), torch.full((4, 6, 6), 0.01)
    previous[1:, 1, 2], induction[2:, 3, 1] = 0.9, 0.75
    return previous, induction


def fill(folder: Path) -> None:
    """Write the folder: the bundled AlexNet and GPT with full cards, and a network of 65 characters."""
    for name in ("alexnet", "gpt"):
        (folder / name).mkdir(parents=True)
        for file in (weights.BUNDLED / name).iterdir():
            if file.name not in ("card.json", KERNELS):
                (folder / name / file.name).symlink_to(file)
    save_file(
        {"kernels": kept(), "progress": torch.tensor(MOMENTS), "step": torch.arange(5)}, folder / "alexnet" / KERNELS
    )
    data = [{"name": "Small pictures", "about": "All of them.", "licence": "CC0"}]
    made = {"date": "2026-11-21", "compute": "an hour on one machine", "data": data, "notes": ["It is small."]}
    _card(folder, "alexnet", moments=MOMENTS, worst=WORST, metrics={"top1": 40.0, "dead_conv5": 2.5}, **made)
    previous, induction = scores()
    record = {
        "step": [0, 10, 40, 200],
        "tokens": TOKENS,
        "previous_token": previous.tolist(),
        "induction": induction.tolist(),
    }
    dictionary = {
        "site": "blocks.3.hook_resid_post", "features": 1536, "active": 23.5, "explained_variance": 0.91, "dead": 0.04,
        "loss_recovered": 0.97, "weights": "0" * 64,
    }  # fmt: skip
    sample = {"opening": "Once upon", "text": " a time.", "temperature": 0.7, "seed": 5}
    _card(folder, "gpt", heads=record, dictionaries=[dictionary], samples=[sample], metrics={"induction_heads": 1.0})
    _letters(folder / "shakespeare")


def _card(folder: Path, name: str, **fields: Any) -> None:
    known = json.loads((weights.BUNDLED / name / "card.json").read_text(encoding="utf-8"))
    card = {"weights": known["weights"], **fields}
    (folder / name / "card.json").write_text(json.dumps(card), encoding="utf-8")


def _letters(folder: Path) -> None:
    """A GPT with random weights that knows 65 characters and no token to begin with."""
    folder.mkdir()
    letters(CHARACTERS).save(str(folder / "tokenizer.json"))
    network = gpt.GPT(gpt.Plan(vocabulary=65, context=256, layers=2, heads=2, width=32, hidden=64))
    draw(network)
    turned = ("c_attn.weight", "c_proj.weight", "c_fc.weight")
    tensors = {
        name: (tensor.t() if name.endswith(turned) else tensor).contiguous()
        for name, tensor in network.state_dict().items()
    }
    save_file(tensors, folder / "model.safetensors")
    config = {"vocab_size": 65, "n_positions": 256, "n_layer": 2, "n_head": 2, "n_embd": 32, "n_inner": 64}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "card.json").write_text(json.dumps({"weights": sha256_of(folder / "model.safetensors")}))
