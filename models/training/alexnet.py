"""How the bundled AlexNet was trained: `python -m lucarne.models.training.alexnet --data DIR --out DIR --minutes 60`.

The paper's topology at 128×128: 96 kernels 11×11×3, two groups, 4096-d fc6 and fc7. Every layer is trained with batch
normalisation, which is then folded into its weights: what ships is the plain network. Tiny ImageNet's 200 classes are
the task; `photos-128` brings, through a second head that is thrown away, the fine detail that 64-pixel pictures lack.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lucarne.models.alexnet import BUNDLED, AlexNet, Plan
from lucarne.models.training.data import augmented, decoded
from lucarne.models.training.run import Run, machine, mixed_precision, set_learning_rate
from lucarne.models.training.series import Series
from lucarne.models.unfilled import empty

CONVOLUTIONS = ("conv1", "conv2", "conv3", "conv4", "conv5")
LAYERS = (*CONVOLUTIONS, "fc6", "fc7")
FADES = (0.65, 0.75)  # between these parts of the training most of conv1's start is taken out of it
FADED = 0.7  # of the start: what weight decay and learning have left of it by then
MOMENTS = (0.0, 0.01, 0.1, 0.5, 1.0)  # parts of the training after which conv1's kernels are kept


def trainable(plan: Plan) -> AlexNet:
    """An AlexNet each of whose hidden layers is followed by a batch normalisation, and whose conv1 starts smooth."""
    network = AlexNet(plan)
    network.dropout.p = 0.1  # a few passes over the data: little to forget
    for name in LAYERS:
        layer = getattr(network, name)
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        if name == "conv1":
            layer.weight.data = smooth_noise(plan.kernels[0])
        norm = nn.BatchNorm2d if name in CONVOLUTIONS else nn.BatchNorm1d
        setattr(network, name, nn.Sequential(layer, norm(layer.weight.shape[0])))
    nn.init.normal_(network.fc8.weight, std=0.01)
    nn.init.zeros_(network.fc8.bias)
    return network


def smooth_noise(kernels: int, size: int = 11, std: float = 0.02) -> Tensor:
    """Noise blurred twice with a 5×5 binomial, (kernels, 3, size, size).

    Up-sampled pictures have no high frequencies, so nothing ever moves a kernel in those directions: an ordinary
    start stays visible as noise for ever. A smooth one leaves only what was learned.
    """
    row = torch.tensor([1.0, 4.0, 6.0, 4.0, 1.0]) / 16
    blur = (row[:, None] * row[None, :]).expand(3, 1, 5, 5)
    noise = torch.randn(kernels, 3, size + 8, size + 8)
    noise = F.conv2d(F.conv2d(noise, blur, groups=3), blur, groups=3)
    return noise * (std / noise.std())


def faded(progress: float) -> float:
    """The part of conv1's start that is taken out of it by now.

    What pictures never move is still there at the end, and a third of the kernels look like noise, though the network
    takes no notice of it. Without it they are what was learned.
    """
    begins, ends = FADES
    return FADED * min(1.0, max(0.0, (progress - begins) / (ends - begins)))


def folded(network: AlexNet) -> AlexNet:
    """The plain network that computes the same as `network` in evaluation mode."""
    plain = empty(partial(AlexNet, network.plan))
    for name in LAYERS:
        layer, norm = getattr(network, name)
        gain = (norm.weight / torch.sqrt(norm.running_var + norm.eps)).detach()  # (out,)
        target = getattr(plain, name)
        target.weight.data = layer.weight.detach() * gain.view(-1, *[1] * (layer.weight.dim() - 1))
        target.bias.data = (layer.bias.detach() - norm.running_mean) * gain + norm.bias.detach()
    plain.fc8.weight.data, plain.fc8.bias.data = network.fc8.weight.detach(), network.fc8.bias.detach()
    return plain.eval()


@torch.inference_mode()
def accuracy(network: AlexNet, pictures: np.ndarray, labels: np.ndarray, batch: int = 250) -> dict[str, float]:
    """Top-1 and top-5 in percent of uint8 pictures (n, h, w, 3), resized to the network's input."""
    device = network.fc8.weight.device
    hits_1 = hits_5 = 0
    for start in range(0, len(labels), batch):
        pixels = torch.tensor(pictures[start : start + batch], device=device)
        top = network(network.read(resized(pixels, network.plan.input_size))).topk(5).indices  # (batch, 5)
        right = top == torch.from_numpy(labels[start : start + batch]).to(device)[:, None]
        hits_1, hits_5 = hits_1 + right[:, 0].sum().item(), hits_5 + right.any(1).sum().item()
    return {"top1": 100 * hits_1 / len(labels), "top5": 100 * hits_5 / len(labels)}


