"""Requests made from the schema, good and bad, by schemathesis: no server error, and every answer as described."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from lucarne.bench import Stock
from lucarne.schema import document
from tests.conftest import Served, serving, settings_in
from tests.hostile.test_bodies import is_problem

CHECKS: list[Callable[..., Any]] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The real models and recipes, the tiny ones shown too.

    A recipe nobody waits for may take its time to stop: were it killed, `/readyz` would say so, and rightly.
    """
    settings = settings_in(tmp_path_factory.mktemp("data"), test_models=True, cancel_grace=120)
    with serving(settings, Stock()) as served:
        yield served


schema = schemathesis.openapi.from_dict(document()).exclude(path="/api/jobs/{id}/events")


@schema.parametrize()
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
    phases=[Phase.explicit, Phase.generate],
)
def test_no_request_is_answered_with_a_server_error(case: schemathesis.Case, served: Served) -> None:
    to_the_point(case, served)
    answer = case.call(base_url=served.url, timeout=60)
    case.validate_response(answer, checks=CHECKS)
    if answer.status_code >= 400:
        is_problem(_Plain(answer))


def to_the_point(case: schemathesis.Case, served: Served) -> None:
    """Three of four recipes that are well-formed get names that exist, so that they are really made."""
    body = case.body
    if isinstance(body, dict) and len(str(body.get("model", ""))) % 4:
        is_language = body.get("kind") in ("tokens", "attention")
        body["model"] = "tiny_gpt" if is_language else "tiny_alexnet"
        if "site" in body:
            body["site"] = ("conv1", "relu2", "features.3", "fc6", "input")[len(str(body["site"])) % 5]
        if "picture" in body:
            body["picture"] = served.client.get("/api/samples").json()["pictures"][0]["id"]


class _Plain:
    """What `is_problem` looks at, whichever client it came by."""

    def __init__(self, answer: Any) -> None:
        self.status_code: int = answer.status_code
        self.content: bytes = answer.content
        self.text: str = answer.content.decode()
        self.headers = {
            name.lower(): value[0] if isinstance(value, list) else value for name, value in answer.headers.items()
        }
