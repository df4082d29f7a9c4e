"""What the browser draws of texts that a network writes itself."""

from typing import Literal

from pydantic import Field

from lucarne.artifact import Artifact, Frozen
from lucarne.artifact_text import Token

Ended = Literal["length", "end", "context"]
ENDED = (
    "`length`: as many as asked for; `end`: with an end-of-text token; `context`: the network reads no more at once."
)


class Candidate(Frozen):
    """A token that could come."""

    id: int
    text: str
    probability: float = Field(description="The network's own.")
    odds: float = Field(description="With which it is drawn. 0: cut off by temperature, top-k or top-p.")


class StoryToken(Frozen):
    """A token behind the prompt, and how it came to stand there."""

    id: int
    text: str = Field(description="The token's bytes as text; bytes that are no UTF-8 by themselves show as U+FFFD.")
    bytes: list[int]
    forced: bool = Field(description="Whether it was told by the recipe, not drawn.")
    probability: float = Field(description="The network's own, before temperature, top-k and top-p.")
    rank: int = Field(description="How many tokens were likelier.")
    entropy: float = Field(description="Of the network's own distribution at this place, in bits.")
    candidates: list[Candidate] = Field(default=[], description="The likeliest here, best first.")


class Story(Artifact):
    """What a network writes behind a text.

    `next.safetensors` holds `logits`, float32 (vocabulary,): of what may come behind all of it.
    """

    shape: Literal["story"] = "story"
    text: str
    tokens: list[Token] = Field(description="Of the prompt.")
    told: list[StoryToken] = Field(description="What follows: the forced tokens first, then those that were drawn.")
    following: list[Candidate] = Field(description="What may come next, likeliest first.")
    ended: Ended = Field(description=ENDED)
    context: int = Field(description="The most tokens the network reads at once.")


class Pushed(Frozen):
    """A feature that is pushed while the network writes."""

    unit: int
    mode: Literal["clamp", "add", "ablate"]
    strength: float
    maximum: float = Field(description="The most it says in the network's own texts: what strength 1 stands for.")


class ConceptToken(Frozen):
    """A word that features make likelier."""

    id: int
    text: str
    rise: float = Field(description="By how much likelier it is at a place when a feature is held, 0…1.")


class OneStory(Frozen):
    """One of several stories behind the same prompt, and what it is like."""

    told: list[StoryToken]
    ended: Ended = Field(description=ENDED)
    concept: float = Field(
        description="Part of its tokens that are of the features' concept, not right behind themselves, 0…1."
    )
    perplexity: float = Field(description="Of its tokens, for the network left alone.")
    repetition: float = Field(description="Part of its runs of four tokens that it has said before, 0…1.")


class SteeredStories(Artifact):
    """What a network writes behind a text when it is left alone, and, with the same seed, when features are pushed."""

    shape: Literal["steered_stories"] = "steered_stories"
    text: str
    site: str
    tokens: list[Token] = Field(description="Of the prompt.")
    edits: list[Pushed]
    concept: list[ConceptToken] = Field(description="The words that holding the pushed features makes likelier.")
    plain: OneStory
    pushed: OneStory
    context: int = Field(description="The most tokens the network reads at once.")


class ShelfFeature(Frozen):
    """A feature that steers well, and how well."""

    unit: int
    label: str = Field(description="Up to three words of its concept.")
    maximum: float
    often: float = Field(description="At what part of the tokens of the network's own texts it says anything, 0…1.")
    strength: float = Field(description="At which it was found to steer best.")
    concept: list[ConceptToken]
    plain_rate: float = Field(description="Part of tokens that are of its concept when the network is left alone, 0…1.")
    rate: float = Field(description="The same when it is clamped at that strength.")
    perplexity: float = Field(description="Of what is written then, for the network left alone.")
    repetition: float


class FeatureShelf(Artifact):
    """Features of a dictionary that change what a network writes about, the best first."""

    shape: Literal["shelf"] = "shelf"
    site: str
    features: list[ShelfFeature]
    rule: str = Field(description="How they were chosen.")
    alive: int = Field(description="Features that say anything in the network's own texts.")
    tried: int = Field(description="Those of them that were tried out.")
    plain_perplexity: float = Field(description="Of what the network writes when it is left alone, for itself.")
    plain_repetition: float
