"""Puts the parts of the server together. Nothing is built before `create_app` is called."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lucarne.api import Parts, api
from lucarne.bench import Bench, Stock
from lucarne.cards import Reader
from lucarne.corpora_api import corpora
from lucarne.door import Door, body_limit
from lucarne.errors import Refusal, answer, answer_to, problem_of_status
from lucarne.fetching import Fetching
from lucarne.fetching_api import datasets, weights
from lucarne.galleries import Galleries
from lucarne.galleries_api import galleries
from lucarne.goods import Datasets, Weights
from lucarne.labels_api import labels
from lucarne.logs import configure as configure_log
from lucarne.models.catalog import weights_folder
from lucarne.models.errors import Mistake
from lucarne.pictures import Pictures
from lucarne.samples import gather
from lucarne.schema import described
from lucarne.settings import Settings
from lucarne.store import Store
from lucarne.worker import named
from lucarne.workshop import Workshop

PAGE = Path(__file__).parent / "page"

log = structlog.get_logger()


def create_app(settings: Settings | None = None, stock: Stock | None = None, page: Path = PAGE) -> FastAPI:
    """The application. `stock` says which models and recipes it has; `page` is the folder of the built front end."""
    configure_log()
    settings, stock = settings or Settings(), stock or Stock()
    app = FastAPI(
        title="Lucarne",
        version=version("lucarne"),
        summary="See what a neural network has learned.",
        lifespan=_open,
        openapi_url="/api/openapi.json",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
    )
    recipes = list(named(stock.recipes))
    store = Store(settings.artifacts, settings.store_limit)
    bench = Bench(settings, stock)
    pictures = Pictures(settings.pictures)
    app.state.parts = Parts(
        settings=settings,
        recipes=recipes,
        reader=Reader(recipes),
        store=store,
        pictures=pictures,
        bench=bench,
        workshop=Workshop(settings, store, bench),
        datasets=Fetching(Datasets(Galleries.beside(pictures), settings.data / "downloads"), settings.disk_reserve),
        weights=Fetching(Weights(settings.weights or weights_folder()), settings.disk_reserve, bench.look_again),
    )
    app.include_router(api, max_body_size=settings.body_limit)
    app.include_router(galleries, max_body_size=settings.body_limit)
    app.include_router(datasets, max_body_size=settings.body_limit)
    app.include_router(weights, max_body_size=settings.body_limit)
    app.include_router(corpora, max_body_size=settings.body_limit)
    app.include_router(labels, max_body_size=settings.body_limit)
    if page.is_dir():
        app.frontend("/", directory=page, fallback=None, check_dir=False)
    for kind in (Mistake, Refusal, HTTPException, RequestValidationError, ValidationError, OSError):
        app.add_exception_handler(kind, _answer)
    app.add_middleware(Door, settings=settings)
    app.openapi = lambda: described(app, recipes)
    return app


@asynccontextmanager
async def _open(app: FastAPI) -> AsyncIterator[None]:
    """From here to the end of the server: the bench at work, the store swept, the samples at hand."""
    parts: Parts = app.state.parts
    parts.bench.start()
    gathering = asyncio.create_task(asyncio.to_thread(gather, parts.pictures))
    parts.samples = gathering
    try:
        await asyncio.to_thread(parts.store.open)
        parts.workshop.start()
        yield
    finally:
        await parts.datasets.close()
        await parts.weights.close()
        await parts.workshop.close()
        await parts.bench.close()
        with suppress(Exception):
            await gathering
        await asyncio.to_thread(parts.store.close)


async def _answer(request: Request, error: Exception) -> Response:
    if isinstance(error, HTTPException) and error.status_code == 413:
        settings: Settings = request.app.state.parts.settings
        return answer(problem_of_status(413, limit=body_limit(request.url.path, settings)))
    if isinstance(error, RequestValidationError):
        error = HTTPException(422)
    response = answer_to(error)
    if isinstance(error, OSError):
        log.error("the disk failed a request", errno=error.errno)
    return response
