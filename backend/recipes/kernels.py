"""The first layer's kernels as pictures, with the numbers by which they can be sorted."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field

from lucarne.artifact import ImageGrid, ReceptiveField
from lucarne.recipe import Recipe, SiteName

if TYPE_CHECKING:
    from torch import Tensor

    from lucarne.models.card import SiteCard
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

Trained = Annotated[
    float,
    Field(ge=0, le=1, description="The part of its training that was over: one of the card's `moments`, or 1."),
    AfterValidator(lambda part: part + 0.0),  # -0.0 is 0.0: one recipe, one id
]


class Kernels(Recipe):
    """What the kernels of the convolution that reads pixels look like, or looked like while they were learned."""

    suits_kind: ClassVar = "vision"
    suits_axes: ClassVar = (("channel", "y", "x"),)

    kind: Literal["kernels"] = "kernels"
    site: SiteName = "conv1"
    stretch: Literal["each", "shared"] = "each"
    trained: Trained = 1.0

    @classmethod
    def suits(cls, kind: str, site: "SiteCard | None" = None) -> bool:
        return kind == cls.suits_kind and (site is None or site.name == "conv1")

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> ImageGrid:
        from lucarne.atlas import arrays
        from lucarne.atlas.vision.kernels import measure, tiles
        from lucarne.atlas.vision.receptive_field import receptive_field

        weight = self._kernels(model)  # (kernels, 3, 11, 11)
        arrays.write(folder / "tiles.safetensors", tiles=tiles(weight, self.stretch))
        plan: Any = model.network.plan
        field = receptive_field(plan, model.site(self.site).name)
        reach = "its own largest weight" if self.stretch == "each" else "the largest weight of all"
        return ImageGrid(
            **self.signature(model),
            caption=f"The {len(weight)} kernels of {self.site} in {model.card.title}{self._moment()}: "
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

    def _kernels(self, model: "Model") -> "Tensor":
        """The network's own, or those that were kept at a moment of its training; raises Unsuitable for any other."""
        from lucarne.atlas.vision.kernels import kernels
        from lucarne.models.errors import Unsuitable
        from lucarne.models.history import kernels_in_training

        finished = kernels(model, self.site)
        if self.trained == 1:
            return finished
        name = model.card.name
        kept = kernels_in_training(name)
        if self.trained in kept:
            return kept[self.trained]
        if not kept:
            raise Unsuitable(f"Nothing was kept of {name}'s training: trained can only be 1.", field="trained")
        parts = ", ".join(f"{part:g}" for part in sorted({*kept, 1.0}))
        raise Unsuitable(f"{name}'s kernels were kept at these parts of its training: {parts}.", field="trained")

    def _moment(self) -> str:
        if self.trained == 1:
            return ""
        return f", after {100 * self.trained:g} % of its training" if self.trained else ", before its training"
