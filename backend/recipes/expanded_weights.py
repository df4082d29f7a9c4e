"""Which units of the layer before a unit reads, and which of the next read it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact import ImageGrid
from lucarne.recipe import Recipe, SiteName, UnitNumber, named

if TYPE_CHECKING:
    from lucarne.atlas.vision.weights import Strands
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

SOURCE = "(Voss et al., “Visualizing Weights”, Distill 2021, of adjacent layers)"


class ExpandedWeights(Recipe):
    """The strongest kernels between a unit and the units of the layer before it, or of the layer behind it."""

    suits_kind: ClassVar = "vision"
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["expanded_weights"] = "expanded_weights"
    site: SiteName
    unit: UnitNumber
    end: Annotated[Literal["reads", "writes"], Field(description="What it reads from, or who reads it.")] = "reads"
    k: Annotated[int, Field(ge=1, le=50, description="How many.")] = 12

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> ImageGrid:
        from lucarne.atlas import arrays
        from lucarne.atlas.vision.activations import in_bytes
        from lucarne.atlas.vision.weights import reads, writes

        site = model.site(self.site)
        found = (reads if self.end == "reads" else writes)(model, site.name, self.unit, self.k)
        packed = in_bytes(found.kernels)  # (k, height, width)
        arrays.write(folder / "tiles.safetensors", tiles=packed.tiles, low=packed.low, high=packed.high)
        return ImageGrid(
            **self.signature(model),
            caption=self._caption(model, found),
            count=found.kernels.shape[0],
            height=found.kernels.shape[1],
            width=found.kernels.shape[2],
            colour="signed",
            columns={
                "strength": found.strength.tolist(),
                "sum": found.kernels.sum((1, 2)).tolist(),
                "unit": [float(unit) for unit in found.units],
            },
            labels=[_name(model, found.layer, unit) for unit in found.units],
            input_size=model.card.input_size or 0,
        )

    def _caption(self, model: "Model", found: "Strands") -> str:
        one = named(model.site(self.site), self.unit)
        if found.layer == "picture":
            what = f"The kernels with which {one} in {model.card.title} reads red, green and blue"
        elif self.end == "reads":
            what = f"What {one} in {model.card.title} reads of {found.layer}: the {len(found.units)} strongest of "
            what += f"{found.among} kernels"
        else:
            what = f"Where {one} in {model.card.title} leads in {found.layer}: the {len(found.units)} strongest of "
            what += f"{found.among} kernels"
        return f"{what} {SOURCE}. Orange weights excite, blue ones inhibit."


def _name(model: "Model", layer: str, unit: int) -> str:
    if layer == "picture":
        return ("red", "green", "blue")[unit]
    return f"{layer} {unit} · {model.labels[unit]}" if layer == "fc8" else f"{layer} {unit}"
