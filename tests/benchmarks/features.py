"""One channel's picture at 128 px until it excites as much as that of lucent's render_vis after 512 steps.

*plain*: drawn and judged as the picture is. *strict*: drawn and judged under lucent's own transforms, averaged over 32
draws of them.
lucent is told to show the network 128 px, its own size, where it does best (unasked it enlarges every picture to 224:
the last row). Ours takes as many steps as it needs to be no worse; both take turns. For equal objectives our pictures
are drawn without a limit to their contrast, as lucent's are; `preview` and `final`, which people see, have one.
"""

import copy
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import torch

from lucarne.atlas.vision.dream import Dream, Settings
from lucarne.atlas.vision.features import FINAL, PREVIEW, render
from lucarne.atlas.vision.objectives import channel
from lucarne.atlas.vision.transforms import Wobble
from lucarne.models import load
from lucarne.models.model import Model
from tests.benchmarks.timing import Row

UNITS = (("conv3", 40), ("conv4", 42), ("conv5", 3), ("conv5", 42), ("conv4", 200), ("conv5", 120))
THEIR_STEPS = 512


def theirs(pictures: torch.Tensor) -> torch.Tensor:
    """lucent's standard transforms of pictures."""
    from lucent.optvis import transform

    return transform.compose(transform.standard_transforms)(pictures)


PLAIN = Settings(24, rate=0.5, wobble=Wobble(0), smooth=0, decay=1.25, contrast=None, margin=0)
STRICT = Settings(
    96, rate=0.3, wobble=Wobble(0), smooth=0, decay=1.3, contrast=None, momentum=(0.5, 0.9), margin=0, transforms=theirs
)


def rows() -> Iterator[Row]:
    model = load("alexnet")
    yield from first_frames(model)
    yield from beside_lucent(model)


def first_frames(model: Model, rounds: int = 9) -> Iterator[Row]:
    def first(unit: int) -> None:
        dream = Dream(model, [channel(model, "conv5", unit)], PREVIEW, 128, [0])
        dream.improve()
        dream.pixels()

    first(0)
    times = [_seconds(lambda unit=unit: first(unit)) for unit in range(rounds)]
    yield Row("first frame of a channel of conv5", statistics.median(times), "limit", 0.05)
    for name, settings, limit in (("preview", PREVIEW, 1.0), ("final", FINAL, 5.0)):
        times = [_seconds(partial(render, model, [channel(model, "conv5", unit)], settings)) for unit in range(3)]
        yield Row(f"preset {name}, {settings.steps} steps", statistics.median(times), "limit", limit)


def beside_lucent(model: Model) -> Iterator[Row]:
    network: Any = copy.deepcopy(model.network).requires_grad_(True)  # as a network is when people load it
    ratios: dict[str, list[float]] = {"plain": [], "strict": []}
    for site, unit in UNITS:
        what = f"{site} {unit}"
        drawn, seconds = lucents(network, site, unit, fixed_image_size=128)
        for way, settings, judge in (("plain", PLAIN, plainly), ("strict", STRICT, strictly)):
            steps, mine, got = least(model, site, unit, settings, partial(judge, model, site, unit), drawn)
            ratios[way].append(seconds / mine)
            yield Row(f"{what}, {way}: {steps} steps reach {got:.2f} of it", mine, "lucent render_vis", seconds)
    for way, each in ratios.items():
        print(f"{way}: {statistics.median(each):.0f}× in the median, {min(each):.0f}× to {max(each):.0f}×")
    site, unit = UNITS[1]
    drawn, seconds = lucents(network, site, unit)
    steps, mine, got = least(model, site, unit, PLAIN, partial(plainly, model, site, unit), drawn)
    yield Row(f"{site} {unit}, plain: {steps} steps reach {got:.2f} of it", mine, "lucent as it comes, at 224", seconds)


def least(
    model: Model, site: str, unit: int, settings: Settings, judged: Callable[[np.ndarray], float], drawn: np.ndarray
) -> tuple[int, float, float]:
    """The fewest steps (of a ladder by a quarter) to be judged as `drawn` is, with the median second of three.

    Third comes what part of it was reached.
    """
    np.random.seed(0)  # for their transforms
    objective, aim = channel(model, site, unit), judged(drawn)
    steps, got = settings.steps // 2, 0.0
    while got < 1 and steps < 2000:
        steps = steps * 5 // 4
        got = judged(render(model, [objective], replace(settings, steps=steps)).pixels[0] / 255) / aim
    fewer = replace(settings, steps=steps)
    return steps, statistics.median(_seconds(lambda: render(model, [objective], fewer)) for _ in range(3)), got


def lucents(network: Any, site: str, unit: int, **told: Any) -> tuple[np.ndarray, float]:
    """Their picture (128, 128, 3) in 0…1 and the seconds it took."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from lucent.optvis import objectives, param, render

        torch.manual_seed(0)
        np.random.seed(0)
        start = time.perf_counter()
        drawn = render.render_vis(
            network, objectives.channel(site, unit), lambda: param.image(128),
            thresholds=(THEIR_STEPS,), progress=False, show_image=False, **told,
        )  # fmt: skip
        return drawn[0][0], time.perf_counter() - start


def plainly(model: Model, site: str, unit: int, picture: np.ndarray) -> float:
    """The channel's mean for a picture (128, 128, 3) in 0…1."""
    pixels = (picture * 255).round().astype(np.uint8)
    return model.look(pixels[None], site)[site][0, unit].mean().item()


def strictly(model: Model, site: str, unit: int, picture: np.ndarray, draws: int = 32) -> float:
    """The channel's mean under lucent's standard transforms, brought to the network's size."""
    from lucent.optvis import transform

    np.random.seed(1)
    enlarged = torch.nn.Upsample(size=128, mode="bilinear", align_corners=True)
    shown_as = transform.compose([*transform.standard_transforms, transform.normalize(), enlarged])
    given = torch.from_numpy(picture).float().permute(2, 0, 1)[None].to(model.device)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        views = torch.cat([shown_as(given) for _ in range(draws)])
    return model.look(views, site)[site][:, unit].mean().item()


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
