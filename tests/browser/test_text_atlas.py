"""The atlas of texts: words to zoom and walk, cells that open, a token that is found, a sentence that goes over it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lucarne.atlas.mapping.shipped import BUNDLED
from tests.browser.test_dreams import colours

Look = Callable[..., Page]
SHIPPED = sorted(folder.name.removeprefix("gpt-") for folder in BUNDLED.glob("gpt-blocks.*"))
pytestmark = pytest.mark.skipif(not SHIPPED, reason="No atlas of texts ships, and making one takes minutes.")


def test_a_cell_opens_a_token_is_found_and_a_sentence_goes_from_layer_to_layer(look: Look) -> None:
    page = look(f"atlas/gpt/{SHIPPED[0]}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What the stream tells apart", timeout=60_000)
    atlas = page.get_by_role("application", name=re.compile("^Atlas "))
    expect(atlas).to_be_visible(timeout=60_000)
    expect(page.get_by_role("navigation", name="Instruments").get_by_role("link", name="Atlas")).to_be_visible()
    page.wait_for_timeout(400)
    assert colours(page, "[role=application] canvas") > 100, "words stand on the map"

    atlas.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"cell=\d+%3A\d+%2C\d+"))
    cell = page.get_by_role("complementary", name="The cell")
    said = cell.get_by_role("list", name=re.compile("Tokens that its mean")).get_by_role("listitem")
    expect(said.first).to_contain_text("%")
    expect(cell.locator("q mark").first).to_be_visible()

    page.get_by_role("combobox", name="Token").fill("he")
    page.get_by_role("option").first.click()
    page.wait_for_url(re.compile(r"word=\d+"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Where “")

    page.get_by_role("button", name="Sentence", exact=True).click()
    page.get_by_role("textbox", name="Text").fill("Once upon a time there was a little dog.")
    steps = page.get_by_role("listbox", name="Tokens of the sentence").get_by_role("option")
    expect(steps.nth(5)).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile("the stream would say"))).to_be_visible()
    steps.nth(2).click()
    page.wait_for_url(re.compile("token=2"))
    link = page.get_by_role("navigation", name="Along the stream").get_by_role("link").last
    there = link.get_attribute("href") or ""
    assert "text=" in there and "word=" in there, "a layer on, the same is looked at"
