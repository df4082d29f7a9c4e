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


class Source(BaseModel):
    """A set of data that was trained on."""

    model_config = ConfigDict(frozen=True)

    name: str
    about: str
    licence: str


class Confusion(BaseModel):
    """A class that is seldom recognised, and what it is taken for most often."""

    model_config = ConfigDict(frozen=True)

    name: str
    right: float  # percent of its validation pictures
    taken_for: str
    wrong: float  # percent that went to that one class


class Sample(BaseModel):
    """A text of the network's own, drawn with these numbers."""

    model_config = ConfigDict(frozen=True)

    opening: str
    text: str  # what the network added
    temperature: float
    seed: int


class HeadRecord(BaseModel):
    """What attention heads did at moments of the training, on random tokens said twice."""

    model_config = ConfigDict(frozen=True)

    step: list[int]  # of each moment
    tokens: list[int]  # read until then
    previous_token: list[list[list[float]]]  # (moment, layer, head), 0…1
    induction: list[list[list[float]]]  # (moment, layer, head), 0…1


class DictionaryCard(BaseModel):
    """A sparse autoencoder that comes with a network: how many features, how faithful."""

    model_config = ConfigDict(frozen=True)

    site: str
    features: int
    active: float  # features that speak at one position, on average: L0
    explained_variance: float  # 0…1
    dead: float  # part of the features that never speak
    loss_recovered: float  # 0 where the site is zeroed, 1 where it is left alone
    weights: str  # sha256
    notes: list[str] = []
    log: list[dict[str, float]] = []


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
    date: str = ""  # on which the training ended
    compute: str = ""  # on what it ran, and how long
    data: list[Source] = []
    metrics: dict[str, float] = {}
    log: list[dict[str, float]] = []  # of the training: step, minutes, loss, …
    notes: list[str] = []
    worst: list[Confusion] = []  # the ten classes it knows least
    samples: list[Sample] = []
    moments: list[float] = []  # parts of the training, 0…1, after which conv1's kernels were kept
    heads: HeadRecord | None = None
    dictionaries: list[DictionaryCard] = []
    sites: list[SiteCard] = []
