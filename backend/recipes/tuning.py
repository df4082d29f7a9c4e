"""What a unit answers to pictures of which one thing is varied."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from lucarne.artifact import Figure, Panel, Series
from lucarne.recipe import Recipe, SiteName, UnitNumber, named

if TYPE_CHECKING:
    from lucarne.atlas.vision.tuning import Curve
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

ANSWER = "largest activation"


class Tuning(Recipe):
    """A unit's answer over orientation, spatial frequency, hue, curvature and texture."""

    suits_kind: ClassVar = "vision"
    is_long: ClassVar = True
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["tuning"] = "tuning"
    site: SiteName
    unit: UnitNumber

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> Figure:
        from lucarne.atlas.vision.tuning import PAIRS, tuning

        site = model.site(self.site)
        tuned = tuning(model, site.name, self.unit, progress)
        colours = dict(zip(PAIRS, ("black and white", "red and green", "yellow and blue"), strict=True))[tuned.colours]
        textures = list(tuned.texture)
        return Figure(
            **self.signature(model),
            caption=f"What {named(site, self.unit)} in {model.card.title} answers to drawn pictures, its largest value "
            f"anywhere in each: to gratings in {colours}, which excite it most, at the best of their phases; to "
            "gratings of grey and a hue; to arcs at the best of their orientations; and to textures.",
            panels=[
                _panel("Orientation", tuned.orientation, "degrees of the bars, 0 level, 90 upright"),
                _panel("Spatial frequency", tuned.frequency, "cycles per pixel"),
                _panel("Hue", tuned.hue, "degrees of the colour wheel: 0 red, 120 green, 240 blue"),
                _panel("Curvature", tuned.curvature, "1 / radius, per pixel"),
                Panel(
                    title="Texture",
                    draw="bars",
                    x=[float(edge) for edge in range(len(textures) + 1)],
                    x_label="drawn texture",
                    x_names=textures,
                    y_label=ANSWER,
                    series=[Series(name=ANSWER, y=list(tuned.texture.values()))],
                ),
            ],
            numbers={
                "preferred_orientation": tuned.orientation.best,
                "orientation_selectivity": tuned.selectivity,
                "preferred_frequency": tuned.frequency.best,
                "preferred_hue": tuned.hue.best,
                "preferred_curvature": tuned.curvature.best,
            },
        )


def _panel(title: str, curve: "Curve", along: str) -> Panel:
    line = Series(name=ANSWER, y=curve.answers)
    return Panel(title=title, draw="line", x=curve.x, x_label=along, y_label=ANSWER, series=[line])
