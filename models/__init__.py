"""Networks and the ways into them: `load("alexnet")`, then watch and edit. Knows no pictures on a screen, no HTTP."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lucarne.models.loading import describe, load

__all__ = ["describe", "load"]


def __getattr__(name: str) -> object:
    """torch takes seconds to import: only who loads a model waits for it."""
    if name in __all__:
        from lucarne.models import loading

        return getattr(loading, name)
    raise AttributeError(name)
