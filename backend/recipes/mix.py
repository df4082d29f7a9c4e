"""Pictures drawn for several units at once, and several pictures of one wish that differ from each other."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field

from lucarne.artifact import Frozen, ImageGrid
from lucarne.drawing import PREVIEW, Preset, Size, Steps, every, settings_for, watched
from lucarne.models.errors import Unsuitable
from lucarne.recipe import Recipe, SiteName, UnitNumber, named

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Wish(Frozen):
    """A unit that is to be excited, by how much; below zero: to be kept silent."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    site: SiteName
    unit: UnitNumber
    weight: Annotated[
        float,
        Field(ge=-10, le=10, description="What its activation is multiplied by before all are added."),
        AfterValidator(lambda weight: weight + 0.0),  # -0.0 is 0.0: one recipe, one id
    ] = 1.0


class Mix(Recipe):
    """What excites several channels, units or classes together, in one picture or in several unlike ones."""

    suits_kind: ClassVar = "vision"
    is_long: ClassVar = True

    kind: Literal["mix"] = "mix"
    units: Annotated[
        tuple[Wish, ...],
        Field(min_length=1, max_length=8, strict=False, description="Their activations, times weight, are added up."),
    ]
    count: Annotated[int, Field(ge=1, le=6, description="How many pictures are drawn side by side.")] = 1
    apart: Annotated[
        float,
        Field(
            ge=0,
            le=100,
            description="How much the pictures are to differ in what the first unit's site says of them, or the last "
            "convolution if that has no map: a pull about as strong as that of all units is 1.",
        ),
        AfterValidator(lambda apart: apart + 0.0),
    ] = 1.0
    preset: Preset = "preview"
    steps: Steps = None
    size: Size = 128

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> ImageGrid:
        from lucarne.atlas import arrays
        from lucarne.atlas.vision.features import render
        from lucarne.atlas.vision.mixing import mixed, together
        from lucarne.atlas.vision.objectives import look

        settings = settings_for(self.preset, self.steps, self.size, self.count)
        sites = [model.site(wish.site) for wish in self.units]
        if not any(wish.weight for wish in self.units):
            raise Unsuitable("Every weight is 0: there is nothing to draw.", field="units")
        parts = [(site.name, wish.unit, wish.weight) for site, wish in zip(sites, self.units, strict=True)]
        objective = mixed(model, parts)
        if self.count > 1:
            maps = [site.name for site in model.sites.values() if len(site.shape) == 3 and site.name.startswith("relu")]
            where = sites[0].name if len(sites[0].shape) == 3 else maps[-1]
            objective = together(model, where, objective, self.count, self.apart)
        dreams = render(
            model, [objective], settings, size=self.size, seeds=self.seed, progress=progress,
            told=watched(folder, progress), every=every(settings),
        )  # fmt: skip
        (folder / PREVIEW).unlink(missing_ok=True)
        arrays.write(folder / "tiles.safetensors", tiles=dreams.pixels)
        seen = look(model, {site.name for site in sites}, dreams.pixels)
        columns = {
            f"{named(site, wish.unit)}": seen[site.name][:, wish.unit].flatten(1).mean(1).tolist()
            if seen[site.name].dim() == 4
            else seen[site.name][:, wish.unit].tolist()
            for site, wish in zip(sites, self.units, strict=True)
        }
        said = ", ".join(
            f"{'' if wish.weight == 1 else f'{wish.weight:g} × '}{named(site, wish.unit)}"
            for site, wish in zip(sites, self.units, strict=True)
        )
        many = f"{self.count} pictures, each unlike the others," if self.count > 1 else "A picture"
        return ImageGrid(
            **self.signature(model),
            caption=f"{many} that {'excite' if self.count > 1 else 'excites'} {said} in {model.card.title}, drawn from "
            f"noise in {settings.steps} steps.",
            count=self.count,
            height=self.size,
            width=self.size,
            colour="rgb",
            columns=columns,
            units=dict.fromkeys(columns, "activation, mean of the map"),
            input_size=model.card.input_size or self.size,
        )
