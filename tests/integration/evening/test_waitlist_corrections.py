"""What was written of a party that waits is put right: how many they are, their name, their phone number."""

from __future__ import annotations

import json
from typing import Any

import asyncpg
import pytest

from hub.store.erasure import erase_guests
from tests.integration.evening.conftest import Tonight
from tests.integration.evening.test_waitlist import by_link, cleared, joined, kept, token_of
from tests.integration.rest import refused
from tests.races import mutate

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def put_right(tonight: Tonight, entry: dict[str, Any], **body: Any) -> dict[str, Any]:
    changed: dict[str, Any] = await tonight.done("PATCH", f"/waitlist/{entry['id']}", body)
    return changed


async def guest_row(tonight: Tonight, id: int) -> tuple[str, str | None, bool]:
    row = await tonight.rows.fetchrow("SELECT name, phone, erased_at IS NOT NULL FROM guests WHERE id = $1", id)
    return tuple(row)  # type: ignore[return-value]


async def test_floor_link_and_history_follow_and_the_promise_stays(tonight: Tonight) -> None:
    entry = await joined(tonight)
    changed = await put_right(tonight, entry, guests=5, name="Ida Right", phone="+4915550010100")
    assert [changed[each] for each in ("guests", "guest_name", "phone_number", "revision")] == [
        5, "Ida Right", "+4915550010100", 2,
    ]  # fmt: skip
    assert [changed[each] for each in ("place", "promised_until", "joined_at", "guest_id")] == [
        entry[each] for each in ("place", "promised_until", "joined_at", "guest_id")
    ]
    floor = await tonight.done("GET", f"/days/{entry['service_date']}/floor")
    shown = floor["waitlist"][str(entry["id"])]
    assert shown == {"guest_notes": [], **{name: changed[name] for name in shown if name != "guest_notes"}}
    assert (await by_link(tonight, token_of(entry))).json()["guests"] == 5
    act = (await tonight.done("GET", f"/waitlist/{entry['id']}/history"))["items"][-1]
    assert (act["action"], act["fields"], act["actor"]["role"]) == ("corrected", ["guests", "name", "phone"], "host")
    assert (act["before"]["guests"], act["after"]["guests"]) == (2, 5)
    log = "SELECT data::text FROM events WHERE data->>'wait' = $1::text"
    assert not [row["data"] for row in await tonight.rows.fetch(log, str(entry["id"])) if "Right" in row["data"]]
    refused(await tonight.ask("POST", f"/waitlist/{entry['id']}/undo"), "conflict")
    await cleared(tonight)


async def test_what_is_left_out_stays_and_null_takes_a_number_away(tonight: Tonight) -> None:
    entry = await joined(tonight, name="Ida Whole", phone="+4915550010110")
    named = await put_right(tonight, entry, name="Ida Holm")
    assert (named["guests"], named["phone_number"]) == (2, "+4915550010110")
    without = await put_right(tonight, entry, phone=None)
    assert (without["guest_name"], without["phone_number"]) == ("Ida Holm", None)
    before = await kept(tonight, entry["id"])
    same = await put_right(tonight, entry, guests=2, name="Ida Holm", phone=None)
    assert (same["revision"], same["guest_name"]) == (3, "Ida Holm")
    assert await kept(tonight, entry["id"]) == before
    await cleared(tonight)


async def test_guest_whom_the_house_knows_becomes_the_party_and_the_slip_is_forgotten(tonight: Tonight) -> None:
    named = {"name": "Ida Known", "phone": "+4915550010120"}
    known = (await tonight.done("POST", "/walk-ins", {"guests": 1, **named}))["guest"]["id"]
    entry = await joined(tonight, name="Ida Known")
    assert entry["guest_id"] != known
    changed = await put_right(tonight, entry, phone=named["phone"])
    assert changed["guest_id"] == known
    assert await guest_row(tonight, entry["guest_id"]) == ("–", None, True)
    # Of who has bookings the name stays, and the party is somebody else.
    other = await put_right(tonight, entry, name="Ada Known")
    assert other["guest_id"] not in (known, entry["guest_id"])
    assert await guest_row(tonight, known) == (*named.values(), False)
    # Written in another way it is the same guest, as the book has them.
    await put_right(tonight, entry, name="IDA KNOWN")
    again = await put_right(tonight, entry, name="ida known")
    assert (again["guest_id"], again["guest_name"]) == (known, "Ida Known")
    await cleared(tonight)


