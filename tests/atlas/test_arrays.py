"""What is written is read back to the bit, by anybody's safetensors."""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from lucarne.atlas import arrays


@pytest.fixture(params=["uint8", "float32", "float64", "int64", "float16", "bool"])
def given(request: pytest.FixtureRequest) -> dict[str, np.ndarray]:
    random, dtype = np.random.default_rng(0), request.param
    return {
        "flat": random.integers(2, size=7).astype(dtype),
        "turned": random.integers(2, size=(3, 4, 5)).astype(dtype).transpose(2, 0, 1),
        "every_other": random.integers(2, size=(6, 6)).astype(dtype)[::2, ::-1],
        "nothing": np.empty((0, 3), dtype),
        "one": np.array(1, dtype),
    }


def test_every_array_comes_back_as_it_was(given: dict[str, np.ndarray], tmp_path: Path) -> None:
    arrays.write(tmp_path / "arrays.safetensors", **given)
    back = load_file(tmp_path / "arrays.safetensors")
    assert set(back) == set(given)
    for name, array in given.items():
        assert back[name].dtype == array.dtype
        assert back[name].tobytes() == array.tobytes(), name
        assert back[name].shape == array.shape, name


def test_bytes_taken_apart_come_together_again(given: dict[str, np.ndarray], tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "arrays.npz", allow_pickle=False, **arrays.apart(**given))
    with np.load(tmp_path / "arrays.npz", allow_pickle=False) as kept:
        for name, array in given.items():
            back = arrays.together(kept, name)
            assert (back.dtype, back.shape) == (array.dtype, array.shape), name
            assert back.tobytes() == array.tobytes(), name


def test_numbers_that_are_none_survive(tmp_path: Path) -> None:
    arrays.write(tmp_path / "a.safetensors", a=np.array([np.nan, np.inf, -np.inf, -0.0], np.float32))
    back = load_file(tmp_path / "a.safetensors")["a"]
    assert back.tobytes() == np.array([np.nan, np.inf, -np.inf, -0.0], np.float32).tobytes()
