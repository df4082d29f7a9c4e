"""Progress is a wrapper around an iterable: `iter` in tests, `tqdm` on the command line, the job's own in the server.

Cancelling is that wrapper raising at the next step, so whatever wraps its loops in it can be stopped. One that can
tell more than a number has `note`, which is given a few words on what is being done.
"""

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    def __call__(self, steps: Iterable[T], /) -> Iterable[T]: ...


def note(progress: Progress, words: str) -> None:
    """Say what is being done, where there is somebody to say it to; no words: nothing worth telling."""
    say: Callable[[str], None] | None = getattr(progress, "note", None)
    if say is not None:
        say(words)
