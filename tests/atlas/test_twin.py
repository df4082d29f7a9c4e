"""A network's twin computes what the network computes, and the same gradients, only sooner."""

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from lucarne.atlas.vision.twin import Plain, Strided, quick_precision, twin
from lucarne.models.alexnet import CAFFE, AlexNet, Plan
from lucarne.models.taps import Watch
from lucarne.models.tiny import draw

SMALL = {"input_size": 64, "classes": 10, "kernels": (8, 12, 16, 12, 8), "hidden": 32}
PLANS = {
    "ours": Plan(**SMALL, response_norm=False, padding=2),
    "torchvision's": Plan(**SMALL, groups=1, response_norm=False, padding=2),
    "the paper's": Plan(**{**SMALL, "input_size": 67}, response_norm=True),
}


def network_of(plan: Plan) -> AlexNet:
    network = AlexNet(plan).eval().requires_grad_(False)
    draw(network)
    return network


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@settings(max_examples=60, deadline=None)
@given(
    kernel=st.integers(1, 11),
    stride=st.integers(2, 5),
    padding=st.integers(0, 5),
    spare=st.integers(0, 9),
    cells=st.integers(1, 5),
    channels=st.sampled_from([1, 3]),
    batch=st.integers(1, 3),
)
def test_the_quick_gradient_of_a_strided_convolution_is_autograds(
    kernel: int, stride: int, padding: int, spare: int, cells: int, channels: int, batch: int
) -> None:
    side = max(1, kernel + (cells - 1) * stride + spare % stride - 2 * padding)
    if side + 2 * padding < kernel:
        return
    layer = nn.Conv2d(channels, 4, kernel, stride, padding).double()
    picture = random(batch, channels, side, side).double().requires_grad_()
    ours = Strided(layer, torch.float64)(picture)
    theirs = layer(picture)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-12)
    upstream = random(*theirs.shape, seed=1).double()
    (quick,) = torch.autograd.grad(ours, picture, upstream)
    (slow,) = torch.autograd.grad(theirs, picture, upstream)
    torch.testing.assert_close(quick, slow, rtol=0, atol=1e-12)


def test_conv1_of_the_bundled_network_takes_the_quick_way() -> None:
    network = network_of(PLANS["ours"])
    layers = dict(twin(network).named_children())
    assert type(layers["conv1"]) is Strided
    assert type(layers["conv2"]) is Plain
    picture = random(2, 3, 64, 64).requires_grad_()
    upstream = random(2, 8, 15, 15, seed=1)
    (quick,) = torch.autograd.grad(layers["conv1"](picture), picture, upstream)
    (slow,) = torch.autograd.grad(network.conv1(picture), picture, upstream)
    torch.testing.assert_close(quick, slow, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", PLANS)
def test_every_site_and_the_gradient_of_the_picture_are_the_networks(name: str) -> None:
    network = network_of(PLANS[name])
    picture = random(2, 3, PLANS[name].input_size, PLANS[name].input_size).requires_grad_()
    watches, logits = [Watch(frozenset({"conv1", "pool2", "conv5", "fc7"})) for _ in range(2)], []
    for watch, each in zip(watches, (network, twin(network)), strict=True):
        network.tap.watches.append(watch)
        logits.append(each(picture.contiguous(memory_format=torch.channels_last)))
        network.tap.watches.clear()
    torch.testing.assert_close(logits[1], logits[0], rtol=0, atol=1e-4)
    for site, value in watches[0].seen.items():
        torch.testing.assert_close(watches[1].seen[site], value, rtol=0, atol=1e-4)
    theirs, ours = (torch.autograd.grad(each[:, 3].sum(), picture)[0] for each in logits)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-5)


def test_half_precision_pulls_the_same_way() -> None:
    network = network_of(PLANS["ours"])
    picture = random(1, 3, 64, 64).requires_grad_()
    pulls = []
    for precision in (torch.float32, torch.bfloat16):
        logits = twin(network, precision)(picture.to(precision))
        assert logits.dtype == precision
        pulls.append(torch.autograd.grad(logits[0, 3].float(), picture)[0])
    assert F.cosine_similarity(pulls[0].flatten(), pulls[1].flatten(), dim=0) > 0.98


def test_precision_is_lowered_only_where_the_network_can_bear_it() -> None:
    assert quick_precision(network_of(PLANS["the paper's"])) == torch.float32
    capabilities = torch.cpu.get_capabilities() if hasattr(torch.cpu, "get_capabilities") else {}
    expected = torch.bfloat16 if capabilities.get("avx512_bf16") else torch.float32
    assert quick_precision(network_of(PLANS["ours"])) == expected
    assert CAFFE.response_norm


def test_a_twin_is_made_once_and_leaves_the_network_as_it_was() -> None:
    network = network_of(PLANS["ours"])
    before = {name: type(layer) for name, layer in network.named_children()}
    first = twin(network)
    assert twin(network) is first
    assert twin(network, torch.bfloat16) is not first
    assert {name: type(layer) for name, layer in network.named_children()} == before
    assert isinstance(first, AlexNet)
    assert first.tap is network.tap, "who watches the one watches the other"
