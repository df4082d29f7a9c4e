"""What heads mostly do, measured where the answer is known: on patterns that are drawn by hand."""

import math

import pytest
import torch

from lucarne.atlas.language.head_metrics import head_metrics, measured, random_twice, repeats
from lucarne.models import load
from lucarne.models.errors import TooMuch
from lucarne.models.heads import patterns, scores
from lucarne.models.model import Model

TOKENS = torch.tensor([9, 1, 2, 3, 1, 2, 3])  # a beginning, then three tokens said twice


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_gpt", device="cpu")


def looking(*keys: int) -> torch.Tensor:
    """A head whose queries each look at one key only: (1, query, key)."""
    return torch.eye(len(TOKENS))[list(keys)][None]


def test_a_head_that_looks_one_back_is_a_previous_token_head() -> None:
    found = measured(looking(0, 0, 1, 2, 3, 4, 5), TOKENS)
    assert found["previous_token"].item() == 1
    assert found["distance"].item() == 1
    assert found["entropy"].item() == found["spread"].item() == 0
    assert found["first_token"].item() == pytest.approx(1 / 6)
    assert found["induction"].item() == found["duplicate_token"].item() == 0


def test_a_head_that_looks_at_copies_finds_duplicates_and_one_that_looks_behind_them_inducts() -> None:
    duplicates = measured(looking(0, 0, 0, 0, 1, 2, 3), TOKENS)
    assert duplicates["duplicate_token"].item() == 1
    assert duplicates["induction"].item() == 0
    assert duplicates["first_token"].item() == pytest.approx(3 / 6)
    inducts = measured(looking(0, 0, 0, 0, 2, 3, 4), TOKENS)
    assert inducts["induction"].item() == 1
    assert inducts["duplicate_token"].item() == 0


def test_a_head_that_looks_everywhere_alike_has_all_the_entropy_there_is() -> None:
    even = torch.ones(7, 7).tril() / torch.arange(1, 8)[:, None]
    found = measured(even[None], TOKENS)
    assert found["spread"].item() == pytest.approx(1)
    assert found["entropy"].item() == pytest.approx(sum(math.log(n) for n in range(2, 8)) / 6)
    assert found["distance"].item() == pytest.approx(sum((n - 1) / 2 for n in range(2, 8)) / 6)
    assert found["first_token"].item() == pytest.approx(sum(1 / n for n in range(2, 8)) / 6)


def test_where_nothing_is_said_again_nothing_is_found_again() -> None:
    found = measured(torch.eye(7)[None], torch.arange(7))
    assert found["duplicate_token"].item() == found["induction"].item() == 0
    assert repeats(torch.arange(7)) == 0
    assert repeats(TOKENS) == 3
    assert all(value.tolist() == [0.0] for value in measured(torch.ones(1, 1, 1), torch.tensor([4])).values())


def test_on_random_tokens_it_agrees_with_what_training_records(model: Model) -> None:
    """Where no token stands twice in one saying, induction is the mean along the stripe."""
    tokens = torch.tensor([[256, *range(30), *range(30)]])
    found = head_metrics(model, tokens)
    known = scores(patterns(model.network, tokens), 30)  # pyright: ignore[reportArgumentType]
    torch.testing.assert_close(found.induction, known.induction, rtol=0, atol=1e-5)
    torch.testing.assert_close(found.previous_token, known.previous_token, rtol=0, atol=1e-5)


def test_numbers_are_means_over_the_sequences(model: Model) -> None:
    tokens = random_twice(model, 12, seed=5)
    each = [head_metrics(model, one[None]) for one in tokens]
    both = head_metrics(model, tokens)
    torch.testing.assert_close(both.entropy, torch.stack([one.entropy for one in each]).mean(0))
    assert both.distance.shape == (2, 3)


def test_what_does_not_fit_twice_is_too_much(model: Model) -> None:
    assert random_twice(model, 31, 0).shape == (4, 63)
    with pytest.raises(TooMuch) as caught:
        random_twice(model, 32, 0)
    assert (caught.value.field, caught.value.limit) == ("length", 31)
