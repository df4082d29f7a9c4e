"""Maps are what the network computes, and what a byte a cell keeps of them is as near as it says."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torch import Tensor

from lucarne.atlas.vision.activations import Bytes, in_bytes, maps
from lucarne.models import load
from lucarne.models.errors import Unknown
from lucarne.models.model import Model


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


PIXELS = np.random.default_rng(0).integers(256, size=(64, 64, 3), dtype=np.uint8)


def out_of(packed: Bytes) -> np.ndarray:
    """As the browser reads it, in float64."""
    low, high = packed.low.astype(np.float64)[:, None, None], packed.high.astype(np.float64)[:, None, None]
    return low + packed.tiles / 255 * (high - low)


def test_every_spatial_site_and_every_vector_comes_as_maps(model: Model) -> None:
    for site in model.sites.values():
        seen = maps(model, PIXELS, site.name)
        expected = site.shape if len(site.shape) == 3 else (*site.shape, 1, 1)
        assert tuple(seen.shape) == expected
        assert seen.dtype == torch.float32
        assert torch.equal(seen.flatten(), model.look(PIXELS[None], site.name)[site.name].flatten())


def test_an_alias_gives_the_same_maps(model: Model) -> None:
    assert torch.equal(maps(model, PIXELS, "features.6"), maps(model, PIXELS, "conv3"))


def test_the_first_layers_maps_are_its_kernels_slid_over_the_picture(model: Model) -> None:
    """Computed here by hand, in float64."""
    read = (PIXELS / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    padded = np.pad(read, ((2, 2), (2, 2), (0, 0)))
    weight, bias = (tensor.double().numpy() for tensor in model.network.conv1.parameters())  # pyright: ignore
    windows = np.lib.stride_tricks.sliding_window_view(padded, (11, 11), (0, 1))[::4, ::4]  # (y, x, colour, 11, 11)
    expected = np.einsum("yxcij,kcij->kyx", windows, weight) + bias[:, None, None]
    np.testing.assert_allclose(maps(model, PIXELS, "conv1").numpy(), expected, rtol=0, atol=1e-4)


def test_what_comes_after_a_relu_is_never_below_zero(model: Model) -> None:
    for site in model.sites:
        seen = maps(model, PIXELS, site)
        if site.startswith(("relu", "pool", "norm")):
            assert seen.min() >= 0
            assert not in_bytes(seen).low.any()
        else:
            assert seen.min() < 0


def test_an_unknown_site_is_unknown(model: Model) -> None:
    with pytest.raises(Unknown):
        maps(model, PIXELS, "conv6")


def check(values: Tensor) -> None:
    packed = in_bytes(values)
    assert packed.tiles.dtype == np.uint8
    assert packed.tiles.shape == tuple(values.shape)
    assert packed.low.dtype == packed.high.dtype == np.float32
    assert (packed.low <= 0).all()
    assert (packed.high >= 0).all()
    exact = values.double().numpy()
    reach = (packed.high.astype(np.float64) - packed.low)[:, None, None]
    assert (np.abs(out_of(packed) - exact) <= reach * (1 / 510 + 1e-5)).all()
    assert np.array_equal(packed.low, np.minimum(0, exact.min((1, 2))).astype(np.float32))
    assert np.array_equal(packed.high, np.maximum(0, exact.max((1, 2))).astype(np.float32))


def test_a_byte_is_off_by_at_most_half_a_step_at_every_site(model: Model) -> None:
    for site in model.sites:
        check(maps(model, PIXELS, site))


@settings(max_examples=200, deadline=None)
@given(
    arrays.arrays(
        np.float32, st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 5)),
        elements=st.floats(-(2.0**60), 2.0**60, width=32).filter(lambda value: value == 0 or abs(value) > 1e-30),
    )
)  # fmt: skip
def test_a_byte_is_off_by_at_most_half_a_step_for_any_numbers(values: np.ndarray) -> None:
    check(torch.from_numpy(values))


def test_maps_of_nothing_are_nothing() -> None:
    packed = in_bytes(torch.zeros(2, 3, 3))
    assert not packed.tiles.any()
    assert not packed.low.any()
    assert not packed.high.any()
    assert not out_of(packed).any()


def test_zero_stays_zero_where_nothing_is_below_it() -> None:
    packed = in_bytes(torch.tensor([[[0.0, 0.3], [0.0, 7.0]]]))
    assert packed.tiles[0, :, 0].tolist() == [0, 0]
    assert out_of(packed)[0, :, 0].tolist() == [0, 0]


def test_a_constant_map_keeps_its_value_whatever_its_sign() -> None:
    packed = in_bytes(torch.tensor([[[2.5]], [[-2.5]]]))
    assert out_of(packed).flatten().tolist() == [2.5, -2.5]
    assert packed.low.tolist() == [0, -2.5]
    assert packed.high.tolist() == [2.5, 0]


def test_each_map_has_a_scale_of_its_own() -> None:
    values = torch.stack([torch.full((2, 2), 1e-3), torch.full((2, 2), 1e3)])
    values[:, 0, 0] = 0
    np.testing.assert_allclose(out_of(in_bytes(values)), values.numpy(), rtol=1e-6)
