"""The Python client of the live channel. It needs none of what the server needs."""

from hub.client.client import LiveClient, LiveClosed
from hub.client.watched import LiveRefused, State

__all__ = ["LiveClient", "LiveClosed", "LiveRefused", "State"]
