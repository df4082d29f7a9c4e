"""The first page: the networks that are here, and doors into the instruments with what lies behind them."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_dreams import colours
from tests.browser.test_maps import coffee, drop

Look = Callable[..., Page]
DOORS = [
    ("All it tells apart, on one map", "#/atlas/alexnet/relu5", "What relu5 has learned to tell apart"),
    ("What each channel looks for", "#/alexnet/conv5/dreams", "What the channels of conv5 answer to"),
    ("Your own picture, from inside", "#/alexnet/conv1", "What conv1 sees in this picture"),
    ("Why it says what it says", "#/alexnet/conv5/why", "Why does it say “espresso”?"),
    ("Where a story could go", "#/gpt/generate", "what else it could have written"),
    ("What it tells when a thought is held", "#/gpt/steer", "What the network writes when feature"),
]


def test_the_doors_show_what_lies_behind_them(look: Look) -> None:
    page = look()
    doors = page.get_by_role("list").filter(has=page.get_by_role("link", name=DOORS[0][0])).get_by_role("link")
    expect(doors).to_have_text([re.compile(said) for said, _, _ in DOORS], timeout=60_000)
    atlas, dreams, maps, why, story, shelf = doors.all()
    for door, places in ((atlas, 1), (maps, 8), (why, 1)):
        expect(door.locator("canvas")).to_have_count(places, timeout=60_000)
    page.wait_for_function("[...document.querySelectorAll('li canvas')].every(canvas => canvas.width > 0)")
    page.wait_for_timeout(500)
    assert colours(page, "li:nth-child(1) canvas") > 500
    assert colours(page, "li:nth-child(4) canvas") > 10
    expect(dreams.locator("[style*=background-image]")).to_be_visible()
    expect(story).to_contain_text("Once")
    expect(shelf).to_contain_text("flowers")


def test_every_door_leads_where_it_says(look: Look) -> None:
    page = look()
    for said, place, sentence in DOORS:
        page.get_by_role("link", name=said).click(timeout=60_000)
        expect(page).to_have_url(re.compile(re.escape(place) + r"(\?|$)"))
        expect(page.get_by_role("heading", level=1)).to_contain_text(sentence, timeout=60_000)
        look()


def test_a_picture_dropped_on_the_first_page_is_looked_at_from_inside(look: Look) -> None:
    page = look()
    expect(page.get_by_text("Or drop a picture anywhere on this page.")).to_be_visible(timeout=60_000)
    drop(page, coffee())
    page.wait_for_url(re.compile(r"#/alexnet/conv1\?picture=[0-9a-f]{64}"))
    expect(page.get_by_role("heading", level=1)).to_have_text("What conv1 sees in this picture")