def resized(pixels: Tensor, size: int) -> Tensor:
    """uint8 (n, h, w, 3) → uint8 (n, size, size, 3), as a picture library would."""
    if pixels.shape[1] == size:
        return pixels
    picture = F.interpolate(pixels.permute(0, 3, 1, 2).float(), size=(size, size), mode="bicubic", antialias=True)
    return picture.round().clamp(0, 255).byte().permute(0, 2, 3, 1)


def train(run: Run, data: Path, cache: Path, device: str, seed: int, batch: int, peak: float) -> None:
    torch.manual_seed(seed)
    random = torch.Generator(device=device).manual_seed(seed)

    def pack(name: str, size: int) -> tuple[Tensor, Tensor]:
        pictures, labels = decoded(data, name, size, cache)
        return torch.from_numpy(pictures).to(device), torch.from_numpy(labels).to(device)  # a GPU keeps all of them

    main, main_labels = pack("tiny-imagenet-train", 64)
    fine, fine_labels = pack("photos-128-train", 128)
    trial, trial_labels = decoded(data, "tiny-imagenet-val", 64, cache)

    network = trainable(BUNDLED).to(device).to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
    second_head = nn.Linear(BUNDLED.hidden, int(fine_labels.max()) + 1).to(device)
    layers = {"weights": [], "others": []}
    for parameter in (*network.parameters(), *second_head.parameters()):
        layers["weights" if parameter.dim() > 1 else "others"].append(parameter)
    optimizer = torch.optim.SGD(
        [{"params": layers["weights"], "weight_decay": 5e-4}, {"params": layers["others"], "weight_decay": 0.0}],
        lr=peak, momentum=0.9, nesterov=True,
    )  # fmt: skip
    run.resume(network=network, second_head=second_head, optimizer=optimizer)
    series = Series(run, run.folder / "conv1-training.safetensors", MOMENTS)

    few = max(1, round(batch * len(fine) / (len(main) + len(fine))))  # of each batch are fine pictures
    draw = np.random.default_rng(seed + run.step)
    running = run.last("loss")
    gone = faded(run.progress)
    for step in run.steps_to_go():
        if series.is_due:
            series.keep(kernels=folded(network).conv1.weight.half())
        if (now := faded(run.progress)) > gone:
            start = series.kept["kernels"][0].to(device).float()  # (96, 3, 11, 11)
            network.get_parameter("conv1.0.weight").data -= (now - gone) * start
            gone = now
        set_learning_rate(optimizer, run.learning_rate(peak))
        network.train()
        chosen = torch.from_numpy(draw.integers(len(main), size=batch - few)).to(device)
        chosen_fine = torch.from_numpy(draw.integers(len(fine), size=few)).to(device)
        pixels = augmented(main[chosen], BUNDLED.input_size, 0.35, random)
        pixels_fine = augmented(fine[chosen_fine], BUNDLED.input_size, 0.5, random)
        picture = (torch.cat([pixels, pixels_fine]) - network.mean) / network.std
        with mixed_precision(device):
            with network.tap.watch("relu7") as seen:
                logits = network(picture.contiguous(memory_format=torch.channels_last))[:-few]
            logits_fine = second_head(seen["relu7"][-few:])
        loss = F.cross_entropy(logits.float(), main_labels[chosen], label_smoothing=0.1)
        loss_fine = F.cross_entropy(logits_fine.float(), fine_labels[chosen_fine], label_smoothing=0.1)
        optimizer.zero_grad(set_to_none=True)
        (((batch - few) * loss + few * loss_fine) / batch).backward()
        optimizer.step()
        running = loss.item() if running is None else 0.98 * running + 0.02 * loss.item()
        if step % 200 == 199:
            run.note(loss=running, **accuracy(folded(network).to(device), trial[::10], trial_labels[::10]))
            run.save(network=network, second_head=second_head, optimizer=optimizer)
    plain = folded(network)
    if series.is_due:
        series.keep(kernels=plain.conv1.weight.half())
    run.note(loss=running or 0.0, **accuracy(plain.to(device), trial, trial_labels))
    run.save(network=network, second_head=second_head, optimizer=optimizer)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of the picture packs")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and the record; resumes")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache/lucarne/training")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--steps", type=int)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--peak", type=float, default=0.06, help="highest learning rate")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    run = Run(given.out, given.steps, given.minutes, given.batch, machine(given.device))
    train(run, given.data, given.cache, given.device, given.seed, given.batch, given.peak)


if __name__ == "__main__":
    main()
