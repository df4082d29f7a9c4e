"""Networks whose weights are still to come: built without drawing any, in memory that nobody has touched."""

from collections.abc import Callable
from typing import Any, TypeVar

from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

Network = TypeVar("Network", bound=nn.Module)


class Unfilled(TorchFunctionMode):
    """Skips every random start. (torch's own way, the meta device, imports seconds of code for it.)"""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        given = kwargs or {}
        if getattr(func, "__module__", "") == "torch.nn.init" or func in (Tensor.normal_, Tensor.uniform_):
            return given["tensor"] if "tensor" in given else args[0]
        return func(*args, **given)


def empty(build: Callable[[], Network]) -> Network:
    """What `build` builds, its random weights left as they lie: for its shapes, or to be filled from a file."""
    with Unfilled():
        return build()
