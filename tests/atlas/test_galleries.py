"""A gallery keeps what came into it; files that are no pictures are left out and told, whatever they hold."""

import io
import tarfile
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lucarne.atlas.galleries import catalog, draw
from lucarne.atlas.galleries.catalog import DATASETS
from lucarne.atlas.galleries.contact import contact
from lucarne.atlas.galleries.gallery import BUNDLED, Gallery, bundled
from lucarne.atlas.galleries.pack import BIN, About, Pack, Square
from lucarne.atlas.galleries.sources import Found, label_of, source
from lucarne.atlas.galleries.squares import SIDE, Skipped, squares
from lucarne.atlas.pictures import Picture, square
from lucarne.atlas.scenes.catalog import KINDS
from lucarne.models.errors import Unknown, Unsuitable, WeightsDamaged, WeightsMissing
from tests.galleries import file_of, gallery_in, pack_in, picture, write
from tests.models.shop import Shop

GOOD = file_of(picture(1))
BAD = {
    "cut.png": GOOD[:-20],
    "empty.png": b"",
    "page.jpg": b"<html></html>",
    "tiny.png": file_of(picture(1, 4, 4)),
    "scans.jpg": b"\xff\xd8\xff" + b"\xff\xda" * 200,
    "big.png": GOOD + bytes(10 * 2**20),
}


def taken(found: list[Found]) -> tuple[list[Square], dict[str, str]]:
    skipped: list[Skipped] = []
    kept = list(squares(found, skipped.append))
    return kept, {each.name: each.why for each in skipped}


# ── packs ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_pack_grows_and_keeps_what_it_had(tmp_path: Path) -> None:
    first = pack_in(tmp_path, range(3))
    grown = first.add([Square("another", "c", picture(9))])
    assert [*grown.names, len(grown)] == ["picture 0", "picture 1", "picture 2", "another", 4]
    assert [grown.label(row) for row in range(4)] == ["a", "b", "a", "c"]
    for row in range(3):
        assert np.array_equal(grown.pixels(row), first.pixels(row))
    assert np.abs(grown.pixels(3).astype(int) - picture(9)).mean() < 8, "WebP, not quite the same"
    assert grown.ids[3].tobytes().hex() == Picture.of(grown.pixels(3)).id


def test_what_a_power_cut_left_half_written_is_written_over(tmp_path: Path) -> None:
    whole = pack_in(tmp_path, range(3))
    with (tmp_path / BIN).open("ab") as opened_file:
        opened_file.write(b"half a picture")
    again = Pack(tmp_path).add([Square("later", "a", picture(7))])
    assert np.array_equal(again.pixels(3), pack_in(tmp_path / "clean", [7]).pixels(0))
    assert (tmp_path / BIN).stat().st_size == again.offsets[-1] > whole.offsets[-1]


def test_names_and_labels_of_strangers_are_one_plain_line(tmp_path: Path) -> None:
    pack = Pack.create(tmp_path, About("x")).add([Square("a\nb\0c" + "x" * 500, "l\nm", picture(0))])
    assert len(pack.names) == 1 and pack.names[0].isprintable() and len(pack.names[0]) <= 120
    assert pack.label(0) == "l m"


def test_a_gallery_with_a_picture_more_has_another_fingerprint(tmp_path: Path) -> None:
    pack = pack_in(tmp_path, range(6))
    all_of_it = Gallery("x-1", pack)
    same = Gallery("x-2", pack, np.arange(6, dtype=np.int32))
    assert all_of_it.fingerprint == same.fingerprint
    others = [[0, 1, 2, 3, 4], [1, 0, 2, 3, 4, 5]]
    prints = {Gallery("x-3", pack, np.array(rows, np.int32)).fingerprint for rows in others}
    assert len(prints | {same.fingerprint}) == 3


def test_a_picture_is_found_by_its_own_id_and_by_that_of_what_it_was_cut_from(tmp_path: Path) -> None:
    wide = picture(5, 100, 160)
    (kept,), skipped = taken([Found("wide.png", "a", lambda: file_of(wide))])
    gallery = Gallery("g-1", Pack.create(tmp_path, About("x")).add([Square("no", "a", picture(1)), kept]))
    assert not skipped
    assert gallery.find(Picture.of(wide).id) == gallery.find(gallery.id(1)) == 1
    assert gallery.find("0" * 64) is None


