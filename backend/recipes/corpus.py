"""The stream of tokens a GPT is trained on, batch by batch."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from lucarne.artifact_embeddings import CorpusBatch, StreamRow, StreamToken
from lucarne.recipe import CorpusName, Recipe

if TYPE_CHECKING:
    from lucarne.models.model import Model
    from lucarne.models.progress import Progress
    from lucarne.pictures import Pictures


class Corpus(Recipe):
    """A batch of a corpus: rows of context, and the same shifted by one as the target."""

    suits_kind: ClassVar = "language"

    kind: Literal["corpus"] = "corpus"
    corpus: CorpusName = "bundled"
    number: Annotated[int, Field(ge=0, le=10**7, description="Which batch, from 0.")] = 0
    count: Annotated[int, Field(ge=1, le=16, description="Rows of the batch.")] = 4
    context: Annotated[int, Field(ge=1, le=128, description="Tokens that are read before each guess, at most.")] = 16

    def make(self, model: "Model", folder: Path, pictures: "Pictures", progress: "Progress") -> CorpusBatch:
        from lucarne.atlas.language.stream import batch
        from lucarne.corpora import Corpora
        from lucarne.models.errors import TooMuch

        if model.card.context and self.context > model.card.context:
            detail = f"{model.card.title} reads at most {model.card.context} tokens at once."
            raise TooMuch(detail, model.card.context, field="context")
        corpus = Corpora.beside(pictures).get(self.corpus, model)
        found = batch(corpus, self.number, self.count, self.context)
        spoken = model.tokenizer.text_of
        first, last = int(found.starts[0]), int(found.starts[-1]) + self.context + 1
        whole = [*found.contexts.reshape(-1).tolist(), int(found.rows[-1, -1])]
        parts: list[bytes] = [b""]
        for token in whole:
            parts += [b""] if token == corpus.begin else []
            parts[-1] += b"" if token == corpus.begin else model.tokenizer.bytes_of(token)
        return CorpusBatch(
            **self.signature(model),
            caption=f"Batch {self.number + 1:,} of {found.batches:,} of “{corpus.title}” as {model.card.title} reads "
            f"it: tokens {first:,} to {last - 1:,} of {found.stream:,}, in {len(found.rows)} rows of {self.context}.",
            corpus=self.corpus,
            title=corpus.title,
            about=corpus.about,
            number=self.number,
            batches=found.batches,
            context=self.context,
            stream=found.stream,
            documents=corpus.documents,
            texts=[part.decode("utf-8", errors="replace") for part in parts],
            rows=[
                StreamRow(start=start, tokens=[StreamToken(id=token, text=spoken(token)) for token in row])
                for start, row in zip(found.starts.tolist(), found.rows.tolist(), strict=True)
            ],
            begin=corpus.begin,
        )
