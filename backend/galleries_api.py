"""The routes of galleries: what there is, a page of one, a picture of one, and adding one's own."""

import asyncio
import hashlib
import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile
from starlette.responses import Response

from lucarne.api import ANY_PROBLEM, FOREVER, Given, Uploaded, has_it, holds, unchanged
from lucarne.atlas.galleries.contact import contact
from lucarne.atlas.galleries.gallery import Gallery
from lucarne.atlas.galleries.sources import Found, label_of, source
from lucarne.atlas.galleries.squares import Skipped, squares
from lucarne.atlas.gates import MAX_BYTES
from lucarne.atlas.pictures import Picture
from lucarne.door import GALLERY_BYTES
from lucarne.errors import Busy, NotFound
from lucarne.forms import NAMED_FILES, check_form, named_files
from lucarne.galleries import Galleries, stem_of
from lucarne.models.card import Card
from lucarne.watching import refresh

PAGE = 64  # pictures of a page
ACROSS, SIDE = 8, 96  # tiles in a row of a page's sheet, pixels of a tile
MOST_FILES = 2000
MOST_SKIPPED = 100  # that are named

REFRESH = 2.0  # seconds a visitor waits for folders that are followed

_adding = asyncio.Semaphore(1)
_refreshing: dict[Path, asyncio.Task[list[str]]] = {}

Number = Annotated[int, Query(ge=0, le=10**9, description="Pages have 64 pictures each; counted from 0.")]
Label = Annotated[str | None, Query(max_length=200, description="Only pictures with this label.")]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class LabelCount(Frozen):
    name: str
    count: int


class GalleryCard(Frozen):
    """A gallery: an ordered, labelled set of pictures that never changes."""

    name: str = Field(description="What recipes call it. With a picture more it has another name.")
    title: str
    count: int
    credit: str
    licence: str
    labels: list[LabelCount] = Field(description="In the order in which they first come.")
    indexed: list[str] = Field(description="Models that have looked at all of it: nobody waits for these.")


class GalleryList(Frozen):
    galleries: list[GalleryCard]


class GalleryPicture(Frozen):
    number: int = Field(description="Its place in the gallery, from 0.")
    id: str = Field(description="Of its centre square, by which recipes that name the gallery know it.")
    name: str
    label: str


class GalleryPage(Frozen):
    """Some pictures of a gallery; its sheet at `/api/galleries/{name}/sheet` shows them in the same order."""

    name: str
    page: int
    pages: int
    total: int = Field(description="How many pictures there are with this label, on all pages.")
    across: int = Field(description="Tiles in a row of the sheet.")
    side: int = Field(description="Pixels of a tile.")
    pictures: list[GalleryPicture]


class SkippedFile(Frozen):
    name: str
    why: str


class Added(Frozen):
    gallery: GalleryCard
    skipped: list[SkippedFile] = Field(description="Files that are no pictures we can read, the first hundred.")
    skipped_count: int


galleries = APIRouter(responses=ANY_PROBLEM)


@galleries.get("/api/galleries", summary="Every gallery, and which models have looked at it.")
async def every(parts: Given) -> GalleryList:
    known, cards = Galleries.beside(parts.pictures), await parts.bench.cards()

    await _refreshed(known)

    def gathered() -> GalleryList:
        return GalleryList(galleries=[_card(known, gallery, cards) for gallery in known.all()])

    return await asyncio.to_thread(gathered)


@galleries.post(
    "/api/galleries",
    status_code=201,
    response_model=Added,
    max_body_size=GALLERY_BYTES,
    summary="Add pictures to the gallery of a name, a new one if there is none: a zip archive, or picture files.",
    openapi_extra=NAMED_FILES,
)
async def add(request: Request, parts: Given) -> Added:
    check_form(request, "pictures or a zip archive")
    if _adding.locked():
        raise Busy("Another gallery is being added. Try again soon.", retry_after=5)
    known, cards = Galleries.beside(parts.pictures), await parts.bench.cards()
    async with _adding, request.form(max_files=MOST_FILES, max_fields=1) as form:
        title, files = named_files(form, "pictures or one zip archive")
        stem_of(title)
        return await asyncio.to_thread(_add, known, title, files, cards)


