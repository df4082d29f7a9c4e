"""Say something twice, switch a head off, and see that stripe and loss are what the network computes."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lucarne.atlas.language.head_metrics import random_twice
from lucarne.atlas.language.induction import said, strongest
from lucarne.models import load
from lucarne.models.model import Model

Look = Callable[..., Page]


@pytest.fixture(scope="module")
def gpt() -> Model:
    return load("gpt", device="cpu")


def test_the_strongest_stripe_is_shown_and_falls_when_its_helpers_are_off(look: Look, gpt: Model) -> None:
    page = look("gpt/induction")
    tokens = random_twice(gpt, 24, 0, count=1)[0]
    before = said(gpt, tokens, 24)
    layer, head = strongest(before.stripe)
    expect(page.get_by_role("heading", name=f"Head {head} of layer {layer}", exact=True)).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile(f"^Stripe {before.stripe[layer, head]:.2f}"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Switch off its .*previous-token")).click()
    page.wait_for_url(re.compile(r"off=\d+\.\d+"))
    found = re.search(r"off=([\d.,]+)", page.url.replace("%2C", ","))
    assert found is not None
    pairs = [tuple(map(int, each.split("."))) for each in found.group(1).split(",")]
    after = said(gpt, tokens, 24, [(at, which) for at, which in pairs])
    expect(page.get_by_text(re.compile(f"^Stripe {after.stripe[layer, head]:.2f}"))).to_be_visible(timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("switched off")
    expect(page.get_by_role("button", name=re.compile("switched off$"))).to_have_count(len(pairs))
    page.get_by_role("button", name="All on again").click()
    page.wait_for_url(re.compile("^(?!.*off=)"))


def test_a_number_of_the_matrix_shows_the_sum_behind_it(look: Look, gpt: Model) -> None:
    page = look("gpt/matrix?text=A%20cat%20sat.%20A%20cat%20ran.&layer=2&head=1&cell=q:3,5")
    inspector = page.get_by_role("complementary", name="How a number came about")
    expect(inspector.get_by_role("heading", name=re.compile("^Queries"))).to_be_visible(timeout=60_000)
    width = gpt.card.plan["width"]
    expect(inspector.get_by_text(f"{width} products")).to_be_visible(timeout=60_000)
    told = [
        inspector.locator(".value").inner_text(),
        inspector.get_by_role("row", name=re.compile("^together")).inner_text(),
    ]
    value, total = (float(each.split()[-1].replace("−", "-")) for each in told)
    assert total == pytest.approx(value, rel=2e-3)
    page.get_by_role("radio", name="3", exact=True).first.check()
    page.wait_for_url(re.compile("layer=3"))


def test_habits_of_heads_can_be_sorted_and_a_head_be_asked_why(look: Look) -> None:
    page = look("gpt/attention?overview=metrics&on=random&layer=1&head=0")
    table = page.get_by_role("table")
    expect(table).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Entropy", exact=True).click()
    page.wait_for_url(re.compile("sort=entropy"))
    column = [float(row.split()[5]) for row in table.get_by_role("row").all_inner_texts()[1:]]
    assert column == sorted(column, reverse=True)
    expect(page.get_by_role("list", name="Pairs that add most to the score")).to_be_visible(timeout=60_000)
