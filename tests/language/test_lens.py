"""What is read at every stage, who argued for a token, and what is said without them: on the tiny network."""

from collections.abc import Callable

import pytest
import torch

from lucarne.atlas.language import lens as reading
from lucarne.atlas.language.ablation import Changed, ablation, shuffled
from lucarne.atlas.language.direct_logits import direct_logits
from lucarne.atlas.language.interventions import Cut
from lucarne.atlas.language.lens import lens, stages
from lucarne.atlas.language.patching import blocks_of, patching
from lucarne.models import load
from lucarne.models.errors import Unsuitable
from lucarne.models.gpt import GPT
from lucarne.models.model import Model


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_gpt", device="cpu")


def drawn(count: int, seed: int = 0) -> torch.Tensor:
    return torch.randint(257, (count,), generator=torch.Generator().manual_seed(seed))


TOKENS = drawn(20)


def network(model: Model) -> GPT:
    assert isinstance(model.network, GPT)
    return model.network


# ── the lens ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(params=["the whole vocabulary", "64 tokens"], ids="{} at a time".format)
def vocabulary(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In parts of 64 the last of 257 tokens is a part of its own."""
    if request.param == "64 tokens":
        monkeypatch.setattr(reading, "LOGITS", 1)


@pytest.mark.usefixtures("vocabulary")
@pytest.mark.parametrize("k", [1, 7, 100, 1000])
def test_the_last_stage_says_what_the_network_says(model: Model, k: int) -> None:
    read = lens(model, TOKENS, k=k)
    k = min(k, 257)
    odds = model(TOKENS[None])[0].softmax(-1)
    torch.testing.assert_close(read.probabilities[-1], odds.topk(k).values, rtol=0, atol=1e-6)
    assert torch.equal(read.tokens[-1].long(), odds.topk(k).indices)
    assert len(read.tokens) == len(stages(model)) == 5


@pytest.mark.usefixtures("vocabulary")
def test_entropy_rank_and_probability_are_those_of_the_token_that_follows(model: Model) -> None:
    read = lens(model, TOKENS)
    for stage, where in enumerate(stages(model)):
        stream = model.look(TOKENS[None], where.site)[where.site][0]
        odds = (network(model).ln_f(stream) @ network(model).wte.weight.T).double().softmax(-1)
        for position, follows in enumerate(TOKENS[1:].tolist()):
            row = odds[position]
            assert read.entropy[stage, position].item() == pytest.approx(-(row * row.log()).sum().item(), abs=1e-4)
            assert read.probability[stage, position].item() == pytest.approx(row[follows].item(), abs=1e-6)
            assert read.rank[stage, position] == (row > row[follows]).sum()
    assert read.truth[:-1].tolist() == TOKENS[1:].tolist()


def test_behind_the_last_token_the_truth_is_the_networks_own_guess(model: Model) -> None:
    read = lens(model, TOKENS, first=15)
    assert read.open
    assert read.truth[-1] == model(TOKENS[None])[0, -1].argmax()
    assert read.rank[-1, -1] == 0
    assert not lens(model, TOKENS, first=0, count=19).open


@pytest.mark.parametrize(("first", "count"), [(0, 1), (0, 7), (5, 7), (13, 64), (19, 1)])
def test_a_window_says_what_the_whole_text_says_there(model: Model, first: int, count: int) -> None:
    whole, part = lens(model, TOKENS), lens(model, TOKENS, first, count)
    shown = slice(first, first + count)
    torch.testing.assert_close(part.probabilities, whole.probabilities[:, shown], rtol=0, atol=1e-6)
    torch.testing.assert_close(part.entropy, whole.entropy[:, shown], rtol=0, atol=1e-5)
    assert torch.equal(part.truth, whole.truth[shown])


@pytest.mark.parametrize("columns", [1, 7, 8, 64, 2033, 2040])
def test_marks_are_counted_eight_at_a_time(columns: int) -> None:
    drawn = torch.rand(9, columns, generator=torch.Generator().manual_seed(0))
    for marks in (drawn < 0.5, drawn < 2, drawn > 2):
        assert torch.equal(reading._counted(marks), marks.sum(-1))  # pyright: ignore[reportPrivateUsage]


def test_a_window_behind_the_text_is_refused(model: Model) -> None:
    with pytest.raises(Unsuitable, match="20 tokens") as caught:
        lens(model, TOKENS, first=20)
    assert caught.value.field == "first"


# ── who argued ───────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("position", [0, 9, 19])
@pytest.mark.parametrize("against", [None, 5])
def test_the_parts_add_up_to_the_logit_the_network_computed(model: Model, position: int, against: int | None) -> None:
    found = direct_logits(model, TOKENS, position, answer=200, against=against)
    logits = model(TOKENS[None])[0, position]
    wanted = (logits[200] - (logits[5] if against else 0)).item()
    assert found.logit == pytest.approx(wanted, abs=1e-4)
    assert found.total == pytest.approx(wanted, abs=1e-4)
    assert found.sources.shape == (2, 3, position + 1)
    torch.testing.assert_close(found.sources.sum(-1), found.heads, rtol=0, atol=1e-5)


def test_the_likeliest_token_is_argued_for_where_none_is_named(model: Model) -> None:
    assert direct_logits(model, TOKENS, 3).answer == model(TOKENS[None])[0, 3].argmax()


def test_what_is_not_there_cannot_be_argued_about(model: Model) -> None:
    for fields, field in (
        ({"position": 20}, "position"),
        ({"position": 3, "answer": 257}, "answer"),
        ({"position": 3, "answer": 1, "against": 300}, "against"),
        ({"position": 3, "answer": 1, "against": 1}, "against"),
    ):
        with pytest.raises(Unsuitable) as caught:
            direct_logits(model, TOKENS, **fields)
        assert caught.value.field == field


# ── what is said without them ────────────────────────────────────────────────────────────────────────────────────────

Edited = Callable[..., torch.Tensor]


def logits_of(model: Model, **edits: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    with model.edit({name.replace("__", "."): change for name, change in edits.items()}):
        return model(TOKENS[None])[0]


def without(model: Model, *cuts: Cut, other: torch.Tensor | None = None) -> Changed:
    return ablation(model, TOKENS, cuts, 257, other)


def check(found: Changed, plain: torch.Tensor, edited: torch.Tensor) -> None:
    """It tells of exactly these two runs."""
    then, now = plain.log_softmax(-1), edited.log_softmax(-1)
    for column in (0, 100, 256):
        torch.testing.assert_close(found.before[:, column], then.exp().gather(1, found.tokens.long())[:, column])
        torch.testing.assert_close(
            found.after[:, column], now.exp().gather(1, found.tokens.long())[:, column], rtol=0, atol=1e-6
        )
    torch.testing.assert_close(found.moved, (now.exp() * (now - then)).sum(-1).clamp(min=0), rtol=0, atol=1e-5)
    losses = -now[torch.arange(19), TOKENS[1:]]
    torch.testing.assert_close(found.loss_after, losses, rtol=0, atol=1e-5)


def test_nothing_switched_off_changes_nothing(model: Model) -> None:
    found = without(model)
    assert not found.moved.any()
    assert torch.equal(found.before, found.after)


SINGLE = {
    "head": (Cut("head", 1, head=2), "blocks.1.attn.hook_z", (slice(None), slice(None), 2)),
    "attention": (Cut("attention", 0), "blocks.0.hook_attn_out", (slice(None),)),
    "mlp": (Cut("mlp", 1), "blocks.1.hook_mlp_out", (slice(None),)),
    "neuron": (Cut("neuron", 0, unit=7), "blocks.0.mlp.hook_post", (slice(None), slice(None), 7)),
    "residual": (Cut("residual", 1, position=4), "blocks.1.hook_resid_pre", (slice(None), 4)),
    "head at a place": (Cut("head", 0, head=1, position=3), "blocks.0.attn.hook_z", (slice(None), 3, 1)),
}


@pytest.mark.parametrize("action", ["zero", "mean", "resample"])
@pytest.mark.parametrize("name", SINGLE)
def test_a_part_is_replaced_where_it_stands_and_nowhere_else(model: Model, name: str, action: str) -> None:
    cut, site, part = SINGLE[name]
    cut = Cut(**{**vars(cut), "action": action})
    other = drawn(25, seed=1)
    usual, others = (model.look(each[None], site)[site] for each in (TOKENS, other[:20]))

    def change(value: torch.Tensor) -> torch.Tensor:
        instead = {"zero": torch.zeros_like(usual), "mean": usual.mean(1, keepdim=True).expand_as(usual)}
        value = value.clone()
        value[part] = instead.get(action, others)[part]
        return value

    with model.edit({site: change}):
        edited = model(TOKENS[None])[0]
    found = without(model, cut, other=other)
    check(found, model(TOKENS[None])[0], edited)
    assert found.moved.max() > 1e-6
    if cut.position is not None:
        assert not found.moved[: cut.position].any(), "what lies before hears nothing of it"


def test_an_edge_takes_a_head_out_of_what_one_mlp_reads_and_of_nothing_else(model: Model) -> None:
    seen = model.look(TOKENS[None], "blocks.0.attn.hook_z", "blocks.1.hook_resid_mid")
    block = network(model).blocks[1]
    adds = seen["blocks.0.attn.hook_z"][0, :, 1] @ network(model).blocks[0].attn.c_proj.weight[:, 8:16].T
    read = block.mlp(block.ln_2(seen["blocks.1.hook_resid_mid"][0] - adds)[None])
    edited = logits_of(model, blocks__1__hook_mlp_out=lambda _: read)
    check(without(model, Cut("edge", 0, head=1, to="mlp", to_layer=1)), model(TOKENS[None])[0], edited)


def test_an_edge_takes_a_head_out_of_what_one_head_reads_and_of_nothing_else(model: Model) -> None:
    seen = model.look(TOKENS[None], "blocks.0.attn.hook_z", "blocks.1.hook_resid_pre", "blocks.1.attn.hook_z")
    block = network(model).blocks[1]
    adds = seen["blocks.0.attn.hook_z"][0, :, 2] @ network(model).blocks[0].attn.c_proj.weight[:, 16:24].T
    with model.watch("blocks.1.attn.hook_z") as anew, torch.inference_mode():
        block(seen["blocks.1.hook_resid_pre"] - adds[None])
    z = seen["blocks.1.attn.hook_z"].clone()
    z[:, :, 0] = anew["blocks.1.attn.hook_z"][:, :, 0]
    edited = logits_of(model, blocks__1__attn__hook_z=lambda _: z)
    cut = Cut("edge", 0, head=2, to="head", to_layer=1, to_head=0)
    check(without(model, cut), model(TOKENS[None])[0], edited)


def test_an_edge_to_the_logits_takes_away_what_a_head_says_by_itself(model: Model) -> None:
    end = model.look(TOKENS[None], "blocks.1.hook_resid_post", "blocks.0.attn.hook_z")
    adds = end["blocks.0.attn.hook_z"][0, :, 0] @ network(model).blocks[0].attn.c_proj.weight[:, :8].T
    stream = end["blocks.1.hook_resid_post"][0] - adds
    edited = network(model).ln_f(stream) @ network(model).wte.weight.T
    check(without(model, Cut("edge", 0, head=0, to="logits")), model(TOKENS[None])[0], edited)


def test_all_edges_of_a_head_together_are_the_head_itself(model: Model) -> None:
    edges = [
        Cut("edge", 0, head=1, to="mlp", to_layer=0),
        Cut("edge", 0, head=1, to="mlp", to_layer=1),
        *(Cut("edge", 0, head=1, to="head", to_layer=1, to_head=head) for head in range(3)),
        Cut("edge", 0, head=1, to="logits"),
    ]
    torch.testing.assert_close(
        without(model, *edges).moved, without(model, Cut("head", 0, head=1)).moved, rtol=0, atol=1e-5
    )


def test_two_edges_into_one_reader_are_both_cut(model: Model) -> None:
    both = [Cut("edge", 0, head=head, to="mlp", to_layer=1) for head in (0, 1)]
    seen = model.look(TOKENS[None], "blocks.0.attn.hook_z", "blocks.1.hook_resid_mid")
    block, writes = network(model).blocks[1], network(model).blocks[0].attn.c_proj.weight[:, :16]
    adds = seen["blocks.0.attn.hook_z"][0, :, :2].flatten(1) @ writes.T
    read = block.mlp(block.ln_2(seen["blocks.1.hook_resid_mid"][0] - adds)[None])
    edited = logits_of(model, blocks__1__hook_mlp_out=lambda _: read)
    check(without(model, *both), model(TOKENS[None])[0], edited)


def test_what_cannot_be_switched_off_says_so(model: Model) -> None:
    for cut, said in (
        (Cut("head", 2, head=0), "2 layers"),
        (Cut("head", 0, head=3), "3 heads"),
        (Cut("head", 0), "needs a “head”"),
        (Cut("mlp", 0, head=1), "has no “head”"),
        (Cut("neuron", 0, unit=48), "48 neurons"),
        (Cut("mlp", 0, position=20), "20 positions"),
        (Cut("edge", 1, head=0, to="head", to_layer=1, to_head=0), "has read before"),
        (Cut("edge", 0, head=0, to="mlp"), "needs a “to_layer”"),
    ):
        with pytest.raises(Unsuitable, match=said) as caught:
            without(model, cut)
        assert caught.value.field == "edits"
    edge = Cut("edge", 0, head=1, to="mlp", to_layer=1)
    for other in (Cut("attention", 0), Cut("residual", 1, position=2)):
        with pytest.raises(Unsuitable, match=r"nothing of head 0\.1 is left") as caught:
            without(model, edge, other)
    without(model, edge, Cut("residual", 0, position=2))  # what is changed before it speaks is no hindrance
    without(model, Cut("edge", 0, head=1, to="mlp", to_layer=0), Cut("residual", 1, position=2))  # nor what comes after
    with pytest.raises(Unsuitable, match="twice"):
        without(model, Cut("mlp", 0), Cut("mlp", 0, action="mean"))
    with pytest.raises(Unsuitable, match="19 tokens long, this one 20") as caught:
        without(model, Cut("mlp", 0, action="resample"), other=drawn(19))
    assert caught.value.field == "other"


def test_shuffling_keeps_the_beginning_and_every_token() -> None:
    order = shuffled(TOKENS, 0, 1)
    assert order[0] == TOKENS[0]
    assert order.sort().values.tolist() == TOKENS.sort().values.tolist()
    assert order.tolist() != TOKENS.tolist()
    assert not torch.equal(order, shuffled(TOKENS, 1, 1))


# ── what brings it back ──────────────────────────────────────────────────────────────────────────────────────────────

CLEAN, CORRUPT = TOKENS, torch.cat([TOKENS[:8], drawn(1, seed=5), TOKENS[9:]])


def by_hand(model: Model, site: str, part: tuple[int | slice, ...]) -> float:
    """The part of the difference that comes back when one value is put in, in a whole pass of its own."""
    seen = model.look(CLEAN[None], site)[site]

    def swap(value: torch.Tensor) -> torch.Tensor:
        value = value.clone()
        value[part] = seen[part]
        return value

    def difference(tokens: torch.Tensor) -> float:
        logits = model(tokens[None])[0, -1]
        return (logits[3] - logits[9]).item()

    clean, corrupt = difference(CLEAN), difference(CORRUPT)
    with model.edit({site: swap}):
        return (difference(CORRUPT) - corrupt) / (clean - corrupt)


@pytest.mark.parametrize("what", ["resid_pre", "attn_out", "mlp_out"])
def test_each_place_brings_back_what_it_does_in_a_pass_of_its_own(model: Model, what: str) -> None:
    found = patching(model, CLEAN, CORRUPT, what, 3, 9)  # pyright: ignore[reportArgumentType]
    assert found.parts.shape == (2, 20)
    for layer, position in ((0, 8), (1, 8), (0, 19), (1, 19), (1, 12), (1, 3)):
        wanted = by_hand(model, f"blocks.{layer}.hook_{what}", (slice(None), position))
        assert found.parts[layer, position].item() == pytest.approx(wanted, abs=1e-3)
    assert not found.parts[:, :8].any(), "before the first difference there is nothing to take over"
    if what == "resid_pre":
        assert found.parts[0, 8].item() == pytest.approx(1, abs=1e-3), "all that differs is taken over"


def test_each_head_brings_back_what_it_does_in_a_pass_of_its_own(model: Model) -> None:
    found = patching(model, CLEAN, CORRUPT, "heads", 3, 9)
    for layer in range(2):
        for head in range(3):
            wanted = by_hand(model, f"blocks.{layer}.attn.hook_z", (slice(None), slice(None), head))
            assert found.parts[layer, head].item() == pytest.approx(wanted, abs=1e-3)


def test_a_long_text_is_patched_in_blocks(model: Model) -> None:
    found = patching(model, CLEAN, CORRUPT, "resid_pre", 3, 9, most=6)
    assert [(block.start, block.stop) for block in found.blocks] == [(0, 4), (4, 8), (8, 12), (12, 16), (16, 20)]
    wanted = by_hand(model, "blocks.1.hook_resid_pre", (slice(None), slice(16, 20)))
    assert found.parts[1, 4].item() == pytest.approx(wanted, abs=1e-3)
    assert blocks_of(6, 6) == [range(at, at + 1) for at in range(6)]


def test_texts_that_cannot_be_compared_say_why(model: Model) -> None:
    with pytest.raises(Unsuitable, match="clean one has 20, the corrupt one 19") as caught:
        patching(model, CLEAN, CORRUPT[:19], "heads")
    assert caught.value.field == "corrupt"
    with pytest.raises(Unsuitable, match="end otherwise"):
        patching(model, CLEAN, CLEAN, "heads")
    with pytest.raises(Unsuitable, match="same logits"):
        patching(model, CLEAN, CLEAN, "heads", 3, 9)
