"""Watching shows what a network computes and changes nothing; editing changes it, exactly as long as the block."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from lucarne.models import load
from lucarne.models.alexnet import AlexNet
from lucarne.models.errors import Unknown
from lucarne.models.model import Model


def shifted(value: Tensor) -> Tensor:
    """A change that no later layer undoes."""
    return value + torch.randn(value.shape, generator=torch.Generator().manual_seed(1))


def test_every_site_can_be_watched_and_has_the_shape_its_card_says(model: Model, inputs: np.ndarray) -> None:
    with model.watch(*model.sites) as seen:
        model(inputs)
    assert list(seen) == list(model.sites)
    lengths = {"position": 11, "query": 11, "key": 11}
    for name, site in model.sites.items():
        expected = [lengths[axis] if side is None else side for axis, side in zip(site.axes, site.shape, strict=True)]
        assert list(seen[name].shape) == [2, *expected], name


def test_every_site_says_what_it_is(model: Model) -> None:
    for site in model.sites.values():
        assert site.about.endswith(".")
        assert len(site.axes) == len(site.shape)
        assert all(side is None or side > 0 for side in site.shape)


def test_no_later_step_writes_over_what_was_seen(model: Model, inputs: np.ndarray) -> None:
    together = model.look(inputs, *model.sites)
    for name, value in together.items():
        alone = model.look(inputs, name)[name]  # the pass ends here: nothing comes later
        torch.testing.assert_close(value, alone, rtol=1e-4, atol=1e-5, msg=name)
    if "conv1" in together:
        assert (together["conv1"] < 0).any()


def test_watching_everything_changes_nothing(model: Model, inputs: np.ndarray) -> None:
    plain = model(inputs)
    with model.watch(*model.sites):
        watched = model(inputs)
    torch.testing.assert_close(watched, plain, rtol=0, atol=1e-5)


def test_what_was_seen_is_the_same_whoever_else_watches(model: Model, inputs: np.ndarray) -> None:
    with model.watch(*model.sites) as together:
        model(inputs)
    for name in model.sites:
        torch.testing.assert_close(model.look(inputs, name)[name], together[name], rtol=0, atol=1e-5)


def test_watching_ends_with_the_block(model: Model, inputs: np.ndarray) -> None:
    site = next(iter(model.sites))
    with model.watch(site) as seen:
        pass
    model(inputs)
    assert seen == {}
    assert not model.taps.watches


def test_watching_ends_also_when_an_exception_leaves_the_block(model: Model) -> None:
    with pytest.raises(ZeroDivisionError), model.watch(next(iter(model.sites)), stop=True):
        raise ZeroDivisionError
    assert not model.taps.watches


def test_an_edit_at_every_site_takes_effect_and_ends_with_the_block(model: Model, inputs: np.ndarray) -> None:
    plain = model(inputs)
    for name in model.sites:
        with model.edit({name: shifted}):
            edited = model(inputs)
        assert (edited - plain).abs().max() > 1e-4, name
    assert torch.equal(model(inputs), plain)


def test_an_edit_ends_also_when_an_exception_leaves_the_block(model: Model, inputs: np.ndarray) -> None:
    plain = model(inputs)
    with pytest.raises(ZeroDivisionError), model.edit({next(iter(model.sites)): shifted}):
        raise ZeroDivisionError
    assert torch.equal(model(inputs), plain)


def test_an_edit_that_raises_leaves_nothing_behind(model: Model, inputs: np.ndarray) -> None:
    def fail(value: Tensor) -> Tensor:
        raise ZeroDivisionError

    plain = model(inputs)
    site = next(iter(model.sites))
    with pytest.raises(ZeroDivisionError), model.edit({site: fail}), model.watch(site):
        model(inputs)
    assert torch.equal(model(inputs), plain)
    assert not model.taps.watches


def test_the_edited_value_is_the_one_that_is_seen(model: Model, inputs: np.ndarray) -> None:
    for name in model.sites:
        with model.edit({name: torch.zeros_like}):
            assert not model.look(inputs, name)[name].any(), name


def test_an_inner_edit_leaves_the_outer_one_alone(model: Model, inputs: np.ndarray) -> None:
    first, *_, last = model.sites
    with model.edit({first: shifted}):
        outer = model(inputs)
        with model.edit({last: torch.zeros_like}):
            assert not model(inputs).any()
        assert torch.equal(model(inputs), outer)


def test_looking_computes_no_further_than_needed(model: Model, inputs: np.ndarray) -> None:
    def probe(name: str) -> Callable[[Tensor], Tensor]:
        def reach(value: Tensor) -> Tensor:
            reached.append(name)
            return value

        return reach

    order = list(model.sites)
    with model.edit({name: probe(name) for name in order}):
        for last, name in enumerate(order):
            reached: list[str] = []
            model.look(inputs, order[0], name)
            assert reached == order[: last + 1]


def test_an_outer_watch_sees_what_happens_in_an_inner_block(model: Model, inputs: np.ndarray) -> None:
    first, second, *_, last = model.sites
    with model.watch(first, last) as outer:
        with model.watch(first, second) as inner:
            model(inputs)
        assert set(inner) == {first, second}
        assert set(outer) == {first, last}
        assert torch.equal(outer[first], inner[first])


def test_an_inner_stop_ends_the_inner_block_only(model: Model, inputs: np.ndarray) -> None:
    first, *_, last = model.sites
    went_on = False
    with model.watch(last) as outer:
        assert set(model.look(inputs, first)) == {first}
        assert outer == {}
        model(inputs)
        went_on = True
    assert went_on
    assert set(outer) == {last}


def test_undisturbed_is_as_if_nobody_watched_or_edited(model: Model, inputs: np.ndarray) -> None:
    plain = model(inputs)
    first, *_, last = model.sites
    with model.watch(last, stop=True) as seen, model.edit({first: torch.zeros_like}):
        with model.undisturbed():
            assert torch.equal(model(inputs), plain), "and the pass is not stopped"
            with model.watch(first) as inner:
                model(inputs)
            assert inner[first].any()
        assert not seen
        model(inputs)
    assert last in seen


def test_an_outer_stop_ends_the_inner_block_too(model: Model, inputs: np.ndarray) -> None:
    first, *_, last = model.sites
    with model.watch(first, stop=True) as outer:
        with model.watch(last) as inner:
            model(inputs)
        pytest.fail("the outer block has seen enough")
    assert set(outer) == {first}
    assert inner == {}


@pytest.mark.parametrize("alias", ["features.0", "features_0", "conv1"])
def test_torchvisions_and_lucents_names_are_aliases(alias: str) -> None:
    model = load("tiny_alexnet", device="cpu")
    pixels = np.zeros((1, 64, 64, 3), np.uint8)
    assert model.site(alias).name == "conv1"
    assert set(model.look(pixels, alias)) == {"conv1"}
    with model.edit({alias: torch.zeros_like}):
        assert not model.look(pixels, "relu1")["relu1"].any()


def test_every_alias_means_one_site(model: Model) -> None:
    aliases = [alias for site in model.sites.values() for alias in site.aliases]
    assert len({*aliases, *model.sites}) == len(aliases) + len(model.sites)
    for site in model.sites.values():
        assert all(model.site(alias) is site for alias in site.aliases)


@pytest.mark.parametrize(
    ("name", "wrong", "near"),
    [("tiny_alexnet", "conv9", "conv1"), ("tiny_gpt", "blocks.1.attn.hook_patern", "blocks.1.attn.hook_pattern")],
)
def test_an_unknown_site_is_answered_with_the_nearest(name: str, wrong: str, near: str) -> None:
    model = load(name, device="cpu")
    attempts = (
        lambda: model.site(wrong),
        lambda: model.watch(wrong).__enter__(),
        lambda: model.edit({wrong: shifted}).__enter__(),
    )
    for attempt in attempts:
        with pytest.raises(Unknown) as caught:
            attempt()
        assert near in caught.value.candidates
        assert near in caught.value.detail
        assert caught.value.field == "site"


def test_pictures_may_come_read_only_or_mirrored_and_as_numbers_the_network_reads() -> None:
    model = load("tiny_alexnet", device="cpu")
    pixels = np.random.default_rng(0).integers(256, size=(1, 64, 64, 3), dtype=np.uint8)
    pixels.flags.writeable = False
    plain = model(pixels)
    assert torch.equal(model(pixels[:, :, ::-1][:, :, ::-1]), plain)
    assert torch.equal(model(torch.from_numpy(pixels.copy())), plain)
    assert isinstance(model.network, AlexNet)
    assert torch.equal(model(model.network.read(torch.from_numpy(pixels.copy()))), plain)
    assert not model(pixels[:, :, ::-1]).equal(plain)


def test_gradients_flow_where_they_are_wanted() -> None:
    model = load("tiny_alexnet", device="cpu")
    picture = torch.zeros(1, 3, 64, 64, requires_grad=True)
    with model.watch("conv3", stop=True) as seen:
        model.network(picture)
    seen["conv3"].square().sum().backward()
    assert picture.grad is not None
    assert picture.grad.abs().sum() > 0
