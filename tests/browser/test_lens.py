"""From a sentence with a name nobody knows to the part that copies it, and what is said without it."""

import re
from collections.abc import Callable
from urllib.parse import quote

import pytest
import torch
from playwright.sync_api import Page, expect

from lucarne.atlas.gallery import sentences
from lucarne.atlas.language.ablation import ablation
from lucarne.atlas.language.direct_logits import direct_logits
from lucarne.atlas.language.interventions import Cut
from lucarne.atlas.language.lens import lens
from lucarne.atlas.language.tokens import tokens
from lucarne.models import load
from lucarne.models.model import Model

Look = Callable[..., Page]
SENTENCE = next(each for each in sentences() if each.corrupt and not each.models)


@pytest.fixture(scope="module")
def gpt() -> Model:
    return load("gpt")


def ids(gpt: Model, text: str) -> torch.Tensor:
    return torch.tensor([piece.id for piece in tokens(gpt, text)])


def said(text: str) -> str:
    """A token as the page shows it."""
    return text.replace(" ", "·").replace("\n", "↵") or "∅"


def test_the_lens_shows_what_each_stage_says_and_walks_by_keys(look: Look, gpt: Model) -> None:
    page = look("gpt/lens")
    table = page.get_by_role("application", name=re.compile("stages of the network down"))
    expect(table).to_be_visible(timeout=60_000)
    read = lens(gpt, ids(gpt, SENTENCE.text))
    last = read.tokens.shape[1] - 1
    table.focus()
    for _ in range(len(read.tokens)):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("End")
    inspector = page.get_by_role("complementary")
    first = inspector.get_by_role("list", name="Likeliest next tokens at this stage").get_by_role("listitem").first
    expect(first).to_contain_text(said(gpt.tokenizer.text_of(int(read.tokens[-1, last, 0]))))
    page.wait_for_url(re.compile(rf"token={last}.*stage={len(read.tokens) - 1}"))
    page.keyboard.press("Home")
    for _ in range(len(read.tokens)):
        page.keyboard.press("ArrowUp")
    expect(first).to_contain_text(said(gpt.tokenizer.text_of(int(read.tokens[0, 0, 0]))))
    page.get_by_role("radio", name="Rank of what follows").check()
    page.wait_for_url(re.compile("shows=rank"))
    page.reload()
    expect(page.get_by_role("radio", name="Rank of what follows")).to_be_checked(timeout=60_000)
    expect(page.get_by_role("heading", level=1)).to_contain_text("before the first layer", timeout=60_000)


def test_only_columns_in_sight_of_a_long_text_are_there(look: Look, gpt: Model) -> None:
    text = " ".join(["The dog saw Lily and ran to her."] * 24)
    count = len(ids(gpt, text))
    assert count > 150
    page = look(f"gpt/lens?text={quote(text)}&token=0")
    columns = page.locator(".column")
    expect(columns.first).to_be_visible(timeout=60_000)
    assert columns.count() < 30
    page.get_by_role("application", name=re.compile("stages")).focus()
    page.keyboard.press("End")
    follows = page.get_by_title("Nothing follows: the network's own guess")
    expect(follows).to_be_visible(timeout=60_000)


def test_a_name_goes_when_what_copies_it_is_switched_off(look: Look, gpt: Model) -> None:
    page = look("gpt/logits")
    expect(page.get_by_role("heading", level=1)).to_contain_text("What argued for", timeout=60_000)
    whole = ids(gpt, SENTENCE.text)
    found = direct_logits(gpt, whole, len(whole) - 1)
    name = gpt.tokenizer.text_of(found.answer)
    assert name == "ip", "it copies the name it has just met"
    layer, head = divmod(int(found.heads.abs().argmax()), found.heads.shape[1])
    strongest = page.get_by_role("list", name="Strongest heads").get_by_role("switch").first
    expect(strongest).to_have_accessible_name(re.compile(rf"^Head {layer}\.{head}, "))
    row = page.get_by_role("list", name="Likeliest next tokens").get_by_role("button", name=re.compile(f"^{name}"))
    cuts: list[Cut] = []
    for layer in range(gpt.card.plan["layers"]):
        cuts.append(Cut("attention", layer))
        changed = ablation(gpt, whole, cuts, k=10)
        page.get_by_role("switch", name=re.compile(rf"^Attention {layer}, ")).click()
        after = changed.after[-1][changed.tokens[-1] == found.answer]
        if not len(after) or after[0] < 0.005:
            break
        expect(row.first).to_contain_text(f"{100 * after[0]:.1f}", timeout=30_000)
    expect(page.get_by_text(re.compile("it now says"))).to_be_visible(timeout=30_000)
    page.wait_for_url(re.compile("off=a0"))
    page.reload()
    expect(page.get_by_role("list", name="Parts that are off").get_by_role("button")).to_have_count(
        len(cuts), timeout=60_000
    )
    page.get_by_role("button", name="All on again").click()
    expect(page.get_by_role("switch", checked=False)).to_have_count(0)


def test_a_part_opens_to_the_heads_that_make_it_up(look: Look, gpt: Model) -> None:
    page = look("gpt/logits")
    opener = page.get_by_role("button", name="Attention 1", exact=True)
    expect(opener).to_be_visible(timeout=60_000)
    opener.click()
    parts = page.get_by_role("list", name="What each part adds")
    expect(parts.get_by_role("switch", name=re.compile(r"^Head 1\."))).to_have_count(gpt.card.plan["heads"])
    page.wait_for_url(re.compile("open=a1"))


def test_two_texts_are_compared_place_by_place(look: Look) -> None:
    page = look("gpt/logits?mode=compare&what=heads")
    cells = page.get_by_role("application", name=re.compile("What each place brings back"))
    expect(cells).to_be_visible(timeout=120_000)
    expect(page.get_by_text(re.compile(r"^Head \d of layer \d, at all tokens, brings .* back")).first).to_be_visible()
    page.get_by_role("link", name=re.compile(r"^Switch head \d of layer \d off")).click()
    expect(page.get_by_role("list", name="Parts that are off").get_by_role("button")).to_have_count(1, timeout=60_000)


def test_texts_of_other_lengths_are_refused_in_words(look: Look) -> None:
    page = look("gpt/logits?mode=compare&clean=Tom%20ran.&corrupt=Tom%20ran%20far%20away.", expect="422")
    expect(page.get_by_role("alert")).to_contain_text("must have as many tokens", timeout=60_000)
