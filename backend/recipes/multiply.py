"""The sum behind one number of the matrix view."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact_heads import Sum, Term
from lucarne.recipe import Begin, HeadNumber, LayerNumber, Place, Recipe, Text

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

MatrixOf = Literal[
    "embed", "pos_embed", "resid_pre", "ln1", "q", "k", "v", "scores", "pattern", "z", "attn_out", "resid_mid", "ln2",
    "mlp_pre", "mlp_post", "mlp_out", "resid_post", "ln_final", "logits",
]  # fmt: skip


class Multiply(Recipe):
    """How one number of a block came about: which rows and columns were multiplied, and what each term added."""

    suits_kind: ClassVar = "language"

    kind: Literal["multiply"] = "multiply"
    text: Text
    begin: Begin = True
    layer: LayerNumber = 0
    head: HeadNumber = 0
    matrix: MatrixOf = "q"
    row: Place = 0
    column: Annotated[int, Field(ge=0, le=1_000_000, description="Of the matrix; of `logits` a token number.")] = 0
    k: Annotated[int, Field(ge=1, le=50, description="How many of the largest terms.")] = 10

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> Sum:
        import torch

        from lucarne.atlas import arrays
        from lucarne.atlas.language.multiply import multiply
        from lucarne.atlas.language.tokens import tokens

        pieces = tokens(model, self.text, self.begin)
        numbers = torch.tensor([piece.id for piece in pieces])
        found = multiply(model, numbers, self.layer, self.head, self.matrix, self.row, self.column)
        adds = found.terms
        arrays.write(
            folder / "terms.safetensors", left=found.left.numpy(), right=found.right.numpy(), adds=adds.numpy()
        )
        largest = adds.abs().topk(min(self.k, len(adds))).indices.tolist()
        return Sum(
            **self.signature(model),
            caption=f"Row {self.row}, column {self.column} of {self.matrix} in block {self.layer} of "
            f"{model.card.title} is {found.value:.4g}: {len(adds)} term{'s' if len(adds) != 1 else ''}.",
            rule=found.rule,
            matrix=self.matrix,
            row=self.row,
            column=self.column,
            value=found.value,
            total=found.total,
            factor=found.factor,
            bias=found.bias,
            count=len(adds),
            largest=[
                Term(
                    name=found.names[at],
                    left=found.left[at].item(),
                    right=found.right[at].item(),
                    adds=adds[at].item(),
                )
                for at in largest
            ],
            numbers=dict(found.numbers),
        )
