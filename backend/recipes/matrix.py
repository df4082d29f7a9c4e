"""A text as a matrix of vectors on its way through one block."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact_heads import MatrixName, MatrixPass
from lucarne.artifact_text import Token
from lucarne.recipe import Begin, HeadNumber, LayerNumber, Place, Recipe, Text

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Matrix(Recipe):
    """Every matrix of one block, from what it reads to what it leaves, for a window of the text's tokens."""

    suits_kind: ClassVar = "language"

    kind: Literal["matrix"] = "matrix"
    text: Text
    begin: Begin = True
    layer: LayerNumber = 0
    head: HeadNumber = 0
    first: Place = 0
    count: Annotated[int, Field(ge=1, le=64, description="How many tokens from `first` on.")] = 64

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> MatrixPass:
        import torch

        from lucarne.atlas import arrays
        from lucarne.atlas.language.bench import gpt
        from lucarne.atlas.language.matrices import matrices, sites
        from lucarne.atlas.language.tokens import tokens

        pieces = tokens(model, self.text, self.begin)
        numbers = torch.tensor([piece.id for piece in pieces])
        found = matrices(model, numbers, self.layer, self.head, self.first, self.count)
        arrays.write(folder / "matrices.safetensors", **{name: value.numpy() for name, value in found.matrices.items()})
        plan, where = gpt(model).plan, sites(model, self.layer)
        wide = {"scores": len(pieces), "pattern": len(pieces), "logits": plan.vocabulary}
        return MatrixPass(
            **self.signature(model),
            caption=f"{len(pieces)} tokens as {len(pieces)} × {plan.width} numbers on their way through block "
            f"{self.layer} of {model.card.title}: whatever is added, the matrix keeps its size.",
            tokens=[Token.of(piece) for piece in pieces],
            first=found.first,
            count=len(found.matrices["embed"]),
            layers=plan.layers,
            heads=plan.heads,
            matrices=[
                MatrixName(name=name, rows=len(pieces), columns=wide.get(name, value.shape[1]), site=where[name])
                for name, value in found.matrices.items()
            ],
            answers=found.answers,
            answer_texts=[model.tokenizer.text_of(token) for token in found.answers],
        )
