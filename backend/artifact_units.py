"""What the browser draws of neurons and dictionary features: a page of one, a list of all, who fires on a text."""

from typing import Literal

from pydantic import Field

from lucarne.artifact import Artifact, Frozen
from lucarne.artifact_text import Token


class UnitLabel(Frozen):
    """What a unit is called until somebody writes down something better, and by which rule.

    `reads`: one token has at least half of what the answers at the peaks of its top contexts add up to. `writes`: they
    do not agree so far, and `text` is the token that it raises most. `dead`: nothing in the corpus excites it.
    """

    rule: Literal["reads", "writes", "dead"]
    text: str


class UnitContext(Frozen):
    """Some tokens of a corpus and what the unit answers to each. The window is read from its beginning on."""

    group: str = Field(description="Which of the artifact's groups it belongs to.")
    document: int = Field(description="The document's number in the corpus, from 0.")
    place: int = Field(description="Of the peak in the corpus, in tokens.")
    tokens: list[str]
    values: list[float] = Field(description="What the unit answers to each of the tokens.")
    peak: int = Field(description="Which of the tokens is meant, from 0.")


class WrittenToken(Frozen):
    """A token whose logit a unit raises or lowers."""

    id: int
    text: str
    rise: float


class UnitNeighbor(Frozen):
    """A unit that writes in nearly the same direction."""

    unit: int
    cosine: float
    label: UnitLabel


class UnitTexts(Artifact):
    """A neuron or a dictionary feature: what excites it, what it writes, how often it answers how much."""

    shape: Literal["unit_texts"] = "unit_texts"
    site: str
    unit: int
    units: int = Field(description="How many the site has.")
    corpus: str
    title: str = Field(description="Of the corpus.")
    positions: int = Field(description="Tokens of the corpus that were looked at.")
    threshold: float = Field(description="Active is what answers more than this.")
    density: float = Field(description="The part of the positions at which it is active, 0…1.")
    largest: float = Field(description="Its largest answer in the corpus.")
    edges: list[float] = Field(description="Of the histogram's bars, one more than there are bars.")
    counts: list[int] = Field(description="Active positions by answer.")
    groups: dict[str, str] = Field(description="Every group of contexts and what it is.")
    contexts: list[UnitContext]
    raises: list[WrittenToken] = Field(description="Tokens whose logits it raises most, most first.")
    lowers: list[WrittenToken] = Field(description="Tokens whose logits it lowers most, most first.")
    neighbors: list[UnitNeighbor]
    label: UnitLabel


class UnitRow(Frozen):
    """A unit in a list of them."""

    label: UnitLabel
    density: float
    largest: float
    reads: list[str] = Field(description="Tokens at the peaks of its top contexts, each once.")
    writes: list[str] = Field(description="Tokens whose logits it raises most, most first.")


class UnitList(Artifact):
    """Every unit of a site. `counts.safetensors` holds `counts`, int32 (units, bars): active positions by answer."""

    shape: Literal["unit_list"] = "unit_list"
    site: str
    corpus: str
    title: str
    positions: int
    threshold: float
    units: list[UnitRow]


class Fired(Frozen):
    """What a unit answers to a token."""

    unit: int
    value: float


class FiringUnits(Artifact):
    """Which units of a site answer to each token of a text, the loudest of them, and one of them at every token.

    The first token may be one the network was trained to begin with: then `start == end == 0`.
    """

    shape: Literal["firing_units"] = "firing_units"
    site: str
    text: str
    tokens: list[Token]
    fired: list[list[Fired]] = Field(description="For each token the units that answer most, none at or below zero.")
    count: list[int] = Field(description="How many are active at each token, above the site's threshold.")
    unit: int | None
    values: list[float] = Field(description="What `unit` answers to each token; empty if none was asked for.")
    context: int = Field(description="The most tokens the network reads at once.")
