"""A picture drawn from noise until it excites one unit of a network as much as it can."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact import ImageGrid
from lucarne.models.errors import TooMuch
from lucarne.recipe import Recipe, SiteName

if TYPE_CHECKING:
    from lucarne.atlas.vision.features import Frame
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

MOST = 20_000  # steps of a picture of 128 × 128: some minutes on two cores
SHOWN = 16  # previews of one try, about

Unit = Annotated[int, Field(ge=0, le=65535, description="Number of the channel or unit, from 0; at fc8 of the class.")]
Aim = Annotated[
    Literal["channel", "neuron"],
    Field(description="Excite the whole map of a channel, or its middle cell. A fully connected unit has no map."),
]
Preset = Annotated[
    Literal["preview", "final"],
    Field(description="`preview`: few bold steps. `final`: many, looked at moved, turned and scaled."),
]
Steps = Annotated[
    int | None, Field(ge=1, le=1024, description="How many steps; as many as the preset says if not told.")
]
Size = Annotated[int, Field(ge=64, le=512, description="Side of the picture in pixels.")]
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
    unit: Unit
    aim: Aim = "channel"
    preset: Preset = "preview"
    steps: Steps = None
    size: Size = 128
    tries: Tries = 1
    negative: Negative = False

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> ImageGrid:
        from lucarne.atlas import arrays
        from lucarne.atlas.vision.features import PRESETS, render
        from lucarne.atlas.vision.objectives import channel, neuron

        settings = PRESETS[self.preset]
        settings = replace(settings, steps=self.steps or settings.steps)
        if settings.steps * self.tries * self.size**2 > MOST * 128**2:
            raise TooMuch("So many steps, tries and pixels would take too long. Ask for less.", MOST, field="steps")
        site = model.site(self.site)
        objective = (channel if self.aim == "channel" else neuron)(model, site.name, self.unit)
        dreams = render(
            model,
            [-objective if self.negative else objective],
            settings,
            size=self.size,
            seeds=self.seed,
            tries=self.tries,
            told=_shower(folder, progress),
            every=max(2, settings.steps // SHOWN),
            progress=progress,
        )
        (folder / PREVIEW).unlink(missing_ok=True)
        arrays.write(folder / "tiles.safetensors", tiles=dreams.pixels)
        answer = float(dreams.values[0]) * (-1 if self.negative else 1)
        name = model.labels[self.unit] if site.name == "fc8" else ""
        what = (
            f"the class “{name}”"
            if name
            else f"{self.aim if len(site.shape) == 3 else 'unit'} {self.unit} of {site.name}"
        )
        most = "least" if self.negative else "most"
        return ImageGrid(
            **self.signature(model),
            caption=f"What {what} in {model.card.title} answers to {most}, drawn from noise in {settings.steps} steps. "
            f"Shown to the network as it is, the picture gets {answer:.3g}.",
            count=1,
            height=self.size,
            width=self.size,
            colour="rgb",
            columns={"objective": [answer]},
            units={"objective": "activation, before any softmax"},
            labels=[name] if name else [],
            input_size=model.card.input_size or self.size,
        )


PREVIEW = "preview.png"


def _shower(folder: Path, progress: "Progress") -> "Callable[[Frame], None] | None":
    """Puts the picture beside the artifact while it forms, where whoever waits can be shown files."""
    show: Callable[[str], None] | None = getattr(progress, "preview", None)
    if show is None:
        return None

    def told(frame: "Frame") -> None:
        from lucarne.atlas.pictures import encode_png

        fresh = folder / "preview.new"
        fresh.write_bytes(encode_png(frame.pixels[0]))
        fresh.rename(folder / PREVIEW)
        show(PREVIEW)

    return told
