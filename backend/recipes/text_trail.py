"""Where the tokens of a text lie on an atlas of texts."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from lucarne.artifact_text import Guess, Token
from lucarne.artifact_text_atlas import TextSpot, TextWay
from lucarne.recipe import Recipe, SiteName, Text

if TYPE_CHECKING:
    from lucarne.models.card import SiteCard
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

SAYS = 5  # next tokens at each place


class TextTrail(Recipe):
    """Each token of a text as a point of the map where what the site says of it is said."""

    suits_kind: ClassVar = "language"
    of_what_ships: ClassVar = True
    suits_axes: ClassVar = (("position", "width"),)

    kind: Literal["text_trail"] = "text_trail"
    text: Text
    site: SiteName = "blocks.2.hook_resid_pre"

    @property
    def is_long(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        from lucarne.atlas.mapping.shipped import ships

        return not ships(self.model, self.site)

    @classmethod
    def suits(cls, kind: str, site: "SiteCard | None" = None) -> bool:
        from lucarne.atlas.mapping.shipped import is_stream

        return super().suits(kind, site) and (site is None or is_stream(site.name))

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> TextWay:
        from lucarne.atlas.language.tokens import tokens
        from lucarne.atlas.mapping.trails import trail
        from lucarne.text_atlases import text_atlas_of

        pieces = tokens(model, self.text)
        packed = text_atlas_of(model, self.site, pictures, progress)
        found = trail(model, packed, [piece.id for piece in pieces], SAYS)
        return TextWay(
            **self.signature(model),
            caption=f"Where the {len(pieces)} tokens of a text lie on the atlas of {packed.said['site']} in "
            f"{model.card.title}: each between the cells whose means are nearest to what is said of it.",
            text=self.text,
            site=packed.said["site"],
            tokens=[Token.of(piece) for piece in pieces],
            spots=[None] + [
                TextSpot(
                    x=x, y=y, near=near,
                    says=[Guess(id=each, text=model.tokenizer.text_of(each), probability=odds) for each, odds in says],
                )
                for x, y, near, says in found
            ],
            context=model.card.context or len(pieces),
        )  # fmt: skip
