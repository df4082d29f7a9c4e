"""Something said twice, with heads switched off: the stripe and the loss."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact_heads import InductionLab
from lucarne.artifact_text import Token
from lucarne.recipe import HeadNumber, LayerNumber, Recipe, Text

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

Head = Annotated[tuple[LayerNumber, HeadNumber], Field(strict=False)]  # a list of two will do


class Induction(Recipe):
    """A text or random tokens said twice, and what heads and loss do while some heads hand over nothing."""

    suits_kind: ClassVar = "language"

    kind: Literal["induction"] = "induction"
    text: Text | None = Field(default=None, description="What is said twice; none: random tokens.")
    length: Annotated[
        int, Field(ge=2, le=4096, description="Random tokens that are said twice, where no text is given.")
    ] = 24
    off: Annotated[
        tuple[Head, ...],
        Field(max_length=1024, strict=False, description="Layer and head of each that is switched off."),
    ] = ()
    shown: Head | None = Field(
        default=None, description="Layer and head whose pattern is given; none: the one with the strongest stripe."
    )

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> InductionLab:
        import torch

        from lucarne.atlas import arrays
        from lucarne.atlas.language.bench import check_head
        from lucarne.atlas.language.head_metrics import random_twice
        from lucarne.atlas.language.induction import said, said_twice, strongest

        if self.shown:
            check_head(model, *self.shown, field=("shown", "shown"))
        if self.text is None:
            numbers = random_twice(model, self.length, self.seed, count=1)[0]  # (position,)
            pieces, length = [Token.bare(model.tokenizer, number) for number in numbers.tolist()], self.length
        else:
            twice, length = said_twice(model, self.text)
            pieces = [Token.of(piece) for piece in twice]
            numbers = torch.tensor([piece.id for piece in pieces])
        without, changed = [said(model, numbers, length, off) for off in progress(((), self.off))]
        layer, head = self.shown or strongest(without.stripe)
        arrays.write(
            folder / "lab.safetensors",
            loss=changed.loss.numpy(),
            loss_before=without.loss.numpy(),
            stripe=changed.stripe.numpy(),
            stripe_before=without.stripe.numpy(),
            previous=changed.previous.numpy(),
            previous_before=without.previous.numpy(),
            pattern=changed.attended.pattern(layer, head).numpy(),
        )
        means = {
            name: loss[part].mean().item()
            for suffix, loss in (("", changed.loss), ("_before", without.loss))
            for name, part in ((f"first{suffix}", slice(None, -length)), (f"second{suffix}", slice(-length, None)))
            if len(loss[part])
        }
        layers, heads = without.stripe.shape
        switched = f" with {len(self.off)} of {layers * heads} heads switched off" if self.off else ""
        return InductionLab(
            **self.signature(model),
            caption=f"{model.card.title} reads {length} tokens twice{switched}: each token of the second saying "
            f"surprises it by {means['second']:.3g} nats.",
            tokens=pieces,
            length=length,
            layers=layers,
            heads=heads,
            layer=layer,
            head=head,
            numbers=means,
        )
