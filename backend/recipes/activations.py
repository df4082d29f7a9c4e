"""What every channel of a site answers to a picture, and where."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from lucarne.artifact import ImageGrid, ReceptiveField
from lucarne.recipe import Degrees, PictureId, Recipe, SiteName, shown

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Activations(Recipe):
    """All maps of a site for a picture, turned by `rotate` degrees counter-clockwise if wished."""

    suits_kind: ClassVar = "vision"
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["activations"] = "activations"
    site: SiteName
    picture: PictureId
    rotate: Degrees = 0.0

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> ImageGrid:
        from lucarne.atlas import arrays
        from lucarne.atlas.pictures import encode_png
        from lucarne.atlas.vision.activations import in_bytes, maps
        from lucarne.atlas.vision.receptive_field import receptive_field

        plan: Any = model.network.plan
        site = model.site(self.site)
        seen = shown(pictures.read(self.picture), plan.input_size, self.rotate)  # (size, size, 3)
        values = maps(model, seen, site.name)  # (channels, height, width)
        packed = in_bytes(values)
        arrays.write(folder / "tiles.safetensors", tiles=packed.tiles, low=packed.low, high=packed.high)
        (folder / "input.png").write_bytes(encode_png(seen))
        signed = site.name.startswith(("conv", "fc"))
        field = receptive_field(plan, site.name)
        brightness = "Blue is below zero, orange above." if signed else "Dark is zero, bright is strong."
        what = f"{len(values)} maps of {site.name}" if field else f"{len(values)} units of {site.name}"
        return ImageGrid(
            **self.signature(model),
            caption=f"The {what} in {model.card.title} for this picture. {brightness}",
            count=values.shape[0],
            height=values.shape[1],
            width=values.shape[2],
            colour="signed" if signed else "sequential",
            columns={
                "max": values.amax((1, 2)).tolist(),
                "mean": values.mean((1, 2)).tolist(),
                "active": (values > 0).float().mean((1, 2)).tolist(),
            },
            units={"active": "part of the cells above zero"},
            labels=model.labels if site.name == "fc8" else [],
            picture="input.png",
            input_size=plan.input_size,
            field=ReceptiveField(**asdict(field)) if field else None,
        )
