"""The cards of the last start, so that a server can answer before its bench has imported torch."""

import hashlib
import os
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import structlog
from pydantic import TypeAdapter, ValidationError

from lucarne import models
from lucarne.models.card import Card
from lucarne.models.catalog import weights_folder
from lucarne.settings import Settings

CARDS: TypeAdapter[list[Card]] = TypeAdapter(list[Card])

log = structlog.get_logger()


class Remembered:
    """Holds as long as no file has changed of which the cards tell: the code of `models`, its weights, pulled ones.

    Nothing is trusted that is not checked again: weights are verified when they are loaded.
    """

    def __init__(self, settings: Settings, networks: str) -> None:
        self._folder = settings.data
        self._weights = settings.weights or weights_folder()
        self._networks = networks
        self._checkpoints = settings.checkpoints

    def read(self) -> list[Card] | None:
        try:
            return CARDS.validate_json(self._file().read_bytes())
        except (OSError, ValidationError):
            return None

    def write(self, cards: list[Card]) -> None:
        """Where the disk does not take it, the next start is slower: nothing else."""
        file = self._file()
        half = file.with_suffix(f".{os.getpid()}.half")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for old in self._folder.glob("cards-*.json"):
                if old != file:
                    old.unlink(missing_ok=True)
            half.write_bytes(CARDS.dump_json(cards))
            half.replace(file)
        except OSError as error:
            log.warning("the cards could not be remembered", errno=error.errno)

    def _file(self) -> Path:
        seen = [version("lucarne"), version("torch"), self._networks, *sorted(self._traces())]
        return self._folder / f"cards-{hashlib.sha256(repr(seen).encode()).hexdigest()[:16]}.json"

    def _traces(self) -> Iterator[str]:
        for folder in (*map(Path, models.__path__), self._weights, *self._checkpoints):
            for file in folder.rglob("*"):
                if file.suffix not in ("", ".pyc"):
                    said = file.stat()
                    yield f"{file} {said.st_size} {said.st_mtime_ns}"
