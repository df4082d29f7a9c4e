"""Why one head attends from one token to another."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from lucarne.artifact_heads import ScoreParts
from lucarne.artifact_text import Token
from lucarne.recipe import Begin, HeadNumber, LayerNumber, Place, Recipe, Text

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class HeadScore(Recipe):
    """The score of one key for one query, by dimensions of the head and by what wrote query and key."""

    suits_kind: ClassVar = "language"

    kind: Literal["head_score"] = "head_score"
    text: Text
    begin: Begin = True
    layer: LayerNumber = 0
    head: HeadNumber = 0
    query: Place = 0
    key: Place = 0

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> ScoreParts:
        import torch

        from lucarne.atlas import arrays
        from lucarne.atlas.language.head_score import head_score
        from lucarne.atlas.language.tokens import tokens

        pieces = tokens(model, self.text, self.begin)
        numbers = torch.tensor([piece.id for piece in pieces])
        found = head_score(model, numbers, self.layer, self.head, self.query, self.key)
        arrays.write(
            folder / "parts.safetensors", dimensions=found.dimensions.numpy(), components=found.components.numpy()
        )
        return ScoreParts(
            **self.signature(model),
            caption=f"Head {self.head} of layer {self.layer} in {model.card.title} gives token {self.key} a score of "
            f"{found.score:.3g} for token {self.query}: {100 * found.weight:.3g} % of its attention.",
            tokens=[Token.of(piece) for piece in pieces],
            score=found.score,
            weight=found.weight,
            head_width=len(found.dimensions),
            components=found.names,
        )
