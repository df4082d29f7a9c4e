"""Heavy work on a Ray cluster: one worker for each GPU, or for as many cores as this process computes with, so that
its answers are the same to the bit. The only file that knows Ray.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, Self

import torch

from lucarne.atlas.mapping.engine import Answer, Block, Work
from lucarne.models.errors import Unsuitable

EACH = 2  # blocks that a worker is given at once: the next has come when it is done with the first
AHEAD = 4  # blocks a worker that may be done, or doing, before the first of them is: one slow worker holds up nobody
LOST = 3  # times the number of workers: so many lost one after the other, and nothing done between, are no accident


class Hand:
    """A worker, a process of its own on some machine. It keeps the work it took until it takes another."""

    def __init__(self, device: str, threads: int) -> None:
        torch.set_num_threads(threads)
        self._device, self._do = device, None

    def take(self, work: Work[Any, Any]) -> None:
        self._do = None  # a model that is not needed any more makes room before the next one comes
        self._do = work(self._device)

    def do(self, block: Any) -> Any:
        assert self._do is not None
        return self._do(block)


class Ray:
    """A cluster. Who asks for it waits until it answers, but not until all its workers are there.

    What a worker that is lost had in hand is done again by another, and one is asked for in its place.
    """

    home = "cpu"  # the models of this process are only looked at here, and travel

    def __init__(self, device: str = "auto", address: str | None = None, **settings: Any) -> None:
        """Of the cluster at `address` (`auto`: one that runs on this machine); without one Ray is started on this
        machine alone, with `settings` as `ray.init` knows them. `auto` takes GPUs where there are any.

        Raises Unsuitable where Ray is not installed, no cluster answers, or it has nothing to compute with.
        """
        self._ray = _imported(alone=address is None)
        self._own = not self._ray.is_initialized()
        if self._own:
            usual = {"include_dashboard": False, **settings} if address is None else settings
            try:
                self._ray.init(address=address or "local", log_to_driver=False, configure_logging=False, **usual)
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise Unsuitable(f"No Ray cluster answers at {address or 'this machine'}.", field="address") from error
        try:
            self._hands: list[Any] = []
            self._hire = self._hired(device)
        except BaseException:
            self.close()
            raise
        self._count = len(self._hands)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
