"""How often a unit answers how much, over a gallery."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from lucarne.artifact import Figure, Panel, Series
from lucarne.recipe import GalleryName, Recipe, SiteName, UnitNumber

if TYPE_CHECKING:
    import numpy as np

    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Histogram(Recipe):
    """The largest answer of a unit to each picture of a gallery, counted."""

    suits_kind: ClassVar = "vision"
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["histogram"] = "histogram"
    site: SiteName
    unit: UnitNumber
    gallery: GalleryName = "bundled"

    @property
    def is_long(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        from lucarne.galleries import is_at_hand

        return not is_at_hand(self.model, self.gallery, self.site)

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> Figure:
        import numpy as np

        from lucarne.atlas.vision.indexing import check_unit, kept_for
        from lucarne.atlas.vision.study import Study
        from lucarne.galleries import Galleries

        site, kept = model.site(self.site).name, kept_for(model, self.site)
        check_unit(model, site, self.unit)
        galleries = Galleries.beside(pictures)
        gallery = galleries.get(self.gallery)
        summary = Study(gallery, model, galleries.index_folder(gallery), progress).summary(site)
        low, high = summary.edges[self.unit].tolist()
        counts = summary.counts[self.unit]
        edges = np.linspace(low, high if high > low else low + 1, len(counts) + 1)
        percentiles = summary.percentiles[self.unit].astype(float)  # (101,)
        if kept.rectified:
            edges, counts = _rectified(edges, counts)
            percentiles = percentiles.clip(min=0)
        full = kept.name.startswith("fc")
        what = f"unit {self.unit} of {site}" if full else f"channel {self.unit} of {site}, its strongest cell"
        where = "" if full or kept.name == site else f", measured at {kept.name}"
        return Figure(
            **self.signature(model),
            caption=f"How much each of the {len(gallery):,} pictures of “{gallery.title}” excites {what}{where}, in "
            f"{model.card.title}.",
            panels=[
                Panel(
                    title="Pictures by answer", draw="bars", x=edges.tolist(), x_label="activation", y_label="pictures",
                    log_y=True, series=[Series(name="pictures", y=counts.tolist())],
                ),
                Panel(
                    title="Percentiles", draw="line", x=list(range(101)), x_label="per cent of the pictures below",
                    y_label="activation", series=[Series(name="activation", y=percentiles.tolist())],
                ),
            ],
            numbers={
                "pictures": len(gallery),
                "above zero": float(summary.above[self.unit]),
                "largest": float(percentiles[100]),
                "median": float(percentiles[50]),
                "90th percentile": float(percentiles[90]),
                "99th percentile": float(percentiles[99]),
            },
        )  # fmt: skip


def _rectified(edges: "np.ndarray", counts: "np.ndarray") -> "tuple[np.ndarray, np.ndarray]":
    """Bars that end at or below zero become part of the first that does not."""
    below = int((edges[1:] <= 0).sum())
    if below == 0:
        return edges.clip(min=0), counts
    if below == len(counts):  # nothing is above zero
        return edges - edges[0], counts[::-1].cumsum()[::-1] * 0 + [counts.sum(), *[0] * (len(counts) - 1)]
    kept = counts[below:].copy()
    kept[0] += counts[:below].sum()
    return edges[below:].clip(min=0), kept
