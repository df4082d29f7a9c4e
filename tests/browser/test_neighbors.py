"""Find what looks alike, walk from picture to picture, sort a gallery along a concept, add pictures of one's own."""

import io
import re
import zipfile
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.test_maps import coffee, upload
from tests.server import photograph

Look = Callable[..., Page]
ALIKE, PIXELS = "What relu7 finds alike", "What the pixels find alike"


def test_neighbours_are_found_both_ways_and_can_be_walked(look: Look) -> None:
    page = look("alexnet/neighbors")
    for name in (ALIKE, PIXELS):
        expect(page.get_by_role("listbox", name=name).get_by_role("option")).to_have_count(12, timeout=120_000)
    names = (
        page.get_by_role("listbox", name=ALIKE).get_by_role("option").evaluate_all("all => all.map(e => e.ariaLabel)")
    )
    assert names[0].startswith("Cat"), "the sample is a picture of the gallery: nothing is nearer to it"
    distances = [float(name.rsplit(":", 1)[1]) for name in names]
    assert distances == sorted(distances)
    page.get_by_role("listbox", name=ALIKE).get_by_role("option").nth(1).click()
    page.wait_for_url(re.compile("picture=[0-9a-f]{64}"))
    first = page.get_by_role("listbox", name=ALIKE).get_by_role("option").first
    expect(first).to_have_attribute("aria-label", re.compile(re.escape(names[1].rsplit(":", 1)[0])), timeout=60_000)
    page.go_back()
    expect(first).to_have_attribute("aria-label", re.compile("^Cat"), timeout=60_000)


def test_a_photograph_of_ones_own_has_neighbours(look: Look) -> None:
    page = look("alexnet/neighbors")
    expect(page.get_by_role("listbox", name=ALIKE)).to_be_visible(timeout=120_000)
    upload(page, "coffee.png", coffee())
    page.wait_for_url(re.compile("picture=[0-9a-f]{64}"))
    first = page.get_by_role("listbox", name=ALIKE).get_by_role("option").first
    expect(first).to_have_attribute("aria-label", re.compile("Coffee"), timeout=60_000)
    page.get_by_role("radio", name="With numbers").check()
    expect(page.get_by_text("cosine distance at relu7").first).to_be_visible()


def test_a_gallery_that_is_not_there_is_said_to_be(look: Look) -> None:
    page = look("alexnet/neighbors?gallery=nowhere-000000000000", expect="404")
    expect(page.get_by_role("alert").first).to_contain_text("gallery", timeout=60_000)
    page = look("gallery/nowhere-000000000000")
    expect(page.get_by_role("alert").first).to_contain_text("No gallery of that name", timeout=60_000)


def test_a_direction_is_there_at_first_sight_and_says_how_far_it_can_be_trusted(look: Look) -> None:
    page = look("alexnet/directions")
    told = page.get_by_text(re.compile(r"It tells \d+ % of the pictures apart; chance would be \d+ %"))
    expect(told).to_be_visible(timeout=120_000)
    expect(page.get_by_role("listbox", name="Furthest towards stripes").get_by_role("option")).to_have_count(12)
    a = page.get_by_role("region", name="Set A")
    before = a.get_by_role("listitem").count()
    a.get_by_role("button", name=re.compile("^Take ")).first.click()
    expect(a.get_by_role("listitem")).to_have_count(before - 1)
    page.wait_for_url(re.compile("a=[0-9a-f]{64}"))
    page.reload()
    expect(a.get_by_role("listitem")).to_have_count(before - 1, timeout=60_000)
    expect(a.locator("i").first).to_be_visible(timeout=60_000)


