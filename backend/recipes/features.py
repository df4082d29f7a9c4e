"""The dreams of all units of a site on one sheet."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from lucarne.artifact import ImageGrid, Sheet
from lucarne.recipe import Recipe, SiteName, shower

if TYPE_CHECKING:
    from lucarne.atlas.vision.features import Frame
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

SHEET, PREVIEW = "tiles.webp", "preview.webp"
SHOWN = 8  # units between two previews; the first unit is shown at once


class Features(Recipe):
    """What every channel of a site, or every class, answers to most. Those that ship are there at once."""

    suits_kind: ClassVar = "vision"
    of_what_ships: ClassVar = True
    is_long: ClassVar = True
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["features"] = "features"
    site: SiteName

    @classmethod
    def ships(cls, model: str, site: str) -> bool:
        return (files("lucarne.atlas") / "bundled" / "dreams" / model / f"{site}.webp").is_file()

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> ImageGrid:
        from lucarne.atlas.vision.sheets import ACROSS, SIDE, dreams_of, shipped

        site = model.site(self.site)
        dreams = shipped(model, site.name) or dreams_of(
            model, site.name, told=_shower(site.shape[0] or 0, folder, progress), progress=progress
        )
        (folder / PREVIEW).unlink(missing_ok=True)
        (folder / SHEET).write_bytes(dreams.sheet)
        labels = model.labels if site.name == "fc8" else []
        what = "classes" if labels else "channels" if len(site.shape) == 3 else "units"
        count = len(dreams.objective)
        return ImageGrid(
            **self.signature(model),
            caption=f"What each of the {count} {what} of {site.name} in {model.card.title} answers to most, drawn from "
            "noise.",
            count=count,
            height=SIDE,
            width=SIDE,
            colour="rgb",
            columns={"objective": dreams.objective, "largest": dreams.largest},
            units={
                "objective": "mean over the map, of the picture as it is",
                "largest": "in the strongest cell, of the picture as it is",
            }
            if len(site.shape) == 3
            else {"objective": "activation, of the picture as it is"},
            labels=labels,
            input_size=model.card.input_size or SIDE,
            sheet=Sheet(file=SHEET, across=ACROSS),
        )


def _shower(count: int, folder: Path, progress: "Progress") -> "Callable[[Frame], None] | None":
    """Puts the sheet as far as it is beside the artifact, where whoever waits can be shown files."""
    put = shower(folder, progress, PREVIEW)
    if put is None:
        return None
    import numpy as np

    from lucarne.atlas.vision.sheets import SIDE, written

    tiles = np.full((count, SIDE, SIDE, 3), 128, np.uint8)

    def told(frame: "Frame") -> None:
        last = frame.first + len(frame.pixels)
        tiles[frame.first : last] = frame.pixels
        if frame.first == 0 or last % SHOWN < len(frame.pixels):
            put(written(tiles))

    return told
