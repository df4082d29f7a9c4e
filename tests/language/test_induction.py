"""Something is said twice and heads are switched off: the stripe, the loss, and what the network really computed."""

import pytest
import torch
import torch.nn.functional as F

from lucarne.atlas.language.head_metrics import random_twice
from lucarne.atlas.language.induction import said, said_twice, strongest
from lucarne.models import load
from lucarne.models.errors import TooMuch, Unsuitable
from lucarne.models.model import Model


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_gpt", device="cpu")


@pytest.fixture(scope="module")
def gpt() -> Model:
    return load("gpt", device="cpu")


def test_the_loss_is_each_tokens_surprise(model: Model) -> None:
    tokens = random_twice(model, 10, 0, count=1)[0]
    found = said(model, tokens, 10)
    expected = F.cross_entropy(model(tokens[None])[0, :-1], tokens[1:], reduction="none")
    torch.testing.assert_close(found.loss, expected, rtol=0, atol=1e-5)


def test_the_stripe_is_attention_to_what_followed(model: Model) -> None:
    tokens = random_twice(model, 10, 0, count=1)[0]  # a beginning and two times ten
    found = said(model, tokens, 10)
    site = "blocks.1.attn.hook_pattern"
    pattern = model.look(tokens[None], site)[site][0, 2]  # (query, key)
    expected = torch.stack([pattern[query, query - 9] for query in range(11, 21)]).mean()
    assert found.stripe[1, 2].item() == pytest.approx(expected.item(), abs=1e-5)


def test_a_head_that_is_switched_off_hands_nothing_over_and_leaves_no_trace(model: Model) -> None:
    tokens = random_twice(model, 10, 0, count=1)[0]
    before = said(model, tokens, 10)
    off = said(model, tokens, 10, [(0, 1), (0, 2), (1, 0)])

    def silent(gathered: torch.Tensor) -> torch.Tensor:
        return gathered * torch.tensor([1.0, 0.0, 0.0])[:, None]

    def other(gathered: torch.Tensor) -> torch.Tensor:
        return gathered * torch.tensor([0.0, 1.0, 1.0])[:, None]

    with model.edit({"blocks.0.attn.hook_z": silent, "blocks.1.attn.hook_z": other}):
        expected = model(tokens[None])[0]
    torch.testing.assert_close(off.attended.logits, expected, rtol=0, atol=1e-5)
    torch.testing.assert_close(off.attended.pattern(0), before.attended.pattern(0))
    assert (off.attended.pattern(1) - before.attended.pattern(1)).abs().max() > 1e-3
    assert torch.equal(said(model, tokens, 10).loss, before.loss)


def test_a_head_that_is_not_there_cannot_be_switched_off(model: Model) -> None:
    tokens = random_twice(model, 4, 0, count=1)[0]
    for head in ((2, 0), (0, 3)):
        with pytest.raises(Unsuitable) as caught:
            said(model, tokens, 4, [head])
        assert caught.value.field == "off"


def test_a_sentence_is_said_twice_token_by_token(model: Model) -> None:
    pieces, length = said_twice(model, "Ah, yes")
    numbers = [piece.id for piece in pieces]
    assert length == 7
    assert numbers == [256, *numbers[1:8], *numbers[1:8]]
    with pytest.raises(TooMuch) as caught:
        said_twice(model, "a" * 32)
    assert (caught.value.field, caught.value.limit) == ("text", 31)


def test_the_gpt_looks_up_what_followed_until_its_previous_token_heads_are_off(gpt: Model) -> None:
    """Olsson et al. 2022: induction heads stand on previous-token heads of earlier layers."""
    tokens = random_twice(gpt, 24, 0, count=1)[0]
    before = said(gpt, tokens, 24)
    layer, head = strongest(before.stripe)
    assert before.stripe[layer, head] > 0.4
    first, second = before.loss[:-24].mean(), before.loss[-24:].mean()
    assert second < 0.6 * first
    helpers = [(at, which) for at, which in (before.previous[:layer] > 0.4).nonzero().tolist()]
    assert helpers
    without = said(gpt, tokens, 24, helpers)
    assert without.stripe[layer, head] < 0.7 * before.stripe[layer, head]
    assert without.loss[-24:].mean() > second + 0.5
