"""Let the network write, take another way from any token, and steer it: what stands on the page is what it computes."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lucarne.atlas.language.generation import Sampling, generation
from lucarne.atlas.language.steering import Push, steering
from lucarne.models import load
from lucarne.models.model import Model
from lucarne.models.taps import FEATURES

Look = Callable[..., Page]
TEXT = "Tom saw a dog"
WARM = Sampling(temperature=0.8)


@pytest.fixture(scope="module")
def gpt() -> Model:
    return load("gpt")


def story(page: Page, name: str | re.Pattern[str] = "The story"):  # noqa: ANN201
    return page.get_by_role("listbox", name=name)


def written(page: Page, name: str | re.Pattern[str] = "The story") -> list[str]:
    return story(page, name).get_by_role("option").evaluate_all("all => all.map(each => each.ariaLabel)")


def quoted(model: Model, ids: list[int]) -> list[str]:
    """How the page names tokens."""
    shown = [model.tokenizer.text_of(token).replace(" ", "·").replace("\n", "↵").replace("\t", "⇥") for token in ids]
    return [f"“{text}”" for text in shown]


def begun(look: Look, length: int) -> Page:
    page = look(f"gpt/generate?text={TEXT.replace(' ', '%20')}&seed=3&length={length}")
    expect(page.get_by_role("list", name="Branches").get_by_role("listitem")).to_have_count(1, timeout=60_000)
    expect(page.get_by_role("list", name="What may come next")).to_be_visible(timeout=60_000)
    return page


def test_a_story_begins_by_itself_and_is_the_seeds(look: Look, gpt: Model) -> None:
    page = begun(look, 12)
    told = generation(gpt, TEXT, length=12, sampling=WARM, seed=3).told
    labels = written(page)
    assert [label.split(", ")[0] for label in labels] == quoted(gpt, [token.id for token in told])
    assert all(f"rank {token.rank + 1}" in label for label, token in zip(labels, told, strict=True))


def test_one_click_is_one_token_and_the_next_of_the_same_story(look: Look, gpt: Model) -> None:
    page = begun(look, 5)
    page.get_by_role("button", name="One token").click()
    expect(story(page).get_by_role("option")).to_have_count(6, timeout=30_000)
    told = generation(gpt, TEXT, length=6, sampling=WARM, seed=3).told
    assert [label.split(", ")[0] for label in written(page)] == quoted(gpt, [token.id for token in told])


def test_another_token_grows_a_branch_and_the_link_holds_the_tree(look: Look, gpt: Model) -> None:
    page = begun(look, 8)
    before = written(page)
    ids = [token.id for token in generation(gpt, TEXT, length=8, sampling=WARM, seed=3).told]
    story(page).get_by_role("option").nth(4).click()
    candidates = page.get_by_role("list", name="What could stand here").get_by_role("button")
    expect(candidates.first).to_be_visible(timeout=30_000)
    candidates.and_(page.locator("[aria-pressed=false]")).first.click()
    branches = page.get_by_role("list", name="Branches").get_by_role("listitem")
    expect(branches).to_have_count(2, timeout=60_000)
    expect(page.get_by_role("button", name="Go on")).to_be_visible(timeout=60_000)
    expect(story(page)).to_have_attribute("aria-busy", "false", timeout=60_000)
    after = written(page)
    assert [label.split(", ")[0] for label in after[:4]] == quoted(gpt, ids[:4])
    assert after[4] != before[4] and "chosen" in after[4]
    page.wait_for_url(re.compile(r"tree=[\w-]+&branch=1"))
    page.reload()
    expect(branches).to_have_count(2, timeout=60_000)
    expect(story(page).get_by_role("option")).to_have_count(len(after), timeout=60_000)
    assert [label.split(", ")[0] for label in written(page)] == [label.split(", ")[0] for label in after]
    branches.first.get_by_role("button").first.click()
    expect(story(page).get_by_role("option").nth(4)).to_have_attribute("aria-label", before[4], timeout=30_000)
    branches.last.get_by_role("button", name=re.compile("Delete")).click()
    expect(branches).to_have_count(1)


def test_a_story_is_steered_beside_the_one_that_is_not(look: Look, gpt: Model) -> None:
    site = next(site for site in gpt.sites if site.endswith(FEATURES))
    page = look(f"gpt/steer?text={TEXT.replace(' ', '%20')}&feature=7&strength=3&length=10&seed=2")
    expect(page.get_by_role("region", name="Steered").get_by_text("%").first).to_be_visible(timeout=120_000)
    found = steering(gpt, site, TEXT, [Push(7, "clamp", 3.0)], length=10, sampling=WARM, seed=2)
    for name, told in (("Left alone", found.plain), (re.compile("Feature 7 held"), found.pushed)):
        labels = [label.split(", ")[0] for label in written(page, name)]
        assert labels == quoted(gpt, [token.id for token in told])
    page.get_by_role("radio", name="Silence").check()
    page.wait_for_url(re.compile("mode=ablate"))
    expect(story(page, re.compile("Feature 7 silenced"))).to_be_visible()


def test_a_network_without_features_says_so(look: Look) -> None:
    page = look("shakespeare/steer")
    expect(page.get_by_role("heading", level=1)).to_contain_text("no features to steer with", timeout=60_000)
    expect(page.get_by_role("link", name=re.compile("^Steer "))).to_have_attribute("href", "#/gpt/steer")
