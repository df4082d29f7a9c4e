"""What a network writes behind a text, token by token."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact_story import Story
from lucarne.artifact_text import Token
from lucarne.recipe import Begin, Recipe, Text
from lucarne.stories import NewTokens, Telling, Temperature, TokenNumber, TopK, TopP, candidates_of, told_of

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

ENDS = {"length": "", "end": ", where it ends its text", "context": ", where its context is full"}


class Generation(Recipe):
    """A story, with what else could have been said at each place.

    Tokens that are told to follow the text make it a branch. The draw of the n-th new token is the n-th of the seed,
    whether those before it were drawn or told.
    """

    suits_kind: ClassVar = "language"

    kind: Literal["generation"] = "generation"
    text: Text
    begin: Begin = True
    forced: Annotated[
        tuple[TokenNumber, ...],
        Field(max_length=1024, strict=False, description="Numbers of tokens that follow the text."),
    ] = ()
    length: NewTokens = 40
    temperature: Temperature = 1.0
    top_k: TopK = 0
    top_p: TopP = 1.0
    k: Annotated[int, Field(ge=1, le=50, description="How many candidates are told at each place.")] = 10

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> Story:
        from lucarne.atlas import arrays
        from lucarne.atlas.language.generation import Sampling, generation

        telling = Telling(model, folder, progress, "told")
        written = generation(
            model,
            self.text,
            begin=self.begin,
            forced=self.forced,
            length=self.length,
            sampling=Sampling(self.temperature, self.top_k, self.top_p),
            seed=self.seed,
            k=self.k,
            tell=telling,
            progress=progress,
        )
        telling.end()
        arrays.write(folder / "next.safetensors", logits=written.logits.numpy())
        count = len(written.told)
        return Story(
            **self.signature(model),
            caption=f"What {model.card.title} writes behind the text: {count} token{'s' if count != 1 else ''}, "
            f"{len(self.forced) or 'none'} of them told{ENDS[written.ended]}.",
            text=self.text,
            tokens=[Token.of(piece) for piece in written.pieces],
            told=[told_of(model, token) for token in written.told],
            following=candidates_of(model, written.following),
            ended=written.ended,
            context=model.card.context or 0,
        )
