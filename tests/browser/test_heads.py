"""Type a sentence, click a token, see what every head does; and see that the numbers are the network's."""

import re
from collections.abc import Callable

import pytest
import torch
from playwright.sync_api import Page, expect

from lucarne.atlas.language.attention import attention
from lucarne.atlas.language.tokens import tokens
from lucarne.models import load
from lucarne.models.model import Model

Look = Callable[..., Page]
SENTENCE = "Lily saw a small dog. The dog saw Lily and ran to her."


@pytest.fixture(scope="module")
def gpt() -> Model:
    return load("gpt")


def shown(page: Page) -> list[str]:
    """The labels of the token chips."""
    return (
        page.get_by_role("listbox", name="Tokens of the text")
        .get_by_role("option")
        .evaluate_all("each => each.map(e => e.ariaLabel ?? e.textContent)")
    )


def test_a_clicked_token_shows_what_a_head_takes_from_each_other(look: Look, gpt: Model) -> None:
    page = look("gpt/attention?layer=3&head=2")
    page.get_by_role("textbox", name="Text").fill(SENTENCE)
    pieces = tokens(gpt, SENTENCE)
    chips = page.get_by_role("listbox", name="Tokens of the text").get_by_role("option")
    expect(chips).to_have_count(len(pieces), timeout=30_000)
    chips.nth(9).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("head 2 of layer 3")
    row = attention(gpt, torch.tensor([piece.id for piece in pieces])).pattern(3, 2)[9]  # (key,)
    for label, weight in zip(shown(page)[:10], row.tolist(), strict=False):
        said = re.search(r"gets (< )?([\d.]+) %", label)
        assert said is not None, label
        assert abs(float(said.group(2)) - 100 * weight) <= 0.1


def test_every_head_of_every_layer_is_there_for_a_hundred_tokens(look: Look, gpt: Model) -> None:
    text = " ".join([SENTENCE] * 6)
    count = len(tokens(gpt, text))
    assert count > 90
    page = look("gpt/attention")
    page.get_by_role("textbox", name="Text").fill(text)
    expect(page.get_by_role("listbox", name="Tokens of the text").get_by_role("option")).to_have_count(
        count, timeout=30_000
    )
    heads = page.get_by_role("listbox", name=re.compile("Heads")).get_by_role("option")
    expect(heads).to_have_count(gpt.card.plan["layers"] * gpt.card.plan["heads"])
    heads.nth(7).click()
    expect(page.get_by_role("heading", name="Head 1 of layer 1", exact=True)).to_be_visible()


def test_the_likeliest_next_token_is_the_networks(look: Look, gpt: Model) -> None:
    page = look("gpt/attention")
    page.get_by_role("textbox", name="Text").fill(SENTENCE)
    pieces = tokens(gpt, SENTENCE)
    expect(page.get_by_role("listbox", name="Tokens of the text").get_by_role("option")).to_have_count(
        len(pieces), timeout=30_000
    )
    page.get_by_role("listbox", name="Tokens of the text").get_by_role("option").nth(4).click()
    odds = gpt(torch.tensor([[piece.id for piece in pieces]]))[0, 4].softmax(-1)
    first = page.get_by_role("list", name="Likeliest next tokens").get_by_role("listitem").first
    expect(first).to_contain_text(f"{100 * odds.max().item():.1f}")


def test_a_text_that_is_too_long_is_refused_and_kept(look: Look) -> None:
    page = look("gpt/attention", expect="422")
    box = page.get_by_role("textbox", name="Text")
    expect(page.get_by_role("listbox", name="Tokens of the text")).to_be_visible(timeout=30_000)
    box.fill("word " * 400)
    expect(page.get_by_role("alert")).to_contain_text("at most", timeout=30_000)
    expect(box).to_have_value("word " * 400)


def test_markup_in_a_text_stays_text(look: Look) -> None:
    page = look("gpt/attention")
    page.get_by_role("textbox", name="Text").fill("<img src=x onerror=alert(1)> <b>bold</b>")
    expect(page.get_by_role("listbox", name="Tokens of the text").get_by_role("option").nth(1)).to_be_visible(
        timeout=30_000
    )
    assert page.locator("img[src=x]").count() == 0


def test_a_link_restores_text_token_and_head(look: Look) -> None:
    page = look("gpt/attention?text=A%20cat%20sat.%20A%20cat%20ran.&token=5&layer=2&head=4")
    expect(page.get_by_role("heading", name="Head 4 of layer 2", exact=True)).to_be_visible(timeout=30_000)
    expect(page.get_by_role("textbox", name="Text")).to_have_value("A cat sat. A cat ran.")
    selected = page.get_by_role("listbox", name="Tokens of the text").locator("[aria-selected=true]")
    expect(selected).to_have_attribute("aria-label", re.compile("^Token 5 "))
