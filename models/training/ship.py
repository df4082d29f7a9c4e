"""From a training run to what ships: `python -m lucarne.models.training.ship alexnet --run DIR --into DIR`.

Writes `model.safetensors` (AlexNet in whole numbers, language models in float16 and Hugging Face's layout), what was
kept at moments of the training, and `card.json`. How good they are, `lucarne models evaluate --record` measures.
"""

import argparse
import datetime
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor

from lucarne.models.alexnet import BUNDLED
from lucarne.models.fetching import sha256_of
from lucarne.models.gpt import Plan
from lucarne.models.quantised import halved, quantised
from lucarne.models.training import alexnet as train_alexnet
from lucarne.models.training import gpt as train_gpt
from lucarne.models.training import shakespeare as train_shakespeare

MEASURED = ("active", "explained_variance", "dead", "loss_recovered")  # of a dictionary
HALVED = ("fc6.weight", "fc7.weight")  # two weights a byte: nine tenths of the network, and it does not notice

TINY_IMAGENET = {
    "name": "Tiny ImageNet",
    "about": "100,000 pictures of 200 classes at 64×64 pixels, enlarged; its 10,000 validation pictures to measure on.",
    "licence": "ImageNet terms: non-commercial research and education",
}
PHOTOS = {
    "name": "photos-128",
    "about": "14,368 sharper photographs of 562 classes under a second head that was thrown away: Caltech-101, "
    "groceries, clothing, ImageNet-like.",
    "licence": "CC BY 4.0, MIT, CC0, CC BY 2.0",
}
STORIES = {
    "name": "Stories",
    "about": "115 MB: children's classics, simple fiction, fairy tales, story books, short made-up stories, the "
    "simplest most often; a megabyte held out.",
    "licence": "public domain, CC BY, CDLA-Sharing",
}
SHAKESPEARE = {
    "name": "tinyshakespeare",
    "about": "1.1 MB of Shakespeare's plays; the last tenth held out.",
    "licence": "public domain",
}


def ship_alexnet(run: Path, into: Path, remarks: list[str]) -> None:
    state = torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True)
    network = train_alexnet.trainable(BUNDLED)
    network.load_state_dict(state["network"])
    tensors: dict[str, Tensor] = {}
    for name, parameter in train_alexnet.folded(network).named_parameters():
        weight = parameter.detach()
        if weight.dim() == 1:
            tensors[name] = weight
        else:
            tensors[name], tensors[f"{name}.scale"] = (halved if name in HALVED else quantised)(weight)
    _copy(run / "conv1-training.safetensors", into / "conv1-training.safetensors")
    moments = load_file(run / "conv1-training.safetensors")["progress"].tolist()
    notes = [
        "Two groups in conv2, conv4 and conv5 as in the paper: in short trainings they cost nothing. Local response "
        "normalisation left out: it gained less than chance does, and batch normalisation, folded into the weights, "
        "took its part (12.2 % against 12.0 % right after 46,000 pictures).",
        f"About {state['run']['step'] * state['run']['batch']:,} pictures seen.",
        "fc6 and fc7 are kept in fifteen steps a weight, everything else in 255; top-1 and top-5 are percent right on "
        "Tiny ImageNet's validation pictures with these weights.",
        *remarks,
    ]
    more = {"moments": [round(moment, 3) for moment in moments], "data": [TINY_IMAGENET, PHOTOS]}
    _write(into, tensors, state["run"], notes, more)


def ship_gpt(run: Path, into: Path, remarks: list[str]) -> None:
    state = torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True)
    plan = train_gpt.BUNDLED
    _configure(into, plan, begin=0)
    _copy(run / "tokenizer.json", into / "tokenizer.json")
    series = load_file(run / "heads-training.safetensors")
    save_file(
        {name: series[name] for name in ("step", "tokens", "text", "pattern")}, into / "heads-training.safetensors"
    )
    heads = {
        "step": series["step"].tolist(),
        "tokens": series["tokens"].tolist(),
        "previous_token": _rounded(series["previous_token"]),
        "induction": _rounded(series["induction"]),
    }
    notes = [
        f"{_read(state['run'], plan) / 1e6:.0f} million tokens read. At first a quarter of the sequences, later a "
        "sixteenth and towards the end none were random tokens said twice: without them induction heads would not have "
        "come to be in so short a time.",
        "Bits per byte are measured on a megabyte of held-out stories; less is better.",
        *remarks,
    ]
    _write(into, _hugging_face(state["network"]), state["run"], notes, {"heads": heads, "data": [STORIES]})


