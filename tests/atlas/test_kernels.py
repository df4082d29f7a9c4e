"""Kernels are shown in the colours they answer to, and measured right, on waves of known direction and length."""

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from lucarne.atlas.vision.kernels import CLEAR, NOISE, clarity, kernels, measure, tiles
from lucarne.models import load
from lucarne.models.alexnet import AlexNet, Plan
from lucarne.models.errors import Unknown, Unsuitable
from lucarne.models.model import Model
from lucarne.models.training.alexnet import smooth_noise

GREY, RED, BLUE_YELLOW = (1.0, 1.0, 1.0), (1.0, 0.0, 0.0), (0.5, 0.5, -1.0)


def grating(
    degrees: float, frequency: float, colour: tuple[float, ...] = GREY, phase: float = 0.5, round: bool = False
) -> Tensor:
    """A wave (1, 3, 11, 11) whose bars run at `degrees` counter-clockwise from horizontal; y points down."""
    y, x = torch.meshgrid(torch.arange(11.0) - 5, torch.arange(11.0) - 5, indexing="ij")
    along, up = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    across = x * up + y * along  # distance from the bar through the middle
    wave = torch.cos(2 * math.pi * frequency * across + phase)
    if round:
        wave = wave * torch.exp(-(x.square() + y.square()) / 18)
    return wave[None, None] * torch.tensor(colour).view(1, 3, 1, 1)


def apart(one: float, other: float) -> float:
    """Degrees between two directions of bars: 179° and 0° are one apart."""
    return abs((one - other + 90) % 180 - 90)


@pytest.mark.parametrize("round", [False, True], ids=["full", "gabor"])
@pytest.mark.parametrize("frequency", [0.15, 0.25, 0.35])
@pytest.mark.parametrize("degrees", range(0, 180, 15))
def test_a_waves_direction_and_length_are_found(degrees: int, frequency: float, round: bool) -> None:
    measured = measure(grating(degrees, frequency, round=round))
    assert 0 <= measured.orientation[0] < 180
    assert apart(measured.orientation[0], degrees) < 6
    assert measured.frequency[0] == pytest.approx(frequency, abs=0.03)


def test_bars_are_measured_as_people_name_them() -> None:
    """Drawn, not computed: a white line on black."""
    horizontal, vertical, rising = torch.zeros(3, 1, 3, 11, 11)
    horizontal[..., 5, :] = 1
    vertical[..., :, 5] = 1
    for i in range(11):
        rising[..., 10 - i, i] = 1  # from the lower left to the upper right
    for kernel, degrees in ((horizontal, 0), (vertical, 90), (rising, 45)):
        assert apart(measure(kernel).orientation[0], degrees) < 3


def test_the_phase_of_a_wave_does_not_matter() -> None:
    for phase in np.linspace(0, 2 * math.pi, 8, endpoint=False):
        measured = measure(grating(30, 0.25, phase=phase))
        assert apart(measured.orientation[0], 30) < 6
        assert measured.frequency[0] == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize(("colour", "colourfulness"), [(GREY, 0), (RED, 2 / 3), (BLUE_YELLOW, 1), ((1, -1, 0), 1)])
def test_grey_has_no_colourfulness_and_pure_colour_has_it_all(colour: tuple[float, ...], colourfulness: float) -> None:
    assert measure(grating(45, 0.2, colour)).colourfulness[0] == pytest.approx(colourfulness, abs=1e-5)


def test_coloured_waves_are_measured_as_well_as_grey_ones() -> None:
    """Red and green bars of equal brightness have no grey wave at all."""
    measured = measure(grating(75, 0.2, (1.0, -1.0, 0.0)))
    assert apart(measured.orientation[0], 75) < 6
    assert measured.frequency[0] == pytest.approx(0.2, abs=0.03)


def test_selectivity_is_high_for_waves_and_low_for_blobs_and_noise() -> None:
    y, x = torch.meshgrid(torch.arange(11.0) - 5, torch.arange(11.0) - 5, indexing="ij")
    blob = torch.exp(-(x.square() + y.square()) / 8).expand(1, 3, 11, 11)
    noise = torch.randn(1, 3, 11, 11, generator=torch.Generator().manual_seed(0))
    wave, blob, noise = (measure(kernel).selectivity[0] for kernel in (grating(20, 0.25), blob, noise))
    assert wave > 0.8
    assert max(blob, noise) < 0.4
    assert min(wave, blob, noise) >= 0


