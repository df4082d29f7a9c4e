"""Weights: where they lie, how they are fetched, how we know they are right, how they are read.

A file is used only if its sha256 is the expected one: a flipped byte in a tensor file loads without a murmur.
"""

import errno
import hashlib
import ipaddress
import json
import os
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx2
import torch
from safetensors.torch import load_file
from torch import Tensor

from lucarne.models.catalog import Remote
from lucarne.models.errors import Mistake, WeightsDamaged, WeightsMissing
from lucarne.models.progress import Progress
from lucarne.models.quantised import multiplied_out

BUNDLED = Path(__file__).parent / "bundled"
BLOCK = 1 << 20  # bytes
STALL = 60.0  # seconds in which at least a block has to arrive
HEADER = 1 << 20  # bytes of the longest header of a safetensors file that is read; GPT-2's has 15,000


def sha256_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


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


def fetch(remote: Remote, folder: Path, progress: Progress = iter) -> Path:
    """Download into `folder`, resuming what an earlier try has left, and put in place once its sha256 is right.

    A file that arrives wrong is thrown away and fetched once more. Raises WeightsMissing when the address cannot be
    reached or answers something else, WeightsDamaged when it is wrong twice.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target, part = folder / remote.name, folder / f"{remote.name}.part"
    if _is_right(target, remote):
        return target
    for _ in range(2):
        try:
            if not _is_right(part, remote):
                _download(remote, part, progress)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise WeightsMissing(f"{remote.name} could not be fetched: {type(error).__name__}. Try again.") from error
        right = _is_right(part, remote)
        if right:
            part.replace(target)
        part.unlink(missing_ok=True)
        _tag(part).unlink(missing_ok=True)
        if right:
            return target
    raise WeightsDamaged(f"{remote.name} arrived damaged twice: it is not the file this version was made for.")


def _is_right(file: Path, remote: Remote) -> bool:
    return file.exists() and file.stat().st_size == remote.size and sha256_of(file) == remote.sha256


def _download(remote: Remote, part: Path, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() and _tag(part).exists() else 0
    headers = {"Range": f"bytes={have}-", "If-Range": _tag(part).read_text()} if 0 < have < remote.size else {}
    plain = {"Accept-Encoding": "identity"}  # a range of a packed file cannot be joined to the rest of an unpacked one
    with (
        httpx2.Client(timeout=30.0, follow_redirects=False, trust_env=True, headers=plain) as client,
        client.stream("GET", _final_address(client, remote.url), headers=headers) as answer,
    ):
        if answer.status_code == 416:  # what lies here is longer than what they have: the next try begins anew
            part.unlink(missing_ok=True)
        answer.raise_for_status()
        go_on = bool(headers) and answer.status_code == 206
        if etag := answer.headers.get("etag", ""):
            _tag(part).write_text(etag)
        with part.open("ab" if go_on else "wb") as file:
            for block in progress(_brisk(answer.iter_bytes())):
                file.write(block)
                if file.tell() > remote.size:
                    return  # longer than it should be: whatever this is, it is not ours
            os.fsync(file.fileno())


def _brisk(drops: Iterable[bytes]) -> Iterable[bytes]:
    """The same bytes in blocks, unless they come so slowly that somebody is playing with us."""
    block, since = bytearray(), time.monotonic()
    for drop in drops:
        block += drop
        if len(block) >= BLOCK:
            yield bytes(block)
            block, since = bytearray(), time.monotonic()
        elif time.monotonic() - since > STALL:
            raise httpx2.ReadTimeout("too slow")
    if block:
        yield bytes(block)


def _final_address(client: httpx2.Client, url: str) -> str:
    """Follow redirects, but only to where a download may lead: https to a public name (or this machine to itself)."""
    loopback = _is_loopback(url)
    for _ in range(6):
        if not (_is_loopback(url) if loopback else _is_public(url)):
            raise WeightsMissing("The download was sent on to an address that is not allowed.")
        with client.stream("GET", url, headers={"Range": "bytes=0-0"}) as answer:
            if not answer.has_redirect_location:
                return url
            url = str(answer.url.join(answer.headers["location"]))
    raise WeightsMissing("The download was sent on too many times.")


def _is_loopback(url: str) -> bool:
    return httpx2.URL(url).host in ("127.0.0.1", "::1", "localhost")


def _is_public(url: str) -> bool:
    address = httpx2.URL(url)
    try:
        return address.scheme == "https" and ipaddress.ip_address(address.host).is_global
    except ValueError:  # a name; its last label begins with a letter, or it is an address in disguise: 169.254.43518
        return address.scheme == "https" and re.search(r"\.[a-z][a-z0-9-]*$", address.host.lower()) is not None


def _tag(part: Path) -> Path:
    return part.with_name(f"{part.name}.etag")


def bundled_card(name: str) -> dict:
    """What the training wrote about a bundled model; raises WeightsMissing where there is none."""
    file = BUNDLED / name / "card.json"
    if not file.exists():
        raise WeightsMissing(f"The bundled weights of {name!r} are not in this installation.")
    return json.loads(file.read_text(encoding="utf-8"))
