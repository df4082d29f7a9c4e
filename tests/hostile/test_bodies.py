"""Bodies nobody should send: every one is answered 4xx, as a problem that tells nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from lucarne.errors import LONGEST, Problem
from tests.conftest import Served

TELLTALES = ("/home", "/tmp", "Traceback", ".py", "site-packages", "pydantic", "0x7f")
LOOK: dict[str, Any] = {"kind": "look", "model": "abacus", "site": "conv1"}


def look(field: str, raw: str) -> bytes:
    """A recipe with one field written as it stands."""
    said = {**LOOK}
    said.pop(field, None)
    return (json.dumps(said)[:-1] + f', "{field}": {raw}}}').encode()


def bodies() -> Iterator[tuple[str, bytes]]:
    for field in ("size", "factor"):
        for raw in (
            "NaN",
            "Infinity",
            "-Infinity",
            "1e999",
            "-1e999",
            "true",
            "null",
            '"1"',
            "1_0",
            "0x10",
            "01",
            "+1",
            ".5",
            "1.",
            "-1000",
            "1e400",
            "9" * 400,
            "-" + "9" * 400,
            "1" * 5000,
            "[1]",
            "{}",
            '"NaN"',
            "1.5e",
            "--1",
            "'1'",
            "undefined",
        ):
            if (field, raw) != ("factor", "1."):
                yield f"{field}={raw[:12]}", look(field, raw)
    yield "size=1.5", look("size", "1.5")
    for field in ("model", "site", "kind"):
        for raw in (
            "1",
            "true",
            "null",
            "[]",
            "{}",
            '""',
            '"\\ud800"',
            '"\\udc00x"',
            '"\\u0000"',
            '"conv1\\u0000"',
            '"../../etc/passwd"',
            '"/home/someone/model.py"',
            '"/tmp/x"',
            '"C:\\\\x.py"',
            '"<script>alert(1)</script>"',
            '"' + "x" * 500_000 + '"',
            '"Traceback (most recent call last)"',
            '"tiny_alexnet/../.."',
            '"%2e%2e"',
            '"\\r\\nset-cookie: a=b"',
            '"😀"',
        ):
            yield f"{field}={raw[:24]}", look(field, raw)
    say = b'{"kind":"say","model":"parrot","text":"%s"}'
    yield "raw surrogate", say % b"\xed\xa0\x80"
    yield "escaped surrogate", say % rb"\ud83d"
    yield "surrogates the wrong way", say % rb"\ude00\ud83d"
    yield "nul", say % rb"a\u0000b"
    yield "raw nul", say % b"a\0b"
    yield "raw newline", say % b"a\nb"
    yield "latin-1", say % b"caf\xe9"
    yield "overlong", say % b"\xc0\xaf"
    yield "beyond Unicode", say % b"\xf4\x90\x80\x80"
    yield "empty text", say % b""
    yield "much text", say % (b"x" * 900_000)
    yield "10 MB of text", say % (b"x" * 10_000_000)
    yield "10 MB of combining marks", say % ("́".encode() * 5_000_000)
    yield "utf-16", json.dumps(LOOK).encode("utf-16")
    yield "utf-32", json.dumps(LOOK).encode("utf-32")
    yield "byte order mark", b"\xef\xbb\xbf" + json.dumps(LOOK).encode()
    yield "twice the same key", b'{"kind":"look","model":"abacus","site":"conv1","site":"conv1"}'
    yield "twice, once escaped", b'{"kind":"look","model":"abacus","site":"conv1","s\\u0069te":"fc1"}'
    yield "twice, deep inside", b'{"kind":"look","model":{"a":1,"a":2},"site":"conv1"}'
    yield "unknown field", look("extra", "1")
    yield "unknown field with a telling name", look("/home/x.py", "1")
    yield "unknown field with a long name", look("x" * 100_000, "1")
    yield "many unknown fields", json.dumps({**LOOK, **{f"x{i}": i for i in range(20_000)}}).encode()
    yield "prototype", look("__proto__", "{}")
    yield "deep lists", b"[" * 100_000
    yield "deep lists, closed", b"[" * 100_000 + b"]" * 100_000
    yield "deep objects", b'{"a":' * 100_000
    yield "deep inside", look("size", "[" * 50_000 + "]" * 50_000)
    yield "nothing", b""
    yield "blank", b"  "
    yield "a nul", b"\0"
    yield "half", json.dumps(LOOK).encode()[:-1]
    yield "one too many", json.dumps(LOOK).encode() + b"}"
    yield "two values", json.dumps(LOOK).encode() * 2
    yield "comment", b"/* hi */" + json.dumps(LOOK).encode()
    yield "trailing comma", b'{"kind":"look","model":"abacus","site":"conv1",}'
    yield "single quotes", b"{'kind':'look'}"
    yield "html", b"<html></html>"
    yield "yaml", b"kind: look"
    yield "pickle", b"\x80\x04\x95\x00."
    for raw in (
        "[]",
        "null",
        "true",
        "1",
        '"look"',
        "{}",
        '{"kind":null}',
        '{"kind":["look"]}',
        '{"kind":"__class__"}',
    ):
        yield f"no recipe: {raw}", raw.encode()


BODIES = dict(bodies())


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_body_is_refused_and_not_repeated(toys: Served, name: str) -> None:
    answer = toys.client.post("/api/artifacts", content=BODIES[name], headers={"content-type": "application/json"})
    assert answer.status_code in (400, 404, 413, 422), answer.text
    problem = is_problem(answer)
    assert (problem.limit == toys.settings.body_limit) == (answer.status_code == 413)


def is_problem(answer: Any) -> Problem:
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.content) < 6000
    for telltale in TELLTALES:
        assert telltale not in answer.text
    problem = Problem.model_validate_json(answer.content)
    assert problem.status == answer.status_code
    assert len(problem.detail) <= LONGEST
    assert problem.title
    assert problem.instance.startswith("urn:uuid:")
    return problem


@pytest.mark.parametrize(
    "media",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", "json", "*/*"],
)
def test_only_json_is_read(toys: Served, media: str) -> None:
    headers = {"content-type": media} if media else {}
    answer = toys.client.post("/api/artifacts", content=json.dumps(LOOK).encode(), headers=headers)
    assert answer.status_code == 415
    is_problem(answer)


def test_json_may_say_its_charset(toys: Served) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert toys.client.post("/api/artifacts", content=json.dumps(LOOK).encode(), headers=headers).status_code == 200


def test_a_body_without_a_length_has_an_end(toys: Served) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(2000):
            yield b" " * 1000

    answer = toys.client.post("/api/artifacts", content=endless(), headers={"content-type": "application/json"})
    assert answer.status_code == 413
    assert is_problem(answer).limit == toys.settings.body_limit


def part(name: str = "file", file_name: str | None = "a.png", content: bytes = b"x", media: str = "image/png") -> bytes:
    said = f'Content-Disposition: form-data; name="{name}"' + (
        f'; filename="{file_name}"' if file_name is not None else ""
    )
    return b"--xyz\r\n" + said.encode() + f"\r\nContent-Type: {media}\r\n\r\n".encode() + content + b"\r\n"


END = b"--xyz--\r\n"
UPLOADS = {
    "nothing": b"",
    "no part": END,
    "another name": part("picture") + END,
    "text": part(file_name=None) + END,
    "two files": part() + part() + END,
    "1001 fields": part(file_name=None, name="x") * 1001 + END,
    "1001 files": part() * 1001 + END,
    "a path for a name": part(file_name="../../etc/passwd") + END,
    "nul in the name": part(file_name="a\0.png") + END,
    "a long name": part(file_name="a" * 100_000) + END,
    "no end": part(),
    "half a head": b'--xyz\r\nContent-Disposition: form-data; name="fi',
    "many heads": b"--xyz\r\n" + b"X: y\r\n" * 10_000 + b"\r\nx\r\n" + END,
    "not multipart": b'{"file": 1}',
    "html": part(content=b"<html><script>1</script></html>") + END,
    "svg": part(content=b'<svg xmlns="http://www.w3.org/2000/svg"/>', media="image/svg+xml") + END,
    "empty": part(content=b"") + END,
    "too large": part(content=b"\xff\xd8\xff" + b"x" * 10_500_000) + END,
    "much too large": part(content=b"x" * 12_000_000) + END,
}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Starlette leaves half a part open
@pytest.mark.parametrize("name", UPLOADS)
def test_a_bad_upload_is_refused(toys: Served, name: str) -> None:
    headers = {"content-type": "multipart/form-data; boundary=xyz"}
    answer = toys.client.post("/api/pictures", content=UPLOADS[name], headers=headers)
    assert answer.status_code in (400, 413, 415, 422), answer.text
    is_problem(answer)


@pytest.mark.parametrize(
    "media", ["multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=xyz", "image/png"]
)
def test_an_upload_is_multipart(toys: Served, media: str) -> None:
    answer = toys.client.post("/api/pictures", content=part() + END, headers={"content-type": media})
    assert answer.status_code in (400, 415, 422), answer.text
    is_problem(answer)


PATHS = [
    "/api/artifacts/{id}/..%2f{id}%2fsteps.json",
    "/api/artifacts/{id}/%2e%2e%2f%2e%2e",
    "/api/artifacts/..%2f..%2fpictures",
    "/api/artifacts/{id}/artifact.sha256",
    "/api/artifacts/{id}/artifact.json",
    "/api/artifacts/{id}/steps.json%00",
    "/api/artifacts/{id}%00",
    "/api/artifacts/{id}/",
    "/api/artifacts/{id}x",
    "/api/artifacts/.making",
    "/api/artifacts/.damaged",
    "/api/artifacts/%2fetc%2fpasswd",
    "/api/artifacts/{id}/%2fetc%2fpasswd",
    "/api/artifacts/{id}/STEPS.JSON",
    "/api/artifacts/{id}/steps",
    "/api/artifacts//steps.json",
    "/api/artifacts/{id}/steps.json/x",
    "/api/artifacts/{id}/%ff%fe",
    "/api/artifacts/{upper}",
    "/api/artifacts/{id}/..\\steps.json",
    "/api/artifacts/" + "a" * 5000,
    "/api/pictures/..%2f" + "a" * 61,
    "/api/pictures/{id}",
    "/api/pictures/%00",
    "/api/pictures/bundled",
    "/api/pictures/{id}.png",
    "/api/jobs/..%2f..",
    "/api/jobs/%00",
    "/api/jobs/{upper}",
    "/api/jobs/{upper}/events",
    "/api/jobs//events",
    "/api/jobs/" + "9" * 5000,
]


@pytest.mark.parametrize("path", PATHS)
def test_no_string_becomes_a_path(toys: Served, path: str) -> None:
    id = toys.finished(seed=1)["id"]
    answer = toys.client.get(path.format(id=id, upper=id.upper()))
    assert answer.status_code == 404, answer.text
    is_problem(answer)


def test_a_link_in_an_artifact_is_not_followed(toys: Served) -> None:
    id = toys.finished(seed=2)["id"]
    (toys.settings.artifacts / id / "link.json").symlink_to("/etc/passwd")
    assert toys.client.get(f"/api/artifacts/{id}/link.json").status_code == 404
