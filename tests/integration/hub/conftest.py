"""Fixtures of the tests of the hub's own parts."""

from tests.views import by, make_process

__all__ = ["by", "make_process"]
