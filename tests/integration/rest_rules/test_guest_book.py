"""The guest book: guests found while somebody types, their visits, and notes about them; and bookings searched for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from hub.store import retention
from tests.integration.rest import query, refused
from tests.integration.rest_rules.conftest import book, make_past
from tests.integration.rest_rules.test_guests import somebody
from tests.servers import Account, HubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def found(host: Account, text: str) -> list[dict[str, Any]]:
    answer = await host.client.get("/guests", params={"q": text})
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_a_guest_is_found_by_name_phone_and_email(host: Account, day: str) -> None:
    ida = somebody()
    made = await book(host.client, day, guest=ida)
    digits = ida["phone"].replace(" ", "")
    for text in (ida["name"][4:], ida["name"].upper(), digits, "0" + digits[3:], digits[-6:], ida["email"][:12]):
        assert made["guest"]["id"] in [each["id"] for each in await found(host, text)], text
    assert await found(host, "nobody is called so") == []
    # What LIKE would take for a pattern is text.
    assert await found(host, "%%") == [] and await found(host, "__") == []


async def test_what_is_typed_is_refused_when_it_is_too_short_or_long(host: Account, guest: Account) -> None:
    for text in ("", "a", " a ", "x" * 65):
        refused(await host.client.get("/guests", params={"q": text}), "validation_error")
    refused(await guest.client.get("/guests", params={"q": "ida"}), "forbidden")
    refused(await guest.client.get("/bookings", params={"q": "ida"}), "forbidden")


async def test_visits_and_no_shows_are_counted(hub: HubServer, host: Account, day: str) -> None:
    ida = somebody()
    ids = [(await book(host.client, day, at, guests=2, guest=ida))["id"] for at in ("12:00", "15:00", "18:00")]
    [known] = await found(host, ida["name"])
    assert (known["visits"], known["no_shows"], known["last"], known["usual_guests"]) == (0, 0, None, None)
    for booking, status in zip(ids, ("finished", "finished", "no_show"), strict=True):
        await make_past(hub, booking)
        await query(hub, "UPDATE bookings SET status = $2 WHERE id = $1", booking, status)
    [known] = await found(host, ida["name"])
    assert (known["visits"], known["no_shows"], known["usual_guests"]) == (2, 1, 2)
    assert known["last"]["table"].startswith("T")
    details = (await host.client.get(f"/guests/{known['id']}")).json()
    assert {name: details[name] for name in ("visits", "no_shows", "last", "usual_guests")} == {
        name: known[name] for name in ("visits", "no_shows", "last", "usual_guests")
    }


async def test_notes_are_shown_to_managers_and_of_todays_guests_to_hosts(
    hub: HubServer, host: Account, admin: Account, day: str
) -> None:
    ida = somebody()
    guest_id = (await book(host.client, day, guest=ida))["guest"]["id"]
    path = f"/guests/{guest_id}/notes"
    nuts = (await host.client.post(path, json={"kind": "dietary", "text": "No nuts"})).json()
    assert nuts["keep_until"] == (date.fromisoformat(day) + timedelta(days=7)).isoformat()
    door = (await host.client.post(path, json={"kind": "access", "text": "Uses a wheelchair"})).json()
    assert door["keep_until"] is None
    until = {"kind": "note", "text": "Likes the window", "keep_until": day}
    assert (await admin.client.post(path, json=until)).json()["keep_until"] == day
    texts = [note["text"] for note in (await admin.client.get(f"/guests/{guest_id}")).json()["notes"]]
    assert texts == ["No nuts", "Uses a wheelchair", "Likes the window"]
    assert (await host.client.get(f"/guests/{guest_id}")).json()["notes"] == []  # not today's guest
    await query(hub, "UPDATE bookings SET service_date = current_date WHERE guest_id = $1", guest_id)
    assert len((await host.client.get(f"/guests/{guest_id}")).json()["notes"]) == 3
    assert (await host.client.delete(f"{path}/{door['id']}")).status_code == 204
    refused(await host.client.delete(f"{path}/{door['id']}"), "not_found")
    refused(await host.client.post("/guests/99999999/notes", json={"kind": "note", "text": "Who?"}), "not_found")
    refused(await host.client.post(path, json={"kind": "secret", "text": "x"}), "validation_error")
    await query(hub, "UPDATE bookings SET service_date = $2 WHERE guest_id = $1", guest_id, date.fromisoformat(day))


async def test_bookings_are_found_by_day_name_phone_reference_and_status(host: Account, day: str) -> None:
    ida, bob = somebody(), {"name": "Bob Nobody", "phone": None}
    first = await book(host.client, day, "12:00", guest=ida)
    second = await book(host.client, day, "18:00", guest=bob)

    async def ids(**asked: Any) -> list[int]:
        answer = await host.client.get("/bookings", params=asked)
        assert answer.status_code == 200, answer.text
        return [each["id"] for each in answer.json()["items"]]

    assert await ids(date=day) == [first["id"], second["id"]]
    assert await ids(date=day, q=ida["name"][:9]) == [first["id"]]
    assert await ids(q=ida["phone"][4:]) == [first["id"]]
    assert await ids(q=second["reference"].lower()) == [second["id"]]
    assert (await host.client.delete(f"/bookings/{second['id']}")).status_code == 200
    assert await ids(date=day, status="canceled") == [second["id"]]
    page = (await host.client.get("/bookings", params={"date": day, "limit": 1})).json()
    assert [each["id"] for each in page["items"]] == [first["id"]] and page["next"]
    assert await ids(date=day, limit=1, cursor=page["next"]) == [second["id"]]
    later = (date.fromisoformat(day) + timedelta(days=1)).isoformat()
    assert await ids(**{"from": day, "to": later}) == [first["id"], second["id"]]
    assert set(await ids()) & {first["id"], second["id"]} == set()  # today's
    for wrong in ({"to": day}, {"date": day, "from": day}, {"from": later, "to": day}, {"cursor": "?"}):
        refused(await host.client.get("/bookings", params=wrong), "validation_error")
    far = (date.fromisoformat(day) + timedelta(days=62)).isoformat()
    refused(await host.client.get("/bookings", params={"from": day, "to": far}), "validation_error")


async def test_who_is_to_come_is_found_before_who_has_been(hub: HubServer, host: Account, day: str) -> None:
    ida = somebody()
    was, will = [], []
    for at in ("12:00", "14:00", "16:00", "18:00"):
        (was if at < "15:00" else will).append((await book(host.client, day, at, guest=ida))["id"])
    long = timedelta(days=(date.fromisoformat(day) - datetime.now(UTC).date()).days + 3)
    for booking in was:
        moved = "starts_at = starts_at - $2::interval, ends_at = ends_at - $2::interval"
        await query(
            hub, f"UPDATE bookings SET {moved}, service_date = service_date - $3::int WHERE id = $1",
            booking, long, long.days,
        )  # fmt: skip
        await query(hub, "SELECT hub_lock(hub_stream(venue_id, service_date)) FROM bookings WHERE id = $1", booking)
    wanted = [*will, *reversed(was)]
    pages: list[int] = []
    asked: dict[str, Any] = {"q": ida["name"], "limit": 1}
    while True:
        page = (await host.client.get("/bookings", params=asked)).json()
        pages += [each["id"] for each in page["items"]]
        if page["next"] is None:
            break
        asked["cursor"] = page["next"]
    whole = (await host.client.get("/bookings", params={"q": ida["name"]})).json()
    assert [each["id"] for each in whole["items"]] == wanted
    assert pages == wanted


async def test_notes_go_when_their_time_is_over(hub: HubServer, host: Account, day: str) -> None:
    guest_id = (await book(host.client, day, guest=somebody()))["guest"]["id"]
    for until in ("2026-01-01", "2099-01-01", None):
        body = {"kind": "note", "text": "Something", **({"keep_until": until} if until else {})}
        assert (await host.client.post(f"/guests/{guest_id}/notes", json=body)).status_code == 201
    assert await in_database(hub) >= 1
    left = await query(hub, "SELECT keep_until FROM guest_notes WHERE guest_id = $1 ORDER BY id", guest_id)
    assert [row["keep_until"] for row in left] == [date(2099, 1, 1), None]


async def test_a_later_booking_keeps_a_dietary_note_for_longer(hub: HubServer, admin: Account, day: str) -> None:
    made = await book(admin.client, day, guest=somebody())
    guest, first = {"id": made["guest"]["id"]}, date.fromisoformat(day)
    path = f"/guests/{guest['id']}"
    for text, until in (("No nuts", None), ("No milk for a week", day)):
        body = {"kind": "dietary", "text": text, **({"keep_until": until} if until else {})}
        assert (await admin.client.post(f"{path}/notes", json=body)).status_code == 201

    async def kept() -> dict[str, str]:
        return {each["text"]: each["keep_until"] for each in (await admin.client.get(path)).json()["notes"]}

    week, later = timedelta(days=7), first + timedelta(days=3)
    assert await kept() == {"No nuts": (first + week).isoformat(), "No milk for a week": day}
    second = await book(admin.client, later.isoformat(), guest=guest)
    assert await kept() == {"No nuts": (later + week).isoformat(), "No milk for a week": day}
    assert (await admin.client.delete(f"/bookings/{second['id']}")).status_code == 200
    assert (await kept())["No nuts"] == (first + week).isoformat()
    # Written long ago, it stays while a booking is near, and goes a week after the last.
    left = "SELECT text FROM guest_notes WHERE guest_id = $1 AND keep_until IS NULL"
    await query(hub, "UPDATE guest_notes SET created_at = created_at - interval '30 days' WHERE guest_id = $1",
                guest["id"])  # fmt: skip
    for ago, texts in ((7, ["No nuts"]), (9, [])):
        await query(hub, "UPDATE bookings SET service_date = current_date - $2::int WHERE id = $1", made["id"], ago)
        await in_database(hub)
        assert [row["text"] for row in await query(hub, left, guest["id"])] == texts


async def in_database(hub: HubServer) -> int:
    """Run the retention's statement on the hub's database."""
    statements: list[tuple[Any, ...]] = []

    async def write(text: str, *values: Any) -> list[Any]:
        statements.append((text, *values))
        return []

    original, retention.database.write = retention.database.write, write  # type: ignore[assignment]
    try:
        await retention.forget_notes()
    finally:
        retention.database.write = original
    [(text, *values)] = statements
    return len(await query(hub, text, *values))
