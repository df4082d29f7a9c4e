"""A text as a network reads it."""

from lucarne.models.errors import TooMuch, Unsuitable
from lucarne.models.model import Model
from lucarne.models.tokenizer import Piece


def tokens(model: Model, text: str, begin: bool = True) -> list[Piece]:
    """The tokens of a text; with `begin` behind the end-of-text token with which every document began in training.

    Raises Unsuitable for an empty text, a NUL or half a character, and TooMuch for one longer than the context.
    """
    if "\0" in text:
        raise Unsuitable("The text holds a NUL, which is no character people write.", field="text")
    try:
        pieces = model.tokenizer.pieces(text)
    except UnicodeEncodeError:
        raise Unsuitable("The text holds half of a surrogate pair, which is no character.", field="text") from None
    if not pieces:
        raise Unsuitable("The text is empty.", field="text")
    first = model.tokenizer.end if begin else None
    room = model.card.context - (first is not None) if model.card.context else len(pieces)
    if len(pieces) > room:
        detail = f"The text is {len(pieces)} tokens long; {model.card.name} reads at most {room} at once."
        raise TooMuch(detail, room, field="text")
    if first is None:
        return pieces
    return [Piece(first, model.tokenizer.bytes_of(first), 0, 0), *pieces]
