"""What the browser draws of an atlas of texts: the map, and where a text goes on it."""

from typing import Literal

from pydantic import Field

from lucarne.artifact import Artifact, Frozen
from lucarne.artifact_text import Guess, Token


class TextPage(Frozen):
    """One grid of an atlas of texts, `side` × `side` cells of which `cells` are kept.

    `table`, in safetensors layout, holds for each kept cell: `place`, uint8 (cells, 2), column and row from the upper
    left; `count`, int32 (cells,), samples in it; `entropy`, float16 (cells,), the mean of the network's guess for the
    next token in nats; `words`, uint16 or int32 (cells, n), the tokens that its mean would have the network say, most
    telling first; `odds`, float16 (cells, n), the probability of each, and `lifts`, float16 (cells, n), the natural
    logarithm of how many times likelier that is than at the mean of all cells; `contexts`, int32 (cells, m), samples
    most like the mean, -1 where there are fewer.
    """

    side: int
    cells: int
    table: str


class TextMap(Artifact):
    """A map of what a site of the residual stream says at many places of texts: every cell drawn as words.

    `samples.safetensors` holds `tokens`, uint16 or int32 (tokens,), the stretches of text one after the other;
    `starts`, int32 (stretches + 1,), where each begins; and `points`, uint16 (samples, 2), where each sample lies, in
    65535ths of the map's side from its upper left corner. Samples are all tokens of a stretch from number `first`
    on, in order.
    `vocabulary.json` is a list of the text of every token.
    """

    shape: Literal["text_map"] = "text_map"
    site: str
    title: str = Field(description="Of the corpus it was made from.")
    samples: int
    first: int = Field(description="Of each stretch the number of the first token that is a sample, 0 or 1.")
    pages: list[TextPage] = Field(description="Coarsest first.")
    common: list[Guess] = Field(description="What the mean of all would have the network say, likeliest first.")


class TextSpot(Frozen):
    """Where a token lies on the map, x and y in 0…1."""

    x: float
    y: float
    near: float = Field(description="Cosine between what is said there and the nearest cell's mean, less that of all.")
    says: list[Guess] = Field(description="What the network would say next if this were the end of its stream.")


class TextWay(Artifact):
    """The tokens of a text as points of an atlas, but for the first that the network reads: attention sinks into it."""

    shape: Literal["text_way"] = "text_way"
    text: str
    site: str
    tokens: list[Token]
    spots: list[TextSpot | None] = Field(description="One for each token.")
    context: int = Field(description="The most tokens the network reads at once.")
