"""See what a neural network has learned: `lucarne.models.load` at hand, `lucarne.Client` for a running server."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lucarne.client import Client

__all__ = ["Client"]


def __getattr__(name: str) -> object:
    if name in __all__:
        from lucarne.client import Client

        return Client
    raise AttributeError(name)
