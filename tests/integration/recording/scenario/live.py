"""The channels: a snapshot of each, what each is told of every change, and how one goes on from what one holds."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import Ask, Capability, Leave, Open, Say, Step, hear, joins, quiet, registers

FLOOR, NEXT_FLOOR = "floor:{day}", "floor:{next_day}"
TAKEN, NEXT_TAKEN = "availability:{day}", "availability:{next_day}"
STARTS = "starts:{day}"
HOST = (FLOOR, NEXT_FLOOR, TAKEN, NEXT_TAKEN, "tables")
GUEST = (TAKEN, "mine", "tables")


def then(what: str, **told: tuple[str, ...]) -> list[Step]:
    """Which channels of which socket are told of it."""
    return [
        hear(f"{socket} is told: {what}", socket, *(f"update {name}" for name in names))
        for socket, names in told.items()
    ]


def did(
    what: str, call: str, body: Any = None, *, who: str = "ivy", keep: str | None = None, **told: Any
) -> list[Step]:
    return [
        Ask(what, call, **({} if body is None else {"body": body}), who=who, keep=keep),
        *then(what, **told),
    ]


def goes_on(name: str, since: dict[str, Any], *hears: str, keep: str | None = None) -> list[Step]:
    """Another session of the guest's, which holds something already."""
    frame = {"op": "connect", "id": 1, "since": since}
    return [
        Open(f"{name}: the socket", "again"),
        Say(f"{name}: connect", "again", frame, ["connected"], who="ivy", brief=True),
        hear(name, "again", *hears, keep=keep),
        quiet(f"{name}: nothing more", "again"),
        Leave("again"),
    ]


