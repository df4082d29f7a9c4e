"""From a name to a model: find its weights, check them, fit them into the network."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from lucarne.models import alexnet, gpt, sites
from lucarne.models.card import Card, SiteCard
from lucarne.models.catalog import ALIASES, MODELS, Entry, weights_folder
from lucarne.models.dictionary import Glass, file_of, load_dictionary
from lucarne.models.errors import Unknown, Unsuitable, WeightsDamaged, WeightsMissing
from lucarne.models.fetching import sha256_of
from lucarne.models.model import Model, placed
from lucarne.models.taps import FEATURES
from lucarne.models.tiny import draw, identity
from lucarne.models.tokenizer import BPE, bytes_only
from lucarne.models.unfilled import empty
from lucarne.models.weights import BUNDLED, bundled_card, checked, read_tensors

LABELS = Path(__file__).parent / "labels"

RECORDED = ("date", "compute", "data", "metrics", "log", "worst", "samples", "moments", "heads", "dictionaries")

USUAL = {  # what a GPT-2's configuration may say of the ways in which it could differ from GPT-2, the default first
    "model_type": ("gpt2",),
    "activation_function": ("gelu_new", "gelu_pytorch_tanh"),
    "scale_attn_weights": (True,),
    "scale_attn_by_inverse_layer_idx": (False,),
    "tie_word_embeddings": (True,),
    "add_cross_attention": (False,),
}


def entry_of(name: str) -> Entry:
    """The catalog's entry of a name or alias, or one for a GPT-2-shaped checkpoint folder; raises Unknown."""
    name = ALIASES.get(name, name)
    if name in MODELS:
        return MODELS[name]
    folder = Path(name)
    if os.path.exists(folder / "config.json") and os.path.exists(folder / "model.safetensors"):  # noqa: PTH110 (never raises)
        about = "A GPT-2-shaped checkpoint from a folder."
        return Entry("language", "gpt", folder.name, about, "a local folder", "unknown", folder=str(folder.resolve()))
    raise Unknown("model", name, MODELS, field="model")


def load(name: str, *, folder: Path | None = None, device: str = "auto") -> Model:
    """A model ready to be asked: by its name in the catalog, an alias of it, or the path of a GPT-2-shaped folder.

    `folder` holds pulled weights. `device` is `cpu`, `cuda`, or `auto`, which takes a GPU where there is one.
    Raises Unknown, WeightsMissing (and says how to get them), WeightsDamaged, or Unsuitable for a folder whose network
    is not quite a GPT-2.
    """
    entry = entry_of(name)
    place = _folder(name, entry, folder)
    if entry.random:
        network = _network(entry, _plan(entry, place))
        draw(network)
    else:
        file, sha256 = _weights_file(name, entry, place)
        network = empty(partial(_network, entry, _plan(entry, place)))
        fit(network, read_tensors(checked(file, sha256) if sha256 else file), file.name)
    card = describe(name, folder=folder)
    model = Model(card, network, labels=labels(entry), tokenizer=_tokenizer(entry, place), device=placed(device))
    for each in card.dictionaries:
        if each.site + FEATURES in model.sites:
            axis = 1 + sites.channels_axis(model.site(each.site))
            model.taps.lenses[each.site] = Glass(partial(load_dictionary, card.name, each.site), axis)
    return model


def describe(name: str, *, folder: Path | None = None) -> Card:
    """A model's card without its weights: quick, and possible where they are not here, or not as they should be.

    Raises what `load` raises only for a folder somebody pointed at.
    """
    entry = entry_of(name)
    place = _folder(name, entry, folder)
    proper = ALIASES.get(name, name) if entry.folder is None else Path(entry.folder).name
    known: dict[str, Any] = {}
    how_to_get = ""
    try:
        if not entry.random:
            file, sha256 = _weights_file(name, entry, place)
            known = bundled_card(proper) if not entry.files and entry.folder is None else {}
            known["weights"] = sha256 or sha256_of(file)
        plan = _plan(entry, place)
    except (WeightsMissing, WeightsDamaged, Unsuitable) as trouble:
        if entry.folder is not None:
            raise
        how_to_get = trouble.detail
        plan = _plan(entry, None)
    network = empty(partial(_network, entry, plan))
    if entry.random:
        known["weights"] = identity(network)
    walk = sites.alexnet_sites if isinstance(network, alexnet.AlexNet) else sites.gpt_sites
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
        notes=[*entry.notes, *known.get("notes", [])],
        **{part: known[part] for part in RECORDED if part in known},
        sites=_with_features(proper, walk(network), known),  # pyright: ignore[reportArgumentType]
    )


def _with_features(name: str, walked: list[SiteCard], known: dict[str, Any]) -> list[SiteCard]:
    """The sites, each with that of its dictionary behind it where one ships and is here."""
    features = {each["site"]: each["features"] for each in known.get("dictionaries", [])}
    found: list[SiteCard] = []
    for site in walked:
        found.append(site)
        if site.name in features and file_of(name, site.name).exists():
            found.append(sites.feature_site(site, features[site.name]))
    return found


def labels(entry: Entry) -> list[str]:
    """The names of a network's outputs, in order."""
    if entry.labels is None:
        return [f"class {i}" for i in range(entry.plan.get("classes", 0))]
    return [name for _, name in json.loads((LABELS / f"{entry.labels}.json").read_text(encoding="utf-8"))["classes"]]


