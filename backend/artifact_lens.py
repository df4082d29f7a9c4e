"""What the browser draws of a text's guesses as they form, of who argued for them, and of what they hung on."""

from typing import Literal

from pydantic import Field

from lucarne.artifact import Artifact, Frozen
from lucarne.artifact_text import Guess, Token


class Stage(Frozen):
    """A place in the residual stream that is read."""

    site: str
    layer: int | None = Field(description="None: before the first.")
    after: Literal["embedding", "attention", "mlp"]


class LensGrid(Artifact):
    """What every stage of a network would say next, at the positions of a window of a text.

    `lens.safetensors` holds `tokens`, int32, and `probabilities`, float32, (stage, position, k): the likeliest next
    tokens, best first; `entropy`, float32 (stage, position), in nats; `rank`, int32 (stage, position): how many tokens
    are likelier than the one that truly follows; `probability`, float32 (stage, position): that one's; and `truth`,
    int32 (position,). Behind a text's last token nothing follows: there the truth is the network's own last guess.
    """

    shape: Literal["lens_grid"] = "lens_grid"
    text: str
    first: int = Field(description="The window's first position.")
    total: int = Field(description="How many tokens the text has.")
    vocabulary: int = Field(description="How many tokens the network knows.")
    tokens: list[Token] = Field(description="Of the window.")
    open: bool = Field(description="The window holds the text's last token, whose truth is the network's own guess.")
    stages: list[Stage]
    words: dict[int, str] = Field(description="The text of every token that is named.")


class Contribution(Frozen):
    """What one part adds to a logit. Parts of parts (heads of an attention, neurons of an MLP) have an `index`."""

    part: Literal["token", "place", "attention", "head", "mlp", "neuron", "bias"]
    layer: int | None = None
    index: int | None = None
    value: float = Field(description="In logits.")
    source: int | None = Field(default=None, description="From which position a head took most of it.")
    from_source: float | None = Field(default=None, description="How much of it came from there.")


class Candidate(Guess):
    logit: float


class Contributions(Artifact):
    """The parts of a network that argued for a token, or for it against a rival, at one position of a text.

    `parts` add up to `total`: the token's vector, its position's, each layer's attention and MLP, and all biases.
    `heads` add up to the attentions. `neurons` are the strongest of each MLP. `biases` are those of the layers and of
    the final layer norm (layer null). `heads.safetensors` holds `heads`, float32 (layer, head), and `sources`, float32
    (layer, head, position): what each head took from each position.
    """

    shape: Literal["contributions"] = "contributions"
    text: str
    tokens: list[Token]
    position: int
    answer: Candidate
    against: Candidate | None
    candidates: list[Candidate] = Field(description="The likeliest next tokens, best first.")
    parts: list[Contribution]
    heads: list[Contribution]
    neurons: list[Contribution]
    biases: list[Contribution]
    total: float = Field(description="The sum of the parts.")
    logit: float = Field(description="What the network itself computed.")


class TextChange(Artifact):
    """What a network says at every position of a text before and after parts of it were switched off.

    `change.safetensors` holds `tokens`, int32 (position, 2k): first the likeliest next tokens before, then those after;
    `before` and `after`, float32 (position, 2k): their probabilities; `moved`, float32 (position,): the
    Kullback-Leibler divergence of after from before, in nats; `loss_before` and `loss_after`, float32 (position - 1,):
    minus the log of the probability of the token that follows, in nats.
    """

    shape: Literal["text_change"] = "text_change"
    text: str
    tokens: list[Token]
    k: int
    words: dict[int, str] = Field(description="The text of every token that is named.")
    loss_before: float | None = Field(description="Mean over the text, in nats; a single token has none.")
    loss_after: float | None
    moved: float = Field(description="Mean Kullback-Leibler divergence of after from before, in nats.")
