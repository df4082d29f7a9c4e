"""What a model says of itself. Importable without torch, so that a server can show cards before it can think."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["vision", "language"]


class SiteCard(BaseModel):
    """A named activation: `shape` is that of one example, None where it depends on the input's length."""

    model_config = ConfigDict(frozen=True)

    name: str
    axes: tuple[str, ...]
    shape: tuple[int | None, ...]
    about: str
    aliases: tuple[str, ...] = ()


class Card(BaseModel):
    """A network on the bench: where it comes from, how good it is, and where it can be watched."""

    model_config = ConfigDict(frozen=True)

    name: str
    title: str
    kind: Kind
    about: str
    source: str
    licence: str
    parameters: int
    weights: str = ""  # sha256 of the weights file; empty where it is not here
    available: bool = True
    how_to_get: str = ""
    for_tests: bool = False
    input_size: int | None = None  # pixels a side
    context: int | None = None  # tokens
    plan: dict[str, Any] = {}
    metrics: dict[str, float] = {}
    log: list[dict[str, float]] = []  # of the training: step, minutes, loss, …
    notes: list[str] = []
    sites: list[SiteCard] = []
