"""The models every test over the registry runs on: those with random weights, which need no file."""

import numpy as np
import pytest

from lucarne.models import load
from lucarne.models.catalog import MODELS
from lucarne.models.model import Model

from ..calm import one_thread

__all__ = ["one_thread"]

TINY = [name for name, entry in MODELS.items() if entry.random]


@pytest.fixture(params=TINY)
def model(request: pytest.FixtureRequest) -> Model:
    return load(request.param, device="cpu")


@pytest.fixture
def inputs(model: Model) -> np.ndarray:
    """Two examples of what the model takes: pictures, or 11 tokens each."""
    random = np.random.default_rng(0)
    if model.kind == "vision":
        size = model.card.plan["input_size"]
        return random.integers(256, size=(2, size, size, 3), dtype=np.uint8)
    return random.integers(model.card.plan["vocabulary"], size=(2, 11))
