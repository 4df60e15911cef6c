"""What is kept of an account: its owner changes it, gets all of it, and has it erased."""

from __future__ import annotations

from hub.store import database
from tests.integration.accounts.conftest import Life, book, me, until_refused
from tests.integration.rest import refused
from tests.servers import PASSWORD


async def test_profile_is_changed_by_its_owner(life: Life) -> None:
    ada, bob = await life.hub.register(), await life.hub.register(phone_number="+4930123456")
    before = await me(ada)
    answer = await ada.client.patch("/auth/me", json={"full_name": " Ada L. ", "language": "ru"})
    assert answer.json() == {**before, "full_name": "Ada L.", "language": "ru"} == await me(ada)
    refused(await ada.client.patch("/auth/me", json={"phone_number": "+4930123456"}), "phone_taken")
    for body in ({"full_name": None}, {"full_name": "\u200b"}, {"email": bob.email}, {"role": "admin"}):
        refused(await ada.client.patch("/auth/me", json=body), "validation_error")
    assert (await ada.client.patch("/auth/me", json={})).json() == await me(ada)


async def test_export_holds_all_that_is_kept(life: Life) -> None:
    ada = await life.hub.register()
    booking = await book(ada)
    await life.box.until(lambda: "confirmed" in life.box.kinds(ada.email))
    answer = await ada.client.get("/auth/me/export")
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert found["account"]["email"] == ada.email and "password_hash" not in answer.text
    assert [each["id"] for each in found["bookings"]] == [booking["id"]]
    assert [each["kind"] for each in found["changes"]] == ["booked"]
    assert {"verify", "confirmed", "reminder"} == {each["kind"] for each in found["mails"]}
    assert len(found["sessions"]) == 1


async def test_erased_account_leaves_numbers_and_no_name_anywhere(life: Life) -> None:
    ada = await life.hub.register(full_name="Ada Erased", phone_number="+4930765432")
    booking = await book(ada)
    refused(await ada.client.delete("/auth/me"), "has_bookings")
    assert (await ada.client.delete(f"/bookings/{booking['id']}")).status_code == 200
    await life.box.until(lambda: "canceled" in life.box.kinds(ada.email))
    await life.token(ada.email, "verify")
    assert (await ada.client.delete("/auth/me")).status_code == 204
    await until_refused(ada)
    refused(await life.post("/auth/login", email=ada.email, password=PASSWORD), "auth_error")
    tables = await database.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'aerich'"
    )
    for (table,) in tables:
        kept = str(await database.fetch(f'SELECT * FROM "{table}"'))
        for name in (ada.email, "Ada Erased", "4930765432"):
            assert name not in kept, table
    [left] = await database.fetch("SELECT guests, status FROM bookings")
    assert tuple(left) == (2, "canceled")
    again = await life.hub.register(ada.email, phone_number="+4930765432")
    assert (await me(again))["verified"] is False
