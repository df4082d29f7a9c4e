"""Other people's implementations, imported when they are used, their own warnings left to them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from ..calm import one_thread

__all__ = ["one_thread"]

BORROWED = pytest.mark.filterwarnings("ignore")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/parity" in item.path.as_posix():
            item.add_marker(BORROWED)


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


HuggingFaceGPT = Callable[..., Any]


@pytest.fixture(scope="package")
def hugging_face() -> Iterator[HuggingFaceGPT]:
    """A GPT-2 of theirs with random weights, spread wider than at the start of a training so that heads differ."""
    from transformers import GPT2Config, GPT2LMHeadModel

    def build(**sizes: int) -> Any:
        torch.manual_seed(0)
        config = GPT2Config(**sizes, bos_token_id=0, eos_token_id=0, attn_implementation="eager")  # pyright: ignore
        network = GPT2LMHeadModel(config).eval()
        for parameter in network.parameters():
            parameter.data += 0.1 * torch.randn_like(parameter)
        return network

    yield build


SMALL = {"vocab_size": 300, "n_positions": 128, "n_embd": 24, "n_layer": 3, "n_head": 3, "n_inner": 40}
WIDE = {"vocab_size": 50257, "n_positions": 1024, "n_embd": 768, "n_layer": 1, "n_head": 12}  # as GPT-2 small is

Pair = tuple[Any, Any, torch.Tensor]


def _pair(build: HuggingFaceGPT, sizes: dict[str, int], folder: Path) -> Pair:
    from lucarne.models import load

    theirs = build(**sizes)
    theirs.save_pretrained(folder)
    tokens = torch.randint(sizes["vocab_size"], (2, 30), generator=torch.Generator().manual_seed(1))
    return theirs, load(str(folder), device="cpu"), tokens


@pytest.fixture(scope="package", params=[SMALL, WIDE], ids=["small", "wide"])
def pair(
    request: pytest.FixtureRequest, hugging_face: HuggingFaceGPT, tmp_path_factory: pytest.TempPathFactory
) -> Pair:
    """Their network, ours loaded from the folder theirs was saved to, and tokens (batch, position)."""
    return _pair(hugging_face, request.param, tmp_path_factory.mktemp("saved"))


@pytest.fixture(scope="package")
def small(hugging_face: HuggingFaceGPT, tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """A pair as above, for what one size is enough to show."""
    return _pair(hugging_face, SMALL, tmp_path_factory.mktemp("small"))
