"""The instruments compute."""

from ..calm import one_thread

__all__ = ["one_thread"]