@galleries.get("/api/galleries/{name}", summary="A page of a gallery's pictures, of one label if wished.")
async def page(name: str, parts: Given, page: Number = 0, label: Label = None) -> GalleryPage:
    def gathered() -> GalleryPage:
        gallery = Galleries.beside(parts.pictures).get(name)
        numbers = _numbers(gallery, label)
        shown = _on_page(numbers, page)
        return GalleryPage(
            name=name,
            page=page,
            pages=-(-len(numbers) // PAGE),
            total=len(numbers),
            across=ACROSS,
            side=SIDE,
            pictures=[
                GalleryPicture(
                    number=number, id=gallery.id(number), name=gallery.name_of(number), label=gallery.label(number)
                )
                for number in shown
            ],
        )

    return await asyncio.to_thread(gathered)


@galleries.delete(
    "/api/galleries/{name}",
    status_code=204,
    summary="Throw away a gallery that was added: its pictures, all its editions and what is known of them.",
)
async def remove(name: str, parts: Given) -> None:
    if _adding.locked():
        raise Busy("A gallery is being added. Try again soon.", retry_after=5)
    async with _adding:
        await asyncio.to_thread(Galleries.beside(parts.pictures).remove, name)


@galleries.get(
    "/api/galleries/{name}/sheet",
    response_class=Response,
    responses={200: holds("image/webp", "The centre squares of a page's pictures, tile by tile.")},
    summary="The pictures of a page in one picture file.",
)
async def sheet(request: Request, name: str, parts: Given, page: Number = 0, label: Label = None) -> Response:
    gallery = await asyncio.to_thread(Galleries.beside(parts.pictures).get, name)
    etag = hashlib.sha256(f"{gallery.fingerprint} {page} {label!r}".encode()).hexdigest()
    if has_it(request, etag):
        return unchanged(etag)
    shown = _on_page(_numbers(gallery, label), page)
    drawn = await asyncio.to_thread(contact, gallery, shown, SIDE, ACROSS)
    # the bundled gallery has one name in every version
    headers = {"cache-control": "public, max-age=3600" if name == "bundled" else FOREVER, "etag": f'"{etag}"'}
    return Response(drawn, headers=headers, media_type="image/webp")


@galleries.get(
    "/api/galleries/{name}/{number}", summary="Keep a picture of a gallery among the pictures, for any recipe to read."
)
async def one(name: str, number: int, parts: Given) -> Uploaded:
    def kept() -> Uploaded:
        gallery = Galleries.beside(parts.pictures).get(name)
        if not 0 <= number < len(gallery):
            raise NotFound(f"The gallery has {len(gallery):,} pictures, counted from 0.")
        picture = Picture.of(gallery.pixels(number))
        height, width = picture.pixels.shape[:2]
        return Uploaded(id=parts.pictures.add(picture), width=width, height=height)

    return await asyncio.to_thread(kept)


async def _refreshed(known: Galleries) -> None:
    """What has changed in followed folders is read; where that takes long it goes on while we answer."""
    task = _refreshing.get(known.root)
    if task is None or task.done():
        task = _refreshing[known.root] = asyncio.create_task(asyncio.to_thread(refresh, known))
    await asyncio.wait([task], timeout=REFRESH)


def _card(known: Galleries, gallery: Gallery, cards: list[Card]) -> GalleryCard:
    about = gallery.pack.about
    counts = Counter(gallery.label(number) for number in range(len(gallery)))
    seeing = (card for card in cards if card.kind == "vision" and card.weights)
    return GalleryCard(
        name=gallery.name,
        title=gallery.title,
        count=len(gallery),
        credit=about.credit,
        licence=about.licence,
        labels=[LabelCount(name=name, count=count) for name, count in counts.items()],
        indexed=[card.name for card in seeing if known.is_indexed(gallery, card.name, card.weights)],
    )


def _numbers(gallery: Gallery, label: str | None) -> list[int]:
    """Of the pictures with this label. Raises NotFound for one that none has."""
    if label is None:
        return list(range(len(gallery)))
    numbers = [number for number in range(len(gallery)) if gallery.label(number) == label]
    if not numbers:
        raise NotFound("The gallery has no pictures of that label.")
    return numbers


def _on_page(numbers: list[int], page: int) -> list[int]:
    """Raises NotFound beyond the last page."""
    shown = numbers[page * PAGE : (page + 1) * PAGE]
    if not shown:
        raise NotFound(f"The gallery has {-(-len(numbers) // PAGE)} pages, counted from 0.")
    return shown


def _add(known: Galleries, title: str, files: list[UploadFile], cards: list[Card]) -> Added:
    skipped: list[Skipped] = []
    with tempfile.TemporaryDirectory() as place:
        gallery = known.add(title, squares(_found(files, Path(place)), skipped.append))
    told = [SkippedFile(name=each.name, why=each.why) for each in skipped[:MOST_SKIPPED]]
    return Added(gallery=_card(known, gallery, cards), skipped=told, skipped_count=len(skipped))


def _found(files: list[UploadFile], place: Path):  # noqa: ANN202
    """The pictures of an upload, an archive's in the place of the archive."""
    for number, upload in enumerate(files):
        head = upload.file.read(4)
        upload.file.seek(0)
        if head == b"PK\x03\x04":
            archive = place / f"{number}.zip"
            with archive.open("wb") as opened:
                while block := upload.file.read(1 << 20):
                    opened.write(block)
            yield from source(archive)
            os.unlink(archive)  # noqa: PTH108
            continue
        name = upload.filename or f"{number}"
        yield Found(name, label_of(name) or "", lambda upload=upload: upload.file.read(MAX_BYTES + 1))
