"""Steering is the clamp one computes by hand, on one text of the batch alone; and what is measured is countable."""

import json
import math
from pathlib import Path

import pytest
import torch

from lucarne.atlas.language import concepts, loudness
from lucarne.atlas.language.concepts import HELD, USUAL, WORDS, concept, habits, is_word, rise_of
from lucarne.atlas.language.dose import dose_response
from lucarne.atlas.language.generation import Sampling, generation
from lucarne.atlas.language.shelf import different, measured, shelf, ship
from lucarne.atlas.language.steering import Push, measures, repetition, steering
from lucarne.models import load
from lucarne.models.dictionary import load_dictionary
from lucarne.models.errors import TooMuch, Unknown, Unsuitable
from lucarne.models.model import Model

from ..shipped import READER, add_dictionary
from ..shipped import ship as ship_networks

BASE = "blocks.3.hook_resid_pre"
SITE = f"{BASE}.features"
TEXT = "the fox"
GREEDY = Sampling(temperature=0)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    """A small reader with a dictionary that is wrong a little: something is left over."""
    ship_networks(tmp_path, monkeypatch)
    monkeypatch.setattr(loudness.weights, "BUNDLED", tmp_path)
    add_dictionary(tmp_path, "gpt", spoiled=0.1)
    loudness._kept.clear()
    return load("gpt", device="cpu")


def by_hand(
    model: Model, prompt: list[int], unit: int, value: float | None, add: float, first: int, count: int
) -> list[int]:
    """The likeliest tokens with a feature at `value` (or louder by `add`), each pass from the beginning."""
    dictionary = load_dictionary("gpt", BASE)

    def change(stream: torch.Tensor) -> torch.Tensor:
        said = dictionary.encode(stream)[..., unit]  # (text, position)
        change = (value - said) if value is not None else torch.full_like(said, add)
        change[:, :first] = 0
        return stream + change[..., None] * dictionary.decoder.weight[:, unit]

    tokens = list(prompt)
    for _ in range(count):
        with model.edit({BASE: change}):
            tokens.append(int(model(torch.tensor([tokens]))[0, -1].argmax()))
        if tokens[-1] == model.tokenizer.end:
            break
    return tokens[len(prompt) :]


@pytest.mark.parametrize("first", [0, 1, 3])
@pytest.mark.parametrize("mode", ["clamp", "add", "ablate"])
def test_a_steered_story_is_the_one_computed_by_hand(model: Model, mode: str, first: int) -> None:
    most = loudness.maxima(model, SITE)
    unit = int(most.argmax())
    found = steering(model, SITE, TEXT, [Push(unit, mode, 3.0)], first=first, length=8, sampling=GREEDY)  # pyright: ignore[reportArgumentType]
    prompt = [piece.id for piece in found.pieces]
    loud = 3.0 * float(most[unit])
    value = {"clamp": loud, "add": None, "ablate": 0.0}[mode]
    assert [token.id for token in found.pushed] == by_hand(model, prompt, unit, value, loud, first, 8)
    alone = generation(model, TEXT, length=8, sampling=GREEDY)
    assert [token.id for token in found.plain] == [token.id for token in alone.told]
    assert found.maxima == [pytest.approx(float(most[unit]))]


def test_a_clamp_keeps_what_the_dictionary_cannot_say(model: Model) -> None:
    tokens = torch.tensor([model.tokenizer.ids("the fox saw a bird")])
    dictionary = load_dictionary("gpt", BASE)
    plain = model.look(tokens, BASE)[BASE]
    left = plain - dictionary(plain)
    assert left.abs().max() > 0.01, "something is left over"
    said = dictionary.encode(plain)
    said[..., 5] = 2.0
    held = torch.arange(2 * READER.width) == 5
    with model.edit({SITE: lambda features: features.masked_fill(held, 2.0)}):
        steered = model.look(tokens, BASE, SITE)[BASE]
    torch.testing.assert_close(steered, dictionary.decode(said) + left, rtol=0, atol=1e-5)


def test_nothing_pushed_is_the_same_story_twice(model: Model) -> None:
    for pushes in ([], [Push(3, "add", 0.0)]):
        found = steering(model, SITE, TEXT, pushes, length=8, seed=4)
        assert [token.id for token in found.plain] == [token.id for token in found.pushed]
        assert found.measures[0].perplexity == pytest.approx(found.measures[1].perplexity, rel=1e-4)


def test_the_concept_of_a_feature_is_what_holding_it_makes_likelier(model: Model) -> None:
    most = loudness.maxima(model, SITE)
    unit = int(most.argmax())
    texts, dictionary = habits(model).texts, load_dictionary("gpt", BASE)
    assert texts.shape == (8, 16), "as much as its context holds"
    value = HELD * float(most[unit])

    def change(stream: torch.Tensor) -> torch.Tensor:
        rise = value - dictionary.encode(stream)[..., unit]  # (text, position)
        rise[:, 0] = 0
        return stream + rise[..., None] * dictionary.decoder.weight[:, unit]

    plain = model(texts)[:, 1:].softmax(-1)
    with model.edit({BASE: change}):
        held = model(texts)[:, 1:].softmax(-1)
    rise = (held - plain).mean((0, 1))  # (vocabulary,)
    torch.testing.assert_close(rise_of(model, SITE, unit, value), rise, rtol=0, atol=1e-6)
    found = concept(model, SITE, [unit], most)
    assert 0 < len(found) <= WORDS
    allowed = habits(model).words
    assert {token for token, _ in found} <= set(allowed.nonzero()[:, 0].tolist())
    left = [float(rise[token]) for token in allowed.nonzero()[:, 0].tolist() if token not in dict(found)]
    assert len(found) < WORDS or max(left) <= found[-1][1] + 1e-6
    assert [value for _, value in found] == sorted((value for _, value in found), reverse=True)


