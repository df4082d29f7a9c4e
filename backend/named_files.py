"""A name and files in one form: how pictures become a gallery, and texts a corpus."""

from typing import Any

from fastapi import Request
from starlette.datastructures import FormData, UploadFile

from lucarne.errors import WrongType
from lucarne.models.errors import Unsuitable

_FIELDS = {
    "name": {"type": "string", "maxLength": 200},
    "file": {"type": "array", "items": {"type": "string", "format": "binary"}, "minItems": 1},
}
FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": _FIELDS,
                    "required": ["name", "file"],
                    "additionalProperties": False,
                }
            }
        },
    }
}


def check_form(request: Request, what: str) -> None:
    """Raises WrongType for a body that is no form; `what` is what should be in it."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise WrongType(f"Send {what} as multipart/form-data, in fields named file, with a name.")


def named_files(form: FormData, what: str) -> tuple[str, list[UploadFile]]:
    """The name, at most 200 characters of it, and the files; raises Unsuitable where one of them is missing."""
    name = form.get("name")
    files = [file for file in form.getlist("file") if isinstance(file, UploadFile)]
    if not isinstance(name, str) or not files:
        raise Unsuitable(f"Send a name, and {what} in fields named file.", field="file")
    return name[:200], files
