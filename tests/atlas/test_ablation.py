"""Changing nothing moves nothing; changing channels changes what lies behind them and nothing else."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lucarne.atlas.vision.ablation import Touch, ablation, divergence
from lucarne.atlas.vision.predictions import predictions
from lucarne.models import load
from lucarne.models.errors import Unknown, Unsuitable
from lucarne.models.model import Model

PIXELS = np.random.default_rng(0).integers(256, size=(64, 64, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


def places(model: Model) -> list[str]:
    return [name for name, site in model.sites.items() if site.axes != ("colour", "y", "x")]


def test_changing_nothing_moves_nothing(model: Model) -> None:
    for site in places(model):
        for touches in ([], [Touch(0, "boost", 1.0)]):
            changed = ablation(model, PIXELS, site, touches)
            assert changed.before == changed.after
            assert changed.moved == 0


def test_before_is_what_the_network_takes_the_picture_for(model: Model) -> None:
    changed = ablation(model, PIXELS, "conv3", [], k=4)
    for answer, expected in zip(changed.before, predictions(model, PIXELS, 4), strict=True):
        assert answer.index == expected.index
        assert answer.label == expected.label
        assert answer.probability == pytest.approx(expected.probability, abs=1e-6)
        assert answer.logit == pytest.approx(expected.logit, abs=1e-6)


def test_silencing_a_whole_layer_leaves_what_the_biases_say(model: Model) -> None:
    changed = ablation(model, PIXELS, "relu7", [Touch(unit) for unit in range(32)], k=10)
    bias = model.network.fc8.bias  # pyright: ignore
    for answer in changed.after:
        assert answer.logit == pytest.approx(float(bias[answer.index]), abs=1e-6)  # pyright: ignore


def test_a_logit_is_clamped_to_what_was_asked_and_boosted_by_it(model: Model) -> None:
    plain = model(PIXELS[None])[0]
    changed = ablation(model, PIXELS, "fc8", [Touch(2, "clamp", 7.5), Touch(3, "boost", -2.0), Touch(4)], k=10)
    after = {answer.index: answer.logit for answer in changed.after}
    expected = {index: float(value) for index, value in enumerate(plain)} | {2: 7.5, 3: -2 * float(plain[3]), 4: 0.0}
    assert after == pytest.approx(expected)


def test_the_whole_map_is_changed_and_no_other(model: Model) -> None:
    with model.watch("conv2") as seen:
        ablation(model, PIXELS, "conv2", [Touch(5, "clamp", 3.0), Touch(6)])
    assert not seen, "who watches around it is not told of the edited pass"
    changed = ablation(model, PIXELS, "conv2", [Touch(5, "clamp", 3.0), Touch(6)], k=10)

    def by_hand(value: torch.Tensor) -> torch.Tensor:
        value = value.clone()
        value[:, 5], value[:, 6] = 3.0, 0.0
        return value

    with model.edit({"conv2": by_hand}):
        logits = model(PIXELS[None])[0]
    for answer in changed.after:
        assert answer.logit == pytest.approx(float(logits[answer.index]), abs=1e-6)


def test_both_lists_hold_the_same_classes_likeliest_before_first(model: Model) -> None:
    changed = ablation(model, PIXELS, "relu6", [Touch(unit) for unit in range(16)], k=3)
    assert [each.index for each in changed.before] == [each.index for each in changed.after]
    assert 3 <= len(changed.before) <= 6
    odds = [each.probability for each in changed.before]
    assert odds == sorted(odds, reverse=True)
    best = sorted(changed.after, key=lambda each: -each.probability)[0]
    everything = ablation(model, PIXELS, "relu6", [Touch(unit) for unit in range(16)], k=10)
    assert best.index == max(everything.after, key=lambda each: each.probability).index
    assert sum(each.probability for each in everything.after) == pytest.approx(1)


def test_how_far_the_answer_moves_is_the_divergence_of_what_is_listed(model: Model) -> None:
    changed = ablation(model, PIXELS, "relu5", [Touch(0), Touch(1, "boost", 30.0)], k=10)
    pairs = zip(changed.after, changed.before, strict=True)
    expected = sum(now.probability * math.log(now.probability / then.probability) for now, then in pairs)
    assert changed.moved == pytest.approx(expected, rel=1e-6)
    assert changed.moved > 0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-30, 30), min_size=2, max_size=6), st.lists(st.floats(-30, 30), min_size=2, max_size=6))
def test_the_divergence_is_never_below_zero_and_zero_for_the_same(one: list[float], other: list[float]) -> None:
    size = min(len(one), len(other))
    first, second = (torch.tensor(each[:size], dtype=torch.float64) for each in (one, other))
    assert divergence(first, second) >= 0
    assert divergence(first, first) == 0
    assert divergence(first, first + 5) == pytest.approx(0, abs=1e-12), "a shift of all logits says nothing"


def test_what_is_not_there_or_told_twice_is_refused(model: Model) -> None:
    for touches, said in (
        ([Touch(16)], "conv3 has 16 units, numbered 0 to 15."),
        ([Touch(-1)], "conv3 has 16 units, numbered 0 to 15."),
        ([Touch(3), Touch(3, "boost", 2)], "Unit 3 is changed twice. Say once what becomes of it."),
    ):
        with pytest.raises(Unsuitable) as unsuitable:
            ablation(model, PIXELS, "conv3", touches)
        assert unsuitable.value.detail == said
        assert unsuitable.value.field == "edits"
    with pytest.raises(Unknown):
        ablation(model, PIXELS, "conv9", [])
    assert not model.taps.edits
