"""POST, GET and DELETE /blocks: tables that the house keeps closed."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import Ask, Capability, registers


def close(name: str, who: str | None = "host", keep: str | None = None, **other: Any) -> Ask:
    body = {"start_at": "{day}T12:00:00+03:00", "end_at": "{day}T15:00:00+03:00", **other}
    return Ask(name, "POST /blocks", body, who=who, keep=keep)


def closed_on(name: str, query: str = "?date={day}", who: str | None = "host") -> Ask:
    return Ask(name, f"GET /blocks{query}", who=who)


def open_again(name: str, who: str | None = "host", of: str = "{closed.id}", **headers: str) -> Ask:
    return Ask(name, f"DELETE /blocks/{of}", who=who, headers={key.replace("_", "-"): headers[key] for key in headers})


CAPABILITY = Capability(
    "blocks",
    [
        registers("yan", 1011),
        closed_on("none are closed"),
        close("close two tables", table_ids=[1, 2], reason=" Wet paint ", keep="closed"),
        close("close without a reason, from before the opening", "admin", table_ids=[16],
              start_at="{day}T06:00:00Z", keep="other"),
        close("close a table that is closed", table_ids=[2, 3], start_at="{day}T14:00:00+03:00"),
        Ask("book a table that is closed", "POST /bookings", {"date": "{day}", "time": "14:00", "table_id": 1},
            who="yan"),
        Ask("book another one", "POST /bookings", {"date": "{day}", "time": "14:00", "table_id": 3}, who="yan",
            keep="booked"),
        close("close a table that is booked", table_ids=[3]),
        close("close no such table", table_ids=[999]),
        close("close no such area", area_id=999),
        close("close tables and an area", table_ids=[4], area_id=1),
        close("close nothing", reason="Nothing"),
        close("close over several days", table_ids=[4], end_at="{next_day}T15:00:00+03:00"),
        close("close while the house is closed", table_ids=[4], start_at="{day}T08:00:00+03:00",
              end_at="{day}T09:00:00+03:00"),
        close("close backwards", table_ids=[4], end_at="{day}T11:00:00+03:00"),
        close("close yesterday", table_ids=[4], start_at="{yesterday}T12:00:00+03:00",
              end_at="{yesterday}T15:00:00+03:00"),
        close("close too far ahead", table_ids=[4], start_at="{too_far}T12:00:00+03:00",
              end_at="{too_far}T15:00:00+03:00"),
        close("close to the second", table_ids=[4], start_at="{day}T12:00:01+03:00"),
        close("close at a time without an offset", table_ids=[4], start_at="{day}T12:00:00"),
        close("close with a field that is unknown", table_ids=[4], by="host"),
        close("close as a guest", "yan", table_ids=[4]),
        close("close as nobody", None, table_ids=[4]),
        Ask("close with no JSON", "POST /blocks", "table", who="host"),
        closed_on("the closed tables of a day"),
        closed_on("the closed tables of another day", "?date={next_day}"),
        closed_on("the closed tables of no day", "?date=today"),
        closed_on("the closed tables, a day is not named", ""),
        closed_on("the closed tables for a guest", who="yan"),
        closed_on("the closed tables for nobody", who=None),
        Ask("the head", "HEAD /blocks?date={day}", who="host"),
        Ask("the floor with closed tables", "GET /days/{day}/floor", who="host"),
        Ask("the availability with closed tables", "GET /days/{day}/availability", who="yan"),
        open_again("open as it was", If_Match='"r9"'),
        open_again("open as a guest", "yan"),
        open_again("open as nobody", None),
        open_again("open what there is not", of="999999"),
        open_again("open what can't be", of="paint"),
        open_again("open", If_Match="{closed.etag}", Idempotency_Key="open-once"),
        open_again("open, asked again", If_Match="{closed.etag}", Idempotency_Key="open-once"),
        open_again("open once more"),
        open_again("open the other", "admin", "{other.id}"),
        closed_on("none are closed any more"),
        Ask("a block can't be changed", "PATCH /blocks/{closed.id}", {"reason": "Dry"}, who="host"),
        Ask("cancel", "DELETE /bookings/{booked.id}", who="yan"),
    ],
)  # fmt: skip
