"""The vectors of all positions, as curves."""

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from lucarne.artifact_embeddings import PositionVectors
from lucarne.recipe import Recipe

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Positions(Recipe):
    """What is added to a token's vector at each position, dimension by dimension, and how alike positions are."""

    suits_kind: ClassVar = "language"

    kind: Literal["positions"] = "positions"

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> PositionVectors:
        from lucarne.atlas import arrays
        from lucarne.atlas.language.embeddings import positions

        found = positions(model)
        arrays.write(folder / "positions.safetensors", vectors=found.vectors.numpy(), cosines=found.cosines.numpy())
        count, width = found.vectors.shape
        return PositionVectors(
            **self.signature(model),
            caption=f"The vectors of the {count:,} positions that {model.card.title} knows, as curves over the "
            f"position: each of {width:,} dimensions is one curve.",
            positions=count,
            width=width,
            spread=found.vectors.std(0, correction=0).tolist(),
            token_norm=found.token_norm,
            position_norm=float(found.vectors.norm(dim=-1).mean()),
        )
