"""The small models recipes are made on, and for every recipe a request that holds what it must."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from pydantic import TypeAdapter

from lucarne.artifact import Artifact
from lucarne.artifacts import AnyArtifact
from lucarne.atlas.pictures import Picture
from lucarne.models import load
from lucarne.models.catalog import MODELS
from lucarne.recipe import Recipe
from lucarne.recipes import RECIPES, AnyRecipe
from tests.shipped import with_dictionary

TINY = [name for name, entry in MODELS.items() if entry.random]
TEXT = "Zoë saw 🙂 <|endoftext|> and “laughed”."
PIXELS = np.random.default_rng(0).integers(256, size=(70, 90, 3), dtype=np.uint8)
CORRUPT = np.random.default_rng(1).integers(256, size=(80, 70, 3), dtype=np.uint8)
ANY_ARTIFACT: TypeAdapter[Artifact] = TypeAdapter(AnyArtifact)
ANY_RECIPE: TypeAdapter[Recipe] = TypeAdapter(AnyRecipe)
MODELS_ON_BENCH = {name: load(name, device="cpu") for name in TINY}
MODELS_ON_BENCH["tiny_gpt"] = with_dictionary(MODELS_ON_BENCH["tiny_gpt"], "blocks.1.hook_resid_pre")


def filled(recipe: type[Recipe], **fields: Any) -> dict[str, Any]:
    """A request for that recipe: what it must have, and what is told."""
    usual: dict[str, Any] = {
        "model": "tiny_gpt",
        "site": "conv1",
        "picture": Picture.of(PIXELS).id,
        "text": TEXT,
        "unit": 3,
    }
    usual |= {"picture": Picture.of(PIXELS).id, "corrupt": Picture.of(CORRUPT).id}
    usual |= {"a": (Picture.of(PIXELS).id,), "b": (Picture.of(CORRUPT).id,)}
    if recipe.suits_kind == "vision":
        usual |= {"model": "tiny_alexnet", "units": ({"site": "conv2", "unit": 3},)}
    else:
        usual |= {"corrupt": TEXT.replace("saw", "had"), "plus": ("Z",)}
    required = {name: usual[name] for name, field in recipe.model_fields.items() if field.is_required()}
    return {"kind": recipe.model_fields["kind"].default, **required, **fields}


def suited() -> Iterator[tuple[type[Recipe], str, str | None]]:
    for recipe in RECIPES:
        for name, model in MODELS_ON_BENCH.items():
            if not recipe.suits(model.kind):
                continue
            if "site" not in recipe.model_fields:
                yield recipe, name, None
                continue
            yield from ((recipe, name, site.name) for site in model.sites.values() if recipe.suits(model.kind, site))


def kind(recipe: type[Recipe]) -> str:
    return recipe.model_fields["kind"].default


BY_KIND = {kind(recipe): recipe for recipe in RECIPES}
