"""What a host takes back from a card that shows another day, or a canceled booking; in a real browser."""

from __future__ import annotations

import os
from pathlib import Path

from tests.browser.conftest import Page
from tests.browser.looking import BUILT, shows, unexpected, usable
from tests.browser.test_stand_caller import booked, entered
from tests.browser.test_stand_page import bar, click
from tests.integration.rest import day_after
from tests.servers import HubServer

pytestmark = BUILT


async def pictures(page: Page, name: str) -> None:
    if folder := os.environ.get("PICTURES"):
        for theme in ("light", "dark"):
            await page.theme(theme)
            for width in (1280, 390):
                await page.width(width)
                await page.picture(Path(folder) / f"undo-{name}-{theme}-{width}.png")
        await page.theme("light")
        await page.width(1280)


async def test_canceled_card_offers_to_take_it_back(page: Page, hub_server: HubServer) -> None:
    day, name = day_after(66), "Ursula Undham"
    screen, host = await entered(page, hub_server, day)
    made = await booked(host, day, guest={"name": name, "phone": None})
    await screen.open_card(made["id"])
    await click(page, ".card button", "Cancel booking")
    await page.until(shows(".card .problem", "This booking is canceled."))
    await page.until(shows(".card", "Undo: cancellation"))
    await usable(page)
    await pictures(page, "canceled")
    await click(page, ".card button", "Undo: cancellation")
    await page.until(f"{bar(name)} && {shows('.card-state', 'booked')}")
    assert (await host.client.get(f"/bookings/{made['id']}")).json()["status"] == "booked"
    await page.until(f"!{shows('.card', 'Undo: cancellation')}")
    assert page.complaints == []


async def test_card_of_a_booking_on_another_day_brings_it_back(page: Page, hub_server: HubServer) -> None:
    day, other, name = day_after(67), day_after(68), "Doris Dayham"
    screen, host = await entered(page, hub_server, day)
    made = await booked(host, day, guest={"name": name, "phone": None})
    await screen.open_card(made["id"])
    await click(page, ".card button", "Change")
    await page.fill(".card-edit input[type=date]", other)
    await click(page, ".card-edit button[type=submit]")
    await page.until(shows(".card [role=status]", "This booking is now on "))
    # Its table is somebody else's by now: who, though the card is looked at from another day.
    await click(page, ".card button", "Show that day")
    await page.until(f"document.querySelector('.day input').value === '{other}' && {shows('.card-state', 'booked')}")
    late = await booked(host, day, guest={"name": "Lars Lateham", "phone": None}, table_id=made["table"]["id"])
    back = "[...document.querySelectorAll('.card button')].find(each => each.textContent.startsWith('Undo: back to'))"
    await page.until(f"{back} !== undefined")
    await pictures(page, "day")
    await page.value(f"{back}.click()")
    await page.until(shows(".card [role=alert]", "Lars Lateham"))
    assert (await host.client.get(f"/bookings/{made['id']}")).json()["service_date"] == other
    assert (await host.client.delete(f"/bookings/{late['id']}")).status_code == 200
    # Taken back from the line of changes of the day that it left.
    await click(page, ".day button", "‹")
    await page.until(f"document.querySelector('.day input').value === '{day}'")
    await page.until(shows(".feed-list", "moved to another day"))
    line = "[...document.querySelectorAll('.feed-list li')].find(each => each.textContent.includes('to another day'))"
    await page.until(f"{line}.querySelector('button') !== null")  # once the day is there
    await page.value(f"{line}.querySelector('button').click()")
    await page.until(bar(name))
    found = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert (found["service_date"], found["start_at"], found["table"]) == (day, made["start_at"], made["table"])
    await page.until("!document.querySelector('.feed-list li button')")
    assert unexpected(page, 409) == []
