"""Every unit of a site in a list: what it is called, how often it is active, what it reads and writes."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from lucarne.artifact_units import UnitList
from lucarne.recipe import CorpusName, Recipe, SiteName

if TYPE_CHECKING:
    from lucarne.models.card import SiteCard
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Units(Recipe):
    """All neurons of a layer, or all features of a dictionary, with labels, densities and histograms."""

    suits_kind: ClassVar = "language"
    suits_axes: ClassVar = (("position", "neuron"), ("position", "feature"))

    kind: Literal["units"] = "units"
    site: SiteName
    corpus: CorpusName = "bundled"

    @classmethod
    def suits(cls, kind: str, site: "SiteCard | None" = None) -> bool:
        return super().suits(kind, site) and (site is None or not site.name.endswith(".hook_pre"))

    @property
    def is_long(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        from lucarne.corpora import is_at_hand

        return not is_at_hand(self.model, self.corpus)

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> UnitList:
        import numpy as np

        from lucarne.atlas import arrays
        from lucarne.atlas.language.indexing import check_unit, threshold_of
        from lucarne.corpora import Corpora
        from lucarne.units import unit_rows

        site = check_unit(model, self.site, 0)
        corpus, whole = Corpora.beside(pictures).index(self.corpus, model, progress)
        found = whole.of(site)
        arrays.write(folder / "counts.safetensors", counts=found.counts.astype(np.int32))
        return UnitList(
            **self.signature(model),
            caption=f"The {len(found.top):,} units of {site} in {model.card.title}, as {found.positions:,} tokens of "
            f"“{corpus.title}” excite them.",
            site=site,
            corpus=self.corpus,
            title=corpus.title,
            positions=found.positions,
            threshold=threshold_of(site),
            units=unit_rows(model, site, found, corpus),
        )
