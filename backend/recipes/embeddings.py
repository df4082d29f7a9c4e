"""Which tokens lie nearest to a token, or to a sum of tokens."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact_embeddings import NearToken, SumToken, TokenNeighbors
from lucarne.recipe import Recipe

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures

Word = Annotated[str, Field(min_length=1, max_length=100)]
Words = Annotated[tuple[Word, ...], Field(max_length=8, strict=False)]  # or a list of them


class Embeddings(Recipe):
    """Tokens whose vectors point where a sum of token vectors points: king − man + woman. The terms are left out."""

    suits_kind: ClassVar = "language"

    kind: Literal["embeddings"] = "embeddings"
    plus: Annotated[
        Words,
        Field(
            min_length=1,
            description="Words to add, which begin with a space if there is such a token; #123: a token's number.",
        ),
    ]
    minus: Annotated[Words, Field(description="Words to take away.")] = ()
    k: Annotated[int, Field(ge=1, le=50, description="How many neighbours.")] = 20

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> TokenNeighbors:
        from lucarne.atlas.language import embeddings

        terms = [embeddings.Term(1, embeddings.token_of(model, said, "plus")) for said in self.plus]
        terms += [embeddings.Term(-1, embeddings.token_of(model, said, "minus")) for said in self.minus]
        found = embeddings.nearest(model, terms, self.k)
        spoken = model.tokenizer.text_of
        sum_ = " ".join(f"{'+' if term.sign > 0 else '−'} “{spoken(term.id)}”" for term in terms).removeprefix("+ ")
        return TokenNeighbors(
            **self.signature(model),
            caption=f"Tokens of {model.card.title} whose vectors point most nearly where {sum_} points, by cosine. "
            "The tokens of the sum are left out of the answer.",
            terms=[SumToken(sign=term.sign, id=term.id, text=spoken(term.id)) for term in terms],
            neighbors=[NearToken(id=token, text=spoken(token), cosine=cosine) for token, cosine in found],
            total=int(model.card.plan["vocabulary"]),
        )