async def test_what_is_noted_of_the_party_stays_with_it(tonight: Tonight) -> None:
    named = {"name": "Ida Nuts", "phone": "+4915550010130"}
    await tonight.done("POST", "/walk-ins", {"guests": 1, **named})
    entry = await joined(tonight, name="Ida Nuts")
    note = {"kind": "dietary", "text": "peanuts"}
    await tonight.done("POST", f"/guests/{entry['guest_id']}/notes", note)
    changed = await put_right(tonight, entry, phone=named["phone"])
    assert (changed["guest_id"], changed["phone_number"]) == (entry["guest_id"], named["phone"])
    await cleared(tonight)


async def test_party_with_notes_does_not_take_the_name_of_one_who_waits_already(tonight: Tonight) -> None:
    waits = await joined(tonight, name="Ida Waits", phone="+4915550010150")
    entry = await joined(tonight)
    await tonight.done("POST", f"/guests/{entry['guest_id']}/notes", {"kind": "dietary", "text": "peanuts"})
    before, called = await kept(tonight, entry["id"]), await guest_row(tonight, entry["guest_id"])
    twice = {"name": "ida waits", "phone": "+4915550010150"}
    answer = await tonight.ask("PATCH", f"/waitlist/{entry['id']}", "host", twice)
    assert refused(answer, "already_waiting")["waitlist_id"] == waits["id"]
    assert (await kept(tonight, entry["id"]), await guest_row(tonight, entry["guest_id"])) == (before, called)
    await cleared(tonight)


async def test_known_guest_does_not_join_while_a_party_waits_by_their_name(tonight: Tonight) -> None:
    """The party that was renamed keeps its guest for the notes, so two guests are called so; they are one party."""
    named = {"name": "Ida Late", "phone": "+4915550010160"}
    await tonight.done("POST", "/walk-ins", {"guests": 1, **named})
    entry = await joined(tonight, name="Ida Slip")
    await tonight.done("POST", f"/guests/{entry['guest_id']}/notes", {"kind": "dietary", "text": "peanuts"})
    await put_right(tonight, entry, **named)
    again = {"guests": 2, "force": True, "name": "ida late", "phone": "+49 155 50010160"}
    assert refused(await tonight.ask("POST", "/waitlist", body=again), "already_waiting")["waitlist_id"] == entry["id"]
    # Nor does another party become theirs.
    other = await joined(tonight)
    answer = await tonight.ask("PATCH", f"/waitlist/{other['id']}", "host", named)
    assert refused(answer, "already_waiting")["waitlist_id"] == entry["id"]
    await tonight.done("POST", f"/waitlist/{entry['id']}/leave")
    joins = await tonight.done("POST", "/waitlist", again)
    # Nor does it come back beside them, by either way of an undo.
    answer = await tonight.ask("POST", f"/waitlist/{entry['id']}/undo")
    assert refused(answer, "already_waiting")["waitlist_id"] == joins["id"]
    await tonight.done("POST", f"/waitlist/{joins['id']}/leave")
    await tonight.done("POST", f"/waitlist/{entry['id']}/undo")
    seated = (await tonight.done("POST", f"/waitlist/{entry['id']}/seat"))["booking"]["id"]
    joins = await tonight.done("POST", "/waitlist", again)
    answer = await tonight.ask("POST", f"/bookings/{seated}/undo")
    assert refused(answer, "already_waiting")["waitlist_id"] == joins["id"]
    await tonight.done("POST", f"/bookings/{seated}/finish")
    await cleared(tonight)


