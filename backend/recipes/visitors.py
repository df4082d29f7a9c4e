"""Pictures of a gallery on an atlas that was made from others."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact import Visits
from lucarne.recipe import GalleryName, Recipe, SiteName

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Visitors(Recipe):
    """Where places of a gallery's pictures lie on an atlas: what its cells look like in photographs."""

    suits_kind: ClassVar = "vision"
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["visitors"] = "visitors"
    site: SiteName = "relu5"
    gallery: Annotated[GalleryName, Field(description="Whose atlas.")] = "bundled"
    visitors: Annotated[GalleryName, Field(description="Whose pictures are placed on it.")] = "bundled"

    @property
    def is_long(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        from lucarne.galleries import BUNDLED

        return {self.gallery, self.visitors} != {BUNDLED} or not self.ships(self.model, self.site)

    @classmethod
    def ships(cls, model: str, site: str) -> bool:
        from lucarne.atlas.mapping.shipped import ships

        return ships(model, site)

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> Visits:
        from lucarne.atlas import arrays
        from lucarne.atlases import atlas_of, said_of, visitors_of
        from lucarne.galleries import Galleries
        from lucarne.models.progress import note

        site = said_of(model, self.site)
        gallery = Galleries.beside(pictures).get(self.visitors)
        packed = atlas_of(model, site, self.gallery, pictures, progress=progress)
        note(progress, f"Looking at {len(gallery):,} pictures")
        found = visitors_of(model, packed, self.visitors, pictures, self.seed, progress)
        note(progress, "")
        arrays.write(folder / "visits.safetensors", **vars(found))
        return Visits(
            **self.signature(model),
            caption=f"Where {len(found.pictures):,} places of the {len(gallery):,} pictures of “{gallery.title}” lie "
            f"on the atlas of {site} in {model.card.title}: between the cells whose means are nearest to what is said "
            "of them.",
            site=site,
            gallery=self.visitors,
            title=gallery.title,
            count=len(gallery),
            places=len(found.pictures),
        )
