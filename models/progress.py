"""Progress is a wrapper around an iterable: `iter` in tests, `tqdm` on the command line, the job's own in the server.

Cancelling is that wrapper raising at the next step, so whatever wraps its loops in it can be stopped.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    def __call__(self, steps: Iterable[T], /) -> Iterable[T]: ...
