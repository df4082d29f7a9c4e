"""The few routes. They do not grow with the features: what can be asked for is in the recipes."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse, Response

from lucarne import health
from lucarne.atlas.gates import MAX_BYTES
from lucarne.atlas.pictures import decode
from lucarne.bench import Bench
from lucarne.cards import ModelCard, Reader, offer, settle
from lucarne.door import MULTIPART_EXTRA
from lucarne.errors import Busy, NotFound, WrongType, answer
from lucarne.fetching import Fetching
from lucarne.folder import media_type
from lucarne.forms import FILE, check_form, form
from lucarne.job import Job
from lucarne.models.errors import Unsuitable
from lucarne.pictures import Pictures
from lucarne.recipe import Recipe
from lucarne.samples import Samples
from lucarne.settings import Settings
from lucarne.store import ID, Entry, Store
from lucarne.strict import parsed
from lucarne.workshop import Making, Workshop

FOREVER = "public, max-age=31536000, immutable"
AT_ONCE = 1 << 20  # bytes: smaller files are read in one go
DECODING, DECODING_WAITING = 2, 8

_PROBLEM = {"$ref": "#/components/schemas/Problem"}
ANY_PROBLEM: dict[int | str, dict[str, Any]] = {
    "default": {"description": "What is wrong.", "content": {"application/problem+json": {"schema": _PROBLEM}}}
}


class Uploaded(BaseModel):
    model_config = ConfigDict(frozen=True)

    id: str
    width: int
    height: int


class Models(BaseModel):
    models: list[ModelCard]


class Alive(BaseModel):
    status: str = Field(examples=["ok"])


@dataclass
class Parts:
    """What the routes work with."""

    settings: Settings
    recipes: list[type[Recipe]]
    reader: Reader
    store: Store
    pictures: Pictures
    bench: Bench
    workshop: Workshop
    datasets: Fetching
    weights: Fetching
    samples: "asyncio.Future[Samples] | None" = None
    decoding: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(DECODING))
    decoding_waiting: int = 0


def parts_of(request: Request) -> Parts:
    return request.app.state.parts


def making_of(request: Request, id: str) -> Making:
    """Before a stream begins: afterwards it is too late to say 404."""
    return parts_of(request).workshop.find(id)


Given = Annotated[Parts, Depends(parts_of)]

api = APIRouter(responses=ANY_PROBLEM)


def refers_to(name: str, about: str) -> dict[str, Any]:
    """The documentation of an answer we write ourselves."""
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": about, "content": {"application/json": {"schema": schema}}}


def holds(media: str, about: str) -> dict[str, Any]:
    return {"description": about, "content": {media: {"schema": {"type": "string", "format": "binary"}}}}


@api.get("/api/models", summary="Every model, its sites, and the recipes that suit them.")
async def models(parts: Given) -> Models:
    cards = await parts.bench.cards()
    shown = [card for card in cards if parts.settings.test_models or not card.for_tests]
    return Models(models=[offer(card, parts.recipes) for card in shown])


@api.get("/api/samples", summary="Pictures and sentences to begin with.")
async def samples(parts: Given) -> Samples:
    assert parts.samples is not None
    return await asyncio.shield(parts.samples)


@api.post(
    "/api/pictures",
    status_code=201,
    response_model=Uploaded,
    max_body_size=MAX_BYTES + MULTIPART_EXTRA,
    summary="Keep a JPEG, PNG or WebP picture; what is kept, and served, are its pixels.",
    openapi_extra=form(file=FILE),
)
async def add_picture(request: Request, parts: Given) -> Uploaded:
    check_form(request, "the picture", "in a field named file")
    async with request.form(max_files=1, max_fields=0) as sent:
        file = sent.get("file")
        if not isinstance(file, UploadFile):
            raise Unsuitable("Send one picture, in a field named file.", field="file")
        content = await file.read()
    if parts.decoding_waiting >= DECODING_WAITING:
        raise Busy("Too many pictures are being read already. Try again soon.", retry_after=2)
    parts.decoding_waiting += 1
    try:
        await parts.decoding.acquire()
    finally:
        parts.decoding_waiting -= 1
    try:
        return await asyncio.to_thread(_keep, parts.pictures, content)
    finally:
        parts.decoding.release()


def _keep(pictures: Pictures, content: bytes) -> Uploaded:
    picture = decode(content)
    height, width = picture.pixels.shape[:2]
    return Uploaded(id=pictures.add(picture), width=width, height=height)


@api.get(
    "/api/pictures/{id}",
    response_class=Response,
    responses={200: holds("image/png", "The picture, re-encoded.")},
    summary="A picture by the hash of its pixels.",
)
async def picture(request: Request, id: str, parts: Given) -> Response:
    if not ID.fullmatch(id):
        raise NotFound("There is no picture of that id.")
    if has_it(request, id):
        return unchanged(id)
    path = await asyncio.to_thread(parts.pictures.path, id)
    return await _file(request, path, "image/png", etag=id)


@api.post(
    "/api/artifacts",
    response_class=Response,
    responses={
        200: refers_to("Artifact", "It is ready."),
        202: refers_to("Job", "It is being made."),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Recipe"}}},
        }
    },
    summary="Make what a recipe says, once; equal recipes are answered with the same artifact. `Prefer: respond-async` "
    "asks for the job at once where it is not made yet.",
)
async def make(request: Request, parts: Given) -> Response:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise WrongType
    body = await request.body()
    said = parsed(body)
    wish = parts.reader.read(body, said.get("kind") if isinstance(said, dict) else None)
    recipe, card = settle(wish, await parts.bench.cards(), parts.pictures)
    at_once = "respond-async" in request.headers.get("prefer", "")  # RFC 7240, section 4.1
    outcome = await parts.workshop.make(recipe, card.weights, at_once=at_once)
    if isinstance(outcome, Entry):
        return Response(
            outcome.manifest,
            headers={"content-location": f"/api/artifacts/{outcome.artifact.id}"},
            media_type="application/json",
        )
    if outcome.error is not None and outcome.error.status != 500:
        return answer(outcome.error, retry_after=5 if outcome.error.status == 503 else None)
    job = parts.workshop.job(outcome)
    return Response(
        job.model_dump_json(),
        202,
        headers={"location": f"/api/jobs/{job.id}", "cache-control": "no-store"},
        media_type="application/json",
    )


@api.get(
    "/api/artifacts/{id}",
    response_class=Response,
    responses={200: refers_to("Artifact", "It never changes.")},
    summary="A finished artifact.",
)
async def artifact(request: Request, id: str, parts: Given) -> Response:
    entry = await _entry(parts, id)
    if has_it(request, id):
        return unchanged(id)
    headers = {"cache-control": FOREVER, "etag": f'"{id}"'}
    return Response(entry.manifest, headers=headers, media_type="application/json")


@api.get(
    "/api/artifacts/{id}/{file}",
    response_class=Response,
    responses={
        200: holds("*/*", "It never changes, once the artifact is finished."),
        204: {"description": "A preview of a job that has come to its end: look at the artifact."},
        206: holds("*/*", "The part that was asked for."),
    },
    summary="A file of an artifact, or one that its job shows already.",
)
async def artifact_file(request: Request, id: str, file: str, parts: Given) -> Response:
    past = Response(status_code=204, headers={"cache-control": "no-store"})
    if (shown := parts.workshop.preview(id, file)) is not None:
        try:
            content = await asyncio.to_thread(_read, shown)
        except NotFound:
            return past
        return Response(content, headers={"cache-control": "no-store"}, media_type=media_type(file))
    entry = await _entry(parts, id)
    if file not in entry.names:
        if parts.workshop.has_shown(id, file):
            return past
        raise NotFound("The artifact has no such file.")
    etag = f"{id[:32]}-{file}"
    if has_it(request, etag):
        return unchanged(etag)
    return await _file(request, entry.folder / file, media_type(file), etag=etag)


@api.get("/api/jobs/{id}", summary="How far a job is.")
async def job(id: str, parts: Given) -> Job:
    try:
        return parts.workshop.job(parts.workshop.find(id))
    except NotFound:
        if await asyncio.to_thread(parts.store.read, id) is None:
            raise
        return Job(id=id, state="done")


@api.delete("/api/jobs/{id}", status_code=204, summary="Cancel a job; nothing is left of it.")
async def cancel(id: str, parts: Given) -> None:
    await parts.workshop.cancel(id)


@api.get(
    "/api/jobs/{id}/events",
    response_class=EventSourceResponse,
    summary="A job as it goes: `progress`, `preview`, and at last `end`. See JobEvents.",
)
async def events(making: Annotated[Making, Depends(making_of)], parts: Given) -> AsyncIterator[ServerSentEvent]:
    async for name, told in parts.workshop.events(making):
        yield ServerSentEvent(event=name, data=told)


@api.get("/livez", summary="Whether the server runs.")
async def livez() -> Alive:
    return Alive(status="ok")


@api.get("/readyz", summary="Whether it is ready for work.")
async def readyz(parts: Given) -> Alive:
    await asyncio.to_thread(health.check, parts.settings, parts.bench, parts.workshop)
    return Alive(status="ok")


async def _entry(parts: Parts, id: str) -> Entry:
    entry = parts.store.known(id) or await asyncio.to_thread(parts.store.read, id)
    if entry is None:
        raise NotFound("There is no artifact of that id. Post its recipe to make it.")
    return entry


def has_it(request: Request, etag: str) -> bool:
    given = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return f'"{etag}"' in given


def unchanged(etag: str) -> Response:
    return Response(status_code=304, headers={"cache-control": FOREVER, "etag": f'"{etag}"'})


async def _file(request: Request, path: Path, media: str, *, etag: str) -> Response:
    headers = {"cache-control": FOREVER, "etag": f'"{etag}"', "accept-ranges": "bytes"}
    try:
        stat = path.stat()
    except FileNotFoundError:
        raise NotFound from None
    if stat.st_size <= AT_ONCE and "range" not in request.headers:
        return Response(await asyncio.to_thread(_read, path), headers=headers, media_type=media)
    return FileResponse(path, headers=headers, media_type=media, stat_result=stat)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise NotFound from None
