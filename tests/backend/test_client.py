"""Python over HTTP: the client, and a checkpoint folder somebody points the server at."""

import shutil
from collections.abc import Iterator

import numpy as np
import pytest

from lucarne import Client
from lucarne.artifact import ImageGrid
from lucarne.artifact_text import TokenGrid
from lucarne.bench import Stock
from lucarne.client import Refused
from lucarne.models.weights import BUNDLED
from tests.conftest import Served, serving, settings_in
from tests.server import photograph


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("checkpoints") / "my-gpt"
    shutil.copytree(BUNDLED / "gpt", folder)
    (folder / "card.json").unlink()
    told = settings_in(tmp_path_factory.mktemp("data"), checkpoints=(folder,), test_models=True)
    with serving(told, Stock()) as served:
        yield served


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    with Client(served.url) as client:
        yield client


def test_a_picture_goes_up_and_its_maps_come_back(client: Client) -> None:
    picture = client.upload(photograph(1, (200, 160)))
    maps = client.make("activations", model="tiny_alexnet", site="conv2", picture=picture)
    assert isinstance(maps, ImageGrid)
    assert client.arrays(maps, "tiles.safetensors")["tiles"].shape == (maps.count, maps.height, maps.width)
    assert client.file(maps, "input.png").startswith(b"\x89PNG")


def test_a_refusal_says_what_is_allowed(client: Client) -> None:
    with pytest.raises(Refused, match="conv1") as refused:
        client.make("kernels", model="tiny_alexnet", site="conv0")
    assert refused.value.problem["status"] == 404


def test_a_checkpoint_folder_is_offered_and_is_the_network_it_holds(client: Client) -> None:
    names = {card["name"] for card in client.models()}
    assert {"gpt", "my-gpt"} <= names
    text = "The cat sat on the mat."
    ours, theirs = (client.make("attention", model=name, text=text) for name in ("gpt", "my-gpt"))
    assert isinstance(ours, TokenGrid) and isinstance(theirs, TokenGrid)
    assert ours.guesses == theirs.guesses and ours.id != theirs.id
    for name, array in client.arrays(ours, "heads.safetensors").items():
        np.testing.assert_array_equal(array, client.arrays(theirs, "heads.safetensors")[name])
