"""Every window of the host stand, every form, every menu and every refusal is looked at with axe-core: in each colour,
narrow, and twice as large."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.browser.looking import BUILT, shows
from tests.browser.stand_states import barriers
from tests.browser.test_stand_seats import cleared, point_at
from tests.browser.test_stand_waits import acts_of, editing, one_free_table
from tests.browser.test_wait_page import at_the_list, joined, press
from tests.servers import Account, HubServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.browser.conftest import Page

pytestmark = [BUILT, pytest.mark.slow, pytest.mark.timeout(300)]
SIZE = (1280, 900)


@dataclass
class Looking:
    """A tab in which states are looked at, and what was found in them."""

    page: Page
    size: tuple[int, int] = SIZE
    found: list[str] = field(default_factory=list)

    async def look(self, state: str) -> None:
        self.found += await barriers(self, state)

    async def close(self) -> None:
        await self.page.click("dialog .dialog-head button")
        await self.page.until("document.querySelector('dialog') === null")

    async def add(self, label: str) -> None:
        await press(self.page, ".adders button", label)
        await self.page.until("document.querySelector('dialog') !== null")

    async def menu(self, label: str) -> None:
        await self.page.click(".user > button")
        await press(self.page, ".user-menu button", label)
        await self.page.until("document.querySelector('dialog') !== null")


@pytest.fixture
async def stand(page: Page, hub: HubServer, host: Account) -> AsyncIterator[Looking]:
    """At the list of who waits, of a room in which one table is free."""
    await page.speak("en-GB")
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(one_free_table(host))
        for name in ("Smith", "Jones"):
            await joined(host, name)
        await at_the_list(page, hub, host)
        await page.width(*SIZE)
        await page.until(shows(".list-scroll", "Jones"))
        yield Looking(page)


async def test_forms_of_who_comes_in(stand: Looking) -> None:
    page = stand.page
    await stand.add("Walk-in")
    await stand.look("walk-in form")
    await page.click("dialog .numbers button[aria-label='2 guests']")
    await page.until("document.querySelector('dialog .choices button') !== null")
    await stand.look("walk-in form with a table")
    await stand.close()
    await stand.add("Wait")
    await page.click("dialog .numbers button[aria-label='2 guests']")
    await page.until("document.querySelector('dialog .estimate').textContent.trim() !== ''")
    await stand.look("wait form")
    await page.click("dialog button[type=submit]")
    await page.until("document.querySelector('dialog [role=alert]') !== null")
    await stand.look("wait form without a name")
    await stand.close()
    assert stand.found == [], "\n".join(stand.found)


async def test_more_of_who_waits_and_its_correction(stand: Looking, host: Account) -> None:
    page = stand.page
    await editing(page)
    await page.until("document.querySelector('.wait-link') !== null")
    await stand.look("more of who waits, corrected")
    await page.fill(".wait-edit [type=tel]", "12")
    await press(page, ".wait-edit button", "Save")
    await page.until("document.querySelector('.wait-edit .problem') !== null")
    await stand.look("a correction that was refused")
    items = (await host.client.get("/waitlist")).json()["items"]
    await page.fill(".wait-edit [type=tel]", "+49 1555 0010 151")
    assert (await host.client.patch(f"/waitlist/{items[0]['id']}", json={"guests": 3})).status_code == 200
    await page.until(shows(".entry-guests", "3"))
    await press(page, ".wait-edit button", "Save")
    await page.until(shows(".wait-edit .problem", "Somebody else changed this first"))
    await stand.look("a correction of what somebody else changed first")
    assert stand.found == [], "\n".join(stand.found)


async def test_warning_of_who_is_passed_over(stand: Looking) -> None:
    page = stand.page
    await page.click(f"{acts_of('Jones', 'Seat')}:not(:disabled)")
    await page.until(shows(".entry .problem", "seat anyway?"))
    await stand.look("who is passed over, on the list")
    await press(page, ".entry .problem button", "Cancel")
    await point_at(page, 1)
    await stand.look("menu of a free place")
    await press(page, ".free-menu button", "Jones")
    await page.until("document.querySelector('.free-menu .problem') !== null")
    await stand.look("who is passed over, in the menu of a free place")
    assert stand.found == [], "\n".join(stand.found)


async def test_form_that_closes_a_table_the_keys_and_the_paper(stand: Looking, host: Account) -> None:
    page = stand.page
    await point_at(page, 1)
    await press(page, ".free-menu button", "Close")
    await page.until("document.querySelector('dialog') !== null")
    await stand.look("form that closes a table")
    assert (await host.client.post("/walk-ins", json={"guests": 2, "table_ids": [1]})).status_code == 201
    await page.fill("dialog input[maxlength='120']", "leg broken")
    await page.click("dialog button[type=submit]:not(:disabled)")
    await page.until("document.querySelector('dialog [role=alert]') !== null")
    await stand.look("form that closes a table, refused")
    await stand.close()
    await stand.menu("Print")
    await stand.look("print")
    await stand.close()
    await stand.menu("Keys")
    await stand.look("keys")
    await stand.close()
    await page.call("Emulation.setEmulatedMedia", media="print")
    await page.until("document.querySelector('.sheet').checkVisibility()")
    stand.found += [f"paper: {each}" for each in [*await page.barriers(), *await page.faint_texts()]]
    assert stand.found == [], "\n".join(stand.found)


async def test_refusal_beside_what_asked_and_a_card_that_somebody_else_changed(stand: Looking, host: Account) -> None:
    page = stand.page
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    soon = now + timedelta(minutes=15 - now.minute % 15)
    walk_in = await host.client.post("/walk-ins", json={"guests": 2, "table_ids": [1], "minutes": 15})
    assert walk_in.status_code == 201, walk_in.text
    venue = (await host.client.get("/venue")).json()
    local = soon.astimezone(datetime.fromisoformat(venue["now"]).tzinfo)
    body = {
        "date": venue["service_day"], "time": (local + timedelta(minutes=15)).strftime("%H:%M"), "guests": 2,
        "guest": {"name": "Booked Here"}, "table_id": 1,
    }  # fmt: skip
    made = await host.client.post("/bookings", json=body)
    assert made.status_code == 201, made.text
    booking = made.json()["id"]
    await press(page, ".lists > .tabs button", "Arrivals")
    await page.click(f"{acts_of('Booked Here', 'Seat')}:not(:disabled)")
    await page.until("document.querySelector('.entry .problem') !== null")
    await stand.look("a refusal on the list")
    await page.value(f"document.querySelector('[data-booking=\"{booking}\"]').click()")
    await press(page, ".card .acts button", "Change")
    await page.fill(".card-edit input[type=number]", "1")
    await stand.look("card, changed")
    assert (await host.client.patch(f"/bookings/{booking}", json={"note": "By the window"})).status_code == 200
    await page.until("document.querySelector('.card').textContent.includes('By the window')")
    await press(page, ".card-edit button", "Save")
    await page.until(shows(".card-edit .problem", "Somebody else changed this first"))
    await stand.look("card that somebody else changed")
    await cleared(host)
    assert stand.found == [], "\n".join(stand.found)
