"""What goes wrong, as RFC 9457 problem details. The only place that knows which exception is which status.

    Refusal              we could, but not now or not for you
    ├── Busy             429  as much work as we take is waiting already
    ├── NotReady         503  the bench is not awake, or we are closing
    ├── NoRoom           507  the disk is full
    ├── DiskTrouble      503  the disk does not do what it is told
    ├── BenchLost        503  the process at work died
    ├── NotAllowed       403  a foreign page, or a name we do not answer to
    ├── NoToken          401
    ├── Malformed        400  not the JSON we read
    ├── WrongType        415
    ├── TooLate          408
    └── NotFound         404

Every other error is a Mistake of `lucarne.models.errors`, an error of FastAPI, or a bug. A problem never repeats what
we were sent and names no path, no version and no line of code: its texts are fixed, or checked by `fit_to_print`.
"""

import errno
import re
import uuid
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from lucarne.models.errors import (
    BadPicture,
    Mistake,
    NotAPicture,
    TooMuch,
    Unknown,
    Unsuitable,
    WeightsDamaged,
    WeightsMissing,
)

LONGEST = 200  # characters of a detail


class Pointed(BaseModel):
    """One thing wrong with a request, and where."""

    model_config = ConfigDict(frozen=True)

    pointer: str = Field(description="JSON pointer (RFC 6901) into the body; empty for the whole of it.")
    detail: str


class Problem(BaseModel):
    """RFC 9457, served as `application/problem+json`."""

    model_config = ConfigDict(frozen=True)

    type: str = Field(description="Names the kind of problem; never changes.")
    title: str
    status: int
    detail: str = Field(max_length=LONGEST)
    instance: str = Field(description="Names this occurrence; the server's log has it too.")
    errors: list[Pointed] = []
    limit: int | None = Field(default=None, description="The limit that was passed, where one was.")
    candidates: list[str] = Field(default=[], description="Nearest known names, where a name was not known.")


class Refusal(Exception):
    status = 503
    kind = "refused"
    detail = "Not now."
    retry_after: int | None = None  # seconds
    limit: int | None = None

    def __init__(self, detail: str | None = None, *, limit: int | None = None, retry_after: int | None = None) -> None:
        super().__init__(detail or self.detail)
        self.detail = detail or self.detail
        self.limit = limit if limit is not None else self.limit
        self.retry_after = retry_after if retry_after is not None else self.retry_after


class Busy(Refusal):
    status, kind, retry_after = 429, "busy", 10
    detail = "As many jobs as we take are waiting already. Try again soon."


class NotReady(Refusal):
    status, kind, retry_after = 503, "not-ready", 5
    detail = "The server is waking up or closing. Try again soon."


class NoRoom(Refusal):
    status, kind = 507, "no-room"
    detail = "The server's disk is full. Nothing was kept of this."


class DiskTrouble(Refusal):
    status, kind, retry_after = 503, "disk-trouble", 30
    detail = "The server could not write to its disk. Nothing was kept of this."


class BenchLost(Refusal):
    status, kind, retry_after = 503, "bench-lost", 5
    detail = (
        "The process at work on this died, perhaps for want of memory. It was started again: try something smaller."
    )


class NotAllowed(Refusal):
    status, kind = 403, "not-allowed"
    detail = "This request comes from another site, or asks for a host name this server does not answer to."


class NoToken(Refusal):
    status, kind = 401, "no-token"
    detail = "This server wants a token: open it once as /?token=…, or send Authorization: Bearer."


class Malformed(Refusal):
    status, kind = 400, "malformed"
    detail = "The body is not valid JSON (RFC 8259, UTF-8, each key once, numbers finite)."


class WrongType(Refusal):
    status, kind = 415, "wrong-type"
    detail = "Send a recipe as application/json."


class TooLate(Refusal):
    status, kind = 408, "too-late"
    detail = "The request did not arrive in time."


class NotFound(Refusal):
    status, kind = 404, "not-found"
    detail = "Nothing is here."


_MISTAKES: tuple[tuple[type[Mistake], int, str], ...] = (
    (Unknown, 404, "unknown"),
    (TooMuch, 422, "too-much"),
    (NotAPicture, 415, "not-a-picture"),
    (BadPicture, 422, "bad-picture"),
    (WeightsMissing, 409, "weights-missing"),
    (WeightsDamaged, 409, "weights-damaged"),
    (Unsuitable, 422, "unsuitable"),
    (Mistake, 422, "mistake"),
)

_STATUS_DETAILS = {
    400: "The request cannot be read.",
    404: "Nothing is here.",
    405: "This address does not take that method.",
    408: "The request did not arrive in time.",
    413: "The body is larger than we take.",
    415: "We do not read this type.",
    416: "The file has no such range.",
    422: "The request does not say what it should.",
    431: "The headers are larger than we take.",
}

