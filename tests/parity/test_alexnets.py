"""Our AlexNet computes what torchvision's does, and what the ONNX zoo's Caffe network does, from their own files."""

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnx.reference.op_run import OpRun
from torch import Tensor, nn

from lucarne.models import load
from lucarne.models.alexnet import AlexNet
from lucarne.models.catalog import MODELS, Remote
from lucarne.models.fetching import sha256_of
from lucarne.models.model import Model

Publish = Callable[..., Model]


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publish:
    """Loads a file as if it were the one the catalog pins for a model, with what is told of the plan changed."""

    def publish(like: str, file: Path, **changes: Any) -> Model:
        place = tmp_path / "published"
        place.mkdir()
        file = file.rename(place / file.name)
        entry = MODELS[like]
        remote = Remote(f"https://nowhere.example/{file.name}", file.stat().st_size, sha256_of(file))
        plan = {**entry.plan, **changes}
        monkeypatch.setitem(MODELS, "published", dataclasses.replace(entry, files=(remote,), plan=plan))
        return load("published", folder=tmp_path, device="cpu")

    return publish


def pictures(size: int, count: int = 2) -> np.ndarray:
    return np.random.default_rng(0).integers(256, size=(count, size, size, 3), dtype=np.uint8)


def test_every_module_of_torchvisions_answers_as_ours(tmp_path: Path, publish: Publish) -> None:
    from torchvision.models import alexnet

    torch.manual_seed(0)
    theirs = alexnet(weights=None).eval()
    torch.save(theirs.state_dict(), tmp_path / "alexnet.pth")
    ours = publish("alexnet-imagenet", tmp_path / "alexnet.pth")
    answers: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        def hook(module: nn.Module, inputs: Any, output: Tensor) -> None:
            answers[name] = output.clone()

        return hook

    for name, module in theirs.named_modules():
        if isinstance(module, nn.ReLU):
            module.inplace = False
        module.register_forward_hook(keep(name))
    assert isinstance(ours.network, AlexNet)
    read = ours.network.read(torch.from_numpy(pictures(224)))
    with torch.inference_mode():
        expected = theirs(read)
    named = [site for site in ours.sites.values() if site.aliases]
    with ours.watch(*ours.sites) as seen:
        logits = ours(pictures(224))
    torch.testing.assert_close(logits, expected, rtol=0, atol=1e-4)
    for site in named:
        torch.testing.assert_close(seen[site.name], answers[site.aliases[0]], rtol=0, atol=1e-4, msg=site.name)
    without = {name for name, module in theirs.named_modules() if isinstance(module, nn.Dropout | nn.AdaptiveAvgPool2d)}
    assert {site.aliases[0] for site in named} == set(answers) - without - {"", "features", "classifier"}


