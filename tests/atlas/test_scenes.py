"""Scenes drawn from seeds: always the same ones, each with something to see, and no two alike."""

import hashlib
import os
import subprocess
import sys

import numpy as np
import pytest

from lucarne.atlas.scenes.catalog import KINDS, draw
from lucarne.models.errors import Unknown

SOME = list(KINDS)[::12]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_draws_something_to_see(kind: str) -> None:
    pixels = draw(kind, 0)
    assert pixels.shape == (128, 128, 3) and pixels.dtype == np.uint8
    assert pixels.std() > 6, "not one plain colour"


@pytest.mark.parametrize("kind", SOME)
def test_equal_seeds_draw_equal_pictures_and_others_others(kind: str) -> None:
    first = draw(kind, 5)
    assert np.array_equal(first, draw(kind, 5))
    assert not np.array_equal(first, draw(kind, 6))


def test_pictures_do_not_depend_on_the_process_that_draws_them() -> None:
    code = f"""
import hashlib
from lucarne.atlas.scenes.catalog import draw
print(hashlib.sha256(b"".join(draw(kind, 3).tobytes() for kind in {SOME})).hexdigest())
"""
    here = hashlib.sha256(b"".join(draw(kind, 3).tobytes() for kind in SOME)).hexdigest()
    other = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert other.stdout.strip() == here


def test_an_unknown_kind_is_answered_with_the_nearest() -> None:
    with pytest.raises(Unknown, match="sunflower"):
        draw("sunflowr", 0)


def test_there_are_enough_kinds_and_pictures() -> None:
    assert len(KINDS) >= 60
    assert 1200 <= sum(kind.count for kind in KINDS.values()) <= 2000
