"""What a network says of a text when heads, MLPs, neurons, places of its stream or single connections are off."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from lucarne.artifact import Frozen
from lucarne.artifact_lens import TextChange
from lucarne.artifact_text import Token
from lucarne.recipe import Begin, HeadNumber, LayerNumber, Place, Recipe, Text, UnitNumber

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class TextEdit(Frozen):
    """One part that is switched off. An edge is one head's output, taken out of what one later part reads."""

    model_config = ConfigDict(strict=True)

    part: Literal["head", "attention", "mlp", "neuron", "residual", "edge"]
    layer: LayerNumber
    head: Annotated[HeadNumber | None, Field(description="Of a head, and of an edge the one it starts from.")] = None
    unit: Annotated[UnitNumber | None, Field(description="Of a neuron.")] = None
    position: Annotated[Place | None, Field(description="Where it is switched off; none: everywhere.")] = None
    to: Annotated[Literal["head", "mlp", "logits"] | None, Field(description="What an edge ends at.")] = None
    to_layer: LayerNumber | None = None
    to_head: HeadNumber | None = None
    action: Annotated[
        Literal["zero", "mean", "resample"],
        Field(description="What stands there instead: nothing; its mean over the text's positions; another text's."),
    ] = "zero"


class TextAblation(Recipe):
    """Guesses at every position before and after parts of the network are switched off."""

    suits_kind: ClassVar = "language"

    kind: Literal["text_ablation"] = "text_ablation"
    text: Text
    begin: Begin = True
    edits: Annotated[
        tuple[TextEdit, ...],
        Field(max_length=1024, strict=False, description="One for each part that is switched off."),  # lists will do
    ] = ()
    other: Annotated[
        Text | None,
        Field(description="Resampled from, at least as many tokens; none: this text's, shuffled by the seed."),
    ] = None
    k: Annotated[int, Field(ge=1, le=50, description="How many guesses of either a position.")] = 5

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> TextChange:
        import torch

        from lucarne.atlas import arrays
        from lucarne.atlas.language.ablation import ablation, shuffled
        from lucarne.atlas.language.interventions import Cut
        from lucarne.atlas.language.tokens import tokens

        pieces = tokens(model, self.text, self.begin)
        ids = torch.tensor([piece.id for piece in pieces])
        if self.other is None:
            given = sum(piece.start == piece.end for piece in pieces[:1])
            other = shuffled(ids, self.seed, given)
        else:
            other = torch.tensor([piece.id for piece in tokens(model, self.other, self.begin)])
        changed = ablation(model, ids, [Cut(**edit.model_dump()) for edit in self.edits], self.k, other)
        arrays.write(
            folder / "change.safetensors",
            tokens=changed.tokens.numpy(),
            before=changed.before.numpy(),
            after=changed.after.numpy(),
            moved=changed.moved.numpy(),
            loss_before=changed.loss_before.numpy(),
            loss_after=changed.loss_after.numpy(),
        )
        moved = float(changed.moved.mean())
        losses = [float(each.mean()) if len(each) else None for each in (changed.loss_before, changed.loss_after)]
        many = f"{len(self.edits) or 'no'} part{'s' if len(self.edits) != 1 else ''}"
        are = "of it is" if len(self.edits) == 1 else "of it are"
        means = " Means are over this text's own positions." if any(e.action == "mean" for e in self.edits) else ""
        return TextChange(
            **self.signature(model),
            caption=f"What {model.card.title} says before and after {many} {are} switched off: its guesses move by "
            f"{moved:.3g} nats a token.{means}",
            text=self.text,
            tokens=[Token.of(piece) for piece in pieces],
            k=changed.tokens.shape[1] // 2,
            words={token: model.tokenizer.text_of(token) for token in changed.tokens.unique().tolist()},
            loss_before=losses[0],
            loss_after=losses[1],
            moved=moved,
        )
