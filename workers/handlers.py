"""What a kind of outbox rows needs to be sent: one handler a kind, listed here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from hub.config import Settings
from hub.store.outbox import OutboxEntry, Outcome


class Out(Protocol):
    """Where messages of a kind go. One is used for one message at a time, and kept for the next one."""

    async def close(self) -> None: ...


class Handler(Protocol):
    """Sends the rows of one kind."""

    kind: str
    topics: tuple[str, ...]
    """All that these rows may be about: the label of metrics."""
    longest_seconds: float
    """Sending one takes no longer. It must be shorter than a lease."""

    def connect(self) -> Out:
        """A way out; nothing is opened before the first message."""

    async def read(self, entries: Sequence[OutboxEntry]) -> dict[int, Any]:
        """What these rows are about, as it is now, by id: those whose lease is still the caller's. Raises HubErrors."""

    async def send(self, entry: OutboxEntry, about: Any, out: Out) -> Outcome:
        """Send one row that was read just now, or drop it. Raises nothing but what ends the worker."""


def all_handlers(settings: Settings) -> list[Handler]:
    """Every kind that this release sends. Raises ConfigError."""
    from workers.mail_handler import MailHandler

    return [MailHandler(settings)]
