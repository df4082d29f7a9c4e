"""Every number of the matrix view is the network's, and comes to what its terms add up to."""

import pytest
import torch

from lucarne.atlas.language.matrices import ORDER, matrices, seen_of
from lucarne.atlas.language.multiply import RULES, multiply
from lucarne.models import load
from lucarne.models.errors import Unsuitable
from lucarne.models.model import Model


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_gpt", device="cpu")


@pytest.fixture(scope="module")
def tokens() -> torch.Tensor:
    return torch.randint(257, (40,), generator=torch.Generator().manual_seed(1))


def test_every_matrix_is_what_is_watched_at_its_site(model: Model, tokens: torch.Tensor) -> None:
    found = matrices(model, tokens, 1, 2).matrices
    assert tuple(found) == ORDER
    watched = model.look(tokens[None], "blocks.1.attn.hook_q", "blocks.1.attn.hook_pattern", "blocks.1.hook_resid_mid")
    torch.testing.assert_close(found["q"], watched["blocks.1.attn.hook_q"][0, :, 2], rtol=0, atol=1e-5)
    torch.testing.assert_close(found["pattern"], watched["blocks.1.attn.hook_pattern"][0, 2], rtol=0, atol=1e-5)
    torch.testing.assert_close(found["resid_mid"], watched["blocks.1.hook_resid_mid"][0], rtol=0, atol=1e-5)
    norm = model.network.get_submodule("h.1.ln_1")
    torch.testing.assert_close(found["ln1"], norm(found["resid_pre"]), rtol=0, atol=1e-5)


def test_a_window_shows_some_positions_and_all_keys_up_to_them(model: Model, tokens: torch.Tensor) -> None:
    whole, part = matrices(model, tokens, 0, 0), matrices(model, tokens, 0, 0, first=10, count=5)
    for name, value in part.matrices.items():
        if name in ("scores", "pattern"):
            assert torch.equal(value, whole.matrices[name][10:15, :15])
        elif name != "logits":
            assert torch.equal(value, whole.matrices[name][10:15])
    assert matrices(model, tokens, 0, 0, first=38, count=64).matrices["q"].shape == (2, 8)
    with pytest.raises(Unsuitable) as caught:
        matrices(model, tokens, 0, 0, first=40)
    assert caught.value.field == "first"


def test_of_the_logits_the_likeliest_tokens_columns_are_kept(model: Model, tokens: torch.Tensor) -> None:
    found = matrices(model, tokens, 0, 0, answers=20)
    assert found.answers == sorted(found.answers)
    logits = model(tokens[None])[0]
    torch.testing.assert_close(found.matrices["logits"], logits[:, found.answers], rtol=0, atol=1e-5)
    assert int(logits.max(0).values.argmax()) in found.answers


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("matrix", ORDER)
def test_terms_add_up_to_the_value_the_network_has(model: Model, tokens: torch.Tensor, matrix: str, layer: int) -> None:
    whole = seen_of(model, tokens, layer, 1)
    for row, column in ((0, 0), (17, 3), (39, 7)):
        found = multiply(model, tokens, layer, 1, matrix, row, column)
        assert found.value == whole[matrix][row, column].item()
        assert found.total == pytest.approx(found.value, abs=1e-4)
        assert len(found.left) == len(found.right) == len(found.names) == len(found.terms)


def test_a_product_multiplies_the_row_by_the_models_own_weights(model: Model, tokens: torch.Tensor) -> None:
    whole = seen_of(model, tokens, 1, 2)
    weight = model.network.get_parameter("h.1.attn.c_attn.weight")  # (3 · width, width)
    found = multiply(model, tokens, 1, 2, "k", 5, 4)
    torch.testing.assert_close(found.left, whole["ln1"][5])
    assert torch.equal(found.right, weight[24 + 16 + 4])
    found = multiply(model, tokens, 1, 2, "logits", 5, 200)
    assert torch.equal(found.right, model.network.get_parameter("wte.weight")[200])


def test_what_a_block_reads_is_told_by_who_wrote_it(model: Model, tokens: torch.Tensor) -> None:
    found = multiply(model, tokens, 1, 0, "resid_pre", 5, 4)
    assert found.names == ["embedding", "position", "attention 0", "MLP 0"]
    assert found.terms[0].item() == model.network.get_parameter("wte.weight")[tokens[5], 4].item()


@pytest.mark.parametrize(
    ("matrix", "row", "column", "field"),
    [("nothing", 0, 0, "matrix"), ("q", 40, 0, "row"), ("q", 0, 8, "column"), ("scores", 3, 4, "column")],
)
def test_a_cell_that_is_not_there_is_named(
    model: Model, tokens: torch.Tensor, matrix: str, row: int, column: int, field: str
) -> None:
    with pytest.raises(Unsuitable) as caught:
        multiply(model, tokens, 0, 0, matrix, row, column)
    assert caught.value.field == field


def test_every_matrix_has_a_rule() -> None:
    assert set(RULES) == set(ORDER)
