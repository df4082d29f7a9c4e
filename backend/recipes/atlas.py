"""The activation atlas: a map of what a site says of many pictures, drawn cell by cell."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from lucarne.artifact import AtlasMap, AtlasPage, Sheet
from lucarne.recipe import GalleryName, Recipe, SiteName, shower

if TYPE_CHECKING:
    import numpy as np

    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

PREVIEW = "preview.webp"


class Atlas(Recipe):
    """A map of what a site says of the pictures of a gallery. Those that ship are there at once."""

    suits_kind: ClassVar = "vision"
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["atlas"] = "atlas"
    site: SiteName = "relu5"
    gallery: GalleryName = "bundled"

    @property
    def is_long(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        from lucarne.atlas.mapping.shipped import ships
        from lucarne.galleries import BUNDLED

        return self.gallery != BUNDLED or not ships(self.model, self.site)

    @classmethod
    def ships(cls, model: str, site: str) -> bool:
        from lucarne.atlas.mapping.shipped import ships

        return ships(model, site)

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> AtlasMap:
        from lucarne.atlas.mapping.atlas import SIDE
        from lucarne.atlas.vision.sheets import ACROSS
        from lucarne.atlases import atlas_of, said_of

        site = said_of(model, self.site)
        packed = atlas_of(model, site, self.gallery, pictures, _shower(folder, progress), progress)
        packed.copy(folder)
        (folder / PREVIEW).unlink(missing_ok=True)
        pages = packed.said["pages"]
        placed = packed.said.get("placed", 0)
        later = f"; {placed:,} came later and were placed among those they are most like" if placed else ""
        cells = ", ".join(f"{page['cells']:,}" for page in pages)
        return AtlasMap(
            **self.signature(model),
            caption=f"What {site} of {model.card.title} says of {packed.said['samples']:,} pictures "
            f"({packed.said['credit']}), one place of each{later}. Near to each other lies what it finds alike; a cell "
            f"is a dream of what is said there on average. {cells} cells.",
            site=site,
            title=packed.said["credit"],
            samples=packed.said["samples"],
            icon=SIDE,
            pages=[
                AtlasPage(
                    side=page["side"],
                    cells=page["cells"],
                    sheet=Sheet(file=page["sheet"], across=page.get("across", ACROSS)),
                    table=page["table"],
                )
                for page in pages
            ],
            classes=model.labels,
            gallery=packed.said.get("gallery"),
        )


def _shower(folder: Path, progress: "Progress") -> "Callable[[int, np.ndarray, np.ndarray], None] | None":
    """Puts the icons as they come beside the artifact, where whoever waits can be shown files."""
    put = shower(folder, progress, PREVIEW)
    if put is None:
        return None
    from lucarne.atlas.vision.sheets import written

    def told(side: int, cells: "np.ndarray", pixels: "np.ndarray") -> None:
        put(written(pixels))

    return told
