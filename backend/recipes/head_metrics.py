"""What every head mostly does, in a few numbers."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact_text import Measure, ScoreMatrix
from lucarne.recipe import Begin, Recipe, Text

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

MEASURES = [
    Measure(name="previous_token", title="Previous token", about="Attention to the token just before.", low=0, high=1),
    Measure(name="first_token", title="First token", about="Attention to the first of all tokens.", low=0, high=1),
    Measure(
        name="duplicate_token", title="Duplicate token", low=0, high=1,
        about="Attention to earlier copies of the token that looks, over tokens that have one.",
    ),
    Measure(
        name="induction", title="Induction", low=0, high=1,
        about="Attention to what followed earlier copies of the token that looks, over tokens that have one.",
    ),
    Measure(name="entropy", title="Entropy", about="How widely attention is spread.", unit="nats", low=0),
    Measure(
        name="spread", title="Entropy, of the most", low=0, high=1,
        about="Entropy as part of the most it could be over the keys there are.",
    ),
    Measure(name="distance", title="Distance", about="How far back attention looks.", unit="tokens", low=0),
]  # fmt: skip


class HeadMetrics(Recipe):
    """Previous token, first token, duplicate token, induction, entropy and distance of all heads.

    On the text, or, where none is given, on random tokens said twice: nothing in them can be guessed, so what a head
    finds there it has found by looking.
    """

    suits_kind: ClassVar = "language"

    kind: Literal["head_metrics"] = "head_metrics"
    text: Text | None = None
    begin: Begin = True
    length: Annotated[
        int, Field(ge=2, le=4096, description="Random tokens that are said twice, where no text is given.")
    ] = 24

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> ScoreMatrix:
        import torch

        from lucarne.atlas import arrays
        from lucarne.atlas.language.head_metrics import head_metrics, random_twice, repeats
        from lucarne.atlas.language.tokens import tokens

        if self.text is None:
            sequences = random_twice(model, self.length, self.seed)
            of = f"{len(sequences)} times {self.length} random tokens, each said twice"
        else:
            sequences = torch.tensor([[piece.id for piece in tokens(model, self.text, self.begin)]])
            of = f"{sequences.shape[1]} tokens"
        found = head_metrics(model, sequences, progress)
        arrays.write(
            folder / "scores.safetensors", **{each.name: getattr(found, each.name).numpy() for each in MEASURES}
        )
        layers, heads = found.induction.shape
        return ScoreMatrix(
            **self.signature(model),
            caption=f"What each of {layers * heads} heads in {model.card.title} mostly does, on {of}.",
            row_axis="layer",
            column_axis="head",
            rows=[str(layer) for layer in range(layers)],
            columns=[str(head) for head in range(heads)],
            measures=MEASURES,
            numbers={"tokens": float(sequences.shape[1]), "repeats": float(repeats(sequences[0]))},
        )
