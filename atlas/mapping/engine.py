"""Where heavy work is done: in this process, or on the machines of a Ray cluster. Same code, same answers, same order.

Work is a function that is told a device, once wherever it is to be done, and answers the function that does a block.
Work, blocks and answers must be able to travel: functions of a module, with `functools.partial` what they need.

def looking(model, site, device):
    there = model.on(device)  # once
    return lambda pixels: there.look(pixels, site)[site].cpu().numpy()  # often

with at_work("ray", "auto") as engine:
    for said in engine.map(partial(looking, model, "conv5"), blocks):
        …
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from lucarne.models.errors import Unknown, Unsuitable
from lucarne.models.model import placed

Block = TypeVar("Block")
Answer = TypeVar("Answer")
Work = Callable[[str], Callable[[Block], Answer]]

ENGINES = ("local", "ray")


class Engine(Protocol):
    """Does work block by block."""

    @property
    def home(self) -> str:
        """The device that this process's own models belong on."""
        ...

    def map(self, work: Work[Block, Answer], blocks: Iterable[Block]) -> Iterator[Answer]:
        """The answers to `blocks`, in their order. Only so many blocks are read ahead as keep everybody busy."""
        ...


class Local:
    """This process: a block is read when its answer is wanted."""

    def __init__(self, device: str = "cpu") -> None:
        self.home = device

    def map(self, work: Work[Block, Answer], blocks: Iterable[Block]) -> Iterator[Answer]:
        return map(work(self.home), blocks)


HERE = Local()


@contextmanager
def at_work(name: str, device: str, address: str | None = None) -> Iterator[Engine]:
    """The engine of that name, for as long as the block lasts. `address` is that of a Ray cluster; without one Ray runs
    on this machine alone. Raises Unknown and Unsuitable.
    """
    if name not in ENGINES:
        raise Unknown("engine", name, ENGINES, field="engine")
    if name == "local":
        if address is not None:
            raise Unsuitable("An address is that of a Ray cluster: say --engine ray with it.", field="address")
        yield Local(placed(device))
        return
    from lucarne.atlas.mapping.ray_engine import Ray

    with Ray(device, address) as cluster:
        yield cluster
