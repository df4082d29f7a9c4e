"""Our GPT computes what Hugging Face's GPT-2 computes from the same files: ≤ 1e-4 everywhere."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file

from lucarne.models import describe, load
from lucarne.models.errors import WeightsMissing
from lucarne.models.progress import Progress
from lucarne.models.tokenizer import BPE, bytes_only
from lucarne.models.weights import BUNDLED

Pair = tuple[Any, Any, torch.Tensor]
TEXTS = [
    "Once upon a time there was a little girl called Lily.",
    "  two  spaces\n\nand lines\t and a tab ",
    "naïve café – “quotes” … 東京 🧑‍🚀 e\u0301 \u200f\u202e",
    "I'll we've don't CAN'T 3.14 1,000,000 x=y+z; //",
]


def close(ours: torch.Tensor, theirs: torch.Tensor) -> None:
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-4)


def test_logits_are_theirs(pair: Pair) -> None:
    theirs, ours, tokens = pair
    with torch.inference_mode():
        close(ours(tokens), theirs(tokens).logits)


def test_attentions_are_theirs(pair: Pair) -> None:
    theirs, ours, tokens = pair
    with torch.inference_mode():
        expected = theirs(tokens, output_attentions=True).attentions
    seen = ours.look(tokens, *(f"blocks.{layer}.attn.hook_pattern" for layer in range(len(expected))))
    for layer, pattern in enumerate(expected):
        close(seen[f"blocks.{layer}.attn.hook_pattern"], pattern)


def test_hidden_states_are_theirs(pair: Pair) -> None:
    theirs, ours, tokens = pair
    with torch.inference_mode():
        *expected, last = theirs(tokens, output_hidden_states=True).hidden_states
    sites = [f"blocks.{layer}.hook_resid_pre" for layer in range(len(expected))]
    seen = ours.look(tokens, *sites, "ln_final.hook_normalized")
    for site, hidden in zip(sites, expected, strict=True):
        close(seen[site], hidden)
    close(seen["ln_final.hook_normalized"] * ours.network.ln_f.weight + ours.network.ln_f.bias, last)


def test_the_card_counts_their_parameters(pair: Pair) -> None:
    theirs, ours, _ = pair
    assert ours.card.parameters == sum(parameter.numel() for parameter in theirs.parameters())
    assert ours.card.context == theirs.config.n_positions


def test_patterns_come_out_of_an_attention_artifact_as_theirs(small: Pair, tmp_path: Path) -> None:
    """The formula in `Heads` is what the browser computes; here it is written out in plain numpy."""
    from lucarne.recipes.attention import Attention

    theirs, _, _ = small
    theirs.save_pretrained(tmp_path / "mine")
    bytes_only().tokenizer.save(str(tmp_path / "mine/tokenizer.json"))
    ours = load(str(tmp_path / "mine"), device="cpu")
    progress: Progress = iter
    artifact = Attention(model="mine", text=TEXTS[2]).make(ours, tmp_path, None, progress)  # pyright: ignore
    tokens = torch.tensor([[token.id for token in artifact.tokens]])
    with torch.inference_mode():
        output = theirs(tokens, output_attentions=True)
    arrays = load_file(tmp_path / "heads.safetensors")
    assert artifact.heads is not None
    for layer, expected in enumerate(output.attentions):
        query, key = arrays["queries"][layer], arrays["keys"][layer]  # (head, position, head_width)
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(artifact.heads.head_width)  # (head, query, key)
        pattern = np.tril(np.exp(scores - arrays["normalizers"][layer][:, :, None]))
        np.testing.assert_allclose(pattern, expected[0].numpy(), rtol=0, atol=1e-4)
    for position, guesses in enumerate(artifact.guesses):
        odds = output.logits[0, position].softmax(-1)
        assert [guess.probability for guess in guesses] == pytest.approx(odds.topk(10).values.tolist(), abs=1e-4)


@pytest.fixture(scope="module")
def bundled() -> Path:
    try:
        card = describe("gpt")
    except WeightsMissing as missing:
        pytest.skip(missing.detail)
    if not card.available:
        pytest.skip(card.how_to_get)
    return BUNDLED / "gpt"


def test_the_bundled_gpt_is_a_checkpoint_of_theirs(bundled: Path) -> None:
    from transformers import GPT2LMHeadModel

    ways: dict[str, Any] = {"dtype": torch.float32, "attn_implementation": "eager", "output_loading_info": True}
    loaded: Any = GPT2LMHeadModel.from_pretrained(bundled, **ways)
    theirs, report = loaded
    assert not any(report[trouble] for trouble in ("missing_keys", "unexpected_keys", "mismatched_keys"))
    ours = load("gpt", device="cpu")
    for text in TEXTS:
        tokens = torch.tensor([ours.tokenizer.ids(text)])
        with torch.inference_mode():
            close(ours(tokens), theirs(tokens).logits)


def test_token_numbers_are_theirs(bundled: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    theirs = PreTrainedTokenizerFast(tokenizer_file=str(bundled / "tokenizer.json"))
    ours = BPE.read(bundled / "tokenizer.json")
    for text in TEXTS:
        assert ours.ids(text) == theirs.encode(text, add_special_tokens=False)
        assert theirs.decode(ours.ids(text)) == text


def test_a_byte_tokenizers_numbers_are_theirs(tmp_path: Path) -> None:
    from transformers import PreTrainedTokenizerFast

    bytes_only().tokenizer.save(str(tmp_path / "tokenizer.json"))
    theirs = PreTrainedTokenizerFast(tokenizer_file=str(tmp_path / "tokenizer.json"))
    for text in TEXTS:
        ids = bytes_only().ids(text)
        assert ids == theirs.encode(text, add_special_tokens=False)
        assert bytes(ids) == text.encode()
