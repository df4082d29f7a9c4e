"""A picture as a site sees it, and more so: from noise towards it, or from the picture onwards."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact import ImageGrid
from lucarne.drawing import PREVIEW, Preset, Size, Steps, every, settings_for, watched
from lucarne.recipe import PictureId, Recipe, SiteName

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

GENTLY = 0.2  # of the usual rate: what is begun with a picture must stay that picture


class Caricature(Recipe):
    """What a site makes of a picture: a caricature drawn from noise, or a deep dream that begins with the picture."""

    suits_kind: ClassVar = "vision"
    is_long: ClassVar = True
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["caricature"] = "caricature"
    site: SiteName
    picture: PictureId
    way: Annotated[
        Literal["caricature", "deep_dream"],
        Field(
            description="`caricature`: from noise towards what the site says of the picture. `deep_dream`: from the "
            "picture on, whatever the site says of it made stronger."
        ),
    ] = "caricature"
    preset: Preset = "preview"
    steps: Steps = None
    size: Size = 128

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> ImageGrid:
        from lucarne.atlas import arrays
        from lucarne.atlas.pictures import square
        from lucarne.atlas.vision.features import render
        from lucarne.atlas.vision.objectives import caricature, deep_dream

        settings = settings_for(self.preset, self.steps, self.size)
        if self.way == "deep_dream":
            settings = replace(settings, rate=settings.rate * GENTLY, smooth=0.0)
        given = square(pictures.read(self.picture), self.size)  # (size, size, 3)
        site, onwards = model.site(self.site).name, self.way == "deep_dream"
        objective = deep_dream(model, site) if onwards else caricature(model, site, given)
        dreams = render(
            model, [objective], settings, size=self.size, seeds=self.seed, progress=progress,
            start=given if onwards else None, told=watched(folder, progress), every=every(settings),
        )  # fmt: skip
        (folder / PREVIEW).unlink(missing_ok=True)
        arrays.write(folder / "tiles.safetensors", tiles=dreams.pixels)
        title = model.card.title
        return ImageGrid(
            **self.signature(model),
            caption=f"What {site} of {title} sees in this picture, made stronger in {settings.steps} steps."
            if onwards
            else f"What {site} of {title} sees in this picture and nothing else, drawn from noise in {settings.steps} "
            "steps.",
            count=1,
            height=self.size,
            width=self.size,
            colour="rgb",
            columns={"objective": [float(dreams.values[0])]},
            input_size=model.card.input_size or self.size,
        )