def test_the_norm_is_the_euclidean_length() -> None:
    weight = torch.randn(4, 3, 11, 11, generator=torch.Generator().manual_seed(0))
    np.testing.assert_allclose(measure(weight).norm, weight.flatten(1).norm(dim=1).numpy(), rtol=1e-5)


def test_brightness_changes_no_measure_but_the_norm() -> None:
    one, three = (measure(grating(30, 0.2, RED) * factor) for factor in (1, 3))
    for name in ("orientation", "frequency", "colourfulness", "selectivity"):
        np.testing.assert_allclose(getattr(one, name), getattr(three, name), rtol=1e-5)
    np.testing.assert_allclose(3 * one.norm, three.norm, rtol=1e-5)


def test_a_kernel_of_zeros_or_of_one_colour_has_measures_too() -> None:
    measured = measure(torch.stack([torch.zeros(3, 11, 11), torch.ones(3, 11, 11)]))
    for name in ("orientation", "frequency", "colourfulness", "selectivity", "norm"):
        numbers = getattr(measured, name)
        assert numbers.shape == (2,)
        assert numbers.dtype == np.float32
        assert np.isfinite(numbers).all()


@pytest.mark.parametrize("stretch", ["each", "shared"])
def test_zero_is_middle_grey_and_the_largest_weight_full_colour(stretch: str) -> None:
    weight = torch.zeros(3, 3, 4, 5)
    weight[0, 0, 1, 2], weight[0, 1, 0, 0] = 2.0, -1.0
    weight[1, 2, 3, 4] = -0.5
    pictures = tiles(weight, stretch)
    assert pictures.shape == (3, 4, 5, 3)
    assert pictures.dtype == np.uint8
    assert pictures[0, 1, 2].tolist() == [255, 128, 128]
    assert pictures[0, 0, 0].tolist() == [128, 64, 128]
    assert pictures[1, 3, 4, 2] == (0 if stretch == "each" else 96)
    assert (pictures[2] == 128).all()


def test_opposite_kernels_are_opposite_pictures() -> None:
    weight = torch.randn(5, 3, 11, 11, generator=torch.Generator().manual_seed(0))
    total = tiles(weight).astype(int) + tiles(-weight)
    assert ((total >= 254) & (total <= 256)).all()


def test_the_kernels_are_the_first_layers_weights() -> None:
    model = load("tiny_alexnet", device="cpu")
    for name in ("conv1", "features.0"):
        assert torch.equal(kernels(model, name), model.network.conv1.weight)  # pyright: ignore


def test_kernels_of_a_network_that_reads_blue_first_are_shown_in_red_green_blue() -> None:
    """Painted with the kernel's picture, the input makes that kernel answer more than it does to any other colours."""
    card = load("tiny_alexnet", device="cpu").card
    network = AlexNet(Plan(**{**card.plan, "bgr": True}))
    blue = torch.zeros_like(network.conv1.weight)
    blue[:, 0] = 1  # the first channel it reads
    network.conv1.weight.data = blue
    model = Model(card, network)
    weight = kernels(model)
    assert weight[:, 2].all()
    assert not weight[:, :2].any()
    answers = []
    for channel in range(3):
        pixels = np.zeros((1, 64, 64, 3), np.uint8)
        pixels[..., channel] = 255
        answers.append(model.look(pixels, "conv1")["conv1"].mean().item())
    assert np.argmax(answers) == 2


@pytest.mark.parametrize("site", ["conv2", "relu1", "fc6", "input"])
def test_only_what_reads_pixels_has_kernels_that_are_pictures(site: str) -> None:
    with pytest.raises(Unsuitable, match="conv1") as caught:
        kernels(load("tiny_alexnet", device="cpu"), site)
    assert caught.value.field == "site"


