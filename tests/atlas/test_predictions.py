"""The likeliest classes come best first, with the probabilities the softmax gives them."""

import numpy as np
import pytest
import torch

from lucarne.atlas.vision.predictions import predictions
from lucarne.models import load
from lucarne.models.model import Model

PIXELS = np.random.default_rng(0).integers(256, size=(64, 64, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def model() -> Model:
    return load("tiny_alexnet", device="cpu")


def test_all_answers_are_the_softmax_of_the_logits_sorted(model: Model) -> None:
    answers = predictions(model, PIXELS, k=10)
    logits = model(PIXELS[None])[0].double()
    odds = (logits - logits.logsumexp(0)).exp()
    assert sorted(answer.index for answer in answers) == list(range(10))
    for answer in answers:
        assert answer.probability == pytest.approx(odds[answer.index].item(), abs=1e-6)
        assert answer.logit == pytest.approx(logits[answer.index].item())
        assert answer.label == model.labels[answer.index]
    probabilities = [answer.probability for answer in answers]
    assert probabilities == sorted(probabilities, reverse=True)
    assert sum(probabilities) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("k", "count"), [(1, 1), (3, 3), (10, 10), (50, 10)])
def test_as_many_answers_as_asked_for_or_as_there_are(k: int, count: int, model: Model) -> None:
    answers = predictions(model, PIXELS, k)
    assert len(answers) == count
    assert answers == predictions(model, PIXELS, 50)[:count]


def test_an_edited_network_answers_otherwise(model: Model) -> None:
    def certain(logits: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.one_hot(torch.tensor([7]), 10).float() * 100

    with model.edit({"fc8": certain}):
        first, *others = predictions(model, PIXELS)
    assert (first.index, first.label, first.probability) == (7, "class 7", 1.0)
    assert all(other.probability < 1e-6 for other in others)
