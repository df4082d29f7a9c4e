"""What the browser draws of the vectors of tokens and positions, and of the stream of tokens that trains them."""

from typing import Literal

from pydantic import Field

from lucarne.artifact import Artifact, Frozen


class SumToken(Frozen):
    """A token that is added (`sign` 1) or taken away (`sign` -1)."""

    sign: int
    id: int
    text: str


class NearToken(Frozen):
    id: int
    text: str
    cosine: float


class TokenNeighbors(Artifact):
    """The tokens whose vectors point most nearly where a sum of token vectors points; the terms are left out."""

    shape: Literal["token_neighbors"] = "token_neighbors"
    terms: list[SumToken]
    neighbors: list[NearToken] = Field(description="Nearest first.")
    total: int = Field(description="How many tokens there are in all.")


class MappedToken(Frozen):
    """A token on the map."""

    id: int
    text: str
    count: int = Field(description="How often it stands in the stories that ship.")


class TokenMap(Artifact):
    """Every token's vector laid out in two dimensions; near to each other what points the same way.

    `map.safetensors` holds `points`, uint16 (tokens, 2), in 65535ths of the map's side from its upper left corner, in
    the order of `tokens`.
    """

    shape: Literal["token_map"] = "token_map"
    tokens: list[MappedToken]
    vocabulary: int = Field(description="How many tokens the network knows; of more than are shown, the first.")


class PositionVectors(Artifact):
    """The vectors of all positions, as curves over the position.

    `positions.safetensors` holds `vectors`, float32 (position, dimension), and `cosines`, float32 (position, position).
    """

    shape: Literal["position_vectors"] = "position_vectors"
    positions: int
    width: int
    spread: list[float] = Field(description="Of each dimension the standard deviation over the positions.")
    token_norm: float = Field(description="Mean length of a token's vector.")
    position_norm: float = Field(description="Mean length of a position's vector.")


class StreamToken(Frozen):
    id: int
    text: str


class StreamRow(Frozen):
    """A piece of the stream: the context is all but the last, the target all but the first."""

    start: int = Field(description="Where it begins in the stream, in tokens.")
    tokens: list[StreamToken]


class CorpusBatch(Artifact):
    """A batch as a network is trained on it: rows of `context` tokens, and the same shifted by one as the target."""

    shape: Literal["corpus_batch"] = "corpus_batch"
    corpus: str
    title: str
    about: str
    number: int
    batches: int = Field(description="How many there are in all; the last may have fewer rows.")
    context: int
    stream: int = Field(description="Tokens of the whole stream, the one before each document among them.")
    documents: int
    texts: list[str] = Field(description="What the batch says; at each but the first a document begins.")
    rows: list[StreamRow]
    begin: int | None = Field(description="The token that stands before each document, if there is one.")
