"""The waitlist of an evening on which every table for six is taken: GET and POST /waitlist, what the staff do with an
entry, GET /waitlist/estimate, and a guest's own place by their link: POST /wait, /wait/here and /wait/leave."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import NOTHING, Ask, Capability, Step, registers

LINK = {"token": "{first.link_token}"}


def ask(name: str, call: str, body: Any = NOTHING, who: str | None = "host", **how: Any) -> Ask:
    return Ask(name, call, body, who=who, **how)


def sits(number: int, table: int) -> Step:
    return ask(
        f"walk in at table {table}", "POST /walk-ins", {"guests": 6, "table_ids": [table]}, keep=f"sits_{number}"
    )


def joins_queue(name: str, /, keep: str | None = None, who: str | None = "host", **fields: Any) -> Ask:
    return ask(name, "POST /waitlist", {"guests": 6, "name": "Uma Waits", **fields}, who, keep=keep)


def change(name: str, body: Any, of: str = "{second.id}", who: str | None = "host", **how: Any) -> Ask:
    return ask(name, f"PATCH /waitlist/{of}", body, who, **how)


CAPABILITY = Capability(
    "waitlist",
    [
        registers("bob", 11),
        ask("nobody waits", "GET /waitlist"),
        ask("the wait while a table is free", "GET /waitlist/estimate?guests=6", who=None),
        joins_queue("join while a table is free"),
        *(sits(number, table) for number, table in enumerate((14, 15, 16))),
        ask("the wait while none is free", "GET /waitlist/estimate?guests=5", who=None),
        ask("the wait for more than any table takes", "GET /waitlist/estimate?guests=20", who="bob"),
        ask("the wait in no such area", "GET /waitlist/estimate?guests=4&area=999", who=None),
        ask("the wait for nobody", "GET /waitlist/estimate?guests=0", who=None),
        ask("the wait, a name that is unknown", "GET /waitlist/estimate?party=2", who=None),
        ask("the wait, the head", "HEAD /waitlist/estimate?guests=5", who=None),
        joins_queue("join", "first", phone="+90 212 555 00 12"),
        joins_queue("join who waits", phone="+90 212 555 00 12"),
        joins_queue("join for two while tables are free", guests=2, name="Tom Waits"),
        joins_queue("join for two all the same", "second", guests=2, name="Tom Waits", force=True),
        joins_queue("join for more than any table takes", guests=20),
        joins_queue("join in no such area", area=999),
        joins_queue("join without a name", name=" "),
        joins_queue("join with a field that is unknown", minutes=10),
        ask("join with no JSON", "POST /waitlist", "two"),
        joins_queue("join as a guest", who="bob"),
        joins_queue("join as nobody", who=None),
        ask("who waits", "GET /waitlist"),
        ask("who waits, the head", "HEAD /waitlist"),
        ask("who waits, for a guest", "GET /waitlist", who="bob"),
        ask("who waits, for nobody", "GET /waitlist", who=None),
        ask("read", "GET /waitlist/{second.id}"),
        ask("read, the head", "HEAD /waitlist/{second.id}"),
        ask("read what there is not", "GET /waitlist/999999"),
        ask("read what can't be", "GET /waitlist/first"),
        ask("read as a guest", "GET /waitlist/{second.id}", who="bob"),
        change("three of them, by another name", {"guests": 3, "name": "Tom Waited", "phone": "+90 212 555 00 13"}),
        change("no number", {"phone": None}),
        change("another place", {"place": "{first.place}", "reason": "fits"}),
        change("another place as it was", {"place": "{second.place}", "reason": "asked"}, headers={"If-Match": '"r1"'}),
        change("a place without a reason", {"place": 1}),
        change("a place that there is not", {"place": 9000, "reason": "asked"}),
        change("nothing", {}),
        change("a field that is unknown", {"status": "left"}),
        change("what there is not", {"guests": 2}, "999999"),
        change("change as a guest", {"guests": 2}, who="bob"),
        change("change as nobody", {"guests": 2}, who=None),
        ask("who waits now", "GET /waitlist"),
        ask("undo", "POST /waitlist/{second.id}/undo"),
        ask("undo again", "POST /waitlist/{second.id}/undo"),
        ask("undo as a guest", "POST /waitlist/{second.id}/undo", who="bob"),
        ask("ready", "POST /waitlist/{first.id}/ready", {}, headers={"Idempotency-Key": "ready-once"}),
        ask("ready, asked again", "POST /waitlist/{first.id}/ready", {}, headers={"Idempotency-Key": "ready-once"}),
        ask("ready once more", "POST /waitlist/{first.id}/ready"),
        ask("ready as it was", "POST /waitlist/{first.id}/ready", headers={"If-Match": '"r1"'}),
        ask("ready as nobody", "POST /waitlist/{first.id}/ready", who=None),
        ask("a place by its link", "POST /wait", LINK, who=None),
        ask("a place by a wrong link", "POST /wait", {"token": "x" * 36}, who=None),
        ask("a place by no link", "POST /wait", {"token": "short"}, who=None),
        ask("a place by nothing", "POST /wait", {}, who=None),
        ask("a place with no JSON", "POST /wait", "link", who=None),
        ask("here by the link", "POST /wait/here", LINK, who=None, headers={"Idempotency-Key": "here-once"}),
        ask("here by the link, asked again", "POST /wait/here", LINK, who=None,
            headers={"Idempotency-Key": "here-once"}),
        ask("here by the link once more", "POST /wait/here", LINK, who=None),
        ask("here by a wrong link", "POST /wait/here", {"token": "x" * 36}, who=None),
        ask("here", "POST /waitlist/{second.id}/here"),
        ask("here as a guest", "POST /waitlist/{second.id}/here", who="bob"),
        ask("seat where others sit", "POST /waitlist/{first.id}/seat", {"table_ids": [14]}),
        ask("seat at no such table", "POST /waitlist/{first.id}/seat", {"table_ids": [999]}),
        ask("seat with a field that is unknown", "POST /waitlist/{first.id}/seat", {"guests": 2}),
        ask("seat as a guest", "POST /waitlist/{second.id}/seat", who="bob"),
        ask("seat", "POST /waitlist/{second.id}/seat", {"table_ids": [8], "in_turn": True}, keep="seated"),
        ask("seat again", "POST /waitlist/{second.id}/seat", {}),
        ask("undo what is seated", "POST /waitlist/{second.id}/undo"),
        ask("leave", "POST /waitlist/{first.id}/leave"),
        ask("leave again", "POST /waitlist/{first.id}/leave"),
        ask("leave as a guest", "POST /waitlist/{first.id}/leave", who="bob"),
        ask("come back", "POST /waitlist/{first.id}/undo"),
        ask("leave by the link", "POST /wait/leave", LINK, who=None),
        ask("leave by the link again", "POST /wait/leave", LINK, who=None),
        ask("leave by a wrong link", "POST /wait/leave", {"token": "x" * 36}, who=None),
        ask("a place that was left, by its link", "POST /wait", LINK, who=None),
        ask("the history of who left", "GET /waitlist/{first.id}/history"),
        ask("the history of who sits", "GET /waitlist/{second.id}/history"),
        ask("the history of what there is not", "GET /waitlist/999999/history"),
        ask("the history for a guest", "GET /waitlist/{first.id}/history", who="bob"),
        ask("nobody waits any more", "GET /waitlist"),
        *(ask(f"finish {number}", f"POST /bookings/{{sits_{number}.id}}/finish") for number in range(3)),
        ask("finish who waited", "POST /bookings/{seated.booking.id}/finish"),
    ],
    hub="tonight",
)  # fmt: skip
