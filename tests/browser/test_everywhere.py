"""What holds for every view: nothing sticks out, nothing is inaccessible, in both themes, at both sizes."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import barriers

Look = Callable[..., Page]
VIEWS = [
    "",
    "alexnet/conv1/kernels",
    "alexnet/conv1/kernels?trained=0.1",
    "alexnet/conv3?unit=5",
    "alexnet/fc7",
    "alexnet/conv5/why?off=1,2",
    "alexnet/conv5/why?mode=compare",
    "alexnet/neighbors",
    "alexnet/directions",
    "gallery/bundled?model=alexnet&number=3",
    "atlas/alexnet/relu5",
    "alexnet/conv5/dreams",
    "alexnet/relu1/dreams",
    "alexnet/conv5/42",
    "alexnet/fc8/3",
    "gpt/attention",
    "gpt/lens?shows=rank",
    "gpt/logits?off=a1&open=a1",
    "gpt/logits?mode=compare&what=heads",
    "gpt/units?of=blocks.2.mlp.hook_post",
    "gpt/blocks.3.hook_resid_pre.features/12",
    "gpt/embeddings",
    "gpt/corpus",
    "alexnet/card",
    "gpt/card",
    "shakespeare/attention",
]
MORE = [
    "gpt/steer", "gpt/generate", "gpt/matrix", "gpt/induction", "atlas/gpt/blocks.2.hook_resid_pre", "alexnet/studio",
]  # fmt: skip
SIZES = [(1280, 800), (390, 844)]


LOOKS = [(place, size, ("light", "dark")) for place in VIEWS for size in SIZES]
LOOKS += [
    (place, size, schemes) for place in MORE for size, schemes in zip(SIZES, (("dark",), ("light",)), strict=True)
]


@pytest.mark.parametrize(("place", "size", "schemes"), LOOKS, ids=str)
def test_no_serious_barrier_and_no_sideways_scroll(
    look: Look, page: Page, place: str, size: tuple[int, int], schemes: tuple[str, ...]
) -> None:
    for number, scheme in enumerate(schemes):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # pyright: ignore[reportArgumentType]
        if number == 0:
            look(place, *size)
        barriers.check(page)


@pytest.mark.parametrize("name", ["attention", "heads"])
def test_heads_have_two_addresses(look: Look, name: str) -> None:
    expect(look(f"gpt/{name}").get_by_role("heading", level=1)).to_contain_text("head 0 of layer 0", timeout=60_000)


def test_an_unknown_place_says_where_to_go(look: Look) -> None:
    page = look("alexnet/conv9", expect="404")
    page.get_by_role("alert").or_(page.get_by_role("heading", level=1)).first.wait_for(timeout=30_000)
    assert "conv9" in page.locator("main").inner_text()
