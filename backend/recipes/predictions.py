"""What the network takes a picture for."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from lucarne.artifact import Rank, Ranking
from lucarne.recipe import Degrees, PictureId, Recipe, shown

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Predictions(Recipe):
    """The likeliest classes with their probabilities."""

    suits_kind: ClassVar = "vision"

    kind: Literal["predictions"] = "predictions"
    picture: PictureId
    rotate: Degrees = 0.0
    k: Annotated[int, Field(ge=1, le=50, description="How many classes.")] = 5

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> Ranking:
        from lucarne.atlas.vision.predictions import predictions

        plan: Any = model.network.plan
        seen = shown(pictures.read(self.picture), plan.input_size, self.rotate)  # (size, size, 3)
        answers = predictions(model, seen, self.k)
        return Ranking(
            **self.signature(model),
            caption=f"What {model.card.title} takes the picture for: the {len(answers)} likeliest of "
            f"{len(model.labels)} classes.",
            ranks=[Rank(**asdict(answer)) for answer in answers],
            total=len(model.labels),
        )
