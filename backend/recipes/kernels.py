"""The first layer's kernels as pictures, with the numbers by which they can be sorted."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from lucarne.artifact import ImageGrid, ReceptiveField
from lucarne.recipe import Recipe, SiteName

if TYPE_CHECKING:
    from lucarne.models.card import SiteCard
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Kernels(Recipe):
    """What the kernels of the convolution that reads pixels look like."""

    suits_kind: ClassVar = "vision"
    suits_axes: ClassVar = (("channel", "y", "x"),)

    kind: Literal["kernels"] = "kernels"
    site: SiteName = "conv1"
    stretch: Literal["each", "shared"] = "each"

    @classmethod
    def suits(cls, kind: str, site: "SiteCard | None" = None) -> bool:
        return kind == cls.suits_kind and (site is None or site.name == "conv1")

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> ImageGrid:
        from lucarne.atlas import arrays
        from lucarne.atlas.vision.kernels import kernels, measure, tiles
        from lucarne.atlas.vision.receptive_field import receptive_field

        weight = kernels(model, self.site)  # (kernels, 3, 11, 11)
        arrays.write(folder / "tiles.safetensors", tiles=tiles(weight, self.stretch))
        plan: Any = model.network.plan
        field = receptive_field(plan, model.site(self.site).name)
        reach = "its own largest weight" if self.stretch == "each" else "the largest weight of all"
        return ImageGrid(
            **self.signature(model),
            caption=f"The {len(weight)} kernels of {self.site} in {model.card.title}: "
            f"middle grey is zero, full colour {reach}.",
            count=len(weight),
            height=weight.shape[2],
            width=weight.shape[3],
            colour="rgb",
            columns={name: numbers.tolist() for name, numbers in asdict(measure(weight)).items()},
            units={"orientation": "degrees", "frequency": "cycles per pixel"},
            input_size=plan.input_size,
            field=ReceptiveField(**asdict(field)) if field else None,
        )
