"""A client's side of one channel: the state it holds, at its position, moved on by what the hub says. Pure.

The rules are the protocol's (docs/live-protocol.md): an update that is not newer is ignored; one that continues what
is held is applied (its values are absolute, so an overlap does no harm); any other means: subscribe again with what you
hold. So whatever was lost, doubled, delayed or reordered on the way, a mirror holds a committed state or knows that it
does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from hub.domain.event import parse_position


class Took(Enum):
    """What became of a message: applied, ignored as old, or it does not fit and the channel must be asked again."""

    APPLIED = "applied"
    IGNORED = "ignored"
    ASK_AGAIN = "ask again"


@dataclass(slots=True)
class Mirror:
    """One channel as a client holds it. ``position`` is None before the first snapshot."""

    channel: str
    position: str | None = None
    data: dict[str, dict[str, Any]] = field(default_factory=dict)
    at: str | None = None
    """When the newest change in it was committed (or the snapshot taken)."""
    broken: bool = False
    """The hub said resync, or an update did not fit: what is held is old until the next answer."""

    def take(self, message: dict[str, Any]) -> Took:
        """Take a snapshot, update, resync or subscribed of this channel."""
        op = message["op"]
        if op == "snapshot":
            self._replace(message)
            return Took.APPLIED
        if op == "update":
            return self._update(message)
        if op == "resync":
            self.broken = True
        elif op == "subscribed" and message["recovered"] and message["position"] == self.position:
            self.broken = False
        return Took.IGNORED

    def _replace(self, message: dict[str, Any]) -> None:
        self.data = {kind: dict(values) for kind, values in message["data"].items()}
        self.position, self.at, self.broken = message["position"], message["at"], False

    def _update(self, message: dict[str, Any]) -> Took:
        texts = (self.position, message["previous"], message["position"])
        held, before, after = map(parse_position, texts)
        if held is None or before is None or after is None or not held[0] == before[0] == after[0]:
            self.broken = True
            return Took.ASK_AGAIN
        if after[1] <= held[1]:
            return Took.IGNORED
        if before[1] > held[1]:
            self.broken = True
            return Took.ASK_AGAIN
        for kind, values in message["data"].items():
            mine = self.data.setdefault(kind, {})
            for key, value in values.items():
                if value is None or value == []:
                    mine.pop(key, None)
                else:
                    mine[key] = value
        self.position, self.at, self.broken = message["position"], message["at"], False
        return Took.APPLIED