def test_a_contact_sheet_shows_each_picture_in_its_place(tmp_path: Path) -> None:
    from PIL import Image

    gallery = gallery_in(tmp_path)
    with Image.open(io.BytesIO(contact(gallery, [3, 5, 3], side=32, across=2))) as image:
        sheet = np.asarray(image.convert("RGB")).astype(int)
    assert sheet.shape == (64, 64, 3)
    for place, number in ((0, 3), (1, 5), (2, 3)):
        tile = sheet[32 * (place // 2) :, 32 * (place % 2) :][:32, :32]
        assert np.abs(tile - gallery.tile(number, 32)).mean() < 12


# ── sources ──────────────────────────────────────────────────────────────────────────────────────────────────────────

FILES = {"cats/one.png": GOOD, "dogs/two.jpg": file_of(picture(2), "JPEG"), "three.webp": file_of(picture(3), "WEBP")}
OTHERS = {"cats/notes.txt": b"no", "cats/.hidden.png": GOOD, "__MACOSX/cats/_one.png": GOOD}


def packed_up(path: Path, kind: str) -> Path:
    if kind == "folder":
        return write(path / "set", {**FILES, **OTHERS})
    if kind == "zip":
        with zipfile.ZipFile(path / "set.zip", "w") as archive:
            for name, content in {**FILES, **OTHERS}.items():
                archive.writestr(name, content)
        return path / "set.zip"
    with tarfile.open(path / "set.tgz", "w:gz") as archive:
        for name, content in {**FILES, **OTHERS}.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
        link = tarfile.TarInfo("cats/link.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return path / "set.tgz"


@pytest.mark.parametrize("kind", ["folder", "zip", "tar"])
def test_folders_and_archives_hold_the_same_pictures_labelled_by_their_folder(kind: str, tmp_path: Path) -> None:
    kept, skipped = taken(list(source(packed_up(tmp_path, kind))))
    assert not skipped
    assert {each.name: each.label for each in kept} == {
        "cats/one.png": "cats", "dogs/two.jpg": "dogs", "three.webp": "pictures",
    }  # fmt: skip


def test_a_packed_set_is_read_by_its_offsets(tmp_path: Path) -> None:
    files = [file_of(picture(seed), "WEBP") for seed in range(3)]
    (tmp_path / "set.bin").write_bytes(b"".join(files))
    offsets = np.cumsum([0, *map(len, files)])
    np.savez(tmp_path / "set.index.npz", offsets=offsets, labels=np.array([4, 5, 4]))
    kept, _ = taken(list(source(tmp_path / "set.index.npz")))
    assert [each.label for each in kept] == ["class 4", "class 5", "class 4"]
    np.savez(tmp_path / "set.index.npz", offsets=offsets + 10**6, labels=np.array([4, 5, 4]))
    with pytest.raises(Unsuitable, match="damaged"):
        list(source(tmp_path / "set.index.npz"))


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    for name, content in (("notes.txt", b"hello"), ("set.zip", b"PK\x03\x04 but no zip")):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(Unsuitable):
            list(source(tmp_path / name))


def test_a_zip_bomb_does_not_go_off(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/bomb.png", bytes(64 * 2**20))
        archive.writestr("a/good.png", GOOD)
    kept, skipped = taken(list(source(tmp_path / "bomb.zip")))
    assert [each.name for each in kept] == ["a/good.png"]
    assert "10 MiB" in skipped["a/bomb.png"]


def test_a_damaged_member_of_a_zip_is_left_out(tmp_path: Path) -> None:
    path = packed_up(tmp_path, "zip")
    content = bytearray(path.read_bytes())
    at = content.find(GOOD[20:60])
    content[at : at + 8] = b"\0" * 8
    path.write_bytes(content)
    kept, skipped = taken(list(source(path)))
    assert "cats/one.png" in skipped and len(kept) == 2


# ── decoding ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_damaged_files_are_left_out_and_said_and_the_others_kept() -> None:
    files = {f"{number}.png": file_of(picture(number)) for number in range(40)}
    mixed = {**files, **BAD}
    found = [Found(name, "a", lambda content=content: content) for name, content in sorted(mixed.items())]
    kept, skipped = taken(found)
    assert [each.name for each in kept] == sorted(files)
    assert skipped.keys() == BAD.keys()
    assert all(why.endswith(".") and len(why) <= 200 for why in skipped.values())


def test_a_file_that_brings_its_process_down_takes_no_other_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    from lucarne.atlas.galleries import squares as module
    from lucarne.atlas.sandbox import Outcome

    run = module._sandbox.run

    def fragile(work: bytes) -> Outcome:
        return Outcome(b"", False, 0) if b"deadly" in work else run(work)

    monkeypatch.setattr(module._sandbox, "run", fragile)
    found = [Found(str(seed), "a", lambda seed=seed: file_of(picture(seed))) for seed in range(5)]
    found.insert(2, Found("killer.png", "a", lambda: b"deadly"))
    kept, skipped = taken(found)
    assert [each.name for each in kept] == ["0", "1", "2", "3", "4"]
    assert "too long or too much memory" in skipped["killer.png"]


def test_a_square_is_cut_from_the_middle_and_no_larger_than_is_needed() -> None:
    large = picture(3, 300, 500)
    (kept,), _ = taken([Found("x", "a", lambda: file_of(large))])
    assert np.array_equal(kept.pixels, square(large, SIDE))
    assert kept.origin.hex() == Picture.of(large).id
    (small,), _ = taken([Found("x", "a", lambda: file_of(picture(3, 40, 50)))])
    assert small.pixels.shape == (40, 40, 3)


def test_labels_come_from_folders() -> None:
    assert [label_of(path) for path in ("a/b/c.png", "c.png")] == ["b", "pictures"]


# ── what ships ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_the_bundled_gallery_is_small_credited_and_whole() -> None:
    gallery = bundled()
    assert len(gallery) == sum(kind.count for kind in KINDS.values()) + 15
    assert sum(file.stat().st_size for file in BUNDLED.glob("gallery.*")) < 7 * 2**20
    assert {gallery.label(number) for number in range(len(gallery))} == {"photographs", *KINDS}
    assert "Stefan van der Walt" in gallery.pack.about.credit and "not stated" not in gallery.pack.about.credit
    for number in range(0, len(gallery), 97):
        assert Picture.of(gallery.pixels(number)).id == gallery.id(number), "pixels are what they were"


def test_the_bundled_scenes_are_those_their_seeds_draw() -> None:
    from lucarne.atlas.scenes.catalog import draw as draw_scene

    gallery = bundled()
    for number in (20, 500, 1100):
        label, _, seed = gallery.name_of(number).rpartition(" ")
        drawn = draw_scene(label, int(seed)).astype(int)
        assert np.abs(gallery.pixels(number) - drawn).mean() < 12, gallery.name_of(number)


def test_the_maker_draws_photographs_first_then_scenes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        draw, "scenes", lambda: iter([("cats", 0, picture(0, 128, 128)), ("dogs", 0, picture(1, 128, 128))])
    )
    pack = draw.draw(tmp_path / "made")
    assert pack.names[0] == "Cat" and pack.names[-2:] == ["cats 0", "dogs 0"]
    assert draw.draw(tmp_path / "made").offsets[-1] == pack.offsets[-1], "made again in its place"
    assert [path.name for path in tmp_path.iterdir()] == ["made"]


# ── data sets of the catalog ─────────────────────────────────────────────────────────────────────────────────────────


def tiny_imagenet(path: Path) -> bytes:
    """The archive's layout with three pictures."""
    root = "tiny-imagenet-200"
    told = [f"v{number}.JPEG\t{word}\t0\t0\t1\t1\n" for number, word in enumerate(("n01443537", "n01629819"))]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{root}/val/val_annotations.txt", "".join(told))
        for name in ("val/images/v0.JPEG", "val/images/v1.JPEG", "train/n01443537/images/t.JPEG"):
            archive.writestr(f"{root}/{name}", file_of(picture(len(name)), "JPEG"))
        archive.writestr(f"{root}/padding", np.random.default_rng(0).bytes(3 * 2**20))
    return path.read_bytes()


def test_a_data_set_is_fetched_where_it_was_cut_off_checked_and_labelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goods = tiny_imagenet(tmp_path / "made.zip")
    with closing(Shop(goods, cut=2 * 2**20)) as shop:
        monkeypatch.setitem(DATASETS, "tiny-imagenet", replace(DATASETS["tiny-imagenet"], remote=shop.remote("cut")))
        with pytest.raises(WeightsMissing):
            catalog.fetch("tiny-imagenet", tmp_path / "downloads")
        kept, skipped = taken(list(catalog.fetch("tiny-imagenet", tmp_path / "downloads")))
        assert int(str(shop.asked[-1].range)[6:-1]) >= 2**20, "from the last whole block on"
    assert not skipped
    assert [(each.name, each.label) for each in kept] == [
        ("tiny-imagenet-200/val/images/v0.JPEG", "goldfish"),
        ("tiny-imagenet-200/val/images/v1.JPEG", "European fire salamander"),
    ]


def test_a_data_set_that_is_another_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(Shop(tiny_imagenet(tmp_path / "made.zip"))) as shop:
        monkeypatch.setitem(DATASETS, "tiny-imagenet", replace(DATASETS["tiny-imagenet"], remote=shop.remote("wrong")))
        with pytest.raises(WeightsDamaged):
            catalog.fetch("tiny-imagenet", tmp_path / "downloads")


def test_a_data_set_nobody_knows_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(Unknown):
        list(catalog.fetch("imagenett", tmp_path))


def test_imagenette_is_labelled_by_its_words(tmp_path: Path) -> None:
    names = DATASETS["imagenette"].names(tmp_path)
    assert names("imagenette2-160/val/n03000684/x.JPEG") == "chain saw"
    assert names("imagenette2-160/train/n03000684/x.JPEG") is None
