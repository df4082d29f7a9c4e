"""Weights: where they lie, how we know they are right, how they are read.

A file is used only if its sha256 is the expected one: a flipped byte in a tensor file loads without a murmur.
"""

import errno
import json
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from lucarne.models.errors import Mistake, WeightsDamaged, WeightsMissing
from lucarne.models.fetching import sha256_of
from lucarne.models.quantised import multiplied_out

BUNDLED = Path(__file__).parent / "bundled"
HEADER = 1 << 20  # bytes of the longest header of a safetensors file that is read; GPT-2's has 15,000


def checked(file: Path, sha256: str) -> Path:
    """`file`, if it is what it should be; raises WeightsDamaged."""
    if sha256_of(file) != sha256:
        raise WeightsDamaged(f"{file.name} is damaged: its sha256 is not the expected one. Pull the model again.")
    return file


def read_tensors(file: Path) -> dict[str, Tensor]:
    """Every tensor of a safetensors, PyTorch or ONNX file as float32; whole numbers with a `.scale` multiplied out.

    PyTorch files are read with `weights_only`; of an ONNX file the initialisers are read and nothing is run.
    Raises WeightsDamaged for a file that cannot be read.
    """
    readers = {".safetensors": _safetensors, ".pth": _pickled, ".pt": _pickled, ".onnx": _onnx_initialisers}
    if file.suffix not in readers:
        raise WeightsDamaged(f"{file.name}: weights are read from .safetensors, .pth, .pt and .onnx.")
    try:
        tensors = readers[file.suffix](file)
    except (Mistake, MemoryError):
        raise
    except Exception as error:  # every library stumbles over a damaged file in its own way
        if isinstance(error, OSError) and error.errno != errno.EINVAL:  # the disk's fault; EINVAL is torch in a stump
            raise
        raise WeightsDamaged(f"{file.name} is damaged: it cannot be read.") from error
    for name in [name for name, tensor in tensors.items() if tensor.dtype in (torch.int8, torch.uint8)]:
        steps, scale = tensors[name], tensors.pop(f"{name}.scale", None)  # scale: (out,)
        if scale is None or scale.shape != steps.shape[:1]:
            raise WeightsDamaged(f"{file.name}: {name} is in whole numbers without a scale for each of its outputs.")
        tensors[name] = multiplied_out(steps, scale)
    return {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in tensors.items()}


def _safetensors(file: Path) -> dict[str, Tensor]:
    """The library spends half a minute on a giant header, and of two tensors of one name takes either."""
    with file.open("rb") as opened:
        length = int.from_bytes(opened.read(8), "little")
        if length > HEADER:
            raise WeightsDamaged(f"{file.name} is damaged: its header is longer than any network's.")
        json.loads(opened.read(length), object_pairs_hook=_once)
    return load_file(file)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a name stands twice")
    return dict(pairs)


def _pickled(file: Path) -> dict[str, Tensor]:
    tensors = torch.load(file, map_location="cpu", weights_only=True)
    if not isinstance(tensors, dict) or not all(
        isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in tensors.items()
    ):
        raise WeightsDamaged(f"{file.name} holds something else than tensors by name.")
    return {name: tensor.detach() for name, tensor in tensors.items()}


def _onnx_initialisers(file: Path) -> dict[str, Tensor]:
    import onnx  # heavy, and needed for one model
    from onnx import external_data_helper, numpy_helper

    tensors = onnx.load(str(file), load_external_data=False).graph.initializer
    if any(external_data_helper.uses_external_data(tensor) for tensor in tensors):
        raise WeightsDamaged(f"{file.name} points at other files for its weights: those are not read.")
    return {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in tensors}


def bundled_card(name: str) -> dict:
    """What the training wrote about a bundled model; raises WeightsMissing where there is none."""
    file = BUNDLED / name / "card.json"
    if not file.exists():
        raise WeightsMissing(f"The bundled weights of {name!r} are not in this installation.")
    return json.loads(file.read_text(encoding="utf-8"))
