"""The routes: what is answered, how long it may be kept, and what the schema says of it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from lucarne.artifacts import AnyArtifact
from lucarne.errors import Problem
from lucarne.recipes import RECIPES
from lucarne.schema import document
from tests.conftest import Served


def test_models_say_which_recipes_suit(toys: Served) -> None:
    models = {model["name"]: model for model in toys.client.get("/api/models").json()["models"]}
    assert list(models) == ["abacus", "parrot", "far-away"]
    assert models["abacus"]["recipes"] == ["count", "count_long", "look", "misbehave"]
    assert models["parrot"]["recipes"] == ["say"]
    assert [site["recipes"] for site in models["abacus"]["sites"]] == [["look"], []]


def test_samples_are_there_to_begin_with(toys: Served) -> None:
    samples = toys.client.get("/api/samples").json()
    assert samples["sentences"]
    for sample in samples["pictures"]:
        assert sample["credit"]
        picture = toys.client.get(f"/api/pictures/{sample['id']}")
        assert picture.headers["content-type"] == "image/png"
    assert len({sample["id"] for sample in samples["pictures"]}) == len(samples["pictures"])


def test_a_picture_comes_back_and_may_be_kept_forever(toys: Served) -> None:
    sample = toys.client.get("/api/samples").json()["pictures"][0]
    png = toys.client.get(f"/api/pictures/{sample['id']}").content
    added = toys.client.post("/api/pictures", files={"file": ("cat.png", png)})
    assert added.status_code == 201
    assert added.json() == {"id": sample["id"], "width": sample["width"], "height": sample["height"]}
    again = toys.client.get(f"/api/pictures/{sample['id']}")
    assert "immutable" in again.headers["cache-control"]
    kept = toys.client.get(f"/api/pictures/{sample['id']}", headers={"if-none-match": again.headers["etag"]})
    assert (kept.status_code, kept.content) == (304, b"")


@pytest.fixture(scope="module")
def look(toys: Served) -> dict[str, Any]:
    return toys.make(kind="look", model="abacus", site="conv1", size=2_000_000).json()


def test_an_artifact_never_changes(toys: Served, look: dict[str, Any]) -> None:
    answer = toys.client.get(f"/api/artifacts/{look['id']}")
    assert answer.json() == look
    assert TypeAdapter[Any](AnyArtifact).validate_json(answer.content)
    assert "immutable" in answer.headers["cache-control"]
    kept = toys.client.get(
        f"/api/artifacts/{look['id']}", headers={"if-none-match": f'W/{answer.headers["etag"]}, "x"'}
    )
    assert kept.status_code == 304


def test_files_come_whole_or_in_parts(toys: Served, look: dict[str, Any]) -> None:
    address = f"/api/artifacts/{look['id']}/tiles.safetensors"
    whole = toys.client.get(address)
    assert len(whole.content) == 2_000_000
    assert whole.headers["accept-ranges"] == "bytes"
    part = toys.client.get(address, headers={"range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, b"7" * 10)
    assert part.headers["content-range"] == "bytes 10-19/2000000"
    assert toys.client.get(address, headers={"if-none-match": whole.headers["etag"]}).status_code == 304
    for wrong in ("bytes=3000000-", "bytes=9-3", "apples=1-2", "bytes=x-y"):
        refused = toys.client.get(address, headers={"range": wrong})
        assert refused.status_code in (200, 400, 416)
        if refused.status_code >= 400:
            assert Problem.model_validate_json(refused.content).status == refused.status_code


@pytest.mark.parametrize(
    ("recipe", "status", "pointer", "candidates"),
    [
        ({"kind": "look", "model": "abakus", "site": "conv1"}, 404, "/model", ["abacus"]),
        ({"kind": "look", "model": "abacus", "site": "conv2"}, 404, "/site", ["conv1"]),
        ({"kind": "looks", "model": "abacus", "site": "conv1"}, 404, "/kind", ["look"]),
        ({"kind": "look", "model": "abacus", "site": "fc1"}, 422, "/site", None),
        ({"kind": "look", "model": "parrot", "site": "conv1"}, 422, "/kind", None),
        ({"kind": "look", "model": "far-away", "site": "conv1"}, 409, "/model", None),
        ({"kind": "look", "model": "abacus", "site": "conv1", "size": -1}, 422, "/size", None),
        ({"kind": "look", "model": "abacus", "site": "conv1", "size": 10**9}, 422, "/size", None),
        ({"kind": "look", "model": "abacus"}, 422, "/site", None),
        ({"model": "abacus"}, 422, "/kind", None),
    ],
)
def test_what_does_not_fit_is_named(
    toys: Served, recipe: dict[str, Any], status: int, pointer: str, candidates: list[str] | None
) -> None:
    answer = toys.make(**recipe)
    problem = Problem.model_validate_json(answer.content)
    assert (answer.status_code, problem.status) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem.errors[0].pointer == pointer
    if candidates is not None:
        assert problem.candidates[0] == candidates[0]
    if status == 409:
        assert "lucarne models pull" in problem.detail


def test_a_limit_is_told(toys: Served) -> None:
    answer = toys.make(kind="say", model="parrot", text="x" * 20_000)
    assert (answer.status_code, answer.json()["limit"]) == (422, 16_384)


@pytest.mark.parametrize(
    "address", ["/api", "/api/", "/api/nothing", "/nothing", "/docs", "/api/artifacts/", "/.git/config"]
)
def test_what_is_not_there_is_a_problem_and_no_page(toys: Served, address: str) -> None:
    answer = toys.client.get(address)
    assert answer.status_code in (404, 405)
    assert answer.headers["content-type"] == "application/problem+json"


def test_other_methods_are_told_which_there_are(toys: Served) -> None:
    answer = toys.client.put("/api/models")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")


def test_the_page_is_served_beside_the_interface(serve: Callable[..., Any], tmp_path: Path) -> None:
    page = tmp_path / "page"
    (page / "assets").mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html><title>Lucarne</title>")
    (page / "assets/index-abc.js").write_text("1")
    (tmp_path / "secret.txt").write_text("secret")
    with serve(page=page) as served:
        front = served.client.get("/")
        assert front.status_code == 200
        assert front.headers["cache-control"] == "no-cache"
        assert "script-src 'self'" in front.headers["content-security-policy"]
        assert "immutable" in served.client.get("/assets/index-abc.js").headers["cache-control"]
        for address in ("/api/nothing", "/nothing", "/..%2fsecret.txt", "/assets/..%2f..%2fsecret.txt"):
            answer = served.client.get(address)
            assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
        assert served.client.post("/api/nothing").status_code == 404


def test_health_is_what_it_says(serve: Callable[..., Any]) -> None:
    with serve(disk_reserve=1 << 60) as served:
        assert served.client.get("/livez").json() == {"status": "ok"}
        served.finished()
        answer = served.client.get("/readyz")
        assert (answer.status_code, answer.json()["detail"]) == (503, "The disk is nearly full.")


def test_damaged_weights_are_not_ready(serve: Callable[..., Any]) -> None:
    from tests.backend.toys import BROKEN
    from tests.conftest import wait_for

    with serve(stock=BROKEN) as served:
        said = wait_for(
            lambda: (answer := served.client.get("/readyz").json())["detail"] != "The bench is waking up." and answer
        )
        assert said["status"] == 503
        assert "damaged" in said["detail"]
        assert served.client.get("/livez").status_code == 200
        id = served.count().json().get("id")
        error = served.until(id, "failed")["error"] if id else served.count().json()
        assert error["type"] == "urn:lucarne:problem:weights-damaged"


def test_the_schema_names_every_recipe_and_shape() -> None:
    schemas = document()["components"]["schemas"]
    for each in RECIPES:
        assert each.__name__ in schemas
    assert {"Recipe", "Artifact", "ModelCard", "Job", "JobEvents", "Preview", "Problem", "Samples"} <= set(schemas)
    assert schemas["Recipe"]["discriminator"]["propertyName"] == "kind"
    assert schemas["Artifact"]["discriminator"]["propertyName"] == "shape"
    assert json.dumps(document()) == json.dumps(document())
    refers = set(json.dumps(document()).split('"#/components/schemas/')[1:])
    assert {each.split('"')[0] for each in refers} <= set(schemas)


def test_openapi_json_is_committed_as_it_is() -> None:
    """The server answers what is committed, so what was generated from it fits."""
    from lucarne.schema import FILE

    assert json.loads(FILE.read_text(encoding="utf-8")) == document(), "Run: python -m lucarne.schema (make schema)"
