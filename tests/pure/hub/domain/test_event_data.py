"""The judge of what events hold knows all kinds, and lets nothing pass that somebody said of a guest."""

from __future__ import annotations

from typing import Any

import pytest

from hub.domain import day, floor
from tests import event_data
from tests.pure.hub.domain.waiting_room import NOW, booking, full


def test_every_kind_of_event_is_known() -> None:
    assert event_data.KINDS.keys() == day.KINDS | floor.KINDS.keys()


SAT: dict[str, Any] = {"booking": 1, "entry": booking(1, NOW)}
WAITS: dict[str, Any] = {**full().join().events[0].data, "wait": 1}
GOOD = [("walked_in", SAT), ("queued", WAITS), ("queue_moved", {**WAITS, "reason": "needs"})]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("queued", {**WAITS, "name": "Zuleika"}),
        ("queued", {**WAITS, "name": None}),
        ("queued", {**WAITS, "entry": {**WAITS["entry"], "name": "Zuleika"}}),
        ("queued", {**WAITS, "entry": {**WAITS["entry"], "status": "Zuleika waits"}}),
        ("queued", {"wait": 1}),
        ("queue_moved", {**WAITS, "reason": "Zuleika is not well"}),
        ("queue_corrected", {**WAITS, "fields": ["Zuleika"]}),
        ("walked_in", {**SAT, "note": "Peanuts make her ill"}),
        ("walked_in", {**SAT, "exceed": ["hold", "Peanuts make her ill"]}),
        ("walked_in", {**SAT, "entry": {**SAT["entry"], "house_note": "Pays cash"}}),
        ("walked_in", {**SAT, "entry": {**SAT["entry"], "seated_at": "Peanuts make her ill"}}),
        ("canceled", SAT),
    ],
)
def test_what_a_kind_does_not_have_is_found(kind: str, data: dict[str, Any]) -> None:
    for each in GOOD:
        event_data.check(*each)
    with pytest.raises(AssertionError):
        event_data.check(kind, data)
