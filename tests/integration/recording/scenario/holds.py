"""POST and DELETE /holds, POST /holds/{token}/extend, and what is booked with a hold."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import NOTHING, Ask, Capability, registers


def hold(name: str, who: str | None = "wes", keep: str | None = None, **fields: Any) -> Ask:
    return Ask(name, "POST /holds", {"date": "{day}", "time": "18:00", "guests": 2, **fields}, who=who, keep=keep)


def extend(name: str, who: str | None = "wes", of: str = "{held.token}", body: Any = NOTHING) -> Ask:
    return Ask(name, f"POST /holds/{of}/extend", body, who=who)


def release(name: str, who: str | None = "wes", of: str = "{held.token}") -> Ask:
    return Ask(name, f"DELETE /holds/{of}", who=who)


def book(name: str, who: str = "wes", keep: str | None = None, **fields: Any) -> Ask:
    return Ask(name, "POST /bookings", {"date": "{day}", "guests": 2, **fields}, who=who, keep=keep)


ONCE = {"Idempotency-Key": "hold-once"}
CAPABILITY = Capability(
    "holds",
    [
        registers("wes", 1001),
        registers("xia", 1002),
        Ask("hold", "POST /holds", {"date": "{day}", "time": "18:00", "guests": 2}, who="wes", keep="held",
            headers=ONCE),
        Ask("hold, asked again", "POST /holds", {"date": "{day}", "time": "18:00", "guests": 2}, who="wes",
            headers=ONCE),
        Ask("another hold by the same key", "POST /holds", {"date": "{day}", "time": "19:00"}, who="wes", headers=ONCE),
        hold("hold a named table as a host", "host", keep="of_host", table_id=9),
        hold("hold tables together that are none", "host", table_ids=[2, 3]),
        hold("hold a named table as a guest", table_id=10),
        hold("hold as nobody", None),
        hold("hold for more than any table takes", guests=20),
        hold("hold before the house opens", time="11:00"),
        hold("hold yesterday", date="{yesterday}"),
        hold("hold too far ahead", date="{too_far}"),
        hold("hold a table that is held", "admin", table_id=9),
        hold("hold for nobody at all", guests=0),
        hold("hold a table and an area", "host", table_id=10, area=1),
        hold("hold in no such area", area=999),
        hold("hold with a field that is unknown", note="By the window"),
        Ask("hold with no JSON", "POST /holds", "table", who="wes"),
        book("book a table that is held", "xia", time="18:00", table_id="{held.tables.0}"),
        extend("extend", body={}),
        extend("extend again"),
        extend("extend again, as somebody else who has the token", "xia"),
        extend("extend what there is not", of="x" * 43),
        extend("extend with a field that is unknown", body={"minutes": 5}),
        extend("extend as nobody", None),
        hold("move it to another time", keep="moved", time="19:00", instead="{held.token}"),
        extend("extend what was moved"),
        Ask("the floor with holds", "GET /days/{day}/floor", who="host"),
        book("book with a hold that is over, as if without one", time="18:00", hold="{held.token}"),
        book("book with a hold for another time", time="14:00", hold="{moved.token}"),
        book("book with a hold, and a table", time="19:00", hold="{moved.token}", table_id=1),
        book("book with a hold", time="19:00", hold="{moved.token}", keep="booked"),
        book("book with it again, as if without one", time="19:00", hold="{moved.token}"),
        book("book over a hold", "host", time="18:00", table_id=9, exceed=["hold"]),
        book("book over a hold for a reason", "host", time="18:00", table_id=9, exceed=["hold"],
             reason="the guest stands here", keep="second"),
        release("release what was let go", "host", "{of_host.token}"),
        hold("hold once more", keep="third", time="20:00"),
        release("release as nobody", None, "{third.token}"),
        release("release", of="{third.token}"),
        release("release again", of="{third.token}"),
        hold("hold and give the token away", keep="fourth", time="20:00"),
        release("release as somebody else who has the token", "xia", "{fourth.token}"),
        Ask("a hold can't be read", "GET /holds/{third.token}", who="wes"),
        Ask("cancel", "DELETE /bookings/{booked.id}", who="wes"),
        Ask("cancel the other", "DELETE /bookings/{second.id}", who="host"),
    ],
)  # fmt: skip
