"""A feature of a dictionary as a unit with a page: the texts that excite it, what it writes, its likes."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from lucarne.artifact_units import UnitTexts
from lucarne.recipe import ContextCount, CorpusName, Recipe, SiteName, UnitNumber

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Dictionary(Recipe):
    """What excites a dictionary feature in a corpus, the tokens it writes, how often it speaks, and its neighbours."""

    suits_kind: ClassVar = "language"
    suits_axes: ClassVar = (("position", "feature"),)

    kind: Literal["dictionary"] = "dictionary"
    site: SiteName
    unit: UnitNumber
    corpus: CorpusName = "bundled"
    k: ContextCount = 20

    @property
    def is_long(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        from lucarne.corpora import is_at_hand

        return not is_at_hand(self.model, self.corpus)

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> UnitTexts:
        from lucarne.units import unit_texts

        said = self.signature(model)
        return unit_texts(model, self.site, self.unit, self.corpus, self.k, pictures, progress, said)
