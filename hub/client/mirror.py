"""A client's side of one channel: the state it holds, at its position, moved on by what the hub says. Pure.

The rules are the protocol's (docs/live-protocol.md): an update that is not newer is ignored; one that continues what
is held is applied (its values are absolute, so an overlap does no harm); any other means: subscribe again with what you
hold. So whatever was lost, doubled, delayed or reordered on the way, a mirror holds a committed state or knows that it
does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Literal

from hub.domain.events import parse_position


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
    data: dict[str, Any] = field(default_factory=dict)
    at: str | None = None
    """When the newest change in it was committed (or the snapshot taken)."""
    awaits: Literal["answer", "update", "snapshot"] | None = "snapshot"
    """What must still come before what is held is the committed state again."""

    @property
    def broken(self) -> bool:
        """What is held is old until what it awaits has come."""
        return self.awaits is not None

    def asked(self) -> None:
        """A subscribe, or a connect that names the channel, was sent."""
        self.awaits = "answer"

    def take(self, message: dict[str, Any]) -> Took:
        """Take a snapshot, update, resync or subscribed of this channel."""
        match message["op"]:
            case "snapshot":
                self.data = {key: _copy(value) for key, value in message["data"].items()}
                self.position, self.at, self.awaits = message["position"], message["at"], None
                return Took.APPLIED
            case "update":
                return self._update(message)
            case "resync":
                self.awaits = "snapshot"
            case "subscribed":
                self.awaits = "snapshot" if not message["recovered"] else "update"
                # An update that was on its way already may have brought us there.
                if message["recovered"] and self._reaches(message["position"]):
                    self.awaits = None
        return Took.IGNORED

    def _reaches(self, position: str) -> bool:
        held, wanted = parse_position(self.position), parse_position(position)
        return held is not None and wanted is not None and held[0] == wanted[0] and held[1] >= wanted[1]

    def _update(self, message: dict[str, Any]) -> Took:
        if self.awaits == "snapshot" and self.position is not None:
            return Took.IGNORED  # after a resync nothing but the snapshot continues what is held
        texts = (self.position, message["previous"], message["position"])
        held, before, after = map(parse_position, texts)
        if held is None or before is None or after is None or not held[0] == before[0] == after[0]:
            return self._misses()
        if after[1] <= held[1]:
            return Took.IGNORED
        if before[1] > held[1]:
            return self._misses()
        for key, value in message["data"].items():
            self._put(key, value)
        self.position, self.at = message["position"], message["at"]
        # A live update can overtake the answer to a subscribe: then that answer is still to come.
        self.awaits = "answer" if self.awaits == "answer" else None
        return Took.APPLIED

    def _misses(self) -> Took:
        self.awaits = "answer"
        return Took.ASK_AGAIN

    def _put(self, key: str, value: Any) -> None:
        """One absolute value: null is gone; in a collection a key that is null or [] is gone from it."""
        if value is None:
            self.data.pop(key, None)
        elif isinstance(value, dict) and isinstance(self.data.get(key, {}), dict):
            kept = self.data.setdefault(key, {})
            for name, each in value.items():
                if each is None or each == []:
                    kept.pop(name, None)
                else:
                    kept[name] = each
        else:
            self.data[key] = _copy(value)


def _copy(value: Any) -> Any:
    """So deep that what ``_put`` changes is nobody else's."""
    return dict(value) if isinstance(value, dict) else value
