"""The routes of corpora: what there is, adding one's own, throwing it away."""

import asyncio
from collections.abc import Iterator

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import FormData, UploadFile

from lucarne.api import ANY_PROBLEM, Given
from lucarne.atlas.language.corpora import documents_of
from lucarne.corpora import BUNDLED, MOST, Corpora, Known, stem_of
from lucarne.door import CORPUS_BYTES
from lucarne.errors import Busy
from lucarne.forms import NAMED_FILES, check_form, named_files
from lucarne.models.errors import TooMuch

MOST_FILES = 200

_adding = asyncio.Semaphore(1)


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class CorpusCard(Frozen):
    """A corpus: documents that never change."""

    name: str = Field(description="What recipes call it. With a document more it has another name.")
    title: str
    about: str
    documents: int
    bytes: int | None = Field(description="Of its text; none for the bundled one, which is kept as tokens.")
    own: bool = Field(description="Whether it was added here, and can be thrown away.")

    @classmethod
    def of(cls, known: Known) -> "CorpusCard":
        return cls(
            name=known.name, title=known.title, about=known.about, documents=known.documents, bytes=known.bytes,
            own=known.name != BUNDLED,
        )  # fmt: skip


class CorpusList(Frozen):
    corpora: list[CorpusCard]
    most: int = Field(description="The most bytes of text that one may have.")


corpora = APIRouter(responses=ANY_PROBLEM)


@corpora.get("/api/corpora", summary="Every corpus: the bundled one first, then those that were added.")
async def every(parts: Given) -> CorpusList:
    found = await asyncio.to_thread(Corpora.beside(parts.pictures).all)
    return CorpusList(corpora=[CorpusCard.of(each) for each in found], most=MOST)


@corpora.post(
    "/api/corpora",
    status_code=201,
    response_model=CorpusCard,
    max_body_size=CORPUS_BYTES,
    summary="Add texts as a corpus: .txt files in UTF-8, lines that say <|endoftext|> between documents.",
    openapi_extra=NAMED_FILES,
)
async def add(request: Request, parts: Given) -> CorpusCard:
    check_form(request, "texts")
    if _adding.locked():
        raise Busy("Another corpus is being added. Try again soon.", retry_after=2)
    async with _adding, request.form(max_files=MOST_FILES, max_fields=1) as form:
        title, files = _told(form)
        known = Corpora.beside(parts.pictures)
        return CorpusCard.of(await asyncio.to_thread(lambda: known.add(title, _documents(files))))


@corpora.delete(
    "/api/corpora/{name}", status_code=204, summary="Throw away a corpus that was added, and what is known of it."
)
async def remove(name: str, parts: Given) -> None:
    await asyncio.to_thread(Corpora.beside(parts.pictures).remove, name)


def _told(form: FormData) -> tuple[str, list[UploadFile]]:
    """Raises Unsuitable for a form that is not as it should be, TooMuch for files that are too large."""
    title, files = named_files(form, "texts")
    stem_of(title)
    if sum(file.size or 0 for file in files) > MOST:
        raise TooMuch(f"A corpus has at most {MOST >> 20} MiB of text. Give a part of it.", MOST, field="file")
    return title, files


def _documents(files: list[UploadFile]) -> Iterator[str]:
    for number, upload in enumerate(files, 1):
        yield from documents_of(upload.file.read(), f"File {number}")
