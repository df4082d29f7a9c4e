"""JSON as RFC 8259 and I-JSON have it, and nothing more: what two parsers may read in two ways is refused."""

import json
from typing import Any

import orjson

from lucarne.errors import Malformed


def parsed(body: bytes) -> Any:
    """The value; raises Malformed for anything but UTF-8, finite numbers, whole surrogate pairs and unique keys."""
    try:
        orjson.loads(body)  # syntax, encoding, finiteness, surrogates, depth
        return json.loads(body, object_pairs_hook=_unique)  # the only one of the two that shows a key twice
    except (ValueError, RecursionError):
        raise Malformed from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = dict(pairs)
    if len(keys) != len(pairs):
        raise ValueError
    return keys
