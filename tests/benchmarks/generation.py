"""Writing 64 tokens behind 64, in GPT-2 small's shape: beside Hugging Face with its cache, and ourselves without."""

from collections.abc import Iterator

import torch
from transformers import GPT2Config, GPT2LMHeadModel

from lucarne.atlas.language.generation import Sampling, Writer
from lucarne.models.gpt import GPT
from tests.benchmarks.attention import gpt2_small
from tests.benchmarks.timing import Row, in_turn

PROMPT, NEW = 64, 64
HOT = Sampling(temperature=0.8, top_k=50)


def rows() -> Iterator[Row]:
    network = gpt2_small().network
    assert isinstance(network, GPT)
    theirs = GPT2LMHeadModel(GPT2Config()).eval()  # as it comes: scaled_dot_product_attention
    tokens = torch.randint(50257, (1, PROMPT), generator=torch.Generator().manual_seed(0))
    mask = torch.ones_like(tokens)
    fixed = {"attention_mask": mask, "max_new_tokens": NEW, "min_new_tokens": NEW, "pad_token_id": 0, "use_cache": True}

    def written(sampling: Sampling) -> object:
        with torch.inference_mode():
            writer = Writer(network, [0], PROMPT + NEW)
            writer.read(tokens)
            for step in range(NEW):
                drawn = writer.draw(sampling)
                if step < NEW - 1:
                    writer.read(drawn[:, None])
            return writer

    @torch.inference_mode()
    def anew() -> object:
        grown = tokens
        for _ in range(NEW):
            grown = torch.cat([grown, network(grown, None, 1)[:, -1:].argmax(-1)], 1)
        return grown

    @torch.inference_mode()
    def hugging_face(**ways: object) -> object:
        return theirs.generate(tokens, **fixed, **ways)  # pyright: ignore[reportCallIssue, reportArgumentType, reportAttributeAccessIssue]

    what = f"{NEW} tokens behind {PROMPT}"
    yield in_turn(
        f"{what}, the likeliest", lambda: written(Sampling(0)), "Hugging Face generate",
        lambda: hugging_face(do_sample=False), 5,
    )  # fmt: skip
    yield in_turn(
        f"{what}, drawn", lambda: written(HOT), "Hugging Face generate",
        lambda: hugging_face(do_sample=True, temperature=HOT.temperature, top_k=HOT.top_k), 5,
    )  # fmt: skip
    yield in_turn(f"{what}, the likeliest", lambda: written(Sampling(0)), "ours without the cache", anew, 3)
