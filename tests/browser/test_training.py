"""How a network came to be: its kernels and its heads at moments of the training, and all that its card says."""

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, Page, expect

from lucarne.app import PAGE
from lucarne.atlas.vision.kernels import measure, tiles
from lucarne.bench import Stock
from tests.browser import barriers, recorded
from tests.conftest import serving, settings_in

Look = Callable[..., Page]
TRAINING = ["before training", "after 1 %", "after 10 %", "after 50 %", "finished"]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server whose bundled networks have records of their training."""
    folder = tmp_path_factory.mktemp("bundled")
    recorded.fill(folder)
    stock = Stock(networks="tests.browser.recorded:Recorded")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(recorded.FOLDER, str(folder))
        with serving(settings_in(tmp_path_factory.mktemp("data"), quick=30), stock, PAGE) as served:
            yield served.url


@pytest.fixture(scope="module")
def kernels() -> torch.Tensor:
    """At each moment, float32 (moments, 96, 3, 11, 11)."""
    return recorded.kept().float()


def grid(page: Page) -> Locator:
    return page.get_by_role("listbox", name="96 kernels of conv1")


def order(page: Page) -> list[int]:
    """The kernels in the order of their cells."""
    places = grid(page).get_by_role("option").evaluate_all("all => all.map(e => [+e.ariaPosInSet, +e.dataset.tile])")
    return [tile for _, tile in sorted(places)]


def pixel(page: Page, name: str) -> list[int]:
    """Red, green, blue of the first pixel of a tile."""
    canvas = page.get_by_role("img", name=name, exact=True)
    return canvas.evaluate(
        """canvas => {
            const read = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
            read.drawImage(canvas, 0, 0)
            return [...read.getImageData(0, 0, 1, 1).data].slice(0, 3)
        }"""
    )


def told(page: Page, term: str) -> str:
    return page.get_by_role("complementary").locator("dt", has_text=term).locator("+ dd").inner_text()


def test_kernels_take_shape_in_their_cells(look: Look, kernels: torch.Tensor) -> None:
    page = look("alexnet/conv1/kernels?sort=frequency&unit=12")
    expect(grid(page)).to_be_visible(timeout=60_000)
    finished = order(page)
    frequencies = measure(kernels[-1]).frequency[finished]
    assert (np.diff(frequencies) >= 0).all() and frequencies[0] < frequencies[-1]
    for moment, word in enumerate(TRAINING[:-1]):
        page.get_by_role("radio", name=word, exact=True).check()
        full = "before its training" if moment == 0 else f"{word} of its training"
        expect(page.get_by_role("heading", level=1)).to_have_text(f"Kernel 12 of conv1 {full}")
        expect(page.get_by_text(f"in AlexNet, Lucarne's own, {full}: middle grey")).to_be_visible()
        assert order(page) == finished, "every kernel keeps its cell"
        assert pixel(page, "Kernel 12 of conv1, large") == tiles(kernels[moment])[12, 0, 0].tolist()
        assert float(told(page, "norm")) == pytest.approx(float(measure(kernels[moment]).norm[12]), rel=6e-3)


def test_a_kernels_inspector_shows_all_its_moments_and_leads_to_them(look: Look) -> None:
    page = look("alexnet/conv1/kernels?unit=40")
    strip = page.get_by_role("list", name="Kernel 40 while it was learned").get_by_role("button")
    expect(strip).to_have_count(5, timeout=60_000)
    expect(page.get_by_role("button", name="Kernel 40 finished")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Kernel 40 after 10 %").click()
    expect(page.get_by_role("radio", name="after 10 %")).to_be_checked()
    page.wait_for_url(re.compile(r"trained=0\.1(&|$)"))


def test_the_training_plays_to_its_end(look: Look) -> None:
    page = look("alexnet/conv1/kernels?trained=0")
    page.evaluate(
        """() => {
            window.seen = []
            const note = () => seen.push(document.querySelector('h1')?.innerText)
            const all = { subtree: true, childList: true, characterData: true }
            new MutationObserver(note).observe(document.querySelector('main'), all)
        }"""
    )
    page.get_by_role("button", name="Play: the training").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What conv1 looks for in a picture", timeout=30_000)
    expect(page.get_by_role("button", name="Play: the training")).to_be_visible()
    between = [f"The kernels of conv1 {word} of its training" for word in TRAINING[1:4]]
    assert [said for said in dict.fromkeys(page.evaluate("seen")) if said in between] == between
    page.wait_for_url(re.compile(r"kernels$"))


def test_where_motion_is_not_wanted_a_click_is_a_moment(look: Look, page: Page) -> None:
    page.emulate_media(reduced_motion="reduce")
    look("alexnet/conv1/kernels?trained=0")
    page.get_by_role("button", name="Next: the training").click()
    expect(page.get_by_role("radio", name="after 1 %")).to_be_checked()
    page.wait_for_timeout(1500)
    expect(page.get_by_role("radio", name="after 1 %")).to_be_checked()


def test_a_link_restores_the_moment(look: Look) -> None:
    page = look("alexnet/conv1/kernels?trained=0.5&sort=orientation&unit=7")
    expect(page.get_by_role("heading", level=1)).to_have_text("Kernel 7 of conv1 after 50 % of its training")
    expect(page.get_by_role("radio", name="after 50 %")).to_be_checked()
    expect(grid(page)).to_be_visible(timeout=60_000)


def test_a_moment_that_was_not_kept_says_which_were(look: Look) -> None:
    page = look("alexnet/conv1/kernels?trained=0.3", expect="422")
    expect(page.get_by_role("alert")).to_contain_text("0, 0.01, 0.1, 0.5, 1", timeout=60_000)
    page.get_by_role("radio", name="finished").check()
    expect(grid(page)).to_be_visible(timeout=30_000)


def cell(page: Page, score: str, layer: int, head: int) -> Locator:
    group = page.get_by_role("group", name=re.compile(f"^{score} score of every head"))
    return group.get_by_role("link", name=re.compile(f"^Layer {layer}, head {head}:"))


def test_heads_take_shape_over_the_tokens_read(look: Look) -> None:
    page = look("gpt/card")
    slider = page.get_by_role("slider", name="Tokens read")
    expect(slider).to_have_attribute("aria-valuetext", "20 million", timeout=60_000)
    previous, induction = recorded.scores()
    for moment, said in enumerate(["none yet", "1 million", "4 million", "20 million"]):
        slider.fill(str(moment))
        expect(slider).to_have_attribute("aria-valuetext", said)
        for layer, head in ((1, 2), (3, 1), (5, 5)):
            told = f"previous token {previous[moment, layer, head]:.2f}, induction {induction[moment, layer, head]:.2f}"
            for score in ("Previous-token", "Induction"):
                expect(cell(page, score, layer, head)).to_have_attribute(
                    "aria-label", f"Layer {layer}, head {head}: {told}"
                )
    bright = cell(page, "Induction", 3, 1).evaluate("e => getComputedStyle(e).backgroundColor")
    dark = cell(page, "Induction", 5, 5).evaluate("e => getComputedStyle(e).backgroundColor")
    assert sum(map(int, re.findall(r"\d+", bright))) > 3 * sum(map(int, re.findall(r"\d+", dark)))


def test_a_cell_reads_its_scores_and_leads_to_its_head(look: Look) -> None:
    page = look("gpt/card?moment=2")
    link = cell(page, "Induction", 3, 1)
    link.hover(timeout=60_000)
    expect(page.get_by_text("Layer 3, head 1: previous token 0.03, induction 0.75", exact=True)).to_be_visible()
    link.click()
    expect(page.get_by_role("heading", name="Head 1 of layer 3", exact=True)).to_be_visible(timeout=30_000)


def test_a_click_on_the_curve_chooses_the_moment(look: Look) -> None:
    page = look("gpt/card")
    chart = page.get_by_role("img", name=re.compile("^Best scores over the training: induction from 0.01 to 0.75"))
    chart.click(position={"x": 36, "y": 100}, timeout=60_000)
    expect(page.get_by_role("slider", name="Tokens read")).to_have_value("0")
    page.wait_for_url(re.compile("moment=0$"))


def headings(page: Page) -> list[str]:
    page.get_by_role("heading", name="Sites").wait_for(timeout=60_000)
    return page.get_by_role("heading", level=2).all_inner_texts()


def test_a_full_card_tells_all_it_knows(look: Look) -> None:
    page = look("alexnet/card")
    assert headings(page) == [
        "How its kernels took shape", "What it knows least", "Limits and notes", "What it was trained on",
        "Its plan in numbers", "Sites",
    ]  # fmt: skip
    text = page.locator("main").inner_text().replace("\u00a0", " ")
    for said in ("an hour on one machine, finished on 21 November 2026", "conv5 2.5 %", "Small pictures.", "CC0"):
        assert said in text
    page.get_by_role("link", name="after 10 %").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The kernels of conv1 after 10 % of its training")
    look("gpt/card")
    assert headings(page) == [
        "How its heads took shape", "In its own words", "Its dictionaries", "Its plan in numbers", "Sites",
    ]  # fmt: skip
    table = page.get_by_role("region", name="Dictionaries")
    expect(table.get_by_role("row", name=re.compile("Explained variance"))).to_contain_text("91 %")
    expect(page.get_by_role("main").get_by_text("1 of 36")).to_be_visible()


@pytest.mark.parametrize("name", ["shakespeare", "alexnet-imagenet"])
def test_what_a_card_does_not_say_has_no_heading(name: str, look: Look) -> None:
    page = look(f"{name}/card")
    found = set(headings(page)) - {"Limits and notes"}  # the catalog has notes of its own
    assert found == {"Its plan in numbers", "Sites"}
    assert not {"Trained", "Dead channels"} & set(page.locator("dt").all_inner_texts())


def test_a_network_of_65_characters_is_offered_what_it_can_read(look: Look) -> None:
    page = look("shakespeare/attention")
    chips = page.get_by_role("listbox", name="Tokens of the text").get_by_role("option")
    box = page.get_by_role("textbox", name="Text")
    expect(chips.first).to_be_visible(timeout=60_000)
    offers = page.get_by_role("list", name="Sample texts").get_by_role("button")
    assert offers.count() >= 5
    for i in range(offers.count()):
        offers.nth(i).click()
        expect(offers.nth(i)).to_have_attribute("aria-pressed", "true")
        expect(chips).to_have_count(len(box.input_value()), timeout=30_000)  # and no token to begin with
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_character_it_does_not_know_is_named_beside_the_text(look: Look) -> None:
    page = look("shakespeare/attention", expect="422")
    chips = page.get_by_role("listbox", name="Tokens of the text").get_by_role("option")
    expect(chips.first).to_be_visible(timeout=60_000)
    before = chips.count()
    box = page.get_by_role("textbox", name="Text")
    box.fill("Thou art naïve, 4 sure")
    expect(page.get_by_role("alert")).to_contain_text("ï 4", timeout=30_000)
    expect(box).to_have_value("Thou art naïve, 4 sure")
    expect(box).to_have_attribute("aria-invalid", "true")
    assert chips.count() == before, "what was read last stays on the page"
    box.fill("Thou art naive")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(chips).to_have_count(14, timeout=30_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)], ids=["wide", "phone"])
@pytest.mark.parametrize("place", ["gpt/card?moment=1"])
def test_no_serious_barrier_and_no_sideways_scroll(
    look: Look, page: Page, place: str, size: tuple[int, int], scheme: str
) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # pyright: ignore[reportArgumentType]
    look(place, *size)
    barriers.check(page)
