"""The channels presence:DAY: who of the staff looks at a day, and what each has open or drags."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import Capability, Leave, Say, hear, joins, registers

HERE = "presence:{day}"
NOTED, UPDATE, ERROR = f"noted {HERE}", f"update {HERE}", f"error {HERE}"


def says(name: str, socket: str, data: Any, *hears: str, channel: str = HERE) -> Say:
    return Say(name, socket, {"op": "presence", "id": name, "channel": channel, "data": data}, hears)


CAPABILITY = Capability(
    "presence",
    [
        registers("dot", 1061),
        *joins("desk", "host", HERE),
        says("the desk opens a card", "desk", {"card": 7}, NOTED, UPDATE),
        *joins("office", "admin", HERE),
        says("the desk drags", "desk", {"card": 7, "dragging": 8}, NOTED, UPDATE),
        hear("the office is told that the desk drags", "office", UPDATE),
        says("the office opens the same card", "office", {"card": 7, "dragging": None}, NOTED, UPDATE),
        hear("the desk is told of the office", "desk", UPDATE),
        says("the desk has nothing open", "desk", {}, NOTED, UPDATE),
        hear("the office is told that it has nothing open", "office", UPDATE),
        says("a card that is no number", "office", {"card": "7"}, ERROR),
        says("no card but a text", "office", "card", ERROR),
        says("a day that is not watched", "office", {"card": 7}, "error presence:{next_day}",
             channel="presence:{next_day}"),
        *joins("guest", "dot", brief=True),
        Say("a guest may not watch", "guest", {"op": "subscribe", "id": 2, "channel": HERE}, [ERROR]),
        says("a guest has nothing to say", "guest", {"card": 7}, ERROR),
        Say("the desk leaves the channel", "desk", {"op": "unsubscribe", "id": 3, "channel": HERE},
            [f"unsubscribed {HERE}"]),
        hear("the office is told that the desk left", "office", UPDATE),
        Say("the desk watches again", "desk", {"op": "subscribe", "id": 4, "channel": HERE},
            [f"subscribed {HERE}", f"snapshot {HERE}"]),
        Leave("office"),
        hear("the desk is told that the office left", "desk", UPDATE),
    ],
)  # fmt: skip
