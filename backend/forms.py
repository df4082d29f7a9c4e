"""Files in a form, as browsers send them: what the schema says of it, and what is told who sends something else."""

from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from lucarne.errors import WrongType
from lucarne.models.errors import Unsuitable

FILE = {"type": "string", "format": "binary"}


def form(**fields: Any) -> dict[str, Any]:
    """The `openapi_extra` of a route that reads a form of just these fields, each a JSON schema."""
    schema = {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


NAMED_FILES = form(name={"type": "string", "maxLength": 200}, file={"type": "array", "items": FILE, "minItems": 1})


def check_form(request: Request, what: str, where: str = "in fields named file, with a name") -> None:
    """Raises WrongType for a body that is no form; `what` is what should be in it."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise WrongType(f"Send {what} as multipart/form-data, {where}.")


def named_files(form: FormData, what: str) -> tuple[str, list[UploadFile]]:
    """The name, at most 200 characters of it, and the files; raises Unsuitable where one of them is missing."""
    name = form.get("name")
    files = [file for file in form.getlist("file") if isinstance(file, UploadFile)]
    if not isinstance(name, str) or not files:
        raise Unsuitable(f"Send a name, and {what} in fields named file.", field="file")
    return name[:200], files
