"""A real server in a process of its own, and photographs to send to it."""

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

import httpx2
import numpy as np
from PIL import Image


@contextmanager
def running() -> Iterator[tuple[str, float]]:
    """The address of a fresh server with an empty store, and the seconds until it was ready."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = [str(Path(sys.executable).parent / "lucarne"), "serve", "--port", str(port), "--data", folder]
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        url = f"http://127.0.0.1:{port}"
        try:
            while True:
                try:
                    if httpx2.get(f"{url}/readyz").status_code == 200:
                        break
                except httpx2.TransportError:
                    pass
                if process.poll() is not None or time.perf_counter() - start > 120:
                    raise RuntimeError("the server did not come up")
                time.sleep(0.05)
            yield url, time.perf_counter() - start
        finally:
            process.terminate()
            process.wait(30)


def photograph(seed: int, size: tuple[int, int] = (1152, 864)) -> bytes:
    """A JPEG of about a megapixel that no other seed gives."""
    random = np.random.default_rng(seed)
    small = Image.fromarray(random.integers(0, 256, (24, 32, 3), dtype=np.uint8))
    file = io.BytesIO()
    small.resize(size, Image.Resampling.BICUBIC).save(file, "JPEG", quality=90)
    return file.getvalue()
