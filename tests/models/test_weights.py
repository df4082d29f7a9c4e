"""A file of weights is used if it is the right one and fits to the last number; else it is damage, and nothing runs."""

import dataclasses
import io
import json
import pickle
import random
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save, save_file
from torch import Tensor

from lucarne.models import describe, load
from lucarne.models.catalog import MODELS, Remote
from lucarne.models.errors import WeightsDamaged
from lucarne.models.fetching import sha256_of
from lucarne.models.model import Model
from lucarne.models.quantised import halved, quantised
from lucarne.models.weights import read_tensors

FORMATS = ["safetensors", "pth", "onnx"]


def tiny() -> dict[str, Tensor]:
    return dict(load("tiny_alexnet", device="cpu").network.state_dict())


def written(tensors: dict[str, Tensor], format: str) -> bytes:
    """The tensors as a file of that format, ONNX under the names of the zoo."""
    if format == "safetensors":
        return save(tensors)
    if format == "pth":
        file = io.BytesIO()
        torch.save(tensors, file)
        return file.getvalue()
    letters = {"weight": "w", "bias": "b"}
    initialisers = []
    for name, tensor in tensors.items():
        layer, _, last = name.partition(".")
        initialisers.append(numpy_helper.from_array(tensor.numpy(), f"{layer}_{letters.get(last, last)}_0"))
    return helper.make_model(helper.make_graph([], "g", [], [], initialisers)).SerializeToString()


Shelve = Callable[[bytes, str], Callable[[], Model]]


