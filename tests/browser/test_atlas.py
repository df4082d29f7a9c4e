"""The activation atlas: a map to zoom and walk, whose cells open, which a class colours and a link restores."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Locator, Page, expect
from safetensors.numpy import load

from lucarne.atlas.mapping.bundled import BUNDLED
from tests.browser.test_dreams import colours

Look = Callable[..., Page]
SITE = "relu5"
pytestmark = pytest.mark.skipif(
    not (BUNDLED / f"alexnet-{SITE}").is_dir(), reason=f"No atlas of {SITE} ships, and making one takes minutes."
)


def atlas_map(page: Page) -> Locator:
    found = page.get_by_role("application", name=re.compile("^Atlas of "))
    expect(found).to_be_visible(timeout=60_000)
    return found


def opened(page: Page) -> Locator:
    """The first cell that the arrow keys come to, opened."""
    atlas = atlas_map(page)
    atlas.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"cell=\d+%3A\d+%2C\d+"))
    return page.get_by_role("complementary", name="The cell")


def test_the_map_is_there_at_once_and_finer_grids_come_with_the_zoom(look: Look) -> None:
    page = look(f"atlas/alexnet/{SITE}")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"What {SITE} has learned to tell apart", timeout=60_000)
    atlas = atlas_map(page)
    page.wait_for_function("document.querySelector('[role=application] canvas').width > 0")
    page.wait_for_timeout(300)
    assert colours(page, "[role=application] canvas") > 500
    coarsest = int(atlas.get_attribute("data-level") or 0)
    box = atlas.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(8):
        page.mouse.wheel(0, -240)
        page.wait_for_timeout(60)
    expect(atlas).not_to_have_attribute("data-level", str(coarsest), timeout=20_000)
    page.wait_for_url(re.compile("zoom="))
    atlas.focus()
    page.keyboard.press("0")
    expect(atlas).to_have_attribute("data-level", str(coarsest), timeout=20_000)


def test_a_cell_opens_and_leads_to_its_neighbours(look: Look) -> None:
    page = look(f"atlas/alexnet/{SITE}")
    cell = opened(page)
    expect(cell.get_by_role("heading", level=2)).to_contain_text(re.compile(r"Cell \d+, \d+"))
    values = cell.get_by_role("list", name=re.compile("logits")).get_by_role("button").all_inner_texts()
    numbers = [float(text.split()[-1].replace("−", "-").replace("+", "")) for text in values]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] > 0 > numbers[-1]
    name = cell.get_by_role("heading", level=2).inner_text()
    cell.get_by_role("link", name=re.compile("^Cell ")).locator("visible=true").and_(
        cell.locator(".around a:not([aria-current])")
    ).first.click()
    expect(cell.get_by_role("heading", level=2)).not_to_have_text(name)


def test_a_cell_of_an_atlas_that_ships_opens_into_photographs(look: Look, address: str) -> None:
    made = httpx2.post(f"{address}/api/artifacts", json={"kind": "visitors", "model": "alexnet"}, timeout=60).json()
    told = load(httpx2.get(f"{address}/api/artifacts/{made['id']}/visits.safetensors").content)
    cells = [(int(x), int(y)) for x, y in told["points"].astype(int) * 40 // 65536]
    (x, y), count = Counter(cells).most_common(1)[0]
    numbers = {int(picture) for picture, cell in zip(told["pictures"], cells, strict=True) if cell == (x, y)}
    assert count >= 3
    page = look(f"atlas/alexnet/conv5?cell=40:{x},{y}")
    cell = page.get_by_role("complementary", name="The cell")
    expect(cell.get_by_label("Of", exact=True)).to_have_value("bundled", timeout=60_000)
    shown = cell.get_by_role("button", name=re.compile("see where its places lie$"))
    expect(shown).to_have_count(min(12, len(numbers)), timeout=60_000)
    shown.first.click()
    page.wait_for_url(re.compile("picture="))


def test_a_click_opens_the_cell_under_it_and_escape_leaves_nothing_behind(look: Look) -> None:
    page = look(f"atlas/alexnet/{SITE}")
    name = opened(page).get_by_role("heading", level=2).inner_text()
    found = re.search(r"Cell (\d+), (\d+) of (\d+)", name)
    assert found
    column, row, side = map(int, found.groups())
    page.goto(page.url.split("?")[0])
    box = atlas_map(page).bounding_box()
    assert box
    whole = 0.97 * min(box["width"], box["height"])
    x = box["x"] + box["width"] / 2 + ((column + 0.5) / side - 0.5) * whole
    page.mouse.click(x, box["y"] + box["height"] / 2 + ((row + 0.5) / side - 0.5) * whole)
    expect(page.get_by_role("complementary", name="The cell").get_by_role("heading", level=2)).to_have_text(name)
    page.keyboard.press("Escape")
    page.wait_for_url(lambda url: "cell=" not in url)


def test_a_class_colours_the_map_and_a_second_is_held_against_it(look: Look) -> None:
    page = look(f"atlas/alexnet/{SITE}")
    atlas_map(page)
    names = page.locator("datalist option").evaluate_all("all => all.map(e => e.value)")
    field = page.get_by_label("Argues for")
    field.fill("no such class at all")
    field.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No class of this network")
    field.fill(names[3])
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Where {SITE} argues for “{names[3]}”")
    expect(page.get_by_role("img", name=re.compile("^logits: "))).to_be_visible()
    page.get_by_label("rather than").fill(names[7])
    page.get_by_label("rather than").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(
        f"Where {SITE} argues for “{names[3]}” rather than “{names[7]}”"
    )
    page.wait_for_url(re.compile("class=3.*against=7"))


def test_a_link_restores_what_was_seen(look: Look) -> None:
    page = look(f"atlas/alexnet/{SITE}?x=0.6&y=0.4&zoom=4&class=3&path=0.3%3B0.5%2C0.7%3B0.5")
    atlas_map(page)
    expect(page.get_by_role("button", name=re.compile("^Step 1 of"))).to_be_visible(timeout=20_000)
    cell = opened(page)
    name = cell.get_by_role("heading", level=2).inner_text()
    page.reload()
    expect(cell.get_by_role("heading", level=2)).to_have_text(name, timeout=60_000)
    assert "zoom=4" in page.url
    assert "class=3" in page.url


def test_a_drag_with_shift_draws_a_path(look: Look) -> None:
    page = look(f"atlas/alexnet/{SITE}")
    box = atlas_map(page).bounding_box()
    assert box
    middle = box["y"] + box["height"] / 2
    page.keyboard.down("Shift")
    page.mouse.move(box["x"] + box["width"] * 0.3, middle)
    page.mouse.down()
    for step in range(10):
        page.mouse.move(box["x"] + box["width"] * (0.3 + 0.04 * step), middle)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(page.get_by_role("region", name="Along the path").get_by_role("button").nth(2)).to_be_visible()
    page.wait_for_url(re.compile("path="))


def test_a_picture_finds_its_places_and_the_layers_keep_it(look: Look) -> None:
    page = look(f"atlas/alexnet/{SITE}")
    atlas_map(page)
    page.get_by_role("button", name="Find a picture").click()
    page.get_by_role("list", name="Sample pictures").get_by_role("button").nth(1).click()
    expect(page.get_by_text(re.compile(r"its \d+ places are the points"))).to_be_visible(timeout=60_000)
    page.get_by_role("application", name=re.compile("place by place")).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(re.compile(r"^Row \d+, column \d+: cosine")).first).to_be_visible()
    link = page.get_by_role("navigation", name="The network").get_by_role("link", name=re.compile("^conv3"))
    assert re.search("#/atlas/alexnet/conv3.*picture=", link.get_attribute("href") or "")


def test_the_atlas_is_taken_away_as_one_page_that_zooms_without_a_server(look: Look, tmp_path: Path) -> None:
    page = look(f"atlas/alexnet/{SITE}")
    atlas_map(page)
    with page.expect_download(timeout=60_000) as saving:
        page.get_by_role("button", name="Save as a page").click()
    saved = tmp_path / "atlas.html"
    saving.value.save_as(saved)
    alone = page.context.new_page()
    alone.goto(saved.as_uri())
    expect(alone.get_by_role("heading", level=1)).to_have_text(f"What {SITE} has learned to tell apart")
    alone.wait_for_timeout(500)
    assert colours(alone, "canvas") > 500
    alone.mouse.move(640, 400)
    before = alone.evaluate("document.querySelector('canvas').toDataURL()")
    alone.mouse.wheel(0, -400)
    alone.wait_for_function("before => document.querySelector('canvas').toDataURL() !== before", arg=before)
