"""Recipes compute; what holds of each shape says why it does not."""

import pytest

from ..calm import one_thread

__all__ = ["one_thread"]

pytest.register_assert_rewrite("tests.recipes.shapes")
