"""What the tests of the fan-out and of the session share."""

from tests.process import process

__all__ = ["process"]
