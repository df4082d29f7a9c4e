"""The logit lens and the parts that argue, in GPT-2 small's shape: beside a plain pass over the whole text."""

from collections.abc import Iterator

import torch

from lucarne.atlas.language.direct_logits import direct_logits
from lucarne.atlas.language.lens import lens
from tests.benchmarks.attention import gpt2_small
from tests.benchmarks.timing import Row, in_turn

COUNT = 64


def rows() -> Iterator[Row]:
    ours = gpt2_small()
    tokens = torch.randint(50257, (1024,), generator=torch.Generator().manual_seed(0))

    def plain() -> object:
        return ours(tokens[None])

    def at(first: int) -> object:
        return lens(ours, tokens, first, COUNT)

    for where, first in (("first", 0), ("last", len(tokens) - COUNT)):
        what = f"lens: 25 stages of the {where} {COUNT} of 1,024 tokens"
        yield in_turn(what, lambda first=first: at(first), "a plain pass", plain, 3)
    yield in_turn(
        "who argued after the last of 1,024 tokens", lambda: direct_logits(ours, tokens, 1023), "a plain pass", plain, 3
    )
