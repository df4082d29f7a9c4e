"""Every map of AlexNet: beside torchvision with hooks, and over HTTP from upload to maps beside stated limits."""

import statistics
import time
from collections.abc import Callable, Iterator

import httpx2
import numpy as np
import torch
import torchvision

from lucarne.models import load
from lucarne.models.alexnet import TORCHVISION, AlexNet
from tests.benchmarks.timing import Row, in_turn
from tests.server import photograph, running

CONVOLUTIONS = ("conv1", "conv2", "conv3", "conv4", "conv5")


def rows() -> Iterator[Row]:
    yield from beside_torchvision()
    yield from over_http()


def beside_torchvision() -> Iterator[Row]:
    ours = AlexNet(TORCHVISION).eval()
    theirs = torchvision.models.alexnet().eval()
    kept: dict[str, torch.Tensor] = {}

    def keep(name: str) -> Callable[..., None]:
        return lambda _, __, out: kept.update({name: out.clone()})  # the ReLU behind it works in place

    for name, module in theirs.features.named_children():
        module.register_forward_hook(keep(name))
    picture = torch.randn(1, 3, 224, 224)

    @torch.inference_mode()
    def watched() -> object:
        with ours.tap.watch(
            *CONVOLUTIONS, "relu1", "relu2", "relu3", "relu4", "relu5", "pool1", "pool2", "pool5"
        ) as seen:
            ours(picture)
        return seen

    @torch.inference_mode()
    def plain() -> object:
        return ours(picture)

    @torch.inference_mode()
    def hooked() -> object:
        return theirs(picture)

    yield in_turn("AlexNet at 224, all spatial sites watched", watched, "our plain pass", plain, 25)
    yield in_turn("AlexNet at 224, all spatial sites watched", watched, "torchvision with hooks", hooked, 25)
    model = load("alexnet")
    pixels = np.random.default_rng(0).integers(0, 256, (1, 128, 128, 3), dtype=np.uint8)
    yield in_turn(
        "bundled AlexNet, conv1 alone (the pass stops there)", lambda: model.look(pixels, "conv1"),
        "the whole pass", lambda: model(pixels), 25,
    )  # fmt: skip


def over_http(rounds: int = 9) -> Iterator[Row]:
    """New pictures each time, so that nothing is answered from the store."""
    with running() as (url, ready):
        yield Row("server start until /readyz", ready, "limit", 5.0)
        with httpx2.Client(base_url=url, timeout=60) as client:
            first, all_five = [], []
            for seed in range(rounds + 1):
                start = time.perf_counter()
                answer = client.post("/api/pictures", files={"file": ("photo.jpg", photograph(seed), "image/jpeg")})
                picture = answer.raise_for_status().json()["id"]
                for i, site in enumerate(CONVOLUTIONS):
                    recipe = {"kind": "activations", "model": "alexnet", "site": site, "picture": picture}
                    artifact = client.post("/api/artifacts", json=recipe).raise_for_status().json()
                    client.get(f"/api/artifacts/{artifact['id']}/tiles.safetensors").raise_for_status()
                    if i == 0:
                        first.append(time.perf_counter() - start)
                all_five.append(time.perf_counter() - start)
            yield Row(
                "upload of a 1-megapixel photo until conv1's maps are here", statistics.median(first[1:]), "limit", 0.3
            )
            yield Row("upload until the maps of all five convolutions", statistics.median(all_five[1:]), "limit", 1.0)
