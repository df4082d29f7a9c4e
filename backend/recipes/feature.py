"""A picture drawn from noise until it excites one unit of a network as much as it can."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact import ImageGrid
from lucarne.drawing import PREVIEW, Preset, Size, Steps, every, settings_for, watched
from lucarne.recipe import PictureId, Recipe, SiteName, UnitNumber

if TYPE_CHECKING:
    from torch import Tensor

    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

Aim = Annotated[
    Literal["channel", "neuron", "direction"],
    Field(
        description="Excite the whole map of a channel, or its middle cell (a fully connected unit has no map), or go "
        "along the direction from the pictures `b` to the pictures `a`; then `unit` is 0."
    ),
]
Chosen = Annotated[
    tuple[PictureId, ...], Field(max_length=200, strict=False, description="Pictures, for the aim `direction`.")
]
Tries = Annotated[
    int, Field(ge=1, le=8, description="Pictures begun from other noise; the one that excites most is kept.")
]
Negative = Annotated[bool, Field(description="Draw what the unit answers to least.")]


class Feature(Recipe):
    """What a channel, a neuron or a class answers to most, by activation maximisation."""

    suits_kind: ClassVar = "vision"
    is_long: ClassVar = True
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["feature"] = "feature"
    site: SiteName
    unit: UnitNumber
    aim: Aim = "channel"
    preset: Preset = "preview"
    steps: Steps = None
    size: Size = 128
    tries: Tries = 1
    negative: Negative = False
    a: Chosen = ()
    b: Chosen = ()

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> ImageGrid:
        from lucarne.atlas import arrays
        from lucarne.atlas.vision.features import render
        from lucarne.atlas.vision.objectives import along, channel, look, neuron

        settings = settings_for(self.preset, self.steps, self.size, self.tries)
        vector = self._direction(model, pictures)
        site = model.site(self.site)
        if vector is not None:
            objective = along(model, site.name, vector)
        else:
            objective = (channel if self.aim == "channel" else neuron)(model, site.name, self.unit)
        dreams = render(
            model,
            [-objective if self.negative else objective],
            settings,
            size=self.size,
            seeds=self.seed,
            tries=self.tries,
            told=watched(folder, progress),
            every=every(settings),
            progress=progress,
        )
        (folder / PREVIEW).unlink(missing_ok=True)
        arrays.write(folder / "tiles.safetensors", tiles=dreams.pixels)
        answer = float(dreams.values[0]) * (-1 if self.negative else 1)
        (seen,) = look(model, [site.name], dreams.pixels).values()  # (1, units, …)
        if vector is not None:
            name, what = (
                "",
                f"the direction from {len(set(self.b))} pictures to {len(set(self.a))} others at {site.name}",
            )
            strongest = max((seen[0].flatten(1).T if seen[0].dim() > 1 else seen).cpu() @ vector).item()
        else:
            name = model.labels[self.unit] if site.name == "fc8" else ""
            unit = f"{self.aim if len(site.shape) == 3 else 'unit'} {self.unit} of {site.name}"
            what = f"the class “{name}”" if name else unit
            strongest = seen[0, self.unit].max().item()
        most = "least" if self.negative else "most"
        return ImageGrid(
            **self.signature(model),
            caption=f"What {what} in {model.card.title} answers to {most}, drawn from noise in {settings.steps} steps. "
            f"Shown to the network as it is, the picture gets {answer:.3g}.",
            count=1,
            height=self.size,
            width=self.size,
            colour="rgb",
            columns={"objective": [answer], "largest": [strongest]},
            units={"objective": "activation, before any softmax", "largest": "in the strongest cell"},
            labels=[name] if name else [],
            input_size=model.card.input_size or self.size,
        )

    def _direction(self, model: "Model", pictures: "Pictures") -> "Tensor | None":
        """A number for each channel or unit of the site, of length 1; None for another aim. Raises Unsuitable."""
        from lucarne.models.errors import Unsuitable

        if self.aim != "direction":
            if self.a or self.b:
                raise Unsuitable("Only the aim direction takes sets of pictures.", field="a" if self.a else "b")
            return None
        if not (self.a and self.b):
            raise Unsuitable("A direction leads from some pictures to others.", field="b" if self.a else "a")
        if self.unit:
            raise Unsuitable("A direction is no unit's: it goes with unit 0.", field="unit")

        import torch

        from lucarne.atlas.vision.directions import between, seen
        from lucarne.galleries import Galleries, chosen

        a, b = chosen(self.a, self.b, pictures, Galleries.beside(pictures).all())
        direction = between(seen(model, self.site, a), seen(model, self.site, b))
        if not direction.vector.any():
            raise Unsuitable("The site sees no difference between the two sets.", field="b")
        return torch.from_numpy(direction.vector)
