"""The pictures of a gallery to which a unit answers most, and some of every tenth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from lucarne.artifact import Box, PictureList, Seen, Sheet
from lucarne.recipe import GalleryName, Recipe, SiteName, UnitNumber

if TYPE_CHECKING:
    import numpy as np

    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

    Ranked = tuple[np.ndarray, np.ndarray, np.ndarray]  # numbers of pictures, values, cells


class Examples(Recipe):
    """Pictures that excite a unit, cut to what it sees: the most exciting, and some of each tenth of the gallery."""

    suits_kind: ClassVar = "vision"
    suits_axes: ClassVar = (("channel", "y", "x"), ("unit",))

    kind: Literal["examples"] = "examples"
    site: SiteName
    unit: UnitNumber
    gallery: GalleryName = "bundled"
    k: Annotated[int, Field(ge=1, le=36, description="How many of the most exciting.")] = 12

    @property
    def is_long(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        from lucarne.galleries import is_at_hand

        return not is_at_hand(self.model, self.gallery, self.site)

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> PictureList:
        from lucarne.atlas.galleries.contact import ACROSS, SIDE, contact
        from lucarne.atlas.vision.indexing import check_unit, kept_for
        from lucarne.atlas.vision.study import Study
        from lucarne.galleries import Galleries, listed

        site, kept = model.site(self.site).name, kept_for(model, self.site)
        check_unit(model, site, self.unit)
        galleries = Galleries.beside(pictures)
        gallery = galleries.get(self.gallery)
        summary = Study(gallery, model, galleries.index_folder(gallery), progress).summary(site)
        boxes = _Boxes(model, kept.name)

        def of(group: str, ranked: "Ranked") -> list[Seen]:
            numbers, values, cells = (each.tolist() for each in ranked)
            if kept.rectified:
                values = [max(value, 0.0) for value in values]
            return [
                listed(gallery, number, value, group, boxes(cell))
                for number, value, cell in zip(numbers, values, cells, strict=True)
            ]

        excited = round(float(summary.above[self.unit]) * len(gallery))  # pictures
        signed = site.startswith("fc")
        shown = min(self.k, len(gallery) if signed else excited)
        at = self.unit
        rows = of("top", (summary.top[at, :shown], summary.top_values[at, :shown], summary.top_cells[at, :shown]))
        for tenth in range(9, -1, -1):
            parts = summary.tenths[at, tenth], summary.tenths_values[at, tenth], summary.tenths_cells[at, tenth]
            rows += of(f"decile {tenth}", parts)
        (folder / "pictures.webp").write_bytes(contact(gallery, [row.number for row in rows]))
        return PictureList(
            **self.signature(model),
            caption=self._caption(model, kept.name, f"{len(gallery):,} pictures of “{gallery.title}”", excited),
            gallery=self.gallery,
            total=len(gallery),
            groups={"top": "largest answer"}
            | {f"decile {tenth}": f"answer, {_TENTHS[tenth]} tenth of the gallery" for tenth in range(9, -1, -1)},
            rows=rows,
            side=SIDE,
            sheet=Sheet(file="pictures.webp", across=ACROSS),
            numbers={"above zero": float(summary.above[at])},
        )

    def _caption(self, model: "Model", kept: str, said: str, excited: int) -> str:
        site = model.site(self.site).name
        if kept.startswith("fc"):
            name = f" (“{model.labels[self.unit]}”)" if site == "fc8" else ""
            return f"Which of the {said} unit {self.unit}{name} of {site} in {model.card.title} answers to most."
        what = f"channel {self.unit} of {site} in {model.card.title}"
        if not excited:
            return f"None of the {said} excites {what}: here it is dead."
        where = "" if kept == site else f" at {kept}, where it was measured"
        return f"Which of the {said} excite {what} most, each cut to what its strongest cell sees{where}."


_TENTHS = ("lowest", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "highest")


class _Boxes:
    """From a cell of a site's map to the part of the picture that it sees."""

    def __init__(self, model: "Model", site: str) -> None:
        from lucarne.atlas.vision.receptive_field import receptive_field

        plan: Any = model.network.plan
        self._field = None if site.startswith("fc") else receptive_field(plan, site)
        self._size = plan.input_size
        self._columns = model.sites[site].shape[-1] or 1

    def __call__(self, cell: int) -> Box | None:
        if self._field is None:
            return None
        row, column = divmod(cell, self._columns)
        left, top = (self._field.start + place * self._field.stride for place in (column, row))
        return Box(left=left / self._size, top=top / self._size, side=self._field.size / self._size)
