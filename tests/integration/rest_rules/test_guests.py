"""Staff book for guests without an account, correct what is written of them, and erase them."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.store import postgres
from tests.integration.rest import query, refused
from tests.integration.rest_rules.conftest import book, deliveries
from tests.servers import PATIENCE, Account, HubServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


def somebody(**more: Any) -> dict[str, Any]:
    """A guest whom the house does not know."""
    unique = secrets.token_hex(5)
    phone = f"+49 30 {1_000_000 + secrets.randbelow(8_000_000)}"
    return {"name": f"Ida Álvarez {unique}", "phone": phone, "email": f"Ida-{unique}@Example.com", **more}


async def known(hub: HubServer, name: str) -> list[Any]:
    return await query(hub, "SELECT * FROM guests WHERE name = $1", name)


async def other_group(hub: HubServer) -> int:
    """A guest of venues that are no concern of these."""
    [row] = await query(
        hub,
        "WITH made AS (INSERT INTO venue_groups (name) VALUES ('Others') RETURNING id) "
        "INSERT INTO guests (group_id, name, language) SELECT id, 'Olga Other', 'en' FROM made RETURNING id",
    )
    return int(row["id"])


async def test_staff_book_for_a_guest_without_an_account(
    hub: HubServer, host: Account, guest: Account, day: str
) -> None:
    ida = somebody(language="ru")
    said = {"note": "By the window, please", "occasion": "birthday", "needs": ["pram", "quiet"]}
    made = await book(host.client, day, guests=2, guest=ida, **said)
    shown = {
        "id": made["guest"]["id"],
        "name": ida["name"],
        "phone": ida["phone"].replace(" ", ""),
        "email": ida["email"].lower(),
    }
    assert made["guest"] == shown and made["channel"] == "phone"
    assert {name: made[name] for name in said} == said
    assert (await host.client.get(f"/bookings/{made['id']}")).json() == made
    refused(await guest.client.get(f"/bookings/{made['id']}"), "not_found")
    assert made["id"] not in [each["id"] for each in (await host.client.get("/bookings/my")).json()["items"]]
    floor = (await host.client.get(f"/days/{day}/floor")).json()["bookings"][str(made["id"])]
    assert (floor["guest_name"], floor["phone_number"]) == (shown["name"], shown["phone"])
    found = (await host.client.get(f"/guests/{shown['id']}")).json()
    never = {"visits": 0, "no_shows": 0, "last": None, "usual_guests": None, "notes": []}
    assert found == {
        **shown, **never, "language": "ru", "has_account": False, "revision": 1, "created_at": found["created_at"],
    }  # fmt: skip

    mails = [(mail["topic"], mail["target"], mail["language"]) for mail in await deliveries(hub, made["id"])]
    assert ("confirmed", shown["email"], "ru") in mails and ("reminder", shown["email"], "ru") in mails
    moved = await host.client.patch(f"/bookings/{made['id']}", json={"time": "16:00"})
    assert moved.json() == {**made, **moved.json()} and moved.json()["guest"] == shown
    assert (await host.client.delete(f"/bookings/{made['id']}")).json()["note"] == said["note"]
    topics = {mail["topic"] for mail in await deliveries(hub, made["id"])}
    assert topics == {"confirmed", "reminder", "rescheduled", "canceled"}
    # No event of a day names anybody, or says what somebody said.
    events = str(await query(hub, "SELECT data FROM events WHERE stream = $1", f"day:{day}"))
    assert str(made["id"]) in events
    for word in (*shown.values(), *said["needs"], "window", "birthday"):
        assert not isinstance(word, str) or word not in events


async def test_guest_without_an_address_gets_no_mail(hub: HubServer, host: Account, day: str) -> None:
    made = await book(host.client, day, guest={"name": somebody()["name"]})
    assert made["guest"] == {**made["guest"], "phone": None, "email": None}
    assert (await host.client.delete(f"/bookings/{made['id']}")).status_code == 200
    assert await deliveries(hub, made["id"]) == []


async def test_few_mails_a_day_go_to_an_address_that_staff_wrote_down(hub: HubServer, host: Account, day: str) -> None:
    ida = somebody()
    made = [await book(host.client, day, at, guest=ida) for at in ("12:00", "14:00", "16:00")]
    for at in ("12:00", "14:00", "16:00"):
        answer = await host.client.patch(f"/bookings/{made[0]['id']}", json={"time": at, "guests": 2, "table_id": None})
        assert answer.is_success, answer.text
    found = await query(
        hub,
        "SELECT topic, dropped_at IS NULL AS goes, last_error FROM outbox WHERE target = $1 ORDER BY id",
        made[0]["guest"]["email"],
    )
    counted = [row["goes"] for row in found if row["topic"] != "reminder"]
    assert counted == [True] * 5 + [False]
    assert {row["topic"] for row in found if row["last_error"]} == {"rescheduled", "reminder"}
    assert all((row["last_error"] or "too_many:").startswith("too_many:") for row in found)


async def test_few_mails_go_to_an_address_that_staff_correct(hub: HubServer, host: Account, day: str) -> None:
    silent = (await book(host.client, day, "12:00", guest={"name": somebody()["name"]}))["guest"]
    for at in ("12:00", "14:00", "14:00", "16:00", "16:00", "18:00"):
        await book(host.client, day, at, guest={"id": silent["id"]})
    emails = [somebody()["email"].lower() for _ in range(2)]
    for email in emails:  # those of the first address wait, and go to the second
        assert (await host.client.patch(f"/guests/{silent['id']}", json={"email": email})).status_code == 200
        found = await query(
            hub, "SELECT topic, booking_id, dropped_at IS NULL AS goes, last_error FROM outbox WHERE target = $1", email
        )
        confirmed = {row["booking_id"] for row in found if row["topic"] == "confirmed" and row["goes"]}
        assert len(confirmed) == 5
        assert {row["booking_id"] for row in found if row["topic"] == "reminder" and row["goes"]} == confirmed
        refusals = {row["last_error"] for row in found if not row["goes"]}
        assert refusals == {"too_many: 5 mails went to this address within an hour"}
    # What waits for another guest is counted too, when it is to go there.
    other = await book(host.client, day, "20:00", guest=somebody())
    assert (await host.client.patch(f"/guests/{other['guest']['id']}", json={"email": emails[1]})).status_code == 200
    assert all(mail["dropped_at"] for mail in await deliveries(hub, other["id"]))


async def test_guest_whom_the_house_knows_is_taken(hub: HubServer, host: Account, guest: Account, day: str) -> None:
    ida = somebody()
    first = (await book(host.client, day, guest=ida))["guest"]
    same = [
        {"id": first["id"]},
        {"name": ida["name"].upper(), "phone": ida["phone"]},
        ida,
        {"name": ida["name"], "email": ida["email"].upper(), "phone": somebody()["phone"]},
    ]
    for again in same:
        assert (await book(host.client, day, guest=again))["guest"] == first
    others = [
        {"name": "Her Sister", "phone": ida["phone"], "email": ida["email"]},
        {"name": ida["name"]},
        {"name": ida["name"], "phone": somebody()["phone"]},
    ]
    for other in others:
        assert (await book(host.client, day, guest=other))["guest"]["id"] != first["id"]
    # An address that was said is where the mails go, never the one of before.
    moved = {**ida, "email": somebody()["email"]}
    made = await book(host.client, day, "20:00", guest=moved)
    assert made["guest"]["id"] != first["id"] and made["guest"]["email"] == moved["email"].lower()
    assert {mail["target"] for mail in await deliveries(hub, made["id"])} == {moved["email"].lower()}
    silent = {"name": somebody()["name"], "phone": somebody()["phone"]}
    unheard = (await book(host.client, day, "20:00", guest=silent))["guest"]
    heard = await book(host.client, day, "20:00", guest={**silent, "email": somebody()["email"]})
    assert heard["guest"]["id"] != unheard["id"] and await deliveries(hub, heard["id"]) != []
    # Who has an account sees what the house booked, and manages it.
    own = await book(guest.client, day, "12:00")
    made = await book(host.client, day, "16:00", guest={"id": own["guest"]["id"]})
    assert [each["id"] for each in (await guest.client.get("/bookings/my")).json()["items"]] == [own["id"], made["id"]]
    for nobody in (2**62, await other_group(hub)):
        refused(
            await host.client.post("/bookings", json={"date": day, "time": "18:00", "guest": {"id": nobody}}),
            "not_found",
        )


async def test_known_guest_says_another_address(hub: HubServer, host: Account, guest: Account, day: str) -> None:
    ida = somebody()
    first = await book(host.client, day, "12:00", guest=ida)
    new = somebody()["email"]
    who = {"id": first["guest"]["id"], "email": new}
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    body = {"date": day, "time": "16:00", "guest": who}
    made = await host.client.post("/bookings", json=body, headers=headers)
    assert made.status_code == 201, made.text
    assert made.json()["guest"] == {**first["guest"], "email": new.lower()}
    assert len(await known(hub, ida["name"])) == 1
    assert {mail["target"] for mail in await deliveries(hub, made.json()["id"])} == {new.lower()}
    waiting = [mail for mail in await deliveries(hub, first["id"]) if mail["dropped_at"] is None]
    assert {mail["target"] for mail in waiting} == {new.lower()}
    # The first answer to a request that comes again undoes nothing that was corrected since.
    last = somebody()["email"].lower()
    assert (await host.client.patch(f"/guests/{who['id']}", json={"email": last})).status_code == 200
    again = await host.client.post("/bookings", json=body, headers=headers)
    assert (again.status_code, again.json()["id"]) == (201, made.json()["id"])
    found = (await host.client.get(f"/guests/{who['id']}")).json()
    assert found["email"] == last
    # The same one changes nothing, and null is none.
    await book(host.client, day, "18:00", guest={**who, "email": last.upper()})
    assert (await host.client.get(f"/guests/{who['id']}")).json()["revision"] == found["revision"]
    silent = await book(host.client, day, "20:00", guest={**who, "email": None})
    assert silent["guest"]["email"] is None and await deliveries(hub, silent["id"]) == []


async def test_no_booking_changes_what_an_account_says(host: Account, guest: Account, day: str) -> None:
    own = (await book(guest.client, day, "12:00"))["guest"]
    body = {"date": day, "time": "18:00", "guest": {"id": own["id"], "email": somebody()["email"]}}
    refusal = refused(await host.client.post("/bookings", json=body), "forbidden")
    assert "theirs alone to change" in refusal["detail"]
    body["guest"] = {"id": own["id"], "email": guest.email.upper()}
    assert (await host.client.post("/bookings", json=body)).json()["guest"] == own
    known = (await host.client.get("/guests", params={"q": guest.email})).json()["items"]
    assert [(each["id"], each["has_account"]) for each in known] == [(own["id"], True)]


async def test_account_is_a_named_guest_by_its_verified_address_alone(hub: HubServer, host: Account, day: str) -> None:
    ida = somebody()
    said = {"full_name": ida["name"], "phone_number": ida["phone"].replace(" ", "")}
    mallory = await hub.register(**said)  # under Ida's name and number
    own = (await book(mallory.client, day, "12:00"))["guest"]
    assert (own["name"], own["phone"]) == (ida["name"], said["phone_number"])
    named = [
        {"name": ida["name"], "phone": ida["phone"]},
        ida,
        {"name": ida["name"], "phone": ida["phone"], "email": mallory.email},
    ]
    for guest in named:
        made = await book(host.client, day, "18:00", guest=guest)
        assert made["guest"]["id"] != own["id"]
        refused(await mallory.client.get(f"/bookings/{made['id']}"), "not_found")
    verify = "UPDATE users SET verified_at = $2 WHERE email = $1"
    await query(hub, verify, mallory.email, datetime.now(UTC))
    for guest in named[:2]:
        assert (await book(host.client, day, "20:00", guest=guest))["guest"]["id"] != own["id"]
    for guest in (named[2], {"name": ida["name"].upper(), "email": mallory.email.upper()}):
        assert (await book(host.client, day, "20:00", guest=guest))["guest"]["id"] == own["id"]


async def test_staff_of_another_group_wait_for_no_guest(hub: HubServer, host: Account, admin: Account) -> None:
    [row] = await query(
        hub,
        "WITH made AS (INSERT INTO venue_groups (name) VALUES ('Others') RETURNING id) "
        "INSERT INTO guests (group_id, name, language) SELECT id, 'Olga Other', 'en' FROM made RETURNING id, group_id",
    )
    connection = await postgres.connect(hub.environ["DATABASE_URL"], prepared=False)
    try:
        # Who asks for the lock, before it is said whose guest this is, waits until it is let go.
        await connection.execute("BEGIN")
        await connection.execute("SELECT FROM guests WHERE id = $1 FOR UPDATE", row["id"])
        path = f"/guests/{row['id']}"
        refused(await asyncio.wait_for(host.client.patch(path, json={"name": "Mallory"}), PATIENCE), "not_found")
        refused(await asyncio.wait_for(admin.client.post(f"{path}/erase"), PATIENCE), "not_found")
    finally:
        await connection.close()


async def test_refused_booking_leaves_no_guest_behind(hub: HubServer, host: Account, day: str) -> None:
    ida = somebody()
    await book(host.client, day, table_id=1)
    body = {"date": day, "time": "18:00", "table_id": 1, "guest": ida}
    refused(await host.client.post("/bookings", json=body), "slot_taken")
    assert await known(hub, ida["name"]) == []
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    body["table_id"] = 2
    answers = [await host.client.post("/bookings", json=body, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json() and len(await known(hub, ida["name"])) == 1


@pytest.mark.parametrize(
    ("guest", "field"),
    [
        ({}, "guest"),
        ({"id": 1, "name": "Ida"}, "guest"),
        ({"id": 1, "email": "ida@example.com", "phone": "+4930123456"}, "guest"),
        ({"phone": "+4930123456"}, "guest"),
        ({"name": "\u200b"}, "guest.name"),
        ({"name": "Ida", "phone": "030 no number"}, "guest.phone"),
        ({"name": "Ida", "email": "nowhere"}, "guest.email"),
        ({"name": "Ida", "tags": []}, "guest.tags"),
    ],
)
async def test_guest_must_be_known_or_named(host: Account, day: str, guest: dict[str, Any], field: str) -> None:
    problem = refused(
        await host.client.post("/bookings", json={"date": day, "time": "18:00", "guest": guest}), "validation_error"
    )
    assert problem["errors"][0]["field"] == field


async def test_what_is_said_of_a_booking_is_bounded(guest: Account, day: str) -> None:
    for said in ({"note": "x" * 501}, {"note": " "}, {"occasion": "x" * 21}, {"needs": ["a throne"]}, {"needs": None}):
        refused(await guest.client.post("/bookings", json={"date": day, "time": "18:00", **said}), "validation_error")
    made = await book(guest.client, day, note=" By the\u2028window\u200b ", needs=["quiet", "quiet"])
    assert (made["note"], made["needs"]) == ("By the window", ["quiet"])
    refused(await guest.client.post("/bookings", json={"date": day, "time": "18:00", "guest": somebody()}), "forbidden")


async def test_staff_correct_what_is_written_of_a_guest(
    hub: HubServer, host: Account, guest: Account, day: str
) -> None:
    made = await book(host.client, day, guest=somebody())
    path, old = f"/guests/{made['guest']['id']}", made["guest"]["email"]
    renamed = await host.client.patch(path, json={"name": "Ida Changed", "phone": "+49 30 999999"})
    assert (renamed.json()["name"], renamed.json()["phone"]) == ("Ida Changed", "+4930999999")
    floor = (await host.client.get(f"/days/{day}/floor")).json()["bookings"][str(made["id"])]
    assert (floor["guest_name"], floor["phone_number"]) == ("Ida Changed", "+4930999999")
    [event] = await query(hub, "SELECT data FROM events WHERE stream = $1 AND kind = 'renamed'", f"day:{day}")
    assert "Ida" not in event["data"]

    version = "SELECT link_version FROM bookings WHERE id = $1"
    assert [row["link_version"] for row in await query(hub, version, made["id"])] == [1]
    new = somebody()["email"].lower()
    sent = "UPDATE outbox SET sent_at = clock_timestamp() WHERE booking_id = $1 AND topic = 'confirmed'"
    await query(hub, sent, made["id"])
    assert (await host.client.patch(path, json={"email": new})).json()["email"] == new
    assert [row["link_version"] for row in await query(hub, version, made["id"])] == [2]
    mails = [(mail["topic"], mail["target"]) for mail in await deliveries(hub, made["id"])]
    assert mails.count(("confirmed", old)) == mails.count(("confirmed", new)) == 1
    assert ("reminder", new) in mails and ("reminder", old) not in mails
    assert (await host.client.patch(path, json={"email": None})).json()["email"] is None
    waiting = [mail for mail in await deliveries(hub, made["id"]) if not (mail["sent_at"] or mail["dropped_at"])]
    assert waiting == []
    again = somebody()["email"].lower()
    assert (await host.client.patch(path, json={"email": again})).status_code == 200
    waiting = [mail for mail in await deliveries(hub, made["id"]) if not (mail["sent_at"] or mail["dropped_at"])]
    assert sorted(mail["topic"] for mail in waiting) == ["confirmed", "reminder", "reminder"]
    assert {mail["target"] for mail in waiting} == {again}

    own = (await book(guest.client, day, "12:00"))["guest"]
    refused(await host.client.patch(f"/guests/{own['id']}", json={"name": "Mallory"}), "forbidden")
    assert (await host.client.get(f"/guests/{own['id']}")).json()["has_account"] is True
    for call in (guest.client.get(path), guest.client.patch(path, json={"name": "Mallory"})):
        refused(await call, "forbidden")
    foreign = f"/guests/{await other_group(hub)}"
    for call in (host.client.get(foreign), host.client.patch(foreign, json={"name": "Mallory"})):
        refused(await call, "not_found")


async def test_managers_erase_a_guest_without_an_account(
    hub: HubServer, admin: Account, host: Account, guest: Account, day: str
) -> None:
    made = await book(host.client, day, guest=somebody(), note="A secret")
    path = f"/guests/{made['guest']['id']}"
    refused(await host.client.post(f"{path}/erase"), "forbidden")
    refused(await admin.client.post(f"{path}/erase"), "has_bookings")
    refused(await admin.client.post(f"/guests/{await other_group(hub)}/erase"), "not_found")
    own = (await book(guest.client, day, "12:00"))["guest"]
    refused(await admin.client.post(f"/guests/{own['id']}/erase"), "forbidden")
    await query(hub, "UPDATE bookings SET status = 'finished' WHERE id = $1", made["id"])
    assert (await admin.client.post(f"{path}/erase")).status_code == 204
    found = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert found["guest"] == {"id": made["guest"]["id"], "name": "–", "phone": None, "email": None}
    assert found["note"] is None
    floor = (await host.client.get(f"/days/{day}/floor")).json()["bookings"][str(made["id"])]
    assert (floor["guest_name"], floor["phone_number"]) == ("–", None)
    for call in (
        host.client.get(path),
        host.client.patch(path, json={"name": "Back"}),
        admin.client.post(f"{path}/erase"),
    ):
        refused(await call, "not_found")
    refused(
        await host.client.post("/bookings", json={"date": day, "time": "18:00", "guest": {"id": made["guest"]["id"]}}),
        "not_found",
    )
