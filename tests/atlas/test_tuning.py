"""A unit is tuned to what its kernel is made for."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np
import pytest
import torch

from lucarne.atlas.vision import stimuli
from lucarne.atlas.vision.kernels import CLEAR, clarity, kernels, measure
from lucarne.atlas.vision.tuning import PAIRS, TEXTURES, Curve, Tuned, answers, tuning
from lucarne.models import load
from lucarne.models.errors import Unknown, Unsuitable
from lucarne.models.model import Model

T = TypeVar("T")


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


@pytest.fixture(scope="module")
def trained() -> Model:
    return load("alexnet", device="cpu")


def wave(orientation: float, frequency: float, colours: tuple[float, float, float] = (1, 1, 1)) -> torch.Tensor:
    """A kernel (3, 11, 11): a grating in these colours without its mean."""
    drawn = stimuli.gabor(11, orientation, frequency, spread=3.5)[..., 0] / 255.0
    plane = torch.from_numpy(drawn - drawn.mean()).float()
    return plane * torch.tensor(colours).view(3, 1, 1)


def tuned_to(kernel: torch.Tensor) -> Tuned:
    made = load("tiny_alexnet", device="cpu")
    made.network.conv1.weight.data[0], made.network.conv1.bias.data[0] = kernel, 0  # pyright: ignore
    return tuning(made, "conv1", 0)


@pytest.mark.parametrize(("orientation", "frequency"), [(0, 0.15), (30, 0.2), (90, 0.12), (135, 0.25)])
def test_a_grating_for_a_kernel_is_found_again(orientation: float, frequency: float) -> None:
    tuned = tuned_to(wave(orientation, frequency))
    assert abs((tuned.orientation.best - orientation + 90) % 180 - 90) <= 5
    assert tuned.frequency.best == pytest.approx(frequency, rel=0.25)
    assert tuned.selectivity > 0.3
    assert tuned.colours == PAIRS[0]


def test_a_kernel_of_one_colour_against_another_is_tuned_in_these_colours() -> None:
    assert tuned_to(wave(0, 0.15, (1, -1, 0))).colours == PAIRS[1]
    assert tuned_to(wave(0, 0.15, (1, 1, -2))).colours == PAIRS[2]


@pytest.mark.parametrize(("colour", "hue"), [((2, -1, -1), 0), ((-1, 2, -1), 120), ((-1, -1, 2), 240)])
def test_a_kernel_that_looks_for_a_colour_prefers_its_hue_and_no_orientation(
    colour: tuple[float, float, float], hue: float
) -> None:
    tuned = tuned_to(torch.tensor(colour).float().view(3, 1, 1).expand(3, 11, 11))
    assert abs((tuned.hue.best - hue + 180) % 360 - 180) <= 15
    assert tuned.selectivity < 0.1
    assert tuned.frequency.best < 0.05, "the wider the area the better"


def test_clear_grey_kernels_of_the_trained_network_prefer_the_orientation_of_their_fourier_peak(trained: Model) -> None:
    weight = kernels(trained)
    measured = measure(weight)
    clear = (clarity(weight) > CLEAR) & (measured.selectivity > 0.6) & (measured.colourfulness < 0.2)
    numbers = np.flatnonzero(clear)[:8].tolist()
    assert len(numbers) == 8
    for unit in numbers:
        tuned = tuning(trained, "conv1", unit)
        assert abs((tuned.orientation.best - measured.orientation[unit] + 90) % 180 - 90) <= 10, unit
        assert tuned.frequency.best == pytest.approx(measured.frequency[unit], rel=0.35), unit


def test_every_curve_holds_what_the_network_answers(model: Model) -> None:
    tuned = tuning(model, "relu3", 2)
    level, fine = tuned.orientation.best, tuned.frequency.best
    waves = np.stack([stimuli.grating(64, level, fine, phase, colours=tuned.colours) for phase in (0, 90, 180, 270)])
    assert max(tuned.frequency.answers) == pytest.approx(max(answers(model, "relu3", 2, waves)), abs=1e-5)
    for name, draw in TEXTURES.items():
        seen = model.look(draw(64)[None], "relu3")["relu3"][0, 2]
        assert tuned.texture[name] == pytest.approx(float(seen.max()), abs=1e-5)


def test_curves_run_over_all_that_they_say(model: Model) -> None:
    for site in ("pool1", "conv4", "fc6", "fc8"):
        tuned = tuning(model, site, 1)
        assert tuned.orientation.x == list(range(0, 180, 5))
        assert tuned.hue.x == list(range(0, 360, 15))
        assert tuned.frequency.x == sorted(tuned.frequency.x)
        assert tuned.frequency.x[0] == pytest.approx(2 / 64)
        assert tuned.curvature.x[0] == 0
        for curve in (tuned.orientation, tuned.hue, tuned.frequency, tuned.curvature):
            assert len(curve.x) == len(curve.answers)
            assert np.isfinite(curve.answers).all()
        assert 0 <= tuned.selectivity <= 1


def with_orientations(said: list[float]) -> Tuned:
    none = Curve([0.0], [0.0])
    return Tuned(Curve([0.0, 45.0, 90.0, 135.0], said), none, none, none, {}, PAIRS[0])


def test_selectivity_is_one_minus_the_circular_variance() -> None:
    assert with_orientations([0, 3, 0, 0]).selectivity == pytest.approx(1)
    assert with_orientations([2, 2, 2, 2]).selectivity == pytest.approx(0)
    assert with_orientations([1, 1, 0, 0]).selectivity == pytest.approx(2**-0.5)
    assert with_orientations([0, 3, -5, -1]).selectivity == pytest.approx(1), "an answer below zero is none"
    assert with_orientations([-1, -1, -1, -1]).selectivity == 0


def test_progress_goes_through_the_pictures_in_batches(model: Model) -> None:
    seen: list[tuple[str, int]] = []

    def count(steps: Iterable[T], /) -> Iterator[T]:
        for step in steps:
            seen.append(step)  # pyright: ignore
            yield step

    tuning(model, "conv1", 0, count)
    assert list(dict.fromkeys(name for name, _ in seen)) == [
        "colours", "orientation", "frequency", "hue", "curvature", "texture",
    ]  # fmt: skip
    assert len(seen) > 20


def test_what_is_not_there_is_refused(model: Model) -> None:
    with pytest.raises(Unsuitable) as unsuitable:
        tuning(model, "conv3", 16)
    assert unsuitable.value.field == "unit"
    with pytest.raises(Unknown):
        tuning(model, "conv9", 0)
