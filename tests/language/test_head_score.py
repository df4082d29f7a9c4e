"""A score taken apart adds up to the score, whichever way it is taken apart."""

import pytest
import torch

from lucarne.atlas.language.attention import attention
from lucarne.atlas.language.head_score import head_score
from lucarne.models import load
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_gpt", device="cpu")


@pytest.fixture(scope="module")
def tokens() -> torch.Tensor:
    return torch.randint(257, (20,), generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize(("query", "key"), [(0, 0), (19, 0), (19, 19), (12, 5)])
def test_components_and_dimensions_add_up_to_the_networks_score(
    model: Model, tokens: torch.Tensor, layer: int, query: int, key: int
) -> None:
    attended = attention(model, tokens)
    for head in range(3):
        found = head_score(model, tokens, layer, head, query, key)
        score = attended.scores(layer, head)[query, key].item()
        assert found.score == pytest.approx(score, abs=1e-5)
        assert found.components.sum().item() == pytest.approx(score, abs=1e-4)
        assert found.dimensions.sum().item() == pytest.approx(score, abs=1e-4)
        torch.testing.assert_close(found.dimensions, attended.parts(layer, head, query, key))
        assert found.weight == pytest.approx(attended.pattern(layer, head)[query, key].item(), abs=1e-5)


def test_a_layer_reads_what_all_layers_before_it_wrote(model: Model, tokens: torch.Tensor) -> None:
    assert head_score(model, tokens, 0, 0, 3, 1).names == ["embedding", "position", "bias"]
    deeper = head_score(model, tokens, 1, 0, 3, 1)
    assert deeper.names == ["embedding", "position", "attention 0", "MLP 0", "bias"]
    assert deeper.components.shape == (5, 5)


def test_a_component_that_is_not_there_adds_nothing(model: Model, tokens: torch.Tensor) -> None:
    silent = {"blocks.0.hook_mlp_out": torch.zeros_like}
    with model.edit(silent):
        found = head_score(model, tokens, 1, 2, 9, 4)
    at = found.names.index("MLP 0")
    assert not found.components[at].any()
    assert not found.components[:, at].any()
    assert found.components.sum().item() == pytest.approx(found.score, abs=1e-4)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ((2, 0, 1, 0), "layer"), ((0, 3, 1, 0), "head"), ((0, 0, 20, 0), "query"), ((0, 0, 1, 20), "key"),
        ((0, 0, 1, 2), "key"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_named(
    model: Model, tokens: torch.Tensor, asked: tuple[int, int, int, int], field: str
) -> None:
    with pytest.raises(Unsuitable) as caught:
        head_score(model, tokens, *asked)
    assert caught.value.field == field


def test_what_is_moved_is_the_length_of_what_a_value_writes(model: Model, tokens: torch.Tensor) -> None:
    """Kobayashi et al. 2020, written out: the norm of each weighted, transformed vector."""
    attended = attention(model, tokens)
    for layer in range(2):
        site = f"blocks.{layer}.attn.hook_v"
        values = model.look(tokens[None], site)[site][0]  # (position, head, d_head)
        out = model.network.get_parameter(f"h.{layer}.attn.c_proj.weight")  # (width, head · d_head)
        for head in range(3):
            written = values[:, head] @ out[:, 8 * head : 8 * head + 8].T  # (position, width)
            torch.testing.assert_close(attended.moved(layer, head), written.norm(dim=-1), rtol=1e-4, atol=1e-5)
            apart = attended.pattern(layer, head)[:, :, None] * written[None]  # (query, key, width)
            torch.testing.assert_close(attended.weighted(layer, head), apart.norm(dim=-1), rtol=1e-4, atol=1e-5)
        assert attended.weighted(layer).shape == (3, 20, 20)
