"""Why a channel can't be shown, and what its client is told."""

from __future__ import annotations

from typing import Any

from hub.errors import HubError, NotFound, Unavailable
from hub.live import client_commands, messages

NO_SUCH_VENUE = "There is no such venue."


class NotRead(Unavailable):
    """The database did not give a channel's state in time."""


def refusal(id: client_commands.Id, channel: str, error: HubError) -> dict[str, Any]:
    """What a client is told whose channel can't be shown."""
    code = "unknown_channel" if isinstance(error, NotFound) else error.code
    wait = error.retry_after * 1000 if error.retry_after else None
    return messages.error(id, code, error.message, channel=channel, retryable=error.retryable, retry_after_ms=wait)
