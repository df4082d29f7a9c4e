"""Weights are fetched from a real server, however badly it behaves, and used only if they are the right ones."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import httpx2
import numpy as np
import pytest

from lucarne.models import fetching
from lucarne.models.catalog import Remote
from lucarne.models.errors import WeightsDamaged, WeightsMissing
from lucarne.models.fetching import fetch

from .shop import Shop

T = TypeVar("T")
SIZE = 300_000
BLOCK = 10_000


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setattr(fetching, "BLOCK", BLOCK)
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    shop = Shop(np.random.default_rng(0).bytes(SIZE), cut=SIZE // 3)
    yield shop
    shop.close()


@pytest.fixture
def spoken_to(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts to which a request was really sent."""
    hosts: list[str] = []
    send = httpx2.HTTPTransport.handle_request

    def handle_request(transport: httpx2.HTTPTransport, request: httpx2.Request) -> httpx2.Response:
        hosts.append(request.url.host)
        return send(transport, request)

    monkeypatch.setattr(httpx2.HTTPTransport, "handle_request", handle_request)
    return hosts


def left(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


def test_a_file_is_fetched_whole_and_put_in_place(shop: Shop, tmp_path: Path) -> None:
    file = fetch(shop.remote("right"), tmp_path / "new/folder")
    assert file.read_bytes() == shop.goods
    assert left(file.parent) == {"weights.bin"}
    assert [asked.range for asked in shop.asked] == [None]


def test_what_is_there_and_right_is_not_asked_for(shop: Shop, tmp_path: Path, spoken_to: list[str]) -> None:
    (tmp_path / "weights.bin").write_bytes(shop.goods)
    fetch(shop.remote("right"), tmp_path)
    assert not spoken_to


def test_what_is_there_and_wrong_is_fetched_again(shop: Shop, tmp_path: Path) -> None:
    flipped = bytearray(shop.goods)
    flipped[SIZE // 2] ^= 1
    (tmp_path / "weights.bin").write_bytes(flipped)
    assert fetch(shop.remote("right"), tmp_path).read_bytes() == shop.goods


def test_what_was_cut_off_is_resumed_where_it_ended(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match="Try again"):
        fetch(shop.remote("cut"), tmp_path)
    assert not (tmp_path / "weights.bin").exists()
    had = (tmp_path / "weights.bin.part").stat().st_size
    assert SIZE // 3 - BLOCK < had <= SIZE // 3
    before = shop.sent
    assert fetch(shop.remote("cut"), tmp_path).read_bytes() == shop.goods
    assert shop.asked[-1].range == f"bytes={had}-"
    assert shop.asked[-1].if_range == shop.tag
    assert shop.sent - before == SIZE - had + 1, "the rest, and a byte to see where the address leads"
    assert left(tmp_path) == {"weights.bin"}


def test_what_was_cut_off_from_another_edition_is_begun_anew(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        fetch(shop.remote("cut"), tmp_path)
    shop.goods, shop.tag = shop.goods[::-1], '"second edition"'
    assert fetch(shop.remote("cut"), tmp_path).read_bytes() == shop.goods
    assert len(shop.asked) == 2, "the server sent the whole at once"


def test_an_edition_without_a_name_is_not_resumed(shop: Shop, tmp_path: Path) -> None:
    shop.tag = None
    with pytest.raises(WeightsMissing):
        fetch(shop.remote("cut"), tmp_path)
    assert fetch(shop.remote("cut"), tmp_path).read_bytes() == shop.goods
    assert [asked.range for asked in shop.asked] == [None, None]


def test_a_server_that_hears_no_range_sends_the_whole_and_that_is_fine(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        fetch(shop.remote("deaf"), tmp_path)
    assert fetch(shop.remote("deaf"), tmp_path).read_bytes() == shop.goods
    assert shop.asked[-1].range


def test_a_part_longer_than_what_the_server_has_is_no_dead_end(shop: Shop, tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(WeightsMissing):
            fetch(shop.remote("greedy"), tmp_path)
    assert fetch(shop.remote("greedy"), tmp_path).read_bytes() == shop.goods


@pytest.mark.parametrize("part", [b"", b"x", bytes(SIZE - 1), bytes(SIZE), bytes(SIZE + 1)], ids=len)
@pytest.mark.parametrize("tag", [None, "", '"first edition"', "no tag at all"])
def test_whatever_lies_there_half_done_the_file_comes_out_right(
    part: bytes, tag: str | None, shop: Shop, tmp_path: Path
) -> None:
    (tmp_path / "weights.bin.part").write_bytes(part)
    if tag is not None:
        (tmp_path / "weights.bin.part.etag").write_text(tag)
    assert fetch(shop.remote("right"), tmp_path).read_bytes() == shop.goods
    assert left(tmp_path) == {"weights.bin"}


def test_a_part_that_is_whole_already_is_put_in_place(shop: Shop, tmp_path: Path, spoken_to: list[str]) -> None:
    (tmp_path / "weights.bin.part").write_bytes(shop.goods)
    assert fetch(shop.remote("right"), tmp_path).read_bytes() == shop.goods
    assert left(tmp_path) == {"weights.bin"}
    assert not spoken_to


def test_a_file_that_arrives_wrong_is_fetched_once_more(shop: Shop, tmp_path: Path) -> None:
    assert fetch(shop.remote("wavering"), tmp_path).read_bytes() == shop.goods
    assert len(shop.asked) == 2
    assert left(tmp_path) == {"weights.bin"}


@pytest.mark.parametrize("way", ["wrong", "html", "endless"])
def test_a_file_that_arrives_wrong_twice_is_given_up_and_nothing_is_left(way: str, shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(WeightsDamaged, match="twice"):
        fetch(shop.remote(way), tmp_path)
    assert len(shop.asked) == 2
    assert not left(tmp_path)


def test_an_old_right_file_survives_a_new_wrong_one(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"an older edition")
    with pytest.raises(WeightsDamaged):
        fetch(shop.remote("wrong"), tmp_path)
    assert (tmp_path / "weights.bin").read_bytes() == b"an older edition"


def test_no_more_than_the_right_length_is_taken_in(shop: Shop, tmp_path: Path) -> None:
    kept = []

    def progress(steps: Iterable[T], /) -> Iterator[T]:
        for step in steps:
            yield step
            part = tmp_path / "weights.bin.part"
            kept.append(part.stat().st_size if part.exists() else 0)

    with pytest.raises(WeightsDamaged):
        fetch(shop.remote("endless"), tmp_path, progress)
    assert max(kept) < SIZE + 100 * BLOCK


@pytest.mark.parametrize("way", ["gone", "broken"])
def test_a_server_that_refuses_is_no_damage(way: str, shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"weights\.bin could not be fetched") as caught:
        fetch(shop.remote(way), tmp_path)
    assert len(caught.value.detail) <= 200
    assert "127.0.0.1" not in caught.value.detail
    assert not left(tmp_path)


def test_no_server_is_no_damage(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        fetch(Remote("http://127.0.0.1:9/weights.bin", 1, "0" * 64), tmp_path)


def test_a_trickle_is_hung_up_on(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "STALL", 0.2)
    with pytest.raises(WeightsMissing):
        fetch(shop.remote("slow"), tmp_path)
    assert shop.sent < 100


def test_nothing_is_asked_for_packed(shop: Shop, tmp_path: Path) -> None:
    assert fetch(shop.remote("packed"), tmp_path).read_bytes() == shop.goods


def test_progress_sees_every_block_and_can_stop_between_two(shop: Shop, tmp_path: Path) -> None:
    seen = 0

    def progress(steps: Iterable[T], /) -> Iterator[T]:
        nonlocal seen
        for step in steps:
            seen += 1
            if seen == 5:
                raise KeyboardInterrupt
            yield step

    with pytest.raises(KeyboardInterrupt):
        fetch(shop.remote("right"), tmp_path, progress)
    assert not (tmp_path / "weights.bin").exists()
    fetch(shop.remote("right"), tmp_path)
    assert shop.asked[-1].range, "what had arrived before it was stopped is not sent again"


def test_a_redirect_on_this_machine_is_followed(shop: Shop, tmp_path: Path) -> None:
    for towards in ("/right/weights.bin", shop.url("right")):
        shop.towards = towards
        file = fetch(shop.remote("moved"), tmp_path)
        assert file.read_bytes() == shop.goods
        assert [asked.path for asked in shop.asked] == ["/right/weights.bin"]
        file.unlink()
        shop.asked.clear()


@pytest.mark.parametrize(
    "towards",
    [
        "http://169.254.169.254/latest/meta-data", "https://169.254.169.254/", "//169.254.169.254/", "file:///etc/passwd",
        "ftp://127.0.0.2/weights.bin", "http://10.0.0.1/", "http://example.com/weights.bin",
        "https://example.com/weights.bin", "http://[fe80::1]/", "http://0.0.0.0/", "gopher://localhost.evil/", "https:///",
        "http://[", "http://a b/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_a_redirect_away_from_this_machine_is_refused_without_a_request(
    towards: str, shop: Shop, tmp_path: Path, spoken_to: list[str]
) -> None:
    shop.towards = towards
    with pytest.raises(WeightsMissing):
        fetch(shop.remote("moved"), tmp_path)
    assert set(spoken_to) == {"127.0.0.1"}
    assert not shop.asked
    assert not left(tmp_path)


def test_a_redirect_to_nowhere_or_in_a_circle_is_refused(shop: Shop, tmp_path: Path) -> None:
    for towards in ("", "/moved/weights.bin"):
        shop.towards = towards
        with pytest.raises(WeightsMissing):
            fetch(shop.remote("moved"), tmp_path)
    assert len(shop.probed) < 10


def public(answers: dict[str, str], asked: list[str]) -> httpx2.Client:
    """A client in whose internet each address of `answers` redirects to the next."""

    def handle(request: httpx2.Request) -> httpx2.Response:
        asked.append(str(request.url))
        towards = answers.get(str(request.url))
        return httpx2.Response(302, headers={"Location": towards}) if towards else httpx2.Response(206, content=b"x")

    return httpx2.Client(transport=httpx2.MockTransport(handle))


START = "https://download.pytorch.org/models/weights.pth"


@pytest.mark.parametrize(
    "towards",
    [
        "http://download.pytorch.org/models/weights.pth", "http://169.254.169.254/", "https://169.254.169.254/",
        "https://127.0.0.1/", "https://localhost/", "https://localhost./", "https://[::1]/", "https://10.1.2.3/",
        "https://192.168.0.1/", "https://100.64.0.1/", "https://[::ffff:169.254.169.254]/", "https://[fe80::1]/",
        "https://2852039166/", "https://169.254.43518/", "https://0xa9.0xfe.0xa9.0xfe/", "https://0251.0376.0251.0376/",
        "https://intranet/", "https://0/", "file:///etc/passwd", "file:///weights.pth",
    ],
)  # fmt: skip
def test_the_internet_may_not_send_us_to_this_network_or_in_the_clear(towards: str) -> None:
    asked: list[str] = []
    with pytest.raises((WeightsMissing, httpx2.InvalidURL)):
        fetching._final_address(public({START: towards}, asked), START)
    assert asked == [START]


def test_the_internet_may_send_us_on_within_it() -> None:
    asked: list[str] = []
    end = "https://cdn-lfs.xn--bcher-kva.example:8443/a/b?signature=1"
    answers = {START: "/moved", "https://download.pytorch.org/moved": end}
    assert fetching._final_address(public(answers, asked), START) == end
    assert len(asked) == 3


@pytest.mark.parametrize(
    "url", ["http://example.com/w", "ftp://example.com/w", "https://192.168.0.1/w", "https://nas/w"]
)
def test_nothing_but_https_from_a_public_name_is_ever_begun(url: str, tmp_path: Path, spoken_to: list[str]) -> None:
    with pytest.raises(WeightsMissing, match="not allowed"):
        fetch(Remote(url, 1, "0" * 64), tmp_path)
    assert not spoken_to
