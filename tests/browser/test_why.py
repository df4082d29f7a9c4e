"""Ask why the network says what it says: switch off what argues for it, and see the network answer anew."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from lucarne.atlas.pictures import decode, square
from lucarne.atlas.vision.ablation import Touch, ablation
from lucarne.atlas.vision.attribution import gradient_activation
from lucarne.atlas.vision.predictions import predictions
from lucarne.models import load
from lucarne.models.model import Model
from tests.browser.test_maps import coffee, upload

Look = Callable[..., Page]


@pytest.fixture(scope="module")
def alexnet() -> Model:
    return load("alexnet")


def with_coffee(page: Page, alexnet: Model) -> np.ndarray:
    """Upload it, wait until it is asked about; what the network sees of it."""
    upload(page, "coffee.png", coffee())
    page.wait_for_url(re.compile("picture=[0-9a-f]{64}"))
    seen = square(decode(coffee()).pixels, 128)
    best = predictions(alexnet, seen)[0]
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Why does it say “{best.label}”?", timeout=60_000)
    expect(page.get_by_role("region", name=f"For “{best.label}”")).to_be_visible()
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=30_000)
    return seen


def channels(page: Page, side: str) -> list[int]:
    """The numbers of the channels on a side, the strongest first."""
    switches = page.get_by_role("region", name=re.compile(f"^{side} ")).get_by_role("switch")
    expect(switches.first).to_be_visible(timeout=60_000)
    names = switches.evaluate_all("all => all.map(each => each.ariaLabel)")
    return [int(name.split()[1].rstrip(",")) for name in names]


def test_the_strongest_arguments_come_first_and_are_the_networks(look: Look, alexnet: Model) -> None:
    page = look("alexnet/conv5/why")
    seen = with_coffee(page, alexnet)
    best = predictions(alexnet, seen)[0]
    values = gradient_activation(alexnet, seen, "conv5", best.index)[0].sum((1, 2))
    order = values.argsort(descending=True).tolist()
    assert channels(page, "For")[:5] == order[:5]
    assert channels(page, "Against")[:5] == order[::-1][:5]


def test_a_channel_that_is_switched_off_changes_the_answer_as_it_does_in_the_network(
    look: Look, alexnet: Model
) -> None:
    page = look("alexnet/conv5/why")
    seen = with_coffee(page, alexnet)
    first, second = channels(page, "For")[:2]
    for channel in (first, second):
        page.get_by_role("switch", name=re.compile(rf"channel {channel},")).click()
    page.wait_for_url(re.compile(r"off=\d+(,|%2C)\d+"))  # the address follows within a moment
    changed = ablation(alexnet, seen, "conv5", [Touch(unit=first), Touch(unit=second)], 5)
    row = page.get_by_role("list", name="Likeliest classes").get_by_role(
        "button", name=re.compile(re.escape(changed.before[0].label))
    )
    expect(row).to_contain_text(f"{100 * changed.before[0].probability:.1f}", timeout=30_000)
    expect(row).to_contain_text(f"{100 * changed.after[0].probability:.1f}")
    page.reload()
    expect(page.get_by_text("2 channels off.", exact=True)).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="All on again").click()
    expect(page.get_by_role("switch", checked=False)).to_have_count(0)
    page.wait_for_url(re.compile("^(?!.*off=)"))


def test_a_channel_can_be_held_and_boosted_and_the_link_says_so(look: Look) -> None:
    page = look("alexnet/conv5/why?unit=3")
    expect(page.get_by_role("heading", name="channel 3 of conv5")).to_be_visible(timeout=60_000)
    inspector = page.get_by_role("complementary", name="channel 3")
    inspector.get_by_role("radio", name="Times").check()
    inspector.get_by_role("slider", name="Times").fill("5")
    page.wait_for_url(re.compile(r"boost=3%3A5"))
    inspector.get_by_role("radio", name="Held").check()
    page.wait_for_url(re.compile(r"clamp=3%3A"))
    assert "boost" not in page.url
    page.reload()
    expect(inspector.get_by_role("radio", name="Held")).to_be_checked(timeout=60_000)
    expect(inspector.get_by_role("link", name="Everything about channel 3")).to_have_attribute(
        "href", re.compile("#/alexnet/conv5/3")
    )


def test_any_class_can_be_asked_about_by_name(look: Look, alexnet: Model) -> None:
    page = look("alexnet/conv5/why")
    box = page.get_by_role("combobox", name="Ask about another class")
    expect(box).to_be_visible(timeout=60_000)
    box.focus()
    expect(page.locator("datalist option")).to_have_count(len(alexnet.labels), timeout=30_000)
    box.fill("no such thing")
    box.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No class of this network")
    assert box.input_value() == "no such thing"
    box.fill(alexnet.labels[7])
    box.press("Enter")
    page.wait_for_url(re.compile(r"class=7\b"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"“{alexnet.labels[7]}”", timeout=30_000)


def test_two_pictures_are_compared_place_by_place(look: Look) -> None:
    page = look("alexnet/conv5/why")
    page.get_by_role("radio", name="Compare with another picture").check()
    page.wait_for_url(re.compile("mode=compare"))
    maps = page.get_by_role("list", name="What each place of each site brings back").get_by_role("application")
    expect(maps.first).to_be_visible(timeout=120_000)
    assert maps.count() == 5  # the convolutions: what has no places is not drawn
    maps.nth(4).hover()
    expect(page.get_by_text(re.compile(r"^\w+5, .*(brings|pushes) .* %"))).to_be_visible()


def test_the_same_picture_twice_is_refused_in_words(look: Look) -> None:
    page = look("alexnet/conv5/why?mode=compare", expect="422")
    same = page.get_by_role("list", name="Other pictures").get_by_role("button", name="Coffee")
    expect(same).to_be_visible(timeout=60_000)
    same.click()
    expect(page.get_by_text("Both are the same picture")).to_be_visible()
