"""How dictionaries were trained: `python -m lucarne.models.training.dictionary gpt --data DIR --out DIR --minutes 10`.

A TopK sparse autoencoder on values that the shipped network has at one site: the middle of the GPT's residual stream,
or the positions of AlexNet's last convolution. Gao et al.: "Scaling and evaluating sparse autoencoders", 2024, sections
2.3 (TopK) and A.1 (start). Their loss that wakes silent features is left out: at this size none falls silent.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor

from lucarne.models import load
from lucarne.models.alexnet import AlexNet
from lucarne.models.dictionary import Dictionary
from lucarne.models.gpt import GPT
from lucarne.models.training.run import Run, machine, set_learning_rate
from lucarne.models.training.subjects import Pictures, Stories, Subject, gathered, loss_with

FEATURES = 8  # for each channel of the site


def started(values: Tensor, features: int, active: int) -> Dictionary:
    """A dictionary of random directions whose encoder reads what its decoder writes."""
    dictionary = Dictionary(values.shape[1], features, active)
    directions = torch.randn(values.shape[1], features)  # (width, features)
    dictionary.decoder.weight.data = directions / directions.norm(dim=0)
    dictionary.encoder.weight.data = dictionary.decoder.weight.data.t().clone()
    dictionary.encoder.bias.data.zero_()
    dictionary.centre.data = values[:50_000].float().mean(0)
    return dictionary


def train(
    run: Run, subject: Subject, positions: int, device: str, seed: int, batch: int, peak: float, active: int
) -> None:
    """Learn in units in which the values' mean square distance from their mean is 1; `in_own_units` goes back."""
    torch.manual_seed(seed)
    draw = np.random.default_rng(seed)
    values = gathered(subject, positions, draw).to(device)  # (positions, width)
    scale = spread_of(values[:50_000].float()).sqrt().item()
    features = FEATURES * values.shape[1]
    dictionary = started(values / scale, features, active).to(device)
    adam = torch.optim.Adam(dictionary.parameters(), betas=(0.9, 0.999))
    run.resume(dictionary=dictionary, adam=adam)
    draw = np.random.default_rng(seed + run.step)
    running = run.last("unexplained")
    for step in run.steps_to_go():
        set_learning_rate(adam, run.learning_rate(peak))
        value = values[torch.from_numpy(draw.integers(len(values), size=batch)).to(device)].float() / scale
        unexplained = (dictionary(value) - value).square().mean()
        adam.zero_grad(set_to_none=True)
        unexplained.backward()
        adam.step()
        with torch.no_grad():
            dictionary.decoder.weight /= dictionary.decoder.weight.norm(dim=0)
        running = unexplained.item() if running is None else 0.98 * running + 0.02 * unexplained.item()
        if step % 100 == 99:
            run.note(unexplained=running)
            run.save(dictionary=dictionary, adam=adam)
    run.save(dictionary=dictionary, adam=adam)
    finished = in_own_units(dictionary.cpu(), scale)
    about = {"dictionary": json.dumps({"site": subject.site, "active": active})}
    tensors = {name: tensor.detach().half().contiguous() for name, tensor in finished.state_dict().items()}
    save_file(tensors, run.folder / "dictionary.safetensors", metadata=about)
    finished.load_state_dict({name: tensor.float() for name, tensor in tensors.items()})
    run.note(**fidelity(subject, finished, max(1000, positions // 5), 64))


def spread_of(values: Tensor) -> Tensor:
    """Mean square distance from the mean, over positions and channels, of (positions, width)."""
    return (values - values.mean(0)).square().mean()


def in_own_units(dictionary: Dictionary, scale: float) -> Dictionary:
    """The dictionary that does to values `scale` times as large what this one does, as it stands, to its own."""
    dictionary.encoder.bias.data *= scale
    dictionary.centre.data *= scale
    return dictionary


@torch.inference_mode()
def fidelity(
    subject: Subject, dictionary: Dictionary, positions: int, examples: int, seed: int = 1
) -> dict[str, float]:
    """How much of the site a dictionary keeps: measured on other values than it was trained on.

    `explained_variance`: 1 − squared error / squared distance from the mean, over `positions`. `active`: features that
    speak at a position. `dead`: part of the features that never spoke. `loss_recovered`: where the loss over `examples`
    held-out examples lies between that with the site zeroed (0) and that with the site left alone (1).
    """
    values = gathered(subject, positions, np.random.default_rng((seed, 1))).float()
    error, speaking, spoke = 0.0, 0, torch.zeros(dictionary.encoder.out_features, dtype=torch.bool)
    for some in values.split(4096):
        said = dictionary.encode(some)  # (≤ 4096, features)
        error += (dictionary.decode(said) - some).square().sum().item()
        speaking += int((said > 0).sum())
        spoke |= (said > 0).any(0)
    clean = loss_with(subject, examples, lambda rows: rows)
    zeroed = loss_with(subject, examples, torch.zeros_like)
    spliced = loss_with(subject, examples, dictionary)
    return {
        "explained_variance": 1 - error / (spread_of(values).item() * values.numel()),
        "active": speaking / len(values),
        "dead": 1 - spoke.float().mean().item(),
        "loss_recovered": (zeroed - spliced) / (zeroed - clean),
    }


def subject_of(name: str, data: Path, cache: Path) -> Subject:
    """The site of the shipped network `name`, alexnet or gpt, with the data it was trained on."""
    network = load(name, device="cpu").network
    if isinstance(network, GPT):
        return Stories.of(network, data, cache)
    assert isinstance(network, AlexNet)
    return Pictures.of(network, data, cache)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("network", choices=("alexnet", "gpt"))
    parser.add_argument("--data", type=Path, required=True, help="folder of what the network was trained on")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the record; resumes")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/lucarne/training")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--positions", type=int, default=1_000_000, help="vectors of the site that are learned from")
    parser.add_argument("--batch", type=int, default=2048)
    parser.add_argument("--peak", type=float, default=1e-3, help="highest learning rate")
    parser.add_argument("--active", type=int, default=32, help="features that may speak at one position")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    run = Run(given.out, given.steps, given.minutes, given.batch, machine(given.device))
    subject = subject_of(given.network, given.data, given.cache)
    train(run, subject, given.positions, given.device, given.seed, given.batch, given.peak, given.active)


if __name__ == "__main__":
    main()
