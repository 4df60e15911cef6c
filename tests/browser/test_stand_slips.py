"""Slips of the hand at the stand in Chromium are put right: how many sit at a table, and who does not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from tests import tonight
from tests.browser.looking import BUILT, LIVE, shows
from tests.browser.test_stand_page import click, enter, fill
from tests.conftest import StartHub

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT


@pytest_asyncio.fixture
async def host(page: Page, start_hub: StartHub) -> AsyncIterator[Any]:
    """One who looks at the stand at noon."""
    hub = await start_hub(**tonight.midday())
    await page.speak("en-GB")
    host = await hub.staff("host")
    await enter(page, hub, host.email)
    await page.until(LIVE)
    yield host
    assert page.complaints == []


async def sits(host: Any, guests: int, table: int, name: str) -> int:
    answer = await host.client.post("/walk-ins", json={"guests": guests, "table_ids": [table], "name": name})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


async def test_number_of_who_sits_is_put_right_and_their_time_is_not_asked(page: Page, host: Any) -> None:
    id = await sits(host, 2, 1, "Rosalind Franklin")
    await click(page, f"[data-booking='{id}']")
    await click(page, ".card button", "Change")
    await page.until("document.querySelectorAll('.card-edit textarea').length === 2")
    assert await page.value("document.querySelector('.card-edit input[type=time]')") is None
    await fill(page, ".card-edit input[type=number]", "3")
    await click(page, ".card-edit button[type=submit]")
    await page.until(shows(".card-state", "3 guests"))
    found = (await host.client.get(f"/bookings/{id}")).json()
    assert (found["guests"], found["status"], [each["id"] for each in found["tables"]]) == (3, "seated", [1])
    await click(page, ".card button", "Undo: number of guests")
    await page.until(shows(".card-state", "2 guests"))
    assert (await host.client.get(f"/bookings/{id}")).json()["guests"] == 2


async def test_walk_in_and_seat_from_the_wait_list_are_taken_back_from_the_line_of_changes(
    page: Page, host: Any
) -> None:
    slip = await sits(host, 2, 1, "Never Came")
    await page.until(shows(".feed-list li", "walked in"))
    await click(page, ".feed-list button", "Undo")
    await page.until(shows(".feed-list li", "taken back"))
    assert (await host.client.get(f"/bookings/{slip}")).json()["status"] == "canceled"
    assert await page.value("document.querySelectorAll('.feed-list li:first-child button').length") == 0

    joined = await host.client.post("/waitlist", json={"guests": 2, "name": "Waits Again", "force": True})
    entry = joined.json()["id"]
    seated = await host.client.post(f"/waitlist/{entry}/seat", json={"table_ids": [2]})
    assert seated.status_code == 200, seated.text
    id = seated.json()["booking"]["id"]
    await page.until(shows(".feed-list li", "seated from the wait list"))
    assert not await page.value("document.querySelector('.feed').textContent.includes('no longer waits')")
    await click(page, f"[data-booking='{id}']")
    await click(page, ".card button", "Undo: back to the wait list")
    await page.until(f"document.querySelector('[data-booking=\"{id}\"]') === null")
    found = (await host.client.get(f"/waitlist/{entry}")).json()
    assert (found["status"], found["promised_until"]) == ("waiting", joined.json()["promised_until"])
