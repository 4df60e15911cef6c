"""The guest book: GET /guests, GET and PATCH /guests/{id}, POST /guests/{id}/erase, and notes about a guest."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import Ask, Capability, registers

IDA = {"name": "Ida Bookish", "phone": "+90 212 555 10 21", "email": "ida@example.org", "language": "ru"}
GUEST = "/guests/{booked.guest.id}"


def search(name: str, query: str, who: str | None = "host") -> Ask:
    return Ask(name, f"GET /guests{query}", who=who)


def change(name: str, body: Any, who: str | None = "host", path: str = GUEST, **how: Any) -> Ask:
    return Ask(name, f"PATCH {path}", body, who=who, **how)


def note(name: str, who: str | None = "host", path: str = GUEST, **fields: Any) -> Ask:
    return Ask(name, f"POST {path}/notes", fields, who=who)


CAPABILITY = Capability(
    "guests",
    [
        registers("zoe", 1022),
        Ask("book for a guest of the house", "POST /bookings",
            {"date": "{day}", "time": "18:00", "guests": 2, "guest": IDA}, who="host", keep="booked"),
        Ask("book oneself", "POST /bookings", {"date": "{day}", "time": "18:00", "guests": 2}, who="zoe", keep="own"),
        search("find by a name", "?q=bookish"),
        search("find by digits of a number", "?q=5551021"),
        search("find by an address", "?q=ida@example.org", "admin"),
        search("find whoever has an account", "?q=Zoe Guest"),
        search("find nobody", "?q=Nobody Here"),
        search("find by a letter", "?q=i"),
        search("find by nothing", ""),
        search("find by a name that is unknown", "?name=Ida"),
        search("find as a guest", "?q=bookish", "zoe"),
        search("find as nobody", "?q=bookish", None),
        Ask("find, the head", "HEAD /guests?q=bookish", who="host"),
        Ask("read", f"GET {GUEST}", who="host", keep="ida"),
        Ask("read, the head", f"HEAD {GUEST}", who="host"),
        Ask("read one with an account", "GET /guests/{own.guest.id}", who="admin"),
        Ask("read as a guest", f"GET {GUEST}", who="zoe"),
        Ask("read as nobody", f"GET {GUEST}"),
        Ask("read what there is not", "GET /guests/999999", who="host"),
        Ask("read what can't be", "GET /guests/ida", who="host"),
        change("another name and number", {"name": "Ida Written", "phone": "+90 212 555 10 23"},
               headers={"If-Match": "{ida.etag}"}),
        change("change it as it was", {"name": "Ida Late"}, headers={"If-Match": "{ida.etag}"}),
        change("no address any more", {"email": None, "language": "en"}),
        change("nothing", {}),
        change("a name that is null", {"name": None}),
        change("no number", {"phone": "12"}),
        change("a field that is unknown", {"visits": 9}),
        change("one with an account", {"name": "Zoe Other"}, path="/guests/{own.guest.id}"),
        change("what there is not", {"name": "Nobody"}, path="/guests/999999"),
        change("change as a guest", {"name": "Zoe"}, "zoe"),
        change("change as nobody", {"name": "Zoe"}, None),
        Ask("change with no JSON", f"PATCH {GUEST}", "name", who="host"),
        Ask("note a diet", f"POST {GUEST}/notes", {"kind": "dietary", "text": " No nuts "}, who="host", keep="nuts",
            headers={"Idempotency-Key": "note-once"}),
        Ask("note a diet, asked again", f"POST {GUEST}/notes", {"kind": "dietary", "text": " No nuts "}, who="host",
            headers={"Idempotency-Key": "note-once"}),
        note("note something until a day", kind="note", text="Likes the window", keep_until="{next_day}"),
        note("note of no kind", kind="gossip", text="Sings"),
        note("note nothing", kind="note", text=" "),
        note("note about nobody", path="/guests/999999", kind="note", text="Who?"),
        note("note as a guest", "zoe", kind="note", text="Me"),
        note("note as nobody", None, kind="note", text="Me"),
        Ask("note with no JSON", f"POST {GUEST}/notes", "note", who="host"),
        Ask("read with notes", f"GET {GUEST}", who="host"),
        search("find with notes", "?q=Ida Written"),
        Ask("the floor with notes", "GET /days/{day}/floor", who="host"),
        Ask("remove a note that is not there", f"DELETE {GUEST}/notes/999999", who="host"),
        Ask("remove a note as a guest", f"DELETE {GUEST}/notes/{{nuts.id}}", who="zoe"),
        Ask("remove a note as nobody", f"DELETE {GUEST}/notes/{{nuts.id}}"),
        Ask("remove a note", f"DELETE {GUEST}/notes/{{nuts.id}}", who="host"),
        Ask("remove a note again", f"DELETE {GUEST}/notes/{{nuts.id}}", who="host"),
        Ask("erase as a host", f"POST {GUEST}/erase", who="host"),
        Ask("erase as a guest", f"POST {GUEST}/erase", who="zoe"),
        Ask("erase as nobody", f"POST {GUEST}/erase"),
        Ask("erase with a booking to come", f"POST {GUEST}/erase", who="admin"),
        Ask("erase one with an account", "POST /guests/{own.guest.id}/erase", who="admin"),
        Ask("erase what there is not", "POST /guests/999999/erase", who="admin"),
        Ask("cancel", "DELETE /bookings/{booked.id}", who="host"),
        Ask("erase", f"POST {GUEST}/erase", who="admin"),
        Ask("erase again", f"POST {GUEST}/erase", who="admin"),
        Ask("read who was erased", f"GET {GUEST}", who="host"),
        search("find who was erased", "?q=Ida Written"),
        Ask("the booking of who was erased", "GET /bookings/{booked.id}", who="host"),
        Ask("cancel one's own", "DELETE /bookings/{own.id}", who="zoe"),
    ],
)  # fmt: skip
