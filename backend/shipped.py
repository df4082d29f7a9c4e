"""What comes with the program beside the networks: pictures, texts, indexes, atlases, dreams, dictionaries, shelves."""

import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path

FOLDERS = (("lucarne.atlas", "bundled"), ("lucarne.models", "bundled"))
KNOWN_BY_THEMSELVES = "model.safetensors"  # weights have a hash of their own


@cache
def edition() -> str:
    """sha256 over the names and contents of all of it: what is made from another edition is another thing."""
    said = hashlib.sha256()
    for package, name in FOLDERS:
        folder = Path(str(files(package) / name))
        for file in sorted(each for each in folder.rglob("*") if each.is_file() and each.name != KNOWN_BY_THEMSELVES):
            content = hashlib.sha256(file.read_bytes()).hexdigest()
            said.update(f"{file.relative_to(folder).as_posix()} {content}\n".encode())
    return said.hexdigest()
