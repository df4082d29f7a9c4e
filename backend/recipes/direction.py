"""A concept as a direction: from the mean of some pictures to the mean of others."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact import PictureList, Sheet
from lucarne.recipe import GalleryName, PictureId, Recipe, SiteName

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


Chosen = Annotated[tuple[PictureId, ...], Field(min_length=1, max_length=200, strict=False)]  # or a list of them


class Direction(Recipe):
    """The gallery sorted along mean(a) − mean(b) at a site, with how well it tells held-out pictures apart."""

    suits_kind: ClassVar = "vision"
    is_long: ClassVar = True
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["direction"] = "direction"
    site: SiteName = "relu7"
    a: Annotated[Chosen, Field(description="Pictures of the concept.")]
    b: Annotated[Chosen, Field(description="Pictures without it.")]
    gallery: GalleryName = "bundled"
    k: Annotated[int, Field(ge=1, le=48, description="How many from either end.")] = 12

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> PictureList:
        import numpy as np

        from lucarne.atlas import arrays
        from lucarne.atlas.galleries.contact import ACROSS, SIDE, contact
        from lucarne.atlas.vision.directions import between, seen, trust
        from lucarne.atlas.vision.indexing import kept_for
        from lucarne.atlas.vision.study import Study
        from lucarne.galleries import Galleries, chosen, listed

        site, kept = model.site(self.site).name, kept_for(model, self.site)
        galleries = Galleries.beside(pictures)
        gallery = galleries.get(self.gallery)
        a, b = (seen(model, site, each, progress) for each in chosen(self.a, self.b, pictures, [gallery]))
        direction, trusted = between(a, b), trust(a, b, self.seed)
        study = Study(gallery, model, galleries.index_folder(gallery), progress)
        values = direction.along(study.vectors(site))  # (pictures,)
        order = np.argsort(-values, kind="stable")
        k = min(self.k, len(order))
        rows = [
            listed(gallery, number, float(values[number]), group)
            for group, numbers in (("most", order[:k]), ("least", order[::-1][:k]))
            for number in numbers.tolist()
        ]
        (folder / "pictures.webp").write_bytes(contact(gallery, [row.number for row in rows]))
        middle = np.array([direction.middle], np.float32)
        arrays.write(folder / "direction.safetensors", direction=direction.vector, middle=middle)
        way = "" if kept.name.startswith("fc") else f" Of each channel's map at {kept.name} the largest value counts."
        numbers: dict[str, float] = {"pictures of a": len(a), "pictures of b": len(b)}
        said = "With one picture in a set none can be held out: nothing says that this is more than chance."
        if trusted is not None:
            numbers |= {
                "accuracy": trusted.accuracy,
                "accuracy, shuffled": trusted.shuffled,
                "accuracy, shuffled, 95 %": trusted.shuffled_best,
                "chance": trusted.chance,
            }
            said = (
                f"Held-out pictures are told apart {trusted.accuracy:.0%} of the time by the nearer mean, "
                f"{trusted.shuffled:.0%} where they are dealt to the sets at random."
            )
        return PictureList(
            **self.signature(model),
            caption=f"“{gallery.title}” ({len(gallery):,} pictures) along the direction from {len(b)} pictures to "
            f"{len(a)} others at {site} in {model.card.title}.{way} {said}",
            gallery=self.gallery,
            total=len(gallery),
            groups={
                "most": "how far along the direction, 0 half way between the sets",
                "least": "how far along the direction, 0 half way between the sets",
            },
            rows=rows,
            side=SIDE,
            sheet=Sheet(file="pictures.webp", across=ACROSS),
            numbers=numbers,
        )
