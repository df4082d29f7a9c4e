"""Maps are computed."""

from ..calm import one_thread

__all__ = ["one_thread"]
