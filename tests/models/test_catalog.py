"""What can be loaded says truly what it is, also where its weights are not here, and what cannot says why."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from lucarne.models import describe, load
from lucarne.models.alexnet import BUNDLED, CAFFE, PAPER, TORCHVISION, AlexNet
from lucarne.models.alexnet import Plan as AlexNetPlan
from lucarne.models.catalog import ALIASES, MODELS
from lucarne.models.errors import Mistake, TooMuch, Unknown, Unsuitable, WeightsDamaged, WeightsMissing
from lucarne.models.gpt import GPT, Plan
from lucarne.models.loading import LABELS, labels
from lucarne.models.model import Model
from lucarne.models.unfilled import empty

STRANGE = ["", ".", "/", "\0", "\ud800", "x" * 5000, "\U000e0001" * 300, "../../etc/passwd", "/etc/passwd", "alexnet\n"]


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("alexnet-bvlc", 60_965_224), ("alexnet-imagenet", 61_100_840), ("gpt2", 124_439_808)],
)
def test_the_published_networks_have_as_many_parameters_as_published(
    name: str, parameters: int, tmp_path: Path
) -> None:
    assert describe(name, folder=tmp_path).parameters == parameters


def test_the_plans_in_code_are_those_in_the_catalog() -> None:
    for name, plan in (("alexnet-imagenet", TORCHVISION), ("alexnet-bvlc", CAFFE)):
        assert AlexNetPlan(**MODELS[name].plan) == plan
    parameters = empty(lambda: AlexNet(PAPER)).parameters()
    assert sum(parameter.numel() for parameter in parameters) == 60_965_224
    assert BUNDLED.kernels == PAPER.kernels
    assert (BUNDLED.hidden, BUNDLED.groups) == (PAPER.hidden, PAPER.groups)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_can_be_described_without_weights(name: str, tmp_path: Path) -> None:
    card = describe(name, folder=tmp_path)
    entry = MODELS[name]
    assert (card.name, card.title, card.kind) == (name, entry.title, entry.kind)
    assert card.sites
    assert card.parameters > 0
    assert (card.input_size is not None) == (card.kind == "vision")
    assert (card.context is not None) == (card.kind == "language")
    assert card.available == (not card.how_to_get) == bool(card.weights)
    if entry.files:
        assert not card.available
        assert f"lucarne models pull {name}" in card.how_to_get
        with pytest.raises(WeightsMissing, match=f"lucarne models pull {name}"):
            load(name, folder=tmp_path)


def test_a_card_survives_json(model: Model) -> None:
    told = model.card.model_dump_json()
    assert type(model.card).model_validate_json(told).model_dump_json() == told


def test_a_loaded_model_carries_the_card_it_was_described_with(model: Model) -> None:
    assert model.card == describe(model.card.name)
    assert model.card.available
    assert model.card.for_tests
    assert len(model.weights) == 64
    assert model.card.parameters == sum(parameter.numel() for parameter in model.network.parameters())


def test_random_weights_are_the_same_every_time(model: Model) -> None:
    torch.manual_seed(5)
    again = load(model.card.name, device="cpu")
    for name, tensor in model.network.state_dict().items():
        assert torch.equal(again.network.state_dict()[name], tensor), name
    assert again.weights == model.weights


def test_weights_of_different_models_have_different_names() -> None:
    known = [card.weights for name in MODELS if (card := describe(name, folder=Path("nowhere"))).weights]
    assert len(known) == len(set(known))


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_aliases_name_the_same_model(alias: str, name: str, tmp_path: Path) -> None:
    card, own = describe(alias, folder=tmp_path), describe(name, folder=tmp_path)
    assert card.model_copy(update={"how_to_get": own.how_to_get}) == own


@pytest.mark.parametrize("name", [name for name, entry in MODELS.items() if entry.kind == "vision"])
def test_every_class_of_a_picture_network_has_a_label(name: str) -> None:
    plan = describe(name, folder=Path("nowhere")).plan
    assert len(labels(MODELS[name])) == plan["classes"]
    assert all(labels(MODELS[name]))


@pytest.mark.parametrize("file", sorted(LABELS.glob("*.json")), ids=lambda file: file.stem)
def test_labels_are_pairs_of_an_identifier_and_a_name(file: Path) -> None:
    classes = json.loads(file.read_text(encoding="utf-8"))["classes"]
    assert all(len(pair) == 2 and all(pair) for pair in classes)
    assert len({identifier for identifier, _ in classes}) == len(classes)


@pytest.mark.parametrize("files", [entry.files for entry in MODELS.values() if entry.files])
def test_every_file_to_fetch_is_pinned(files: tuple) -> None:
    for remote in files:
        assert remote.url.startswith("https://")
        assert remote.size > 0
        assert len(bytes.fromhex(remote.sha256)) == 32
        assert remote.name
        assert "/" not in remote.name


@pytest.mark.parametrize("name", [name for name, entry in MODELS.items() if not entry.files and not entry.random])
def test_bundled_models_work(name: str) -> None:
    if not describe(name).available:
        pytest.skip(f"the bundled weights of {name} are not in this checkout")
    model = load(name, device="cpu")
    assert model.card == describe(name)
    assert model.card.metrics
    assert model.card.log
    steps = [row["step"] for row in model.card.log]
    assert steps == sorted(steps)
    if model.kind == "vision":
        size = model.card.plan["input_size"]
        assert model(torch.zeros(1, size, size, 3, dtype=torch.uint8)).shape == (1, len(model.labels))
    else:
        assert model(torch.tensor([model.tokenizer.ids("Once upon a time")])).isfinite().all()


def test_a_near_miss_is_answered_with_the_nearest_names() -> None:
    with pytest.raises(Unknown) as caught:
        load("alexnet-imagnet")
    assert caught.value.candidates[0] == "alexnet-imagenet"
    assert "alexnet-imagenet" in caught.value.detail
    assert caught.value.field == "model"


@pytest.mark.parametrize("name", STRANGE, ids=lambda name: ascii(name)[:30])
def test_a_strange_name_is_an_unknown_model_and_told_so_briefly(name: str) -> None:
    for attempt in (load, describe):
        with pytest.raises(Unknown) as caught:
            attempt(name)
        assert len(caught.value.detail) <= 200
        assert caught.value.detail.isprintable()


@pytest.mark.parametrize(
    "mistake",
    [
        Unknown("site", "x" * 9999, ["y" * 9999, "z" * 9999]),
        Unknown("site", "x" * 60, [f"{'x' * 59}{i}" for i in range(99)]),
        Unsuitable("x" * 9999),
        TooMuch("x" * 201, 3),
        WeightsDamaged(f"no tensor {'x' * 9999!r}"),
    ],
)
def test_no_mistake_is_longer_than_200_characters(mistake: Mistake) -> None:
    assert str(mistake) == mistake.detail
    assert 10 < len(mistake.detail) <= 200


@pytest.mark.parametrize("module", ["catalog", "card", "errors", "progress"])
def test_a_server_can_show_cards_without_torch(module: str) -> None:
    code = f"import sys, lucarne.models.{module}; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_package_alone_brings_no_torch_and_knows_what_it_has_not() -> None:
    code = "import sys, lucarne.models as m; hasattr(m, 'laod') and sys.exit(2); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def _gpt_folder(folder: Path, **config: object) -> Path:
    """A checkpoint as Hugging Face would save it, whose configuration says what is told."""
    folder.mkdir()
    plan = {"n_embd": 8, "vocab_size": 5, "n_positions": 4, "n_layer": 1, "n_head": 2}
    (folder / "config.json").write_text(json.dumps({**plan, **config}))
    network = GPT(Plan(vocabulary=5, context=4, layers=1, heads=2, width=8, hidden=32))
    transposed = ("c_attn.weight", "c_proj.weight", "c_fc.weight")
    tensors = {
        name: (tensor.t() if name.endswith(transposed) else tensor).contiguous()
        for name, tensor in network.state_dict().items()
    }
    save_file(tensors, folder / "model.safetensors")
    return folder


def test_a_folder_is_a_model_by_its_path(tmp_path: Path) -> None:
    model = load(str(_gpt_folder(tmp_path / "mine")), device="cpu")
    assert model.card.name == "mine"
    assert model.card == describe(str(tmp_path / "mine"))
    assert model(torch.tensor([[1, 2, 3]])).shape == (1, 3, 5)
    with pytest.raises(WeightsMissing, match=r"without a tokenizer.json"):
        _ = model.tokenizer


@pytest.mark.parametrize(
    "config",
    [
        {"n_embd": None}, {"n_embd": "8"}, {"n_layer": 0}, {"n_layer": True}, {"n_head": 3}, {"n_embd": 8.0},
        {"vocab_size": -1}, {"layer_norm_epsilon": "small"},
    ],
    ids=str,
)  # fmt: skip
def test_sizes_that_make_no_sense_are_damage(config: dict, tmp_path: Path) -> None:
    with pytest.raises(WeightsDamaged):
        load(str(_gpt_folder(tmp_path / "mine", **config)))


@pytest.mark.parametrize("spoilt", ["h.0.attn.c_attn.weight", "wte.weight", "ln_f.bias"])
def test_a_folder_whose_tensors_do_not_fit_is_damaged(spoilt: str, tmp_path: Path) -> None:
    folder = _gpt_folder(tmp_path / "mine")
    tensors = load_file(folder / "model.safetensors")
    for wrong in (tensors[spoilt][None, ..., None], tensors[spoilt] / 0):
        save_file({**tensors, spoilt: wrong}, folder / "model.safetensors")
        with pytest.raises(WeightsDamaged, match=spoilt):
            load(str(folder))
    save_file({**tensors, f"transformer.{spoilt}": tensors[spoilt].clone()}, folder / "model.safetensors")
    with pytest.raises(WeightsDamaged, match="twice"):
        load(str(folder))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '"gpt2"', "{}", "\xff"])
def test_a_configuration_that_is_none_is_damage(text: str, tmp_path: Path) -> None:
    folder = _gpt_folder(tmp_path / "mine")
    (folder / "config.json").write_bytes(text.encode("latin-1"))
    for attempt in (load, describe):
        with pytest.raises(WeightsDamaged):
            attempt(str(folder))


@pytest.mark.parametrize(
    "config",
    [
        {"activation_function": "relu"}, {"scale_attn_by_inverse_layer_idx": True}, {"scale_attn_weights": False},
        {"tie_word_embeddings": False}, {"model_type": "gpt_neo"}, {"activation_function": ["gelu_new"]},
    ],
    ids=str,
)  # fmt: skip
def test_what_is_not_quite_a_gpt2_is_refused_rather_than_computed_wrongly(config: dict, tmp_path: Path) -> None:
    with pytest.raises(Unsuitable, match=next(iter(config))):
        load(str(_gpt_folder(tmp_path / "mine", **config)))


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"model": {"type": "BPE"}}', "\0"])
def test_a_tokenizer_that_is_none_is_damage(text: str, tmp_path: Path) -> None:
    folder = _gpt_folder(tmp_path / "mine")
    (folder / "tokenizer.json").write_text(text)
    with pytest.raises(WeightsDamaged, match=r"tokenizer.json"):
        load(str(folder))


def test_a_half_fetched_or_damaged_model_does_not_hide_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "gpt2"
    folder.mkdir()
    (folder / "config.json").write_text("no json")
    half = describe("gpt2", folder=tmp_path)
    assert not half.available
    assert half.parameters == 124_439_808
    (folder / "model.safetensors").write_text("")
    (folder / "tokenizer.json").write_text("")
    damaged = describe("gpt2", folder=tmp_path)
    assert not damaged.available
    assert "Pull the model again" in damaged.how_to_get
    with pytest.raises(WeightsDamaged):
        load("gpt2", folder=tmp_path)