def test_sets_are_filled_with_several_files_at_once_and_a_bad_one_loses_no_other(look: Look) -> None:
    page = look("alexnet/directions", expect="415")
    a, b = (page.get_by_role("region", name=f"Set {name}") for name in "AB")
    expect(a.get_by_role("button", name=re.compile("^Take ")).first).to_be_visible(timeout=120_000)
    for tray in (a, b):
        tray.get_by_role("button", name="Empty").click()
    files = [{"name": f"{seed}.png", "mimeType": "image/png", "buffer": photograph(seed)} for seed in range(3)]
    with page.expect_file_chooser() as chooser:
        a.get_by_role("button", name="Choose files").click()
    chooser.value.set_files(files[:2])  # pyright: ignore[reportArgumentType]
    expect(a.get_by_role("button", name=re.compile("^Take "))).to_have_count(2, timeout=30_000)
    with page.expect_file_chooser() as chooser:
        b.get_by_role("button", name="Choose files").click()
    broken = {"name": "broken.png", "mimeType": "image/png", "buffer": b"no picture"}
    chooser.value.set_files([broken, files[2]])  # pyright: ignore[reportArgumentType]
    expect(b.get_by_role("button", name=re.compile("^Take "))).to_have_count(1, timeout=30_000)
    expect(page.get_by_role("alert")).to_contain_text("Not a picture")
    expect(page.get_by_role("listbox", name="Furthest towards A").get_by_role("option")).to_have_count(
        12, timeout=60_000
    )


def test_sets_are_filled_by_clicks_and_one_picture_proves_nothing(look: Look) -> None:
    page = look("alexnet/directions")
    expect(page.get_by_role("region", name="Set A").get_by_role("listitem").nth(5)).to_be_visible(timeout=60_000)
    for name in ("Set A", "Set B"):
        page.get_by_role("region", name=name).get_by_role("button", name="Empty").click()
    expect(page.get_by_text("A direction needs at least one picture")).to_be_visible()
    page.get_by_role("button", name="Coffee", exact=True).click()
    page.get_by_role("button", name="Add to B").click()
    page.get_by_role("button", name=re.compile("^Add gratings 0|^Add Cat")).first.click()
    expect(page.get_by_text("nothing can be tested")).to_be_visible(timeout=60_000)


def test_a_gallery_is_looked_through_by_label_and_leads_to_the_instruments(look: Look) -> None:
    page = look("gallery/bundled?model=alexnet")
    search = page.get_by_role("searchbox", name="Search the labels")
    expect(search).to_be_visible(timeout=60_000)
    search.fill("zebra")
    page.get_by_role("navigation", name="Labels").get_by_role("button", name=re.compile("^zebras")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("labelled “zebras”")
    tiles = page.get_by_role("group", name="Pictures").get_by_role("button")
    expect(tiles.first).to_have_attribute("aria-label", re.compile("^zebras"), timeout=30_000)
    tiles.first.click()
    tiles.first.press("ArrowRight")
    expect(tiles.nth(1)).to_be_focused()
    page.get_by_role("link", name="Its neighbours").click()
    page.wait_for_url(re.compile("#/alexnet/neighbors.picture=[0-9a-f]{64}"))
    expect(page.get_by_role("listbox", name=ALIKE).get_by_role("option").first).to_have_attribute(
        "aria-label", re.compile("^zebras"), timeout=120_000
    )


def archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for number in range(3):
            packed.writestr(f"own/reds/{number}.jpg", photograph(number, (96, 96)))
        packed.writestr("own/blues/0.jpg", photograph(7, (96, 96)))
        packed.writestr("own/blues/broken.png", b"no picture at all")
    return file.getvalue()


def test_an_archive_becomes_a_gallery_and_what_was_skipped_is_named(look: Look) -> None:
    page = look("gallery/bundled")
    page.get_by_role("button", name="Add pictures").click(timeout=60_000)
    page.get_by_label("Pictures or a zip archive from this machine").set_input_files(
        {"name": "colours.zip", "mimeType": "application/zip", "buffer": archive()}
    )
    page.get_by_label("Gallery", exact=True).last.fill("Two colours")
    page.get_by_role("button", name="Add 1", exact=True).click()
    page.wait_for_url(re.compile("#/gallery/two-colours-[0-9a-f]{12}"), timeout=60_000)
    expect(page.get_by_text("“Two colours” now holds 4 pictures.")).to_be_visible()
    page.get_by_text("What was skipped and why").click()
    expect(page.get_by_text("broken.png")).to_be_visible()
    expect(
        page.get_by_role("navigation", name="Labels").get_by_role("button", name=re.compile("^reds 3"))
    ).to_be_visible()
    expect(page.get_by_role("group", name="Pictures").get_by_role("button")).to_have_count(4)