def _tokenizer(entry: Entry, place: Path) -> BPE | None:
    """None for pictures, and for a folder that has none."""
    if entry.architecture != "gpt":
        return None
    if entry.random:
        return bytes_only()
    file = place / "tokenizer.json"
    return BPE.read(file) if entry.folder is None or file.exists() else None


def _folder(name: str, entry: Entry, folder: Path | None) -> Path:
    if entry.folder is not None:
        return Path(entry.folder)
    proper = ALIASES.get(name, name)
    return (folder or weights_folder()) / proper if entry.files else BUNDLED / proper


def _weights_file(name: str, entry: Entry, place: Path) -> tuple[Path, str]:
    """The file and the sha256 it must have (empty for a folder somebody pointed at).

    Raises WeightsMissing, or WeightsDamaged for what is small enough to be looked at here.
    """
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


def _plan(entry: Entry, place: Path | None) -> Any:
    """What the catalog says of the network, or the configuration in `place`, or else the architecture's own numbers."""
    if entry.architecture == "alexnet":
        return alexnet.Plan(**entry.plan) if entry.plan else alexnet.BUNDLED
    if entry.plan:
        return gpt.Plan(**entry.plan)
    config = place / "config.json" if place else None
    return _gpt_plan(config) if config and config.exists() else gpt.Plan()


def _gpt_plan(config: Path) -> gpt.Plan:
    """Raises WeightsDamaged where the configuration makes no sense, Unsuitable where it asks for another network."""
    try:
        told = json.loads(config.read_text(encoding="utf-8"))
        sizes = [told[key] for key in ("vocab_size", "n_positions", "n_layer", "n_head", "n_embd")]
        sizes.append(told.get("n_inner") or 4 * told["n_embd"])
        if any(type(size) is not int or size < 1 for size in sizes) or told["n_embd"] % told["n_head"]:
            raise ValueError("sizes that fit no network")
        epsilon = float(told.get("layer_norm_epsilon", 1e-5))
        ways = {key: told.get(key, usual[0]) for key, usual in USUAL.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise WeightsDamaged("config.json does not give the sizes of a GPT-2.") from error
    for key, way in ways.items():
        if way not in USUAL[key]:
            raise Unsuitable(f"config.json says {key} is {way!r}: only GPT-2's own {USUAL[key][0]!r} is known.")
    vocabulary, context, layers, heads, width, hidden = sizes
    return gpt.Plan(vocabulary, context, layers, heads, width, hidden, epsilon)


def _network(entry: Entry, plan: Any) -> nn.Module:
    builders: dict[str, Callable[[Any], nn.Module]] = {"alexnet": alexnet.AlexNet, "gpt": gpt.GPT}
    return builders[entry.architecture](plan)


def fit(network: nn.Module, tensors: dict[str, Tensor], source: str) -> None:
    """Put tensors, under whichever names they were published, into `network`; raises WeightsDamaged."""
    if isinstance(network, gpt.GPT):
        pairs = _hugging_face(tensors)
    else:
        pairs = _caffe_names(tensors) if "conv1_w_0" in tensors else _torchvision_names(tensors)
    renamed: dict[str, Tensor] = {}
    for name, tensor in pairs:
        if name in renamed:
            raise WeightsDamaged(f"{source} has {name!r} twice, under two names.")
        renamed[name] = tensor
    wanted = network.state_dict()
    for name, tensor in wanted.items():
        if name not in renamed:
            raise WeightsDamaged(f"{source} has no tensor {name!r}.")
        if not renamed[name].is_floating_point():
            raise WeightsDamaged(f"{source}: {name} is {renamed[name].dtype}, not floating-point numbers.")
        if renamed[name].shape != tensor.shape:
            raise WeightsDamaged(f"{source}: {name} is {tuple(renamed[name].shape)}, not {tuple(tensor.shape)}.")
        if not torch.isfinite(renamed[name]).all():
            raise WeightsDamaged(f"{source}: {name} holds numbers that are not finite.")
    if extra := set(renamed) - set(wanted):
        raise WeightsDamaged(f"{source} has a tensor this network does not know: {min(extra)!r}.")
    network.load_state_dict(renamed)


def _torchvision_names(tensors: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    own = {dotted: name for name, dotted in alexnet.TORCHVISION_NAMES.items()}
    for name, tensor in tensors.items():
        module, dot, last = name.rpartition(".")
        yield f"{own.get(module, module)}{dot}{last}", tensor


def _caffe_names(tensors: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """The ONNX zoo's `conv1_w_0`, `conv1_b_0`, …; anything else in the file is shape arithmetic."""
    for layer in ("conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"):
        for ours, theirs in (("weight", "w"), ("bias", "b")):
            if f"{layer}_{theirs}_0" in tensors:
                yield f"{layer}.{ours}", tensors[f"{layer}_{theirs}_0"]


def _hugging_face(tensors: dict[str, Tensor]) -> Iterator[tuple[str, Tensor]]:
    """Without the prefix, the tied head and the mask buffers; Conv1D's weights are stored transposed."""
    for name, tensor in tensors.items():
        name = name.removeprefix("transformer.")
        if name == "lm_head.weight" or name.endswith((".attn.bias", ".attn.masked_bias")):
            continue
        transposed = tensor.dim() == 2 and name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight"))
        yield name, tensor.t().contiguous() if transposed else tensor
