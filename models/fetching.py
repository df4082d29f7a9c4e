"""Downloads: taken up again where they were cut off, and used only if their sha256 is the expected one."""

import hashlib
import ipaddress
import os
import re
import time
from collections.abc import Iterable
from pathlib import Path

import httpx2

from lucarne.models.catalog import Remote
from lucarne.models.errors import WeightsDamaged, WeightsMissing
from lucarne.models.progress import Progress

BLOCK = 1 << 20  # bytes
STALL = 60.0  # seconds in which at least a block has to arrive


def sha256_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


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
