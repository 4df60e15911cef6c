"""The queue of wake-ups, as Taskiq's own command could name it: a factory, nothing at import."""

from __future__ import annotations

from taskiq import AsyncBroker

from hub import config
from hub.bell import make_broker


def broker() -> AsyncBroker:
    """A broker from this process's environment."""
    return make_broker(config.load(need=("REDIS_URL",)))
