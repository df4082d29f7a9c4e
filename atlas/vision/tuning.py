"""What a unit answers to drawn pictures of which one thing is varied: orientation, frequency, hue, curvature, texture.

A unit's *answer* to a picture is the largest value of its map. Gratings are drawn in the colours, and orientations at
the frequency, that excite it most in a coarse search over both, as is done with neurons (De Valois, Albrecht, Thorell:
"Spatial frequency selectivity of cells in macaque visual cortex", Vision Research 22, 1982).
"""

import colorsys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from lucarne.atlas.vision import stimuli
from lucarne.atlas.vision.stimuli import BLACK, GREY, WHITE, Colour, Pair, Pixels
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model
from lucarne.models.progress import Progress

BATCH = 32
PAIRS: tuple[Pair, ...] = ((BLACK, WHITE), ((0, 160, 0), (255, 0, 0)), ((0, 0, 255), (200, 200, 0)))
PHASES = (0, 90, 180, 270)  # degrees
ORIENTATIONS = range(0, 180, 5)  # degrees
HUES = range(0, 360, 15)  # degrees
LONGEST, FINEST = 2, 0.45  # cycles per picture, cycles per pixel
FREQUENCIES = 19
TURNS = range(0, 360, 30)  # degrees by which arcs are turned
CURVATURES = 9
TIGHTEST = 10  # curvature of the tightest arc, in one over the picture's side
CURVES = ("orientation", "frequency", "hue", "curvature")

TEXTURES: dict[str, Callable[[int], Pixels]] = {
    "grey": lambda size: stimuli.uniform(size, saturation=0),
    "stripes": lambda size: stimuli.stripes(size, orientation=45, frequency=8 / size),
    "checkerboard": lambda size: stimuli.checkerboard(size, cell=size / 12),
    "rings": lambda size: stimuli.rings(size, frequency=8 / size),
    "star": stimuli.star,
    "spots": lambda size: stimuli.spots(size, spacing=size / 7, radius=size / 25),
    "honeycomb": lambda size: stimuli.honeycomb(size, spacing=size / 6, wall=size / 45),
    "brick": lambda size: stimuli.brick(size, width=size / 3.5, height=size / 9, mortar=size / 56),
    "wood": lambda size: stimuli.wood(size, frequency=11 / size),
    "clouds": stimuli.noise,
    "white noise": lambda size: stimuli.noise(size, exponent=0),
    "coloured noise": lambda size: stimuli.noise(size, exponent=1, coloured=True),
}


@dataclass(frozen=True)
class Curve:
    """The best answer over everything else that was varied, for each of `x`."""

    x: list[float]
    answers: list[float]

    @property
    def best(self) -> float:
        """The x with the largest answer."""
        return self.x[int(np.argmax(self.answers))]


@dataclass(frozen=True)
class Tuned:
    """A unit's answers, and the colours of the gratings they were found with."""

    orientation: Curve  # degrees of the bars, 0…175, counter-clockwise from level
    frequency: Curve  # cycles per pixel, at the best orientation
    hue: Curve  # degrees of the colour wheel, of gratings of that hue and grey
    curvature: Curve  # one over the radius, per pixel
    texture: dict[str, float]
    colours: Pair

    @property
    def selectivity(self) -> float:
        """1 for a unit that answers to one orientation alone, 0 for one that does not care: 1 − circular variance.

        The length of the mean of the answers as vectors at twice their angle, answers below zero being none (Ringach,
        Shapley, Hawken: "Orientation selectivity in macaque V1", Journal of Neuroscience 22, 2002).
        """
        heard = np.maximum(self.orientation.answers, 0)
        vectors = heard * np.exp(2j * np.radians(self.orientation.x))
        return float(abs(vectors.sum()) / heard.sum()) if heard.any() else 0.0


@dataclass(frozen=True)
class Best:
    """What has excited the unit most so far."""

    colours: Pair = PAIRS[0]
    orientation: float = 0
    frequency: float = 0.1


