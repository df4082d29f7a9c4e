"""The routes of labels: what people have called the units of a site, and calling one something."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from lucarne.api import ANY_PROBLEM, Given, Parts
from lucarne.labels import LONGEST, Labels
from lucarne.models.card import Card, SiteCard
from lucarne.models.catalog import ALIASES
from lucarne.models.errors import Unknown, Unsuitable

Unit = Annotated[int, Path(ge=0, le=65535)]


class LabelWish(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    label: str = Field(max_length=LONGEST, description="One line; an empty one takes away what the unit was called.")


class UnitLabels(BaseModel):
    """What people have called units, by the unit's number."""

    model_config = ConfigDict(frozen=True)

    labels: dict[int, str]


labels = APIRouter(responses=ANY_PROBLEM)


@labels.get("/api/labels/{model}/{site}", summary="What people have called the units of a site.")
async def every(model: str, site: str, parts: Given) -> UnitLabels:
    card, found = await _site(parts, model, site)
    return UnitLabels(labels=await asyncio.to_thread(_of(parts).of, card, found.name))


@labels.put("/api/labels/{model}/{site}/{unit}", summary="Call a unit something; an empty label takes it away.")
async def put(model: str, site: str, unit: Unit, wish: LabelWish, parts: Given) -> UnitLabels:
    card, found = await _site(parts, model, site)
    units = found.shape[-1] if "position" in found.axes else found.shape[0]
    if unit >= (units or 0):
        raise Unsuitable(f"{found.name} has {units} units, numbered from 0.", field="unit")
    await asyncio.to_thread(_of(parts).put, card, found.name, unit, wish.label)
    return UnitLabels(labels=await asyncio.to_thread(_of(parts).of, card, found.name))


def _of(parts: Parts) -> Labels:
    return Labels(parts.settings.data / "labels.json")


async def _site(parts: Parts, model: str, name: str) -> tuple[Card, SiteCard]:
    """Raises Unknown for a model or a site that is not there."""
    known = {card.name: card for card in await parts.bench.cards()}
    card = known.get(ALIASES.get(model, model))
    if card is None:
        raise Unknown("model", model, [name for name, card in known.items() if not card.for_tests], field="model")
    for site in card.sites:
        if name == site.name or name in site.aliases:
            return card, site
    raise Unknown("site", name, [site.name for site in card.sites], field="site")