@pytest.mark.parametrize("model", ["tiny_alexnet", "tiny_gpt"])
def test_kernels_of_a_site_that_is_none_are_unknown(model: str) -> None:
    with pytest.raises(Unknown):
        kernels(load(model, device="cpu"), "conv99")


def blob(colour: tuple[float, ...], spread: float, right: float = 0.0) -> Tensor:
    """A round spot (1, 3, 11, 11) of a colour, fading out over `spread` pixels."""
    y, x = torch.meshgrid(torch.arange(11.0) - 5, torch.arange(11.0) - 5, indexing="ij")
    spot = torch.exp(-((x - right).square() + y.square()) / (2 * spread**2))
    return spot[None, None] * torch.tensor(colour).view(1, 3, 1, 1)


def white_noise(count: int, seed: int = 0) -> Tensor:
    return torch.randn(count, 3, 11, 11, generator=torch.Generator().manual_seed(seed))


PATTERNS = {
    "gratings": torch.cat([grating(degrees, f) for degrees in range(0, 180, 15) for f in (0.08, 0.15, 0.25, 0.35)]),
    "gabors": torch.cat([grating(degrees, 0.2, RED, round=True) for degrees in range(0, 180, 15)]),
    "coloured gratings": torch.cat([grating(degrees, 0.15, BLUE_YELLOW) for degrees in range(0, 180, 15)]),
    "blobs": torch.cat([blob(colour, 2.5, right) for colour in (GREY, RED, BLUE_YELLOW) for right in (0, 2)]),
    "opponent blobs": torch.cat([blob(BLUE_YELLOW, spread) - 0.3 for spread in (2.0, 3.0, 4.0)]),
    "plain colours": torch.ones(1, 3, 11, 11) * torch.tensor(RED).view(1, 3, 1, 1),
    "crossed bars": grating(0, 0.15) + grating(90, 0.15),
    "a bar in a field of another colour": grating(60, 0.1, BLUE_YELLOW) + torch.tensor(RED).view(1, 3, 1, 1),
}


@pytest.mark.parametrize("name", PATTERNS)
def test_patterns_are_clear_even_under_a_little_noise(name: str) -> None:
    pattern = PATTERNS[name]
    assert clarity(pattern).min() >= CLEAR
    size = pattern.square().mean((1, 2, 3), keepdim=True).sqrt()
    assert clarity(pattern + 0.2 * size * white_noise(len(pattern))).min() >= CLEAR
    assert clarity(pattern + 0.35 * size * white_noise(len(pattern))).min() >= NOISE


def test_noise_is_called_noise_white_or_as_smooth_as_a_training_starts() -> None:
    torch.manual_seed(0)
    white, grey, smooth = white_noise(300), white_noise(300)[:, :1].expand(-1, 3, -1, -1), smooth_noise(300)
    assert clarity(white).max() < 0.3
    assert clarity(grey).max() < 0.5
    found = clarity(smooth)
    assert (found < NOISE).mean() > 0.9
    assert (found >= CLEAR).mean() <= 0.01
    assert (clarity(smooth + 0.5 * smooth.std() * white) < NOISE).mean() > 0.98


def test_a_pattern_drowning_in_noise_is_noise() -> None:
    pattern = PATTERNS["gratings"]
    size = pattern.square().mean((1, 2, 3), keepdim=True).sqrt()
    louder = [clarity(pattern + much * size * white_noise(len(pattern))).mean() for much in (0.0, 0.3, 0.6, 1.0, 2.0)]
    assert louder == sorted(louder, reverse=True)
    assert clarity(pattern + size * white_noise(len(pattern))).max() < NOISE


def test_clarity_follows_neither_brightness_nor_sign_nor_the_order_of_colours() -> None:
    weight = torch.cat([*PATTERNS.values(), white_noise(20)])
    found = clarity(weight)
    assert found.dtype == np.float32
    assert found.min() >= 0
    assert found.max() <= 1
    for other in (weight * 1e-3, -weight, weight.flip(1), weight.flip(3), weight.transpose(2, 3)):
        np.testing.assert_allclose(clarity(other), found, atol=2e-3)


def test_a_kernel_of_zeros_has_no_clarity() -> None:
    assert clarity(torch.zeros(2, 3, 11, 11)).tolist() == [0, 0]
