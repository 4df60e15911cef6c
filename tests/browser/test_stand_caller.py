"""Who calls the restaurant: a host books a guest whom the book knows, finds what was booked, and changes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.browser.looking import BUILT, shows
from tests.browser.stand_screen import Screen
from tests.browser.test_holds import at_day, phone_form
from tests.browser.test_stand_page import click
from tests.integration.rest import day_after
from tests.servers import Account, HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT
NAME = "dialog .pair input:not([type])"


async def entered(page: Page, hub: HubServer, day: str) -> tuple[Screen, Account]:
    host = await hub.staff("host")
    screen = Screen("desktop", page, host, (1280, 800))
    await at_day(screen, hub, day)
    return screen, host


async def booked(host: Account, day: str, **more: Any) -> dict[str, Any]:
    made = await host.client.post("/bookings", json={"date": day, "time": "18:00", "guests": 2, **more})
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


async def of_name(host: Account, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await host.client.get("/bookings", params={"q": name})).json()["items"]
    return found


async def choose_known(page: Page, name: str) -> None:
    """From the book, by the first letters of the name."""
    await page.fill(NAME, name[:-1])
    await page.until(shows("dialog .guests button", name))
    await click(page, "dialog .guests button")
    await page.until(f"document.querySelector({json.dumps(NAME)}).value === {json.dumps(name)}")


async def book_at(page: Page, time: str) -> None:
    await click(page, ".times button", time)
    await page.until(shows("dialog .hold", "Kept for"))
    await click(page, "dialog button[type=submit]")
    await page.until("document.querySelector('dialog') === null")


async def test_a_caller_whom_the_book_knows_is_booked_as_that_guest(page: Page, hub_server: HubServer) -> None:
    day, name = day_after(41), "Ottilie Knownham"
    _, host = await entered(page, hub_server, day)
    first = await booked(host, day, guest={"name": name, "phone": "+43 1 58 858 0141"})
    await phone_form(page)
    await choose_known(page, name)
    await page.until(shows("dialog .card-note", "0 visits"))
    await book_at(page, "15:00")
    guests = [each["guest"]["id"] for each in await of_name(host, name)]
    assert guests == [first["guest"]["id"]] * 2
    assert page.complaints == []


async def test_who_is_named_otherwise_than_in_the_book_is_another_guest(page: Page, hub_server: HubServer) -> None:
    day, name = day_after(42), "Quirin Knownham"
    _, host = await entered(page, hub_server, day)
    first = await booked(host, day, guest={"name": name, "phone": "+43 1 58 858 0142"})
    await phone_form(page)
    await choose_known(page, name)
    await page.fill(NAME, "Quentin Otherham")
    await page.until(shows("dialog .card-note", f"No longer \u2068{name}\u2069 from the guest book"))
    await book_at(page, "15:00")
    [other] = await of_name(host, "Quentin Otherham")
    assert other["guest"]["id"] != first["guest"]["id"]
    assert [each["guest"]["name"] for each in await of_name(host, name)] == [name]
