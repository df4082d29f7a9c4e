"""Upload a photograph, see the maps of all five convolutions, and see that the numbers are the network's."""

import importlib.util
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from lucarne.atlas.pictures import decode, square
from lucarne.atlas.vision.activations import maps
from lucarne.atlas.vision.predictions import predictions
from lucarne.models import load
from lucarne.models.model import Model
from tests.server import photograph

Look = Callable[..., Page]
SIZES = {"conv1": 96, "conv2": 256, "conv3": 384, "conv4": 384, "conv5": 256}


@pytest.fixture(scope="module")
def alexnet() -> Model:
    return load("alexnet")


def coffee() -> bytes:
    place = importlib.util.find_spec("skimage")
    assert place is not None and place.origin is not None
    return (Path(place.origin).parent / "data/coffee.png").read_bytes()


def upload(page: Page, name: str, content: bytes) -> None:
    page.get_by_label("A picture from this machine").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def drop(page: Page, content: bytes) -> None:
    """Drop a file on the middle of nowhere."""
    page.evaluate(
        """bytes => {
            const held = new DataTransfer()
            held.items.add(new File([new Uint8Array(bytes)], 'dropped.jpg', { type: 'image/jpeg' }))
            const told = { dataTransfer: held, bubbles: true, cancelable: true }
            for (const kind of ['dragenter', 'dragover', 'drop'])
                document.body.dispatchEvent(new DragEvent(kind, told))
        }""",
        list(content),
    )


def told(page: Page, term: str) -> str:
    """What the inspector says of a term."""
    return page.get_by_role("complementary").locator("dt", has_text=term).locator("+ dd").inner_text()


def test_a_photograph_shows_the_maps_of_all_five_convolutions(look: Look, alexnet: Model) -> None:
    page = look("alexnet/conv1")
    expect(page.get_by_role("listbox", name="96 channels of conv1")).to_be_visible(timeout=60_000)
    before = page.url
    upload(page, "coffee.png", coffee())
    page.wait_for_url(re.compile("picture=[0-9a-f]{64}"))
    assert page.url != before
    seen = square(decode(coffee()).pixels, 128)
    for site, count in SIZES.items():
        page.get_by_role("navigation", name="Sites").get_by_role("link", name=site, exact=True).click()
        grid = page.get_by_role("listbox", name=f"{count} channels of {site}")
        expect(grid).to_be_visible(timeout=30_000)
        expect(grid.get_by_role("option")).to_have_count(count)
        expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=30_000)  # the picture before may be shown yet
        largest = maps(alexnet, seen, site).amax((1, 2)).numpy()
        page.get_by_role("radio", name="Index").check()
        said = [
            float(re.search(r"max (-?[\d.e-]+)", label).group(1))  # pyright: ignore[reportOptionalMemberAccess]
            for label in grid.get_by_role("option").evaluate_all("each => each.map(e => e.ariaLabel ?? e.textContent)")
        ]
        np.testing.assert_allclose(said, largest, rtol=6e-3, atol=6e-3)  # three digits are shown


def test_predictions_are_the_networks(look: Look, alexnet: Model) -> None:
    page = look("alexnet/conv3")
    upload(page, "coffee.png", coffee())
    page.wait_for_url(re.compile("picture="))
    best = predictions(alexnet, square(decode(coffee()).pixels, 128))[0]
    first = page.get_by_role("list", name="Likeliest classes").get_by_role("listitem").first
    expect(first).to_contain_text(best.label, timeout=30_000)
    expect(first).to_contain_text(f"{100 * best.probability:.1f}")


def test_a_link_restores_the_whole_view(look: Look) -> None:
    page = look("alexnet/conv2?unit=17&sort=max&threshold=0.2&rotate=30")
    grid = page.get_by_role("listbox", name="256 channels of conv2")
    expect(grid).to_be_visible(timeout=30_000)
    page.reload()
    expect(page.get_by_role("heading", name="channel 17 of conv2", exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_role("radio", name="Max")).to_be_checked()
    expect(page.get_by_role("slider", name="Rotate")).to_have_value("30")
    expect(page.get_by_role("slider", name="Threshold")).to_have_value("0.2")


def test_turning_the_picture_changes_the_answer(look: Look) -> None:
    page = look("alexnet/conv1?unit=3")
    expect(page.get_by_role("heading", name="channel 3 of conv1", exact=True)).to_be_visible(timeout=30_000)
    before = told(page, "mean")
    page.get_by_role("slider", name="Rotate").fill("45")
    expect(page.get_by_role("complementary").locator("dt", has_text="mean").locator("+ dd")).not_to_have_text(before)


def test_a_threshold_says_how_many_channels_remain(look: Look) -> None:
    page = look("alexnet/relu5")
    expect(page.get_by_role("listbox", name="256 channels of relu5")).to_be_visible(timeout=30_000)
    page.get_by_role("slider", name="Threshold").fill("0.5")
    expect(page.get_by_text(re.compile(r"\d+ of 256"))).to_be_visible()


def test_a_cell_shows_its_receptive_field_and_value(look: Look) -> None:
    page = look("alexnet/conv5?unit=5")
    over = page.get_by_role("application", name="Map of channel 5 over the picture")
    expect(over).to_be_visible(timeout=30_000)
    over.hover()
    expect(page.get_by_role("complementary").get_by_text(re.compile("row|cell", re.I)).first).to_be_visible()


def test_what_is_no_picture_is_refused_beside_the_thing_and_the_view_stays(look: Look) -> None:
    page = look("alexnet/conv3", expect="415")
    grid = page.get_by_role("listbox", name="384 channels of conv3")
    expect(grid).to_be_visible(timeout=30_000)
    upload(page, "notes.png", b"<html>not a picture</html>")
    expect(page.get_by_role("alert")).to_contain_text("JPEG", timeout=30_000)
    expect(grid).to_be_visible()


def test_a_dropped_picture_is_taken(look: Look) -> None:
    page = look("alexnet/conv1")
    expect(page.get_by_role("listbox", name="96 channels of conv1")).to_be_visible(timeout=30_000)
    drop(page, photograph(7, (200, 150)))
    page.wait_for_url(re.compile("picture=[0-9a-f]{64}"))


def test_kernels_are_sorted_by_what_was_measured(look: Look) -> None:
    page = look("alexnet/conv1/kernels")
    grid = page.get_by_role("listbox", name="96 kernels of conv1")
    expect(grid).to_be_visible(timeout=30_000)
    page.get_by_role("radio", name="Frequency").check()
    frequencies = []
    for i in (0, 40, 95):
        grid.get_by_role("option").nth(i).click()
        frequencies.append(float(told(page, "frequency").split()[0]))
    assert frequencies == sorted(frequencies) or frequencies == sorted(frequencies, reverse=True)
    assert frequencies[0] != frequencies[-1]