def test_pixels_are_read_as_torchvision_reads_them() -> None:
    from torchvision.transforms.v2 import functional as F

    ours = AlexNet(dataclasses.replace(load("tiny_alexnet", device="cpu").network.plan))  # pyright: ignore
    pixels = torch.from_numpy(pictures(64))
    scaled = F.to_dtype(pixels.permute(0, 3, 1, 2), torch.float32, scale=True)
    expected = F.normalize(scaled, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    torch.testing.assert_close(ours.read(pixels), expected, rtol=0, atol=1e-6)


def bvlc(kernels: tuple[int, ...], hidden: int, classes: int, side: int) -> onnx.ModelProto:
    """The zoo's bvlcalexnet graph, node for node, with random weights; `side` is that of pool5."""
    random = np.random.default_rng(0)
    weights: list[onnx.TensorProto] = []
    nodes: list[onnx.NodeProto] = []

    def layer(name: str, *shape: int) -> list[str]:
        fan_in = int(np.prod(shape[1:]))
        weight, bias = random.normal(0, fan_in**-0.5, shape), random.normal(0, 0.1, shape[0])
        pair = [(f"{name}_w_0", weight), (f"{name}_b_0", bias)]
        weights.extend(numpy_helper.from_array(values.astype(np.float32), name) for name, values in pair)
        return [name for name, _ in pair]

    def then(kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))

    def convolution(n: int, inputs: str, channels: int, kernel: int, stride: int, pad: int, group: int) -> str:
        names = layer(f"conv{n}", kernels[n - 1], channels // group, kernel, kernel)
        sides = {"kernel_shape": [kernel] * 2, "strides": [stride] * 2, "pads": [pad] * 4}
        then("Conv", [inputs, *names], f"conv{n}", group=group, **sides)
        then("Relu", [f"conv{n}"], f"relu{n}")
        return f"relu{n}"

    def pool(n: int, inputs: str) -> str:
        then("MaxPool", [inputs], f"pool{n}", kernel_shape=[3, 3], strides=[2, 2], pads=[0] * 4)
        return f"pool{n}"

    def normalised(n: int, inputs: str) -> str:
        then("LRN", [inputs], f"norm{n}", size=5, alpha=1e-4, beta=0.75, bias=1.0)
        return f"norm{n}"

    one, two, three, four, five = kernels
    x = pool(1, normalised(1, convolution(1, "data_0", 3, 11, 4, 0, 1)))
    x = pool(2, normalised(2, convolution(2, x, one, 5, 1, 2, 2)))
    x = convolution(3, x, two, 3, 1, 1, 1)
    x = convolution(4, x, three, 3, 1, 1, 2)
    x = pool(5, convolution(5, x, four, 3, 1, 1, 2))
    weights.append(numpy_helper.from_array(np.array([-1, five * side * side]), "OC2_DUMMY_1"))
    then("Reshape", [x, "OC2_DUMMY_1"], "flat")
    then("Gemm", ["flat", *layer("fc6", hidden, five * side * side)], "fc6", transB=1)
    then("Relu", ["fc6"], "relu6")
    then("Dropout", ["relu6"], "drop6")
    then("Gemm", ["drop6", *layer("fc7", hidden, hidden)], "fc7", transB=1)
    then("Relu", ["fc7"], "relu7")
    then("Dropout", ["relu7"], "drop7")
    then("Gemm", ["drop7", *layer("fc8", classes, hidden)], "fc8", transB=1)
    then("Softmax", ["fc8"], "prob_1", axis=1)
    floats = onnx.TensorProto.FLOAT
    ranks = {"Conv": 3, "LRN": 3, "MaxPool": 3, "Gemm": 1, "Softmax": 1}
    seen = {node.output[0]: ranks[node.op_type] for node in nodes if node.op_type in ranks}
    graph = helper.make_graph(
        nodes,
        "bvlc_alexnet",
        [helper.make_tensor_value_info("data_0", floats, [1, 3, None, None])],
        [helper.make_tensor_value_info(name, floats, [1, *[None] * rank]) for name, rank in seen.items()],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 12)], ir_version=8)


class LRN(OpRun):
    """As ONNX specifies it: the reference evaluator's own runs over pictures, not channels (onnx/onnx#7805)."""

    def _run(self, x: np.ndarray, alpha: float, beta: float, bias: float, size: int) -> tuple[np.ndarray]:  # pyright: ignore
        before, after = (size - 1) // 2, size // 2
        sums = [
            np.square(x[:, max(0, i - before) : i + after + 1]).sum(1) for i in range(x.shape[1])
        ]  # (batch, y, x) each
        return ((x / (bias + alpha / size * np.stack(sums, 1)) ** beta).astype(x.dtype),)


FULL = ((96, 256, 384, 384, 256), 227, 6)
NARROW = ((8, 12, 16, 12, 8), 99, 2)


@pytest.mark.parametrize(("kernels", "size", "side"), [FULL, NARROW], ids=["full", "narrow"])
def test_the_onnx_zoos_network_answers_as_ours(
    kernels: tuple[int, ...], size: int, side: int, tmp_path: Path, publish: Publish
) -> None:
    hidden, classes = 128, 1000  # the convolutions are the paper's; fc6 and fc7 are narrower to save time
    theirs = bvlc(kernels, hidden, classes, side)
    onnx.checker.check_model(theirs)
    onnx.save(theirs, str(tmp_path / "bvlcalexnet.onnx"))
    ours = publish("alexnet-bvlc", tmp_path / "bvlcalexnet.onnx", input_size=size, kernels=kernels, hidden=hidden)
    pixels = pictures(size, count=1)
    caffe = pixels[..., ::-1].astype(np.float32) - np.array([104.007, 116.669, 122.679], np.float32)  # BGR
    evaluator: Any = ReferenceEvaluator(theirs, new_ops=[LRN])
    answers = evaluator.run(None, {"data_0": np.ascontiguousarray(caffe.transpose(0, 3, 1, 2))})
    expected = dict(zip(evaluator.output_names, answers, strict=True))
    with ours.watch(*ours.sites) as seen:
        logits = ours(pixels)
    for name, answer in expected.items():
        if name == "prob_1":
            np.testing.assert_allclose(logits.softmax(-1).numpy(), answer, rtol=0, atol=1e-4)
            continue
        assert answer.std() > 0.01, name
        off = np.abs(seen[name].numpy() - answer).max() / np.abs(answer).max()
        assert off <= 1e-4, name
    assert {"conv1", "norm1", "pool1", "norm2", "pool5", "fc6", "fc8"} <= set(expected)
