"""The routes of what can be fetched: data sets and networks."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from pydantic import BaseModel, ConfigDict

from lucarne.api import ANY_PROBLEM, Given, Parts
from lucarne.fetching import Fetchable, Fetching

Name = Annotated[str, InPath(max_length=100, description="One of the list.")]


class FetchList(BaseModel):
    model_config = ConfigDict(frozen=True)

    all: list[Fetchable]


def routes(path: str, what: str, fetching: Callable[[Parts], Fetching], then: str) -> APIRouter:
    """The same four for every kind of goods."""
    made = APIRouter(responses=ANY_PROBLEM)

    @made.get(path, summary=f"Every {what} that can be fetched from where it is published, and how far it is.")
    async def every(parts: Given) -> FetchList:
        return FetchList(all=await fetching(parts).all())

    @made.get(f"{path}/{{name}}", summary=f"One {what}, and how far it is.")
    async def one(name: Name, parts: Given) -> Fetchable:
        return await fetching(parts).one(name)

    @made.post(
        f"{path}/{{name}}",
        status_code=202,
        summary=f"Fetch a {what}{then}; goes on where an earlier try was cut off.",
    )
    async def begin(name: Name, parts: Given) -> Fetchable:
        return await fetching(parts).begin(name)

    @made.delete(
        f"{path}/{{name}}", status_code=204, summary=f"Stop fetching a {what}. What has come stays for the next try."
    )
    async def stop(name: Name, parts: Given) -> None:
        await fetching(parts).stop(name)

    return made


datasets = routes("/api/datasets", "data set", lambda parts: parts.datasets, " and make a gallery of it")
weights = routes("/api/weights", "network", lambda parts: parts.weights, "'s weights")
