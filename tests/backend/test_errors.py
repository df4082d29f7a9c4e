"""Problems: what may be said, and what never."""

import errno

import pytest
from starlette.exceptions import HTTPException

from lucarne import errors
from lucarne.errors import LONGEST, answer_to, fit_to_print, problem_of
from lucarne.models import errors as mistakes
from lucarne.models.errors import Mistake, TooMuch, Unknown


def refusals() -> list[type[errors.Refusal]]:
    return errors.Refusal.__subclasses__()


@pytest.mark.parametrize("kind", refusals())
def test_every_refusal_can_be_said(kind: type[errors.Refusal]) -> None:
    problem = problem_of(kind())
    assert fit_to_print(problem.detail, "") == problem.detail
    assert 400 <= problem.status < 600
    assert problem.type == f"urn:lucarne:problem:{kind.kind}"


def test_every_mistake_has_a_status_of_its_own() -> None:
    for kind in vars(mistakes).values():
        if isinstance(kind, type) and issubclass(kind, Mistake):
            assert any(kind is known for known, _, _ in errors._MISTAKES), f"{kind.__name__} is not in the table"


@pytest.mark.parametrize(
    "said",
    ["in /home/me", "at '/tmp/x'", "File x.py", "Traceback (most", "C:\\Users", "a\nb", "see ~/x", "(/etc/passwd)"],
)
def test_paths_and_code_are_not_said(said: str) -> None:
    assert problem_of(Mistake(said)).detail == "The request does not say what it should."


def test_details_have_an_end() -> None:
    assert len(problem_of(Mistake("long " * 100)).detail) <= LONGEST


def test_mistakes_keep_what_helps() -> None:
    unknown = problem_of(Unknown("model", "alexnt", ["alexnet", "gpt"], field="model"))
    assert (unknown.status, unknown.candidates, unknown.errors[0].pointer) == (404, ["alexnet"], "/model")
    much = problem_of(TooMuch("Too long.", 5))
    assert (much.status, much.limit) == (422, 5)


@pytest.mark.parametrize(
    ("number", "status"), [(errno.ENOSPC, 507), (errno.EDQUOT, 507), (errno.EIO, 503), (errno.EROFS, 503)]
)
def test_the_disk_is_not_a_bug(number: int, status: int) -> None:
    assert problem_of(OSError(number, "x", "/tmp/secret")).status == status


def test_bugs_are_not_told() -> None:
    assert problem_of(RuntimeError("/home/secret.py")).detail == problem_of(KeyError("x")).detail


@pytest.mark.parametrize("status", [400, 404, 405, 408, 413, 415, 416, 422, 431, 499, 500, 599])
def test_every_status_is_a_problem(status: int) -> None:
    response = answer_to(HTTPException(status, "the framework's words with input in them"))
    assert response.status_code == status
    assert b"words" not in bytes(response.body)
