"""Where two texts differ for a network: one place of one put into the run on the other at a time."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact_text import Measure, ScoreMatrix, Token
from lucarne.recipe import Begin, Recipe, Text, TokenNumber

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.models.tokenizer import Piece
    from lucarne.pictures import Pictures

NAMES = {
    "resid_pre": "the residual stream",
    "attn_out": "what attention adds",
    "mlp_out": "what the MLP adds",
    "heads": "a head's output",
}


class TextPatching(Recipe):
    """How far each place of a clean run, put into a corrupt one, brings the clean answer back, at the last token."""

    suits_kind: ClassVar = "language"
    is_long: ClassVar = True

    kind: Literal["text_patching"] = "text_patching"
    text: Annotated[Text, Field(description="The clean text.")]
    corrupt: Annotated[Text, Field(description="The corrupt text, of as many tokens.")]
    begin: Begin = True
    what: Annotated[
        Literal["resid_pre", "attn_out", "mlp_out", "heads"],
        Field(description="Put in at each layer and position; heads at each layer and head, at all positions."),
    ] = "resid_pre"
    answer: Annotated[TokenNumber | None, Field(description="None: the likeliest after the clean text.")] = None
    against: Annotated[TokenNumber | None, Field(description="None: the likeliest after the corrupt text.")] = None
    most: Annotated[
        int, Field(ge=1, le=1024, description="Columns at most: a longer text is patched in blocks of neighbours.")
    ] = 64

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> ScoreMatrix:
        import torch

        from lucarne.atlas import arrays
        from lucarne.atlas.language.patching import patching
        from lucarne.atlas.language.tokens import tokens

        texts = [tokens(model, text, self.begin) for text in (self.text, self.corrupt)]
        clean, corrupt = (torch.tensor([piece.id for piece in pieces]) for pieces in texts)
        found = patching(model, clean, corrupt, self.what, self.answer, self.against, most=self.most, progress=progress)
        arrays.write(folder / "scores.safetensors", part=found.parts.numpy())
        answer, against = (Token.bare(model.tokenizer, token) for token in (found.answer, found.against))
        across = "head" if self.what == "heads" else "position"
        columns = [str(head) for head in range(len(found.blocks))]
        return ScoreMatrix(
            **self.signature(model),
            caption=f"{model.card.title} gives “{answer.text}” a lead over “{against.text}” of {found.clean:.3g} "
            f"logits after the clean text and of {found.corrupt:.3g} after the corrupt one. Each cell shows which part "
            f"of the difference comes back when {NAMES[self.what]} alone, at that layer and {across}, is the clean "
            "run's.",
            row_axis="layer",
            column_axis=across,
            rows=[str(layer) for layer in range(len(found.parts))],
            columns=columns if across == "head" else [_named(block, texts[0]) for block in found.blocks],
            measures=[
                Measure(
                    name="part",
                    title="Brought back",
                    about="Part of the logit difference that comes back: 0 as in the corrupt run, 1 as in the clean.",
                    unit="part of the difference",
                )
            ],
            numbers={
                "clean": found.clean,
                "corrupt": found.corrupt,
                "block": float(len(found.blocks[0])),
            },
            tokens={"answer": answer, "against": against},
        )


def _named(block: range, pieces: "list[Piece]") -> str:
    """The tokens of a column, as they stand in the clean text."""
    return "".join(pieces[position].text for position in block)
