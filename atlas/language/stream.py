"""The stream of tokens a GPT is trained on, cut into batches of context and target."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lucarne.atlas.language.corpora import Corpus
from lucarne.models.errors import Unsuitable


@dataclass(frozen=True)
class Batch:
    """Rows of `context` + 1 tokens: all but the last are read, all but the first are to be foretold."""

    number: int
    batches: int
    stream: int  # tokens of the whole stream
    starts: NDArray[np.int64] = field(repr=False)  # (rows,): where each begins in it
    rows: NDArray[np.int64] = field(repr=False)  # (rows, context + 1)

    @property
    def contexts(self) -> NDArray[np.int64]:
        return self.rows[:, :-1]

    @property
    def targets(self) -> NDArray[np.int64]:
        return self.rows[:, 1:]


def stream(corpus: Corpus) -> NDArray[np.int64]:
    """All documents one after another, each behind the begin token if the model has one: (tokens,)."""
    if corpus.begin is None:
        return corpus.tokens
    return np.insert(corpus.tokens, corpus.starts[:-1], corpus.begin)


def batch(corpus: Corpus, number: int, count: int, context: int) -> Batch:
    """Batch `number`, from 0, of `count` rows that follow each other without a gap: a row begins with the token that
    was the last target of the row before.

    Raises Unsuitable for a batch that is not there, or a context longer than the whole.
    """
    tokens = stream(corpus)
    rows = (len(tokens) - 1) // context
    if rows < 1:
        detail = f"The corpus has {len(tokens)} tokens: too few for a context of {context} and its target."
        raise Unsuitable(detail, field="context")
    batches = -(-rows // count)
    if number >= batches:
        raise Unsuitable(f"The corpus has {batches:,} batches of this size, numbered from 0.", field="number")
    starts = np.arange(number * count, min(rows, (number + 1) * count)) * context
    return Batch(number, batches, len(tokens), starts, tokens[starts[:, None] + np.arange(context + 1)])
