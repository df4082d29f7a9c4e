"""AlexNet, both of them: the paper's (two groups, local response normalisation) and torchvision's (one tower).

Krizhevsky, Sutskever, Hinton: "ImageNet Classification with Deep Convolutional Neural Networks", NIPS 2012, section 3.
Krizhevsky: "One weird trick for parallelizing convolutional neural networks", arXiv:1404.5997, 2014 (torchvision's).

Nothing works in place: what a tap has seen stays what it was. `convN` is the value before the ReLU, `reluN` after.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lucarne.models.taps import Taps


@dataclass(frozen=True)
class Plan:
    """The numbers in which AlexNets differ. The defaults are the paper's."""

    input_size: int = 227
    classes: int = 1000
    kernels: tuple[int, int, int, int, int] = (96, 256, 384, 384, 256)
    groups: int = 2  # in conv2, conv4 and conv5: the paper's two GPUs saw each other only in conv3
    response_norm: bool = True
    padding: int = 0  # of conv1
    hidden: int = 4096  # units of fc6 and fc7
    bgr: bool = False
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)  # of the channels in the order the network reads them
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)


PAPER = Plan()
CAFFE = Plan(bgr=True, mean=(104.007 / 255, 116.669 / 255, 122.679 / 255), std=(1 / 255, 1 / 255, 1 / 255))
TORCHVISION = Plan(input_size=224, kernels=(64, 192, 384, 256, 256), groups=1, response_norm=False, padding=2)
BUNDLED = Plan(input_size=128, classes=200, response_norm=False, padding=2)

TORCHVISION_NAMES = {  # what torchvision calls the same modules
    "conv1": "features.0", "relu1": "features.1", "pool1": "features.2",
    "conv2": "features.3", "relu2": "features.4", "pool2": "features.5",
    "conv3": "features.6", "relu3": "features.7",
    "conv4": "features.8", "relu4": "features.9",
    "conv5": "features.10", "relu5": "features.11", "pool5": "features.12",
    "fc6": "classifier.1", "relu6": "classifier.2",
    "fc7": "classifier.4", "relu7": "classifier.5",
    "fc8": "classifier.6",
}  # fmt: skip


@dataclass(frozen=True)
class Window:
    """How a site looks at the one before it: the side, step and margin of its square window, in positions."""

    kernel: int = 1
    stride: int = 1
    padding: int = 0


class AlexNet(nn.Module):
    """Five convolutions, three fully connected layers. Shapes at the line ends are the paper's."""

    mean: Tensor  # (3, 1, 1)
    std: Tensor  # (3, 1, 1)

    def __init__(self, plan: Plan = PAPER) -> None:
        super().__init__()
        self.plan = plan
        self.tap = Taps()
        one, two, three, four, five = plan.kernels
        self.conv1 = nn.Conv2d(3, one, 11, stride=4, padding=plan.padding)
        self.conv2 = nn.Conv2d(one, two, 5, padding=2, groups=plan.groups)
        self.conv3 = nn.Conv2d(two, three, 3, padding=1)
        self.conv4 = nn.Conv2d(three, four, 3, padding=1, groups=plan.groups)
        self.conv5 = nn.Conv2d(four, five, 3, padding=1, groups=plan.groups)
        side = _sides(plan)["pool5"]
        self.fc6 = nn.Linear(five * side * side, plan.hidden)
        self.fc7 = nn.Linear(plan.hidden, plan.hidden)
        self.fc8 = nn.Linear(plan.hidden, plan.classes)
        self.dropout = nn.Dropout(0.5)
        self.register_buffer("mean", torch.tensor(plan.mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(plan.std).view(3, 1, 1), persistent=False)

    def read(self, pixels: Tensor) -> Tensor:
        """uint8 RGB pixels (batch, input_size, input_size, 3) as the numbers the network was trained on."""
        picture = pixels.permute(0, 3, 1, 2).float() / 255
        if self.plan.bgr:
            picture = picture.flip(1)
        return (picture - self.mean) / self.std  # (batch, 3, input_size, input_size)

    def forward(self, picture: Tensor) -> Tensor:
        """Logits (batch, classes) of normalised pictures (batch, 3, input_size, input_size)."""
        tap = self.tap
        x = tap("input", picture)  # (batch, 3, 227, 227)
        x = self._rectified(1, x)  # (batch, 96, 55, 55)
        x = tap("pool1", F.max_pool2d(self._normalised(1, x), 3, 2))  # (batch, 96, 27, 27)
        x = self._rectified(2, x)  # (batch, 256, 27, 27)
        x = tap("pool2", F.max_pool2d(self._normalised(2, x), 3, 2))  # (batch, 256, 13, 13)
        x = self._rectified(3, x)  # (batch, 384, 13, 13)
        x = self._rectified(4, x)  # (batch, 384, 13, 13)
        x = self._rectified(5, x)  # (batch, 256, 13, 13)
        x = tap("pool5", F.max_pool2d(x, 3, 2))  # (batch, 256, 6, 6)
        x = tap("fc6", self.fc6(self.dropout(x.flatten(1))))  # (batch, 4096)
        x = tap("relu6", F.relu(x))  # (batch, 4096)
        x = tap("fc7", self.fc7(self.dropout(x)))  # (batch, 4096)
        x = tap("relu7", F.relu(x))  # (batch, 4096): the "4096-d vector" of the paper's section 6.1
        return tap("fc8", self.fc8(x))  # (batch, classes)

    def _rectified(self, layer: int, x: Tensor) -> Tensor:
        x = self.tap(f"conv{layer}", getattr(self, f"conv{layer}")(x))
        unseen = not (torch.is_grad_enabled() or self.tap.wants(f"conv{layer}"))
        return self.tap(f"relu{layer}", F.relu(x, inplace=unseen))  # a map less to fetch from memory

    def _normalised(self, layer: int, x: Tensor) -> Tensor:
        """The paper's section 3.3, with Caffe's k = 1, which is what the published weights were trained with."""
        if not self.plan.response_norm:
            return x
        return self.tap(f"norm{layer}", F.local_response_norm(x, size=5, alpha=1e-4, beta=0.75, k=1.0))


def windows(plan: Plan) -> dict[str, Window]:
    """The spatial sites in order, each with its window on the one before: what receptive fields are computed from."""
    norm = ("norm1", "norm2") if plan.response_norm else ()
    chain = {"input": Window(), "conv1": Window(11, 4, plan.padding), "relu1": Window(), "norm1": Window()}
    chain |= {"pool1": Window(3, 2), "conv2": Window(5, 1, 2), "relu2": Window(), "norm2": Window()}
    chain |= {"pool2": Window(3, 2)}
    for layer in (3, 4, 5):
        chain |= {f"conv{layer}": Window(3, 1, 1), f"relu{layer}": Window()}
    chain |= {"pool5": Window(3, 2)}
    return {site: window for site, window in chain.items() if not site.startswith("norm") or site in norm}


def _sides(plan: Plan) -> dict[str, int]:
    side, sides = plan.input_size, {}
    for site, window in windows(plan).items():
        side = (side + 2 * window.padding - window.kernel) // window.stride + 1
        sides[site] = side
    return sides
