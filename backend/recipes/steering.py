"""What a network writes when features of a dictionary are pushed, beside what it writes anyway."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field

from lucarne.artifact import Frozen
from lucarne.artifact_story import OneStory, Pushed, SteeredStories
from lucarne.artifact_text import Token
from lucarne.recipe import Begin, Recipe, SiteName, Text, UnitNumber
from lucarne.stories import First, NewTokens, Telling, Temperature, TopK, TopP, concept_of, told_of

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Push(Frozen):
    """What becomes of one feature, at every position from `first` on."""

    model_config = ConfigDict(strict=True, allow_inf_nan=False)

    unit: UnitNumber
    mode: Literal["clamp", "add", "ablate"] = "clamp"
    strength: Annotated[
        float,
        Field(ge=-100, le=100, description="How many times its maximum it is set to, or is added to what it says."),
        AfterValidator(lambda value: value + 0.0),  # -0.0 is 0.0: one recipe, one id
    ] = 1.0


class Steering(Recipe):
    """Two stories with one seed: the network left alone, and with features clamped, added or silenced."""

    suits_kind: ClassVar = "language"
    suits_axes: ClassVar = (("position", "feature"),)

    kind: Literal["steering"] = "steering"
    site: SiteName
    text: Text
    begin: Begin = True
    edits: Annotated[
        tuple[Push, ...], Field(max_length=16, strict=False, description="One for each feature that is pushed.")
    ] = ()
    first: First = 1
    length: NewTokens = 40
    temperature: Temperature = 1.0
    top_k: TopK = 0
    top_p: TopP = 1.0

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> SteeredStories:
        from lucarne.atlas.language import steering
        from lucarne.atlas.language.generation import Sampling

        site = model.site(self.site).name
        telling = Telling(model, folder, progress, "plain", "pushed")
        steered = steering.steering(
            model,
            site,
            self.text,
            [steering.Push(edit.unit, edit.mode, edit.strength) for edit in self.edits],
            begin=self.begin,
            first=self.first,
            length=self.length,
            sampling=Sampling(self.temperature, self.top_k, self.top_p),
            seed=self.seed,
            tell=telling,
            progress=progress,
        )
        telling.end()
        plain, pushed = (
            OneStory(
                told=[told_of(model, token) for token in told],
                ended=ended,
                concept=measured.concept,
                perplexity=measured.perplexity,
                repetition=measured.repetition,
            )
            for told, ended, measured in zip(
                (steered.plain, steered.pushed), steered.ended, steered.measures, strict=True
            )
        )
        many = f"{len(self.edits) or 'no'} feature{'s' if len(self.edits) != 1 else ''}"
        return SteeredStories(
            **self.signature(model),
            caption=f"What {model.card.title} writes behind the text when it is left alone, and with {many} of "
            f"{site.removesuffix('.features')} pushed.",
            text=self.text,
            site=site,
            tokens=[Token.of(piece) for piece in steered.pieces],
            edits=[
                Pushed(unit=edit.unit, mode=edit.mode, strength=edit.strength, maximum=maximum)
                for edit, maximum in zip(self.edits, steered.maxima, strict=True)
            ],
            concept=concept_of(model, steered.concept),
            plain=plain,
            pushed=pushed,
            context=model.card.context or 0,
        )