def test_no_features_have_no_concept(model: Model) -> None:
    assert concept(model, SITE, [], torch.zeros(0)) == []
    assert concepts.picked(model, -torch.ones(READER.vocabulary)) == [], "what becomes less likely is none"


def test_several_features_have_one_concept(model: Model) -> None:
    most = loudness.maxima(model, SITE)
    first, second = (dict(concept(model, SITE, [unit], most)) for unit in most.topk(2).indices.tolist())
    both = concept(model, SITE, most.topk(2).indices.tolist(), most)
    assert dict(both) == {token: max(first.get(token, 0), second.get(token, 0)) for token in {*first, *second}}
    assert both == sorted(both, key=lambda each: -each[1])


def test_what_is_said_all_the_time_is_no_concept(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concepts, "is_word", lambda _: True)
    concepts._kept.clear()
    found = habits(model)
    assert torch.equal(found.words[: model.tokenizer.vocabulary], (found.usual <= USUAL)[: model.tokenizer.vocabulary])
    concepts._kept.clear()
    assert is_word(" dog") and not is_word("dog") and not is_word(" do") and not is_word(" d0g")


def test_measures_can_be_counted(model: Model) -> None:
    prompt, story = [0, 5, 6], [7, 8, 9, 7]
    (found,) = measures(model, prompt, [story], [{7, 100}])
    logs = model(torch.tensor([[*prompt, *story]]))[0].log_softmax(-1)  # (position, vocabulary)
    nats = [-float(logs[place, token]) for place, token in enumerate(story, start=2)]
    assert found.concept == 0.5
    (stuck,) = measures(model, prompt, [[7, 7, 7, 8]], [{7}])
    assert stuck.concept == 0.25, "what is only said again does not count"
    assert found.perplexity == pytest.approx(math.exp(sum(nats) / 4), rel=1e-4)
    short, long = measures(model, prompt, [story[:2], story], [set(), set()])
    assert short.perplexity == pytest.approx(math.exp(sum(nats[:2]) / 2), rel=1e-4), "padding is not read"
    assert long.perplexity == pytest.approx(found.perplexity)
    assert repetition([1, 2, 3, 4]) == 0
    assert repetition([1, 2, 3, 4, 1, 2, 3, 4]) == pytest.approx(1 / 5)
    assert repetition([1] * 8) == pytest.approx(4 / 5)
    assert repetition([1, 2]) == 0


def test_a_dose_of_nothing_is_no_dose(model: Model) -> None:
    found = dose_response(model, SITE, 3, TEXT, mode="add", strengths=(4, 0), stories=3, length=6, seed=2)
    assert found.strengths == [0, 4]
    assert found.pushed[0].concept == found.plain.concept
    assert found.pushed[0].perplexity == pytest.approx(found.plain.perplexity, rel=1e-4)
    assert 0 < len(found.concept) <= 20


def test_a_dose_is_the_stories_one_by_one(model: Model) -> None:
    found = dose_response(model, SITE, 3, TEXT, strengths=(2.0,), stories=2, length=6, seed=2)
    alone = [steering(model, SITE, TEXT, [Push(3, "clamp", 2.0)], length=6, seed=seed) for seed in (2, 3)]
    assert found.pushed[0].concept == pytest.approx(sum(each.measures[1].concept for each in alone) / 2)
    assert found.plain.concept == pytest.approx(sum(each.measures[0].concept for each in alone) / 2)


def test_what_cannot_be_pushed_is_refused(model: Model) -> None:
    with pytest.raises(Unsuitable) as far:
        steering(model, SITE, TEXT, [Push(2 * READER.width)])
    assert far.value.field == "edits"
    with pytest.raises(Unsuitable):
        steering(model, SITE, TEXT, [Push(1), Push(1, "ablate")])
    with pytest.raises(TooMuch) as full:
        steering(model, SITE, "the fox saw the bird and the bird saw the fox, the fox and the bird", [])
    assert full.value.field == "text"
    with pytest.raises(Unknown) as unknown:
        steering(load("tiny_gpt", device="cpu"), "blocks.1.hook_resid_pre.features", TEXT, [])
    assert unknown.value.field == "site"
    with pytest.raises(Unknown):
        steering(model, BASE, TEXT, [])


def test_a_shelf_ships_with_its_weights_and_is_ignored_with_others(model: Model, tmp_path: Path) -> None:
    file = loudness.shelf_file("gpt", SITE)
    assert file.parent.parent == tmp_path
    made = ship(model, SITE, file)
    assert made.features, "even random features change what is said"
    for each in made.features:
        assert each.rate > each.plain_rate and each.label and each.maximum > 0
    read = shelf(model, SITE)
    assert [each.unit for each in read.features] == [each.unit for each in made.features]
    assert dict(read.features[0].concept) == pytest.approx(dict(made.features[0].concept), rel=1e-3)
    loudness._kept.clear()
    shipped = loudness.maxima(model, SITE)
    torch.testing.assert_close(shipped, torch.tensor(made.maxima), rtol=1e-3, atol=1e-6)
    told = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps({**told, "weights": "0" * 64, "features": []}), encoding="utf-8")
    assert shelf(model, SITE).features == measured(model, SITE).features


def test_a_shelf_has_no_two_features_of_one_concept(model: Model) -> None:
    first, *others = measured(model, SITE).features
    same = [*others, first, first]
    assert [each.unit for each in different([first, *same])].count(first.unit) == 1
