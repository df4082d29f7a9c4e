"""Everything that can be wrong with what we were given: each names the culprit, and the cure.

Mistake                  somebody can put this right
├── Unknown              no model, site, picture, … of that name; carries the nearest names
├── Unsuitable           a value that exists but does not fit here, or is out of its range
├── TooMuch              over a limit; carries the limit
├── BadPicture           a picture we cannot read: damaged, an animation, or saying what cannot be
│   └── NotAPicture      by its content no JPEG, PNG or WebP
├── WeightsMissing       the weights are not on this machine
└── WeightsDamaged       the weights are not what they should be
"""

import difflib
from collections.abc import Iterable

LONGEST = 200  # characters of a detail, whatever names a damaged file or a stranger has put into it


class Mistake(Exception):
    """Its text is one sentence for people, at most 200 characters, without paths of this machine."""

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        self.detail = detail if len(detail) <= LONGEST else f"{detail[: LONGEST - 1]}…"
        super().__init__(self.detail)
        self.field = field  # which field of a recipe is wrong, where it is one


class Unknown(Mistake):
    def __init__(self, what: str, name: str, known: Iterable[str] = (), *, field: str | None = None) -> None:
        names = list(known)
        near = difflib.get_close_matches(name[:LONGEST], names, n=5, cutoff=0.5)
        shown = repr(name[:41])
        shown = shown if len(shown) <= 42 else f"{shown[:41]}…'"
        detail = f"No {what} named {shown}."
        for candidates, lead in ((near, "Nearest"), (names, "Known")):
            sentence = f"{detail} {lead}: {', '.join(candidates)}."
            if candidates and len(sentence) <= LONGEST:
                detail = sentence
                break
        super().__init__(detail, field=field)
        self.candidates = near or names[:10]


class Unsuitable(Mistake):
    pass


class TooMuch(Mistake):
    def __init__(self, detail: str, limit: int, *, field: str | None = None) -> None:
        super().__init__(detail, field=field)
        self.limit = limit


class BadPicture(Mistake):
    pass


class NotAPicture(BadPicture):
    pass


class WeightsMissing(Mistake):
    pass


class WeightsDamaged(Mistake):
    pass
