"""What becomes of a text as one feature is pushed harder and harder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from lucarne.artifact import Figure, Panel, Series
from lucarne.recipe import Begin, Recipe, SiteName, Text, UnitNumber, named
from lucarne.stories import First, NewTokens, Temperature, TopK, TopP

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


def _rising(strengths: tuple[float, ...]) -> tuple[float, ...]:
    """In one order, each once, and 0.0 for -0.0: one sweep, one id."""
    return tuple(sorted({strength + 0.0 for strength in strengths}))


class DoseResponse(Recipe):
    """Concept rate, perplexity and repetition of stories over the strength a feature is held at."""

    suits_kind: ClassVar = "language"
    is_long: ClassVar = True
    suits_axes: ClassVar = (("position", "feature"),)

    kind: Literal["dose_response"] = "dose_response"
    site: SiteName
    unit: UnitNumber
    text: Text
    begin: Begin = True
    mode: Literal["clamp", "add"] = "clamp"
    strengths: Annotated[
        tuple[Annotated[float, Field(ge=-100, le=100)], ...],
        Field(min_length=1, max_length=16, strict=False, description="Times the feature's maximum."),
        AfterValidator(_rising),
    ] = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0)
    stories: Annotated[int, Field(ge=1, le=32, description="How many at each strength.")] = 8
    first: First = 1
    length: NewTokens = 40
    temperature: Temperature = 1.0
    top_k: TopK = 0
    top_p: TopP = 1.0

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> Figure:
        from lucarne.atlas.language.dose import dose_response
        from lucarne.atlas.language.generation import Sampling

        found = dose_response(
            model,
            self.site,
            self.unit,
            self.text,
            mode=self.mode,
            strengths=self.strengths,
            stories=self.stories,
            begin=self.begin,
            first=self.first,
            length=self.length,
            sampling=Sampling(self.temperature, self.top_k, self.top_p),
            seed=self.seed,
            progress=progress,
        )

        def panel(title: str, y_label: str, measure: str, log_y: bool = False) -> Panel:
            pushed = Series(name="pushed", y=[getattr(each, measure) for each in found.pushed])
            plain = Series(name="left alone", y=[getattr(found.plain, measure)] * len(found.strengths))
            return Panel(
                title=title, draw="line", x=found.strengths, x_label="times its maximum", y_label=y_label, log_y=log_y,
                series=[pushed, plain],
            )  # fmt: skip

        doing = "is held at" if self.mode == "clamp" else "says more by"
        return Figure(
            **self.signature(model),
            caption=f"What {model.card.title} writes while {named(model.site(self.site), self.unit)} {doing} multiples "
            f"of its maximum, {self.stories} stories at each, against what it writes when it is left alone.",
            panels=[
                panel("Concept rate", "part of tokens that are of the concept", "concept"),
                panel("Perplexity", "for the network left alone", "perplexity", log_y=True),
                panel("Repetition", "part of runs of four said before", "repetition"),
            ],
            numbers={
                "maximum": found.maximum,
                "plain concept rate": found.plain.concept,
                "plain perplexity": found.plain.perplexity,
                "plain repetition": found.plain.repetition,
            },
        )
