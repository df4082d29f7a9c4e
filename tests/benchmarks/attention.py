"""Watching every head, in GPT-2 small's shape: beside the plain pass, Hugging Face and TransformerLens."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch
from transformer_lens import TransformerBridge
from transformers import GPT2Config, GPT2LMHeadModel

from lucarne.atlas.language.attention import attention, overview
from lucarne.models.card import Card
from lucarne.models.gpt import GPT, Plan
from lucarne.models.model import Model
from lucarne.models.sites import gpt_sites
from lucarne.models.tiny import draw
from tests.benchmarks.timing import Row, in_turn


def gpt2_small() -> Model:
    """GPT-2 small with random weights: the arithmetic is the same."""
    network = GPT(Plan())
    card = Card(
        name="gpt2", title="GPT-2 small", kind="language", about="", source="", licence="", parameters=0, context=1024,
        sites=gpt_sites(GPT(Plan())),
    )  # fmt: skip
    draw(network)
    return Model(card, network)


@dataclass(frozen=True)
class Kept:
    """Bytes that are kept of the heads, ours and a peer's."""

    what: str
    ours: int
    peer: str
    theirs: int

    def __str__(self) -> str:
        ours, theirs = f"{self.ours / 1e6:>9.1f} MB", f"{self.theirs / 1e6:>9.1f} MB"
        return f"{self.what:<60} {ours}   {self.peer:<32} {theirs}   {self.theirs / self.ours:>6.2f}×"


def size(*tensors: torch.Tensor) -> int:
    """Bytes of tensors, each storage counted once."""
    return sum({tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors}.values())


def rows() -> Iterator[Row | Kept]:
    ours = gpt2_small()
    eager = GPT2Config.from_dict({"attn_implementation": "eager"})
    theirs = GPT2LMHeadModel(eager).eval()
    with tempfile.TemporaryDirectory() as folder:
        GPT2Config().save_pretrained(folder)
        wrapped = GPT2LMHeadModel(eager).eval()
        lens = TransformerBridge.boot_transformers(folder, hf_model=wrapped, device="cpu")
    for length in (128, 512, 1024):
        tokens = torch.randint(50257, (length,))
        rounds = {128: 9, 512: 5, 1024: 3}[length]

        def plain(tokens: torch.Tensor = tokens) -> object:
            return ours(tokens[None])

        def watched(tokens: torch.Tensor = tokens) -> object:
            return attention(ours, tokens)

        def written_out(tokens: torch.Tensor = tokens) -> object:
            return overview(attention(ours, tokens))

        @torch.inference_mode()
        def hugging_face(tokens: torch.Tensor = tokens) -> object:
            return theirs(tokens[None], output_attentions=True, use_cache=False)

        @torch.inference_mode()
        def transformer_lens(tokens: torch.Tensor = tokens) -> object:
            return lens.run_with_cache(tokens[None])

        yield in_turn(f"all heads of {length} tokens, kept", watched, "our plain pass", plain, rounds)
        if length == 1024:
            what = "all heads of 1024 tokens, kept"
            yield in_turn(what, watched, "TransformerLens run_with_cache", transformer_lens, rounds)
            heads = attention(ours, tokens)
            what = "the pattern of one of them, when it is looked at"
            yield in_turn(what, partial(heads.pattern, 6, 3), "our plain pass", plain, rounds)
            with torch.inference_mode():
                _, cache = lens.run_with_cache(tokens[None])  # pyright: ignore[reportGeneralTypeIssues]
            peer = "TransformerLens' cache"
            kept = size(*heads.streams)
            yield Kept("kept of them, without logits", kept, peer, size(*dict(cache).values()))  # pyright: ignore
            continue
        yield in_turn(f"all heads of {length} tokens, every pattern", written_out, "our plain pass", plain, rounds)
        what = f"all heads of {length} tokens, every pattern"
        yield in_turn(what, written_out, "Hugging Face output_attentions", hugging_face, rounds)
        yield in_turn(what, written_out, "TransformerLens run_with_cache", transformer_lens, rounds)
