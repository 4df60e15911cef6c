"""The waitlist over REST: who joins and is told what, every step and every refusal, and what the floor shows of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from hub.store import retention
from tests.integration.rest import query, refused, running
from tests.servers import Account, HubServer, Servers
from tests.tonight import zone
from tests.watching import Watcher

pytestmark = pytest.mark.asyncio(loop_scope="session")

LEFT_OPEN = (1, 2, 14)
"""Two tables for two, one for six."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub(servers: Servers, template: str, folder: Path) -> AsyncIterator[HubServer]:
    """Two processes in a zone where it is midday, open until two at night, with three tables."""
    here = zone()
    async with running(
        servers, template, folder, workers=2, RESTAURANT_TIMEZONE=here, WORKDAY_START_HOUR=8, WORKDAY_END_HOUR=26
    ) as server:
        admin = await server.staff("admin")
        for table in range(1, 17):
            if table not in LEFT_OPEN:
                assert (await admin.client.delete(f"/admin/tables/{table}")).status_code == 204
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def host(hub: HubServer) -> Account:
    return await hub.staff("host")


@pytest_asyncio.fixture(loop_scope="session", autouse=True)
async def room(host: Account) -> AsyncIterator[None]:
    """Nobody sits and nobody waits when a test ends."""
    yield
    shown = await floor(host)
    for id in shown["waitlist"]:
        assert (await host.client.post(f"/waitlist/{id}/leave")).status_code == 200
    for id, booking in shown["bookings"].items():
        if booking["status"] == "seated":
            assert (await host.client.post(f"/bookings/{id}/finish")).status_code == 200


async def tonight(host: Account) -> date:
    return date.fromisoformat((await host.client.get("/venue")).json()["service_day"])


async def floor(host: Account) -> dict[str, Any]:
    answer = await host.client.get(f"/days/{await tonight(host)}/floor")
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


async def fill(host: Account, *guests: int) -> list[int]:
    """Parties walk in; by default one at each table. Returns their bookings."""
    made = []
    for number in guests or (2, 2, 6):
        answer = await host.client.post("/walk-ins", json={"guests": number})
        assert answer.status_code == 201, answer.text
        made.append(answer.json()["id"])
    return made


