"""Everything that can be loaded, and where its weights come from. Knows no torch: it is a list to be read."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lucarne.models.card import Kind


@dataclass(frozen=True)
class Remote:
    """A file to fetch, and what it must be."""

    url: str
    size: int  # bytes
    sha256: str

    @property
    def name(self) -> str:
        return self.url.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Entry:
    """A model by name. Without `files` its weights ship with the project, or are drawn at random for tests."""

    kind: Kind
    architecture: str  # "alexnet" or "gpt"
    title: str
    about: str
    source: str
    licence: str
    plan: dict[str, Any] = field(default_factory=dict)  # what differs from the architecture's defaults
    files: tuple[Remote, ...] = ()  # the weights first
    labels: str | None = None  # a file of `models/labels/`
    random: bool = False
    folder: str | None = None  # a checkpoint folder somebody pointed at
    notes: tuple[str, ...] = ()


_HUB = "https://huggingface.co/openai-community/gpt2/resolve/607a30d783dfa663caf39e06633721c8d4cfcd7e"
_ONNX = "https://github.com/onnx/models/raw/6ab957a2fe61f34a76c670946f7cbd806d2cacca"

MODELS: dict[str, Entry] = {
    "alexnet": Entry(
        kind="vision",
        architecture="alexnet",
        title="AlexNet, Lucarne's own",
        about="The network of the 2012 paper at 128×128 pixels, trained by this project on small photographs.",
        source="models/training/alexnet.py; Krizhevsky, Sutskever, Hinton 2012",
        licence="MIT (weights); data: Tiny ImageNet (non-commercial research and education), Caltech-101 and others",
        labels="tiny-imagenet",
    ),
    "gpt": Entry(
        kind="language",
        architecture="gpt",
        title="Storyteller, Lucarne's own GPT",
        about="GPT-2's architecture, small enough to read: trained by this project on children's stories.",
        source="models/training/gpt.py; Radford et al. 2019",
        licence="MIT (weights); data: public domain, CC BY and CDLA-Sharing texts",
    ),
    "shakespeare": Entry(
        kind="language",
        architecture="gpt",
        title="Shakespeare, letter by letter",
        about="A GPT whose tokens are single characters: the one that lectures build first, trained on 1 MB of plays.",
        source="models/training/shakespeare.py; Karpathy, nanoGPT, 2022",
        licence="MIT (weights); data: public domain",
    ),
    "alexnet-imagenet": Entry(
        kind="vision",
        architecture="alexnet",
        title="AlexNet, torchvision's",
        about="One tower, 64 kernels in the first layer, no response normalisation; 1,000 classes of ImageNet.",
        source="torchvision/alexnet@IMAGENET1K_V1; Krizhevsky 2014, arXiv:1404.5997",
        licence="BSD-3-Clause",
        plan={
            "input_size": 224, "kernels": (64, 192, 384, 256, 256), "groups": 1, "response_norm": False, "padding": 2,
        },
        files=(
            Remote(
                "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
                244_408_911,
                "7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02",
            ),
        ),
        labels="imagenet",
    ),
    "alexnet-bvlc": Entry(
        kind="vision",
        architecture="alexnet",
        title="AlexNet, the paper's, as Caffe trained it",
        about="Two groups, 96 kernels, local response normalisation: the paper's network, 1,000 classes of ImageNet.",
        source="ONNX model zoo, bvlcalexnet-12 (BVLC Caffe); Krizhevsky, Sutskever, Hinton 2012",
        licence="unrestricted (BVLC model licence), converted file Apache-2.0",
        plan={"bgr": True, "mean": (104.007 / 255, 116.669 / 255, 122.679 / 255), "std": (1 / 255, 1 / 255, 1 / 255)},
        files=(
            Remote(
                f"{_ONNX}/vision/classification/alexnet/model/bvlcalexnet-12.onnx",
                243_863_787,
                "6b0da9510f27f234ee96a85dc3809dd210150fdefad87f6850f9788513216945",
            ),
        ),
        labels="imagenet",
        notes=("Reads blue, green, red, with the mean colour subtracted and no division by 255.",),
    ),
    "gpt2": Entry(
        kind="language",
        architecture="gpt",
        title="GPT-2 small",
        about="OpenAI's GPT-2 with 124 million parameters: 12 layers of 12 heads, 1,024 tokens of context.",
        source="openai-community/gpt2@607a30d783dfa663caf39e06633721c8d4cfcd7e; Radford et al. 2019",
        licence="MIT",
        files=(
            Remote(
                f"{_HUB}/model.safetensors",
                548_105_171,
                "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707",
            ),
            Remote(f"{_HUB}/config.json", 665, "0daed7749b4f02b8f76240d5444551d7b08712dab4d0adb8239c56ba823bb7b4"),
            Remote(
                f"{_HUB}/tokenizer.json", 1_355_256, "8414cab924d8b9b33013f0d221c5862f365ee9be39c5c2bfae8a5a9e970478a6"
            ),
        ),
    ),
    "tiny_alexnet": Entry(
        kind="vision",
        architecture="alexnet",
        title="Tiny AlexNet",
        about="Random weights, instant: for tests.",
        source="models/tiny.py",
        licence="MIT",
        plan={
            "input_size": 64, "classes": 10, "kernels": (8, 12, 16, 12, 8), "hidden": 32, "response_norm": True,
            "padding": 2,
        },
        random=True,
    ),
    "tiny_gpt": Entry(
        kind="language",
        architecture="gpt",
        title="Tiny GPT",
        about="Random weights, instant: for tests.",
        source="models/tiny.py",
        licence="MIT",
        plan={"vocabulary": 257, "context": 64, "layers": 2, "heads": 3, "width": 24, "hidden": 48},
        random=True,
    ),
}  # fmt: skip

ALIASES = {  # the same models under the names other libraries know
    "torchvision/alexnet@IMAGENET1K_V1": "alexnet-imagenet",
    "openai-community/gpt2": "gpt2",
}


def weights_folder() -> Path:
    """Where pulled weights are kept: `LUCARNE_WEIGHTS`, else the user's data folder."""
    if given := os.environ.get("LUCARNE_WEIGHTS"):
        return Path(given)
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local/share")) / "lucarne/weights"
