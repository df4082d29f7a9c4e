"""A network writes on: what it keeps of what it read changes nothing, one seed tells one story, and cuts cut."""

import math

import pytest
import torch

from lucarne.atlas.language.generation import Sampling, Told, Writer, candidates, generation
from lucarne.models import load
from lucarne.models.cache import Cache
from lucarne.models.errors import TooMuch, Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.model import Model

TEXT = "Tom saw a dog"
END = 256


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_gpt", device="cpu")


@pytest.fixture(scope="module")
def network(model: Model) -> GPT:
    assert isinstance(model.network, GPT)
    return model.network


def cache(network: GPT, batch: int = 1, positions: int = 64) -> Cache:
    plan = network.plan
    return Cache(
        layers=plan.layers, heads=plan.heads, head_width=plan.head_width, positions=positions, batch=batch
    )  # fmt: skip


def read_in_parts(network: GPT, tokens: torch.Tensor, *ends: int) -> torch.Tensor:
    kept = cache(network, len(tokens))
    starts = (0, *ends)
    parts = [network(tokens[:, start:end], kept) for start, end in zip(starts, (*ends, tokens.shape[1]), strict=True)]
    return torch.cat(parts, 1)


@torch.inference_mode()
def test_reading_on_is_reading_from_the_beginning(network: GPT) -> None:
    tokens = torch.randint(257, (3, 64), generator=torch.Generator().manual_seed(0))
    whole = network(tokens)
    for ends in ((10,), (1, 2, 40), tuple(range(1, 64))):
        torch.testing.assert_close(read_in_parts(network, tokens, *ends), whole, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(network(tokens, None, 5), whole[:, -5:], rtol=1e-5, atol=1e-5)


@torch.inference_mode()
def test_patterns_that_are_written_out_reach_back_into_what_was_kept(model: Model, network: GPT) -> None:
    tokens = torch.randint(257, (1, 20), generator=torch.Generator().manual_seed(1))
    site = "blocks.1.attn.hook_pattern"
    whole = model.look(tokens, site)[site]  # (1, head, query, key)
    kept = cache(network)
    network(tokens[:, :12], kept)
    with model.watch(site) as seen:
        logits = network(tokens[:, 12:], kept)
    torch.testing.assert_close(seen[site], whole[:, :, 12:], rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(logits, network(tokens)[:, 12:], rtol=1e-5, atol=1e-5)


@torch.inference_mode()
def test_nothing_is_read_behind_the_end_of_the_context(network: GPT) -> None:
    kept = cache(network)
    network(torch.zeros(1, 64, dtype=torch.long), kept)
    with pytest.raises(TooMuch) as caught:
        network(torch.zeros(1, 1, dtype=torch.long), kept)
    assert caught.value.limit == 64


def test_one_seed_tells_one_story(model: Model) -> None:
    stories = [[token.id for token in generation(model, TEXT, length=20, seed=seed).told] for seed in (3, 3, 4)]
    assert stories[0] == stories[1] != stories[2]


def test_a_story_that_is_continued_is_the_story_told_in_one_go(model: Model) -> None:
    whole = generation(model, TEXT, length=20, seed=5)
    ids = [token.id for token in whole.told]
    for told in (1, 7, 12):
        on = generation(model, TEXT, forced=ids[:told], length=20 - told, seed=5)
        assert [token.id for token in on.told] == ids
        assert [token.forced for token in on.told] == [True] * told + [False] * (len(ids) - told)
        for one, other in zip(on.told, whole.told, strict=True):
            assert one.probability == pytest.approx(other.probability, rel=1e-4)
    torch.testing.assert_close(generation(model, TEXT, forced=ids, length=0).logits, whole.logits, rtol=1e-5, atol=1e-5)


def test_what_is_said_of_a_token_is_what_the_network_says_there(model: Model) -> None:
    story = generation(model, TEXT, length=6, seed=1, k=5)
    ids = [piece.id for piece in story.pieces] + [token.id for token in story.told]
    odds = model(torch.tensor([ids]))[0].double().softmax(-1)  # (position, vocabulary)
    for place, token in enumerate(story.told, start=len(story.pieces) - 1):
        row = odds[place]
        assert token.probability == pytest.approx(float(row[token.id]), rel=1e-4)
        assert token.rank == int((row > row[token.id]).sum())
        assert token.entropy == pytest.approx(-sum(p * math.log2(p) for p in row.tolist()), rel=1e-4)
        assert [each.id for each in token.candidates] == row.topk(5).indices.tolist()
        assert [each.probability for each in token.candidates] == pytest.approx(row.topk(5).values.tolist(), rel=1e-4)
    assert [each.id for each in story.following] == odds[-1].topk(5).indices.tolist()


def test_at_temperature_0_the_likeliest_is_said(model: Model) -> None:
    told = generation(model, TEXT, length=8, sampling=Sampling(temperature=0), seed=1).told
    assert [token.rank for token in told] == [0] * 8
    again = generation(model, TEXT, length=8, sampling=Sampling(temperature=0), seed=2).told
    assert again == told


def test_what_is_cut_off_is_never_said(model: Model) -> None:
    for sampling in (Sampling(top_k=3), Sampling(1.5, top_k=2), Sampling(top_p=0.2), Sampling(0.7, 40, 0.5)):
        for token in generation(model, TEXT, length=30, sampling=sampling, seed=2, k=50).told:
            odds = {each.id: each.odds for each in token.candidates}
            assert odds[token.id] > 0
            assert sum(odds.values()) == pytest.approx(1, abs=1e-4), "all that can be said is among the likeliest"
            if sampling.top_k:
                assert sum(value > 0 for value in odds.values()) <= sampling.top_k


def test_temperature_comes_before_top_k_and_top_k_before_top_p() -> None:
    logits = torch.tensor([0.6, 0.3, 0.08, 0.02]).log()
    odds = Sampling(top_k=2, top_p=0.65).odds(logits)
    assert odds.tolist() == pytest.approx([1, 0, 0, 0]), "of the two that are left the first has two thirds"
    assert Sampling(top_p=0.65).odds(logits).tolist() == pytest.approx([2 / 3, 1 / 3, 0, 0])
    hot = Sampling(temperature=2, top_p=0.65).odds(logits)
    weights = logits.div(2).softmax(-1)
    assert hot.tolist() == pytest.approx([*(weights[:2] / weights[:2].sum()).tolist(), 0, 0])
    assert Sampling(top_p=1e-9).odds(logits).tolist() == [1, 0, 0, 0]
    assert Sampling(temperature=0).odds(logits).tolist() == [1, 0, 0, 0]


def test_drawing_often_draws_by_the_odds(network: GPT) -> None:
    writer = Writer(network, range(4000), 1)
    writer.logits = torch.tensor([0.5, 0.3, 0.15, 0.05]).log().expand(4000, 4)
    counts = writer.draw(Sampling(top_k=3)).bincount(minlength=4) / 4000
    assert counts.tolist() == pytest.approx([0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0], abs=0.03)


def test_a_story_ends_where_it_says_so_or_where_the_context_is_full(model: Model) -> None:
    assert generation(model, TEXT, length=5, sampling=Sampling(0)).ended == "length"
    full = generation(model, TEXT, length=200, sampling=Sampling(0))
    assert (full.ended, len(full.pieces) + len(full.told)) == ("context", 64)
    ended = generation(model, TEXT, forced=[7, END], length=0)
    assert ended.ended == "end"
    seed = next(seed for seed in range(200) if END in stories(model, seed))
    story = generation(model, TEXT, length=45, seed=seed, sampling=Sampling(3.0))
    assert (story.ended, story.told[-1].id) == ("end", END)
    assert END not in [token.id for token in story.told[:-1]]


def stories(model: Model, seed: int) -> list[int]:
    return [token.id for token in generation(model, TEXT, length=45, seed=seed, sampling=Sampling(3.0)).told]


def test_tokens_are_told_as_they_come(model: Model) -> None:
    heard: list[Told] = []
    steps: list[int] = []

    def progress(each):  # noqa: ANN001, ANN202 (any progress will do)
        for step in each:
            steps.append(len(heard))
            yield step

    story = generation(model, TEXT, forced=[65], length=4, seed=1, tell=heard.append, progress=progress)
    assert heard == story.told
    assert steps == [1, 2, 3, 4]


def test_what_cannot_follow_is_refused(model: Model) -> None:
    with pytest.raises(Unsuitable) as unsuitable:
        generation(model, TEXT, forced=[257])
    assert (unsuitable.value.field, "0 to 256" in unsuitable.value.detail) == ("forced", True)
    with pytest.raises(TooMuch) as too_much:
        generation(model, TEXT, forced=[1] * 60)
    assert (too_much.value.field, too_much.value.limit) == ("forced", 64 - 14)
    with pytest.raises(Unsuitable) as pictures:
        generation(load("tiny_alexnet", device="cpu"), TEXT)
    assert pictures.value.field == "model"


def test_candidates_are_no_more_than_there_are() -> None:
    assert len(candidates(torch.zeros(3), Sampling(), 10)) == 3
