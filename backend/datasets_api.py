"""The routes of data sets that can be fetched."""

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict

from lucarne.api import ANY_PROBLEM, Given
from lucarne.fetching import Dataset

Name = Annotated[str, InPath(max_length=100, description="A data set of `GET /api/datasets`.")]


class DatasetList(BaseModel):
    model_config = ConfigDict(frozen=True)

    datasets: list[Dataset]


datasets = APIRouter(responses=ANY_PROBLEM)


@datasets.get(
    "/api/datasets", summary="Data sets that can be fetched from where they are published, and how far that is."
)
async def every(parts: Given) -> DatasetList:
    return DatasetList(datasets=await parts.fetching.all())


@datasets.get("/api/datasets/{name}", summary="One data set, and how far it is.")
async def one(name: Name, parts: Given) -> Dataset:
    return await parts.fetching.one(name)


@datasets.post(
    "/api/datasets/{name}",
    status_code=202,
    summary="Fetch a data set and make a gallery of it; goes on where an earlier try was cut off.",
)
async def begin(name: Name, parts: Given) -> Dataset:
    return await parts.fetching.begin(name)


@datasets.delete(
    "/api/datasets/{name}",
    status_code=204,
    summary="Stop fetching a data set. What has come stays for the next try.",
)
async def stop(name: Name, parts: Given) -> None:
    await parts.fetching.stop(name)
