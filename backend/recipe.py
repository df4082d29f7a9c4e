"""A recipe says in full how to make one artifact from one model: body, cache key, permalink, citation at once."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from lucarne.artifact import Artifact
from lucarne.shipped import edition

if TYPE_CHECKING:
    import numpy as np

    from lucarne.models.card import SiteCard
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

ModelName = Annotated[str, Field(min_length=1, max_length=200, description="A model of `GET /api/models`.")]
SiteName = Annotated[str, Field(min_length=1, max_length=100, description="A site of the model, or an alias of one.")]
PictureId = Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="What `POST /api/pictures` answered.")]
Text = Annotated[str, Field(min_length=1, max_length=16384, description="Any Unicode text without NUL.")]
Degrees = Annotated[
    float,
    Field(ge=-180, le=180, description="Degrees by which the picture is turned, counter-clockwise."),
    AfterValidator(lambda degrees: degrees + 0.0),  # -0.0 is 0.0: one recipe, one id
]
UnitNumber = Annotated[
    int, Field(ge=0, le=65535, description="Number of the channel or unit, from 0; at fc8 of the class.")
]
ClassNumber = Annotated[
    int | None, Field(ge=0, le=65535, description="Number of a class, from 0; if none is told, the likeliest.")
]
GalleryName = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$", description="A gallery of `GET /api/galleries`.")
]
CorpusName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,79}$", description="A corpus of `GET /api/corpora`.")]
ContextCount = Annotated[int, Field(ge=1, le=20, description="How many of the contexts with the largest answers.")]
Seed = Annotated[
    int,
    Field(ge=0, le=2**32 - 1, description="Where a recipe draws at random it draws from this; many draw nothing."),
]
LayerNumber = Annotated[int, Field(ge=0, le=1023, description="Number of the layer, from 0.")]
HeadNumber = Annotated[int, Field(ge=0, le=1023, description="Number of the head in its layer, from 0.")]
Place = Annotated[int, Field(ge=0, le=65535, description="Place of a token in what is read, from 0.")]
TokenNumber = Annotated[int, Field(ge=0, le=2**24, description="Number of a token of the vocabulary.")]
Begin = Annotated[
    bool, Field(description="Put the end-of-text token first, with which every document began in training.")
]


class Recipe(BaseModel, ABC):
    """Frozen and strict. Subclasses are one file each in `backend/recipes/` and never import each other."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    suits_axes: ClassVar[tuple[tuple[str, ...], ...]] = ()  # axes of the sites it can look at; none: it needs no site
    suits_kind: ClassVar[str]  # "vision" or "language"
    of_what_ships: ClassVar[bool] = False  # made from files that ship beside the weights, though no field says so
    is_long: ClassVar[bool] = False  # takes longer than people wait: at each of its steps it makes way for others

    kind: Any  # each subclass says which: Literal["kernels"]
    model: ModelName
    seed: Seed = 0

    @abstractmethod
    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> Artifact:
        """Make the artifact's files in `folder` and describe them. Knows nothing of jobs, stores or HTTP."""

    @classmethod
    def suits(cls, kind: str, site: "SiteCard | None" = None) -> bool:
        """Whether it can look at a model of this kind or, if one is named, at this site of it."""
        return kind == cls.suits_kind and (site is None or site.axes in cls.suits_axes)

    @classmethod
    def ships(cls, model: str, site: str) -> bool:
        """Whether what it makes of this site comes with the model, so that nobody waits for it."""
        return False

    def id(self, weights: str) -> str:
        """The artifact's id: sha256 over the recipe in full and the hash of the weights, 64 hexadecimal digits.

        Where it is made of something else that ships (the bundled gallery or corpus, a dictionary), over that as well.
        """
        said = json.dumps(self.model_dump(), sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        if self.of_what_ships or '"bundled"' in said or '.features"' in said:
            said += f"\n{edition()}"
        return hashlib.sha256(f"{said}\n{weights}".encode()).hexdigest()

    def signature(self, model: "Model") -> dict[str, Any]:
        """The fields every artifact begins with."""
        return {
            "id": self.id(model.weights),
            "kind": self.kind,
            "model": model.card.name,
            "weights": model.weights,
            "recipe": self.model_dump(mode="json"),
        }


def named(site: "SiteCard", unit: int) -> str:
    """What a unit is called in a sentence: `channel 5 of conv3`, `unit 7 of fc6`, `feature 3 of relu5`."""
    base = site.name.removesuffix(".features")
    noun = "feature" if base != site.name else "channel" if len(site.shape) == 3 else "unit"
    return f"{noun} {unit} of {base}"


def shower(folder: Path, progress: "Progress", name: str) -> "Callable[[bytes], None] | None":
    """Puts a file beside the artifact while it is made, whole at any moment; None where nobody can be shown files."""
    show: Callable[[str], None] | None = getattr(progress, "preview", None)
    if show is None:
        return None

    def put(content: bytes) -> None:
        fresh = folder / "preview.new"
        fresh.write_bytes(content)
        fresh.rename(folder / name)
        show(name)

    return put


def shown(pixels: "np.ndarray", size: int, rotate: float) -> "np.ndarray":
    """What a network is shown of a picture: its centre square at the network's size, turned. uint8 (size, size, 3)."""
    from lucarne.atlas.pictures import square, turned

    seen = square(pixels, size)
    return turned(seen, rotate) if rotate else seen
