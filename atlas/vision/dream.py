"""Pictures on their way: what they are written on, how they are looked at, and one step uphill."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from lucarne.atlas.vision.honesty import excitement
from lucarne.atlas.vision.objectives import Objective, sees_whole
from lucarne.atlas.vision.parameterisation import NATURAL_CONTRAST, Canvas, Phases, Spectrum, noise, roughness_pull
from lucarne.atlas.vision.transforms import DRAWS, Wobble, views
from lucarne.atlas.vision.twin import order, quick_precision, twin
from lucarne.models.alexnet import windows
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model
from lucarne.models.taps import FEATURES, Edit

Transform = Callable[[Tensor], Tensor]

LENIENT = 16  # steps in which a ReLU that lets nothing through still passes gradients that would open it


@dataclass(frozen=True)
class Settings:
    """How pictures are drawn. What the numbers were compared with is in DECISIONS.md.

    `transforms` are one's own, as lucent's users write them: of pictures (n, 3, size, size) in 0…1 they make what the
    network is to be shown, of any size. What is random in them is theirs to seed.
    """

    steps: int
    rate: float  # Adam's, falling to nothing along half a cosine
    wobble: Wobble
    smooth: float = 0.2  # pull towards less total variation, as a part of the objective's pull
    decay: float = 1.1  # of amplitudes with frequency
    contrast: float | None = NATURAL_CONTRAST
    momentum: tuple[float, float] = (0.7, 0.9)
    margin: int = 16  # pixels drawn beyond the picture's edges and cut off, half on either side
    canvas: Literal["spectrum", "phases"] = "spectrum"
    transforms: Transform | None = field(default=None, repr=False)  # instead of `wobble`


class Dream:
    """Pictures that are drawn together. `improve` does one step; `pixels` shows how far they are.

    `start`, uint8 (size, size, 3), is where they begin instead of noise. Raises Unsuitable.
    """

    def __init__(
        self,
        model: Model,
        objectives: Sequence[Objective],
        settings: Settings,
        size: int,
        seeds: Sequence[int],
        attempt: int = 0,
        start: np.ndarray | None = None,
    ) -> None:
        self._model, self._objectives, self._settings, self._size = model, list(objectives), settings, size
        self._sites = sorted(frozenset[str]().union(*(each.sites for each in objectives)))
        whole = sees_whole(model, self._sites)
        self._side = (model.card.input_size or size) if whole else size  # of what the network is shown
        if not whole:
            _check_cells(model, self._sites, size)
        finest = max(1.0, size / self._side)  # the zoom at which no detail is lost
        low, high = settings.wobble.zoom
        self._wobble = replace(settings.wobble, zoom=(low, high * finest))
        network: Any = model.network
        self._precision = quick_precision(network)
        random = [
            generator(seed, attempt, i)
            for seed, each in zip(seeds, objectives, strict=True)
            for i in range(each.pictures)
        ]
        self._canvas = _canvas(settings, size, random, model.device, start)
        self._draws = torch.stack([torch.rand(settings.steps, DRAWS, generator=each) for each in random], 1).tolist()
        self._adam = Adam(self._canvas.numbers, settings.momentum)
        self._step = 0

    def improve(self) -> None:
        """One step uphill."""
        settings, step = self._settings, self._step
        pictures = self._canvas.pictures()  # (pictures, 3, canvas, canvas)
        shown = pictures.detach().requires_grad_()
        values = self._values(self._views(shown))
        (pull,) = torch.autograd.grad(values.sum(), shown)
        pull = _unit(pull)
        if settings.smooth:
            pull = pull - settings.smooth * _unit(roughness_pull(shown.detach()))
        total = (pictures * pull).sum()  # torch would take half a second once if it were handed `pull` itself
        (uphill,) = torch.autograd.grad(total, self._canvas.numbers)
        self._adam.climb(uphill, settings.rate * (0.5 + 0.5 * math.cos(math.pi * step / settings.steps)))
        self._step += 1

    def _views(self, pictures: Tensor) -> Tensor:
        """What the network is shown of pictures (n, 3, canvas, canvas) at this step: (n, 3, side, side)."""
        if self._settings.transforms is None:
            return views(pictures, self._side, self._wobble, self._draws[self._step], self._size)
        changed = self._settings.transforms(self._middle(pictures))
        return F.interpolate(changed, size=(self._side, self._side), mode="bilinear", align_corners=True)

    def _middle(self, pictures: Tensor) -> Tensor:
        """Without the margin."""
        inside = slice(self._settings.margin // 2, self._settings.margin // 2 + self._size)
        return pictures[:, :, inside, inside]

    @torch.no_grad()
    def pixels(self) -> np.ndarray:
        """uint8 (pictures, size, size, 3), without the margin."""
        middle = self._middle(self._canvas.pictures())
        return (middle * 255).round().byte().permute(0, 2, 3, 1).contiguous().cpu().numpy()

    def values(self) -> np.ndarray:
        """How much the pictures excite as they are, without wobble: float32 (pictures,)."""
        pixels, values, first = self.pixels(), [], 0
        for objective in self._objectives:
            values.append(excitement(self._model, objective, pixels[first : first + objective.pictures]))
            first += objective.pictures
        return np.concatenate(values)

    def _values(self, view: Tensor) -> Tensor:
        """What the objectives make of views (pictures, 3, side, side): (pictures,)."""
        network: Any = twin(self._model.network, self._precision)
        read = ((view.flip(1) if network.plan.bgr else view) - network.mean) / network.std
        read = read.contiguous(memory_format=order(read.device)).to(self._precision)
        with _lenient(self._model, self._sites, self._step), self._model.watch(*self._sites, stop=True) as seen:
            network(read)
        counts = [each.pictures for each in self._objectives]
        parts = {site: value.float().split(counts) for site, value in seen.items()}
        return torch.cat([each({site: parts[site][i] for site in parts}) for i, each in enumerate(self._objectives)])


class Adam:
    """Kingma and Ba, ICLR 2015, uphill. torch's own takes seconds when first used: it brings a compiler along."""

    def __init__(self, numbers: Tensor, momentum: tuple[float, float]) -> None:
        self._numbers, self._momentum, self._step = numbers.detach(), momentum, 0
        self._mean, self._square = torch.zeros_like(self._numbers), torch.zeros_like(self._numbers)

    def climb(self, gradient: Tensor, rate: float) -> None:
        first, second = self._momentum
        self._step += 1
        self._mean.lerp_(gradient, 1 - first)
        self._square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        scale = (self._square / (1 - second**self._step)).sqrt_().add_(1e-8)
        self._numbers.addcdiv_(self._mean, scale, value=rate / (1 - first**self._step))


