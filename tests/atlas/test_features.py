"""Dreams excite what they are drawn for, come out equal for equal seeds, and stop when they are told to."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pytest
import torch
from torch import Tensor

from lucarne.atlas.vision.dream import Adam, Dream
from lucarne.atlas.vision.features import FINAL, PREVIEW, Frame, grouped, render, together
from lucarne.atlas.vision.honesty import excitement, percentile
from lucarne.atlas.vision.objectives import (
    Objective,
    along,
    caricature,
    channel,
    deep_dream,
    direction,
    direction_neuron,
    diversity,
    logit,
    neuron,
    weighted,
)
from lucarne.atlas.vision.transforms import Wobble
from lucarne.models import load
from lucarne.models.errors import Unknown, Unsuitable
from lucarne.models.model import Model

T = TypeVar("T")

FEW = replace(PREVIEW, steps=8, wobble=Wobble(2))
PIXELS = np.random.default_rng(0).integers(256, size=(64, 64, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


def noise(model: Model, objective: Objective) -> float:
    """What the objective makes of the pictures it begins with, the best of eight."""
    begun = replace(PREVIEW, steps=1, rate=0.0)
    return float(render(model, [objective], begun, tries=8).values.max())


# ── what is drawn ────────────────────────────────────────────────────────────────────────────────────────────────────


def every_objective(model: Model) -> dict[str, Objective]:
    vector = torch.randn(16, generator=torch.Generator().manual_seed(0))
    return {
        "channel": channel(model, "conv2", 3),
        "neuron": neuron(model, "conv3", 2),
        "neuron elsewhere": neuron(model, "conv3", 2, x=0, y=2),
        "class": logit(model, 8),
        "direction": direction(model, "conv3", vector),
        "direction at a cell": direction_neuron(model, "conv3", vector.numpy()),
        "weighted": weighted(model, "relu3", vector),
        "along": along(model, "conv3", vector),
        "sum": channel(model, "conv2", 3) + 0.5 * neuron(model, "conv4", 1),
        "negative": -channel(model, "conv2", 5),
        "deep dream": deep_dream(model, "conv4"),
        "caricature": caricature(model, "conv3", PIXELS),
        "after a ReLU": channel(model, "relu4", 7),
        "after pooling": neuron(model, "pool2", 1),
    }


@pytest.mark.parametrize("name", every_objective(load("tiny_alexnet", device="cpu")))
def test_a_dream_excites_far_more_than_noise(model: Model, name: str) -> None:
    objective = every_objective(model)[name]
    before = noise(model, objective)
    dreams = render(model, [objective], replace(PREVIEW, wobble=Wobble(1)))
    assert dreams.values[0] > before + 0.5 * abs(before)


def test_the_negative_goes_down(model: Model) -> None:
    up, down = (render(model, [way * channel(model, "conv2", 5)], FEW).pixels for way in (1, -1))
    before = render(model, [channel(model, "conv2", 5)], replace(FEW, steps=1, rate=0.0)).values[0]
    assert excitement(model, channel(model, "conv2", 5), down)[0] < before - 0.3
    assert excitement(model, channel(model, "conv2", 5), up)[0] > before + 0.3


def test_the_value_is_that_of_the_picture_as_anybody_would_show_it(model: Model) -> None:
    dreams = render(model, [channel(model, "conv3", 4), logit(model, 2)], FEW)
    assert dreams.values[0] == model.look(dreams.pixels[:1], "conv3")["conv3"][0, 4].mean()
    assert dreams.values[1] == model(dreams.pixels[1:])[0, 2]


def test_pictures_of_a_diverse_batch_are_less_alike(model: Model) -> None:
    alone = Objective(frozenset({"conv2"}), channel(model, "conv2", 3).measure, pictures=3)
    alike, diverse = (
        render(model, [each], replace(FEW, steps=16)) for each in (alone, alone + 5 * diversity(model, "conv2", 3))
    )
    assert diverse.pixels.shape == (3, 64, 64, 3)
    spread = diversity(model, "conv2", 3)
    assert excitement(model, spread, diverse.pixels).mean() > excitement(model, spread, alike.pixels).mean() + 0.05
    for first, second in ((0, 1), (0, 2), (1, 2)):
        assert not np.array_equal(alike.pixels[first], alike.pixels[second]), "each began with noise of its own"


def test_a_unit_that_noise_leaves_silent_wakes_up(model: Model) -> None:
    silent = neuron(model, "relu2", 2)
    begun = Dream(model, [silent], FEW, 64, [0])
    assert begun.values()[0] == 0
    assert render(model, [silent], PREVIEW).values[0] > 1


def test_a_dream_can_begin_with_a_picture(model: Model) -> None:
    smooth = np.asarray(np.add.outer(np.arange(64), np.arange(64))[..., None] * [1.8, 1, 0.5] + 10, dtype=np.uint8)
    dream = Dream(model, [deep_dream(model, "conv2")], replace(FEW, rate=0.05), 64, [0], start=smooth)
    assert np.abs(dream.pixels()[0].astype(int) - smooth).max() <= 2
    before = dream.values()
    for _ in range(4):
        dream.improve()
    assert dream.values() > before
    with pytest.raises(Unsuitable):
        render(model, [deep_dream(model, "conv2")], FEW, start=smooth[:32])
    with pytest.raises(Unsuitable):
        render(model, [deep_dream(model, "conv2")], replace(FEW, canvas="phases"), start=smooth)


def test_ones_own_transforms_are_what_the_network_is_shown(model: Model) -> None:
    wanted, still = [channel(model, "conv2", 3)], replace(FEW, wobble=Wobble(0))
    shapes: list[tuple[int, ...]] = []

    def same(pictures: Tensor) -> Tensor:
        shapes.append(tuple(pictures.shape))
        return pictures

    untouched, mirrored = (replace(FEW, transforms=each) for each in (same, lambda pictures: pictures.flip(-1)))
    plain, own = render(model, wanted, still), render(model, wanted, untouched)
    assert np.array_equal(own.pixels, plain.pixels)
    assert shapes == [(1, 3, 64, 64)] * FEW.steps, "without the margin"
    assert not np.array_equal(render(model, wanted, mirrored).pixels, plain.pixels)
    smaller = replace(FEW, steps=32, transforms=lambda pictures: pictures[..., 8:40, 8:40])
    assert render(model, wanted, smaller).values.max() > noise(model, wanted[0]), "whatever their size"


def test_phases_alone_can_draw_too(model: Model) -> None:
    objective = channel(model, "conv2", 3)
    drawn = render(model, [objective], replace(PREVIEW, canvas="phases", rate=1.0, wobble=Wobble(1)))
    assert drawn.values[0] > noise(model, objective) + 0.3


def test_pictures_come_in_the_size_that_is_asked_for(model: Model) -> None:
    for size in (65, 96):
        dreams = render(model, [channel(model, "conv4", 1), logit(model, 1)], replace(FINAL, steps=2), size=size)
        assert dreams.pixels.shape == (2, size, size, 3)
    assert together("cuda", 128) == 32
    assert together("cuda", 512) == 2
    assert together("cpu", 64) == 1


def test_the_steps_are_adams() -> None:
    start = torch.randn(50, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    numbers, theirs = start.clone(), start.clone().requires_grad_()
    ours, reference = Adam(numbers, (0.7, 0.9)), torch.optim.Adam([theirs], lr=0.1, betas=(0.7, 0.9), maximize=True)
    for step in range(5):
        theirs.grad = torch.sin(theirs.detach() * 3) + step
        ours.climb(torch.sin(numbers * 3) + step, 0.1)
        reference.step()
        torch.testing.assert_close(numbers, theirs.detach(), rtol=0, atol=1e-9)


# ── seeds ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("settings", [FEW, replace(FINAL, steps=4), replace(FEW, canvas="phases")])
def test_equal_seeds_draw_equal_pictures_in_any_company(model: Model, settings: Any) -> None:
    mine, others = channel(model, "conv3", 5), [logit(model, 1), neuron(model, "conv1", 2)]
    alone = render(model, [mine], settings, seeds=7)
    first = render(model, [mine, *others], settings, seeds=[7, 1, 2])
    last = render(model, [*others, mine], settings, seeds=[3, 4, 7])
    assert np.array_equal(alone.pixels[0], first.pixels[0])
    assert np.array_equal(alone.pixels[0], last.pixels[2])
    assert alone.values[0] == first.values[0] == last.values[2]
    other = render(model, [mine], settings, seeds=8)
    assert not np.array_equal(alone.pixels, other.pixels)


def test_neither_draws_from_nor_disturbs_the_general_generator(model: Model) -> None:
    torch.manual_seed(0)
    drawn = render(model, [channel(model, "conv3", 5)], FEW).pixels
    after = torch.rand(3)
    torch.manual_seed(0)
    assert torch.equal(after, torch.rand(3))
    assert np.array_equal(drawn, render(model, [channel(model, "conv3", 5)], FEW).pixels)


def test_the_best_of_several_tries_is_kept(model: Model) -> None:
    objectives = [channel(model, "conv3", unit) for unit in (1, 2, 3)]
    tried = [Dream(model, objectives[:1], FEW, 64, [5], attempt).pixels() for attempt in range(3)]
    assert len({each.tobytes() for each in tried}) == 3, "each begins with noise of its own"
    singles = [render(model, [each], FEW, seeds=5, tries=3) for each in objectives]
    best = render(model, objectives, FEW, seeds=5, tries=3)
    once = render(model, objectives, FEW, seeds=5)
    assert (best.values >= once.values).all()
    assert (best.values > once.values).any()
    assert np.array_equal(best.values, np.concatenate([each.values for each in singles]))
    assert np.array_equal(best.values == once.values, best.attempts == 0)


def test_groups_are_always_as_large(model: Model) -> None:
    """On a GPU, where several pictures go through the network at once."""
    single, pair = channel(model, "conv3", 1), diversity(model, "conv3", 2)
    asked = [(single, 0), (single, 1), (single, 2), (pair, 3), (single, 4)]
    groups = list(grouped(asked, 2))
    assert [len(each.objectives) for each in groups] == [2, 2, 1, 2]
    assert [each.wanted for each in groups] == [2, 1, 1, 1]
    assert [each.first for each in groups] == [0, 2, 3, 5]
    assert [each.seeds[: each.wanted] for each in groups] == [[0, 1], [2], [3], [4]]


def test_pictures_drawn_together_are_those_drawn_alone_but_for_rounding(model: Model) -> None:
    objectives = [channel(model, "conv2", 3), neuron(model, "conv3", 2), logit(model, 1)]
    dream = Dream(model, objectives, replace(FEW, steps=3), 64, [4, 5, 6])
    for _ in range(3):
        dream.improve()
    alone = render(model, objectives, replace(FEW, steps=3), seeds=[4, 5, 6]).pixels
    assert np.abs(dream.pixels().astype(int) - alone).max() <= 3


# ── on the way ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_frames_come_in_order_and_end_with_the_picture(model: Model) -> None:
    frames: list[Frame] = []
    objectives = [channel(model, "conv3", 1), diversity(model, "conv2", 2), channel(model, "conv1", 1)]
    settings = replace(FEW, steps=6)
    dreams = render(model, objectives, settings, tries=2, told=frames.append, every=4)
    told = [(frame.first, frame.attempt, frame.step) for frame in frames]
    assert told == [(first, attempt, step) for first in (0, 1, 3) for attempt in (0, 1) for step in (1, 5, 6)]
    for frame in frames:
        assert frame.pixels.dtype == np.uint8
        assert frame.pixels.shape == (2 if frame.first == 1 else 1, 64, 64, 3)
    chosen = next(frame for frame in frames if frame.step == 6 and frame.attempt == dreams.attempts[0])
    assert np.array_equal(chosen.pixels[0], dreams.pixels[0])


def test_cancelling_stops_at_once(model: Model) -> None:
    class Cancelled(Exception):
        pass

    def cancel_after_three(steps: Iterable[T], /) -> Iterator[T]:
        assert len(list(steps)) == 16, "two tries of eight steps"
        for count, step in enumerate(steps):
            if count == 3:
                raise Cancelled
            yield step

    frames: list[Frame] = []
    with pytest.raises(Cancelled):
        render(
            model, [channel(model, "conv3", 1)], FEW, tries=2, told=frames.append, every=1, progress=cancel_after_three
        )
    assert [frame.step for frame in frames] == [1, 2, 3]
    assert model.taps.watches == []
    assert model.taps.edits == {}


def test_nothing_behind_the_target_is_computed(model: Model) -> None:
    passed: list[str] = []

    def note(site: str) -> Any:
        return lambda value: passed.append(site) or value

    with model.edit({site: note(site) for site in model.sites}):
        dream = Dream(model, [channel(model, "conv3", 1) + channel(model, "relu1", 2)], FEW, 64, [0])
        for _ in range(5):
            dream.improve()
    names = list(model.sites)
    until = names[1 : names.index("conv3") + 1]
    needed = [site for site in until if site != "relu1"]  # there another hand, which lets gradients through, is laid on
    assert {site: passed.count(site) for site in needed if site != "conv1"} == dict.fromkeys(needed[1:], 5)
    assert not set(passed) & set(names[names.index("conv3") + 1 :])


def test_no_gradient_is_computed_for_any_weight(model: Model) -> None:
    render(model, [logit(model, 1)], replace(FEW, steps=1))
    assert all(parameter.grad is None for parameter in model.network.parameters())


def test_an_edit_of_the_network_is_an_edit_of_its_dreams(model: Model) -> None:
    objective = channel(model, "conv3", 1)
    whole = render(model, [objective], FEW)
    with model.edit({"conv2": lambda value: value * torch.tensor([0.0] * 6 + [1.0] * 6).view(1, -1, 1, 1)}):
        halved = render(model, [objective], FEW)
    assert not np.array_equal(whole.pixels, halved.pixels)


# ── what is refused ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_not_there_is_refused(model: Model) -> None:
    with pytest.raises(Unknown) as unknown:
        channel(model, "conv9", 0)
    assert unknown.value.field == "site"
    for unit in (-1, 16, 10**30):
        with pytest.raises(Unsuitable, match="conv3 has 16 units, numbered 0 to 15") as caught:
            channel(model, "conv3", unit)
        assert caught.value.field == "unit"
        with pytest.raises(Unsuitable):
            neuron(model, "conv3", unit)
    for index in (-1, 10):
        with pytest.raises(Unsuitable, match="10 classes, numbered 0 to 9"):
            logit(model, index)
    with pytest.raises(Unsuitable, match="16 numbers"):
        direction(model, "conv3", np.zeros(15))
    with pytest.raises(Unsuitable, match="picture itself"):
        channel(model, "input", 0)
    with pytest.raises(Unsuitable, match="3 cells wide"):
        render(model, [neuron(model, "conv3", 1, x=3)], FEW)
    with pytest.raises(Unsuitable, match="size of its picture"):
        render(model, [caricature(model, "conv2", PIXELS)], FEW, size=96)
    with pytest.raises(Unsuitable):
        channel(load("tiny_gpt", device="cpu"), "hook_embed", 0)


def test_a_size_that_cannot_be_is_refused(model: Model) -> None:
    for size in (-64, 63, 513, 10**9):
        with pytest.raises(Unsuitable) as caught:
            render(model, [channel(model, "conv3", 1)], FEW, size=size)
        assert caught.value.field == "size"


def test_an_alias_is_the_same_objective(model: Model) -> None:
    named, aliased = (render(model, [channel(model, site, 3)], FEW).pixels for site in ("conv3", "features.6"))
    assert np.array_equal(named, aliased)


# ── honesty ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_percentile_says_how_many_real_pictures_lie_below() -> None:
    real = np.arange(100, dtype=np.float32)
    assert percentile(-1, real) == 0
    assert percentile(1000, real) == 100
    assert percentile(50, real) == pytest.approx(50.5)
    assert np.isnan(percentile(1, real[:0]))


def test_excitement_is_the_same_in_batches(model: Model) -> None:
    pixels = np.random.default_rng(1).integers(256, size=(70, 64, 64, 3), dtype=np.uint8)
    objective = channel(model, "conv4", 2)
    singly = np.concatenate([excitement(model, objective, each[None]) for each in pixels])
    np.testing.assert_allclose(excitement(model, objective, pixels), singly, rtol=1e-4, atol=1e-6)
    larger = np.random.default_rng(1).integers(256, size=(2, 96, 96, 3), dtype=np.uint8)
    assert excitement(model, logit(model, 1), larger).shape == (2,)


def test_objectives_are_numbers_per_picture(model: Model) -> None:
    seen: dict[str, Tensor] = model.look(np.stack([PIXELS, PIXELS[::-1]]), *model.sites)
    for objective in every_objective(model).values():
        assert objective(seen).shape == (2,)
        assert objective.sites <= set(seen)
