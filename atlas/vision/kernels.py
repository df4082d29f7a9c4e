"""The kernels that read pixels: as pictures, and measured by the wave each answers to best."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model

FINE = 64  # side of the padded Fourier transform: peaks are found to 1/64 cycle per pixel
COARSE = 32  # the same where packets are sought, of which each is several cells wide
CLEAR = 0.76  # clarity from which a kernel has a clear peak: fewer than one in a hundred smooth noises come so far
NOISE = 0.70  # clarity below which it looks like noise: all white noise does, and 94 of 100 smooth noises


@dataclass(frozen=True)
class Measures:
    """One number per kernel each, float32 (kernels,)."""

    orientation: np.ndarray  # degrees of the bars, 0 is horizontal, counter-clockwise, 0…180
    frequency: np.ndarray  # cycles per pixel at the Fourier peak
    colourfulness: np.ndarray  # 0 for grey, 1 for pure colour: the energy off the grey axis
    selectivity: np.ndarray  # 0 for a blob or noise, 1 for a perfect grating: how much one orientation prevails
    norm: np.ndarray  # Euclidean length of the weights


def kernels(model: Model, site: str = "conv1") -> Tensor:
    """The weights of a convolution that reads pixels, in red, green, blue: (kernels, 3, height, width)."""
    name = model.site(site).name
    layer = getattr(model.network, name, None)
    if not isinstance(layer, torch.nn.Conv2d) or layer.in_channels != 3:
        raise Unsuitable(f"{name} does not read pixels: only conv1 has kernels that are pictures.", field="site")
    weight = layer.weight.detach().cpu()
    return weight.flip(1) if model.network.plan.bgr else weight  # pyright: ignore


def tiles(weight: Tensor, stretch: str = "each") -> np.ndarray:
    """Kernels (n, 3, h, w) as uint8 pictures (n, h, w, 3) in which zero is middle grey.

    Stretched so that the largest weight of each kernel, or with `shared` of all of them, is black or full colour.
    """
    largest = weight.abs().amax((1, 2, 3), keepdim=True)  # (n, 1, 1, 1)
    if stretch == "shared":
        largest = largest.amax(0, keepdim=True)
    grey = 127.5 + 127.5 * weight / largest.clamp(min=1e-12)
    return grey.round().byte().permute(0, 2, 3, 1).contiguous().numpy()


def measure(weight: Tensor) -> Measures:
    """Every kernel by the peak of its power spectrum, summed over colours, the mean taken out of each."""
    centred = weight - weight.mean((2, 3), keepdim=True)
    power = torch.fft.fft2(centred, s=(FINE, FINE)).abs().square().sum(1)  # (n, FINE, FINE)
    along_y, along_x = torch.meshgrid(torch.fft.fftfreq(FINE), torch.fft.fftfreq(FINE), indexing="ij")
    peak = power.flatten(1).argmax(1)
    peak_x, peak_y = along_x.flatten()[peak], along_y.flatten()[peak]  # (n,) cycles per pixel; y points down
    across = torch.rad2deg(torch.atan2(-peak_y, peak_x))  # the direction in which the wave runs
    double_angle = torch.polar(torch.ones_like(along_x), 2 * torch.atan2(-along_y, along_x))  # (FINE, FINE)
    resultant = (power * double_angle).sum((1, 2)).abs() / power.sum((1, 2)).clamp(min=1e-20)
    grey = weight.sum(1).square().sum((1, 2)) / 3  # energy along (1, 1, 1) / √3
    energy = weight.square().sum((1, 2, 3)).clamp(min=1e-20)
    return Measures(
        orientation=((across + 90) % 180).numpy(),
        frequency=torch.hypot(peak_x, peak_y).numpy(),
        colourfulness=(1 - grey / energy).clamp(0, 1).numpy(),
        selectivity=resultant.numpy(),
        norm=energy.sqrt().numpy(),
    )


def clarity(weight: Tensor) -> np.ndarray:
    """The part of every kernel's energy that its mean colour and two wave packets hold, float32 (kernels,), 0…1.

    A packet is what lies within a main lobe of two opposite places in the Fourier plane, in one colour: a grating, a
    bar, a blob with its surround is one; crossed bars, or a bar of one colour in a field of another, are two. These
    have 0.8 and more, 0.6 to 0.8 where a fifth of the energy is white noise on top. White noise has 0.1 to 0.2; noise
    as smooth as what AlexNet's training starts from 0.6, and rarely as much as 0.75, because its colours do not agree.
    Grey noise that smooth cannot be told from a pattern, nor can any noise in kernels of fewer than 7 pixels a side.
    """
    energy = weight.square().sum((1, 2, 3)).clamp(min=1e-20) * COARSE**2  # as the transform scales it
    mean = weight.mean((2, 3), keepdim=True)  # (n, 3, 1, 1)
    held = mean.square().sum((1, 2, 3)) * weight[0, 0].numel() * COARSE**2
    waves = torch.fft.fft2(weight - mean, s=(COARSE, COARSE)).flatten(2)  # (n, 3, place)
    power = (waves[:, :, None] * waves[:, None].conj()).real  # (n, 3, 3, place): how far colours go together there
    near = _packets(1.1 / max(weight.shape[2:]))  # (place, packet)
    for _ in range(2):
        strength = torch.linalg.eigvalsh((power @ near).movedim(-1, 1))[..., -1]  # (n, packet), in its best colour
        best = strength.argmax(1)
        held += strength.gather(1, best[:, None])[:, 0]
        power = power * (1 - near.t()[best])[:, None, None]  # the second packet lies elsewhere
    return (held / energy).clamp(0, 1).numpy()


def _packets(reach: float) -> Tensor:
    """1 where a place of the Fourier plane lies within `reach` of a packet's peak or the opposite one, else 0.

    Float32 (COARSE², packets); `reach` in cycles per pixel. There is a packet for every place of the upper half.
    """
    along_y, along_x = torch.meshgrid(torch.fft.fftfreq(COARSE), torch.fft.fftfreq(COARSE), indexing="ij")
    place = torch.stack([along_y.flatten(), along_x.flatten()])  # (2, place)
    peak = place[:, (place[0] > 0) | ((place[0] == 0) & (place[1] >= 0))]  # (2, packet)
    near = torch.zeros(place.shape[1], peak.shape[1])
    for sign in (1, -1):
        apart = (place[:, :, None] - sign * peak[:, None] + 0.5) % 1 - 0.5  # the plane is a torus
        near[apart.norm(dim=0) <= reach] = 1
    return near
