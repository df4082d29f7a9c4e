"""Pictures on disk: named by their pixels, whole or not at all, the oldest uploads making room."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from lucarne.atlas.pictures import Picture, encode_png, square, turned
from lucarne.atlas.vision import stimuli
from lucarne.models.errors import Unknown
from lucarne.pictures import Pictures


def picture(seed: int, height: int = 40, width: int = 60) -> Picture:
    return Picture.of(np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8))


@pytest.fixture
def pictures(tmp_path: Path) -> Pictures:
    return Pictures(tmp_path / "pictures")


def test_what_is_added_is_read_back(pictures: Pictures) -> None:
    one = picture(1)
    assert pictures.add(one) == one.id
    assert np.array_equal(pictures.read(one.id), one.pixels)
    assert pictures.has(one.id) and pictures.size(one.id) == (60, 40)
    assert pictures.path(one.id).read_bytes().startswith(b"\x89PNG")
    assert Pictures(pictures.root).has(one.id)


def test_adding_again_writes_nothing(pictures: Pictures) -> None:
    one = picture(1)
    file = pictures.path(pictures.add(one))
    before = file.stat().st_ino
    pictures.add(one)
    assert file.stat().st_ino == before and len(list(pictures.root.iterdir())) == 1


@pytest.mark.parametrize(
    "id", ["", "a" * 63, "a" * 65, "A" * 64, "../" + "a" * 61, "a" * 64 + "\n", "\0" * 64, "/etc/passwd", "０" * 64]
)
def test_no_string_becomes_a_path(pictures: Pictures, id: str) -> None:
    pictures.add(picture(1))
    assert not pictures.has(id)
    for ask in (pictures.read, pictures.path, pictures.size):
        with pytest.raises(Unknown):
            ask(id)


def test_unknown_pictures_are_unknown(pictures: Pictures) -> None:
    with pytest.raises(Unknown):
        pictures.read("0" * 64)


@pytest.mark.parametrize("harm", ["cut", "zeroed", "empty", "another", "no picture"])
def test_a_damaged_file_is_removed_and_can_be_added_again(pictures: Pictures, harm: str) -> None:
    one = picture(1)
    file = pictures.path(pictures.add(one))
    whole = file.read_bytes()
    file.write_bytes(
        {
            "cut": whole[:-200],
            "zeroed": bytes(len(whole)),
            "empty": b"",
            "another": encode_png(picture(2).pixels),
            "no picture": b"<html>",
        }[harm]
    )
    later = Pictures(pictures.root)
    with pytest.raises(Unknown):
        later.path(one.id)
    assert not file.exists() and not later.has(one.id)
    later.add(one)
    assert np.array_equal(later.read(one.id), one.pixels)


def test_the_oldest_uploads_make_room_and_what_is_bundled_stays(tmp_path: Path) -> None:
    size = len(encode_png(picture(0).pixels))
    pictures = Pictures(tmp_path, limit=size * 10)
    bundled = [pictures.add(picture(seed), bundled=True) for seed in range(100, 120)]
    for seed in range(25):
        id = pictures.add(picture(seed))
        os.utime(pictures.path(id), (seed, seed))
        assert pictures.has(id)
    kept = [seed for seed in range(25) if pictures.has(picture(seed).id)]
    assert kept == list(range(25 - len(kept), 25)) and 8 <= len(kept) <= 10
    assert all(pictures.has(id) for id in bundled)


def test_an_upload_that_is_bundled_later_stays(tmp_path: Path) -> None:
    pictures = Pictures(tmp_path, limit=1)
    one = pictures.add(picture(1))
    pictures.add(picture(1), bundled=True)
    for seed in range(2, 6):
        pictures.add(picture(seed))
    assert pictures.has(one) and np.array_equal(pictures.read(one), picture(1).pixels)


def test_a_write_that_fails_leaves_nothing(pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        pictures.add(picture(1))
    assert list(pictures.root.iterdir()) == []
    monkeypatch.undo()
    assert pictures.has(pictures.add(picture(1)))


def test_many_threads_and_processes_may_add_at_once(pictures: Pictures) -> None:
    others = [Pictures(pictures.root) for _ in range(3)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda turn: others[turn % 3].add(picture(turn % 5)), range(60)))
    assert sorted(file.stem for file in pictures.root.iterdir()) == sorted(picture(seed).id for seed in range(5))


def test_half_written_files_are_swept_up_when_nobody_writes_them_any_more(tmp_path: Path) -> None:
    old, young = tmp_path / ".old.half", tmp_path / ".young.half"
    old.write_bytes(b"x")
    young.write_bytes(b"x")
    os.utime(old, (0, 0))
    Pictures(tmp_path).add(picture(1))
    assert not old.exists() and young.exists()


def test_neither_torch_nor_the_sample_packages_are_imported() -> None:
    script = "import sys, lucarne.pictures; print([n for n in ('torch', 'skimage', 'sklearn') if n in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert ran.stdout.strip() == "[]", ran.stderr


# ── square and turned ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("shape", [(300, 200), (200, 300), (97, 64), (40, 30)])
def test_a_square_is_the_middle(shape: tuple[int, int]) -> None:
    height, width = shape
    side = min(shape)
    pixels = np.full((height, width, 3), 255, np.uint8)
    top, left = (height - side) // 2, (width - side) // 2
    pixels[top : top + side, left : left + side] = (10, 60, 110)
    cut = square(pixels, 64)
    assert cut.shape == (64, 64, 3) and (cut == (10, 60, 110)).all()


def test_a_square_of_its_own_size_is_unchanged() -> None:
    pixels = picture(1, 64, 64).pixels
    assert np.array_equal(square(pixels, 64), pixels)


def test_what_is_finer_than_a_small_square_can_show_becomes_grey() -> None:
    fine = stimuli.checkerboard(512, cell=1)
    assert abs(square(fine, 100).astype(int) - 127).max() <= 2


@pytest.mark.parametrize("quarters", range(-4, 5))
def test_quarter_turns_are_exact_and_counter_clockwise(quarters: int) -> None:
    pixels = picture(1, 50, 50).pixels
    assert np.array_equal(turned(pixels, 90 * quarters), np.rot90(pixels, quarters))


@pytest.mark.parametrize("degrees", [-170, -33, 12.5, 30, 45, 88, 135])
@pytest.mark.parametrize("frequency", [0.05, 0.2])
def test_a_turned_grating_is_the_grating_of_that_orientation(degrees: float, frequency: float) -> None:
    size = 201
    found = turned(stimuli.grating(size, 20, frequency, contrast=0.8), degrees).astype(float)
    expected = stimuli.grating(size, 20 + degrees, frequency, contrast=0.8).astype(float)
    y, x = np.mgrid[-100:101, -100:101]
    disc = np.hypot(x, y) < 98
    assert abs(found - expected)[disc].mean() < 0.5
    assert found[disc].std() == pytest.approx(expected[disc].std(), rel=0.005)


@pytest.mark.parametrize("shape", [(64, 200), (200, 64), (8, 8), (1, 300)])
@pytest.mark.parametrize("degrees", [1.0, 45.0, 90.0, -100.0])
def test_every_shape_can_be_turned(shape: tuple[int, int], degrees: float) -> None:
    plain = np.full((*shape, 3), 77, np.uint8)
    assert np.array_equal(turned(plain, degrees), plain)


@pytest.mark.parametrize("degrees", [15, 30, 45])
def test_what_fills_the_corners_has_no_edge_of_its_own(degrees: float) -> None:
    """Against the mean colour, by the strongest step between neighbours outside the disc that every turn keeps."""
    pixels = stimuli.grating(200, orientation=90, frequency=0.03)
    y, x = np.mgrid[-99.5:100.5, -99.5:100.5]
    outside = np.hypot(x, y)[1:, 1:] > 100

    def steps(drawn: np.ndarray) -> float:
        grey = drawn[..., 0].astype(float)
        return np.hypot(np.diff(grey, axis=0)[:, 1:], np.diff(grey, axis=1)[1:])[outside].max()

    mirrored = turned(pixels, degrees)
    turn = np.radians(degrees)
    inside = np.maximum(abs(x * np.cos(turn) - y * np.sin(turn)), abs(x * np.sin(turn) + y * np.cos(turn))) < 100
    filled = np.where(inside[..., None], mirrored, 128)
    assert steps(mirrored) < steps(filled) / 2