# pydantic's own sentences, where they speak of the limit and not of what was sent
_PLAIN = {
    "missing", "literal_error", "string_type", "string_too_short", "string_too_long", "string_pattern_mismatch",
    "int_type", "int_from_float", "float_type", "bool_type", "list_type", "dict_type", "too_long", "too_short",
    "greater_than", "greater_than_equal", "less_than", "less_than_equal", "multiple_of", "finite_number",
}  # fmt: skip
_OTHERWISE = {
    "extra_forbidden": "There is a field here that this kind does not have.",
    "model_type": "This should be an object.",
    "model_attributes_type": "This should be an object.",
}

_TELLTALE = re.compile(r"(?:^|[\s'\"(=:,])(?:~?/|[A-Za-z]:\\)[\w.~-]|/home|/tmp|\.py\b|Traceback|\x00")


def fit_to_print(detail: str, otherwise: str) -> str:
    """`detail`, unless it is too long or smells of a path or of code."""
    if _TELLTALE.search(detail) or not detail.isprintable():
        return otherwise
    return detail if len(detail) <= LONGEST else detail[: LONGEST - 1] + "…"


def problem_of(error: BaseException) -> Problem:
    """The problem that `error` is; a bug's says only that it is one."""
    if isinstance(error, Refusal):
        return _problem(error.status, error.kind, error.detail, limit=error.limit)
    if isinstance(error, Mistake):
        status, kind = next((status, kind) for mistake, status, kind in _MISTAKES if isinstance(error, mistake))
        otherwise = _STATUS_DETAILS.get(status, "This cannot be made.")
        detail = fit_to_print(error.detail, otherwise)
        return _problem(
            status,
            kind,
            detail,
            errors=[Pointed(pointer=f"/{error.field}", detail=detail)] if error.field else [],
            limit=error.limit if isinstance(error, TooMuch) else None,
            candidates=error.candidates if isinstance(error, Unknown) else [],
        )
    if isinstance(error, ValidationError):
        return _invalid(error.errors())
    if isinstance(error, HTTPException):
        return problem_of_status(error.status_code)
    if isinstance(error, OSError):
        refusal = disk_refusal(error)
        return _problem(refusal.status, refusal.kind, refusal.detail)
    return _problem(500, "bug", "Something is wrong with the server itself. It has been written to its log.")


def disk_refusal(error: OSError) -> Refusal:
    """Whether a disk is full or sick."""
    return NoRoom() if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) else DiskTrouble()


def problem_of_status(status: int, *, limit: int | None = None) -> Problem:
    if status == 413:
        return _problem(status, "too-large", _STATUS_DETAILS[status], limit=limit)  # its phrase differs by Python
    phrase = HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Error"
    kind = phrase.lower().replace(" ", "-")
    return _problem(status, kind, _STATUS_DETAILS.get(status, "The request could not be answered."))


def answer(problem: Problem, *, retry_after: int | None = None) -> Response:
    headers = {"cache-control": "no-store"}
    if retry_after is not None:
        headers["retry-after"] = str(retry_after)
    if problem.status == 401:
        headers["www-authenticate"] = "Bearer"
    body = orjson.dumps(problem.model_dump(exclude_none=True))
    return Response(body, problem.status, headers, media_type="application/problem+json")


def answer_to(error: BaseException) -> Response:
    """The response to a request that ended in `error`."""
    if isinstance(error, HTTPException) and isinstance(error.__cause__, Refusal):
        error = error.__cause__
    response = answer(problem_of(error), retry_after=error.retry_after if isinstance(error, Refusal) else None)
    if isinstance(error, HTTPException) and error.headers and "Allow" in error.headers:
        response.headers["allow"] = error.headers["Allow"]
    return response


def _problem(
    status: int,
    kind: str,
    detail: str,
    *,
    errors: Sequence[Pointed] = (),
    limit: int | None = None,
    candidates: Sequence[str] = (),
) -> Problem:
    return Problem(
        type=f"urn:lucarne:problem:{kind}",
        title=kind.replace("-", " ").capitalize(),
        status=status,
        detail=detail,
        instance=uuid.uuid4().urn,
        errors=list(errors),
        limit=limit,
        candidates=list(candidates),
    )


def _invalid(errors: Sequence[Any]) -> Problem:
    """422 of what pydantic found; the names of fields we do not know are not repeated."""
    pointed: list[Pointed] = []
    limit: int | None = None
    for error in errors[:10]:
        kind, place, context = error["type"], list(error["loc"]), error.get("ctx", {})
        if kind == "extra_forbidden":
            place = place[:-1]
        told = error["msg"] if kind in _PLAIN else _OTHERWISE.get(kind, "This is not a value we take.")
        for bound in ("max_length", "le", "lt"):
            if limit is None and isinstance(context.get(bound), int):
                limit = context[bound]
        pointed.append(Pointed(pointer=_pointer(place), detail=fit_to_print(told, "This is not a value we take.")))
    first = f"{pointed[0].pointer}: {pointed[0].detail}" if pointed and pointed[0].pointer else None
    detail = fit_to_print(first.lstrip("/"), _STATUS_DETAILS[422]) if first else _STATUS_DETAILS[422]
    return _problem(422, "invalid", detail, errors=pointed, limit=limit)


def _pointer(place: Sequence[str | int]) -> str:
    steps = [str(step) for step in place if step not in ("body",)]
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in steps)
