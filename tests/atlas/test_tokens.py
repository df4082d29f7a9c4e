"""A text as a network reads it: within its context, behind the token every document begins with."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lucarne.atlas.language.tokens import tokens
from lucarne.models import load
from lucarne.models.errors import Mistake, TooMuch, Unsuitable
from lucarne.models.model import Model
from lucarne.models.tokenizer import BPE, END, bytes_only

MODEL = load("tiny_gpt", device="cpu")


@pytest.fixture
def model() -> Model:
    return MODEL


def test_the_first_token_is_the_one_documents_begin_with_and_no_part_of_the_text(model: Model) -> None:
    first, *rest = tokens(model, "Hello")
    assert (first.id, first.text, first.start, first.end) == (256, END, 0, 0)
    assert rest == tokens(model, "Hello", begin=False)
    assert [piece.text for piece in rest] == list("Hello")


def test_the_end_of_text_spelt_out_is_letters(model: Model) -> None:
    assert [piece.text for piece in tokens(model, END, begin=False)] == list(END)


@pytest.mark.parametrize("begin", [True, False])
def test_the_context_is_used_to_the_last_token_and_not_beyond(begin: bool, model: Model) -> None:
    room = 64 - begin
    assert len(tokens(model, "a" * room, begin)) == 64
    for length in (room + 1, 100_000):
        with pytest.raises(TooMuch, match=f"{length} tokens") as caught:
            tokens(model, "a" * length, begin)
        assert caught.value.limit == room
        assert caught.value.field == "text"
        assert str(room) in caught.value.detail


def test_it_is_tokens_that_count_not_characters(model: Model) -> None:
    assert len(tokens(model, "🙂" * 15)) == 61
    with pytest.raises(TooMuch):
        tokens(model, "🙂" * 16)


@pytest.mark.parametrize("text", ["", "a\0b", "\0", "\ud800", "a\udfff", "\udc00\ud800"], ids=ascii)
def test_what_is_no_text_is_refused(text: str, model: Model) -> None:
    with pytest.raises(Unsuitable) as caught:
        tokens(model, text)
    assert caught.value.field == "text"
    assert caught.value.detail.isprintable()


def test_a_tokenizer_without_an_end_of_text_begins_with_nothing(model: Model) -> None:
    tokenizer = bytes_only().tokenizer
    bare = BPE(tokenizer)
    bare.end = None
    other = Model(model.card, model.network, tokenizer=bare)
    assert tokens(other, "Hi") == tokens(other, "Hi", begin=False)
    assert len(tokens(other, "a" * 64)) == 64


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=80) | st.text(st.characters(categories=["Cs", "Cc", "So"]), max_size=8))
def test_any_string_at_all_comes_as_tokens_or_is_refused_for_a_reason(text: str) -> None:
    try:
        pieces = tokens(MODEL, text)
    except Mistake as mistake:
        assert mistake.field == "text"
        return
    assert b"".join(piece.bytes for piece in pieces[1:]) == text.encode()
    assert len(pieces) <= 64
