"""Small networks laid out as those that ship, with random weights, and made-up data to measure them on."""

import json
import lzma
import string
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from lucarne.models import alexnet, dictionary, loading, weights
from lucarne.models.card import SiteCard
from lucarne.models.dictionary import Dictionary, Glass
from lucarne.models.fetching import sha256_of
from lucarne.models.gpt import GPT, Plan
from lucarne.models.model import Model
from lucarne.models.sites import feature_site
from lucarne.models.tiny import draw
from lucarne.models.training import gpt as train_gpt
from lucarne.models.training import shakespeare as train_shakespeare
from lucarne.models.training.corpus import letters, trained_tokenizer

from .training.conftest import STORIES, WORDS, pack

ALEXNET = alexnet.Plan(
    input_size=67, classes=6, kernels=(8, 8, 12, 8, 8), response_norm=False, padding=2, hidden=16
)  # fmt: skip
READER = Plan(vocabulary=300, context=16, layers=4, heads=2, width=16, hidden=32)
DEAD = 3  # of conv3's twelve channels
SITES = {"gpt": ("blocks.3.hook_resid_pre", READER.width), "alexnet": ("relu5", ALEXNET.kernels[4])}


def stories(count: int = 60, seed: int = 0) -> list[str]:
    random = np.random.default_rng(seed)
    return [STORIES[i % 3].format(*random.choice(WORDS, 2, replace=False)) for i in range(count)]


def plays(count: int = 200) -> str:
    """A text in ASCII, 8,000 characters or so."""
    alphabet = f"{string.ascii_letters} .,:;!?'-&3$"
    return alphabet + "\n\n".join(f"FIRST FOX:\n{story.encode('ascii', 'ignore').decode()}" for story in stories(count))


def data_in(folder: Path, inner: bool = False) -> Path:
    """A folder with the packs and the texts that networks are measured on, or with folders that hold them."""
    pictures, text = (folder / "pictures", folder / "text") if inner else (folder, folder)
    for each in (pictures, text):
        each.mkdir(parents=True, exist_ok=True)
    pack(pictures, "tiny-imagenet-val", [(64, 64)] * 30 + [(90, 70)], [i % 6 for i in range(31)], 4)
    for name, whole in ((train_gpt.TRIAL, "\n<|endoftext|>\n".join(stories())), (train_shakespeare.TEXT, plays())):
        with lzma.open(text / name, "wt", encoding="utf-8") as file:
            file.write(whole)
    return folder


def ship(bundled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts `alexnet`, `gpt` and `shakespeare` into the folder `bundled`, and makes it the one that is looked at."""
    monkeypatch.setattr(alexnet, "BUNDLED", ALEXNET)
    for module in (loading, weights, dictionary):
        monkeypatch.setattr(module, "BUNDLED", bundled)
    classifier = alexnet.AlexNet(ALEXNET)
    draw(classifier)
    classifier.state_dict()["conv3.bias"][:DEAD] = -1e4
    _put(bundled / "alexnet", classifier.state_dict())
    _ship_reader(bundled / "gpt", READER, trained_tokenizer(iter(stories()), READER.vocabulary))
    own = letters(plays())
    _ship_reader(bundled / "shakespeare", replace(READER, vocabulary=own.get_vocab_size()), own)


def add_dictionary(bundled: Path, name: str, spoiled: float = 0.0, **said: Any) -> None:
    """To the network `name` a dictionary that keeps all but so much noise; `said` is what its card claims."""
    folder, (site, width) = bundled / name, SITES[name]
    seed = torch.Generator().manual_seed(0)
    whole = Dictionary(width, 2 * width, active=width)
    directions = torch.cat([torch.eye(width), -torch.eye(width)])  # (features, width): each axis, up and down
    whole.encoder.weight.data = directions + spoiled * torch.randn(directions.shape, generator=seed)
    nn.init.zeros_(whole.encoder.bias)
    whole.decoder.weight.data = directions.t()
    file = folder / f"dictionary-{site}.safetensors"
    about = {"dictionary": json.dumps({"site": site, "active": width})}
    save_file({name: tensor.contiguous() for name, tensor in whole.state_dict().items()}, file, metadata=about)
    claimed = {"active": 1.0, "explained_variance": 0.0, "dead": 1.0, "loss_recovered": 0.0, **said}
    entry = {"site": site, "features": 2 * width, "weights": sha256_of(file), "notes": ["made up"], **claimed}
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    (folder / "card.json").write_text(json.dumps({**card, "dictionaries": [entry]}), encoding="utf-8")


def with_dictionary(model: Model, site: str) -> Model:
    """The same network with a dictionary at a site: its axes, up and down."""
    width = model.card.plan["width"]
    axes = Dictionary(width, 2 * width, active=width)
    directions = torch.cat([torch.eye(width), -torch.eye(width)])  # (features, width)
    axes.encoder.weight.data, axes.decoder.weight.data = directions, directions.t().contiguous()
    nn.init.zeros_(axes.encoder.bias)
    axes.requires_grad_(False)
    sites: list[SiteCard] = []
    for each in model.card.sites:
        sites += [each, feature_site(each, 2 * width)] if each.name == site else [each]
    card = model.card.model_copy(update={"sites": sites})
    seeing = Model(card, model.network, labels=model.labels, tokenizer=model.tokenizer)
    seeing.taps.lenses[site] = Glass(lambda: axes, 2)
    return seeing


def _ship_reader(folder: Path, plan: Plan, tokenizer: Tokenizer) -> None:
    network = GPT(plan)
    draw(network)
    turned = ("c_attn.weight", "c_proj.weight", "c_fc.weight")
    _put(
        folder, {name: tensor.t() if name.endswith(turned) else tensor for name, tensor in network.state_dict().items()}
    )
    config = {
        "model_type": "gpt2", "vocab_size": plan.vocabulary, "n_positions": plan.context, "n_layer": plan.layers,
        "n_head": plan.heads, "n_embd": plan.width, "n_inner": plan.hidden,
    }  # fmt: skip
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    tokenizer.save(str(folder / "tokenizer.json"))


def _put(folder: Path, tensors: dict[str, Tensor]) -> None:
    folder.mkdir(parents=True)
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / "model.safetensors")
    card = {
        "weights": sha256_of(folder / "model.safetensors"),
        "date": "2026-11-20",
        "notes": ["Drawn “at random”."],
        "metrics": {"top1": 99.9, "something_else": 7.0},
        "log": [{"step": 1, "loss": 2.0}],
    }
    (folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
