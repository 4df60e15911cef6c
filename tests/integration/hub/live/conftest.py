"""What the tests of the broadcaster and of the session share."""

from tests.clock import clock
from tests.process import process

__all__ = ["clock", "process"]
