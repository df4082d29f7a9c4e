"""A text as the network reads it."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from lucarne.artifact_text import Token, TokenGrid
from lucarne.recipe import Begin, Recipe, Text

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Tokens(Recipe):
    """The tokens of a text, their numbers and bytes."""

    suits_kind: ClassVar = "language"

    kind: Literal["tokens"] = "tokens"
    text: Text
    begin: Begin = True

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> TokenGrid:
        from lucarne.atlas.language.tokens import tokens

        pieces = tokens(model, self.text, self.begin)
        return TokenGrid(
            **self.signature(model),
            caption=f"{len(pieces)} tokens, as {model.card.title} reads them.",
            text=self.text,
            tokens=[Token.of(piece) for piece in pieces],
            context=model.card.context or len(pieces),
        )