def ship_shakespeare(run: Path, into: Path, remarks: list[str]) -> None:
    state = torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True)
    plan = train_shakespeare.plan_for(len(state["network"]["wte.weight"]))
    _configure(into, plan, begin=None)
    _copy(run / "tokenizer.json", into / "tokenizer.json")
    notes = [
        f"{_read(state['run'], plan) / 1e6:.0f} million characters read: the text many times over.",
        "The loss, in nats per character, is measured on the last tenth of the text, which was held out; less is "
        "better.",
        *remarks,
    ]
    _write(into, _hugging_face(state["network"]), state["run"], notes, {"data": [SHAKESPEARE]})


def ship_dictionary(run: Path, into: Path, remarks: list[str]) -> None:
    """Adds a dictionary to the folder and the card of the network it was trained on."""
    state = torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True)["run"]
    with safe_open(run / "dictionary.safetensors", "pt") as opened:
        about = json.loads(opened.metadata()["dictionary"])
        features = opened.get_slice("encoder.weight").get_shape()[0]
    file = into / f"dictionary-{about['site']}.safetensors"
    _copy(run / "dictionary.safetensors", file)
    log = json.loads((run / "log.json").read_text(encoding="utf-8"))
    entry = {"site": about["site"], "features": features, "weights": sha256_of(file)}
    entry |= {figure: round(log[-1][figure], 4) for figure in MEASURED}
    effort = (
        f"{state['step'] * state['batch'] / 1e6:.0f} million positions seen in {state['spent'] / 60:.0f} minutes on "
    )
    entry |= {"notes": [effort + f"{state['machine']}.", *remarks], "log": log[:-1]}
    card = json.loads((into / "card.json").read_text(encoding="utf-8"))
    others = [each for each in card.get("dictionaries", []) if each["site"] != about["site"]]
    _put(into, {**card, "dictionaries": [*others, entry]})


def _hugging_face(network: dict[str, Tensor]) -> dict[str, Tensor]:
    """float16, Conv1D's weights transposed."""
    turned = ("c_attn.weight", "c_proj.weight", "c_fc.weight")
    return {
        name: (tensor.t() if name.endswith(turned) else tensor).contiguous().half() for name, tensor in network.items()
    }


def _configure(into: Path, plan: Plan, begin: int | None) -> None:
    config = {
        "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "activation_function": "gelu_new",
        "vocab_size": plan.vocabulary, "n_positions": plan.context, "n_ctx": plan.context, "n_layer": plan.layers,
        "n_head": plan.heads, "n_embd": plan.width, "n_inner": plan.hidden, "layer_norm_epsilon": plan.epsilon,
        "bos_token_id": begin, "eos_token_id": begin,
    }  # fmt: skip
    (into / "config.json").write_text(json.dumps(config, indent=1) + "\n")


def _read(run: dict[str, Any], plan: Plan) -> int:
    return run["step"] * run["batch"] * plan.context


def _rounded(scores: Tensor) -> list[Any]:
    return [[[round(score, 4) for score in layer] for layer in moment] for moment in scores.tolist()]


def _write(into: Path, tensors: dict[str, Tensor], run: dict[str, Any], notes: list[str], more: dict[str, Any]) -> None:
    file = into / "model.safetensors"
    _save(tensors, file)
    card = {
        "weights": sha256_of(file),
        "date": datetime.date.today().isoformat(),
        "compute": f"{run['spent'] / 60:.0f} minutes on {run['machine']}",
        "notes": notes,
        **more,
        "log": run["rows"],
    }
    _put(into, card)


def _save(tensors: dict[str, Tensor], file: Path) -> None:
    save_file(tensors, file)
    file.chmod(0o644)  # the library leaves it to its owner alone


def _copy(file: Path, to: Path) -> None:
    shutil.copyfile(file, to)
    to.chmod(0o644)


def _put(into: Path, card: dict[str, Any]) -> None:
    (into / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    ships = {
        "alexnet": ship_alexnet, "gpt": ship_gpt, "shakespeare": ship_shakespeare, "dictionary": ship_dictionary,
    }  # fmt: skip
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=tuple(ships))
    parser.add_argument("--run", type=Path, required=True, help="folder of the training run")
    parser.add_argument("--into", type=Path, required=True, help="folder of the weights and the card")
    parser.add_argument(
        "--remark", action="append", default=[], help="a sentence for the card: what you saw; repeatable"
    )
    given = parser.parse_args()
    given.into.mkdir(parents=True, exist_ok=True)
    ships[given.what](given.run, given.into, given.remark)


if __name__ == "__main__":
    main()
