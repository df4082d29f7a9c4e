"""Stories over HTTP: told token by token while they are written, stopped at any of them, gone on with from any."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from lucarne import Client
from lucarne.artifact_story import FeatureShelf, SteeredStories, Story
from lucarne.bench import Stock
from lucarne.client import Refused
from lucarne.models.taps import FEATURES
from tests.conftest import Served, serving, settings_in

TEXT = "Tom saw a dog"
LONG: dict[str, Any] = {"kind": "generation", "model": "gpt", "text": TEXT, "length": 200, "temperature": 0.8}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(settings_in(tmp_path_factory.mktemp("data"), test_models=True, quick=60), Stock()) as served:
        yield served


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with Client(served.url) as client:
        yield client


def begun(served: Served, **recipe: Any) -> str:
    """The id of the job that makes it."""
    answer = served.client.post("/api/artifacts", json=recipe, headers={"prefer": "respond-async"})
    assert answer.status_code == 202, answer.text
    return answer.json()["id"]


def events(served: Served, id: str) -> Iterator[tuple[str, dict[str, Any]]]:
    with (
        httpx2.Client(base_url=served.url, timeout=60) as client,
        client.stream("GET", f"/api/jobs/{id}/events") as stream,
    ):
        name = ""
        for line in stream.iter_lines():
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                yield name, json.loads(line.removeprefix("data: "))


def looks(served: Served, id: str) -> Iterator[dict[str, Any]]:
    """What is told of a story, whenever there is more of it."""
    for name, said in events(served, id):
        if name == "preview":
            answer = served.client.get(f"/api/artifacts/{id}/{said['file']}")
            if answer.status_code == 200:
                yield answer.json()


def test_a_story_grows_before_ones_eyes(served: Served) -> None:
    id = begun(served, **LONG, seed=1)
    seen = list(looks(served, id))
    story = served.client.get(f"/api/artifacts/{id}").json()
    told = [{name: value for name, value in token.items() if name != "candidates"} for token in story["told"]]
    assert len(seen) > 3
    lengths = [len(look["told"]) for look in seen]
    assert lengths == sorted(lengths) and lengths[0] < len(told) / 2
    assert all(look["told"] == told[: len(look["told"])] for look in seen)
    assert [file["name"] for file in story["files"]] == ["next.safetensors"]


def test_a_story_that_is_stopped_leaves_nothing(served: Served) -> None:
    id = begun(served, **LONG, seed=2)
    for look in looks(served, id):
        assert look["told"]
        assert served.client.delete(f"/api/jobs/{id}").status_code == 204
        break
    assert served.client.get(f"/api/jobs/{id}").json()["state"] == "cancelled"
    assert served.client.get(f"/api/artifacts/{id}").status_code == 404


def test_a_branch_goes_on_from_any_token(client: Client) -> None:
    ways = {"model": "gpt", "text": TEXT, "temperature": 0.8, "seed": 5}
    whole = client.make("generation", length=12, **ways)
    assert isinstance(whole, Story)
    ids = [token.id for token in whole.told]
    on = client.make("generation", length=len(ids) - 4, forced=ids[:4], **ways)
    assert isinstance(on, Story)
    assert [token.id for token in on.told] == ids
    other = whole.told[4].candidates[1 if whole.told[4].rank == 0 else 0]
    branch = client.make("generation", length=6, forced=[*ids[:4], other.id], **ways)
    assert isinstance(branch, Story)
    assert [token.id for token in branch.told[:5]] == [*ids[:4], other.id]
    assert branch.told[4].probability == pytest.approx(other.probability, rel=1e-3)
    logits = client.arrays(branch, "next.safetensors")["logits"]
    assert int(logits.argmax()) == branch.following[0].id


def test_two_stories_grow_in_step(served: Served) -> None:
    site = next(
        site["name"]
        for model in served.client.get("/api/models").json()["models"]
        for site in model["sites"]
        if model["name"] == "gpt" and site["name"].endswith(FEATURES)
    )
    recipe: dict[str, Any] = {
        "kind": "steering", "model": "gpt", "site": site, "text": TEXT, "edits": [{"unit": 3, "strength": 2.0}],
        "length": 60, "seed": 1,
    }  # fmt: skip
    id = begun(served, **recipe)
    seen = list(looks(served, id))
    assert seen
    for look in seen:
        assert abs(len(look["plain"]) - len(look["pushed"])) == 0 or "<|endoftext|>" in (
            look["plain"][-1]["text"],
            look["pushed"][-1]["text"],
        )
    stories = SteeredStories.model_validate(served.client.get(f"/api/artifacts/{id}").json())
    assert stories.edits[0].maximum > 0 and len(stories.concept) == 20


def test_a_network_without_features_cannot_be_steered(client: Client) -> None:
    with pytest.raises(Refused) as refused:
        client.make("steering", model="shakespeare", site=f"blocks.3.hook_resid_pre{FEATURES}", text="ROMEO:")
    assert refused.value.problem["status"] == 404
    assert "site" in refused.value.problem["detail"]
    assert "steering" not in next(card for card in client.models() if card["name"] == "shakespeare")["recipes"]
    assert "generation" in next(card for card in client.models() if card["name"] == "shakespeare")["recipes"]


def test_the_shelf_that_ships_is_there_at_once(served: Served, client: Client) -> None:
    """Whether it is of these weights, its command has been run: python -m lucarne.atlas.language.shelf gpt."""
    card = next(card for card in client.models() if card["name"] == "gpt")
    site = next(site for site in card["sites"] if site["name"].endswith(FEATURES))
    assert "shelf" in site["ships"]
    shelf = client.make("shelf", model="gpt", site=site["name"])
    assert isinstance(shelf, FeatureShelf)
    assert len(shelf.features) == 10
    assert all(each.rate > each.plain_rate and each.concept and each.label for each in shelf.features)
