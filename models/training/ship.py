"""From a training run to what ships: `python -m lucarne.models.training.ship alexnet --run DIR --data DIR --into DIR`.

Writes `model.safetensors` (AlexNet int8 per output channel, GPT float16 in Hugging Face's layout) and `card.json`, with
the figures measured on the shipped file, not on the trained one.
"""

import argparse
import datetime
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor

from lucarne.models.alexnet import BUNDLED, AlexNet
from lucarne.models.gpt import GPT
from lucarne.models.loading import fit
from lucarne.models.training import alexnet as train_alexnet
from lucarne.models.training import gpt as train_gpt
from lucarne.models.training.corpus import documents, token_stream
from lucarne.models.training.data import decoded
from lucarne.models.weights import quantised, read_tensors, sha256_of

FC_LEVELS = 31  # steps a side in fc6 and fc7, four fifths of the weights: six bits each once compressed


def ship_alexnet(run: Path, data: Path, into: Path, cache: Path, remarks: list[str]) -> dict[str, float]:
    state = torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True)
    network = train_alexnet.trainable(BUNDLED)
    network.load_state_dict(state["network"])
    plain = train_alexnet.folded(network)
    tensors: dict[str, Tensor] = {}
    for name, parameter in plain.named_parameters():
        if parameter.dim() == 1:
            tensors[name] = parameter.detach()
            continue
        levels = FC_LEVELS if name.startswith(("fc6", "fc7")) else 127
        tensors[name], tensors[f"{name}.scale"] = quantised(parameter.detach(), levels)
    file = _saved(tensors, into)

    shipped = AlexNet(BUNDLED).eval()
    fit(shipped, read_tensors(file), file.name)
    trial, trial_labels = decoded(data, "tiny-imagenet-val", 64, cache)
    metrics = train_alexnet.accuracy(shipped, trial, trial_labels)
    pictures = state["run"]["step"] * state["run"]["batch"]
    notes = [
        "Two groups in conv2, conv4 and conv5 as in the paper; local response normalisation left out: batch "
        "normalisation took its part in training and is folded into the weights.",
        "Trained on Tiny ImageNet's 100,000 pictures (64×64, enlarged) for 200 classes, with 14,368 sharper "
        "photographs under a second head that was thrown away.",
        f"{_effort(state['run'])}, about {pictures:,} pictures seen.",
        "top1 and top5 are percent right on Tiny ImageNet's 10,000 validation pictures, measured on the shipped int8 "
        "weights.",
        *remarks,
    ]
    _card(into, file, metrics, state["run"]["rows"], notes)
    return metrics


def ship_gpt(run: Path, data: Path, into: Path, cache: Path, remarks: list[str]) -> dict[str, float]:
    state = torch.load(run / "checkpoint.pt", map_location="cpu", weights_only=True)
    plan = train_gpt.BUNDLED
    tensors = {}
    for name, tensor in state["network"].items():
        transposed = name.endswith(("c_attn.weight", "c_proj.weight", "c_fc.weight"))
        tensors[name] = (tensor.t() if transposed else tensor).contiguous().half()
    file = _saved(tensors, into)
    config = {
        "architectures": ["GPT2LMHeadModel"], "model_type": "gpt2", "activation_function": "gelu_new",
        "vocab_size": plan.vocabulary, "n_positions": plan.context, "n_ctx": plan.context, "n_layer": plan.layers,
        "n_head": plan.heads, "n_embd": plan.width, "n_inner": plan.hidden, "layer_norm_epsilon": plan.epsilon,
        "bos_token_id": 0, "eos_token_id": 0,
    }  # fmt: skip
    (into / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    tokenizer = train_gpt.tokenizer_for(data, cache, plan.vocabulary)
    tokenizer.save(str(into / "tokenizer.json"))

    shipped = GPT(plan).eval()
    fit(shipped, read_tensors(file), file.name)
    stream = token_stream(data / train_gpt.TRIAL, tokenizer, cache)
    size = len("\n".join(documents(data / train_gpt.TRIAL)).encode())
    metrics = {"bits_per_byte": train_gpt.bits_per_byte(shipped, stream, size)}
    tokens = state["run"]["step"] * state["run"]["batch"] * plan.context
    notes = [
        "Trained on children's classics, fairy tales, story books and short made-up stories, the simplest most often.",
        f"{_effort(state['run'])}, {tokens / 1e6:.0f} million tokens read.",
        "bits_per_byte is measured on a megabyte of held-out stories with the shipped float16 weights; less is better.",
        *remarks,
    ]
    _card(into, file, metrics, state["run"]["rows"], notes)
    return metrics


def _effort(run: dict[str, Any]) -> str:
    return f"Trained for {run['spent'] / 60:.0f} minutes on {run['machine']}"


def _saved(tensors: dict[str, Tensor], into: Path) -> Path:
    into.mkdir(parents=True, exist_ok=True)
    save_file(tensors, into / "model.safetensors")
    (into / "model.safetensors").chmod(0o644)
    return into / "model.safetensors"


def _card(into: Path, file: Path, metrics: dict[str, float], log: list[dict[str, float]], notes: list[str]) -> None:
    card = {
        "weights": sha256_of(file),
        "date": datetime.date.today().isoformat(),
        "metrics": {name: round(value, 3) for name, value in metrics.items()},
        "notes": notes,
        "log": log,
    }
    (into / "card.json").write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("network", choices=("alexnet", "gpt"))
    parser.add_argument("--run", type=Path, required=True, help="folder of the training run")
    parser.add_argument("--data", type=Path, required=True, help="folder of the data it was trained on")
    parser.add_argument("--into", type=Path, required=True, help="folder of the weights and the card")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/lucarne/training")
    parser.add_argument(
        "--remark", action="append", default=[], help="a sentence for the card: what you saw; repeatable"
    )
    given = parser.parse_args()
    ship = {"alexnet": ship_alexnet, "gpt": ship_gpt}[given.network]
    print(ship(given.run, given.data, given.into, given.cache, given.remark))


if __name__ == "__main__":
    main()
