"""Weights: where they lie, how they are fetched, how we know they are right, how they are read.

A file is used only if its sha256 is the expected one: a flipped byte in a tensor file loads without a murmur.
"""

import hashlib
import ipaddress
import json
import os
import time
from collections.abc import Iterable
from pathlib import Path

import httpx2
import torch
from safetensors.torch import load_file
from torch import Tensor

from lucarne.models.catalog import Remote
from lucarne.models.errors import WeightsDamaged, WeightsMissing
from lucarne.models.progress import Progress

BUNDLED = Path(__file__).parent / "bundled"
BLOCK = 1 << 20  # bytes
STALL = 60.0  # seconds in which at least a block has to arrive


def sha256_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def checked(file: Path, sha256: str) -> Path:
    """`file`, if it is what it should be; raises WeightsDamaged."""
    if sha256_of(file) != sha256:
        raise WeightsDamaged(f"{file.name} is damaged: its sha256 is not the expected one. Pull the model again.")
    return file


def read_tensors(file: Path) -> dict[str, Tensor]:
    """Every tensor of a safetensors, PyTorch or ONNX file, as float32; int8 with a `.scale` beside it is multiplied out.

    PyTorch files are read with `weights_only`; of an ONNX file the initialisers are read and nothing is run.
    """
    if file.suffix == ".safetensors":
        tensors = load_file(file)
    elif file.suffix in (".pth", ".pt"):
        tensors = torch.load(file, map_location="cpu", weights_only=True)
    elif file.suffix == ".onnx":
        tensors = _onnx_initialisers(file)
    else:
        raise WeightsDamaged(f"{file.name}: weights are read from .safetensors, .pth, .pt and .onnx.")
    scales = {name: tensors.pop(name) for name in list(tensors) if name.endswith(".scale")}
    for name, tensor in tensors.items():
        if f"{name}.scale" in scales:
            scale = scales[f"{name}.scale"]  # (out,)
            tensors[name] = tensor.float() * scale.view(-1, *[1] * (tensor.dim() - 1))
        elif tensor.is_floating_point():
            tensors[name] = tensor.float()
    return tensors


def quantised(weight: Tensor, levels: int = 127) -> tuple[Tensor, Tensor]:
    """int8 of the weight's shape and float32 scales (out,): weight ≈ int8 × scale, each output by itself.

    Fewer `levels` than 127 a side cost precision and save room once the file is compressed.
    """
    scale = weight.flatten(1).abs().amax(1).clamp(min=1e-12) / levels  # (out,)
    steps = (weight / scale.view(-1, *[1] * (weight.dim() - 1))).round()
    return steps.clamp(-levels, levels).to(torch.int8), scale.float()


def _onnx_initialisers(file: Path) -> dict[str, Tensor]:
    import onnx  # heavy, and needed for one model
    from onnx import numpy_helper

    graph = onnx.load(str(file), load_external_data=False).graph
    return {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}


def fetch(remote: Remote, folder: Path, progress: Progress = iter) -> Path:
    """Download into `folder`, resuming what an earlier try has left, and put in place once its sha256 is right.

    A file that arrives wrong is thrown away and fetched once more. Raises WeightsMissing when the address cannot be
    reached or answers something else, WeightsDamaged when it is wrong twice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target, part = folder / remote.name, folder / f"{remote.name}.part"
    if target.exists() and sha256_of(target) == remote.sha256:
        return target
    for _ in range(2):
        try:
            _download(remote, part, progress)
        except httpx2.HTTPError as error:
            raise WeightsMissing(f"{remote.name} could not be fetched: {type(error).__name__}. Try again.") from error
        if part.stat().st_size == remote.size and sha256_of(part) == remote.sha256:
            os.replace(part, target)
            _tag(part).unlink(missing_ok=True)
            return target
        part.unlink()
        _tag(part).unlink(missing_ok=True)
    raise WeightsDamaged(f"{remote.name} arrived damaged twice: it is not the file this version was made for.")


def _download(remote: Remote, part: Path, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() and _tag(part).exists() else 0
    headers = {"Range": f"bytes={have}-", "If-Range": _tag(part).read_text()} if 0 < have < remote.size else {}
    with httpx2.Client(timeout=30.0, follow_redirects=False, trust_env=True) as client:
        with client.stream("GET", _final_address(client, remote.url), headers=headers) as answer:
            answer.raise_for_status()
            go_on = answer.status_code == 206
            if etag := answer.headers.get("etag", ""):
                _tag(part).write_text(etag)
            with part.open("ab" if go_on else "wb") as file:
                for block in progress(_brisk(answer.iter_bytes(BLOCK))):
                    file.write(block)
                    if file.tell() > remote.size:
                        return  # longer than it should be: whatever this is, it is not ours
                os.fsync(file.fileno())


def _brisk(blocks: Iterable[bytes]) -> Iterable[bytes]:
    """The same blocks, unless they come so slowly that somebody is playing with us."""
    mark, since = 0, time.monotonic()
    for block in blocks:
        yield block
        mark += len(block)
        if mark >= BLOCK:
            mark, since = 0, time.monotonic()
        elif time.monotonic() - since > STALL:
            raise httpx2.ReadTimeout("too slow")


def _final_address(client: httpx2.Client, url: str) -> str:
    """Follow redirects, but only to where a download may lead: https to a public name (or this machine to itself)."""
    loopback = _is_loopback(url)
    for _ in range(6):
        if not (_is_loopback(url) if loopback else _is_public(url)):
            raise WeightsMissing("The download was sent on to an address that is not allowed.")
        with client.stream("GET", url, headers={"Range": "bytes=0-0"}) as answer:
            if not answer.is_redirect:
                return url
            url = str(answer.url.join(answer.headers["location"]))
    raise WeightsMissing("The download was sent on too many times.")


def _is_loopback(url: str) -> bool:
    return httpx2.URL(url).host in ("127.0.0.1", "::1", "localhost")


def _is_public(url: str) -> bool:
    address = httpx2.URL(url)
    try:
        return address.scheme == "https" and ipaddress.ip_address(address.host).is_global
    except ValueError:  # a name
        return address.scheme == "https" and "." in address.host


def _tag(part: Path) -> Path:
    return part.with_name(f"{part.name}.etag")


def bundled_card(name: str) -> dict:
    """What the training wrote about a bundled model; raises WeightsMissing where there is none."""
    file = BUNDLED / name / "card.json"
    if not file.exists():
        raise WeightsMissing(f"The bundled weights of {name!r} are not in this installation.")
    return json.loads(file.read_text(encoding="utf-8"))
