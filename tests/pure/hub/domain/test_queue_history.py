"""The history of an entry of the waitlist, from its day's events."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hub.domain.queue_history import QueueState, RecordedWait, acts

AT = datetime(2026, 11, 24, 19, 2, tzinfo=UTC)


def entry(status: str, place: int, revision: int) -> dict[str, Any]:
    return {
        "guest_id": 1, "guests": 2, "status": status, "place": place, "joined_at": "2026-11-24T19:00:00Z",
        "quoted_from": None, "quoted_until": None, "promised_until": None, "area_id": None, "revision": revision,
    }  # fmt: skip


def event(kind: str, shown: dict[str, Any] | None, reason: str | None = None) -> RecordedWait:
    return RecordedWait(kind, shown, reason, AT, 7, "r")


WRITTEN = [
    event("queued", entry("waiting", 3, 1)),
    event("queue_changed", entry("waiting", 4, 1)),  # somebody was moved before it
    event("queue_changed", entry("ready", 4, 2)),
    event("queue_moved", entry("ready", 1, 3), "asked"),
    event("queue_left", None),
    event("queue_undone", entry("ready", 1, 5)),
    event("queue_left", None),
]


def test_each_act_says_what_was_before_and_after_it() -> None:
    found = acts(WRITTEN, "seated")
    assert [act.action for act in found] == ["joined", "ready", "moved", "left", "undone", "seated"]
    assert [act.reason for act in found] == [None, None, "asked", None, None, None]
    assert found[0].before is None
    assert found[1].before == QueueState("waiting", 4, 2, 1)
    assert (found[2].before, found[2].after) == (QueueState("ready", 4, 2, 2), QueueState("ready", 1, 2, 3))
    assert found[3].after == QueueState("left", 1, 2, 4) == found[4].before
    assert found[5].after == QueueState("seated", 1, 2, 6)
    assert acts(WRITTEN, "left")[-1].action == "left"
    assert not any(act.forgotten for act in found)


def test_the_first_act_that_is_kept_says_that_others_were_before_it() -> None:
    for begin in range(1, len(WRITTEN)):
        found = acts(WRITTEN[begin:], "left")
        assert [act.forgotten for act in found] == [True] + [False] * (len(found) - 1)
        assert found[0].before is None


def test_who_was_seated_by_mistake_waits_again() -> None:
    written = [
        event("queued", entry("waiting", 3, 1)),
        replace(event("queue_left", None), end="seated"),
        event("queue_undone", entry("waiting", 3, 3)),
        event("queue_left", None),
    ]
    found = acts(written, "left")
    assert [act.action for act in found] == ["joined", "seated", "undone", "left"]
    assert found[1].after == QueueState("seated", 3, 2, 2) == found[2].before


def test_what_was_put_right_is_said_and_of_numbers_what_they_were() -> None:
    put_right = replace(event("queue_corrected", {**entry("waiting", 3, 2), "guests": 4}), fields=["guests", "name"])
    act = acts([WRITTEN[0], put_right], "waiting")[-1]
    assert (act.action, act.fields) == ("corrected", ("guests", "name"))
    assert (act.before, act.after) == (QueueState("waiting", 3, 2, 1), QueueState("waiting", 3, 4, 2))


def test_what_this_release_can_not_read_is_passed_over() -> None:
    found = acts([WRITTEN[0], event("queue_changed", {"of": "another release"}), WRITTEN[2]], "ready")
    assert [act.action for act in found] == ["joined", "ready"]
    assert acts([event("queue_left", None)], "left")[0].after is None
