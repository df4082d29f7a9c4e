"""What the paper's AlexNet has that ours leaves out, measured: `python -m lucarne.models.training.variants --data DIR`.

Short trainings that differ in one thing each, from one seed, on the same pictures in the same order. Printed are top-1
and top-5 on Tiny ImageNet's validation set, and how often the nearest training photograph in relu7 (by the cosine) has
the class of a photograph that was never seen: how well the 4096 numbers tell apart what the task did not ask for.
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lucarne.models.alexnet import BUNDLED, AlexNet
from lucarne.models.training.alexnet import accuracy, folded, trainable
from lucarne.models.training.data import augmented, decoded
from lucarne.models.training.run import mixed_precision

PLANS = {
    "as shipped": BUNDLED,
    "one group": replace(BUNDLED, groups=1),
    "with response normalisation": replace(BUNDLED, response_norm=True),
    "without the second head": BUNDLED,
}
BATCH, PEAK = 128, 0.06


def trained(name: str, steps: int, data: Path, cache: Path, device: str) -> AlexNet:
    """A variant of `PLANS` after so many steps of 128 pictures, batch normalisation folded away."""
    torch.manual_seed(0)
    random, draw = torch.Generator().manual_seed(0), np.random.default_rng(0)
    packs = [decoded(data, "tiny-imagenet-train", 64, cache), decoded(data, "photos-128-train", 128, cache)]
    if name == "without the second head":
        packs = packs[:1]
    few = max(1, round(BATCH * len(packs[-1][1]) / sum(len(labels) for _, labels in packs))) if len(packs) > 1 else 0
    counts = [BATCH - few, few][: len(packs)]
    network = trainable(PLANS[name]).to(device)
    second_head = nn.Linear(BUNDLED.hidden, 1 + int(packs[-1][1].max())).to(device)
    optimizer = torch.optim.SGD(
        [*network.parameters(), *second_head.parameters()], lr=PEAK, momentum=0.9, nesterov=True, weight_decay=5e-4
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, PEAK, total_steps=steps, pct_start=0.1, cycle_momentum=False
    )
    for _ in range(steps):
        network.train()
        pixels, labels = [], []
        for (pictures, known), count, area in zip(packs, counts, (0.35, 0.5), strict=False):
            chosen = draw.integers(len(known), size=count)
            pixels.append(augmented(torch.from_numpy(pictures[chosen]), BUNDLED.input_size, area, random))
            labels.append(torch.from_numpy(known[chosen]).to(device))
        picture = (torch.cat(pixels).to(device) - network.mean) / network.std  # (128, 3, 128, 128)
        with mixed_precision(device), network.tap.watch("relu7") as seen:
            logits = [network(picture)[: counts[0]]]
            if few:
                logits.append(second_head(seen["relu7"][-few:]))
        loss = sum(
            (
                F.cross_entropy(said.float(), known, label_smoothing=0.1) * len(known)
                for said, known in zip(logits, labels, strict=True)
            ),
            start=torch.zeros((), device=device),
        )
        optimizer.zero_grad(set_to_none=True)
        (loss / BATCH).backward()
        optimizer.step()
        schedule.step()
    return folded(network).to(device)


@torch.inference_mode()
def neighbours_agree(network: AlexNet, data: Path, cache: Path) -> float:
    """The part of held-out photographs whose nearest training photograph (every second of them) is of their class."""
    known, known_labels = decoded(data, "photos-128-train", 128, cache)
    asked, asked_labels = decoded(data, "photos-128-val", 128, cache)
    keys, queries = _relu7(network, known[::2]), _relu7(network, asked)
    nearest = (queries @ keys.T).argmax(1).numpy()
    return float((known_labels[::2][nearest] == asked_labels).mean())


def _relu7(network: AlexNet, pictures: np.ndarray) -> Tensor:
    """(pictures, 4096), each of length one."""
    rows, device = [], network.fc8.weight.device
    for first in range(0, len(pictures), 250):
        with network.tap.watch("relu7") as seen:
            network(network.read(torch.from_numpy(pictures[first : first + 250]).to(device)))
        rows.append(F.normalize(seen["relu7"].float(), dim=1).cpu())
    return torch.cat(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the picture packs")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/lucarne/training")
    parser.add_argument("--steps", type=int, default=360)
    parser.add_argument("--only", nargs="+", choices=PLANS, default=list(PLANS))
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    given = parser.parse_args()
    trial = decoded(given.data, "tiny-imagenet-val", 64, given.cache)
    for name in given.only:
        network = trained(name, given.steps, given.data, given.cache, given.device)
        said = accuracy(network, *trial)
        agree = neighbours_agree(network, given.data, given.cache)
        print(
            f"{name:<30} top-1 {said['top1']:.2f} %, top-5 {said['top5']:.2f} %, neighbours agree {agree:.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
