"""GET /bookings: the bookings of a day or of some days, by a name, a number, a reference or a status."""

from __future__ import annotations

from typing import Any

from tests.integration.recording.steps import Ask, Capability, registers

GUEST = {"name": "Olga Sought", "phone": "+90 212 555 10 31"}


def search(name: str, query: str = "?date={day}", who: str | None = "host", keep: str | None = None) -> Ask:
    return Ask(name, f"GET /bookings{query}", who=who, keep=keep)


def book(name: str, keep: str, who: str = "amy", **fields: Any) -> Ask:
    return Ask(name, "POST /bookings", {"date": "{day}", "time": "18:00", "guests": 2, **fields}, who=who, keep=keep)


CAPABILITY = Capability(
    "search",
    [
        registers("amy", 1032),
        search("none on this day"),
        book("book", "first"),
        book("book another day", "second", date="{next_day}", time="12:00"),
        book("a host books for somebody", "third", "host", time="20:00", guest=GUEST, note="A cake",
             occasion="birthday", needs=["high_chair"], house_note="Regular"),
        Ask("cancel one", "DELETE /bookings/{first.id}", who="amy"),
        search("of a day"),
        search("of a day, those that are booked", "?date={day}&status=booked"),
        search("of some days", "?from={day}&to={next_day}"),
        search("from a day on", "?from={next_day}&q=Amy Guest"),
        search("by a name, as an admin", "?q=Sought", "admin"),
        search("by a number", "?q=5551031"),
        search("by a reference", "?q={second.reference}"),
        search("the first page", "?from={day}&to={next_day}&limit=2", keep="page"),
        search("the next page", "?from={day}&to={next_day}&limit=2&cursor={page.next}"),
        search("the next page, by its older name", "?from={day}&to={next_day}&limit=2&before={page.next}"),
        search("of nobody", "?q=Nobody Here"),
        search("of a day and of some", "?date={day}&from={day}"),
        search("until a day", "?to={day}"),
        search("of no day", "?date=tonight"),
        search("by a letter", "?q=o"),
        search("of no such status", "?date={day}&status=late"),
        search("from no page", "?date={day}&cursor=nowhere"),
        search("a name that is unknown", "?day={day}"),
        search("as a guest", who="amy"),
        search("as nobody", who=None),
        Ask("the head", "HEAD /bookings?date={day}", who="host"),
        Ask("cancel the second", "DELETE /bookings/{second.id}", who="amy"),
        Ask("cancel the third", "DELETE /bookings/{third.id}", who="host"),
    ],
)  # fmt: skip
