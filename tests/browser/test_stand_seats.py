"""Who sits where at the stand in Chromium: one rule of what is free, for who waits, who walks in and who has booked."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.looking import BUILT, shows, unexpected, usable
from tests.browser.test_wait_page import at_the_list, emptied, joined, press
from tests.servers import Account, HubServer
from tests.tonight import midday, soon

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT
HOURS = timedelta(hours=3)
"""What is closed stays so for longer than anybody stays, and the hub is open for longer."""
TABLES, AT_ONCE = 16, 8
"""The tables of the room, and how many a block may name."""
PLAIN = r".replace(/[\u2066-\u2069]/g, '').trim()"
"""Without the marks of direction around names."""
CHOICES = f"[...document.querySelectorAll('.choices button')].map((each) => each.textContent{PLAIN})"
MENU = f"document.querySelector('.free-menu .primary')?.textContent{PLAIN}"
SAID = f"document.querySelector('dialog')?.textContent{PLAIN}"


def offers(*choices: str) -> str:
    return f"JSON.stringify({CHOICES}) === {json.dumps(json.dumps(choices, separators=(',', ':')))}"


async def close(host: Account, tables: Sequence[int], minutes: int, long: timedelta = HOURS) -> dict[str, Any]:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    start = now + timedelta(minutes=minutes)
    body = {"table_ids": tables, "start_at": start.isoformat(), "end_at": (now + long).isoformat(), "reason": "paint"}
    answer = await host.client.post("/blocks", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def cleared(host: Account) -> None:
    """Nobody sits, nobody waits, nobody is to come."""
    for each in (await host.client.get("/bookings")).json()["items"]:
        await host.client.post(f"/bookings/{each['id']}/finish", json={})
        await host.client.delete(f"/bookings/{each['id']}")
    await emptied(host)


@asynccontextmanager
async def only(host: Account, free: dict[int, int], long: timedelta = HOURS) -> AsyncIterator[list[str]]:
    """Only these tables are free, for so many minutes from now; yields until when. All is as before after it."""
    await cleared(host)
    others = [table for table in range(1, TABLES + 1) if table not in free]
    made = [await close(host, others[at : at + AT_ONCE], 0, long) for at in range(0, len(others), AT_ONCE)]
    made += [await close(host, [table], minutes) for table, minutes in free.items()]
    try:
        yield [each["start_at"][11:16] for each in made[-len(free) :]]
    finally:
        for each in made:
            await host.client.delete(f"/blocks/{each['id']}")
        await cleared(host)


async def of_guest(host: Account, name: str) -> dict[str, Any]:
    items = (await host.client.get("/bookings")).json()["items"]
    found: dict[str, Any] = max((each for each in items if each["guest"]["name"] == name), key=lambda each: each["id"])
    return found


def sits(booking: dict[str, Any]) -> tuple[str, list[int], str]:
    return booking["status"], [table["id"] for table in booking["tables"]], booking["end_at"][11:16]


async def point_at(page: Page, table: int) -> None:
    await page.until(f"document.querySelector('[data-table=\"{table}\"] .row-name') !== null")
    await page.value(f"document.querySelector('[data-table=\"{table}\"] .row-name').click()")
    await page.until("document.querySelector('.free-menu button:not(:disabled)') !== null")


@pytest.mark.slow
async def test_who_waits_is_offered_what_is_free_for_a_shorter_stay_and_another_table(
    page: Page, hub: HubServer, host: Account
) -> None:
    await page.speak("en-GB")
    async with only(host, {1: 40, 2: 25}) as (later, sooner):
        await joined(host, "Ida Waits")
        await at_the_list(page, hub, host)
        await page.until(shows(".list-scroll .wait-acts", f"Seat until {later}"))
        await press(page, ".wait-acts button", "Another table")
        await page.until(offers(f"Seat at T2-2 until {sooner}"))
        await usable(page)
        await press(page, ".choices button", "Seat at")
        await page.until("document.querySelector('.list-scroll .entry') === null")
        assert sits(await of_guest(host, "Ida Waits")) == ("seated", [2], sooner)
    assert page.complaints == []


@pytest.mark.slow
async def test_who_waits_is_seated_from_the_menu_of_a_free_place(page: Page, hub: HubServer, host: Account) -> None:
    await page.speak("en-GB")
    async with only(host, {1: 40, 2: 25}) as (_, sooner):
        await joined(host, "Ida Waits")
        await at_the_list(page, hub, host)
        await page.until(shows(".list-scroll .entry", "Ida Waits"))
        await point_at(page, 2)
        await page.until(f"{MENU} === 'Seat Ida Waits, 2 guests until {sooner}'")
        await usable(page)
        await press(page, ".free-menu button", "Ida Waits")
        await page.until("document.querySelector('.free-menu') === null")
        assert sits(await of_guest(host, "Ida Waits")) == ("seated", [2], sooner)
    assert page.complaints == []


async def test_touched_table_stays_offered_for_a_short_stay_or_it_is_said_why_not(
    page: Page, hub: HubServer, host: Account
) -> None:
    await page.speak("en-GB")
    async with only(host, {1: 25, 2: 10}) as (later, _):
        await at_the_list(page, hub, host)
        for table, guests in ((1, "2"), (2, "2"), (1, "4"), (1, "18")):
            await point_at(page, table)
            await press(page, ".free-menu button", "Walk in here")
            await page.until("document.querySelector('dialog .numbers') !== null")
            if guests == "18":
                await page.fill("dialog .numbers input", guests)
            else:
                await press(page, "dialog .numbers button", guests)
            if guests == "2":
                await page.until(offers(f"Seat at T2-1 until {later}"))
                assert ("Not at T2-2: closed." in await page.value(SAID)) == (table == 2)
            elif guests == "4":
                await page.until(f"{SAID}.includes('Not at T2-1: too small by 2.')")
                assert "No table is free for so many now." in await page.value(SAID)
            else:
                await page.until(f"{SAID}.includes('We seat up to 6 at a table.')")
                assert "wait list" not in await page.value(SAID)
            await press(page, "dialog .dialog-head button", "✕")
            await page.until("document.querySelector('dialog') === null")
        await point_at(page, 1)
        await press(page, ".free-menu button", "Walk in here")
        await press(page, "dialog .numbers button", "2")
        await page.fill("dialog input[maxlength='255']", "Walt Kin")
        await press(page, ".choices button", "Seat at")
        await page.until("document.querySelector('dialog') === null")
        assert sits(await of_guest(host, "Walt Kin")) == ("seated", [1], later)
    assert page.complaints == []


async def test_who_booked_a_table_that_is_taken_gets_another_for_less_or_hears_that_there_is_none(
    page: Page, hub: HubServer, host: Account
) -> None:
    await page.speak("en-GB")
    async with only(host, {1: 150, 2: 30}) as (_, sooner):
        sitting = await host.client.post("/walk-ins", json={"guests": 2, "table_ids": [1], "minutes": 15})
        assert sitting.status_code == 201
        await at_the_list(page, hub, host)
        await press(page, ".lists > .tabs button", "Arrivals")
        wanted = soon(midday()["RESTAURANT_TIMEZONE"])
        at = datetime.fromisoformat(f"{wanted['date']}T{wanted['time']}") + timedelta(minutes=14)
        body = {"date": wanted["date"], "time": f"{at:%H:%M}", "guests": 2, "table_id": 1, "minutes": 60}
        for name in ("Bo Oked", "Cy Later"):
            made = await host.client.post("/bookings", json={**body, "guest": {"name": name}})
            assert made.status_code == 201, made.text
            await page.until(shows(".list-scroll .entry", name))
            await press(page, ".list-scroll .acts button", "Seat")
            if name == "Bo Oked":
                await page.until(offers(f"Seat at T2-2 until {sooner}"))
                await press(page, ".problem .choices button", "Seat at")
                await page.until("document.querySelector('.list-scroll .entry') === null")
                assert sits(await of_guest(host, name)) == ("seated", [2], sooner)
            else:
                await page.until(shows(".list-scroll .problem", "No other table is free for them now."))
            assert unexpected(page, 409) == []


@asynccontextmanager
async def areas_of(hub: HubServer, **tables: Sequence[int]) -> AsyncIterator[dict[str, int]]:
    """Areas by their names, with these tables."""
    boss = await hub.staff("admin")
    made = {name: (await boss.client.post("/admin/areas", json={"name": name})).json()["id"] for name in tables}
    for name, ids in tables.items():
        for id in ids:
            answer = await boss.client.patch(f"/admin/tables/{id}", json={"area_id": made[name]})
            assert answer.status_code == 200, answer.text
    try:
        yield made
    finally:
        for id in itertools.chain.from_iterable(tables.values()):
            await boss.client.patch(f"/admin/tables/{id}", json={"area_id": None})
        for id in made.values():
            await boss.client.delete(f"/admin/areas/{id}")


async def ask_to_wait(page: Page, guests: str) -> None:
    await press(page, ".adders button", "+ Wait")
    await page.until("document.querySelector('dialog .numbers') !== null")
    await press(page, "dialog .numbers button", guests)


@pytest.mark.slow
async def test_who_would_wait_while_a_table_is_free_is_seated_or_waits_all_the_same(
    page: Page, hub: HubServer, host: Account
) -> None:
    await page.speak("en-GB")
    async with areas_of(hub, Bar=[3], Terrace=[1, 2]) as areas, only(host, {2: 25, 3: 170}) as (sooner, _):
        await at_the_list(page, hub, host)
        await ask_to_wait(page, "2")
        await page.until(f"{SAID}.includes('A table is free now: seat them, or let them wait anyway.')")
        await page.until(f"{CHOICES}[0].startsWith('Seat at T2-3') && {CHOICES}[1] === 'Seat at T2-2 until {sooner}'")
        await page.fill("dialog input[maxlength='255']", "Fay Forced")
        await usable(page)
        await page.width(1024, 768)
        await press(page, "dialog button[type=submit]", "Let them wait anyway")
        await page.until("document.querySelector('dialog') === null")
        await page.until(shows(".list-scroll .entry", "Fay Forced"))
        await ask_to_wait(page, "2")
        await page.until(f"{CHOICES}.length === 2")
        choice = "document.querySelector('dialog select')"
        await page.value(
            f"{choice}.value = '{areas['Terrace']}'; {choice}.dispatchEvent(new Event('change', {{bubbles: true}}))"
        )
        await page.until(f"{offers(f'Seat at T2-2 until {sooner}')} && {SAID}.includes('1 ahead')")
        await page.fill("dialog input[maxlength='255']", "Tess Terrace")
        await press(page, "dialog button[type=submit]", "Put on the list")
        await page.until("document.querySelector('dialog') === null")
        await page.until(
            shows(".list-scroll", "Tess Terrace") + " && " + shows(".list-scroll", "only \u2068Terrace\u2069")
        )
        waiting = {each["guest_name"]: each for each in (await host.client.get("/waitlist")).json()["items"]}
        assert [waiting[name]["area_id"] for name in ("Fay Forced", "Tess Terrace")] == [None, areas["Terrace"]]
        await ask_to_wait(page, "2")
        await page.fill("dialog input[maxlength='255']", "Sid Seated")
        await press(page, ".choices button", "Seat at")
        await page.until("document.querySelector('dialog') === null")
        assert sits(await of_guest(host, "Sid Seated"))[:2] == ("seated", [3])
    assert page.complaints == []


@pytest.mark.slow
async def test_list_that_is_closed_says_why_and_what_next(page: Page, hub: HubServer, host: Account) -> None:
    await page.speak("en-GB")
    async with only(host, {}, timedelta(hours=9)):
        await at_the_list(page, hub, host)
        await ask_to_wait(page, "4")
        why = "The wait list is closed: no table is expected before the last seating at 20:00."
        await page.until(f"{SAID}.includes({json.dumps(why)})")
        await page.fill("dialog input[maxlength='255']", "Lou Late")
        await press(page, "dialog button[type=submit]", "Put on the list")
        await page.until(shows("dialog [role=alert]", why))
        await usable(page)
        await press(page, "dialog .acts button", "Book another time")
        await page.until(
            "document.querySelector('.times') !== null || document.querySelector('dialog .numbers') !== null"
        )
        await page.until("document.querySelector('dialog .numbers [aria-pressed=true]')?.textContent === '4'")
    assert unexpected(page, 409) == []


async def test_table_is_closed_until_a_later_time_of_the_same_day(page: Page, hub: HubServer, host: Account) -> None:
    """Midnight is later; what is not is said before it is sent."""
    await page.speak("en-GB")
    await cleared(host)
    await at_the_list(page, hub, host)
    await point_at(page, 1)
    await press(page, ".free-menu button", "Close this table")
    await page.fill("dialog input[maxlength='120']", "wobbly leg")
    start, until = "dialog .pair .field:first-child input", "dialog .pair .field:last-child input"
    for time in ("19:00", "18:30"):
        await page.fill(start, "19:00")
        await page.fill(until, time)
        await press(page, "dialog button[type=submit]", "Close the table")
        await page.until(f"{SAID}.includes('“Until” must be after “From”, and on the same service day.')")
    await usable(page)
    if folder := os.environ.get("PICTURES"):
        await page.width(390, 844)
        await page.picture(Path(folder) / "until.png")
    assert page.complaints == []  # nothing was sent
    await page.fill(until, "00:30")
    await page.until("document.querySelector('dialog .problem') === null")
    await press(page, "dialog button[type=submit]", "Close the table")
    await page.until("document.querySelector('dialog') === null")
    today = soon(midday()["RESTAURANT_TIMEZONE"])["date"]
    [block] = (await host.client.get("/blocks", params={"date": today})).json()["items"]
    assert (block["start_at"][11:16], block["end_at"][11:16], block["reason"]) == ("19:00", "22:00", "wobbly leg")
    assert (await host.client.delete(f"/blocks/{block['id']}")).is_success
    assert page.complaints == []


async def ask_to_close_the_area(page: Page) -> None:
    """The area where table 1 stands."""
    await point_at(page, 1)
    await press(page, ".free-menu button", "Close this table")
    await press(page, "dialog .chips button", "the whole area")
    await page.fill("dialog input[maxlength='120']", "rain")
    await press(page, "dialog button[type=submit]", "Close the area")


@pytest.mark.slow
async def test_area_is_closed_at_once_and_who_is_in_the_way_is_one_touch_away(
    page: Page, hub: HubServer, host: Account
) -> None:
    await page.speak("en-GB")
    wanted = soon(midday()["RESTAURANT_TIMEZONE"])
    async with areas_of(hub, Bar=[3], Terrace=[1, 2]):
        await cleared(host)
        body = {**wanted, "guests": 2, "table_id": 2, "minutes": 60, "guest": {"name": "Wanda Way"}}
        made = (await host.client.post("/bookings", json=body)).json()
        await at_the_list(page, hub, host)
        await ask_to_close_the_area(page)
        await page.until(f"{SAID}.includes('Some of its tables are taken at that time.')")
        await usable(page)
        await page.width(1024, 768)
        # Those of its tables that are free can be closed without the others.
        if folder := os.environ.get("PICTURES"):
            await page.picture(Path(folder) / "area.png")
        await press(page, "dialog .problem button", "Close the free ones (1)")
        await page.until("document.querySelector('dialog') === null")
        [block] = (await host.client.get("/blocks", params={"date": wanted["date"]})).json()["items"]
        assert (block["tables"], block["reason"]) == ([1], "rain")
        assert (await host.client.delete(f"/blocks/{block['id']}")).status_code == 200
        await page.until("document.querySelector('.bar[data-phase=block]') === null")
        await ask_to_close_the_area(page)
        await press(page, "dialog .problem .choices button", "Wanda Way")
        await page.until("document.querySelector('dialog') === null")
        await page.until(shows(".card", "Wanda Way"))
        assert (await host.client.delete(f"/bookings/{made['id']}")).status_code == 200
        await press(page, ".card-head button", "✕")
        await ask_to_close_the_area(page)
        await page.until("document.querySelector('dialog') === null")
        [block] = (await host.client.get("/blocks", params={"date": wanted["date"]})).json()["items"]
        assert (block["tables"], block["reason"]) == ([1, 2], "rain")
        # What is opened from one of its tables is the whole of it, and the button says so.
        await page.click(".row[data-table='1'] .bar[data-phase=block] button")
        opens = r"document.querySelector('.free-menu button')?.textContent.replace(/[\u2066-\u2069]/g, '')"
        await page.until(f"{opens} === 'Open againT2-1 + T2-2'")
        await press(page, ".free-menu button", "Open again")
        await page.until("document.querySelector('.bar[data-phase=block]') === null")
        assert (await host.client.get("/blocks", params={"date": wanted["date"]})).json()["items"] == []
    assert unexpected(page, 409) == []
