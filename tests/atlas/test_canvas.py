"""What pictures are written on while they are drawn, and how they are looked at."""

import math

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from lucarne.atlas.vision.parameterisation import (
    GENTLE,
    NATURAL_CONTRAST,
    Phases,
    Spectrum,
    frequencies,
    noise,
    roughness_pull,
)
from lucarne.atlas.vision.transforms import Wobble, views

SIDES = (64, 65, 144)


def drawn(side: int, count: int = 1, seed: int = 0) -> Tensor:
    return noise(side, [torch.Generator().manual_seed(seed + i) for i in range(count)], "cpu")


def logits(pictures: Tensor) -> Tensor:
    return torch.logit(pictures.detach().double())


@pytest.mark.parametrize("side", SIDES)
def test_canvases_hold_pictures_of_their_size_that_can_be_improved(side: int) -> None:
    for canvas in (Spectrum(drawn(side, 2)), Phases(drawn(side, 2))):
        pictures = canvas.pictures()
        assert pictures.shape == (2, 3, side, side)
        assert 0 < pictures.min() < pictures.max() < 1
        (gradient,) = torch.autograd.grad(pictures[:, :, 3:20, 5:9].sum(), canvas.numbers)
        assert gradient.abs().sum() > 0


def test_contrast_does_not_grow_above_its_limit() -> None:
    for size in (1, 30, 1000):
        canvas = Spectrum(drawn(64) * size, contrast=1.0)
        limited, free = logits(canvas.pictures()), logits(Spectrum(drawn(64) * size).pictures().clamp(1e-7, 1 - 1e-7))
        assert limited.std() <= 1.001
        if free.std() < 1:
            torch.testing.assert_close(limited, free, rtol=1e-3, atol=1e-3)
        else:
            assert limited.std() == pytest.approx(1, abs=1e-3)


def test_a_spectrum_can_become_any_picture() -> None:
    given = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(3)) * 0.9 + 0.05
    for contrast in (None, 0.2):
        canvas = Spectrum(drawn(64), decay=1.2, contrast=contrast)
        canvas.begin_with(given)
        torch.testing.assert_close(canvas.pictures(), given, rtol=0, atol=1e-4)


def test_the_decay_is_that_of_the_amplitudes() -> None:
    steep, flat = (logits(Spectrum(drawn(128), decay=decay).pictures()).sum(1) for decay in (1.5, 0.0))
    ratio = torch.fft.rfft2(steep).abs() / torch.fft.rfft2(flat).abs()
    grid = frequencies(128, "cpu").double()
    inner = (grid > 0.05) & (grid < 0.4)
    slope = (ratio[0][inner].log() / grid[inner].log()).median()
    assert slope == pytest.approx(-1.5, abs=0.02)


def test_phases_keep_the_magnitudes_of_natural_pictures_whatever_they_are() -> None:
    canvas = Phases(drawn(64))
    for _ in range(2):
        pictures = logits(canvas.pictures())
        assert pictures.std() == pytest.approx(NATURAL_CONTRAST, rel=1e-3)
        power = torch.fft.rfft2(pictures).abs().square().sum(1)[0]
        grid = frequencies(64, "cpu")
        coarse, fine = (power[(grid > low) & (grid < 2 * low)].mean() for low in (0.03, 0.24))
        assert 8 ** (2 * 1.2) / 2 < coarse / fine < 8 ** (2 * 1.4) * 2, (
            "three octaves, amplitudes as 1/f to the 1.2…1.4"
        )
        canvas.numbers.data += torch.randn_like(canvas.numbers)


def test_the_pull_of_roughness_is_the_gradient_of_total_variation() -> None:
    pictures = torch.rand(2, 3, 9, 7, generator=torch.Generator().manual_seed(0), dtype=torch.float64).requires_grad_()
    down = F.pad(pictures[:, :, 1:] - pictures[:, :, :-1], (0, 0, 0, 1))
    right = F.pad(pictures[:, :, :, 1:] - pictures[:, :, :, :-1], (0, 1))
    total = (down**2 + right**2 + GENTLE**2).sqrt().sum()
    (expected,) = torch.autograd.grad(total, pictures)
    torch.testing.assert_close(roughness_pull(pictures.detach()), expected, rtol=0, atol=1e-12)


def ramp(canvas: int) -> Tensor:
    """Red grows to the right, green downwards, from 0 to 1 over the canvas; pixels know where they are."""
    along = (torch.arange(canvas) + 0.5) / canvas
    return torch.stack([along.expand(canvas, -1), along[:, None].expand(-1, canvas), torch.zeros(canvas, canvas)])[None]


def middle(view: Tensor) -> tuple[float, float]:
    """Where on the ramp a view's middle lies, in canvas widths from the left and the top."""
    side = view.shape[-1]
    square = view[0, :2, side // 2 - 2 : side // 2 + 2, side // 2 - 2 : side // 2 + 2].mean((1, 2))
    return square[0].item(), square[1].item()


def test_a_view_that_wobbles_nowhere_is_the_middle_of_the_canvas() -> None:
    canvas = torch.rand(1, 3, 80, 80)
    for wobble in (Wobble(8), Wobble(8, turn=1e-9)):  # whole pixels; the warp
        view = views(canvas, 64, wobble, [[0.5] * 4], 64)
        torch.testing.assert_close(view, canvas[:, :, 8:72, 8:72], rtol=0, atol=1e-4)


def test_jitter_moves_zoom_enlarges_and_turning_turns() -> None:
    canvas = ramp(80)
    for turn in (0.0, 1e-9):
        left, top = middle(views(canvas, 64, Wobble(8, turn=turn), [[1.0, 0.0, 0.5, 0.5]], 64))
        assert left == pytest.approx(0.5 + 8 / 80, abs=0.01)
        assert top == pytest.approx(0.5 - 8 / 80, abs=0.01)
    wide, near = (views(canvas, 64, Wobble(0, zoom=(0.8, 2.0)), [[0.5, 0.5, z, 0.5]], 64)[0, 0] for z in (0.0, 1.0))
    assert (wide[32, 40] - wide[32, 24]) * 80 == pytest.approx(16 / 0.8, abs=0.1)
    assert (near[32, 40] - near[32, 24]) * 80 == pytest.approx(16 / 2.0, abs=0.1)
    turned = views(canvas, 64, Wobble(0, turn=30), [[0.5, 0.5, 0.5, 1.0]], 64)[0]
    slope = (turned[:2, 32, 40] - turned[:2, 32, 24]) * 80 / 16
    assert math.degrees(math.atan2(slope[1].item(), slope[0].item())) == pytest.approx(30, abs=0.5)


def test_a_view_that_is_zoomed_in_may_lie_anywhere_on_the_picture() -> None:
    canvas = ramp(80)
    wobble = Wobble(0, zoom=(1.0, 2.0))
    left, top = middle(views(canvas, 64, wobble, [[0.0, 1.0, 1.0, 0.5]], 64))
    assert left == pytest.approx((8 + 16) / 80, abs=0.01)
    assert top == pytest.approx((8 + 48) / 80, abs=0.01)


def test_views_of_other_sides_show_the_same() -> None:
    for side in (32, 64, 128):
        view = views(ramp(80), side, Wobble(4, (0.9, 1.1), 5), [[0.7, 0.3, 0.5, 0.5]], 64)
        assert view.shape == (1, 3, side, side)
        assert middle(view) == pytest.approx((0.5 + 0.4 * 4 / 80, 0.5 - 0.4 * 4 / 80), abs=0.005)
