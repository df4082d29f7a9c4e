"""What the browser draws of texts: few shapes for many recipes. Arrays lie in files beside, as safetensors."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lucarne.artifact import Artifact, Frozen

if TYPE_CHECKING:
    from lucarne.models.tokenizer import Piece


class Token(Frozen):
    id: int
    text: str = Field(description="The token's bytes as text; bytes that are no UTF-8 by themselves show as U+FFFD.")
    bytes: list[int]
    start: int = Field(description="Offset in the text, in UTF-16 code units (JavaScript's string index).")
    end: int

    @classmethod
    def of(cls, piece: "Piece") -> "Token":
        return cls(id=piece.id, text=piece.text, bytes=list(piece.bytes), start=piece.start, end=piece.end)


class Guess(Frozen):
    id: int
    text: str
    probability: float


class Heads(Frozen):
    """Every attention head on a text. Patterns are computed where they are looked at, from queries and keys.

    `heads.safetensors` holds `queries` and `keys`, float32 (layer, head, position, head_width), `normalizers`, float32
    (layer, head, position): the log of the sum of exp(score) over the keys a query may see, and `thumbnails`, uint8
    (layer, head, side, side), the pattern averaged down, the largest cell of each head 255, for the overview.
    pattern[query, key] = exp(queries[query]·keys[key] / sqrt(head_width) - normalizers[query]) if key <= query, else 0.
    """

    layers: int
    heads: int
    head_width: int
    side: int


class TokenGrid(Artifact):
    """A text as the network reads it: its tokens, and what the heads do with them.

    The first token may be one the network was trained to begin with, not part of the text: then `start == end == 0`.
    """

    shape: Literal["token_grid"] = "token_grid"
    text: str
    tokens: list[Token]
    context: int = Field(description="The most tokens the network reads at once.")
    heads: Heads | None = None
    guesses: list[list[Guess]] = Field(
        default=[], description="For each position the likeliest next tokens, best first."
    )
