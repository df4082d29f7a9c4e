"""Look through the units of a network that reads: find one, see what excites it, name it, test it on a text."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from lucarne.atlas.language.units import firing
from lucarne.models import load
from lucarne.models.model import Model

Look = Callable[..., Page]
SITE = "blocks.3.hook_resid_pre.features"
WAIT = 120_000  # ms: where nothing ships for these weights the stories are read first


@pytest.fixture(scope="module")
def gpt() -> Model:
    return load("gpt", device="cpu")


def test_a_unit_is_found_by_who_fires_on_a_text_and_has_a_page(look: Look, gpt: Model) -> None:
    text = "Once upon a time there was a king"
    page = look(f"gpt/units?of={SITE}&text={text.replace(' ', '+')}")
    tokens = np.array([gpt.tokenizer.end, *gpt.tokenizer.ids(text)])
    loudest = int(firing(gpt, SITE, tokens)[-1].argmax())
    first = page.locator("section").first.get_by_role("link").first
    expect(first).to_contain_text(str(loudest), timeout=WAIT)
    first.click()
    page.wait_for_url(re.compile(rf"features/{loudest}"))
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"feature {loudest}")
    contexts = page.get_by_role("list", name="The contexts with the largest answers").get_by_role("listitem")
    expect(contexts).to_have_count(10, timeout=WAIT)
    page.get_by_role("button", name="Name it").click()
    page.get_by_label(re.compile("What it should be called")).fill("kings and such")
    page.get_by_role("button", name="Keep").click()
    expect(page.get_by_text("kings and such", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("kings and such", exact=True)).to_be_visible(timeout=WAIT)


def test_a_sum_of_words_answers_with_the_networks_neighbors(look: Look, gpt: Model) -> None:
    from lucarne.atlas.language.embeddings import Term, nearest, token_of

    page = look("gpt/embeddings")
    page.get_by_role("textbox", name="Sum").fill("mother + man")
    terms = [Term(1, token_of(gpt, word, "plus")) for word in ("mother", "man")]
    best = gpt.tokenizer.text_of(nearest(gpt, terms, 1)[0][0]).replace(" ", "·")
    inspector = page.get_by_role("complementary", name="Neighbours")
    expect(inspector.get_by_role("listitem").first).to_contain_text(best, timeout=WAIT)


def test_a_batch_says_what_is_read_and_what_is_to_come(look: Look) -> None:
    page = look("gpt/corpus")
    pairs = page.get_by_role("group", name="Context and target of a row").get_by_role("button")
    expect(pairs).to_have_count(16, timeout=WAIT)
    expect(page.get_by_text("the network's own writing, not its training data")).to_be_visible()
    texts = [each.split("\n") for each in pairs.all_inner_texts()]
    assert [target for _, target in texts[:-1]] == [token for token, _ in texts[1:]], "shifted by one"
    page.get_by_role("link", name="Batch 2 →").click()
    page.wait_for_url(re.compile("number=1"))
    expect(page.get_by_text(re.compile("Batch 2 of"))).to_be_visible(timeout=WAIT)
