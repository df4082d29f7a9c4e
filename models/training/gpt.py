"""How the bundled GPT was trained: `python -m lucarne.models.training.gpt --data DIR --out DIR --minutes 60`.

GPT-2's architecture with a vocabulary of its own. `--data` is a folder of texts whose documents are separated by lines
`<|endoftext|>`; each batch is drawn from all of them by the weights in `MIXTURE`, the simplest English most often.
"""

import argparse
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor

from lucarne.models.gpt import GPT, Plan
from lucarne.models.training.corpus import END, documents, token_stream, trained_tokenizer
from lucarne.models.training.run import Run, machine, set_learning_rate

BUNDLED = Plan(vocabulary=4096, context=256, layers=6, heads=6, width=192, hidden=768)
MIXTURE = {  # how often a sequence comes from each text
    "tinystories.txt.xz": 0.40,
    "storybooks.txt.xz": 0.10,
    "fairytales.txt.xz": 0.10,
    "children.txt.xz": 0.15,
    "stories-train.txt.xz": 0.25,
}
TRIAL = "stories-val.txt.xz"


@dataclass(frozen=True)
class Corpus:
    """Token streams with the frequency at which each is drawn from."""

    streams: list[np.ndarray]
    weights: list[float]

    def batch(self, count: int, length: int, random: np.random.Generator) -> Tensor:
        """`count` random stretches of `length` + 1 tokens, int64 (count, length + 1)."""
        rows = []
        for stream in random.choice(len(self.streams), size=count, p=self.weights):
            start = random.integers(len(self.streams[stream]) - length)
            rows.append(self.streams[stream][start : start + length + 1].astype(np.int64))
        return torch.from_numpy(np.stack(rows))


def tokenizer_for(data: Path, cache: Path, vocabulary: int) -> Tokenizer:
    """Trained once on five million characters of every text, kept in the cache."""
    file = cache / f"tokenizer-{vocabulary}.json"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        trained_tokenizer(_beginnings(data, 5_000_000), vocabulary).save(str(file))
    return Tokenizer.from_file(str(file))


def _beginnings(data: Path, characters: int):  # noqa: ANN202
    for name in MIXTURE:
        seen = 0
        for document in documents(data / name):
            yield document
            seen += len(document)
            if seen > characters:
                break


@torch.inference_mode()
def bits_per_byte(network: GPT, stream: np.ndarray, size: int, windows: int | None = None) -> float:
    """Cross-entropy of a whole text in bits per byte of it, each token read with at most a context before it.

    `size` is the text's length in bytes. Windows do not overlap, which is the pessimistic way to count.
    """
    length, device = network.plan.context, network.wte.weight.device
    starts = range(0, len(stream) - 1, length)
    chosen = starts if windows is None else [starts[i] for i in np.linspace(0, len(starts) - 1, windows).astype(int)]
    nats = tokens = 0.0
    for start in chosen:
        piece = torch.from_numpy(stream[start : start + length + 1].astype(np.int64)).to(device)[None]
        nats += F.cross_entropy(network(piece[:, :-1])[0], piece[0, 1:], reduction="sum").item()
        tokens += piece.shape[1] - 1
    return nats / tokens / math.log(2) * (len(stream) - 1) / size


@torch.inference_mode()
def sample(network: GPT, tokens: list[int], length: int, temperature: float, random: torch.Generator) -> list[int]:
    """Continue `tokens` by up to `length` drawn ones; ends early where the text does (token 0)."""
    for _ in range(length):
        context = torch.tensor([tokens[-network.plan.context :]], device=network.wte.weight.device)
        odds = (network(context)[0, -1].float().cpu() / temperature).softmax(-1)
        tokens = [*tokens, int(torch.multinomial(odds, 1, generator=random))]
        if tokens[-1] == 0:
            break
    return tokens


def train(run: Run, data: Path, cache: Path, device: str, seed: int, batch: int, peak: float) -> None:
    torch.manual_seed(seed)
    tokenizer = tokenizer_for(data, cache, BUNDLED.vocabulary)
    streams = [token_stream(data / name, tokenizer, cache) for name in MIXTURE]
    corpus = Corpus(streams, list(MIXTURE.values()))
    trial = token_stream(data / TRIAL, tokenizer, cache)
    trial_size = len("\n".join(documents(data / TRIAL)).encode())

    network = GPT(BUNDLED).to(device)
    groups = {True: [], False: []}
    for parameter in network.parameters():
        groups[parameter.dim() > 1].append(parameter)
    optimizer = torch.optim.AdamW(
        [{"params": groups[True], "weight_decay": 0.1}, {"params": groups[False], "weight_decay": 0.0}],
        lr=peak, betas=(0.9, 0.95),
    )  # fmt: skip
    run.resume(network=network, optimizer=optimizer)

    draw = np.random.default_rng(seed + run.step)
    running = run.last("loss") or math.log(BUNDLED.vocabulary)
    for step in run.steps_to_go():
        set_learning_rate(optimizer, run.learning_rate(peak))
        stretch = corpus.batch(batch, BUNDLED.context, draw).to(device)  # (batch, context + 1)
        logits = network(stretch[:, :-1])  # (batch, context, vocabulary)
        loss = F.cross_entropy(logits.flatten(0, 1), stretch[:, 1:].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        running = 0.98 * running + 0.02 * loss.item()
        if step % 100 == 99:
            run.note(loss=running, bits_per_byte=bits_per_byte(network, trial, trial_size, windows=20))
            run.save(network=network, optimizer=optimizer)
    run.note(loss=running, bits_per_byte=bits_per_byte(network, trial, trial_size))
    run.save(network=network, optimizer=optimizer)
    tokenizer.save(str(run.folder / "tokenizer.json"))
    random = torch.Generator().manual_seed(seed)
    for opening in ("Once upon a time", "Tom and Lily went to the park.", "The king said to his daughter"):
        tokens = [tokenizer.token_to_id(END), *tokenizer.encode(opening).ids]
        print(tokenizer.decode(sample(network, tokens, 200, 0.7, random)), end="\n\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the texts")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the record; resumes")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/lucarne/training")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--peak", type=float, default=3e-3, help="highest learning rate")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    run = Run(given.out, given.steps, given.minutes, given.batch, machine(given.device))
    train(run, given.data, given.cache, given.device, given.seed, given.batch, given.peak)


if __name__ == "__main__":
    main()