CAPABILITY = Capability(
    "live channels",
    [
        registers("ivy", 601),
        *joins("host", "host", *HOST),
        *joins("guest", "ivy", *GUEST, keep="empty"),
        *joins("visitor", None, "venue"),
        hear("the guest is told how fresh it is", "guest", "fresh"),
        *did(
            "book", "POST /bookings", {"date": "{day}", "time": "18:00", "guests": 2}, keep="booked",
            host=(FLOOR, TAKEN), guest=(TAKEN, "mine"),
        ),
        *did(
            "move it on the same day", "PATCH /bookings/{booked.id}", {"time": "14:00"},
            host=(FLOOR, TAKEN), guest=(TAKEN, "mine"),
        ),
        *did(
            "more guests", "PATCH /bookings/{booked.id}", {"guests": 3, "table_id": None},
            host=(FLOOR, TAKEN), guest=(TAKEN, "mine"),
        ),
        *did(
            "fewer guests at the same table", "PATCH /bookings/{booked.id}", {"guests": 1},
            host=(FLOOR, TAKEN), guest=(TAKEN, "mine"),
        ),
        Ask("nothing changes", "PATCH /bookings/{booked.id}", {"guests": 1}, who="ivy"),
        Say("positions so far", "guest", {"op": "ping", "id": 2}, ["pong"], keep="held"),
        *did(
            "move it to another day", "PATCH /bookings/{booked.id}", {"date": "{next_day}"},
            host=(FLOOR, TAKEN, NEXT_FLOOR, NEXT_TAKEN), guest=(TAKEN, "mine"),
        ),
        *did("another name", "PATCH /auth/me", {"full_name": "Ivy Other"}, host=(NEXT_FLOOR, NEXT_TAKEN)),
        *did("another number", "PATCH /auth/me", {"phone_number": "+902125550699"}, host=(NEXT_FLOOR, NEXT_TAKEN)),
        *did("another language", "PATCH /auth/me", {"language": "ru"}),
        *did(
            "a host changes it", "PATCH /bookings/{booked.id}", {"guests": 2}, who="host",
            host=(NEXT_FLOOR, NEXT_TAKEN), guest=("mine",),
        ),
        *did(
            "book another", "POST /bookings", {"date": "{day}", "time": "20:00", "guests": 4}, keep="second",
            host=(FLOOR, TAKEN), guest=(TAKEN, "mine"),
        ),
        *did(
            "add a table", "POST /admin/tables", {"name": "Garden 1", "seats": 4}, who="admin", keep="new",
            host=("tables",), guest=("tables",),
        ),
        *did(
            "rename the table", "PATCH /admin/tables/{new.id}", {"name": "Garden 2"}, who="admin",
            host=("tables",), guest=("tables",),
        ),
        *did(
            "more seats", "PATCH /admin/tables/{new.id}", {"seats": 5}, who="admin",
            host=("tables",), guest=("tables",),
        ),
        Ask("nothing changes at the table", "PATCH /admin/tables/{new.id}", {"seats": 5}, who="admin"),
        *did("remove the table", "DELETE /admin/tables/{new.id}", who="admin", host=("tables",), guest=("tables",)),
        quiet("nothing more for the host", "host"),
        quiet("nothing more for the guest", "guest"),
        quiet("nothing for the visitor", "visitor"),
        *goes_on(
            "go on from before", {TAKEN: "{held.availability:{day}}", "tables": "{held.tables}"},
            f"subscribed {TAKEN}", f"update {TAKEN}", "subscribed tables", "update tables",
        ),
        Say("positions now", "guest", {"op": "ping", "id": 3}, ["pong"], keep="now"),
        *goes_on(
            "go on from now", {TAKEN: "{now.availability:{day}}", "tables": "{now.tables}"},
            f"subscribed {TAKEN}", "subscribed tables",
        ),
        *goes_on("one's own from the beginning", {"mine": None}, "subscribed mine", "snapshot mine", keep="own"),
        *goes_on("one's own from there", {"mine": "{own.mine}"}, "subscribed mine"),
        *goes_on(
            "go on from what can't be gone on from",
            {TAKEN: "aaaaaaaa:1", "tables": "no position", "mine": "aaaaaaaa:1", NEXT_TAKEN: 5},
            *(f"{op} {name}" for name in (TAKEN, "tables", "mine", NEXT_TAKEN) for op in ("subscribed", "snapshot")),
        ),
        *goes_on(
            "go on from the future", {TAKEN: "{future}"}, f"subscribed {TAKEN}", f"snapshot {TAKEN}",
        ),
        Say(
            "subscribe again to what is watched", "guest",
            {"op": "subscribe", "id": 4, "channel": TAKEN, "since": "{now.availability:{day}}"},
            [f"subscribed {TAKEN}"],
        ),
        Say(
            "subscribe again from before", "guest",
            {"op": "subscribe", "id": 5, "channel": TAKEN, "since": "{held.availability:{day}}"},
            [f"subscribed {TAKEN}", f"update {TAKEN}"],
        ),
        Say("unsubscribe", "guest", {"op": "unsubscribe", "id": 6, "channel": TAKEN}, [f"unsubscribed {TAKEN}"]),
        Say("unsubscribe again", "guest", {"op": "unsubscribe", "id": 7, "channel": TAKEN}, [f"unsubscribed {TAKEN}"]),
        *did("cancel the other", "DELETE /bookings/{second.id}", host=(FLOOR, TAKEN), guest=("mine",)),
        *did("a host cancels", "DELETE /bookings/{booked.id}", who="host",
             host=(NEXT_FLOOR, NEXT_TAKEN), guest=("mine",)),
        quiet("nothing of the channel that was left", "guest"),
        Say(
            "subscribe to several", "guest",
            {"op": "subscribe", "id": "several", "channels": {TAKEN: None, NEXT_TAKEN: None}},
            [f"{op} {name}" for name in (TAKEN, NEXT_TAKEN) for op in ("subscribed", "snapshot")],
        ),
        *joins("passer-by", None, STARTS),
        Say("what the passer-by holds", "passer-by", {"op": "ping", "id": 2}, ["pong"], keep="seen"),
        *did(
            "book at one table of many", "POST /bookings", {"date": "{day}", "time": "18:00", "guests": 2},
            keep="third", host=(FLOOR, TAKEN), guest=(TAKEN, "mine"), **{"passer-by": (STARTS,)},
        ),
        *did(
            "another one for two", "PATCH /bookings/{third.id}", {"guests": 1},
            host=(FLOOR, TAKEN), guest=(TAKEN, "mine"), **{"passer-by": (STARTS,)},
        ),
        *did(
            "add another table", "POST /admin/tables", {"name": "Garden 3", "seats": 8}, who="admin", keep="large",
            host=("tables",), guest=("tables",),
        ),
        hear("the passer-by is told of the table", "passer-by", f"resync {STARTS}", f"snapshot {STARTS}"),
        *did(
            "rename that table", "PATCH /admin/tables/{large.id}", {"name": "Garden 4"}, who="admin",
            host=("tables",), guest=("tables",),
        ),
        quiet("nothing of the name for the passer-by", "passer-by"),
        *did(
            "book the only one for eight", "POST /bookings", {"date": "{day}", "time": "18:00", "guests": 8},
            keep="fourth", host=(FLOOR, TAKEN), guest=(TAKEN, "mine"), **{"passer-by": (STARTS,)},
        ),
        *goes_on(
            "go on from before the table", {STARTS: "{seen.starts:{day}}"},
            f"subscribed {STARTS}", f"snapshot {STARTS}",
        ),
        *did("cancel it", "DELETE /bookings/{fourth.id}",
             host=(FLOOR, TAKEN), guest=(TAKEN, "mine"), **{"passer-by": (STARTS,)}),
        *did("remove that table", "DELETE /admin/tables/{large.id}", who="admin", host=("tables",), guest=("tables",)),
        hear("the passer-by is told that it is gone", "passer-by", f"resync {STARTS}", f"snapshot {STARTS}"),
        *did("cancel the third", "DELETE /bookings/{third.id}",
             host=(FLOOR, TAKEN), guest=(TAKEN, "mine"), **{"passer-by": (STARTS,)}),
        *did("a guest is erased", "DELETE /auth/me"),
        hear("the erased guest's session ends", "guest", "bye", ends=True),
        quiet("nothing of that for the host", "host"),
    ],
)  # fmt: skip
