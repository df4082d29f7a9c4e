"""Which parts of a network argued for a next token, or for it against another."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact_lens import Candidate, Contribution, Contributions
from lucarne.artifact_text import Token
from lucarne.recipe import Begin, Place, Recipe, Text, TokenNumber

if TYPE_CHECKING:
    from lucarne.atlas.language.direct_logits import DirectLogits as Found
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class DirectLogits(Recipe):
    """What embedding, heads, MLPs and neurons add to a token's logit; with `against`, to its lead over another."""

    suits_kind: ClassVar = "language"

    kind: Literal["direct_logits"] = "direct_logits"
    text: Text
    begin: Begin = True
    position: Annotated[Place | None, Field(description="Whose next token; none: the last.")] = None
    answer: Annotated[TokenNumber | None, Field(description="Argued for; none: the likeliest.")] = None
    against: Annotated[TokenNumber | None, Field(description="Its rival, if there is to be one.")] = None
    k: Annotated[int, Field(ge=1, le=50, description="How many neurons of each MLP, and how many candidates.")] = 10

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> Contributions:
        import torch

        from lucarne.atlas import arrays
        from lucarne.atlas.language.direct_logits import direct_logits
        from lucarne.atlas.language.tokens import tokens

        pieces = tokens(model, self.text, self.begin)
        position = len(pieces) - 1 if self.position is None else self.position
        ids = torch.tensor([piece.id for piece in pieces])
        found = direct_logits(model, ids, position, self.answer, self.against)
        arrays.write(folder / "heads.safetensors", heads=found.heads.numpy(), sources=found.sources.numpy())
        odds = found.logits.softmax(-1)

        def candidate(token: int) -> Candidate:
            text = model.tokenizer.text_of(token)
            return Candidate(id=token, text=text, probability=float(odds[token]), logit=float(found.logits[token]))

        answer = candidate(found.answer)
        against = None if found.against is None else candidate(found.against)
        said = f"“{answer.text}”" + (f" rather than “{against.text}”" if against else "")
        return Contributions(
            **self.signature(model),
            caption=f"What the parts of {model.card.title} add to the logit of {said} after token {position}. "
            f"The final layer norm's scale is held fixed: the parts add up to {found.total:.4g}.",
            text=self.text,
            tokens=[Token.of(piece) for piece in pieces],
            position=position,
            answer=answer,
            against=against,
            candidates=[candidate(token) for token in odds.topk(min(self.k, len(odds))).indices.tolist()],
            parts=_parts(found),
            heads=_heads(found),
            neurons=_neurons(found, self.k),
            biases=_biases(found),
            total=found.total,
            logit=found.logit,
        )


def _parts(found: "Found") -> list[Contribution]:
    """What adds up to the logit, in the order of the network."""
    parts = [Contribution(part="token", value=found.token), Contribution(part="place", value=found.place)]
    for layer, (heads, neurons) in enumerate(zip(found.heads, found.neurons, strict=True)):
        parts.append(Contribution(part="attention", layer=layer, value=float(heads.sum())))
        parts.append(Contribution(part="mlp", layer=layer, value=float(neurons.sum())))
    return [*parts, Contribution(part="bias", value=found.biases)]


def _heads(found: "Found") -> list[Contribution]:
    most = found.sources.gather(2, found.sources.abs().argmax(-1, keepdim=True))[..., 0]  # (layer, head)
    source = found.sources.abs().argmax(-1)  # (layer, head)
    return [
        Contribution(
            part="head",
            layer=layer,
            index=head,
            value=float(value),
            source=int(source[layer, head]),
            from_source=float(most[layer, head]),
        )
        for layer, row in enumerate(found.heads)
        for head, value in enumerate(row)
    ]


def _neurons(found: "Found", k: int) -> list[Contribution]:
    """The strongest of each layer, for or against, strongest first."""
    return [
        Contribution(part="neuron", layer=layer, index=unit, value=float(row[unit]))
        for layer, row in enumerate(found.neurons)
        for unit in row.abs().topk(min(k, len(row))).indices.tolist()
    ]


def _biases(found: "Found") -> list[Contribution]:
    both = found.attention_biases + found.mlp_biases  # (layer,)
    layers = [Contribution(part="bias", layer=layer, value=float(value)) for layer, value in enumerate(both)]
    return [*layers, Contribution(part="bias", value=found.norm_bias)]
