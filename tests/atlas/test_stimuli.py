"""The synthetic pictures have the properties they state, measured in the pixels."""

import colorsys
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from lucarne.atlas.vision import stimuli
from lucarne.atlas.vision.stimuli import Pixels

SIZE = 200

EVERY: dict[str, Callable[[int], Pixels]] = {
    name: drawing
    for name, drawing in vars(stimuli).items()
    if not name.startswith("_") and getattr(drawing, "__annotations__", {}).get("return") is Pixels
}


def peak(pixels: Pixels) -> tuple[float, float]:
    """Orientation of the bars in degrees, 0…180, and cycles per pixel of the strongest wave, to a tenth of a bin."""
    grey = pixels.mean(axis=-1)
    window = np.hanning(len(grey))
    windowed = (grey - grey.mean()) * np.outer(window, window)
    fine = 1024
    power = abs(np.fft.fft2(windowed, (fine, fine)))
    row, column = np.unravel_index(power.argmax(), power.shape)
    down, right = np.fft.fftfreq(fine)[[row, column]]
    across = np.degrees(np.arctan2(-down, right))  # y up
    return (across + 90) % 180, float(np.hypot(down, right))


def apart(one: float, other: float, period: float = 180) -> float:
    return abs((one - other + period / 2) % period - period / 2)


def test_there_are_seventeen() -> None:
    assert len(EVERY) == 17


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("size", [8, 63, 128])
def test_every_picture_has_its_size_and_is_always_the_same(name: str, size: int) -> None:
    drawn = EVERY[name](size)
    assert drawn.shape == (size, size, 3) and drawn.dtype == np.uint8
    assert np.array_equal(drawn, EVERY[name](size))


@pytest.mark.parametrize("draw", [stimuli.grating, stimuli.gabor, stimuli.stripes])
@pytest.mark.parametrize("orientation", [0, 30, 45, 90, 135, 170])
@pytest.mark.parametrize("frequency", [0.04, 0.1, 0.2])
def test_waves_lie_where_they_say(draw: Callable[..., Pixels], orientation: float, frequency: float) -> None:
    found, cycles = peak(draw(SIZE, orientation=orientation, frequency=frequency))
    assert apart(found, orientation) < 2
    assert cycles == pytest.approx(frequency, abs=0.003)


def test_orientation_0_is_level_and_grows_counter_clockwise() -> None:
    level = stimuli.bar(101, orientation=0, width=5)[..., 0]
    assert (level[50] == 255).all() and (level[10] == 0).all()
    rising = stimuli.bar(101, orientation=30, width=5)[..., 0]
    assert rising[50 - 23, 50 + 40] == 255 and rising[50 + 23, 50 + 40] == 0  # up to the right


@pytest.mark.parametrize("contrast", [0.1, 0.5, 1.0])
def test_contrast_and_mean_of_a_grating(contrast: float) -> None:
    drawn = stimuli.grating(SIZE, frequency=0.05, contrast=contrast).astype(float)
    assert np.ptp(drawn) == pytest.approx(255 * contrast, abs=5)  # no pixel lies on the crest itself
    assert drawn.mean() == pytest.approx(127.5, abs=0.6)
    colours = ((200, 40, 10), (20, 90, 240))
    coloured = stimuli.grating(SIZE, orientation=90, frequency=0.05, colours=colours).astype(float)
    assert coloured.mean((0, 1)) == pytest.approx(np.mean(colours, axis=0), abs=1)


def test_phase_moves_a_grating_by_its_part_of_a_cycle() -> None:
    assert stimuli.grating(101, phase=0)[50, 50, 0] == 255
    assert stimuli.grating(101, phase=180)[50, 50, 0] == 0
    assert stimuli.grating(101, phase=90)[50 - 15, 50, 0] == 255  # three quarters of a cycle above it


def test_a_gabor_fades_to_the_mean() -> None:
    drawn = stimuli.gabor(SIZE, orientation=20, spread=15).astype(int)
    assert abs(drawn[:20] - 128).max() <= 1 and np.ptp(drawn) > 220


