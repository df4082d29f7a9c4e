"""How a picture is written down while it is optimised: as a spectrum, in colours that natural pictures keep apart.

The only file that knows lucent. Its Fourier parameterisation and colours (after lucid: Olah, Mordvintsev, Schubert,
"Feature Visualization", Distill 2017) are what makes the pictures; from it come the frequencies and the colour matrix.
Its own `param.image` draws noise from one generator for the whole batch and lies on the first GPU there is, so that a
picture would depend on its neighbours and on the machine.
"""

from collections.abc import Sequence
from typing import Protocol

import torch
import torch.nn.functional as F
from lucent.optvis.param.color import color_correlation_normalized
from lucent.optvis.param.spatial import rfft2d_freqs
from torch import Tensor

MAGIC = 4.0  # lucid's divisor of spectra: with it Adam's usual rates neither creep nor saturate
GENTLE = 0.05  # slope in brightness per pixel, of 0…1, below which total variation is rounded off
SPREAD = 0.01  # standard deviation of the noise a spectrum begins with

# Magnitudes of the spectra of 3,000 photographs, as logits of sRGB: exp(offset) · frequency ** slope, for each of the
# three decorrelated colours (light, blue to yellow, green to magenta), frequency in cycles per pixel.
NATURAL_SLOPES = (-1.37, -1.20, -1.18)
NATURAL_OFFSETS = (-2.11, -2.30, -1.98)
NATURAL_CONTRAST = 1.35  # the median photograph's standard deviation, as logits of sRGB


class Canvas(Protocol):
    """Pictures that can be improved by moving `numbers`."""

    numbers: Tensor  # the leaf that is optimised, (pictures, …)

    def pictures(self) -> Tensor:
        """(pictures, 3, size, size) in 0…1, differentiable with respect to `numbers`."""
        ...


class Spectrum:
    """Real and imaginary parts, each frequency weighted by `frequency ** -decay` as in natural pictures.

    What Adam moves alike in every number thus moves coarse shapes first. The standard deviation of the picture's logits
    is kept from growing above `contrast`; None lets it grow, as lucent does.
    """

    def __init__(self, noise: Tensor, decay: float = 1.0, contrast: float | None = None) -> None:
        self._size = noise.shape[-3]
        self._scale = (frequencies(self._size, noise.device) ** -decay / MAGIC)[..., None]  # (size, size // 2 + 1, 1)
        self._contrast = contrast
        self._colours = colours(noise.device)
        self.numbers = (noise * SPREAD).requires_grad_()  # (pictures, 3, size, size // 2 + 1, 2)

    def pictures(self) -> Tensor:
        logits = self._logits()
        if self._contrast is not None:
            logits = logits * (self._contrast / _contrast(logits)).clamp(max=1)
        return torch.sigmoid(logits)  # (pictures, 3, size, size)

    def begin_with(self, pixels: Tensor) -> None:
        """Become these pictures, (pictures, 3, size, size) in 0…1, at their own contrast if it is above the limit."""
        logits = torch.logit(pixels.clamp(0.01, 0.99))
        apart = torch.einsum("ij,njyx->niyx", torch.linalg.inv(self._colours), logits)
        spectrum = torch.view_as_real(torch.fft.rfft2(apart, norm="ortho"))
        self.numbers.data = spectrum / self._scale
        if self._contrast is not None:
            self._contrast = max(self._contrast, _contrast(logits).max().item())

    def _logits(self) -> Tensor:
        spectrum = torch.view_as_complex(self.numbers * self._scale)
        apart = torch.fft.irfft2(spectrum, s=(self._size, self._size), norm="ortho")
        return torch.einsum("ij,njyx->niyx", self._colours, apart)


class Phases:
    """Only phases move; magnitudes stay those of natural pictures (Fel et al.: MACO, NeurIPS 2023)."""

    def __init__(self, noise: Tensor, contrast: float = NATURAL_CONTRAST) -> None:
        self._size = noise.shape[-3]
        grid = frequencies(self._size, noise.device)
        slopes, offsets = (
            torch.tensor(each, device=noise.device).view(3, 1, 1) for each in (NATURAL_SLOPES, NATURAL_OFFSETS)
        )
        self._magnitudes = offsets.exp() * grid**slopes  # (3, size, size // 2 + 1)
        self._magnitudes[:, 0, 0] = 0  # no tint of the whole picture
        self._contrast = contrast
        self._colours = colours(noise.device)
        self.numbers = torch.atan2(noise[..., 0], noise[..., 1]).requires_grad_()  # (pictures, 3, size, size // 2 + 1)

    def pictures(self) -> Tensor:
        spectrum = self._magnitudes * torch.complex(self.numbers.cos(), self.numbers.sin())
        apart = torch.fft.irfft2(spectrum, s=(self._size, self._size), norm="ortho")
        logits = torch.einsum("ij,njyx->niyx", self._colours, apart)
        return torch.sigmoid(logits * (self._contrast / _contrast(logits)))


def noise(size: int, generators: Sequence[torch.Generator], device: str) -> Tensor:
    """What canvases begin with: normal, (pictures, 3, size, size // 2 + 1, 2), each picture from its own generator."""
    shape = (3, size, size // 2 + 1, 2)
    return torch.stack([torch.randn(shape, generator=generator) for generator in generators]).to(device)


def frequencies(size: int, device: torch.device | str) -> Tensor:
    """(size, size // 2 + 1) in cycles per pixel, the constant counted as one cycle over the whole picture."""
    grid = torch.from_numpy(rfft2d_freqs(size, size)).float()[:, : size // 2 + 1]
    return grid.clamp(min=1 / size).to(device)


def colours(device: torch.device | str) -> Tensor:
    """(rgb, decorrelated): the square root of the correlation of colours in natural pictures."""
    return torch.from_numpy(color_correlation_normalized).float().to(device)


def roughness_pull(pictures: Tensor) -> Tensor:
    """The gradient of the total variation of pictures (n, 3, height, width): which way each pixel makes it rougher.

    The length of a slope is taken over both directions, and rounded off where it is small, or flat parts break up into
    squares.
    """
    down, right = F.pad(pictures.diff(dim=2), (0, 0, 0, 1)), F.pad(pictures.diff(dim=3), (0, 1))
    slope = (down.square() + right.square() + GENTLE**2).rsqrt()
    down, right = down * slope, right * slope
    return F.pad(down[:, :, :-1], (0, 0, 1, 0)) - down + F.pad(right[:, :, :, :-1], (1, 0)) - right


def _contrast(logits: Tensor) -> Tensor:
    """Standard deviation of each picture, (n, 1, 1, 1)."""
    return logits.std((1, 2, 3), keepdim=True).clamp(min=1e-6)