def generator(*seeds: int) -> torch.Generator:
    """One for these numbers together; torch by itself looks at 32 bits of one."""
    return torch.Generator().manual_seed(int(np.random.SeedSequence(seeds).generate_state(1)[0]))


def _canvas(
    settings: Settings, size: int, random: Sequence[torch.Generator], device: str, start: np.ndarray | None
) -> Canvas:
    drawn = noise(size + settings.margin, random, device)
    if settings.canvas == "phases":
        if start is not None:
            raise Unsuitable("A picture to begin with goes with the canvas 'spectrum' only.", field="start")
        return Phases(drawn, settings.contrast or NATURAL_CONTRAST)
    canvas = Spectrum(drawn, settings.decay, settings.contrast)
    if start is not None:
        if start.shape != (size, size, 3):
            raise Unsuitable("The picture to begin with must have the size that is drawn.", field="start")
        pixels = torch.from_numpy(start.astype(np.float32) / 255).permute(2, 0, 1)[None].to(device)
        canvas.begin_with(F.pad(pixels, [settings.margin // 2] * 4, mode="reflect").expand(len(random), -1, -1, -1))
    return canvas


@contextmanager
def _lenient(model: Model, sites: Sequence[str], step: int) -> Iterator[None]:
    """In the first steps let gradients through the last ReLU before each site where they would open it (as lucid does).

    Else a unit that noise leaves at zero never says which way is up.
    """
    edits, before = {}, {}
    for site in sites if step < LENIENT else ():
        if site.endswith(FEATURES):
            edits |= _every_feature_heard(model, site)
        elif site.startswith(("relu", "norm", "pool")):
            layer = site[-1]
            closed = f"conv{layer}" if f"conv{layer}" in model.sites else f"fc{layer}"

            def keep(value: Tensor, closed: str = closed) -> Tensor:
                before[closed] = value
                return value

            def reopen(_: Tensor, closed: str = closed) -> Tensor:
                opened: Any = _LenientReLU.apply(before[closed])
                return opened

            edits |= {closed: keep, f"relu{layer}": reopen}
    with model.edit(edits):
        yield


def _every_feature_heard(model: Model, site: str) -> dict[str, Edit]:
    """Edits with which also the features a dictionary did not choose say which way is up; their values stay."""
    base = site.removesuffix(FEATURES)
    glass = model.glass(site)
    held: list[Tensor] = []

    def keep(value: Tensor) -> Tensor:
        held[:] = [value]
        return value

    def open_up(said: Tensor) -> Tensor:
        wished = glass.before(held[0])
        return said.detach() + wished - wished.detach()

    return {base: keep, site: open_up}


class _LenientReLU(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx.save_for_backward(x)
        return x.relu()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:  # pyright: ignore[reportIncompatibleMethodOverride]
        (x,) = ctx.saved_tensors
        return torch.where((x > 0) | (gradient > 0), gradient, 0)


def _check_cells(model: Model, sites: Sequence[str], size: int) -> None:
    plan: Any = model.network.plan
    side = size
    for site, window in windows(plan).items():
        side = (side + 2 * window.padding - window.kernel) // window.stride + 1
        if side < 1 and (site in sites or site + FEATURES in sites):
            raise Unsuitable(
                f"At that size nothing is left of the picture at {site}. Ask for a larger one.", field="size"
            )


def _unit(pull: Tensor) -> Tensor:
    """Each picture's pull at length 1."""
    return pull / pull.flatten(1).norm(dim=1).clamp(min=1e-12).view(-1, 1, 1, 1)
