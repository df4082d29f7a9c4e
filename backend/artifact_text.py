"""What the browser draws of texts: few shapes for many recipes. Arrays lie in files beside, as safetensors."""

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from lucarne.artifact import Artifact, Frozen

if TYPE_CHECKING:
    from lucarne.models.tokenizer import BPE, Piece


class Token(Frozen):
    id: int
    text: str = Field(description="The token's bytes as text; bytes that are no UTF-8 by themselves show as U+FFFD.")
    bytes: list[int]
    start: int = Field(description="Offset in the text, in UTF-16 code units (JavaScript's string index).")
    end: int

    @classmethod
    def of(cls, piece: "Piece") -> "Token":
        return cls(id=piece.id, text=piece.text, bytes=list(piece.bytes), start=piece.start, end=piece.end)

    @classmethod
    def bare(cls, tokenizer: "BPE", number: int) -> "Token":
        """A token that stands in no text."""
        return cls(id=number, text=tokenizer.text_of(number), bytes=list(tokenizer.bytes_of(number)), start=0, end=0)


class Guess(Frozen):
    id: int
    text: str
    probability: float


class Heads(Frozen):
    """Every attention head on a text. Patterns are computed where they are looked at, from queries and keys.

    `heads.safetensors` holds `queries` and `keys`, float32 (layer, head, position, head_width), `normalizers`, float32
    (layer, head, position): the log of the sum of exp(score) over the keys a query may see, `moved`, float32
    (layer, head, position): the length of the vector a position hands over, and `thumbnails`, uint8 (layer, head, side,
    side), the pattern averaged down, the largest cell of each head 255, for the overview.
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


class Measure(Frozen):
    """One number for every cell of a matrix."""

    name: str
    title: str
    about: str = Field(description="What the number says, in a sentence.")
    unit: str = ""
    low: float | None = Field(default=None, description="The least it can be, where there is such a bound.")
    high: float | None = Field(default=None, description="The most it can be, where there is such a bound.")


class ScoreMatrix(Artifact):
    """Named rows and columns, and for every cell one or more numbers.

    `scores.safetensors` holds each of `measures` under its name, float32 (row, column).
    """

    shape: Literal["score_matrix"] = "score_matrix"
    row_axis: str = Field(description="What a row is: a layer, a token.")
    column_axis: str
    rows: list[str]
    columns: list[str]
    measures: list[Measure]
    numbers: dict[str, float] = Field(default={}, description="What was measured on the way.")
    tokens: dict[str, Token] = Field(default={}, description="Tokens it is about, by what they are to it.")
