"""How the smallest was trained: `python -m lucarne.models.training.shakespeare --data DIR --out DIR --minutes 15`.

The one that the best-known lecture builds (Karpathy: "Let's build GPT", 2023): it reads `tinyshakespeare`, letter by
letter, with the text's own 65 characters as its vocabulary. The last tenth of the text is held out.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from lucarne.models.gpt import GPT, Plan
from lucarne.models.training.corpus import Corpus, documents, letters
from lucarne.models.training.language import EMBEDDING_RATE, guessed, optimizers, waves
from lucarne.models.training.run import Run, machine, set_learning_rate

TEXT = "tinyshakespeare.txt.xz"
HELD_OUT = 0.1  # of the text, its end
SIZES = {"context": 256, "layers": 4, "heads": 4, "width": 192, "hidden": 768}


def plan_for(vocabulary: int) -> Plan:
    return Plan(vocabulary=vocabulary, **SIZES)


def halves(data: Path) -> tuple[Tokenizer, np.ndarray, np.ndarray]:
    """The tokenizer, what is learned from, and what is held out: uint16 (characters,) each."""
    text = "\n\n".join(documents(data / TEXT))
    tokenizer = letters(text)
    stream = np.array(tokenizer.encode(text).ids, dtype=np.uint16)
    cut = round(len(stream) * (1 - HELD_OUT))
    return tokenizer, stream[:cut], stream[cut:]


@torch.inference_mode()
def nats_per_character(network: GPT, stream: np.ndarray, windows: int | None = None) -> float:
    """Mean loss over a text in windows of the context that do not overlap, all of them or so many."""
    length, device = network.plan.context, network.wte.weight.device
    starts = np.arange(0, len(stream) - length, length)
    if windows is not None:
        starts = starts[np.linspace(0, len(starts) - 1, windows).astype(int)]
    pieces = np.stack([stream[start : start + length + 1] for start in starts]).astype(np.int64)
    total = 0.0
    for some in torch.from_numpy(pieces).to(device).split(32):  # (≤ 32, length + 1)
        logits: Tensor = network(some[:, :-1])  # (≤ 32, length, vocabulary)
        total += torch.nn.functional.cross_entropy(logits.flatten(0, 1), some[:, 1:].flatten()).item() * len(some)
    return total / len(pieces)


def train(run: Run, data: Path, device: str, seed: int, batch: int, peak: float) -> None:
    torch.manual_seed(seed)
    tokenizer, learned, held_out = halves(data)
    tokenizer.save(str(run.folder / "tokenizer.json"))
    corpus = Corpus([learned], [1.0])
    plan = plan_for(tokenizer.get_vocab_size())
    network = GPT(plan)
    network.wpe.weight.data = waves(plan.context, plan.width)
    network.to(device)
    muon, adam = optimizers(network)
    run.resume(network=network, muon=muon, adam=adam)
    draw = np.random.default_rng(seed + run.step)
    all_count = torch.ones(batch, plan.context, dtype=torch.bool, device=device)
    running = run.last("loss")
    for step in run.steps_to_go():
        set_learning_rate(muon, run.learning_rate(peak))
        set_learning_rate(adam, run.learning_rate(peak * EMBEDDING_RATE))
        loss, _ = guessed(network, corpus.batch(batch, plan.context, draw).to(device), all_count, device)
        muon.zero_grad(set_to_none=True)
        adam.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        muon.step()
        adam.step()
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 100 == 99:
            run.note(loss=running, nats_per_character=nats_per_character(network, held_out, windows=40))
            run.save(network=network, muon=muon, adam=adam)
    run.note(loss=running or 0.0, nats_per_character=nats_per_character(network, held_out))
    run.save(network=network, muon=muon, adam=adam)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the text")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the record; resumes")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--peak", type=float, default=1e-2, help="highest learning rate, of the blocks' matrices")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    run = Run(given.out, given.steps, given.minutes, given.batch, machine(given.device))
    train(run, given.data, given.device, given.seed, given.batch, given.peak)


if __name__ == "__main__":
    main()