async def test_refusals(tonight: Tonight) -> None:
    entry = await joined(tonight)
    path = f"/waitlist/{entry['id']}"
    waits = await joined(tonight, name="Ida Twice", phone="+4915550010140")
    before = await kept(tonight, entry["id"])
    for body in (
        {}, {"guests": 0}, {"guests": 21}, {"guests": None}, {"name": " "}, {"name": None}, {"phone": "hello"},
        {"guests": 3, "place": 1, "reason": "asked"}, {"guests": 3, "reason": "asked"}, {"area": 1},
    ):  # fmt: skip
        refused(await tonight.ask("PATCH", path, "host", body), "validation_error")
    refused(await tonight.ask("PATCH", path, "host", {"guests": 20}), "table_too_small")
    twice = {"name": "Ida Twice", "phone": "+4915550010140"}
    assert refused(await tonight.ask("PATCH", path, "host", twice), "already_waiting")["waitlist_id"] == waits["id"]
    assert await kept(tonight, entry["id"]) == before
    refused(await tonight.ask("PATCH", "/waitlist/999999999", "host", {"guests": 3}), "not_found")
    await cleared(tonight)


async def written(tonight: Tonight, entry: dict[str, Any], **more: Any) -> tuple[str, str | None, bool]:
    """The entry's guest, as they are after a correction that was decided before somebody else wrote of them; nothing of
    it stays."""
    wait = {**entry, "revision": entry["revision"] + 1, "guest_id": more.pop("guest_id", entry["guest_id"])}
    change = json.dumps({"wait": {name: value for name, value in wait.items() if name != "link"}, **more})
    transaction = tonight.rows.transaction()
    await transaction.start()
    try:
        await tonight.rows.execute("SELECT hub_write_other(1, 1, $1::jsonb, NULL, clock_timestamp())", change)
        return await guest_row(tonight, entry["guest_id"])
    finally:
        await transaction.rollback()


async def test_whoever_is_erased_is_so_by_one_function(tonight: Tonight) -> None:
    entry, other = await joined(tonight), await joined(tonight)
    await tonight.done("POST", f"/waitlist/{other['id']}/leave")
    transaction = tonight.rows.transaction()
    await transaction.start()
    try:
        await mutate(tonight.rows, "hub_erase_guests", {"'–'": "'left'"})
        assert await written(tonight, entry, guest_id=other["guest_id"]) == ("left", None, True)
        await erase_guests(tonight.rows, [other["guest_id"]])
        assert await guest_row(tonight, other["guest_id"]) == ("left", None, True)
    finally:
        await transaction.rollback()
    await cleared(tonight)


async def test_who_became_known_meanwhile_is_called_as_before(tonight: Tonight) -> None:
    entry, other = await joined(tonight), await joined(tonight)
    await tonight.done("POST", f"/waitlist/{other['id']}/leave")
    named = {"name": "Ida Race", "phone": None}
    assert (await written(tonight, entry, named=named))[0] == "Ida Race"
    assert await written(tonight, entry, guest_id=other["guest_id"]) == ("–", None, True)
    # Of a note that came a moment ago the guest stays, and so does one who has booked.
    await tonight.done("POST", f"/guests/{entry['guest_id']}/notes", {"kind": "dietary", "text": "peanuts"})
    assert (await written(tonight, entry, guest_id=other["guest_id"]))[2] is False
    last = (await tonight.done("GET", "/venue"))["shifts"][-1]
    start = {"date": last["date"], "time": last["opens"][11:16]}
    await tonight.done("POST", "/bookings", {**start, "guests": 1, "guest": {"id": entry["guest_id"]}})
    with pytest.raises(asyncpg.PostgresError) as refusal:
        await written(tonight, entry, named=named)
    assert refusal.value.sqlstate == "HB006"
    await cleared(tonight)
