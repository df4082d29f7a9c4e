"""Data sets and weights are fetched over HTTP: taken up again, checked, stopped, and of use afterwards."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lucarne.atlas.galleries.catalog import DATASETS
from lucarne.client import Client, Refused
from lucarne.models import fetching
from lucarne.models.catalog import MODELS, Entry
from tests.atlas.test_galleries import tiny_imagenet
from tests.conftest import Served, serving, settings_in, wait_for
from tests.models.shop import Shop

NAME = "tiny-imagenet"
Sold = Callable[..., Shop]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with serving(settings_in(tmp_path / "data")) as served:
        yield served


@pytest.fixture
def sold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sold]:
    """A shop that has the data set, and sells it well or badly."""
    shop = Shop(tiny_imagenet(tmp_path / "made.zip"), cut=2 * 2**20)

    def at(way: str) -> Shop:
        monkeypatch.setitem(DATASETS, NAME, replace(DATASETS[NAME], remote=shop.remote(way)))
        return shop

    with closing(shop):
        yield at


def told(served: Served, name: str = NAME) -> dict[str, Any]:
    return served.client.get(f"/api/datasets/{name}").json()


def test_what_can_be_fetched_says_what_it_is(served: Served) -> None:
    all_of_them = served.client.get("/api/datasets").json()["all"]
    assert [each["name"] for each in all_of_them] == list(DATASETS)
    for each in all_of_them:
        assert (each["state"], each["gallery"], each["error"]) == ("away", None, None)
        assert each["size"] == DATASETS[each["name"]].remote.size
        assert each["licence"] and each["about"]


def test_cut_off_it_goes_on_and_becomes_a_gallery(served: Served, sold: Sold) -> None:
    shop, heard = sold("cut"), []
    with Client(served.url) as client:
        with pytest.raises(Refused, match="could not be fetched"):
            client.fetch(NAME)
        assert told(served)["state"] == "failed"
        gallery = client.fetch(NAME, told=heard.append)
        assert int(str(shop.asked[-1].range)[6:-1]) >= 2**20, "from the last whole block on"
        assert client.fetch(NAME) == gallery, "what is here is not fetched again"
        assert {each["name"]: each["state"] for each in client.datasets()} == {NAME: "here", "imagenette": "away"}
    assert gallery.startswith(f"{NAME}-")
    page = served.client.get(f"/api/galleries/{gallery}").json()
    assert [each["label"] for each in page["pictures"]] == ["goldfish", "European fire salamander"]
    cards = {each["name"]: each for each in served.client.get("/api/galleries").json()["galleries"]}
    assert cards[gallery]["title"] == "Tiny ImageNet" and cards[gallery]["licence"] == DATASETS[NAME].licence
    assert heard and heard[-1]["gallery"] == gallery


def test_another_file_is_refused_and_leaves_nothing(served: Served, sold: Sold) -> None:
    sold("wrong")
    served.client.post(f"/api/datasets/{NAME}").raise_for_status()
    wait_for(lambda: told(served)["state"] != "running")
    assert told(served)["state"] == "failed"
    assert "damaged" in told(served)["error"]["detail"]
    assert served.client.get("/api/galleries").json()["galleries"][1:] == []
    assert not list((served.settings.data / "downloads").iterdir())


def test_one_at_a_time_and_it_can_be_stopped(served: Served, sold: Sold, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "BLOCK", 16)
    sold("slow")
    begun = served.client.post(f"/api/datasets/{NAME}")
    assert (begun.status_code, begun.json()["state"]) == (202, "running")
    assert served.client.post(f"/api/datasets/{NAME}").json()["state"] == "running", "the same, not another"
    other = served.client.post("/api/datasets/imagenette")
    assert (other.status_code, other.headers["retry-after"]) == (429, "10")
    wait_for(lambda: told(served)["done"] > 0)
    assert told(served)["note"].startswith("Fetching Tiny ImageNet")
    assert served.client.delete(f"/api/datasets/{NAME}").status_code == 204
    assert (told(served)["state"], told(served)["error"]) == ("away", None)
    assert served.client.delete(f"/api/datasets/{NAME}").status_code == 404


def test_unknown_ones_and_full_disks_are_named(served: Served, tmp_path: Path) -> None:
    for ask in (served.client.get, served.client.post, served.client.delete):
        answer = ask("/api/datasets/imagenett")
        assert answer.status_code == 404
        assert "imagenette" in answer.json()["candidates"]
    with serving(settings_in(tmp_path / "full", disk_reserve=2**60)) as full:
        answer = full.client.post(f"/api/datasets/{NAME}")
        assert answer.status_code == 507
        assert "Tiny ImageNet" in answer.json()["detail"]


def test_weights_that_have_come_make_a_network_usable(
    tmp_path: Path, sold: Sold, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The toys' `far-away` is there once its file lies in the folder of weights."""
    remote = sold("cut").remote("cut")
    entry = Entry("vision", "alexnet", "Far away", "A toy.", "tests", "MIT", files=(remote,))
    monkeypatch.setitem(MODELS, "far-away", entry)
    look = {"site": "conv1", "size": 3}
    with serving(settings_in(tmp_path / "data", weights=tmp_path / "weights")) as served, Client(served.url) as client:
        names = {each["name"]: each for each in served.client.get("/api/weights").json()["all"]}
        assert {"gpt2", "alexnet-bvlc", "far-away"} <= set(names) and "gpt" not in names, "what ships is not fetched"
        assert names["gpt2"]["size"] == sum(each.size for each in MODELS["gpt2"].files)
        with pytest.raises(Refused, match="models pull far-away"):
            client.make("look", model="far-away", **look)
        with pytest.raises(Refused, match="could not be fetched"):
            client.pull("far-away")
        client.pull("far-away")
        assert client.make("look", model="far-away", **look).model == "far-away"
    with (
        serving(settings_in(tmp_path / "other", weights=tmp_path / "elsewhere")) as served,
        Client(served.url) as client,
    ):
        assert not next(each["available"] for each in client.models() if each["name"] == "far-away")
        (tmp_path / "weights").rename(tmp_path / "elsewhere")
        client.pull("far-away")
        assert client.make("look", model="far-away", **look).model == "far-away", "they had come by another way"
        assert served.client.post("/api/weights/gpt").status_code == 404
        assert served.client.get("/api/weights/far-away").json()["state"] == "here"
