"""How the bundled GPT was trained: `python -m lucarne.models.training.gpt --data DIR --out DIR --minutes 60`.

GPT-2's architecture with a vocabulary of its own. `--data` is a folder of texts whose documents are separated by lines
`<|endoftext|>`; each batch is drawn from all of them by the weights in `MIXTURE`, the simplest English most often.

A network this small, on so little text, would end before its induction heads begin. So that they can be seen, part of
every batch are echoes, random tokens said twice, which nothing but an induction head can guess; the last part of the
training is without them, so that it writes as the texts do.
"""

import argparse
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer

from lucarne.models.gpt import GPT, Plan
from lucarne.models.heads import head_scores, patterns, said_twice
from lucarne.models.progress import Progress
from lucarne.models.training.corpus import Corpus, documents, echoes, token_stream, trained_tokenizer
from lucarne.models.training.language import EMBEDDING_RATE, guessed, optimizers, waves
from lucarne.models.training.run import Run, machine, set_learning_rate
from lucarne.models.training.series import Series

BUNDLED = Plan(vocabulary=4096, context=256, layers=6, heads=6, width=192, hidden=768)
MIXTURE = {  # how often a sequence comes from each text
    "tinystories.txt.xz": 0.35,
    "storybooks.txt.xz": 0.08,
    "fairytales.txt.xz": 0.10,
    "children.txt.xz": 0.17,
    "stories-train.txt.xz": 0.30,
}
TRIAL = "stories-val.txt.xz"
ECHOES = ((0.35, 0.25), (0.8, 0.0625), (1.0, 0.0))  # until a part of the training, that part of the sequences is echoes
SHORT_UNTIL = 0.1  # of the training is done with a quarter of the context: heads find one another sooner
MOMENTS = (0.0, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.13, 0.17, 0.22, 0.3, 0.4, 0.55, 0.75, 1.0)  # heads are kept


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
def bits_per_byte(
    network: GPT, stream: np.ndarray, size: int, windows: int | None = None, progress: Progress = iter
) -> float:
    """Cross-entropy of a whole text in bits per byte of it, each token read with at most a context before it.

    `size` is the text's length in bytes. Windows do not overlap, which is the pessimistic way to count.
    """
    length, device = network.plan.context, network.wte.weight.device
    starts = range(0, len(stream) - 1, length)
    chosen = starts if windows is None else [starts[i] for i in np.linspace(0, len(starts) - 1, windows).astype(int)]
    nats = tokens = 0.0
    for start in progress(chosen):
        piece = torch.from_numpy(stream[start : start + length + 1].astype(np.int64)).to(device)[None]
        nats += F.cross_entropy(network(piece[:, :-1])[0], piece[0, 1:], reduction="sum").item()
        tokens += piece.shape[1] - 1
    return nats / tokens / math.log(2) * (len(stream) - 1) / size


@torch.inference_mode()
def sample(
    network: GPT, tokens: list[int], length: int, temperature: float, random: torch.Generator, end: int | None = 0
) -> list[int]:
    """Continue `tokens` by up to `length` drawn ones; ends early where the text does (token `end`)."""
    for _ in range(length):
        context = torch.tensor([tokens[-network.plan.context :]], device=network.wte.weight.device)
        odds = (network(context)[0, -1].float().cpu() / temperature).softmax(-1)
        tokens = [*tokens, int(torch.multinomial(odds, 1, generator=random))]
        if tokens[-1] == end:
            break
    return tokens


def train(run: Run, data: Path, cache: Path, device: str, seed: int, batch: int, peak: float) -> None:
    torch.manual_seed(seed)
    tokenizer = tokenizer_for(data, cache, BUNDLED.vocabulary)
    streams = [token_stream(data / name, tokenizer, cache) for name in MIXTURE]
    corpus = Corpus(streams, list(MIXTURE.values()))
    trial = token_stream(data / TRIAL, tokenizer, cache)
    trial_size = len("\n".join(documents(data / TRIAL)).encode())

    network = GPT(BUNDLED)
    network.wpe.weight.data = waves(BUNDLED.context, BUNDLED.width)
    network.to(device)
    muon, adam = optimizers(network)
    run.resume(network=network, muon=muon, adam=adam)
    series = Series(run, run.folder / "heads-training.safetensors", MOMENTS)
    said = said_twice(BUNDLED.vocabulary, min(12, BUNDLED.context // 2 - 1), count=1)  # (1, 25): what is replayed

    def keep() -> None:
        heads = head_scores(network)
        shown = (patterns(network, said)[0] * 255).round().byte()  # (layer, head, query, key)
        tokens = torch.tensor(run.step * batch * BUNDLED.context)
        series.keep(
            tokens=tokens, text=said[0], pattern=shown, induction=heads.induction, previous_token=heads.previous_token
        )

    draw = np.random.default_rng(seed + run.step)
    running = run.last("loss") or math.log(BUNDLED.vocabulary)
    for step in run.steps_to_go():
        if series.is_due:
            keep()
        set_learning_rate(muon, run.learning_rate(peak))
        set_learning_rate(adam, run.learning_rate(peak * EMBEDDING_RATE))
        length = BUNDLED.context if run.progress > SHORT_UNTIL else BUNDLED.context // 4
        rows = batch * BUNDLED.context // length
        few = round(rows * next(part for until, part in ECHOES if run.progress <= until or until == 1))
        text = corpus.batch(rows - few, length, draw)  # (rows - few, length + 1)
        echo, judged = echoes(few, length, BUNDLED.vocabulary, draw)  # (few, length + 1), (few, length)
        counts = torch.cat([torch.ones(rows - few, length, dtype=torch.bool), judged]).to(device)
        stretch = torch.cat([text, echo]).to(device)  # (rows, length + 1)
        loss, each = guessed(network, stretch, counts, device)  # a number, (rows, length)
        muon.zero_grad(set_to_none=True)
        adam.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        muon.step()
        adam.step()
        running = 0.98 * running + 0.02 * each[: rows - few].mean().item()
        if step % 100 == 99:
            heads = head_scores(network)
            run.note(
                loss=running, bits_per_byte=bits_per_byte(network, trial, trial_size, windows=20),
                induction=heads.induction.max().item(), previous_token=heads.previous_token.max().item(),
            )  # fmt: skip
            run.save(network=network, muon=muon, adam=adam)
    if series.is_behind:
        keep()
    run.note(loss=running, bits_per_byte=bits_per_byte(network, trial, trial_size))
    run.save(network=network, muon=muon, adam=adam)
    tokenizer.save(str(run.folder / "tokenizer.json"))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the texts")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the record; resumes")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/lucarne/training")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--peak", type=float, default=1e-2, help="highest learning rate, of the blocks' matrices")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    run = Run(given.out, given.steps, given.minutes, given.batch, machine(given.device))
    train(run, given.data, given.cache, given.device, given.seed, given.batch, given.peak)


if __name__ == "__main__":
    main()
