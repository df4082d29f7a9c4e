"""Where the places of one picture lie on an atlas."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from lucarne.artifact import PointMap, ReceptiveField, Spot
from lucarne.recipe import GalleryName, PictureId, Recipe, SiteName, shown

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Trail(Recipe):
    """Each place of a picture as a point of the map where what the site says of it is said."""

    suits_kind: ClassVar = "vision"
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["trail"] = "trail"
    site: SiteName = "relu5"
    picture: PictureId
    gallery: GalleryName = "bundled"

    @property
    def is_long(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        from lucarne.atlas.mapping.shipped import ships
        from lucarne.galleries import BUNDLED

        return self.gallery != BUNDLED or not ships(self.model, self.site)

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> PointMap:
        from lucarne.atlas.pictures import encode_png
        from lucarne.atlas.vision.activations import maps
        from lucarne.atlas.vision.receptive_field import receptive_field
        from lucarne.atlases import atlas_of, said_of

        plan: Any = model.network.plan
        site = said_of(model, self.site)
        seen = shown(pictures.read(self.picture), plan.input_size, 0)  # (size, size, 3)
        values = maps(model, seen, site)  # (channels, rows, columns)
        channels, rows, columns = values.shape
        packed = atlas_of(model, site, self.gallery, pictures, progress=progress)
        points, near = packed.placed(values.reshape(channels, -1).T.numpy())
        (folder / "input.png").write_bytes(encode_png(seen))
        field = receptive_field(plan, site)
        return PointMap(
            **self.signature(model),
            caption=f"Where each place of this picture lies on the atlas of {site} in {model.card.title}: between the "
            "cells whose means are nearest to what is said of it.",
            site=site,
            points=[
                Spot(row=i // columns, column=i % columns, x=float(x), y=float(y), near=float(cosine))
                for i, ((x, y), cosine) in enumerate(zip(points, near, strict=True))
            ],
            rows=rows,
            columns=columns,
            field=ReceptiveField(**asdict(field)) if field else None,
            input_size=plan.input_size,
            picture="input.png",
        )
