"""The pictures of a gallery that a site finds most alike, beside those whose pixels are."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from lucarne.artifact import PictureList, Sheet
from lucarne.recipe import GalleryName, PictureId, Recipe, SiteName, shown

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Neighbors(Recipe):
    """The gallery's pictures nearest to a picture, by the cosine at a site and by the distance of their pixels."""

    suits_kind: ClassVar = "vision"
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["neighbors"] = "neighbors"
    site: SiteName = "relu7"
    picture: PictureId
    gallery: GalleryName = "bundled"
    k: Annotated[int, Field(ge=1, le=48, description="How many of each.")] = 12

    @property
    def is_long(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        from lucarne.galleries import is_at_hand

        return self.site != "relu7" or not is_at_hand(self.model, self.gallery, "conv1")  # both ship or neither

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> PictureList:
        from lucarne.atlas.galleries.contact import ACROSS, SIDE, contact
        from lucarne.atlas.vision.indexing import kept_for, vectors_of
        from lucarne.atlas.vision.neighbors import by_pixels
        from lucarne.atlas.vision.study import Study
        from lucarne.atlas.vision.thumbnails import thumbnail
        from lucarne.galleries import Galleries, listed

        plan: Any = model.network.plan
        site, kept = model.site(self.site).name, kept_for(model, self.site)
        galleries = Galleries.beside(pictures)
        gallery = galleries.get(self.gallery)
        study = Study(gallery, model, galleries.index_folder(gallery), progress)
        pixels = pictures.read(self.picture)
        seen = vectors_of(model, shown(pixels, plan.input_size, 0)[None], site)[0]
        found = {
            site: study.nearest(site, seen, self.k),
            "pixels": by_pixels(study.thumbnails(), thumbnail(pixels), self.k),
        }
        rows = [
            listed(gallery, number, distance, group)
            for group, nearest in found.items()
            for number, distance in zip(nearest.numbers.tolist(), nearest.distances.tolist(), strict=True)
        ]
        (folder / "pictures.webp").write_bytes(contact(gallery, [row.number for row in rows]))
        itself = gallery.find(self.picture)
        way = "" if kept.name.startswith("fc") else f" Of each channel's map at {kept.name} the largest value counts."
        said = "" if itself is None else f" The picture itself is number {itself} of the gallery."
        return PictureList(
            **self.signature(model),
            caption=f"The pictures of “{gallery.title}” ({len(gallery):,}) nearest to this one: by the angle at {site} "
            f"in {model.card.title}, and by their pixels.{way}{said}",
            gallery=self.gallery,
            total=len(gallery),
            groups={
                site: f"cosine distance at {site}: 0 is the same direction",
                "pixels": "root mean square difference of 32 × 32 pixels, in steps of 0 to 255",
            },
            rows=rows,
            side=SIDE,
            sheet=Sheet(file="pictures.webp", across=ACROSS),
            numbers={} if itself is None else {"itself": itself},
        )
