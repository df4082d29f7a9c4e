"""The kernels between two units are those by which one really moves the other."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import Tensor

from lucarne.atlas.vision.kernels import kernels
from lucarne.atlas.vision.weights import LAYERS, Strands, layer_of, reads, writes
from lucarne.models import load
from lucarne.models.errors import Unknown, Unsuitable
from lucarne.models.model import Model

BEFORE = {"conv2": "pool1", "conv3": "pool2", "conv4": "relu3", "conv5": "relu4", "fc6": "pool5", "fc7": "relu6"}
BEFORE |= {"fc8": "relu7"}  # what each layer multiplies with its weights
PIXELS = np.random.default_rng(0).integers(256, size=(1, 64, 64, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


def units(model: Model, site: str) -> int:
    return model.site(site).shape[0] or 0


def impulse(unit: int, row: int, column: int) -> Callable[[Tensor], Tensor]:
    """Silence everywhere but 1 in one cell of one unit."""

    def change(value: Tensor) -> Tensor:
        alone = torch.zeros_like(value)
        alone[(0, unit) if value.dim() == 2 else (0, unit, row, column)] = 1
        return alone

    return change


@pytest.mark.parametrize("layer", BEFORE)
def test_an_impulse_before_a_layer_draws_the_kernel_behind_it(model: Model, layer: str) -> None:
    """Convolution with an impulse is the kernel, turned upside down; the bias is taken off."""
    unit = units(model, layer) - 2  # of the second group, where there are two
    found = reads(model, layer, unit, 3)
    side = (model.site(BEFORE[layer]).shape[1:] or (1, 1))[0] or 1
    bias = getattr(model.network, layer).bias[unit]
    for source, kernel in zip(found.units, found.kernels, strict=True):
        height, width = kernel.shape
        drawn = torch.zeros(height, width)
        for row in range(height):
            for column in range(width):
                # fc6 reads each cell with a weight of its own; a convolution reads alike everywhere
                at = (row, column) if layer == "fc6" else (side // 2, side // 2)
                with model.edit({BEFORE[layer]: impulse(source, *at)}):
                    answer = model.look(PIXELS, layer)[layer][0, unit]
                if answer.dim() == 0:
                    drawn[row, column] = answer - bias
                    continue
                away = (side // 2 + height // 2 - row, side // 2 + width // 2 - column)
                inside = all(0 <= place < side for place in away)
                drawn[row, column] = answer[away] - bias if inside else kernel[row, column]
        torch.testing.assert_close(drawn, kernel, rtol=0, atol=1e-5)


def test_the_first_layer_reads_colours(model: Model) -> None:
    found = reads(model, "pool1", 3, 12)
    assert sorted(found.units) == [0, 1, 2]
    assert found.layer == "picture"
    for colour, kernel in zip(found.units, found.kernels, strict=True):
        assert torch.equal(kernel, kernels(model)[3, colour])


@pytest.mark.parametrize("layer", LAYERS)
def test_the_strongest_come_first_and_none_is_left_out(model: Model, layer: str) -> None:
    found = reads(model, layer, 1, 50)
    assert len(found.units) == min(50, found.among)
    assert torch.equal(found.strength, found.kernels.flatten(1).norm(dim=1))
    assert (found.strength.diff() <= 0).all()
    everything = reads(model, layer, 1, 10_000)
    assert len(everything.units) == len(set(everything.units)) == everything.among
    assert everything.units[: len(found.units)] == found.units


def test_groups_read_their_own_half_only(model: Model) -> None:
    for layer in ("conv2", "conv4", "conv5"):
        outs, ins = units(model, layer), units(model, BEFORE[layer])
        assert sorted(reads(model, layer, 0, 999).units) == list(range(ins // 2))
        assert sorted(reads(model, layer, outs - 1, 999).units) == list(range(ins // 2, ins))
        assert sorted(writes(model, BEFORE[layer], 0, 999).units) == list(range(outs // 2))
        assert sorted(writes(model, BEFORE[layer], ins - 1, 999).units) == list(range(outs // 2, outs))


def test_who_reads_a_unit_is_who_says_so(model: Model) -> None:
    for layer, following in pairwise(LAYERS):
        for unit in (0, units(model, layer) - 1):
            found = writes(model, layer, unit, 4)
            assert found.layer == following
            for reader, kernel in zip(found.units, found.kernels, strict=True):
                back = reads(model, following, reader, 10_000)
                assert back.layer == layer
                assert torch.equal(back.kernels[back.units.index(unit)], kernel)


def test_every_site_belongs_to_a_layer(model: Model) -> None:
    found: dict[str, Strands] = {}
    for name, site in model.sites.items():
        if name == "input":
            continue
        assert layer_of(model, name)[-1] == name[-1]
        strands = reads(model, name, 0, 2)
        assert found.setdefault(layer_of(model, name), strands).units == strands.units
        assert site.shape[0] == units(model, layer_of(model, name))
    assert list(found) == list(LAYERS)


def test_the_last_layer_is_read_by_none_and_what_is_not_there_is_refused(model: Model) -> None:
    with pytest.raises(Unsuitable) as unsuitable:
        writes(model, "fc8", 0, 4)
    assert unsuitable.value.field == "end"
    for look in (reads, writes):
        with pytest.raises(Unsuitable, match="numbered 0 to 15") as unsuitable:
            look(model, "conv3", 16, 4)
        assert unsuitable.value.field == "unit"
        with pytest.raises(Unknown):
            look(model, "conv9", 0, 4)


def test_a_network_that_reads_blue_first_still_tells_red_from_blue() -> None:
    plain, turned = load("tiny_alexnet", device="cpu"), load("tiny_alexnet", device="cpu")
    object.__setattr__(turned.network.plan, "bgr", True)
    turned.network.conv1.weight.data = plain.network.conv1.weight.data.flip(1)  # pyright: ignore
    one, other = (reads(each, "conv1", 2, 3) for each in (plain, turned))
    assert one.units == other.units
    assert torch.equal(one.kernels, other.kernels)
