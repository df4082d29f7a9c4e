"""Tokens rejoin to the exact text, byte by byte, and say where in it they stand."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

from lucarne.models.errors import Unsuitable, WeightsDamaged
from lucarne.models.tokenizer import BPE, END, bytes_only, merges

CORPUS = [
    "Once upon a time there was a little girl.",
    "The king and the queen, and the knight.",
    "naïve café 東京 🙂🙃",
]


def trained() -> Tokenizer:
    """A byte-level BPE as GPT-2's, with some merges of bytes within a character and some across words."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=330, special_tokens=[END], initial_alphabet=alphabet, show_progress=False)  # pyright: ignore
    tokenizer.train_from_iterator(CORPUS, trainer)
    return tokenizer


TOKENIZERS = {"bytes": bytes_only(), "trained": BPE(trained())}

every_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("name", TOKENIZERS)
@settings(max_examples=300, deadline=None)
@given(text=every_text | st.text("ab 🙂\u0301é\n'", max_size=30) | st.sampled_from(CORPUS))
@example(text="")
@example(text=END)
@example(text=f"a{END}{END[:-1]}{END} ")
@example(text="👩‍👩‍👧‍👦🇩🇪🧑🏿‍🚀")
@example(text="e\u0301 \u00e9 \u1e69 s\u0323\u0307")
@example(text="\u202eright to left\u202c שלום عليكم")
@example(text="a" + "\u0301" * 50)
@example(text="\0\x01\x7f\x80\x9f\ufeff\ufffd\uffff\U0010ffff")
@example(text="\r\n \t\u00a0\u2028\u3000  ")
@example(text="don't WE'LL I'm")
def test_tokens_rejoin_to_the_exact_text_and_tell_where_they_stand(name: str, text: str) -> None:
    tokenizer = TOKENIZERS[name]
    pieces = tokenizer.pieces(text)
    assert b"".join(piece.bytes for piece in pieces) == text.encode()
    assert [piece.id for piece in pieces] == tokenizer.ids(text)
    assert all(piece.bytes for piece in pieces)
    assert all(0 <= piece.id < tokenizer.vocabulary for piece in pieces)
    bounds = [0, *(piece.end for piece in pieces)]
    assert bounds[-1] == utf16(text)
    assert [piece.start for piece in pieces] == bounds[:-1], "each begins where the one before it ends"
    assert all(start <= end for start, end in pairwise(bounds))
    wide = text.encode("utf-16-le")
    for piece in pieces:
        assert piece.bytes == tokenizer.bytes_of(piece.id)
        assert piece.text == tokenizer.text_of(piece.id)
        if "\ufffd" not in piece.text:  # whole characters: the offsets cut out just them
            assert wide[2 * piece.start : 2 * piece.end].decode("utf-16-le") == piece.text


@pytest.mark.parametrize("name", TOKENIZERS)
def test_every_character_is_covered_by_the_tokens_its_bytes_are_in(name: str) -> None:
    """Of a character cut into several tokens the first one spans it, and the others stand empty at its end."""
    for text in ("🙂", "a🙂b", "東京"):
        pieces = TOKENIZERS[name].pieces(text)
        covered = "".join(
            text.encode("utf-16-le")[2 * piece.start : 2 * piece.end].decode("utf-16-le") for piece in pieces
        )
        assert covered == text


@pytest.mark.parametrize("name", TOKENIZERS)
def test_the_end_of_text_spelt_out_is_letters(name: str) -> None:
    tokenizer = TOKENIZERS[name]
    assert tokenizer.end is not None
    for text in (END, f"{END}{END}", f"a {END} b", END[:-1], f"{END}>"):
        assert tokenizer.end not in tokenizer.ids(text)
    assert tokenizer.text_of(tokenizer.end) == END


@pytest.mark.parametrize("name", TOKENIZERS)
def test_half_a_surrogate_pair_is_no_text(name: str) -> None:
    for text in ("\ud800", "a\udc00b", "\udc00\ud800"):
        with pytest.raises(UnicodeEncodeError):
            TOKENIZERS[name].pieces(text)


@pytest.mark.parametrize("name", TOKENIZERS)
def test_every_token_stands_for_bytes_of_its_own(name: str) -> None:
    tokenizer = TOKENIZERS[name]
    own = [tokenizer.bytes_of(token) for token in range(tokenizer.vocabulary)]
    assert len(set(own)) == tokenizer.vocabulary
    assert {bytes([byte]) for byte in range(256)} < set(own)
    assert tokenizer.bytes_of(tokenizer.vocabulary) == b"", "a network may have more outputs than there are tokens"


def test_a_tokenizer_survives_its_file(tmp_path: Path) -> None:
    trained().save(str(tmp_path / "tokenizer.json"))
    back = BPE.read(tmp_path / "tokenizer.json")
    for text in (*CORPUS, END):
        assert back.pieces(text) == TOKENIZERS["trained"].pieces(text)


def test_merges_come_in_the_order_they_were_learned(tmp_path: Path) -> None:
    trained().save(str(tmp_path / "tokenizer.json"))
    learned = merges(tmp_path / "tokenizer.json")
    vocabulary = trained().get_vocab()
    assert len(learned) == len(vocabulary) - 257 > 30
    numbers = [vocabulary["".join(pair)] for pair in learned]
    assert numbers == sorted(numbers)


def test_a_strangers_added_tokens_stand_for_their_own_names() -> None:
    tokenizer = trained()
    tokenizer.add_special_tokens(["<pad token>", "<mask>"])
    tokenizer.add_tokens([AddedToken("  two spaces", normalized=False)])
    ours = BPE(tokenizer)
    padding = tokenizer.token_to_id("<pad token>")
    assert padding is not None
    assert ours.text_of(padding) == "<pad token>"
    text = "a  two spaces <mask>"
    assert b"".join(piece.bytes for piece in ours.pieces(text)) == text.encode()
    assert tokenizer.token_to_id("<mask>") not in ours.ids(text)


@pytest.mark.parametrize("way", ["lower case", "space before", "no alphabet"])
def test_a_strangers_tokenizer_that_changes_the_text_is_refused(way: str) -> None:
    tokenizer = trained()
    if way == "lower case":
        tokenizer.normalizer = normalizers.Lowercase()  # pyright: ignore[reportAttributeAccessIssue]
    elif way == "space before":
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)  # pyright: ignore
    else:
        tokenizer = Tokenizer(models.BPE(vocab={"a": 0, END: 1}, merges=[]))
    with pytest.raises(Unsuitable, match="no token for A" if way == "no alphabet" else "changes the text") as caught:
        BPE(tokenizer).pieces("An ABC")
    assert caught.value.field == "text"


def test_a_file_that_is_no_tokenizer_is_damaged(tmp_path: Path) -> None:
    for text in ("", "{}", "[]", "\0\0"):
        (tmp_path / "tokenizer.json").write_text(text)
        with pytest.raises(WeightsDamaged):
            BPE.read(tmp_path / "tokenizer.json")
