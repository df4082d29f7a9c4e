"""Feature visualisation: pictures drawn from noise, step by step, until they excite a unit of a network.

Olah, Mordvintsev, Schubert: "Feature Visualization", Distill 2017. The loop is our own: the pass stopped at the last
site needed, no gradients for weights, pictures to look at while it goes on, and noise that belongs to a picture alone.

dreams = render(model, [channel(model, "conv5", 42)], FINAL)
dreams.pixels  # uint8 (1, 128, 128, 3)
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from lucarne.atlas.vision.dream import Dream, Settings
from lucarne.atlas.vision.objectives import Objective
from lucarne.atlas.vision.transforms import Wobble
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model
from lucarne.models.progress import Progress

SMALLEST, LARGEST = 64, 512  # pixels a side

PREVIEW = Settings(steps=24, rate=0.35, smooth=0.3, wobble=Wobble(jitter=8))
FINAL = Settings(steps=128, rate=0.2, smooth=0.2, wobble=Wobble(jitter=8, zoom=(0.9, 1.1), turn=10))
PRESETS = {"preview": PREVIEW, "final": FINAL}


@dataclass(frozen=True)
class Frame:
    """Pictures on their way."""

    first: int  # number of the first of them among all that are asked for
    attempt: int
    step: int  # steps done
    pixels: np.ndarray = field(repr=False)  # uint8 (pictures, size, size, 3)


@dataclass(frozen=True)
class Dreams:
    """What was drawn, and how much it excites: the objective of the pictures as they are, without any wobble."""

    pixels: np.ndarray = field(repr=False)  # uint8 (pictures, size, size, 3)
    values: np.ndarray  # float32 (pictures,)
    attempts: np.ndarray  # int64 (pictures,): which of the tries it was


@dataclass(frozen=True)
class Group:
    """Objectives whose pictures go through the network together; those behind `wanted` only fill it up."""

    first: int  # number of its first picture
    objectives: list[Objective]
    seeds: list[int]
    wanted: int

    @property
    def pictures(self) -> int:
        return sum(each.pictures for each in self.objectives[: self.wanted])


def render(
    model: Model,
    objectives: Sequence[Objective],
    settings: Settings = PREVIEW,
    *,
    size: int | None = None,
    seeds: int | Sequence[int] = 0,
    tries: int = 1,
    start: np.ndarray | None = None,
    abreast: int | None = None,
    told: Callable[[Frame], None] | None = None,
    every: int = 2,
    progress: Progress = iter,
) -> Dreams:
    """A picture for each objective (several for one that looks at several), the best of `tries`.

    `size` is their side, the network's own if not told; `start`, uint8 (size, size, 3), is where they begin instead of
    noise. `abreast` is how many pictures go through the network at once, `together` if not told: with many to draw more
    are quicker, with few they only keep one waiting. `told` hears of the first step and then of every so many. Equal
    seeds draw equal pictures, to the bit on one CPU, whatever else is drawn with them. Raises Unsuitable.
    """
    side = size or model.card.input_size or 0
    if not SMALLEST <= side <= LARGEST:
        raise Unsuitable(f"A side has {SMALLEST} to {LARGEST} pixels.", field="size")
    each_seed = [seeds] * len(objectives) if isinstance(seeds, int) else seeds
    groups = list(grouped(zip(objectives, each_seed, strict=True), abreast or together(model.device, side)))
    best: list[Dreams | None] = [None] * len(groups)
    dream: Dream | None = None
    last = settings.steps - 1
    schedule = [(g, attempt, step) for g in range(len(groups)) for attempt in range(tries) for step in range(last + 1)]
    for g, attempt, step in progress(schedule):
        group = groups[g]
        if step == 0 or dream is None:
            dream = Dream(model, group.objectives, settings, side, group.seeds, attempt, start)
        dream.improve()
        if told is not None and (step % every == 0 or step == last):
            told(Frame(group.first, attempt, step + 1, dream.pixels()[: group.pictures]))
        if step == last:
            values = dream.values()[: group.pictures]
            drawn = Dreams(dream.pixels()[: group.pictures], values, np.full(len(values), attempt))
            best[g] = _better(best[g], drawn, group)
    done = [each for each in best if each is not None]
    return Dreams(
        np.concatenate([each.pixels for each in done]),
        np.concatenate([each.values for each in done]),
        np.concatenate([each.attempts for each in done]),
    )


def together(device: str, size: int) -> int:
    """How many pictures go through the network at once: always as many, or rounding would depend on their company.

    One on a CPU, where somebody waits for the first; on a GPU what keeps it busy.
    """
    return 1 if device == "cpu" else max(1, 32 * 128**2 // size**2)


def grouped(asked: Iterable[tuple[Objective, int]], together: int) -> Iterator[Group]:
    """Objectives with their seeds, in order, in groups of that many, the last one filled up with repetitions.

    An objective that looks at several pictures is a group of its own.
    """
    first, waiting = 0, list[tuple[Objective, int]]()
    for each in [*asked, None]:
        alone = each is None or each[0].pictures > 1
        if waiting and (alone or len(waiting) == together):
            yield (group := _filled(first, waiting, together))
            first, waiting = first + group.pictures, []
        if each is not None and alone:
            yield (group := _filled(first, [each], 1))
            first += group.pictures
        elif each is not None:
            waiting.append(each)


def _filled(first: int, asked: list[tuple[Objective, int]], together: int) -> Group:
    whole = asked + [asked[-1]] * (together - len(asked))
    return Group(first, [objective for objective, _ in whole], [seed for _, seed in whole], len(asked))


def _better(old: Dreams | None, new: Dreams, group: Group) -> Dreams:
    """For each objective the pictures that excite it more."""
    if old is None:
        return new
    first = 0
    for each in group.objectives[: group.wanted]:
        own = slice(first, first + each.pictures)
        if new.values[own].mean() > old.values[own].mean():
            old.pixels[own], old.values[own], old.attempts[own] = new.pixels[own], new.values[own], new.attempts[own]
        first += each.pictures
    return old
