"""From a name to a model: find its weights, check them, fit them into the network."""

import json
import os
from collections.abc import Callable
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lucarne.models import alexnet, gpt, sites
from lucarne.models.card import Card
from lucarne.models.catalog import ALIASES, MODELS, Entry
from lucarne.models.errors import Unknown, WeightsDamaged, WeightsMissing
from lucarne.models.model import Model
from lucarne.models.tiny import draw, identity
from lucarne.models.tokenizer import BPE, bytes_only
from lucarne.models.weights import BUNDLED, bundled_card, checked, read_tensors, sha256_of

LABELS = Path(__file__).parent / "labels"


def weights_folder() -> Path:
    """Where pulled weights are kept: `LUCARNE_WEIGHTS`, else the user's data folder."""
    if given := os.environ.get("LUCARNE_WEIGHTS"):
        return Path(given)
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local/share")) / "lucarne/weights"


def entry_of(name: str) -> Entry:
    """The catalog's entry of a name or alias, or one for a GPT-2-shaped checkpoint folder; raises Unknown."""
    name = ALIASES.get(name, name)
    if name in MODELS:
        return MODELS[name]
    folder = Path(name)
    if (folder / "config.json").exists() and (folder / "model.safetensors").exists():
        about = "A GPT-2-shaped checkpoint from a folder."
        return Entry("language", "gpt", folder.name, about, "a local folder", "unknown", folder=str(folder.resolve()))
    raise Unknown("model", name, MODELS, field="model")


