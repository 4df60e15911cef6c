"""A table that is too small for a party, in a real browser: said before it is done, and done for a reason alone."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest_asyncio

from hub.store import postgres
from tests import tonight
from tests.browser.conftest import Page
from tests.browser.looking import BUILT, shows, unexpected, usable
from tests.browser.stand_screen import Screen
from tests.browser.test_stand_page import click
from tests.conftest import StartHub
from tests.servers import HubServer

pytestmark = BUILT
WHY = "dialog .anyway input"
SMALL, LARGE = 1, 8
"""The tables: one for two, one for three."""


@pytest_asyncio.fixture
async def evening(page: Page, start_hub: StartHub) -> AsyncIterator[tuple[Screen, HubServer]]:
    """One who looks at the stand at noon, where one table for three and one for two are all there is."""
    hub = await start_hub(**tonight.midday())
    owner = (await hub.staff("admin")).client
    for table in (await owner.get("/admin/tables")).json()["items"]:
        if table["id"] not in (SMALL, LARGE):
            assert (await owner.delete(f"/admin/tables/{table['id']}")).status_code == 204
    screen = Screen("desktop", page, await hub.staff("host"), (1280, 800))
    await screen.enter(hub.url)
    yield screen, hub
    assert unexpected(page, 400, 409) == []


async def booked(screen: Screen, guests: int, time: str, table: int, name: str) -> int:
    made = await screen.account.client.post("/bookings", json={
        "date": await screen.page.value("document.querySelector('.day input').value"), "time": time,
        "guests": guests, "table_id": table, "guest": {"name": name},
    })  # fmt: skip
    assert made.status_code == 201, made.text
    return int(made.json()["id"])


async def as_it_is(screen: Screen, booking: int) -> dict[str, Any]:
    found: dict[str, Any] = (await screen.account.client.get(f"/bookings/{booking}")).json()
    return found


async def pictures(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        for theme in ("light", "dark"):
            await page.theme(theme)
            await page.picture(Path(folder) / f"tight-{name}-{theme}.png")
        await page.theme("light")


async def test_drag_onto_a_table_that_is_too_small_asks_why(evening: tuple[Screen, HubServer]) -> None:
    screen, _ = evening
    page = screen.page
    booking = await booked(screen, 3, "18:00", LARGE, "Tessa Tightham")
    await screen.drag(booking, SMALL, hint="is-tight")
    await page.until(shows("dialog h2", "The table is too small by 1"))
    assert await page.value(f"document.activeElement === document.querySelector('{WHY}')")
    assert (await as_it_is(screen, booking))["table"]["id"] == LARGE
    await usable(page)
    await pictures(page, "drag")
    await click(page, "dialog button", "Cancel")
    await screen.dialog(closed=True)
    await screen.drag(booking, SMALL, hint="is-tight")
    assert await page.value("document.querySelector('dialog .anyway button').disabled")
    await page.fill(WHY, "they insist")
    await click(page, "dialog .anyway button", "Move anyway")
    await screen.dialog(closed=True)
    await page.until(f"document.querySelector(\".row[data-table='{SMALL}'] [data-booking='{booking}']\") !== null")
    found = await as_it_is(screen, booking)
    assert (found["table"]["id"], found["house_note"], found["start_at"][11:16]) == (SMALL, "they insist", "18:00")
    # By the card, which lists it after what would do, and back.
    await screen.open_card(booking)
    await click(page, ".card button", "Undo: table")
    await page.until(f"document.querySelector(\".row[data-table='{LARGE}'] [data-booking='{booking}']\") !== null")
    await click(page, ".card button", "Move")
    await page.until(shows(".card .moves", "too small by 1"))
    await page.value("document.querySelector('.card .moves button').click()")
    await page.until("document.querySelector('dialog .anyway') !== null")


async def test_seat_where_only_a_smaller_table_is_free(evening: tuple[Screen, HubServer]) -> None:
    screen, hub = evening
    page, client = screen.page, screen.account.client
    sits = await client.post("/walk-ins", json={"guests": 3, "table_ids": [LARGE], "minutes": 15})
    assert sits.status_code == 201, sits.text
    later = datetime.now(ZoneInfo(tonight.midday()["RESTAURANT_TIMEZONE"])) + timedelta(minutes=20)
    booking = await booked(screen, 3, f"{later:%H:%M}", LARGE, "Sina Smallham")
    connection = await postgres.connect(hub.environ["DATABASE_URL"], prepared=False)
    try:  # they sit longer than planned, and who is next is here
        for each in (sits.json()["id"], booking):
            await tonight.shift(connection, each, -21)
    finally:
        await connection.close()
    await screen.until_listed("Sina Smallham", "booked", "late")
    await screen.do("Seat", "Sina Smallham")
    await page.until(shows(".list-scroll .problem", "No other table is free for them now."))
    await click(page, ".list-scroll .problem .choices button")
    await page.until(shows("dialog h2", "The table is too small by 1"))
    await page.fill(WHY, "a chair is added")
    await click(page, "dialog .anyway button", "Seat anyway")
    await screen.dialog(closed=True)
    found = await as_it_is(screen, booking)
    assert (found["status"], found["table"]["id"], found["house_note"]) == ("seated", SMALL, "a chair is added")


async def test_phone_booking_at_a_table_that_is_too_small_asks_why(evening: tuple[Screen, HubServer]) -> None:
    screen, _ = evening
    page = screen.page
    await screen.touch(f".row[data-table='{SMALL}'] .row-name")
    await screen.touch(".free-menu button", "Book here")
    await page.fill("dialog input:not([type])", "Theo Tightham")
    await click(page, "dialog .numbers button", "3")
    await page.until(shows("dialog", "too small by 1"))
    await click(page, "dialog .times button")
    await click(page, "dialog button[type=submit]")
    await page.until(shows("dialog .problem", "The table is too small for so many."))
    await page.fill(WHY, "a child on a lap")
    await click(page, "dialog .anyway button", "Book anyway")
    await screen.dialog(closed=True)
    [found] = (await screen.account.client.get("/bookings")).json()["items"]
    assert ([each["id"] for each in found["tables"]], found["house_note"]) == ([SMALL], "a child on a lap")


async def test_walk_in_at_a_table_that_is_too_small_asks_why(evening: tuple[Screen, HubServer]) -> None:
    screen, _ = evening
    page = screen.page
    await screen.touch(f".row[data-table='{SMALL}'] .row-name")
    await screen.touch(".free-menu button", "Walk in here")
    await click(page, "dialog .numbers button", "3")
    await page.until(shows("dialog .problem", "too small by 1"))
    await pictures(page, "walkin")
    await page.fill(WHY, "cold outside")
    await click(page, "dialog .anyway button", "Seat anyway")
    await screen.dialog(closed=True)
    [found] = (await screen.account.client.get("/bookings")).json()["items"]
    assert ([each["id"] for each in found["tables"]], found["guests"]) == ([SMALL], 3)
    assert (found["status"], found["house_note"]) == ("seated", "cold outside")
