"""A neuron as a unit with a page: the texts that excite it, what it writes, its likes."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from lucarne.artifact_units import UnitTexts
from lucarne.recipe import ContextCount, CorpusName, Recipe, SiteName, UnitNumber

if TYPE_CHECKING:
    from lucarne.models.card import SiteCard
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Neurons(Recipe):
    """What excites a neuron of an MLP in a corpus, the tokens it writes, how often it is active, and its neighbours."""

    suits_kind: ClassVar = "language"
    suits_axes: ClassVar = (("position", "neuron"),)

    kind: Literal["neurons"] = "neurons"
    site: SiteName
    unit: UnitNumber
    corpus: CorpusName = "bundled"
    k: ContextCount = 20

    @classmethod
    def suits(cls, kind: str, site: "SiteCard | None" = None) -> bool:
        return super().suits(kind, site) and (site is None or site.name.endswith(".hook_post"))

    @property
    def is_long(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        from lucarne.corpora import is_at_hand

        return not is_at_hand(self.model, self.corpus)

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> UnitTexts:
        from lucarne.units import unit_texts

        said = self.signature(model)
        return unit_texts(model, self.site, self.unit, self.corpus, self.k, pictures, progress, said)
