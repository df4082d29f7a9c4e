"""What every head of every layer attends to in a text, and which token comes next."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact_text import Guess, Heads, Token, TokenGrid
from lucarne.recipe import Begin, Recipe, Text

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Attention(Recipe):
    """All heads on a text, with the network's guesses for the next token at every position."""

    suits_kind: ClassVar = "language"

    kind: Literal["attention"] = "attention"
    text: Text
    begin: Begin = True
    k: Annotated[int, Field(ge=1, le=50, description="How many guesses a position.")] = 10

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> TokenGrid:
        import torch

        from lucarne.atlas import arrays
        from lucarne.atlas.language.attention import attention, guesses, overview
        from lucarne.atlas.language.tokens import tokens

        pieces = tokens(model, self.text, self.begin)
        attended = attention(model, torch.tensor([piece.id for piece in pieces]))
        glance = overview(attended, progress=progress)
        layers, heads, _, head_width = attended.shape
        moved = torch.stack([attended.moved(layer) for layer in range(layers)])  # (layer, head, position)
        arrays.write(
            folder / "heads.safetensors",
            queries=glance.queries.numpy(),
            keys=glance.keys.numpy(),
            moved=moved.numpy(),
            normalizers=glance.normalizers.numpy(),
            thumbnails=glance.thumbnails.numpy(),
        )
        return TokenGrid(
            **self.signature(model),
            caption=f"{layers} layers of {heads} heads in {model.card.title} on {len(pieces)} tokens: "
            "how much each token takes over from those before it.",
            text=self.text,
            tokens=[Token.of(piece) for piece in pieces],
            context=model.card.context or len(pieces),
            heads=Heads(layers=layers, heads=heads, head_width=head_width, side=glance.thumbnails.shape[-1]),
            guesses=[
                [Guess(id=token, text=text, probability=odds) for token, text, odds in row]
                for row in guesses(model, attended.logits, self.k)
            ],
        )
