"""How the bundled corpus was written: `python -m lucarne.atlas.language.write gpt`. Takes some minutes on one core.

The network writes every document itself, from its begin token alone: no foreign text ships. Equal seeds give equal
texts on one machine.
"""

import argparse
import json
from datetime import date
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save
from torch import Tensor
from tqdm import tqdm

from lucarne.atlas.galleries.pack import replacing
from lucarne.atlas.language.corpora import BUNDLED, vocabulary_of
from lucarne.models import load
from lucarne.models.cache import Cache
from lucarne.models.gpt import GPT
from lucarne.models.model import Model
from lucarne.models.progress import Progress

TOKENS = 120_000  # to be written at least
ROWS = 64  # documents written at once
TEMPERATURE = 0.8
SEED = 0
TITLES = {"gpt": "Stories by the Storyteller", "shakespeare": "Scenes by Shakespeare, letter by letter"}
RULE = "Documents of at most the context's length, each begun by {begin} alone, sampled at temperature {temperature}."


@torch.inference_mode()
def documents(network: GPT, begin: int, end: int | None, rows: int, random: torch.Generator) -> list[NDArray[np.int64]]:
    """`rows` documents behind `begin`, none longer than fits behind it; `end` ends one and is not kept."""
    plan = network.plan
    cache = Cache(
        layers=plan.layers, heads=plan.heads, head_width=plan.head_width, positions=plan.context, batch=rows
    )  # fmt: skip
    last = torch.full((rows, 1), begin)
    written: list[Tensor] = []
    is_open = torch.ones(rows, dtype=torch.bool)
    while len(written) < plan.context - 1 and is_open.any():
        odds = (network(last, cache)[:, 0] / TEMPERATURE).softmax(-1)  # (row, vocabulary)
        last = torch.multinomial(odds, 1, generator=random)  # (row, 1)
        if end is not None:
            is_open &= last[:, 0] != end
        written.append(torch.where(is_open, last[:, 0], -1))
    table = torch.stack(written, 1).numpy()  # (row, position)
    return [row[row >= 0] for row in table]


def write(
    model: Model, tokens: int = TOKENS, seed: int = SEED, rows: int = ROWS, progress: Progress = iter
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Documents of at least so many tokens in all: their tokens, and where each begins, (documents + 1,).

    A model without an end-of-text token begins with a line break.
    """
    network = model.network
    assert isinstance(network, GPT)
    end = model.tokenizer.end
    begin = model.tokenizer.ids("\n")[0] if end is None else end
    random = torch.Generator().manual_seed(seed)
    found: list[NDArray[np.int64]] = []
    for _ in progress(range(-(-tokens // (rows * (network.plan.context - 1))) * 4)):
        found += [each for each in documents(network, begin, end, rows, random) if len(each)]
        if sum(map(len, found)) >= tokens:
            break
    starts = np.cumsum([0, *(len(each) for each in found)], dtype=np.int64)
    return np.concatenate(found), starts


def ship(model: Model, folder: Path, tokens: int = TOKENS, seed: int = SEED, progress: Progress = iter) -> Path:
    """Write a bundled network's texts and the record of them."""
    name = model.card.name
    written, starts = write(model, tokens, seed, progress=progress)
    narrow = np.uint8 if model.card.plan["vocabulary"] <= 256 else np.uint16
    folder.mkdir(parents=True, exist_ok=True)
    begin = "a line break" if model.tokenizer.end is None else "the end-of-text token"
    told = {
        "title": TITLES.get(name, f"Texts by {model.card.title}"),
        "about": f"Written by {model.card.title} itself: it is not what the network was trained on.",
        "weights": model.weights,
        "vocabulary": vocabulary_of(model.tokenizer),
        "seed": seed,
        "temperature": TEMPERATURE,
        "rule": RULE.format(begin=begin, temperature=TEMPERATURE),
        "documents": len(starts) - 1,
        "tokens": len(written),
        "made": date.today().isoformat(),
    }
    with replacing(folder / f"{name}.safetensors") as half:
        half.write_bytes(save({"tokens": written.astype(narrow), "starts": starts.astype(np.int32)}))
    with replacing(folder / f"{name}.json") as half:
        half.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder / f"{name}.safetensors"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("model", help="a language model of the catalog")
    parser.add_argument("--out", type=Path, default=BUNDLED)
    parser.add_argument("--tokens", type=int, default=TOKENS)
    parser.add_argument("--seed", type=int, default=SEED)
    given = parser.parse_args()
    model = load(given.model, device="cpu")
    file = ship(model, given.out, given.tokens, given.seed, tqdm)
    told = json.loads(file.with_suffix(".json").read_text(encoding="utf-8"))
    print(f"{told['documents']:,} documents, {told['tokens']:,} tokens, {file.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
