"""The contract between the two languages: `python -m lucarne.schema` writes `openapi.json`, which is committed."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Union

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import Field, TypeAdapter
from pydantic.json_schema import models_json_schema

from lucarne.artifacts import AnyArtifact
from lucarne.cards import kind_of
from lucarne.errors import Problem
from lucarne.job import Job, JobEvents, Preview
from lucarne.recipe import Recipe

FILE = Path(__file__).parent / "openapi.json"
_REFERENCE = "#/components/schemas/{model}"


def described(app: FastAPI, recipes: Sequence[type[Recipe]]) -> dict[str, Any]:
    """The OpenAPI document, with everything a client has to know by name, made once."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version="1",  # of the interface; the program's own version would make every release a change
            summary=app.summary,
            routes=app.routes,
            separate_input_output_schemas=False,
        )
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas |= _named(recipes)
        document["components"]["schemas"] = dict(sorted(schemas.items()))
        stream = document["paths"]["/api/jobs/{id}/events"]["get"]["responses"]["200"]
        stream["content"] = {"text/event-stream": {"schema": {"type": "string"}}}
        app.openapi_schema = document
    return app.openapi_schema


def _named(recipes: Sequence[type[Recipe]]) -> dict[str, Any]:
    plain = [(each, "serialization") for each in (Problem, Job, Preview, JobEvents)]
    _, told = models_json_schema(plain, ref_template=_REFERENCE)  # pyright: ignore[reportArgumentType]
    schemas: dict[str, Any] = told["$defs"]
    artifact = TypeAdapter(AnyArtifact).json_schema(mode="serialization", ref_template=_REFERENCE)
    union: Any = Annotated[Union[tuple(recipes)], Field(discriminator="kind")]  # noqa: UP007
    recipe = TypeAdapter(union if len(recipes) > 1 else recipes[0]).json_schema(ref_template=_REFERENCE)
    for name, schema in (("Artifact", artifact), ("Recipe", recipe)):
        schemas |= schema.pop("$defs", {})
        schemas[name] = schema
    for each in recipes:  # the kind has a default for Python's sake; on the wire it must be there
        if each.__name__ in schemas:
            schemas[each.__name__]["required"] = ["kind", *(schemas[each.__name__].get("required", []))]
            schemas[each.__name__]["properties"]["kind"] = {"type": "string", "const": kind_of(each)}
    return schemas


def document() -> dict[str, Any]:
    """The OpenAPI document of the server as it ships."""
    from lucarne.app import create_app

    return create_app().openapi()


def main() -> None:
    FILE.write_text(json.dumps(document(), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
