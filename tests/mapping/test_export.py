"""A map in one file: every cell in its place, from the command line, too."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from lucarne.atlas.galleries.pack import Square
from lucarne.atlas.mapping import atlas as mapping
from lucarne.atlas.mapping.atlas import SIDE
from lucarne.atlas.mapping.bundled import Packed
from lucarne.atlas.mapping.export import GROUND, picture_of
from lucarne.cli import cli
from lucarne.galleries import Galleries
from lucarne.models.errors import Unknown, Unsuitable
from tests.atlases import COLOURS, packed_in
from tests.galleries import picture


@pytest.fixture
def packed(tmp_path: Path) -> Packed:
    return packed_in(tmp_path / "packed")


def test_the_picture_shows_every_cell_in_its_place(packed: Packed) -> None:
    with Image.open(io.BytesIO(picture_of(packed))) as image:
        assert (image.format, image.size) == ("PNG", (2 * SIDE, 2 * SIDE))
        shown = np.asarray(image).astype(int)
    corners = [shown[SIDE // 2, SIDE // 2], shown[SIDE // 2, -SIDE // 2], shown[-SIDE // 2, -SIDE // 2]]
    assert np.abs(corners - COLOURS[:3].astype(int)).max() < 24
    assert tuple(shown[-SIDE // 2, SIDE // 2]) == GROUND, "no sample, no cell"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setenv("LUCARNE_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(mapping, "ICON", replace(mapping.ICON, steps=1))
    monkeypatch.setattr(mapping, "DRAWN", 64)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli, ["atlas", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_the_command_line_builds_lists_and_exports(run: Callable[..., Any], tmp_path: Path) -> None:
    squares = [Square(f"p{seed}", "", picture(seed)) for seed in range(12)]
    gallery = Galleries(tmp_path / "data" / "galleries").add("Mine", squares).name
    told = run("build", "conv5", "--model", "tiny_alexnet", "--gallery", gallery, "--device", "cpu")
    name = f"tiny_alexnet-relu5-{gallery}"
    assert f"{name}: 12 samples" in told
    assert name in run("list")
    for ending, begins in ((".html", b"<!doctype html>"), (".png", b"\x89PNG")):
        file = tmp_path / f"map{ending}"
        assert "MB" in run("export", "tiny_alexnet-relu5", str(file))
        assert file.read_bytes().startswith(begins)
    assert "class 9" in (tmp_path / "map.html").read_text(encoding="utf-8")


def test_what_cannot_be_exported_is_refused_by_name(run: Callable[..., Any], tmp_path: Path) -> None:
    with pytest.raises(Unknown) as unknown:
        run("export", "nothing-like-it", str(tmp_path / "a.png"))
    assert unknown.value.field == "name"
    with pytest.raises(Unsuitable, match="neither in"):
        run("export", "alexnet-relu5", str(tmp_path / "a.jpg"))
    with pytest.raises(Unknown, match="relu5"):
        run("build", "tiny_gpt", "relu5", "--device", "cpu")
    with pytest.raises(Unsuitable, match="a model and one of its sites"):
        run("build", "tiny_gpt", "blocks.0.hook_resid_pre", "bundled", "--device", "cpu")
