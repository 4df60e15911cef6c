"""What is kept of an account: its owner changes it, gets all of it, and has it erased."""

from __future__ import annotations

from typing import Any

import asyncpg

from hub.store import database
from tests.guests import until
from tests.integration.accounts.conftest import EMAIL, NAME, NOTE, OTHER, PHONE, SAID, TRACES, Life, book, me
from tests.integration.rest import day_after, refused
from tests.traces import traces


async def test_profile_is_changed_by_its_owner(life: Life) -> None:
    ada, bob = await life.hub.register(), await life.hub.register(phone_number="+4930123456")
    before = await me(ada)
    answer = await ada.client.patch("/auth/me", json={"full_name": " Ada L. ", "language": "ru"})
    assert answer.json() == {**before, "full_name": "Ada L.", "language": "ru", "revision": 2} == await me(ada)
    refused(await ada.client.patch("/auth/me", json={"phone_number": "+4930123456"}), "phone_taken")
    for body in ({"full_name": None}, {"full_name": "\u200b"}, {"email": bob.email}, {"role": "admin"}):
        refused(await ada.client.patch("/auth/me", json=body), "validation_error")
    assert (await ada.client.patch("/auth/me", json={})).json() == await me(ada)


async def test_export_holds_all_that_is_kept(life: Life) -> None:
    ada = await life.hub.register()
    booking = await book(ada)
    await database.write(
        "INSERT INTO guest_notes (guest_id, kind, text) VALUES ($1, 'dietary', 'no lactose')", booking["guest"]["id"]
    )
    await database.write("UPDATE bookings SET house_note = 'a gourmet', needs = '[\"quiet\"]'")
    await life.box.until(lambda: "confirmed" in life.box.kinds(ada.email))
    answer = await ada.client.get("/auth/me/export")
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert found["account"]["email"] == ada.email and "password_hash" not in answer.text
    assert [each["id"] for each in found["bookings"]] == [booking["id"]]
    [kept] = found["bookings"]
    assert (kept["house_note"], kept["needs"], kept["guest_id"]) == ("a gourmet", ["quiet"], booking["guest"]["id"])
    assert [(each["id"], each["email"]) for each in found["guests"]] == [(booking["guest"]["id"], ada.email)]
    assert [(each["kind"], each["text"]) for each in found["notes"]] == [("dietary", "no lactose")]
    assert [each["kind"] for each in found["changes"]] == ["booked"]
    assert {"verify", "confirmed", "reminder"} == {each["kind"] for each in found["mails"]}
    assert len(found["sessions"]) == 1


MEMBER = "INSERT INTO memberships (user_id, venue_id, role) SELECT id, 1, 'viewer' FROM users WHERE email = $1"


async def test_erased_account_leaves_numbers_and_no_name_anywhere(life: Life) -> None:
    ada = await life.hub.register(EMAIL, full_name=NAME, phone_number=PHONE)
    await life.token(EMAIL, "verify")
    life.box.script = lambda stage, address, before: f"550 <{address}> is unknown" if stage == "RCPT" else None
    booked = await ada.client.post(
        "/bookings",
        json={"date": day_after(40), "time": "18:00", "guests": 2, **SAID},
        headers={"Idempotency-Key": "zuleika-1"},
    )
    assert booked.status_code == 201, booked.text
    booking = booked.json()
    assert {name: booking[name] for name in SAID} == SAID
    assert booking["guest"] == {"id": booking["guest"]["id"], "name": NAME, "phone": PHONE, "email": EMAIL}

    async def is_refused() -> Any:
        return await database.fetch("SELECT id FROM outbox WHERE strpos(last_error, $1) > 0", EMAIL)

    await until(is_refused)
    refused(await ada.client.delete("/auth/me"), "has_bookings")
    path = f"/bookings/{booking['id']}"
    changed = await ada.client.patch(path, json={"guests": 1}, headers={"Idempotency-Key": "zuleika-2"})
    assert changed.json()["note"] == NOTE
    assert (await ada.client.delete(path)).status_code == 200
    life.box.script = lambda stage, address, before: None
    token = await life.ask_reset(EMAIL)
    reset = await life.post("/auth/reset", token=token, password=OTHER)
    client = life.hub.client(reset.json()["access_token"])
    assert (await client.patch("/auth/me", json={"full_name": f"{NAME} Again"})).status_code == 200
    sql = await asyncpg.connect(life.settings.database_url)
    try:
        assert len(await traces(sql, TRACES)) > 10
        await sql.execute(MEMBER, EMAIL)
        assert (await client.delete("/auth/me")).status_code == 204
        assert await traces(sql, TRACES) == []
        assert await sql.fetchval("SELECT count(*) FILTER (WHERE ended_at IS NULL) FROM memberships") == 0
    finally:
        await sql.close()
    refused(await life.post("/auth/login", email=EMAIL, password=OTHER), "auth_error")
    [left] = await database.fetch("SELECT guests, status FROM bookings")
    assert tuple(left) == (1, "canceled")
    again = await life.hub.register(EMAIL, phone_number=PHONE)
    assert (await again.client.get("/auth/me")).json()["verified"] is False
