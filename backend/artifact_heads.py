"""What the browser draws of attention heads and of the matrices that pass through a block."""

from typing import Literal

from pydantic import Field

from lucarne.artifact import Artifact, Frozen
from lucarne.artifact_text import Token


class ScoreParts(Artifact):
    """Why a head attends: the score of one key for one query, before the softmax, taken apart in two ways.

    `parts.safetensors` holds `dimensions`, float32 (head_width,), and `components`, float32 (component of the query,
    component of the key): each adds up to `score`.
    """

    shape: Literal["score_parts"] = "score_parts"
    tokens: list[Token]
    score: float
    weight: float = Field(description="The key's part of the query's attention, 0…1.")
    head_width: int
    components: list[str] = Field(description="What the block reads is the sum of, the earliest first; biases last.")


class InductionLab(Artifact):
    """Something said twice, and what every head does with it, with nothing and with some heads switched off.

    Tokens are all that is read, each `start` and `end` counted in what is said once. `lab.safetensors` holds `loss` and
    `loss_before`, float32 (position - 1,): nats by which each token from the second on surprises; `stripe`, `previous`,
    `stripe_before` and `previous_before`, float32 (layer, head): mean attention in the second saying to what followed
    in the first, and to the token just before; `pattern`, float32 (query, key), of the chosen head. `_before` is with
    all heads on.
    """

    shape: Literal["induction_lab"] = "induction_lab"
    tokens: list[Token]
    length: int = Field(description="Tokens of one saying; the last 2 × length of the tokens are the two of them.")
    layers: int
    heads: int
    layer: int = Field(description="Of the head whose pattern is given.")
    head: int
    numbers: dict[str, float] = Field(description="Mean loss of the first and the second saying, with and without.")


class MatrixName(Frozen):
    """A matrix of the pass, and its true size."""

    name: str
    rows: int = Field(description="Positions of the text.")
    columns: int
    site: str = Field(description="Where it is watched in the network.")


class MatrixPass(Artifact):
    """A text as a matrix of vectors on its way through one block.

    `matrices.safetensors` holds each of `matrices` under its name, float32 (position, column), for the tokens from
    `first` on. `scores` and `pattern` have columns up to the last of these tokens, with -inf ahead of a query; of
    `logits` the columns of `answers` are there.
    """

    shape: Literal["matrix_pass"] = "matrix_pass"
    tokens: list[Token]
    first: int
    count: int
    layers: int
    heads: int
    matrices: list[MatrixName]
    answers: list[int] = Field(description="Token numbers of the logits' columns.")
    answer_texts: list[str]


class Term(Frozen):
    """One term of a sum."""

    name: str
    left: float
    right: float
    adds: float


class Sum(Artifact):
    """How one number of a matrix came about: value = factor · Σ left · right + bias, or as `rule` says.

    `terms.safetensors` holds `left`, `right` and `adds` of all terms, float32 (term,), in their order. For the rule
    `softmax` left are scores, right e to the power of each less the largest, and adds each key's weight.
    """

    shape: Literal["sum"] = "sum"
    rule: Literal["lookup", "sum", "norm", "product", "softmax", "gelu"]
    matrix: str
    row: int
    column: int
    value: float = Field(description="What the network computed.")
    total: float = Field(description="What the terms come to; equal up to rounding.")
    factor: float
    bias: float
    count: int = Field(description="How many terms there are.")
    largest: list[Term] = Field(description="The terms that count most, of either sign, largest first.")
    numbers: dict[str, float] = Field(default={}, description="Further numbers that the rule needs.")
