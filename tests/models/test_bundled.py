"""What ships: the files are there, small enough, say where they come from, and do what their cards say."""

import subprocess
from pathlib import Path

import pytest
import torch

from lucarne.models import describe, load
from lucarne.models.catalog import MODELS
from lucarne.models.dictionary import file_of, load_dictionary
from lucarne.models.heads import head_scores
from lucarne.models.weights import BUNDLED

SHIPPED = [name for name, entry in MODELS.items() if not entry.files and not entry.random]
DICTIONARIES = [(name, card.site) for name in SHIPPED for card in describe(name).dictionaries]
MIB = 2**20
LARGEST = {"alexnet": 20 * MIB, "gpt": 24 * MIB, "shakespeare": 6 * MIB}


@pytest.mark.parametrize("name", SHIPPED)
def test_every_network_that_ships_says_what_it_is_made_of(name: str) -> None:
    card = describe(name)
    assert card.available, card.how_to_get
    assert card.date and card.compute and card.notes and card.log and card.metrics
    assert card.data and all(source.name and source.about and source.licence for source in card.data)
    weights = BUNDLED / name / "model.safetensors"
    assert weights.stat().st_size < LARGEST[name]


def test_the_repository_stays_small() -> None:
    root = Path(__file__).parents[2]
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    files = [root / name for name in listed.stdout.decode().split("\0") if name]
    assert sum(file.stat().st_size for file in files if file.exists()) < 60 * MIB


def test_the_gpt_has_induction_heads_and_a_previous_token_head() -> None:
    model = load("gpt", device="cpu")
    found = head_scores(model.network, length=50, seeds=range(2))  # pyright: ignore[reportArgumentType]
    assert (found.induction >= 0.5).sum() >= 2
    assert (found.previous_token >= 0.6).sum() >= 1


def test_the_gpts_heads_came_to_be_in_training() -> None:
    record = describe("gpt").heads
    assert record is not None
    best = torch.tensor(record.induction).flatten(1).amax(1)  # (moment,)
    assert best[0] < 0.1 and best[-1] > 0.5
    assert record.tokens == sorted(record.tokens)


def test_alexnet_knows_its_moments() -> None:
    assert describe("alexnet").moments == pytest.approx([0, 0.01, 0.1, 0.5, 1], abs=0.005)


def test_there_is_a_dictionary_of_a_picture_and_of_a_text_network() -> None:
    assert {name for name, _ in DICTIONARIES} >= {"alexnet", "gpt"}


@pytest.mark.parametrize(("name", "site"), DICTIONARIES)
def test_every_dictionary_keeps_to_its_card(name: str, site: str) -> None:
    (card,) = (card for card in describe(name).dictionaries if card.site == site)
    dictionary = load_dictionary(name, site)
    width = dictionary.encoder.in_features
    assert card.features == dictionary.encoder.out_features >= 8 * width
    assert file_of(name, site).stat().st_size <= 8 * MIB
    assert card.dead < 0.1
    assert card.active <= 32
    values = torch.randn(50, width)
    said = dictionary.encode(values)
    assert ((said > 0).sum(-1) <= dictionary.active).all()


def test_the_gpts_dictionary_is_faithful() -> None:
    (card,) = describe("gpt").dictionaries
    assert card.explained_variance >= 0.85
    assert card.loss_recovered >= 0.9
