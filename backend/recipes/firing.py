"""Which units of a site answer to a text, token by token."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact_text import Token
from lucarne.artifact_units import Fired
from lucarne.artifact_units import FiringUnits as Found
from lucarne.recipe import Begin, Recipe, SiteName, Text, UnitNumber

if TYPE_CHECKING:
    from lucarne.models.card import SiteCard
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Firing(Recipe):
    """The units that answer most to each token of a text, and if one is named, what it answers to all of them."""

    suits_kind: ClassVar = "language"
    suits_axes: ClassVar = (("position", "neuron"), ("position", "feature"))

    kind: Literal["firing"] = "firing"
    site: SiteName
    text: Text
    begin: Begin = True
    unit: Annotated[UnitNumber | None, Field(description="One whose answers are told at every token.")] = None
    k: Annotated[int, Field(ge=1, le=50, description="How many units a token, loudest first.")] = 20

    @classmethod
    def suits(cls, kind: str, site: "SiteCard | None" = None) -> bool:
        return super().suits(kind, site) and (site is None or not site.name.endswith(".hook_pre"))

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> Found:
        import numpy as np

        from lucarne.atlas.language.indexing import check_unit, threshold_of
        from lucarne.atlas.language.tokens import tokens
        from lucarne.atlas.language.units import firing, loudest

        site = check_unit(model, self.site, self.unit or 0)
        pieces = tokens(model, self.text, self.begin)
        answers = firing(model, site, np.array([piece.id for piece in pieces]))  # (position, units)
        active = (answers > threshold_of(site)).sum(-1).tolist()
        return Found(
            **self.signature(model),
            caption=f"Which units of {site} in {model.card.title} answer to each of {len(pieces)} tokens; "
            f"{sum(active) / len(active):,.1f} of {answers.shape[1]:,} are active at a token on average.",
            site=site,
            text=self.text,
            tokens=[Token.of(piece) for piece in pieces],
            fired=[
                [Fired(unit=unit, value=round(value, 4)) for unit, value in row] for row in loudest(answers, self.k)
            ],
            count=active,
            unit=self.unit,
            values=[] if self.unit is None else [round(value, 4) for value in answers[:, self.unit].tolist()],
            context=model.card.context or len(pieces),
        )
