"""Data sets and weights are fetched from the page, here from a shop on this machine."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lucarne.app import PAGE
from lucarne.atlas.galleries.catalog import DATASETS
from lucarne.bench import Stock
from lucarne.models import fetching
from lucarne.models.catalog import MODELS
from tests.atlas.test_galleries import tiny_imagenet
from tests.browser import barriers
from tests.conftest import serving, settings_in
from tests.models.shop import Shop


def test_a_data_set_cut_off_once_becomes_a_gallery(page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (
        closing(Shop(tiny_imagenet(tmp_path / "made.zip"), cut=2 * 2**20)) as shop,
        serving(settings_in(tmp_path / "data"), Stock(), PAGE) as served,
    ):
        monkeypatch.setitem(DATASETS, "tiny-imagenet", replace(DATASETS["tiny-imagenet"], remote=shop.remote("cut")))
        page.goto(f"{served.url}/#/gallery/bundled")
        page.get_by_role("button", name="Add pictures").click(timeout=30_000)
        row = page.get_by_role("listitem").filter(has_text="Tiny ImageNet")
        row.get_by_role("button", name="Fetch 3 MB").click()
        expect(row.get_by_role("alert")).to_contain_text("could not be fetched", timeout=30_000)
        barriers.check(page)
        row.get_by_role("button", name="Fetch 3 MB").click()
        row.get_by_role("link", name="Look at it").click(timeout=30_000)
        expect(page.get_by_role("heading", level=1)).to_contain_text("2 pictures", timeout=30_000)
        expect(page.get_by_role("combobox", name="Gallery")).to_contain_text("Tiny ImageNet (2)")


def test_weights_that_cannot_be_had_say_so_beside_the_button_and_on_the_card(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        closing(Shop(b"weights" * 2**18)) as shop,
        serving(settings_in(tmp_path / "data", weights=tmp_path / "weights"), Stock(), PAGE) as served,
    ):
        monkeypatch.setitem(MODELS, "gpt2", replace(MODELS["gpt2"], files=(shop.remote("gone"),)))
        page.goto(served.url)
        row = page.get_by_role("listitem").filter(has_text="GPT-2 small")
        row.get_by_role("button", name="Fetch 2 MB").click(timeout=60_000)
        expect(row.get_by_role("alert")).to_contain_text("could not be fetched", timeout=30_000)
        row.get_by_role("link", name="GPT-2 small").click()
        card = page.get_by_text("Not on this machine yet.").locator("..").locator("..")
        expect(card.get_by_role("alert")).to_contain_text("could not be fetched")
        monkeypatch.setitem(MODELS, "gpt2", replace(MODELS["gpt2"], files=(shop.remote("slow"),)))
        monkeypatch.setattr(fetching, "BLOCK", 16)
        card.get_by_role("button", name="Fetch 2 MB").click()
        expect(card.get_by_role("progressbar")).to_be_visible()
        card.get_by_role("button", name="Stop").click()
        expect(card.get_by_role("button", name="Fetch 2 MB")).to_be_enabled(timeout=30_000)
