"""What channels answer to: all of a site at once, and all about one of them, drawn anew before one's eyes."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

Look = Callable[..., Page]
GRID = "The dreams of 256 channels of conv5"
SECTIONS = ["Pictures that excite it", "What it reads, and who reads it", "What it is tuned to", "On a picture"]


def colours(page: Page, selector: str) -> int:
    """How many colours a canvas shows, about: one is a blank."""
    return page.eval_on_selector(
        selector,
        """canvas => {
            const small = Object.assign(document.createElement('canvas'), { width: 64, height: 64 })
            const surface = small.getContext('2d')
            surface.drawImage(canvas, 0, 0, 64, 64)
            const pixels = surface.getImageData(0, 0, 64, 64).data
            return new Set(Array.from({ length: 4096 }, (_, i) => pixels.slice(4 * i, 4 * i + 3).join())).size
        }""",
    )


def test_the_dreams_of_a_site_are_there_at_once(look: Look) -> None:
    page = look("alexnet/conv5/dreams")
    expect(page.get_by_role("heading", level=1)).to_have_text("What the channels of conv5 answer to", timeout=60_000)
    grid = page.get_by_role("listbox", name=GRID)
    expect(grid).to_be_visible(timeout=10_000)
    expect(grid.get_by_role("option")).to_have_count(256)
    page.wait_for_function("document.querySelector('.grid canvas').width > 0")
    assert colours(page, ".grid canvas") > 500


def test_dreams_are_sorted_by_what_they_excite(look: Look) -> None:
    page = look("alexnet/conv5/dreams")
    grid = page.get_by_role("listbox", name=GRID)
    expect(grid).to_be_visible(timeout=60_000)
    page.get_by_role("radio", name="Mean").check()
    told = grid.get_by_role("option").evaluate_all(
        "each => each.map(e => [Number(e.ariaPosInSet), Number(e.ariaLabel.split(': ')[1])])"
    )
    values = [value for _, value in sorted(told)]
    assert values == sorted(values, reverse=True)
    assert values[0] > values[-1]
    expect(page).to_have_url(re.compile("sort=objective"))


def test_pointing_enlarges_and_a_click_leads_to_the_unit(look: Look) -> None:
    page = look("alexnet/conv5/dreams")
    grid = page.get_by_role("listbox", name=GRID)
    expect(grid).to_be_visible(timeout=60_000)
    grid.get_by_role("option", name=re.compile("^Channel 5:")).hover()
    expect(page.get_by_role("complementary").get_by_role("heading")).to_have_text("Channel 5 of conv5")
    grid.get_by_role("option", name=re.compile("^Channel 5:")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What channel 5 of conv5 answers to")


def test_the_keyboard_walks_the_dreams_and_opens_one(look: Look) -> None:
    page = look("alexnet/conv5/dreams")
    expect(page.get_by_role("listbox", name=GRID)).to_be_visible(timeout=60_000)
    page.get_by_role("option", name=re.compile("^Channel 0:")).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("complementary").get_by_role("heading")).to_have_text("Channel 2 of conv5")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What channel 2 of conv5 answers to")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", level=1)).to_have_text("What channel 3 of conv5 answers to")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("heading", level=1)).to_have_text("What channel 2 of conv5 answers to")


def test_the_rail_keeps_the_dreams(look: Look) -> None:
    page = look("alexnet/conv5/dreams")
    expect(page.get_by_role("listbox", name=GRID)).to_be_visible(timeout=60_000)
    page.get_by_role("navigation", name="The network").get_by_role("link", name=re.compile("^relu1:")).click()
    expect(page).to_have_url(re.compile("#/alexnet/relu1/dreams$"))
    expect(page.get_by_role("button", name="Draw all 96")).to_be_visible()


def test_dreams_that_do_not_ship_form_before_ones_eyes_and_can_be_stopped(look: Look) -> None:
    page = look("alexnet/relu1/dreams", expect="404")
    page.get_by_role("button", name="Draw all 96").click(timeout=60_000)
    expect(page.get_by_role("progressbar")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("img", name="The dreams that are drawn so far")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("alert")).to_contain_text("Stopped", timeout=30_000)


def test_all_about_a_unit_comes_as_one_reads_on(look: Look) -> None:
    page = look("alexnet/conv5/42")
    expect(page.get_by_role("heading", level=1)).to_have_text("What channel 42 of conv5 answers to", timeout=60_000)
    expect(page.get_by_role("img", name="What channel 42 of conv5 answers to most")).to_be_visible()
    expect(page.get_by_text(re.compile(r"more than any of the gallery's [\d,]+ pictures"))).to_be_visible(
        timeout=60_000
    )
    parts = {name: page.get_by_role("region", name=name) for name in SECTIONS}
    for part in parts.values():
        part.scroll_into_view_if_needed(timeout=30_000)
    examples = parts["Pictures that excite it"]
    expect(
        examples.get_by_role("listbox", name="The pictures that excite it most").get_by_role("option")
    ).to_have_count(12, timeout=60_000)
    expect(examples.get_by_role("listbox", name=re.compile("^Decile"))).to_have_count(10)
    expect(examples.get_by_role("application", name=re.compile("^Pictures by answer"))).to_be_visible(timeout=30_000)
    expect(parts[SECTIONS[1]].get_by_role("link", name=re.compile("^conv4 "))).to_have_count(12, timeout=30_000)
    expect(parts[SECTIONS[2]].get_by_role("application", name=re.compile("^Orientation"))).to_be_visible(timeout=60_000)
    parts[SECTIONS[3]].scroll_into_view_if_needed()
    expect(parts[SECTIONS[3]].get_by_role("application", name="Map of channel 42 over the picture")).to_be_visible(
        timeout=30_000
    )


def test_a_unit_leads_to_what_it_reads(look: Look) -> None:
    page = look("alexnet/conv5/42")
    part = page.get_by_role("region", name=SECTIONS[1])
    part.scroll_into_view_if_needed(timeout=60_000)
    link = part.get_by_role("link", name=re.compile(r"^conv4 \d+")).first
    number = link.inner_text(timeout=30_000).split()[-1]
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"What channel {number} of conv4 answers to")


def test_a_dream_drawn_anew_forms_and_stays_in_the_link(look: Look) -> None:
    page = look("alexnet/conv5/42")
    page.get_by_role("spinbutton", name="Seed").fill("11", timeout=60_000)
    page.get_by_label("Best of").select_option("2")
    page.get_by_role("button", name="Draw", exact=True).click()
    expect(page.get_by_text(re.compile(r"\d+ of 256 steps"))).to_be_visible(timeout=30_000)
    forming = page.get_by_role("img", name="The dream of channel 42, forming").locator("img")
    expect(forming).to_be_visible(timeout=30_000)
    first = forming.get_attribute("src")
    page.wait_for_function("src => document.querySelector('.dream img')?.src !== src", arg=first, timeout=30_000)
    done = page.get_by_role("img", name="What channel 42 of conv5 answers to most").locator("canvas")
    expect(done).to_be_visible(timeout=60_000)
    assert colours(page, ".dream canvas") > 500
    expect(page).to_have_url(re.compile("#/alexnet/conv5/42.*drawn=final.*tries=2.*seed=11"))
    expect(page.get_by_text(re.compile("drawn from noise in 128 steps"))).to_be_visible()
    page.reload()
    expect(done).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Undo").click()
    expect(done).to_have_count(0)


def test_drawing_can_be_stopped_and_begun_again(look: Look) -> None:
    page = look("alexnet/conv5/42", expect="404")
    page.get_by_role("spinbutton", name="Seed").fill("12", timeout=60_000)
    page.get_by_label("Best of").select_option("8")
    page.get_by_role("button", name="Draw", exact=True).click()
    page.get_by_role("button", name="Stop").click(timeout=30_000)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Stopped", timeout=30_000)
    expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("12")
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_text(re.compile(r"\d+ of 1024 steps"))).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="Stop").click()
    expect(alert).to_contain_text("Stopped", timeout=30_000)


def test_what_cannot_be_drawn_says_why(look: Look) -> None:
    page = look("alexnet/conv5/256")
    expect(page.get_by_role("alert")).to_contain_text("0 to 255", timeout=60_000)
    page.get_by_role("link", name="To the last").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What channel 255 of conv5 answers to")


def test_maps_and_kernels_lead_to_the_unit(look: Look) -> None:
    page = look("alexnet/conv3?unit=7")
    page.get_by_role("link", name="What it answers to in general").click(timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("What channel 7 of conv3 answers to")
    look("alexnet/conv1/kernels?unit=9")
    page.get_by_role("link", name="What it answers to in general").click(timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("What channel 9 of conv1 answers to")


def test_on_a_phone_all_of_it_stands_in_one_column(look: Look) -> None:
    page = look("alexnet/conv5/42", width=390, height=844)
    for name in SECTIONS:
        page.get_by_role("region", name=name).scroll_into_view_if_needed(timeout=60_000)
        page.wait_for_timeout(300)
    expect(page.get_by_role("application", name=re.compile("^Orientation"))).to_be_visible(timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), "the page scrolls sideways"
    look("alexnet/conv5/dreams", width=390, height=844)
    expect(page.get_by_role("listbox", name=GRID)).to_be_visible(timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth + 1"), "the page scrolls sideways"
