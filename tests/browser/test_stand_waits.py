"""What a host does with a party that waits, at the stand in Chromium: what was written of it is put right, and it is
seated, in its turn or not."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.browser.looking import BUILT, LIVE, shows, unexpected, usable
from tests.browser.test_stand_seats import AT_ONCE, TABLES, cleared, close, of_guest, point_at
from tests.browser.test_wait_page import at_the_list, emptied, joined, press
from tests.servers import PASSWORD, Account, HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT
MORE = "document.querySelector('.list-scroll .wait-acts > [aria-expanded]')"
PROBLEM = r"document.querySelector('.entry .problem span')?.textContent.replace(/[\u2066-\u2069]/g, '')"
NAME, GUESTS, PHONE = [f".wait-edit {each}" for each in ("input:not([type])", "[type=number]", "[type=tel]")]


async def editing(page: Page) -> None:
    await page.until(f"{MORE} !== null")
    await page.value(f"{MORE}.click()")
    await press(page, ".wait-more button", "Change")
    await page.until("document.querySelector('.wait-edit') !== null")


@pytest.mark.slow
async def test_host_puts_right_how_many_they_are_and_who(page: Page, hub: HubServer, host: Account) -> None:
    await emptied(host)
    entry = await joined(host, "Smiht")
    await at_the_list(page, hub, host)
    await editing(page)
    await page.fill(NAME, "Smith")
    await page.fill(GUESTS, "3")
    await page.fill(PHONE, "12")
    await press(page, ".wait-edit button", "Save")
    await page.until("document.querySelector('.wait-edit .problem') !== null")
    await usable(page)
    await page.fill(PHONE, "+49 1555 0010 150")
    await press(page, ".wait-edit button", "Save")
    await page.until("document.querySelector('.wait-edit') === null")
    await page.until(shows(".list-scroll .entry", "Smith") + " && " + shows(".feed-list li", "Smith"))
    assert await page.value("document.activeElement.textContent") == "Change"
    now = (await host.client.get(f"/waitlist/{entry['id']}")).json()
    assert [now[each] for each in ("guest_name", "guests", "phone_number", "promised_until")] == [
        "Smith", 3, "+4915550010150", entry["promised_until"],
    ]  # fmt: skip
    line = "[...document.querySelectorAll('.feed-list li')].find((each) => each.textContent.includes('Smith'))"
    assert await page.value(f"{line}.querySelector('button') === null")  # it is not to be undone
    # Somebody else is called in the same moment.
    await press(page, ".wait-more button", "Change")
    await page.fill(GUESTS, "4")
    assert (await host.client.patch(f"/waitlist/{entry['id']}", json={"name": "Smythe"})).status_code == 200
    await page.until(shows(".list-scroll .entry-name", "Smythe"))
    await press(page, ".wait-edit button", "Save")
    await page.until(shows(".wait-edit .problem", "Somebody else changed this first"))
    both = "[...document.querySelectorAll('.wait-edit .problem ul')].map((each) => each.textContent)"
    assert await page.value(both) == ["3 guestsSmith+4915550010150", "3 guestsSmythe+4915550010150"]
    await usable(page)
    await press(page, ".wait-edit .problem button", "Apply mine to it")
    await page.until("document.querySelector('.wait-edit') === null")
    now = (await host.client.get(f"/waitlist/{entry['id']}")).json()
    assert (now["guest_name"], now["guests"]) == ("Smythe", 4)
    await press(page, ".wait-more button", "Change")
    await page.fill(GUESTS, "20")
    await press(page, ".wait-edit button", "Save")
    await page.until("document.querySelector('.wait-edit .problem') !== null")
    await press(page, ".wait-edit > .acts button", "Cancel")
    assert (await host.client.get(f"/waitlist/{entry['id']}")).json()["guests"] == 4
    assert unexpected(page, 400, 412, 422) == []
    await emptied(host)


@asynccontextmanager
async def one_free_table(host: Account) -> AsyncIterator[None]:
    """T2-1 alone, for as long as anybody stays."""
    await cleared(host)
    others = list(range(2, TABLES + 1))
    made = [await close(host, others[at : at + AT_ONCE], 0) for at in range(0, len(others), AT_ONCE)]
    try:
        yield
    finally:
        for each in made:
            await host.client.delete(f"/blocks/{each['id']}")
        await cleared(host)


def acts_of(name: str, label: str) -> str:
    return f"button[aria-label*='{name}'][aria-label*='{label}']"


@pytest.mark.slow
async def test_table_of_who_waits_before_them_is_theirs_until_the_host_says_so(
    page: Page, hub: HubServer, host: Account
) -> None:
    await page.speak("en-GB")
    async with one_free_table(host):
        for name in ("Smith", "Jones", "Brown"):
            await joined(host, name)
        await at_the_list(page, hub, host)
        seat = acts_of("Brown", "Seat")
        await page.click(f"{seat}:not(:disabled)")
        await page.until(f"{PROBLEM} === 'Smith (2) waits before them and would get T2-1: seat anyway?'")
        await usable(page)
        await press(page, ".entry .problem button", "Cancel")
        await page.until("document.querySelector('.entry .problem') === null")
        assert len((await host.client.get("/waitlist")).json()["items"]) == 3
        await page.click(f"{seat}:not(:disabled)")
        await press(page, ".entry .problem button", "Seat anyway")
        await page.until("document.querySelectorAll('.list-scroll .entry').length === 2")
        booking = await of_guest(host, "Brown")
        assert (booking["status"], [each["id"] for each in booking["tables"]]) == ("seated", [1])
        assert (await host.client.post(f"/bookings/{booking['id']}/finish")).status_code == 200
        # From the menu of the free place it is the same; whose turn it is sits with one touch.
        await page.until("document.querySelector('[data-table=\"1\"] .row-name') !== null")
        await point_at(page, 1)
        await press(page, ".free-menu button", "Jones")
        await page.until("document.querySelector('.free-menu .problem') !== null")
        await usable(page)
        await press(page, ".free-menu .problem button", "Seat anyway")
        await page.until("document.querySelector('.free-menu') === null")
        booking = await of_guest(host, "Jones")
        assert (await host.client.post(f"/bookings/{booking['id']}/finish")).status_code == 200
        await page.click(f"{acts_of('Smith', 'Seat')}:not(:disabled)")
        await page.until("document.querySelector('.list-scroll .entry') === null")
        assert (await of_guest(host, "Smith"))["status"] == "seated"
    assert unexpected(page, 409) == []


SEEN = """(() => {
  const asked = document.querySelector('.entry .problem')?.getBoundingClientRect();
  const list = document.querySelector('.list-scroll').getBoundingClientRect();
  return asked !== undefined && asked.top >= list.top - 1 && asked.bottom <= list.bottom + 1;
})()"""
"""That the question is in the part of the list that is seen."""
QUESTION = "document.querySelector('.entry .problem')"


async def asked_of_jones(page: Page) -> None:
    """Smith waits before them."""
    await page.click(f"{acts_of('Jones', 'Seat')}:not(:disabled)")
    await page.until(f"{PROBLEM} === 'Smith (2) waits before them and would get T2-1: seat anyway?'")


@pytest.mark.slow
async def test_question_is_seen_where_it_was_asked_and_goes_with_what_it_is_about(
    page: Page, hub: HubServer, host: Account
) -> None:
    await page.speak("en-GB")
    async with one_free_table(host):
        smith = await joined(host, "Smith")
        for name in ("Jones", "Brown"):
            await joined(host, name)
        await at_the_list(page, hub, host)
        for width, height in ((1400, 1000), (1024, 768), (1024, 400)):
            await page.width(width, height)
            if width == 1400:  # more of them, as of who was just put on the list
                await page.click(f"{acts_of('Jones', 'More')}:not(:disabled)")
                await page.until("document.querySelector('.wait-more') !== null")
            await page.value("document.querySelector('.list-scroll').scrollTop = 0")
            await asked_of_jones(page)
            if folder := os.environ.get("PICTURES"):
                await page.picture(Path(folder) / f"question-{width}-{height}.png")
            assert await page.value(SEEN), (width, height)
            assert await page.value("document.querySelector('.entry .problem + .wait-more') !== null")
        await page.width(1280, 900)
        # The table that it was about is closed, also while nobody looks at the list.
        for tab in ("", "Seated"):
            if tab:
                await asked_of_jones(page)
                await press(page, ".lists > .tabs button", tab)
                await page.until(f"!{QUESTION}")
            block = await close(host, [1], 0)
            await page.until("document.querySelector('[data-table=\"1\"] [data-phase=block]') !== null")
            await press(page, ".lists > .tabs button", "Wait")
            await page.until(f"document.querySelectorAll('.list-scroll .entry').length === 3 && !{QUESTION}")
            assert (await host.client.delete(f"/blocks/{block['id']}")).is_success
        # Who logs in next was refused nothing.
        await asked_of_jones(page)
        await press(page, ".wait-more button", "Change")
        await page.fill(PHONE, "12")
        await press(page, ".wait-edit button", "Save")
        await page.until("document.querySelector('.wait-edit .problem') !== null")
        await page.click(".user > button")
        await press(page, ".user-menu button", "Log out")
        await page.until("document.querySelector('#email') !== null")
        await page.value(
            f"document.querySelector('#email').value = {json.dumps(host.email)};"
            f"document.querySelector('#password').value = {json.dumps(PASSWORD)};"
            "document.querySelector('#email').form.requestSubmit()"
        )
        await page.until(f"document.querySelectorAll('.list-scroll .entry').length === 3 && {LIVE}")
        await press(page, ".wait-more button", "Change")
        await page.until("document.querySelector('.wait-edit') !== null")
        assert await page.value("document.querySelector('.entry .problem')") is None
        # Nobody waits before them any more. By keyboard whoever asked stays there, and in the list once they sit.
        seat = f"document.querySelector({json.dumps(acts_of('Jones', 'Seat'))})"
        await page.until(f"!{seat}.disabled")
        await page.value(f"{seat}.focus()")
        await page.press("Enter")
        await page.until(f"{QUESTION} && document.activeElement === {seat}")
        assert (await host.client.post(f"/waitlist/{smith['id']}/leave")).is_success
        await page.until(f"document.querySelectorAll('.list-scroll .entry').length === 2 && !{QUESTION}")
        await page.press("Enter")
        await page.until("document.querySelectorAll('.list-scroll .entry').length === 1")
        await page.until("document.activeElement.matches('.list-scroll')")
    assert unexpected(page, 400, 409, 422) == []


@pytest.mark.slow
async def test_an_allergy_is_seen_of_who_waits_and_on_the_plan_of_who_sits(
    page: Page, hub: HubServer, host: Account
) -> None:
    await page.speak("en-GB")
    await cleared(host)
    entry = await joined(host, "Olga Orekh")
    await at_the_list(page, hub, host)
    await page.until(shows(".list-scroll .entry", "Olga Orekh"))
    note = {"kind": "dietary", "text": "No peanuts"}
    assert (await host.client.post(f"/guests/{entry['guest_id']}/notes", json=note)).status_code == 201
    said = "Allergy or diet: No peanuts"
    await page.until(shows(".list-scroll .entry-more", said))
    assert await page.value("document.querySelector('.list-scroll .entry-more .mark .sign') !== null")
    await press(page, ".room-head button", "Plan")
    await page.click(f"{acts_of('Olga', 'Seat')}:not(:disabled)")
    await page.until(shows(".plan-table:has(.sign) .unseen", said))
    assert await page.value("document.querySelectorAll('.plan-table .sign').length") == 1
    await usable(page)
    assert page.complaints == []
    await cleared(host)


async def test_walk_in_form_says_that_others_wait(page: Page, hub: HubServer, host: Account) -> None:
    await emptied(host)
    await joined(host, "Smith")
    await at_the_list(page, hub, host)
    await press(page, ".adders button", "+ Walk-in")
    await page.until(shows("dialog", "1 party waits for a table already."))
    await emptied(host)
    await page.until("document.querySelector('dialog .card-note') === null")
