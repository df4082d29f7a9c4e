"""Models and recipes that cost nothing and can be told how to behave: for tests of the spine itself."""

import os
import signal
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import Field

from lucarne.artifact import Artifact, Rank, Ranking
from lucarne.bench import Stock
from lucarne.models.card import Card, SiteCard
from lucarne.models.errors import TooMuch, Unsuitable
from lucarne.recipe import Recipe, SiteName, Text

WEIGHTS = "ab" * 32

SITES = [
    SiteCard(name="conv1", axes=("channel", "y", "x"), shape=(4, 8, 8), about="", aliases=("features.0", "features_0")),
    SiteCard(name="fc1", axes=("unit",), shape=(4,), about=""),
]


def toy(name: str, **changes: Any) -> Card:
    said: dict[str, Any] = {
        "title": name, "kind": "vision", "about": "A toy.", "source": "tests", "licence": "MIT", "parameters": 1,
        "weights": WEIGHTS, "sites": SITES,
    }  # fmt: skip
    return Card(name=name, **{**said, **changes})


@dataclass
class Toy:
    card: Card

    @property
    def weights(self) -> str:
        return self.card.weights

    def undisturbed(self) -> AbstractContextManager[None]:
        return nullcontext()


class Toys:
    """What `lucarne.worker.Catalog` is for the real models."""

    def __init__(self, weights: Path | None, device: str, checkpoints: list[Path]) -> None:
        self._weights = weights

    def cards(self) -> list[Card]:
        is_here = bool(self._weights and list(self._weights.glob("far-away/weights.bin")))
        how_to_get = "" if is_here else "Fetch its weights: lucarne models pull far-away"
        return [
            toy("abacus"),
            toy("parrot", kind="language", sites=[], context=64),
            toy("far-away", available=is_here, how_to_get=how_to_get),
        ]

    def load(self, name: str) -> Toy:
        return Toy(next(card for card in self.cards() if card.name == name))


class Broken(Toys):
    """Its weights are not what they should be."""

    def load(self, name: str) -> Toy:
        from lucarne.models.errors import WeightsDamaged

        raise WeightsDamaged("model.safetensors is damaged: its sha256 is not the expected one.")


class Count(Recipe):
    """Counts steps of some seconds; writes every step into a file, and a line into `journal` when it begins."""

    suits_kind: ClassVar = "vision"

    kind: Literal["count"] = "count"
    steps: int = Field(default=1, ge=1, le=100_000)
    pause: float = Field(default=0, ge=0, le=100)
    seed: int = Field(default=0, ge=0, le=10_000)
    previews: bool = False

    def make(self, model: Any, folder: Path, pictures: Any, progress: Any) -> Artifact:
        with Path(os.environ["LUCARNE_TEST_JOURNAL"]).open("a") as journal:
            journal.write(f"{self.seed}\n")
        written = folder / "steps.json"
        for step in progress(range(self.steps)):
            written.write_text(str(list(range(step))))
            if self.previews:
                (folder / "part.json.new").write_text(str(step))
                (folder / "part.json.new").rename(folder / "part.json")
                progress.preview("part.json")
            time.sleep(self.pause)
        (folder / "part.json").unlink(missing_ok=True)
        return ranking(self)


class CountLong(Count):
    """Counts, and makes way at each step."""

    is_long: ClassVar = True

    kind: Literal["count_long"] = "count_long"  # pyright: ignore[reportIncompatibleVariableOverride]


class Look(Recipe):
    """Looks at a site and writes two files of some size."""

    suits_kind: ClassVar = "vision"
    suits_axes: ClassVar = (("channel", "y", "x"),)

    kind: Literal["look"] = "look"
    site: SiteName
    size: int = Field(default=10, ge=0, le=10_000_000)
    factor: float = Field(default=1.0, ge=-10, le=10)

    def make(self, model: Any, folder: Path, pictures: Any, progress: Any) -> Artifact:
        for name in progress(("tiles.safetensors", "more.json")):
            (folder / name).write_bytes(b"7" * self.size)
        return ranking(self)


class Say(Recipe):
    """Reads a text, no longer than ten words."""

    suits_kind: ClassVar = "language"

    kind: Literal["say"] = "say"
    text: Text

    def make(self, model: Any, folder: Path, pictures: Any, progress: Any) -> Artifact:
        if len(self.text.split()) > 10:
            raise TooMuch("The text has more than 10 words.", 10, field="text")
        return ranking(self)


class Misbehave(Recipe):
    """Goes wrong in a chosen way."""

    suits_kind: ClassVar = "vision"

    kind: Literal["misbehave"] = "misbehave"
    how: Literal["bug", "mistake", "die", "deaf", "hoard", "symlink", "oserror"]

    def make(self, model: Any, folder: Path, pictures: Any, progress: Any) -> Artifact:
        match self.how:
            case "bug":
                raise RuntimeError("/home/secret/lucarne.py: this text must never be seen outside")
            case "mistake":
                raise Unsuitable("This cannot be made with these numbers.", field="how")
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "deaf":
                time.sleep(1000)
            case "hoard":
                hoard = [bytearray(b"x" * 50_000_000) for _ in progress(range(100)) if time.sleep(0.05) is None]
                (folder / "hoard.json").write_text(str(len(hoard)))
            case "symlink":
                (folder / "link.json").symlink_to("/etc/passwd")
            case "oserror":
                raise OSError(28, "No space left on device", "/tmp/secret")
        return ranking(self)


def ranking(recipe: Recipe) -> Ranking:
    ranks = [Rank(index=0, label="one", probability=1.0, logit=0.5)]
    return Ranking(
        id="0" * 64, kind=recipe.kind, model=recipe.model, weights=WEIGHTS, recipe=recipe.model_dump(),
        caption="A toy.", ranks=ranks, total=1,
    )  # fmt: skip


RECIPES: list[type[Recipe]] = [Count, CountLong, Look, Say, Misbehave]

TOYS = Stock("tests.backend.toys:Toys", "tests.backend.toys:RECIPES")
BROKEN = Stock("tests.backend.toys:Broken", "tests.backend.toys:RECIPES")
