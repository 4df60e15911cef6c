"""The guest's page in Chromium: what a guest says of a booking, and what they are told of how far it can be changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.browser.looking import BUILT, IN, shows, unexpected, usable
from tests.browser.test_guest_page import choose, entered
from tests.integration.rest import day_after, query
from tests.servers import HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT


@pytest.mark.slow
async def test_what_was_said_is_shown_and_changed_as_the_rest_is(page: Page, hub_server: HubServer) -> None:
    day, guest = day_after(63), await hub_server.register()
    said = {"note": "Nuts", "occasion": "birthday", "needs": ["quiet", "pram"]}
    made = (await guest.client.post("/bookings", json={"date": day, "time": "18:00", "guests": 2} | said)).json()
    await entered(page, hub_server, guest, day)
    await page.until(shows("#mine-list", "birthday · quiet · pram · Nuts"))
    await page.click("#mine-list button")  # Change
    await page.until("document.querySelector('dialog .chip') !== null")
    assert await page.value("document.querySelector('dialog textarea').value") == "Nuts"
    assert await page.value("document.querySelector('dialog details').open")
    await page.fill("dialog textarea", "Nuts, and eggs")
    await page.fill("dialog [data-occasion]", "")
    await page.click("dialog .needs [aria-pressed=true]")  # pram
    await page.click("dialog button[type=submit]")
    await page.until("document.querySelector('dialog') === null")
    await page.until(shows("#mine-list", "quiet · Nuts, and eggs"))
    now = (await guest.client.get(f"/bookings/{made['id']}")).json()
    assert (now["note"], now["occasion"], now["needs"]) == ("Nuts, and eggs", None, ["quiet"])
    assert now["start_at"] == made["start_at"] and now["revision"] == made["revision"] + 1
    assert page.complaints == []


@pytest.mark.slow
async def test_what_is_typed_stays_over_a_change_by_the_house(page: Page, hub_server: HubServer) -> None:
    day, guest, host = day_after(64), await hub_server.register(), await hub_server.staff("host")
    made = (await guest.client.post("/bookings", json={"date": day, "time": "18:00", "guests": 2})).json()
    await entered(page, hub_server, guest, day)
    await page.click("#mine-list button")
    await choose(page, "19:00", "dialog")
    await page.fill("dialog textarea", "Nuts")
    path = f"/bookings/{made['id']}"
    assert (await host.client.patch(path, json={"time": "18:30", "occasion": "jubilee"})).status_code == 200
    await page.click("dialog .notice button")  # Go on from there
    await page.until("document.querySelector('dialog .notice') === null")
    assert await page.value("document.querySelector('dialog textarea').value") == "Nuts"
    assert await page.value("document.querySelector('dialog [data-occasion]').value") == "jubilee"
    await page.click("dialog button[type=submit]")
    await page.until(shows("#mine-list", "jubilee · Nuts"))
    now = (await guest.client.get(path)).json()
    assert (now["note"], now["occasion"]) == ("Nuts", "jubilee") and "T18:30" in now["start_at"]
    assert page.complaints == []


@pytest.mark.slow
async def test_booking_that_is_pinned_says_so_and_offers_no_other_table(page: Page, hub_server: HubServer) -> None:
    day, guest, host = day_after(65), await hub_server.register(), await hub_server.staff("host")
    made = (await guest.client.post("/bookings", json={"date": day, "time": "18:00", "guests": 2})).json()
    later = {"date": day, "time": "20:00", "guests": 2, "table_id": made["table"]["id"]}
    assert (await host.client.post("/bookings", json=later)).status_code == 201
    await entered(page, hub_server, guest, day)
    await page.until(shows("#mine-list", "Change or cancel until 17:00."))
    assert not await page.value(shows("#mine-list", "We keep this table for you."))
    pinned = await host.client.post(f"/bookings/{made['id']}/table", json={"pinned": True})
    assert pinned.status_code == 200
    await page.until(shows("#mine-list", "We keep this table for you."))
    await page.click("#mine-list button")
    await page.until(shows("dialog .notice", "We have chosen this table for you"))
    # "The same" is not "any": where somebody else has it later, that time is not offered.
    await page.fill("dialog select[name=table_id]", "")
    assert (
        await page.value("document.querySelector('dialog select[name=table_id]').selectedOptions[0].text") == "the same"
    )
    await page.until("document.querySelectorAll('dialog .chip.taken').length > 0")
    await page.fill("dialog select[name=guests]", "5")
    await page.until(shows("dialog .times", "Nothing is free for so many on that day."))
    await usable(page)
    await page.click("dialog button[type=submit]")
    await page.until(shows("dialog .problem", "The table of this booking is too small for so many."))
    assert await page.value("document.querySelector('dialog .problem button')") is None
    assert unexpected(page, 400) == []


@pytest.mark.slow
async def test_booking_that_can_not_be_changed_any_more_says_so(page: Page, hub: HubServer) -> None:
    """Half an hour before it begins; made long ago, so that no grace is left."""
    guest = await hub.register()
    at = (datetime.now(UTC) + timedelta(minutes=30)).astimezone(ZoneInfo(hub.environ["RESTAURANT_TIMEZONE"]))
    body = {"date": at.date().isoformat(), "time": f"{at:%H:%M}", "guests": 2}
    made = (await guest.client.post("/bookings", json=body)).json()
    await query(hub, "UPDATE bookings SET created_at = created_at - interval '1 day' WHERE id = $1", made["id"])
    path = f"/bookings/{made['id']}"
    assert (await guest.client.patch(path, json={"note": "Nuts"})).json()["error_code"] == "too_late_to_change"
    await page.speak("en-GB")
    await page.log_in(hub.url, guest.email)
    await page.until(IN)
    await page.until(shows("#mine-list", "It is too late to change or cancel this booking here. Please call us."))
    assert await page.value("[...document.querySelectorAll('#mine-list button')].map(each => each.textContent)") == [
        "Change"
    ]
    # Fewer may always come: nothing else is offered.
    await page.click("#mine-list button")
    await page.until(shows("dialog .notice", "If fewer of you come"))
    await page.until("document.querySelector('dialog select[name=guests]') !== null")
    controls = "[...document.querySelectorAll('dialog form :is(input, select, textarea)')].map(({name}) => name)"
    assert await page.value(controls) == ["guests"]
    sizes = "[...document.querySelector('dialog select').options].map(({text}) => text)"
    assert await page.value(sizes) == ["1", "2"]
    await usable(page)
    await page.fill("dialog select[name=guests]", "1")
    await page.click("dialog button[type=submit]")
    await page.until("document.querySelector('dialog') === null")
    await page.until(shows("#mine-list", "1 guest"))
    assert (await guest.client.get(path)).json()["guests"] == 1
    await page.until("document.querySelector('#mine-list button') === null")  # fewer than one is nobody
    assert page.complaints == []