def load(name: str, *, folder: Path | None = None, device: str = "auto") -> Model:
    """A model ready to be asked: by its name in the catalog, an alias of it, or the path of a GPT-2-shaped folder.

    `folder` holds pulled weights. `device` is `cpu`, `cuda`, or `auto`, which takes a GPU where there is one.
    Raises Unknown, WeightsMissing (and says how to get them) or WeightsDamaged.
    """
    entry = entry_of(name)
    network = _network(entry, _plan(entry, folder))
    if entry.random:
        draw(network)
        weights = identity(network)
    else:
        file, sha256 = _weights_file(name, entry, folder)
        fit(network, read_tensors(checked(file, sha256) if sha256 else file), file.name)
        weights = sha256 or sha256_of(file)
    card = describe(name, folder=folder).model_copy(update={"weights": weights, "available": True})
    tokenizer = None
    if entry.architecture == "gpt":
        tokenizer = bytes_only() if entry.random else BPE.read(_folder(name, entry, folder) / "tokenizer.json")
    chosen = ("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device
    return Model(card, network, labels=labels(entry), tokenizer=tokenizer, device=chosen)


def describe(name: str, *, folder: Path | None = None) -> Card:
    """A model's card without its weights: quick, and possible for models that are not here yet."""
    entry = entry_of(name)
    proper = ALIASES.get(name, name) if entry.folder is None else Path(entry.folder).name
    known: dict[str, Any] = {}
    how_to_get = ""
    try:
        if entry.random:
            known["weights"] = identity(sites.empty(partial(_network, entry, _plan(entry, folder))))
        else:
            file, sha256 = _weights_file(name, entry, folder)
            known = bundled_card(proper) if not entry.files and entry.folder is None else {}
            known["weights"] = sha256 or sha256_of(file)
        network = sites.empty(partial(_network, entry, _plan(entry, folder)))
    except WeightsMissing as missing:
        how_to_get = missing.detail
        network = sites.empty(partial(_network, entry, _plan(entry, None)))
    walk = sites.alexnet_sites if isinstance(network, alexnet.AlexNet) else sites.gpt_sites
    plan = network.plan
    return Card(
        name=proper,
        title=entry.title,
        kind=entry.kind,
        about=entry.about,
        source=entry.source,
        licence=entry.licence,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        weights=known.get("weights", ""),
        available=not how_to_get,
        how_to_get=how_to_get,
        for_tests=entry.random,
        input_size=getattr(plan, "input_size", None),
        context=getattr(plan, "context", None),
        plan={each.name: getattr(plan, each.name) for each in fields(plan)},
        metrics=known.get("metrics", {}),
        log=known.get("log", []),
        notes=[*entry.notes, *known.get("notes", [])],
        sites=walk(network),  # pyright: ignore[reportArgumentType]
    )


def labels(entry: Entry) -> list[str]:
    """The names of a network's outputs, in order."""
    if entry.labels is None:
        return [f"class {i}" for i in range(entry.plan.get("classes", 0))]
    return [name for _, name in json.loads((LABELS / f"{entry.labels}.json").read_text(encoding="utf-8"))["classes"]]


def _folder(name: str, entry: Entry, folder: Path | None) -> Path:
    if entry.folder is not None:
        return Path(entry.folder)
    proper = ALIASES.get(name, name)
    return (folder or weights_folder()) / proper if entry.files else BUNDLED / proper


def _weights_file(name: str, entry: Entry, folder: Path | None) -> tuple[Path, str]:
    """The file and the sha256 it must have (empty for a folder somebody pointed at); raises WeightsMissing."""
    place = _folder(name, entry, folder)
    if entry.folder is not None:
        return place / "model.safetensors", ""
    if entry.files:
        if not all((place / remote.name).exists() for remote in entry.files):
            size = sum(remote.size for remote in entry.files) / 1e6
            raise WeightsMissing(f"Its weights are not here. Fetch them ({size:.0f} MB): lucarne models pull {name}")
        for remote in entry.files[1:]:
            checked(place / remote.name, remote.sha256)
        return place / entry.files[0].name, entry.files[0].sha256
    return place / "model.safetensors", bundled_card(ALIASES.get(name, name))["weights"]


def _plan(entry: Entry, folder: Path | None) -> Any:
    if entry.architecture == "alexnet":
        return alexnet.Plan(**entry.plan) if entry.plan else alexnet.BUNDLED
    if entry.plan:
        return gpt.Plan(**entry.plan)
    name = next((name for name, known in MODELS.items() if known is entry), entry.title)
    config = _folder(name, entry, folder) / "config.json"
    if not config.exists():
        return gpt.Plan()
    told = json.loads(config.read_text(encoding="utf-8"))
    width = told["n_embd"]
    return gpt.Plan(
        vocabulary=told["vocab_size"],
        context=told["n_positions"],
        layers=told["n_layer"],
        heads=told["n_head"],
        width=width,
        hidden=told.get("n_inner") or 4 * width,
        epsilon=told.get("layer_norm_epsilon", 1e-5),
    )


def _network(entry: Entry, plan: Any) -> nn.Module:
    builders: dict[str, Callable[[Any], nn.Module]] = {"alexnet": alexnet.AlexNet, "gpt": gpt.GPT}
    return builders[entry.architecture](plan)


def fit(network: nn.Module, tensors: dict[str, Tensor], source: str) -> None:
    """Put tensors, under whichever names they were published, into `network`; raises WeightsDamaged if they do not fit."""
    renamed = _caffe_names(tensors) if "conv1_w_0" in tensors else _torchvision_names(tensors)
    if isinstance(network, gpt.GPT):
        renamed = _hugging_face(renamed)
    wanted = network.state_dict()
    for name, tensor in wanted.items():
        if name not in renamed:
            raise WeightsDamaged(f"{source} has no tensor {name!r}.")
        if renamed[name].shape != tensor.shape:
            raise WeightsDamaged(f"{source}: {name} is {tuple(renamed[name].shape)}, not {tuple(tensor.shape)}.")
        if not torch.isfinite(renamed[name]).all():
            raise WeightsDamaged(f"{source}: {name} holds numbers that are not finite.")
    if extra := set(renamed) - set(wanted):
        raise WeightsDamaged(f"{source} has a tensor this network does not know: {min(extra)!r}.")
    network.load_state_dict(renamed)


def _torchvision_names(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    own = {dotted: name for name, dotted in alexnet.TORCHVISION_NAMES.items()}
    renamed = {}
    for name, tensor in tensors.items():
        module, _, last = name.rpartition(".")
        renamed[f"{own.get(module, module)}.{last}"] = tensor
    return renamed


def _caffe_names(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The ONNX zoo's `conv1_w_0`, `conv1_b_0`, …; anything else in the file is shape arithmetic."""
    return {
        f"{layer}.{ours}": tensors[f"{layer}_{theirs}_0"]
        for layer in ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8")
        for ours, theirs in (("weight", "w"), ("bias", "b"))
        if f"{layer}_{theirs}_0" in tensors
    }


def _hugging_face(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """Without the prefix, the tied head and the mask buffers; Conv1D's weights are stored transposed."""
    plain = {}
    for name, tensor in tensors.items():
        name = name.removeprefix("transformer.")
        if name == "lm_head.weight" or name.endswith((".attn.bias", ".attn.masked_bias")):
            continue
        transposed = name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight"))
        plain[name] = tensor.t().contiguous() if transposed else tensor
    return plain
