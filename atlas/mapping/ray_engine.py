"""Heavy work on a Ray cluster: a worker for each GPU, or for as many cores as this process computes with, which keeps
the model. The only file that knows Ray.
"""

import os
import socket
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import Any, Self

import torch

from lucarne.atlas.mapping.engine import Answer, Block, Work
from lucarne.models.errors import Unsuitable

EACH = 2  # blocks that a worker is given at once: the next is there when it is done with the first
AHEAD = 4  # blocks a worker that are read before the first of them is done: a slow one does not hold up the others
LOST = 3  # workers over one block, or over taking the work: it is no accident
PATIENCE = 10.0  # seconds until a cluster must have answered


class Hand:
    """A worker, a process of its own on some machine. It keeps the work that it took until it takes another."""

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
    """A cluster's workers. Each is given blocks as soon as it is there; what one that is lost had in hand is done again
    by another, and one is asked for in its place.

    They compute with as many threads as this process, so that on processors of one kind their answers are its own, to
    the bit.
    """

    home = "cpu"  # this process's models are not run here: they travel

    def __init__(self, device: str = "auto", address: str | None = None, **settings: Any) -> None:
        """Of the cluster at `address` (`auto`: the one that this machine belongs to), which is reached when there is
        work. Without one Ray is started on this machine alone, with `settings` as `ray.init` knows them. `auto` takes
        GPUs where there are any. Raises Unsuitable where Ray is not installed.
        """
        self._ray = _imported(alone=address is None)
        self._device, self._address, self._settings = device, address, settings
        self._own = False  # whether it was we who began with Ray
        self._hands: list[Any] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for hand in self._hands:
            self._ray.kill(hand)
        self._hands = []
        if self._own:
            self._ray.shutdown()
            self._own = False

    def map(self, work: Work[Block, Answer], blocks: Iterable[Block]) -> Iterator[Answer]:
        """As `Engine` has it. Raises Unsuitable where no cluster answers, or one has nothing to compute with or loses
        all that it has.
        """
        if not self._hands:
            self._begin()
        ray, taken, coming = self._ray, self._ray.put(work), enumerate(blocks)
        doing: dict[Any, tuple[Any, tuple[int, Block] | None]] = {}  # answers to come: whose, and to which block
        doing |= {hand.take.remote(taken): (hand, None) for hand in self._hands}
        free: deque[Any] = deque()  # hands, each as often as it may be given a block
        again: list[tuple[int, Block]] = []
        done: dict[int, Answer] = {}
        lost: Counter[int | None] = Counter()  # workers, by the block they had in hand
        read = turn = 0
        most = AHEAD * len(self._hands)
        while True:
            while free and (some := heappop(again) if again else next(coming, None) if read < turn + most else None):
                read = max(read, some[0] + 1)
                hand = free.popleft()
                doing[hand.do.remote(some[1])] = hand, some
            if free and turn == read:
                return
            (answered,), _ = ray.wait([*doing])
            hand, some = doing.pop(answered)
            try:
                answer = ray.get(answered)
            except ray.exceptions.RayTaskError as error:
                raise error.cause from error  # it would go wrong elsewhere, too
            except ray.exceptions.RayError as error:
                if hand in self._hands:  # and not replaced yet, for the other block that it had
                    self._hands[self._hands.index(hand)] = new = self._hired()
                    doing[new.take.remote(taken)] = new, None
                    free = deque(each for each in free if each != hand)
                    ray.kill(hand)  # in case it is only out of reach
                lost[some and some[0]] += 1
                if lost[some and some[0]] >= LOST:
                    said = "The Ray cluster lost one worker after the other over the same work: its logs say why."
                    raise Unsuitable(said, field="engine") from error
                if some:
                    heappush(again, some)
                continue
            if some is None:
                free.extend([hand] * EACH)
                lost[None] = 0
            else:
                done[some[0]] = answer
                free.append(hand)
            while turn in done:
                yield done.pop(turn)
                turn += 1

    def _begin(self) -> None:
        """Reach the cluster, and ask for as many workers as it has room for. Raises Unsuitable."""
        ray, address = self._ray, self._address
        if not ray.is_initialized():
            told = {"include_dashboard": False} | self._settings if address is None else self._settings
            try:
                if address and ":" in address:  # Ray itself would try for minutes
                    host, port = address.rsplit(":", 1)
                    socket.create_connection((host, int(port)), PATIENCE).close()
                ray.init(address or "local", log_to_driver=False, configure_logging=False, **told)
            except (OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
                said = f"No Ray cluster answers at {address}, or it asks for its token: set RAY_AUTH_MODE=token."
                said = said if address else "Ray could not be started on this machine: its logs say why."
                raise Unsuitable(said, field="address") from error
            self._own = True
        machines = [each["Resources"] for each in ray.nodes() if each["Alive"]]
        gpus = sum(int(each.get("GPU", 0)) for each in machines)
        cores = [int(each.get("CPU", 0)) for each in machines]
        threads = torch.get_num_threads()
        if self._device == "cuda" and not gpus:
            raise Unsuitable("The Ray cluster has no GPU: say --device auto or cpu.", field="device")
        if gpus and self._device != "cpu":
            self._kind, self._told, count = ray.remote(num_gpus=1)(Hand), ("cuda", threads), gpus
        else:
            taken = max(1, min(threads, max(cores)))
            count = sum(each // taken for each in cores)
            self._kind, self._told = ray.remote(num_cpus=taken)(Hand), ("cpu", threads)
        if not count:
            raise Unsuitable("The Ray cluster has no cores to compute with.", field="address")
        self._hands = [self._hired() for _ in range(count)]

    def _hired(self) -> Any:
        return self._kind.remote(*self._told)


def _imported(alone: bool) -> Any:
    """Ray, told before it reads it: no telling of how it is used, and alone it listens on this machine only."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if alone:
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    try:
        import ray
    except ImportError:
        said = "The engine ray needs Ray, which is not installed: pip install 'lucarne[ray]'."
        raise Unsuitable(said, field="engine") from None
    return ray
