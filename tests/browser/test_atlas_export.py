"""An exported map opens in a browser that is asked for nothing more; it can be moved, zoomed and read."""

import io
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page

from lucarne.atlas.mapping.export import page_of
from tests.atlases import COLOURS, packed_in

LABELS = ["zebra", "</script><b>", "rabbit"]


def test_an_exported_map_opens_without_asking_anybody_for_anything(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "atlas.html"
    file.write_text(page_of(packed_in(tmp_path / "packed"), "AlexNet <small>", LABELS), encoding="utf-8")
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    page.set_viewport_size({"width": 600, "height": 400})
    page.goto(file.as_uri())
    page.wait_for_function("atlas.grids.every((grid) => grid.image.complete)")

    def colour(x: int, y: int) -> np.ndarray:
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        with Image.open(io.BytesIO(page.screenshot())) as image:
            return np.asarray(image.convert("RGB"))[y, x].astype(int)

    assert np.abs(colour(200, 120) - COLOURS[0]).max() < 24, "two cells are far apart: the finer grid is shown"
    assert np.abs(colour(400, 300) - COLOURS[2]).max() < 24
    page.mouse.move(400, 120)
    assert page.inner_text("#said") == "2 samples · speaks for </script><b>, rabbit, zebra"
    page.mouse.down()
    page.mouse.move(200, 300, steps=3)
    page.mouse.up()
    assert np.abs(colour(250, 250) - COLOURS[1]).max() < 24, "the map came along"
    page.keyboard.press("0")
    page.mouse.move(300, 200)
    page.mouse.wheel(0, -400)
    page.wait_for_function("view.scale > 400")
    assert all(each == file.as_uri() or each.startswith("data:") for each in asked), asked
    assert wrong == []
    assert "AlexNet <small>: relu5, 6 pictures (Six & “six”)" in page.inner_text("#about")
