"""What a change does not mention, where None is a value of its own."""

from __future__ import annotations


class Unset:
    """The type of ``UNSET``."""


UNSET = Unset()
