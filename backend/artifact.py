"""What the browser draws: few shapes for many recipes. Arrays lie in files beside it, in safetensors layout."""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from lucarne.models.tokenizer import Piece

Colour = Literal["rgb", "sequential", "signed"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class File(Frozen):
    """A file beside an artifact, served at `/api/artifacts/{id}/{name}` and never changed."""

    name: str
    media_type: str
    size: int = Field(description="Bytes.")
    sha256: str


class ReceptiveField(Frozen):
    """The square of the network's input that cell (row, column) of a site looks at, in input pixels.

    It spans rows `start + row * stride` to `start + row * stride + size` (exclusive), columns alike; parts outside the
    input are padding.
    """

    size: int
    stride: int
    start: int


class Artifact(Frozen):
    """What every artifact says of itself: how it was made (`recipe`), from which weights, what is seen (`caption`)."""

    id: str = Field(description="Hash of the recipe and of the model's weights.")
    kind: str
    model: str
    weights: str = Field(description="sha256 of the weights it was made from.")
    recipe: dict[str, object] = Field(description="The recipe in full: post it again and this artifact is the answer.")
    caption: str
    files: list[File] = []


class ImageGrid(Artifact):
    """Many small pictures of one size: kernels, or the maps of a site.

    `tiles.safetensors` holds `tiles`, uint8 (count, height, width, 3) for colour `rgb`, else (count, height, width),
    then also `low` and `high`, float32 (count,): byte b of tile i stands for `low[i] + b / 255 * (high[i] - low[i])`.
    """

    shape: Literal["image_grid"] = "image_grid"
    count: int
    height: int
    width: int
    colour: Colour
    columns: dict[str, list[float]] = Field(description="Numbers of each tile by which the grid can be sorted.")
    units: dict[str, str] = Field(default={}, description="The unit of each column, where it has one.")
    labels: list[str] = Field(default=[], description="What each tile stands for, where it has a name: a class of fc8.")
    picture: str | None = Field(default=None, description="The file with the picture the network was shown.")
    input_size: int = Field(description="Side of the network's input in pixels.")
    field: ReceptiveField | None = Field(default=None, description="What a cell of a tile looks at.")


class Rank(Frozen):
    index: int
    label: str
    probability: float
    logit: float


class Ranking(Artifact):
    """The likeliest of a list, best first."""

    shape: Literal["ranking"] = "ranking"
    ranks: list[Rank]
    total: int = Field(description="How many there are in all.")


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


AnyArtifact = Annotated[ImageGrid | Ranking | TokenGrid, Field(discriminator="shape")]
