"""Features that change what a network writes about."""

import json
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from lucarne.artifact_story import FeatureShelf, ShelfFeature
from lucarne.recipe import Recipe, SiteName
from lucarne.stories import concept_of

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Shelf(Recipe):
    """The ten features of a dictionary that steer best. A shelf that ships is there at once."""

    suits_kind: ClassVar = "language"
    of_what_ships: ClassVar = True
    suits_axes: ClassVar = (("position", "feature"),)

    kind: Literal["shelf"] = "shelf"
    site: SiteName

    @property
    def is_long(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        return not self.ships(self.model, self.site)

    @classmethod
    def ships(cls, model: str, site: str) -> bool:
        return _ships(model, site)

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> FeatureShelf:
        from lucarne.atlas.language.shelf import RULE, shelf

        site = model.site(self.site).name
        found = shelf(model, site, progress)
        return FeatureShelf(
            **self.signature(model),
            caption=f"The {len(found.features)} features of {site.removesuffix('.features')} that change most what "
            f"{model.card.title} writes about: {found.tried} of {found.alive} were tried.",
            site=site,
            features=[
                ShelfFeature(
                    unit=each.unit,
                    label=each.label,
                    maximum=each.maximum,
                    often=each.often,
                    strength=each.strength,
                    concept=concept_of(model, each.concept),
                    plain_rate=each.plain_rate,
                    rate=each.rate,
                    perplexity=each.perplexity,
                    repetition=each.repetition,
                )
                for each in found.features
            ],
            rule=RULE,
            alive=found.alive,
            tried=found.tried,
            plain_perplexity=found.plain_perplexity,
            plain_repetition=found.plain_repetition,
        )


@lru_cache(maxsize=64)
def _ships(model: str, site: str) -> bool:
    """Whether a shelf lies beside the weights it was made of, as the cards tell; needs no torch."""
    folder = files("lucarne.models") / "bundled" / model
    base = site.removesuffix(".features")
    try:
        told = json.loads((folder / f"shelf-{base}.json").read_text(encoding="utf-8"))
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    dictionaries = {each["site"]: each["weights"] for each in card.get("dictionaries", [])}
    return (told["weights"], told["dictionary"]) == (card["weights"], dictionaries.get(base))