@pytest.fixture
def shelve(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelve:
    """Puts a file where pulled weights lie, pinned to what it is; what comes back loads it."""

    def shelve(content: bytes, format: str) -> Callable[[], Model]:
        file = tmp_path / "shelved" / f"weights.{format}"
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
        remote = Remote(f"https://nowhere.example/{file.name}", len(content), sha256_of(file))
        entry = dataclasses.replace(MODELS["tiny_alexnet"], random=False, files=(remote,))
        monkeypatch.setitem(MODELS, "shelved", entry)
        return lambda: load("shelved", folder=tmp_path, device="cpu")

    return shelve


@pytest.mark.parametrize("format", FORMATS)
def test_weights_are_the_same_to_the_bit_whichever_file_they_come_in(format: str, shelve: Shelve) -> None:
    tensors = tiny()
    model = shelve(written(tensors, format), format)()
    for name, tensor in model.network.state_dict().items():
        assert torch.equal(tensor, tensors[name]), name
    assert len(model.weights) == 64
    assert model.card.available


@pytest.mark.parametrize("format", FORMATS)
def test_a_flipped_bit_is_damage(format: str, shelve: Shelve, tmp_path: Path) -> None:
    content = written(tiny(), format)
    ready = shelve(content, format)
    flipped = bytearray(content)
    flipped[len(content) // 2] ^= 1
    (tmp_path / f"shelved/weights.{format}").write_bytes(flipped)
    with pytest.raises(WeightsDamaged, match="Pull the model again"):
        ready()


def test_a_flipped_bit_in_bundled_weights_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from lucarne.models import alexnet, loading, weights

    plan = alexnet.Plan(**MODELS["tiny_alexnet"].plan)
    monkeypatch.setattr(alexnet, "BUNDLED", plan)
    for module in (loading, weights):
        monkeypatch.setattr(module, "BUNDLED", tmp_path)
    folder = tmp_path / "alexnet"
    folder.mkdir()
    file = folder / "model.safetensors"
    save_file(tiny(), file)
    (folder / "card.json").write_text(json.dumps({"weights": sha256_of(file), "metrics": {"top1": 1.5}, "log": []}))
    assert load("alexnet", device="cpu").card.metrics == {"top1": 1.5}
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(WeightsDamaged):
        load("alexnet", device="cpu")


def _without(tensors: dict[str, Tensor]) -> None:
    del tensors["conv3.weight"]


def _with_more(tensors: dict[str, Tensor]) -> None:
    tensors["conv6.weight"] = torch.zeros(3)


def _with_a_nameless_one(tensors: dict[str, Tensor]) -> None:
    tensors["conv"] = torch.zeros(3)


def _with_a_long_name(tensors: dict[str, Tensor]) -> None:
    tensors["x" * 5000] = torch.zeros(3)


def _ill_shaped(tensors: dict[str, Tensor]) -> None:
    tensors["fc7.weight"] = tensors["fc7.weight"].flatten()


def _turned(tensors: dict[str, Tensor]) -> None:
    tensors["fc8.weight"] = tensors["fc8.weight"].t().contiguous()


def _with_a_nan(tensors: dict[str, Tensor]) -> None:
    tensors["conv2.bias"][3] = torch.nan


def _with_an_infinity(tensors: dict[str, Tensor]) -> None:
    tensors["fc6.weight"][0, 0] = -torch.inf


def _whole_numbers(tensors: dict[str, Tensor]) -> None:
    tensors["conv1.weight"] = tensors["conv1.weight"].to(torch.int32)


def _complex_numbers(tensors: dict[str, Tensor]) -> None:
    tensors["conv1.weight"] = tensors["conv1.weight"].to(torch.complex64)


def _bytes_without_a_scale(tensors: dict[str, Tensor]) -> None:
    tensors["conv1.weight"] = tensors["conv1.weight"].to(torch.int8)


def _bytes_with_too_short_a_scale(tensors: dict[str, Tensor]) -> None:
    tensors["conv1.weight"], scale = quantised(tensors["conv1.weight"])
    tensors["conv1.weight.scale"] = scale[:-1]


def _bytes_with_a_scale_that_is_none(tensors: dict[str, Tensor]) -> None:
    tensors["conv1.weight"], scale = quantised(tensors["conv1.weight"])
    tensors["conv1.weight.scale"] = scale * torch.nan


def _a_scale_for_nothing(tensors: dict[str, Tensor]) -> None:
    tensors["conv1.weight.scale"] = torch.ones(len(tensors["conv1.weight"]))


def _one_under_two_names(tensors: dict[str, Tensor]) -> None:
    tensors["features.0.weight"] = tensors["conv1.weight"].clone()


UNFIT = [
    _without, _with_more, _with_a_nameless_one, _with_a_long_name, _ill_shaped, _turned, _with_a_nan, _with_an_infinity,
    _whole_numbers, _complex_numbers, _bytes_without_a_scale, _bytes_with_too_short_a_scale,
    _bytes_with_a_scale_that_is_none, _a_scale_for_nothing, _one_under_two_names,
]  # fmt: skip


@pytest.mark.parametrize("format", ["safetensors", "pth"])
@pytest.mark.parametrize("spoil", UNFIT, ids=lambda spoil: spoil.__name__)
def test_tensors_that_do_not_fit_are_damage(
    spoil: Callable[[dict[str, Tensor]], None], format: str, shelve: Shelve
) -> None:
    tensors = tiny()
    spoil(tensors)
    with pytest.raises(WeightsDamaged) as caught:
        shelve(written(tensors, format), format)()
    assert len(caught.value.detail) <= 200
    assert "/" not in caught.value.detail


@pytest.mark.parametrize("format", FORMATS)
def test_a_truncated_file_is_damage_wherever_it_ends(format: str, shelve: Shelve) -> None:
    content = written(tiny(), format)
    size = len(content)
    for end in sorted({0, 1, 2, 4, 7, 8, 9, 50, 300, size // 4, size // 2, size - 100, size - 8, size - 2, size - 1}):
        with pytest.raises(WeightsDamaged):
            shelve(content[:end], format)()


@pytest.mark.parametrize("format", FORMATS)
def test_a_mangled_file_is_damage_or_numbers_but_nothing_else(format: str, tmp_path: Path) -> None:
    content = written({"conv1.weight": torch.ones(2, 2), "conv1.bias": torch.ones(3)}, format)
    dice = random.Random(0)
    file = tmp_path / f"weights.{format}"
    for _ in range(150):
        mutant = bytearray(content)
        for _ in range(dice.randrange(1, 4)):
            mutant[dice.randrange(len(mutant))] = dice.randrange(256)
        file.write_bytes(mutant)
        try:
            tensors = read_tensors(file)
        except WeightsDamaged:
            continue
        assert all(isinstance(tensor, Tensor) for tensor in tensors.values())


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    "other", [b"<!doctype html><title>Sign in</title>", b"PK\x03\x04", b"\x80\x02.", bytes(10_000)]
)
def test_something_else_under_the_name_of_weights_is_damage(other: bytes, format: str, shelve: Shelve) -> None:
    with pytest.raises(WeightsDamaged):
        shelve(other, format)()


class Payload:
    """What a stranger might pickle: reading it makes a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def _raw(payload: Payload) -> bytes:
    return pickle.dumps(payload)


def _in_torchs_own_archive(payload: Payload) -> bytes:
    file = io.BytesIO()
    torch.save({"conv1.weight": payload}, file)
    return file.getvalue()


def _in_torchs_older_form(payload: Payload) -> bytes:
    file = io.BytesIO()
    torch.save({"conv1.weight": payload}, file, _use_new_zipfile_serialization=False)
    return file.getvalue()


def _beside_tensors(payload: Payload) -> bytes:
    file = io.BytesIO()
    torch.save({**tiny(), "extra": payload}, file)
    return file.getvalue()


@pytest.mark.parametrize("wrap", [_raw, _in_torchs_own_archive, _in_torchs_older_form, _beside_tensors])
@pytest.mark.parametrize("format", FORMATS)
def test_a_pickle_in_disguise_is_damage_and_does_not_run(
    wrap: Callable[[Payload], bytes], format: str, shelve: Shelve, tmp_path: Path
) -> None:
    mark = tmp_path / "it ran"
    pickle.loads(pickle.dumps(Payload(mark)))
    assert mark.exists(), "the payload is armed"
    mark.unlink()
    with pytest.raises(WeightsDamaged):
        shelve(wrap(Payload(mark)), format)()
    assert not mark.exists()


@pytest.mark.parametrize(
    "other", [[torch.ones(2)], torch.ones(2), {1: torch.ones(2)}, {"a": 1}, {"a": {}}, None], ids=str
)
def test_a_pytorch_file_that_holds_no_tensors_by_name_is_damage(other: object, tmp_path: Path) -> None:
    torch.save(other, tmp_path / "weights.pth")
    with pytest.raises(WeightsDamaged):
        read_tensors(tmp_path / "weights.pth")


def test_a_pytorch_archive_without_its_numbers_is_damage(tmp_path: Path) -> None:
    whole = io.BytesIO(written({"conv1.weight": torch.ones(2, 2)}, "pth"))
    with zipfile.ZipFile(whole) as full, zipfile.ZipFile(tmp_path / "weights.pth", "w") as part:
        for name in full.namelist():
            if "/data/" not in name:
                part.writestr(name, full.read(name))
    with pytest.raises(WeightsDamaged):
        read_tensors(tmp_path / "weights.pth")


def safetensors_file(header: bytes, numbers: bytes = b"") -> bytes:
    return len(header).to_bytes(8, "little") + header + numbers


ONE = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'


@pytest.mark.parametrize(
    "content",
    [
        safetensors_file(f'{{"a":{ONE},"a":{ONE}}}'.encode(), bytes(4)),
        safetensors_file(f'{{"a":{ONE},"\\u0061":{ONE}}}'.encode(), bytes(4)),
        safetensors_file(b'{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}', bytes(4)),
        safetensors_file(f'{{"a":{ONE},"b":{ONE}}}'.encode(), bytes(4)),
        safetensors_file(f'{{"a":{ONE}}}'.encode(), bytes(5)),
        safetensors_file(b'{"a":{"dtype":"F32","shape":[1000000000000],"data_offsets":[0,4]}}', bytes(4)),
        safetensors_file(b'{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}', bytes(4)),
        safetensors_file(b'{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}', bytes(4)),
        safetensors_file(b"[" * 100_000),
        safetensors_file(b'{"a":' * 100_000),
        safetensors_file(b"\xff\xfe"),
        safetensors_file(b"[]"),
        (2**63).to_bytes(8, "little") + b"{}",
        (100).to_bytes(8, "little") + b"{}",
    ],
    ids=[
        "twice", "twice-escaped", "twice-inside", "overlapping", "too-long", "too-large", "negative", "odd-type",
        "deep", "deep-unclosed", "no-text", "no-object", "endless-header", "cut-header",
    ],
)  # fmt: skip
def test_a_safetensors_file_that_contradicts_itself_is_damage(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "weights.safetensors").write_bytes(content)
    with pytest.raises(WeightsDamaged):
        read_tensors(tmp_path / "weights.safetensors")


def test_a_giant_header_is_refused_at_once(tmp_path: Path) -> None:
    header = "{" + ",".join(f'"{i}":{ONE}' for i in range(500_000)) + "}"
    (tmp_path / "weights.safetensors").write_bytes(safetensors_file(header.encode(), bytes(4)))
    since = time.perf_counter()
    with pytest.raises(WeightsDamaged, match="header"):
        read_tensors(tmp_path / "weights.safetensors")
    assert time.perf_counter() - since < 0.5


def test_an_onnx_file_that_points_elsewhere_is_damage(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(bytes(4))
    tensor = TensorProto(name="conv1_w_0", data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL)
    tensor.external_data.add(key="location", value="secret")
    model = helper.make_model(helper.make_graph([], "g", [], [], [tensor]))
    onnx.save(model, str(tmp_path / "weights.onnx"))
    with pytest.raises(WeightsDamaged, match="other files"):
        read_tensors(tmp_path / "weights.onnx")


def test_of_an_onnx_file_only_the_weights_are_read(shelve: Shelve) -> None:
    model = onnx.load_from_string(written(tiny(), "onnx"))
    model.graph.initializer.append(numpy_helper.from_array(np.array([-1, 9216]), "OC2_DUMMY_1"))
    assert shelve(model.SerializeToString(), "onnx")().card.available


def test_a_file_of_another_kind_is_damage(tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"")
    with pytest.raises(WeightsDamaged, match=r"weights\.bin"):
        read_tensors(tmp_path / "weights.bin")


def test_weights_that_went_away_are_missing_not_damaged(shelve: Shelve, tmp_path: Path) -> None:
    shelve(written(tiny(), "pth"), "pth")
    (tmp_path / "shelved/weights.pth").unlink()
    card = describe("shelved", folder=tmp_path)
    assert not card.available
    assert "lucarne models pull shelved" in card.how_to_get


@pytest.mark.parametrize("shape", [(7, 3, 5, 5), (9, 20), (4, 1)])
def test_quantised_weights_are_off_by_half_a_step_at_most(shape: tuple[int, ...], tmp_path: Path) -> None:
    random = torch.Generator().manual_seed(0)
    reach = torch.logspace(-6, 3, shape[0]).view(-1, *[1] * (len(shape) - 1))  # every output has a size of its own
    weight = torch.randn(shape, generator=random) * reach
    weight[1] = 0
    steps, scale = quantised(weight)
    assert steps.dtype == torch.int8
    assert steps.shape == weight.shape
    assert scale.shape == shape[:1]
    assert steps.abs().max() <= 127
    save_file({"fc.weight": steps, "fc.weight.scale": scale}, tmp_path / "weights.safetensors")
    back = read_tensors(tmp_path / "weights.safetensors")
    assert set(back) == {"fc.weight"}
    off = (back["fc.weight"] - weight).flatten(1).abs().amax(1)  # (out,)
    assert (off <= scale / 2 * (1 + 1e-4)).all()
    assert not back["fc.weight"][1].any()
    largest = weight.flatten(1).abs().amax(1)
    torch.testing.assert_close(back["fc.weight"].flatten(1).abs().amax(1), largest)
    torch.testing.assert_close(scale * 127, largest.clamp(min=1e-12))


@pytest.mark.parametrize("spread", [1e-6, 1.0, 1e3])
def test_two_weights_share_a_byte_and_come_back_in_their_places(spread: float, tmp_path: Path) -> None:
    exact = torch.arange(-7, 7).repeat(3, 1) * torch.tensor([[spread], [-2 * spread], [0.0]])  # (3, 14), fifteen steps
    halves, scale = halved(exact)
    assert halves.dtype == torch.uint8
    assert halves.shape == (3, 7)
    save_file({"fc.weight": halves, "fc.weight.scale": scale}, tmp_path / "weights.safetensors")
    back = read_tensors(tmp_path / "weights.safetensors")
    assert set(back) == {"fc.weight"}
    torch.testing.assert_close(back["fc.weight"], exact, rtol=1e-5, atol=0)


def test_halved_weights_err_less_than_with_the_widest_scale(tmp_path: Path) -> None:
    weight = torch.randn(50, 400, generator=torch.Generator().manual_seed(0))
    halves, scale = halved(weight)
    save_file({"fc.weight": halves, "fc.weight.scale": scale}, tmp_path / "weights.safetensors")
    error = (read_tensors(tmp_path / "weights.safetensors")["fc.weight"] - weight).square().sum()
    widest = weight.abs().amax(1, keepdim=True) / 7
    plain = ((weight / widest).round() * widest - weight).square().sum()
    assert error < 0.9 * plain
    assert error < 0.02 * weight.square().sum()


def test_half_precision_is_read_as_float32(tmp_path: Path) -> None:
    for dtype in (torch.float16, torch.bfloat16, torch.float64):
        save_file({"a": torch.tensor([1.5, -2.0], dtype=dtype)}, tmp_path / "weights.safetensors")
        tensors = read_tensors(tmp_path / "weights.safetensors")
        assert tensors["a"].dtype == torch.float32
        assert tensors["a"].tolist() == [1.5, -2.0]
