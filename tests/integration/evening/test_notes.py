"""What is said of a booking: by whom, until when, and that open floors say it at once."""

from __future__ import annotations

import secrets

import pytest

from tests.integration.evening.conftest import Tonight
from tests.integration.rest import refused
from tests.watching import Watcher

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def name() -> str:
    return secrets.token_hex(4)


async def test_notes_are_said_changed_and_taken_away(tonight: Tonight, name: str) -> None:
    booking = await tonight.booked(await tonight.table(name), note="Nuts", needs=["quiet"])
    path = f"/bookings/{booking}"
    said = {"note": "No nuts", "occasion": "birthday", "needs": ["high_chair", "quiet"]}
    changed = await tonight.done("PATCH", path, said, by="guest")
    assert {field: changed[field] for field in said} == said and changed["revision"] == 2
    before = await tonight.kept(booking)
    assert (await tonight.done("PATCH", path, said, by="guest"))["revision"] == 2
    assert await tonight.kept(booking) == before, "what is as it was is no change"
    refused(await tonight.ask("PATCH", path, "guest", {"house_note": "Pays late"}), "forbidden")
    refused(await tonight.ask("PATCH", path, "guest", {"needs": ["a throne"]}), "validation_error")
    noted = await tonight.done("PATCH", path, {"house_note": "Regular", "note": None, "needs": None})
    assert (noted["house_note"], noted["note"], noted["needs"], noted["occasion"]) == ("Regular", None, [], "birthday")
    read = await tonight.done("GET", path, by="guest")
    assert read.get("house_note") is None
    assert (await tonight.kept(booking))["mails"] == before["mails"]


async def test_notes_with_another_number_of_guests_are_one_change(tonight: Tonight, name: str) -> None:
    booking = await tonight.booked(await tonight.table(name, 4))
    changed = await tonight.done("PATCH", f"/bookings/{booking}", {"guests": 3, "note": "With a child"})
    assert (changed["guests"], changed["note"], changed["revision"]) == (3, "With a child", 2)
    kinds = await tonight.rows.fetch(
        "SELECT kind, data->'entry'->>'revision' AS revision FROM events WHERE data->>'booking' = $1 ORDER BY id",
        str(booking),
    )
    assert [tuple(row) for row in kinds] == [("booked", "1"), ("rescheduled", "2"), ("noted", "2")]
    before = await tonight.kept(booking)
    refused(await tonight.ask("PATCH", f"/bookings/{booking}", body={"guests": 19, "note": "All"}), "table_too_small")
    assert await tonight.kept(booking) == before


async def test_notes_by_staff_are_never_too_late_while_the_party_is_there(tonight: Tonight, name: str) -> None:
    booking = await tonight.booked(await tonight.table(name), start=-5)
    path = f"/bookings/{booking}"
    await tonight.done("POST", f"{path}/seat")
    await tonight.shift(booking, -180)
    undo = (await tonight.done("GET", path))["undo"]
    noted = await tonight.done("PATCH", path, {"house_note": "Still here"})
    assert noted["undo"] == undo, "a note is no step"
    # Too late by the booking's end, or not theirs any more where the hub gave the party more time.
    refused(await tonight.ask("PATCH", path, "guest", {"note": "Bill"}), "already_over", "forbidden")
    await tonight.done("POST", f"{path}/finish")
    refused(await tonight.ask("PATCH", path, body={"house_note": "Gone"}), "already_over")


async def test_open_floors_say_notes_at_once_also_of_who_comes_back(tonight: Tonight, name: str) -> None:
    booking = await tonight.booked(await tonight.table(name), note="First")
    path, day = f"/bookings/{booking}", (await tonight.done("GET", f"/bookings/{booking}"))["service_date"]
    channel, id = f"floor:{day}", str(booking)
    people = tonight.people
    async with (
        await Watcher.connected(tonight.hub.live_url, people["host"].token, channel) as host,
        await Watcher.connected(tonight.hub.live_url, people["viewer"].token, channel) as viewer,
    ):
        assert host.held[channel].data["bookings"][id]["note"] == "First"
        await tonight.done("PATCH", path, {"note": "Second", "needs": ["pram"]}, by="guest")
        await host.until(lambda: host.held[channel].data["bookings"][id]["note"] == "Second")
        assert host.held[channel].data["bookings"][id]["needs"] == ["pram"]
        await viewer.until(lambda: viewer.held[channel].data["bookings"][id]["revision"] == 2)
        assert viewer.held[channel].data["bookings"][id]["note"] is None
        # On another day something else is said of it; back on this one, that is what the floor says.
        other = await tonight.rows.fetchval("SELECT ($1::text::date + 30)::text", day)
        at = (await tonight.done("GET", path))["start_at"][11:16]
        await tonight.done("PATCH", path, {"date": other})
        await host.until(lambda: id not in host.held[channel].data["bookings"])
        await tonight.done("PATCH", path, {"house_note": "Third"})
        await tonight.done("PATCH", path, {"date": day, "time": at})
        shown = await host.until(lambda: host.held[channel].data["bookings"].get(id))
        assert shown["house_note"] == "Third"
        assert not host.faults and not viewer.faults