def test_rings_are_the_same_all_around() -> None:
    drawn = stimuli.rings(SIZE, frequency=0.06)
    for turn in (1, 2, 3):
        assert np.array_equal(drawn, np.rot90(drawn, turn))
    middle = drawn[SIZE // 2, SIZE // 2 :, 0].astype(float)
    assert abs(np.fft.rfft(middle - middle.mean(), 1000)).argmax() / 1000 == pytest.approx(0.06, abs=0.004)


@pytest.mark.parametrize("arms", [8, 24])
def test_a_star_has_its_arms(arms: int) -> None:
    drawn = stimuli.star(SIZE, arms)[..., 0].astype(float)
    angles = np.arange(720) / 720 * 2 * np.pi
    ring = drawn[np.rint(99.5 - 80 * np.sin(angles)).astype(int), np.rint(99.5 + 80 * np.cos(angles)).astype(int)]
    assert abs(np.fft.rfft(ring - ring.mean())).argmax() == arms
    assert abs(drawn[99:101, 99:101] - 128).max() <= 1


@pytest.mark.parametrize("orientation", [0, 30])
def test_a_checkerboard_is_half_light_and_its_cells_have_their_side(orientation: float) -> None:
    drawn = stimuli.checkerboard(SIZE, cell=20, orientation=orientation)
    assert drawn.mean() == pytest.approx(127.5, abs=3)
    found, cycles = peak(drawn)
    assert cycles == pytest.approx(np.hypot(1 / 40, 1 / 40), abs=0.002)
    assert apart(found, orientation + 45, 90) < 2


@pytest.mark.parametrize("orientation", [0, 45, 90, 200, 315])
def test_an_edge_is_light_on_its_left(orientation: float) -> None:
    drawn = stimuli.edge(101, orientation)[..., 0]
    turn = np.radians(orientation + 90)
    right, up = round(30 * np.cos(turn)), round(30 * np.sin(turn))
    assert drawn[50 - up, 50 + right] == 255 and drawn[50 + up, 50 - right] == 0
    assert drawn.mean() == pytest.approx(127.5, abs=1)


def test_a_blurred_edge_passes_over_its_width() -> None:
    column = stimuli.edge(101, 0, blur=20)[:, 50, 0]
    assert ((column > 0) & (column < 255)).sum() == pytest.approx(20, abs=1)


def test_a_bar_has_its_area() -> None:
    for orientation in (0, 33, 90):
        drawn = stimuli.bar(SIZE, orientation, width=9, length=70)[..., 0]
        assert drawn.sum() / 255 == pytest.approx(9 * 70, rel=0.01)


@pytest.mark.parametrize("curvature", [-0.04, -0.01, 0, 0.01, 0.04])
def test_a_curve_bends_as_it_says(curvature: float) -> None:
    drawn = stimuli.curve(301, curvature, orientation=0, width=6, length=60)[..., 0].astype(float)
    assert drawn.sum() / 255 == pytest.approx(6 * 60, rel=0.02)
    columns = np.arange(145, 156)
    heights = 150 - (drawn[:, columns] * np.arange(301)[:, None]).sum(0) / drawn[:, columns].sum(0)
    bend = 2 * np.polyfit(columns - 150, heights, 2)[0]
    assert bend == pytest.approx(curvature, abs=0.002)


def test_a_curve_starts_out_along_its_orientation() -> None:
    drawn = stimuli.curve(301, 0.02, orientation=60, width=6)[..., 0]
    for step in (-8, 8):
        assert drawn[150 - round(step * np.sin(np.pi / 3)), 150 + round(step * np.cos(np.pi / 3))] > 200


@pytest.mark.parametrize("angle", [30, 90, 180, 270])
@pytest.mark.parametrize("orientation", [0, 120, 225])
def test_a_corner_is_as_wide_as_it_says_and_opens_where_it_says(angle: float, orientation: float) -> None:
    drawn = stimuli.corner(201, angle, orientation)[..., 0] / 255
    y, x = np.mgrid[100:-101:-1, -100:101]
    disc = np.hypot(x, y) < 95
    assert drawn[disc].mean() == pytest.approx(angle / 360, abs=0.01)
    mean = np.degrees(np.arctan2((drawn * y)[disc].sum(), (drawn * x)[disc].sum()))
    assert apart(mean, orientation, 360) < 2


@pytest.mark.parametrize("hue", [0, 75, 120, 210, 240, 333])
def test_a_colour_is_what_it_says(hue: float) -> None:
    drawn = stimuli.uniform(9, hue, 0.6, 0.4)
    assert (drawn == drawn[0, 0]).all()
    found, lightness, saturation = colorsys.rgb_to_hls(*(drawn[0, 0] / 255))
    assert apart(found * 360, hue, 360) < 1
    assert (lightness, saturation) == pytest.approx((0.4, 0.6), abs=0.01)


def test_the_disc_has_every_hue_at_its_angle() -> None:
    drawn = stimuli.hue_disc(SIZE)
    for hue in range(0, 360, 15):
        turn = np.radians(hue)
        y, x = 99.5 - 80 * np.sin(turn), 99.5 + 80 * np.cos(turn)
        found, lightness, saturation = colorsys.rgb_to_hls(*(drawn[round(y), round(x)] / 255))
        assert apart(found * 360, hue, 360) < 2
        assert lightness == pytest.approx(0.5, abs=0.01) and saturation == pytest.approx(80 / 94, abs=0.02)
    assert (drawn[0, 0] == 255).all()


@pytest.mark.parametrize("duty", [0.2, 0.5, 0.75])
def test_stripes_are_light_for_their_duty(duty: float) -> None:
    assert stimuli.stripes(SIZE, 90, 0.05, duty).mean() / 255 == pytest.approx(duty, abs=0.01)


def test_spots_cover_what_their_lattice_says() -> None:
    drawn = stimuli.spots(600, spacing=30, radius=8)
    assert drawn.mean() / 255 == pytest.approx(np.pi * 8**2 / (30**2 * np.sqrt(3) / 2), rel=0.02)
    assert not np.array_equal(stimuli.spots(90, jitter=0.2, seed=1), stimuli.spots(90, jitter=0.2, seed=2))


@pytest.mark.parametrize("orientation", [0, 20])
def test_a_honeycomb_repeats_in_its_three_directions(orientation: float) -> None:
    drawn = stimuli.honeycomb(301, spacing=40, wall=4, orientation=orientation)[..., 0].astype(float)
    for turn in np.radians(orientation + np.array([0, 60, 120])):
        right, up = round(40 * np.cos(turn)), round(40 * np.sin(turn))
        moved = np.roll(drawn, (-up, right), axis=(0, 1))[60:-60, 60:-60]
        assert np.corrcoef(moved.ravel(), drawn[60:-60, 60:-60].ravel())[0, 1] > 0.85


def test_bricks_lie_in_a_running_bond() -> None:
    mortar = stimuli.brick(256, width=64, height=32, mortar=4)[..., 2] > 150  # lime is grey, clay is red
    rows = mortar.mean(axis=1) > 0.9
    assert np.flatnonzero(rows[:-1] < rows[1:]).tolist() == pytest.approx(list(range(29, 256, 32)), abs=2)
    one, other = mortar[16], mortar[48]
    assert not (one & other).any() and (one & mortar[80]).any()


@pytest.mark.parametrize("orientation", [0, 60, 90])
def test_grain_of_wood_runs_along_its_orientation(orientation: float) -> None:
    grey = stimuli.wood(256, orientation=orientation).mean(axis=-1)
    down, right = np.gradient(grey)
    across = np.degrees(0.5 * np.angle(((right - 1j * down) ** 2).sum()))  # the mean direction of the gradients
    assert apart(across + 90, orientation) < 10


@pytest.mark.parametrize("exponent", [0, 1, 2, 3])
def test_power_of_noise_falls_with_its_exponent(exponent: float) -> None:
    grey = stimuli.noise(256, exponent, contrast=0.3).mean(axis=-1) / 255
    assert grey.mean() == pytest.approx(0.5, abs=0.01) and grey.std() == pytest.approx(0.15, rel=0.03)
    power = abs(np.fft.fft2(grey - grey.mean())) ** 2
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(256), np.fft.fftfreq(256)))
    bands = np.geomspace(4 / 256, 0.3, 12)
    found = [power[(low <= frequency) & (frequency < high)].mean() for low, high in pairwise(bands)]
    slope = np.polyfit(np.log(np.sqrt(bands[:-1] * bands[1:])), np.log(found), 1)[0]
    assert -slope == pytest.approx(exponent, abs=0.15)


def test_borders_are_smooth() -> None:
    for draw in (stimuli.edge, stimuli.bar, stimuli.curve, stimuli.stripes, stimuli.checkerboard):
        drawn = draw(SIZE, orientation=27)
        assert ((drawn > 20) & (drawn < 235)).mean() > 0.002, draw
