"""What is measured of networks is what is there: against other ways of counting, on made-up data."""

import json
import math
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import torch

from lucarne.atlas import evaluation
from lucarne.atlas.evaluation import Figures, dictionaries, evaluate
from lucarne.atlas.evaluation.figures import MEANINGS
from lucarne.atlas.evaluation.language import PLAYS, held_out
from lucarne.atlas.evaluation.record import card_file, record
from lucarne.atlas.evaluation.vision import confusions
from lucarne.atlas.vision.kernels import CLEAR, NOISE, clarity
from lucarne.models import dictionary, load, loading, weights
from lucarne.models.catalog import MODELS
from lucarne.models.errors import Unknown, Unsuitable, WeightsMissing
from lucarne.models.heads import head_scores
from lucarne.models.training import alexnet as train_alexnet
from lucarne.models.training import gpt as train_gpt
from lucarne.models.training import shakespeare as train_shakespeare
from lucarne.models.training.corpus import END, documents, token_stream
from lucarne.models.training.data import decoded

from ..shipped import ALEXNET, DEAD, SITES, add_dictionary, data_in, plays, ship
from ..training.conftest import pack

T = TypeVar("T")
OURS = ["alexnet", "gpt", "shakespeare"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return data_in(tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def bundled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Small networks in the place of those that ship."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dictionaries, "POSITIONS", 500)
        patch.setattr(dictionaries, "EXAMPLES", 8)
        folder = tmp_path_factory.mktemp("bundled")
        ship(folder, patch)
        yield folder


@pytest.fixture
def own(bundled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of them, for tests that write."""
    shutil.copytree(bundled, tmp_path / "own")
    for module in (loading, weights, dictionary):
        monkeypatch.setattr(module, "BUNDLED", tmp_path / "own")
    return tmp_path / "own"


@pytest.fixture(scope="module")
def figures(bundled: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Figures]:
    cache = tmp_path_factory.mktemp("cache")
    return {name: evaluate(name, data, cache, device="cpu") for name in OURS}


@pytest.mark.parametrize("name", OURS)
def test_figures_are_numbers_with_a_meaning(name: str, figures: dict[str, Figures]) -> None:
    found = figures[name]
    assert (found.model, found.weights) == (name, load(name, device="cpu").weights)
    assert set(found.metrics) <= set(MEANINGS)
    assert all(math.isfinite(value) and value >= 0 for value in found.metrics.values())
    assert "val" in found.measured_on or "last" in found.measured_on


def test_alexnet_is_right_as_often_as_its_training_counts(
    figures: dict[str, Figures], data: Path, tmp_path: Path
) -> None:
    network = load("alexnet", device="cpu").network
    expected = train_alexnet.accuracy(network, *decoded(data, "tiny-imagenet-val", 64, tmp_path), batch=7)  # pyright: ignore
    assert {name: figures["alexnet"].metrics[name] for name in expected} == pytest.approx(expected, abs=1e-3)
    assert "31 pictures" in figures["alexnet"].measured_on
    assert 0 < expected["top1"] < expected["top5"] < 100


def test_channels_that_never_speak_are_counted(figures: dict[str, Figures], data: Path, tmp_path: Path) -> None:
    model = load("alexnet", device="cpu")
    pictures, _ = decoded(data, "tiny-imagenet-val", 64, tmp_path)
    pixels = train_alexnet.resized(torch.tensor(pictures), ALEXNET.input_size)
    for layer in (2, 3, 4, 5):
        before = torch.cat([model.look(one[None], f"conv{layer}")[f"conv{layer}"] for one in pixels])
        silent = sum(1 for channel in before.unbind(1) if channel.max() <= 0)
        assert figures["alexnet"].metrics[f"dead_conv{layer}"] == pytest.approx(
            100 * silent / before.shape[1], abs=1e-3
        )
    assert figures["alexnet"].metrics["dead_conv3"] >= 100 * DEAD / 12


def test_kernels_are_judged_by_their_clarity(
    figures: dict[str, Figures], own: Path, data: Path, tmp_path: Path
) -> None:
    assert (figures["alexnet"].metrics["clear_kernels"], figures["alexnet"].metrics["noise_kernels"]) == (0, 8)
    model = load("alexnet", device="cpu")
    weight = model.network.get_parameter("conv1.weight")
    weight[:3] = torch.linspace(-1, 1, 11).view(1, 1, 11)  # three slopes from dark to light
    found = clarity(weight)
    assert ((found >= CLEAR).sum(), (found < NOISE).sum()) == (3, 5)
    measured = evaluation.vision.figures_of(model, data, tmp_path, iter)
    assert (measured.metrics["clear_kernels"], measured.metrics["noise_kernels"]) == (3, 5)


def test_confusions_name_what_a_class_is_taken_for() -> None:
    labels = np.array([0] * 4 + [1] * 4 + [2] * 4 + [4] * 2)
    guesses = np.array([0, 1, 1, 2] + [3, 3, 3, 0] + [2] * 4 + [0, 1])
    names = ["cat", "dog", "fish", "bird", "fox"]
    worst = confusions(guesses, labels, names)
    assert [(each.name, each.right, each.taken_for, each.wrong) for each in worst] == [
        ("dog", 0, "bird", 75), ("fox", 0, "cat", 50), ("cat", 25, "dog", 50),
    ]  # fmt: skip
    assert confusions(guesses, labels, names, most=1) == worst[:1]


def test_the_worst_classes_are_at_most_ten_by_their_names(figures: dict[str, Figures]) -> None:
    worst = figures["alexnet"].worst
    names = load("alexnet", device="cpu").labels[:6]
    assert 0 < len(worst) <= 6
    assert all(each.name in names and each.taken_for in names and each.name != each.taken_for for each in worst)
    assert [each.right for each in worst] == sorted(each.right for each in worst)
    assert all(each.right + each.wrong <= 100.1 for each in worst)


def test_stories_cost_what_the_training_counts(figures: dict[str, Figures], data: Path, tmp_path: Path) -> None:
    model = load("gpt", device="cpu")
    stream = token_stream(data / train_gpt.TRIAL, model.tokenizer.tokenizer, tmp_path)
    size = len("\n".join(documents(data / train_gpt.TRIAL)).encode())
    expected = train_gpt.bits_per_byte(model.network, stream, size)  # pyright: ignore
    assert figures["gpt"].metrics["bits_per_byte"] == pytest.approx(expected, abs=1e-4)
    assert f"{len(stream):,} tokens" in figures["gpt"].measured_on


def test_heads_are_scored_and_counted(figures: dict[str, Figures]) -> None:
    metrics = figures["gpt"].metrics
    scores = head_scores(load("gpt", device="cpu").network, length=50, seeds=range(4))  # pyright: ignore
    assert metrics["best_induction"] == pytest.approx(scores.induction.max().item(), abs=1e-4)
    assert metrics["best_previous_token"] == pytest.approx(scores.previous_token.max().item(), abs=1e-4)
    assert metrics["induction_heads"] == metrics["previous_token_heads"] == 0
    assert not {"best_induction", "induction_heads"} & set(figures["shakespeare"].metrics)


def test_a_head_that_looks_back_is_found() -> None:
    """Position vectors on a circle, and a head that turns its query back by one step."""
    from lucarne.models.gpt import GPT, Plan

    plan = Plan(vocabulary=30, context=64, layers=2, heads=2, width=8, hidden=8)
    network = GPT(plan)
    for parameter in network.parameters():
        torch.nn.init.zeros_(parameter)
    for module in network.modules():
        if type(module).__name__ == "LayerNorm":
            module.weight.data.fill_(1.0)  # pyright: ignore
    angle = torch.arange(64) * (2 * math.pi / 64)
    wave = torch.stack([angle.cos(), angle.sin(), -angle.cos(), -angle.sin()], 1)  # (position, 4): mean 0
    network.wpe.weight.data[:, :4] = wave
    step = 2 * math.pi / 64
    back = torch.tensor([[math.cos(step), math.sin(step)], [-math.sin(step), math.cos(step)]])
    attention = network.blocks[0].attn
    attention.c_attn.weight.data[0:2, 0:2] = 400 * back  # queries of head 0  # pyright: ignore
    attention.c_attn.weight.data[8:10, 0:2] = torch.eye(2)  # its keys  # pyright: ignore
    metrics = evaluation.language.heads(network.eval(), 0)
    assert metrics["previous_token_heads"] == 1
    assert metrics["best_previous_token"] > 0.6
    assert metrics["induction_heads"] == 0


@pytest.mark.parametrize("name", ["gpt", "shakespeare"])
def test_samples_are_the_networks_own_and_can_be_drawn_again(name: str, figures: dict[str, Figures]) -> None:
    samples = figures[name].samples
    model = load(name, device="cpu")
    assert [sample.seed for sample in samples] == [0, 1, 2, 3, 4]
    assert len({sample.opening for sample in samples}) == 5
    most = {"gpt": 200, "shakespeare": 400}[name]
    for sample in samples:
        assert sample.temperature == 0.8
        assert sample.text and END not in sample.text
        begin = [] if model.tokenizer.end is None else [model.tokenizer.end]
        tokens = [*begin, *model.tokenizer.ids(sample.opening)]
        random = torch.Generator().manual_seed(sample.seed)
        again = train_gpt.sample(model.network, tokens, most, 0.8, random, model.tokenizer.end)  # pyright: ignore
        added = again[len(tokens) :]
        assert model.tokenizer.tokenizer.decode(added, skip_special_tokens=True) == sample.text
        assert len(added) == most or added[-1] == model.tokenizer.end


def test_letters_are_measured_on_the_end_of_the_text(figures: dict[str, Figures], data: Path) -> None:
    metrics = figures["shakespeare"].metrics
    _, _, held_out = train_shakespeare.halves(data)
    network = load("shakespeare", device="cpu").network
    nats = train_shakespeare.nats_per_character(network, held_out)  # pyright: ignore
    assert metrics == pytest.approx({"nats_per_character": nats, "bits_per_byte": nats / math.log(2)}, abs=1e-4)
    assert f"{len(held_out):,} characters" in figures["shakespeare"].measured_on


def test_only_the_end_of_a_text_in_letters_counts(bundled: Path) -> None:
    tokenizer, text = load("shakespeare", device="cpu").tokenizer, plays()
    cut = round(len(text) * 0.9)
    tokens, about = held_out(tokenizer, PLAYS, [text])
    assert tokenizer.tokenizer.decode(tokens.tolist()) == text[cut:]
    assert f"{len(text) - cut:,} characters" in about
    other, _ = held_out(tokenizer, PLAYS, [text[:cut][::-1] + text[cut:]])
    assert np.array_equal(other, tokens)
    other, _ = held_out(tokenizer, PLAYS, [text[:cut] + text[cut:][::-1]])
    assert not np.array_equal(other, tokens)


@pytest.mark.parametrize("name", OURS)
def test_data_may_lie_in_folders_of_their_own(name: str, figures: dict[str, Figures], tmp_path: Path) -> None:
    data = data_in(tmp_path / "data", inner=True)
    assert evaluate(name, data, tmp_path / "cache", device="cpu") == figures[name]


def test_a_second_evaluation_reads_the_cache(figures: dict[str, Figures], bundled: Path, tmp_path: Path) -> None:
    data = data_in(tmp_path / "data")
    for _ in range(2):
        assert evaluate("alexnet", data, tmp_path / "cache", device="cpu") == figures["alexnet"]
        (data / "tiny-imagenet-val.bin").write_bytes(b"")


def test_a_folder_and_any_language_model_can_be_measured(
    bundled: Path, figures: dict[str, Figures], data: Path
) -> None:
    assert evaluate(str(bundled / "gpt"), data, data, device="cpu") == figures["gpt"]
    tiny = evaluate("tiny_gpt", data, data, device="cpu")
    assert tiny.metrics["bits_per_byte"] > 8 * 0.9, "random weights and a token a byte: about eight bits, or worse"
    assert set(tiny.metrics) == set(figures["gpt"].metrics)


@pytest.mark.parametrize(
    "name", [name for name, entry in MODELS.items() if entry.kind == "vision" and name != "alexnet"]
)
def test_networks_of_other_classes_are_refused_before_their_weights_are_looked_for(name: str, data: Path) -> None:
    with pytest.raises(Unsuitable, match="Those are of: alexnet"):
        evaluate(name, data, data)


def test_models_nobody_knows_are_unknown(data: Path) -> None:
    with pytest.raises(Unknown):
        evaluate("alexnot", data, data)


@pytest.mark.parametrize(
    ("name", "missing"),
    [("alexnet", "tiny-imagenet-val"), ("gpt", train_gpt.TRIAL), ("shakespeare", train_shakespeare.TEXT)],
)
def test_data_that_are_not_there_are_named(name: str, missing: str, bundled: Path, tmp_path: Path) -> None:
    with pytest.raises(Unsuitable, match=missing) as caught:
        evaluate(name, tmp_path, tmp_path / "cache", device="cpu")
    assert caught.value.field == "data"
    assert list(tmp_path.iterdir()) == [], "nothing is left of the try"
    with pytest.raises(Unsuitable, match="no data folder"):
        evaluate(name, tmp_path / "gone", tmp_path, device="cpu")


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])


def spoil(file: Path) -> None:
    file.write_bytes(b"\0" * 400 + file.read_bytes()[400:])


@pytest.mark.parametrize("harm", [cut, spoil, lambda file: file.write_bytes(b""), Path.unlink])
@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("alexnet", "tiny-imagenet-val.bin"), ("alexnet", "tiny-imagenet-val.index.npz"),
        ("gpt", train_gpt.TRIAL), ("shakespeare", train_shakespeare.TEXT),
    ],
)  # fmt: skip
def test_damaged_data_are_said_in_a_sentence(
    name: str, file: str, harm: Callable[[Path], None], bundled: Path, tmp_path: Path
) -> None:
    data = data_in(tmp_path / "data")
    harm(data / file)
    with pytest.raises(Unsuitable) as caught:
        evaluate(name, data, tmp_path / "cache", device="cpu")
    assert str(tmp_path) not in caught.value.detail
    assert file.split(".")[0] in caught.value.detail


def test_a_cache_of_other_pictures_is_not_mistaken_for_these(bundled: Path, tmp_path: Path) -> None:
    data = data_in(tmp_path / "data")
    evaluate("alexnet", data, tmp_path / "cache", device="cpu")
    pack(data, "tiny-imagenet-val", [(64, 64)] * 12, [i % 5 for i in range(12)], 5)
    with pytest.raises(Unsuitable, match="another --cache"):
        evaluate("alexnet", data, tmp_path / "cache", device="cpu")
    pack(data, "tiny-imagenet-val", [(64, 64)] * 12, [i % 7 for i in range(12)], 5)
    with pytest.raises(Unsuitable, match="classes that alexnet does not know"):
        evaluate("alexnet", data, tmp_path / "other", device="cpu")


def test_a_text_in_letters_the_model_lacks_is_refused(bundled: Path, tmp_path: Path) -> None:
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / train_shakespeare.TEXT).write_bytes((data_in(tmp_path / "a") / train_gpt.TRIAL).read_bytes())
    with pytest.raises(Unsuitable, match="cannot read"):
        evaluate("shakespeare", tmp_path, tmp_path, device="cpu")


class Stop(Exception):
    pass


@pytest.mark.parametrize("name", OURS)
def test_work_can_be_stopped(name: str, bundled: Path, data: Path, tmp_path: Path) -> None:
    steps = 0

    def stopping(given: Iterable[T], /) -> Iterator[T]:
        nonlocal steps
        for step in given:
            steps += 1
            if steps > 1:
                raise Stop
            yield step

    with pytest.raises(Stop):
        evaluate(name, data_in(tmp_path), tmp_path / "cache", device="cpu", progress=stopping)
        evaluate(name, data, tmp_path / "cache", device="cpu", progress=stopping)


@pytest.mark.parametrize("name", SITES)
def test_dictionaries_are_measured_anew(name: str, own: Path, data: Path, tmp_path: Path) -> None:
    site, width = SITES[name]
    add_dictionary(own, name)
    (whole,) = evaluate(name, data, tmp_path, device="cpu").dictionaries
    assert whole.explained_variance == pytest.approx(1, abs=1e-3)
    assert whole.loss_recovered == pytest.approx(1, abs=1e-2)
    assert 0 < whole.active <= width, "each axis says how far up or how far down"
    assert whole.dead < 1
    assert (whole.site, whole.notes) == (site, ["made up"])
    add_dictionary(own, name, spoiled=0.3, explained_variance=1.0)
    (spoiled,) = evaluate(name, data, tmp_path, device="cpu").dictionaries
    assert spoiled.explained_variance < 0.9
    (own / name / f"dictionary-{site}.safetensors").unlink()
    with pytest.raises(WeightsMissing, match=site):
        evaluate(name, data, tmp_path, device="cpu")


@pytest.mark.parametrize("name", OURS)
def test_figures_go_into_the_card_and_the_rest_of_it_stays(name: str, own: Path, data: Path, tmp_path: Path) -> None:
    if name in SITES:
        add_dictionary(own, name)
    before = json.loads((own / name / "card.json").read_text(encoding="utf-8"))
    found = evaluate(name, data, tmp_path, device="cpu")
    record(found)
    after = json.loads((own / name / "card.json").read_text(encoding="utf-8"))
    for key in ("weights", "date", "notes", "log"):
        assert after[key] == before[key]
    assert after["metrics"] == {**before["metrics"], **found.metrics}
    assert after["metrics"]["something_else"] == 7.0
    card = load(name, device="cpu").card
    assert card.metrics == after["metrics"]
    assert (card.worst, card.samples, card.dictionaries) == (found.worst, found.samples, found.dictionaries)
    assert not list((own / name).glob("*.part"))
    record(found)
    assert json.loads((own / name / "card.json").read_text(encoding="utf-8")) == after


def test_a_card_that_cannot_be_written_stays_whole(
    own: Path, figures: dict[str, Figures], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (own / "gpt/card.json").read_bytes()

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(Unsuitable, match="No space left"):
        record(figures["gpt"])
    assert (own / "gpt/card.json").read_bytes() == before
    assert not list((own / "gpt").glob("*.part"))


def test_figures_of_other_weights_are_not_recorded(own: Path, figures: dict[str, Figures]) -> None:
    before = (own / "gpt/card.json").read_bytes()
    with pytest.raises(Unsuitable, match="other weights"):
        record(replace(figures["gpt"], weights="0" * 64))
    assert (own / "gpt/card.json").read_bytes() == before


@pytest.mark.parametrize("name", ["gpt2", "tiny_gpt", "alexnet-imagenet", "a folder"])
def test_only_networks_that_ship_have_a_card_to_write(name: str, bundled: Path) -> None:
    with pytest.raises(Unsuitable, match="ships with Lucarne"):
        card_file(str(bundled / "gpt") if name == "a folder" else name)
