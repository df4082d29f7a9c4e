"""Galleries over HTTP and on the command line: what there is, adding to it, looking at a page, following a folder."""

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from lucarne.atlas.pictures import Picture
from lucarne.atlas.vision.thumbnails import thumbnail
from lucarne.cli import cli
from lucarne.galleries import Galleries, stem_of
from lucarne.galleries_api import PAGE
from lucarne.models.errors import Unknown, Unsuitable
from lucarne.watching import refresh, watch
from tests.conftest import Served, serving, settings_in
from tests.galleries import file_of, gallery_in, picture, write
from tests.hostile.test_bodies import is_problem

FILES = {f"set/{'ab'[seed % 2]}/{seed}.png": file_of(picture(seed)) for seed in range(7)}


@pytest.fixture(scope="module")
def served(journal: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(settings_in(tmp_path_factory.mktemp("data"))) as served:
        yield served


def form(files: dict[str, bytes]) -> list[tuple[str, tuple[str, bytes]]]:
    return [("file", (name, content)) for name, content in files.items()]


def add(served: Served, name: str, files: dict[str, bytes]) -> Any:
    return served.client.post("/api/galleries", data={"name": name}, files=form(files))


def zipped(files: dict[str, bytes]) -> bytes:
    opened = io.BytesIO()
    with zipfile.ZipFile(opened, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return opened.getvalue()


def names(served: Served) -> list[str]:
    return [each["name"] for each in served.client.get("/api/galleries").json()["galleries"]]


# ── what there is ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_bundled_gallery_is_there_from_the_start(served: Served) -> None:
    card = served.client.get("/api/galleries").json()["galleries"][0]
    assert card["name"] == "bundled" and card["count"] > 1000 and card["credit"] and card["licence"]
    assert sum(label["count"] for label in card["labels"]) == card["count"]


def test_a_page_and_its_sheet_show_the_same_pictures(served: Served) -> None:
    page = served.client.get("/api/galleries/bundled", params={"page": 2}).json()
    answer = served.client.get("/api/galleries/bundled/sheet", params={"page": 2})
    assert answer.headers["content-type"] == "image/webp"
    with Image.open(io.BytesIO(answer.content)) as image:
        sheet = np.asarray(image.convert("RGB")).astype(int)
    side, across = page["side"], page["across"]
    assert sheet.shape == (side * -(-len(page["pictures"]) // across), side * across, 3)
    from lucarne.atlas.galleries.gallery import bundled

    for place, told in enumerate(page["pictures"][:10]):
        assert told["number"] == 2 * PAGE + place
        assert told["id"] == bundled().id(told["number"])
        tile = sheet[side * (place // across) :, side * (place % across) :][:side, :side]
        assert np.abs(tile - bundled().tile(told["number"], side)).mean() < 20


def test_a_label_shows_its_own(served: Served) -> None:
    page = served.client.get("/api/galleries/bundled", params={"label": "cats"}).json()
    assert page["total"] == len(page["pictures"]) == 9 and page["pages"] == 1
    assert {each["label"] for each in page["pictures"]} == {"cats"}
    assert served.client.get("/api/galleries/bundled/sheet", params={"label": "cats"}).status_code == 200


def test_a_sheet_that_is_known_is_not_sent_again(served: Served) -> None:
    answer = served.client.get("/api/galleries/bundled/sheet", params={"label": "cats"})
    tag = {"if-none-match": answer.headers["etag"]}
    assert served.client.get("/api/galleries/bundled/sheet", params={"label": "cats"}, headers=tag).status_code == 304
    assert served.client.get("/api/galleries/bundled/sheet", params={"label": "dogs"}, headers=tag).status_code == 200


def test_a_picture_of_a_gallery_becomes_one_that_recipes_read(served: Served) -> None:
    page = served.client.get("/api/galleries/bundled", params={"label": "dogs"}).json()
    first = page["pictures"][0]
    kept = served.client.get(f"/api/galleries/bundled/{first['number']}").json()
    assert kept["id"] == first["id"]
    with Image.open(io.BytesIO(served.client.get(f"/api/pictures/{kept['id']}").content)) as image:
        assert Picture.of(np.asarray(image)).id == first["id"]


@pytest.mark.parametrize(
    "path", ["nowhere", "nowhere/sheet", "nowhere/0", "bundled?page=999", "bundled/sheet?page=999", "bundled/999999",
             "bundled/-1", "bundled?label=unheard", "bundled-000000000000", "%00"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(served: Served, path: str) -> None:
    answer = served.client.get(f"/api/galleries/{path}")
    assert answer.status_code == 404
    is_problem(answer)


@pytest.mark.parametrize("number", ["x", "1.5", "..%2f..", "9" * 5000, "%00"])
def test_a_number_that_is_none_is_refused(served: Served, number: str) -> None:
    answer = served.client.get(f"/api/galleries/bundled/{number}")
    assert answer.status_code in (404, 422)
    is_problem(answer)


# ── adding ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_pictures_come_in_labelled_by_their_folders_and_the_rest_is_told(served: Served) -> None:
    answer = add(served, "Höliday 1!", {**FILES, "set/a/bad.png": b"\x89PNG\r\n\x1a\n", "set/no.jpg": b"no"})
    assert answer.status_code == 201, answer.text
    told = answer.json()
    card = told["gallery"]
    assert card["name"].startswith("holiday-1-") and len(card["name"]) == len("holiday-1-") + 12
    assert (card["title"], card["count"]) == ("Höliday 1!", 7)
    assert {label["name"]: label["count"] for label in card["labels"]} == {"a": 4, "b": 3}
    assert told["skipped_count"] == 2
    assert {each["name"] for each in told["skipped"]} == {"set/a/bad.png", "set/no.jpg"}
    assert card["name"] in names(served)
    assert served.client.get(f"/api/galleries/{card['name']}").json()["total"] == 7


def test_more_pictures_make_another_edition_and_the_old_one_stays(served: Served) -> None:
    first = add(served, "growing", FILES).json()["gallery"]["name"]
    again = add(served, "growing", FILES).json()["gallery"]["name"]
    more = add(served, "growing", {"set/c/new.png": file_of(picture(70))}).json()["gallery"]
    assert first == again != more["name"] and more["count"] == 8
    assert [name for name in names(served) if name.startswith("growing-")] == [more["name"]]
    assert served.client.get(f"/api/galleries/{first}").json()["total"] == 7


def test_a_gallery_that_is_thrown_away_is_gone_with_all_its_editions(served: Served) -> None:
    first = add(served, "passing", FILES).json()["gallery"]["name"]
    second = add(served, "passing", {"set/c/new.png": file_of(picture(71))}).json()["gallery"]["name"]
    assert served.client.delete(f"/api/galleries/{second}").status_code == 204
    for name in (first, second):
        assert is_problem(served.client.get(f"/api/galleries/{name}")).status == 404
        assert is_problem(served.client.delete(f"/api/galleries/{name}")).status == 404
    assert not {first, second} & set(names(served))
    assert add(served, "passing", FILES).json()["gallery"]["name"] == first, "it may come back"


def test_the_bundled_gallery_stays(served: Served) -> None:
    refused = is_problem(served.client.delete("/api/galleries/bundled"))
    assert refused.status == 422 and "stays" in refused.detail
    assert "bundled" in names(served)


def test_the_first_visitor_finds_thumbnails_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known, few = Galleries(tmp_path), gallery_in(tmp_path / "pack", 3)
    monkeypatch.setattr("lucarne.galleries._bundled", lambda: few)
    known.prepare()
    (file,) = known.index_folder(few).glob("thumbnails-*.npy")
    assert np.array_equal(np.load(file), [thumbnail(few.pixels(number)) for number in range(3)])


def test_a_zip_is_what_lies_in_it(served: Served) -> None:
    card = add(served, "zipped", {"all.zip": zipped(FILES)}).json()["gallery"]
    assert card["count"] == 7 and {label["name"] for label in card["labels"]} == {"a", "b"}


@pytest.mark.parametrize(
    ("name", "files", "status"),
    [
        ("nothing", {"a.png": b"no"}, 422),
        ("!!!", FILES, 422),
        ("bundled", FILES, 422),
        ("broken", {"a.zip": b"PK\x03\x04 but no zip"}, 422),
        ("empty", {"a.zip": zipped({"notes.txt": b"hello"})}, 422),
    ],
)  # fmt: skip
def test_what_cannot_become_a_gallery_leaves_nothing(
    served: Served, name: str, files: dict[str, bytes], status: int
) -> None:
    before = names(served)
    answer = add(served, name, files)
    assert answer.status_code == status, answer.text
    is_problem(answer)
    assert names(served) == before
    assert not (served.settings.data / "galleries" / name).exists()


def test_a_form_that_is_none_is_refused(served: Served) -> None:
    post: Callable[..., Any] = served.client.post
    for answer in (
        post("/api/galleries", json={"name": "x"}),
        post("/api/galleries", files=form(FILES)),
        post("/api/galleries", data={"name": "x"}, files=[("other", ("a.png", b"x"))]),
        post("/api/galleries", data={"name": "x", "more": "y"}, files=form(FILES)),
    ):
        assert answer.status_code in (400, 415, 422), answer.text
        is_problem(answer)


# ── where they live ──────────────────────────────────────────────────────────────────────────────────────────────────


def test_stems_are_plain_words() -> None:
    assert [stem_of(title) for title in ("My Set!", "Ünïcode  --", "A" * 100)] == ["my-set", "unicode", "a" * 60]
    for title in ("", "…", "日本", "Bundled"):
        with pytest.raises(Unsuitable):
            stem_of(title)


def test_no_name_becomes_a_path(tmp_path: Path) -> None:
    (tmp_path / "outside/editions").mkdir(parents=True)
    np.save(tmp_path / "outside/editions/0123456789ab.npy", np.zeros(1, np.int32))
    for name in ("../outside-0123456789ab", "outside-0123456789AB", "/outside-0123456789ab", "outside-0123456789ab\n"):
        with pytest.raises(Unknown):
            Galleries(tmp_path / "galleries").get(name)


# ── following a folder ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_followed_folder_is_read_again_when_it_changes_and_only_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lucarne import watching

    folder, known = write(tmp_path / "photos", {**FILES, "set/bad.png": b"no"}), Galleries(tmp_path / "galleries")
    first = watch(known, "photos", folder, lambda _: None)
    assert len(first) == 7 and refresh(known) == []

    read: list[str] = []
    real = watching.squares
    monkeypatch.setattr(watching, "squares", lambda files, skip: real((read.append(f.name) or f for f in files), skip))
    write(folder, {"set/c/new.png": file_of(picture(50))})
    (second,) = refresh(known)
    assert read == ["set/c/new.png"] and len(known.get(second)) == 8

    (folder / "set/a/0.png").unlink()
    (third,) = refresh(known)
    assert len(known.get(third)) == 7 and read == ["set/c/new.png"], "what is gone needs no reading"
    assert len(known.get(first.name)) == 7 and first.fingerprint == known.get(first.name).fingerprint

    (folder / "set").rename(tmp_path / "away")
    assert refresh(known) == [] and known.all()[-1].name == third, "an empty folder leaves the gallery as it was"


def test_the_list_over_http_follows_folders(served: Served, tmp_path: Path) -> None:
    folder = write(tmp_path / "album", FILES)
    watch(Galleries.beside(served.parts.pictures), "album", folder, lambda _: None)
    before = [name for name in names(served) if name.startswith("album-")]
    write(folder, {"new.png": file_of(picture(60))})
    after = [name for name in names(served) if name.startswith("album-")]
    assert len(before) == len(after) == 1 and before != after


# ── the command line ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    monkeypatch.setenv("LUCARNE_DATA", str(tmp_path / "data"))

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(cli, ["gallery", *arguments])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_the_command_line_adds_lists_and_indexes(run: Callable[..., str], tmp_path: Path) -> None:
    folder = write(tmp_path / "mine", {**FILES, "set/bad.png": b"no"})
    told = run("add", "Mine", str(folder))
    assert "7 pictures" in told and "set/bad.png" in told
    (name,) = re.findall("mine-[0-9a-f]{12}", told)
    assert name in run("list") and "bundled" in run("list")
    assert "7 pictures" in run("index", name, "--model", "tiny_alexnet", "--device", "cpu")
    known = Galleries(tmp_path / "data/galleries")
    from lucarne.models import describe

    assert known.is_indexed(known.get(name), "tiny_alexnet", describe("tiny_alexnet").weights)
    assert not known.is_indexed(known.get(name), "alexnet", describe("alexnet").weights)
    about = json.loads((tmp_path / "data/galleries/mine/watched.json").read_text())
    assert about["folder"] == str(folder)
    run("remove", name)
    assert name not in run("list") and (folder / "set/a/0.png").exists()


def test_the_command_line_says_what_is_wrong(run: Callable[..., str], tmp_path: Path) -> None:
    with pytest.raises(Unsuitable):
        run("add", "x", str(tmp_path / "nowhere"))
    with pytest.raises(Unknown):
        run("download", "imagenet")
    with pytest.raises(Unknown):
        run("index", "nowhere")
    with pytest.raises(Unsuitable):
        run("index", "bundled", "--model", "tiny_gpt")