async def join(host: Account, name: str = "Ida Waits", guests: int = 2, **more: Any) -> dict[str, Any]:
    answer = await host.client.post("/waitlist", json={"guests": guests, "name": name, **more})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def quote(entry: dict[str, Any]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(entry["quoted_from"]), datetime.fromisoformat(entry["quoted_until"])


async def test_who_joins_is_told_a_range_and_the_floor_shows_it(host: Account) -> None:
    await fill(host)
    first = await join(host, phone="+4915550000001")
    second = await join(host, "Abe Waits", 5)
    since, until = quote(first)
    now = datetime.fromisoformat(first["joined_at"])
    assert now <= since < until <= now + timedelta(hours=3)
    assert {at.minute % 5 for at in (since, until)} == {0}
    assert {at.second for at in (since, until)} == {0}
    assert (first["promised_until"], first["status"], first["place"]) == (first["quoted_until"], "waiting", 1)
    assert (second["place"], second["revision"]) == (2, 1)
    shown = await floor(host)
    assert [shown["waitlist"][str(each["id"])]["guest_name"] for each in (first, second)] == ["Ida Waits", "Abe Waits"]
    listed = (await host.client.get("/waitlist")).json()
    assert [item.pop("id") for item in listed["items"]] == [first["id"], second["id"]]
    assert listed["items"] == list(shown["waitlist"].values())
    assert (listed["service_date"], listed["position"]) == (first["service_date"], second["position"])
    assert listed["items"][0]["phone_number"] == "+4915550000001"


async def test_more_ahead_is_no_earlier_quote(host: Account) -> None:
    await fill(host)
    told = [quote(await join(host, f"Party {number}")) for number in range(5)]
    assert told == sorted(told)


async def test_every_step_and_its_end(host: Account) -> None:
    [booking, *_] = await fill(host)
    entry = await join(host)
    path = f"/waitlist/{entry['id']}"
    for revision, step in ((2, "ready"), (3, "here")):
        answer = await host.client.post(f"{path}/{step}")
        assert (answer.status_code, answer.json()["status"]) == (200, step)
        assert (answer.json()["revision"], answer.headers["etag"]) == (revision, f'"r{revision}"')
        refused(await host.client.post(f"{path}/ready"), "conflict")
    refused(await host.client.post(f"{path}/seat"), "slot_taken")
    assert (await host.client.post(f"/bookings/{booking}/finish")).status_code == 200
    seated = await host.client.post(f"{path}/seat")
    assert seated.status_code == 200, seated.text
    told = seated.json()
    assert (told["entry"]["status"], told["entry"]["revision"]) == ("seated", 4)
    assert (told["booking"]["status"], told["booking"]["channel"]) == ("seated", "waitlist")
    assert told["booking"]["guest"]["name"] == told["entry"]["guest_name"] == "Ida Waits"
    assert told["entry"]["position"] == told["booking"]["position"]
    for step in ("ready", "here", "seat", "leave"):
        refused(await host.client.post(f"{path}/{step}"), "conflict")
    shown = await floor(host)
    assert shown["waitlist"] == {}
    assert shown["bookings"][str(told["booking"]["id"])]["channel"] == "waitlist"


async def test_who_leaves_is_gone_and_the_promise_stays(hub: HubServer, host: Account) -> None:
    await fill(host)
    first, second = await join(host), await join(host, "Abe Waits")
    answer = await host.client.post(f"/waitlist/{first['id']}/leave")
    assert answer.json()["status"] == "left"
    [item] = (await host.client.get("/waitlist")).json()["items"]
    assert item["id"] == second["id"]
    assert quote(item) <= quote(second)
    assert (item["promised_until"], item["revision"]) == (second["promised_until"], 1)
    rows = await query(hub, "SELECT status, booking_id, revision FROM waitlist WHERE id = $1", first["id"])
    assert [tuple(row) for row in rows] == [("left", None, 2)]
    again = await join(host)
    assert (again["place"], again["id"] != first["id"]) == (3, True)


async def test_a_quote_that_moves_is_no_new_revision(host: Account) -> None:
    """So a host's If-Match holds, whatever the room does."""
    bookings = await fill(host)
    first, second = await join(host), await join(host, "Abe Waits")
    assert (await host.client.post(f"/bookings/{bookings[0]}/finish")).status_code == 200
    seated = await host.client.post(f"/waitlist/{first['id']}/seat", headers={"If-Match": '"r1"'})
    assert seated.status_code == 200, seated.text
    [item] = (await host.client.get("/waitlist")).json()["items"]
    assert quote(item) != quote(second)
    answer = await host.client.post(f"/waitlist/{second['id']}/ready", headers={"If-Match": '"r1"'})
    assert (answer.status_code, answer.json()["revision"]) == (200, 2)
    late = await host.client.post(f"/waitlist/{second['id']}/here", headers={"If-Match": '"r1"'})
    assert refused(late, "changed")["present"]["status"] == "ready"


async def test_nobody_waits_where_a_table_is_free(host: Account) -> None:
    told = refused(await host.client.post("/waitlist", json={"guests": 2, "name": "Ida Waits"}), "no_wait")
    assert [[table["id"] for table in each["tables"]] for each in told["free"]] == [[1], [2], [14]]
    entry = await join(host, force=True)
    # One of the tables is hers now, as far as the next one is concerned.
    told = refused(await host.client.post("/waitlist", json={"guests": 2, "name": "Abe Waits"}), "no_wait")
    assert [[table["id"] for table in each["tables"]] for each in told["free"]] == [[2], [14]]
    assert (await host.client.post(f"/waitlist/{entry['id']}/seat", json={"table_ids": [14]})).status_code == 200


async def test_who_is_seated_in_turn_takes_no_table_of_who_waits_before(host: Account) -> None:
    [booking, *_] = await fill(host)
    first, second = await join(host), await join(host, "Abe Waits")
    assert (await host.client.post(f"/bookings/{booking}/finish")).status_code == 200
    path, asked = f"/waitlist/{second['id']}/seat", {"in_turn": True}
    told = refused(await host.client.post(path, json=asked), "passed_over")
    assert (told["waitlist_id"], told["tables"]) == (first["id"], [1])
    assert (await host.client.get(f"/waitlist/{second['id']}")).json()["status"] == "waiting"
    assert (await host.client.post(path, json={"table_ids": [1]})).status_code == 200


async def test_refusals_of_joining(hub: HubServer, host: Account) -> None:
    await fill(host)
    first = await join(host, phone="+4915550000002")
    same = {"guests": 4, "name": "ida waits", "phone": "+49 1555 0000002"}
    assert refused(await host.client.post("/waitlist", json=same), "already_waiting")["waitlist_id"] == first["id"]
    other = await join(host, "Ida Waits", 4)  # without the number it is another Ida
    assert other["guest_id"] != first["guest_id"]
    refused(await host.client.post("/waitlist", json={"guests": 7, "name": "Abe"}), "table_too_small")
    refused(await host.client.post("/waitlist", json={"guests": 2, "name": "Abe", "area": 10**9}), "not_found")
    refused(await host.client.post("/waitlist", json={"guests": 2}), "validation_error")
    refused(
        await host.client.post("/waitlist", json={"guests": 2, "name": "Abe", "phone": "hello"}), "validation_error"
    )
    refused(await host.client.post("/waitlist/999999999/seat"), "not_found")
    before = len((await floor(host))["waitlist"])
    guests = await query(hub, "SELECT count(*) FROM guests WHERE name = 'Abe'")
    assert (before, guests[0][0]) == (2, 0)


async def test_the_list_is_closed_when_the_quote_lies_past_the_last_seating(host: Account) -> None:
    await fill(host)
    code = ""
    for number in range(40):
        answer = await host.client.post("/waitlist", json={"guests": 5, "name": f"Party {number}"})
        if answer.status_code != 201:
            code = refused(answer, "waitlist_closed")["error_code"]
            break
    assert code == "waitlist_closed"
    estimate = (await host.client.get("/waitlist/estimate", params={"guests": 5})).json()
    assert (estimate["state"], estimate["from"], estimate["until"]) == ("closed", None, None)


async def test_estimate_is_for_everybody_and_is_what_joining_promises(hub: HubServer, host: Account) -> None:
    visitor = hub.client()
    await fill(host)
    told = await visitor.get("/waitlist/estimate", params={"guests": 3})
    assert told.status_code == 200, told.text
    estimate = told.json()
    assert (estimate["guests"], estimate["ahead"], estimate["state"]) == (3, 0, "open")
    entry = await join(host, guests=3)
    five = timedelta(minutes=5)
    for mine, promised in zip((estimate["from"], estimate["until"]), quote(entry), strict=True):
        assert abs(datetime.fromisoformat(mine) - promised) <= five
    refused(await visitor.get("/waitlist/estimate", params={"guests": 21}), "validation_error")


async def test_estimate_without_a_wait(hub: HubServer, host: Account) -> None:
    told = (await hub.client().get("/waitlist/estimate", params={"guests": 4})).json()
    assert told == {"guests": 4, "ahead": 0, "state": "no_wait", "from": None, "until": None}


async def test_estimate_where_only_one_area_will_do(hub: HubServer, host: Account) -> None:
    boss, visitor = await hub.staff("admin"), hub.client()
    area = (await boss.client.post("/admin/areas", json={"name": "Terrace"})).json()["id"]
    assert (await boss.client.patch("/admin/tables/1", json={"area_id": area})).status_code == 200
    states = []
    for wanted in ({}, {"guests": 4}, {"area": area}, {"area": area, "guests": 4}, {"area": area + 1}):
        states.append((await visitor.get("/waitlist/estimate", params=wanted)).json()["state"])
    assert states == ["no_wait", "no_wait", "no_wait", "closed", "closed"]
    refused(await visitor.get("/waitlist/estimate", params={"area": "terrace"}), "validation_error")
    await boss.client.patch("/admin/tables/1", json={"area_id": None})
    assert (await boss.client.delete(f"/admin/areas/{area}")).status_code == 204


async def test_the_same_request_twice_is_one_party(host: Account) -> None:
    *_, six = await fill(host)
    body, key = {"guests": 2, "name": "Ida Waits"}, {"Idempotency-Key": "one-party"}
    asked = await asyncio.gather(*(host.client.post("/waitlist", json=body, headers=key) for _ in range(6)))
    asked += [await host.client.post("/waitlist", json=body, headers=key)]
    answers = [answer for answer in asked if answer.status_code == 201 or not refused(answer, "in_progress")]
    assert [answer.headers.get("idempotency-replayed") for answer in answers].count(None) == 1
    assert len({answer.content for answer in answers}) == 1 and asked[-1] in answers
    assert len((await floor(host))["waitlist"]) == 1
    id = answers[0].json()["id"]
    seat = {"table_ids": [14]}
    assert (await host.client.post(f"/bookings/{six}/finish")).status_code == 200
    told = [
        await host.client.post(f"/waitlist/{id}/seat", json=seat, headers={"Idempotency-Key": "seat"}) for _ in "12"
    ]
    assert [answer.status_code for answer in told] == [200, 200], told[1].text
    assert told[0].content == told[1].content
    assert told[1].headers["idempotency-replayed"] == "true"


async def test_of_two_who_seat_a_party_one_is_told_of_the_other(hub: HubServer, host: Account) -> None:
    other = await hub.staff("host")
    for number in range(6):
        entry = await join(host, f"Party {number}", force=True)
        path = f"/waitlist/{entry['id']}/seat"
        asked = (host.client.post(path), other.client.post(path), host.client.post(path, json={"table_ids": [14]}))
        answers: list[httpx.Response] = list(await asyncio.gather(*asked))
        codes = sorted(answer.status_code for answer in answers)
        assert codes == [200, 409, 409], [answer.text for answer in answers]
        for answer in answers:
            if answer.status_code == 409:
                refused(answer, "conflict")
            else:
                id = answer.json()["booking"]["id"]
        bookings = await query(hub, "SELECT booking_id FROM waitlist WHERE id = $1", entry["id"])
        assert [row["booking_id"] for row in bookings] == [id]
        assert (await host.client.post(f"/bookings/{id}/finish")).status_code == 200


async def test_name_of_one_who_only_waits_reaches_the_floor(host: Account) -> None:
    await fill(host)
    entry = await join(host)
    answer = await host.client.patch(f"/guests/{entry['guest_id']}", json={"name": "Ida Renamed"})
    assert answer.status_code == 200, answer.text
    shown = (await floor(host))["waitlist"][str(entry["id"])]
    assert (shown["guest_name"], shown["revision"]) == ("Ida Renamed", 1)


async def test_floor_is_told_of_the_list_live(hub: HubServer, host: Account) -> None:
    """To the whole of it at each position: who joins, another name, a quote that moves, the end."""
    url, channel = hub.url.replace("http:", "ws:", 1) + "/live", f"floor:{await tonight(host)}"
    [first, *_] = await fill(host)
    async with await Watcher.connected(url, host.token, channel) as watcher:

        def entry_of(id: int) -> dict[str, Any] | None:
            found: dict[str, Any] | None = watcher.held[channel].data["waitlist"].get(str(id))
            return found

        entry = await join(host)
        behind = await join(host, "Abe Waits")
        shown = await watcher.until(lambda: entry_of(behind["id"]) and entry_of(entry["id"]))
        assert shown == {"guest_notes": [], **{name: entry[name] for name in shown if name != "guest_notes"}}
        await host.client.patch(f"/guests/{entry['guest_id']}", json={"name": "Ida Renamed"})
        await watcher.until(lambda: (entry_of(entry["id"]) or {}).get("guest_name") == "Ida Renamed")
        assert (await host.client.post(f"/bookings/{first}/finish")).status_code == 200
        assert (await host.client.post(f"/waitlist/{entry['id']}/seat")).status_code == 200
        await watcher.until(lambda: entry_of(entry["id"]) is None)
        moved = entry_of(behind["id"])
        assert moved is not None
        assert (moved["promised_until"], moved["revision"]) == (behind["promised_until"], 1)
        await watcher.verified(len(watcher.said) - 1)
        assert watcher.held[channel].data["waitlist"] == (await floor(host))["waitlist"]
        assert watcher.faults == []


async def test_erased_guest_waits_no_more(hub: HubServer, host: Account) -> None:
    admin = await hub.staff("admin")
    await fill(host)
    entry = await join(host, phone="+4915550000003")
    assert (await admin.client.post(f"/guests/{entry['guest_id']}/erase")).status_code == 204
    assert (await floor(host))["waitlist"] == {}
    refused(await host.client.post(f"/waitlist/{entry['id']}/seat"), "conflict")
    [row] = await query(hub, "SELECT status, revision FROM waitlist WHERE id = $1", entry["id"])
    assert tuple(row) == ("left", 2)
    [event] = await query(hub, "SELECT kind, data::text FROM events ORDER BY id DESC LIMIT 1")
    assert event["kind"] == "queue_left"


async def test_export_of_an_account_says_when_its_owner_waited(hub: HubServer, host: Account) -> None:
    owner = await hub.register(full_name="Zoe Waits")
    await query(hub, "UPDATE users SET verified_at = clock_timestamp() WHERE email = $1", owner.email)
    await query(hub, "SELECT hub_guest(1, id) FROM users WHERE email = $1", owner.email)
    await fill(host)
    # A waitlist asks for a name and a phone number alone, which make nobody an account's owner.
    of_account = "SELECT g.id FROM guests g JOIN users u ON u.id = g.user_id WHERE u.email = $1"
    [guest] = await query(hub, of_account, owner.email)
    entry = await join(host, "Zoe Waits")
    await query(hub, "UPDATE waitlist SET guest_id = $1 WHERE id = $2", guest["id"], entry["id"])
    waits = (await owner.client.get("/auth/me/export")).json()["waits"]
    assert [(each["id"], each["guests"], each["status"]) for each in waits] == [(entry["id"], 2, "waiting")]


async def test_a_dietary_note_stays_with_who_waits(hub: HubServer, host: Account) -> None:
    """Wherever it is shown: on the floor, with its text in the guest book, and on paper."""
    await fill(host)
    entry = await join(host, "Nutty Waits", phone="+4915550000077")
    shown = (await floor(host))["waitlist"][str(entry["id"])]
    path, note = f"/guests/{shown['guest_id']}", {"kind": "dietary", "text": "No nuts at all"}
    assert (await host.client.post(f"{path}/notes", json=note)).status_code == 201
    aged = "UPDATE guest_notes SET created_at = created_at - interval '30 days' WHERE guest_id = $1 RETURNING id"
    [row] = await query(hub, aged, shown["guest_id"])
    assert [each["id"] for each in (await floor(host))["waitlist"][str(entry["id"])]["guest_notes"]] == [row["id"]]
    [kept] = (await host.client.get(path)).json()["notes"]
    assert kept["keep_until"] == (await tonight(host) + timedelta(days=7)).isoformat()
    assert note["text"] in (await host.client.get(f"/print/{await tonight(host)}")).text
    [old] = await query(hub, f"SELECT count(*) AS rows FROM ({retention.OLD_DIETARY}) AS old", 1000)
    assert old["rows"] == 0
