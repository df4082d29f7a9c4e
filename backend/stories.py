"""What the recipes that let a network write have in common: how it draws, and how its tokens are told as they come."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import orjson
from pydantic import AfterValidator, Field

from lucarne.artifact_story import Candidate, ConceptToken, StoryToken
from lucarne.recipe import shower

if TYPE_CHECKING:
    from lucarne.atlas.language.generation import Candidate as Found
    from lucarne.atlas.language.generation import Told
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress

PREVIEW = "story.json"
EVERY = 0.03  # seconds between two tellings
COLDEST = 0.01


def _temperature(value: float) -> float:
    if 0 < value < COLDEST:
        raise ValueError(f"0, always the likeliest, or at least {COLDEST}")
    return value + 0.0  # -0.0 is 0.0: one recipe, one id


Temperature = Annotated[
    float,
    Field(ge=0, le=10, description="What logits are divided by before a token is drawn; 0: always the likeliest."),
    AfterValidator(_temperature),
]
TopK = Annotated[int, Field(ge=0, le=1_000_000, description="Draw from so many of the likeliest; 0: from all.")]
TopP = Annotated[
    float, Field(gt=0, le=1, description="Draw from the fewest of the likeliest that together have this probability.")
]
NewTokens = Annotated[int, Field(ge=0, le=1024, description="How many new tokens, at most.")]
TokenNumber = Annotated[int, Field(ge=0, le=1_000_000)]
First = Annotated[
    int,
    Field(
        ge=0, le=65535, description="The position from which features are pushed; 0 is the first token that is read."
    ),
]


class Telling:
    """Tells the tokens of one or more stories as they come, where somebody can be told: a JSON file of lists."""

    def __init__(self, model: "Model", folder: Path, progress: "Progress", *names: str) -> None:
        self._model, self._file, self._put = model, folder / PREVIEW, shower(folder, progress, PREVIEW)
        self._stories: dict[str, list[object]] = {name: [] for name in names}
        self._told = 0.0

    def __call__(self, *tokens: "Told | None") -> None:
        for story, token in zip(self._stories.values(), tokens, strict=True):
            story.extend([told_of(self._model, token).model_dump(exclude={"candidates"})] if token else [])
        if self._put and time.monotonic() - self._told >= EVERY:
            self._told = time.monotonic()
            self._put(orjson.dumps(self._stories))

    def end(self) -> None:
        """The artifact says it all."""
        self._file.unlink(missing_ok=True)


def told_of(model: "Model", token: "Told") -> StoryToken:
    return StoryToken(
        id=token.id,
        text=model.tokenizer.text_of(token.id),
        bytes=list(model.tokenizer.bytes_of(token.id)),
        forced=token.forced,
        probability=token.probability,
        rank=token.rank,
        entropy=token.entropy,
        candidates=candidates_of(model, token.candidates),
    )


def candidates_of(model: "Model", found: "Sequence[Found]") -> list[Candidate]:
    return [
        Candidate(id=each.id, text=model.tokenizer.text_of(each.id), probability=each.probability, odds=each.odds)
        for each in found
    ]


def concept_of(model: "Model", written: Sequence[tuple[int, float]]) -> list[ConceptToken]:
    return [ConceptToken(id=token, text=model.tokenizer.text_of(token), rise=rise) for token, rise in written]
