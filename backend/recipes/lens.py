"""What a network would say next if it stopped after each of its layers."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact_lens import LensGrid, Stage
from lucarne.artifact_text import Token
from lucarne.recipe import Begin, Place, Recipe, Text

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Lens(Recipe):
    """The logit lens over a window of a text: every layer's guesses, before the first, after attention and MLP."""

    suits_kind: ClassVar = "language"

    kind: Literal["lens"] = "lens"
    text: Text
    begin: Begin = True
    first: Place = 0
    count: Annotated[int, Field(ge=1, le=256, description="How many positions from the first on.")] = 64
    k: Annotated[int, Field(ge=1, le=50, description="How many guesses a position.")] = 5

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> LensGrid:
        import torch

        from lucarne.atlas import arrays
        from lucarne.atlas.language.lens import lens, stages
        from lucarne.atlas.language.tokens import tokens

        pieces = tokens(model, self.text, self.begin)
        ids = torch.tensor([piece.id for piece in pieces])
        read = lens(model, ids, self.first, self.count, self.k, progress)
        arrays.write(
            folder / "lens.safetensors",
            tokens=read.tokens.numpy(),
            probabilities=read.probabilities.numpy(),
            entropy=read.entropy.numpy(),
            rank=read.rank.numpy(),
            probability=read.probability.numpy(),
            truth=read.truth.numpy(),
        )
        named = torch.cat([read.tokens.flatten(), read.truth]).unique().tolist()
        shown = pieces[self.first : self.first + self.count]
        return LensGrid(
            **self.signature(model),
            caption=f"What {model.card.title} would say next at {len(shown)} of {len(pieces)} tokens if it stopped "
            f"after each of {len(read.tokens)} stages: the residual stream there, read as the last one is.",
            text=self.text,
            first=self.first,
            total=len(pieces),
            vocabulary=model.tokenizer.vocabulary,
            tokens=[Token.of(piece) for piece in shown],
            open=read.open,
            stages=[Stage(**asdict(stage)) for stage in stages(model)],
            words={token: model.tokenizer.text_of(token) for token in named},
        )