def tuning(model: Model, site: str, unit: int, progress: Progress = iter) -> Tuned:
    """How a unit's answer varies with what it is shown, in five curves. Raises Unknown or Unsuitable."""
    card, size = model.site(site), model.card.input_size or 0
    units = card.shape[0] or 0
    if not 0 <= unit < units:
        raise Unsuitable(f"{card.name} has {units} units, numbered 0 to {units - 1}.", field="unit")
    trials = _trials(size)
    schedule = [(search, first) for search, each in trials.items() for first in range(0, len(each), BATCH)]
    said: dict[str, list[float]] = {name: [] for name in trials}
    best = Best()
    for search, first in progress(schedule):
        pictures = [_drawn(search, trial, size, best) for trial in trials[search][first : first + BATCH]]
        said[search] += answers(model, card.name, unit, np.stack(pictures))
        if len(said[search]) == len(trials[search]):
            best = _better(best, search, trials[search][int(np.argmax(said[search]))])
    curves = {name: _curve(trials[name], said[name]) for name in CURVES}
    texture = dict(zip(TEXTURES, said["texture"], strict=True))
    return Tuned(**curves, texture=texture, colours=best.colours)


def answers(model: Model, site: str, unit: int, pixels: np.ndarray) -> list[float]:
    """The largest value of a unit's map for each picture, uint8 (pictures, size, size, 3)."""
    seen = model.look(pixels, site)[site][:, unit]  # (pictures, height, width) or (pictures,)
    return seen.flatten(1).amax(1).tolist() if seen.dim() > 1 else seen.tolist()


def _trials(size: int) -> dict[str, list[Any]]:
    """All that is varied in each search, in the order of the searches; what a curve runs over comes first."""
    frequencies = np.geomspace(LONGEST / size, FINEST, FREQUENCIES).tolist()
    curvatures = np.linspace(0, TIGHTEST / size, CURVATURES).tolist()
    return {
        "colours": list(product(PAIRS, frequencies[::3], ORIENTATIONS[::4], PHASES[::2])),
        "orientation": list(product(ORIENTATIONS, PHASES)),
        "frequency": list(product(frequencies, PHASES)),
        "hue": list(product(HUES, PHASES[::2])),
        "curvature": list(product(curvatures, TURNS, (False, True))),
        "texture": list(TEXTURES),
    }


def _drawn(search: str, trial: Any, size: int, best: Best) -> Pixels:
    match search, trial:
        case "colours", (pair, frequency, orientation, phase):
            return stimuli.grating(size, orientation, frequency, phase, colours=pair)
        case "orientation", (orientation, phase):
            return stimuli.grating(size, orientation, best.frequency, phase, colours=best.colours)
        case "frequency", (frequency, phase):
            return stimuli.grating(size, best.orientation, frequency, phase, colours=best.colours)
        case "hue", (hue, phase):
            pair = (GREY, _saturated(hue))
            return stimuli.grating(size, best.orientation, best.frequency, phase, colours=pair)
        case "curvature", (curvature, turn, swapped):
            first, second = best.colours
            width = float(np.clip(0.5 / best.frequency, 2, size / 6))  # half a cycle
            return stimuli.curve(size, curvature, turn, width, colours=(second, first) if swapped else (first, second))
        case _:
            return TEXTURES[trial](size)


def _better(best: Best, search: str, trial: Any) -> Best:
    if search == "colours":
        return Best(colours=trial[0], frequency=trial[1], orientation=trial[2])
    return replace(best, **{search: trial[0]}) if search in ("orientation", "frequency") else best


def _curve(trials: Sequence[Any], said: Sequence[float]) -> Curve:
    heard: dict[float, float] = {}
    for trial, answer in zip(trials, said, strict=True):
        heard[float(trial[0])] = max(answer, heard.get(float(trial[0]), -np.inf))
    return Curve(list(heard), list(heard.values()))


def _saturated(hue: float) -> Colour:
    red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue / 360, 0.5, 1))
    return red, green, blue
