"""How a guest is called and reached is put right on a booking's card, in a real browser."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.browser.conftest import Page
from tests.browser.looking import BUILT, shows, usable
from tests.browser.stand_screen import Screen
from tests.browser.test_holds import at_day
from tests.browser.test_stand_caller import booked, entered
from tests.browser.test_stand_page import bar, click
from tests.conftest import ShareHub
from tests.integration.rest import day_after, query
from tests.servers import HubServer
from tests.tonight import midday

OpenTab = Callable[[str], AbstractAsyncContextManager[Page]]
pytestmark = BUILT
CORRECT = "Correct name, phone, e-mail"
EDIT = ".guest-edit"


async def waiting_mails(hub: HubServer, booking: int) -> list[tuple[str, str]]:
    rows = await query(
        hub,
        "SELECT topic, target FROM outbox WHERE booking_id = $1 AND sent_at IS NULL AND dropped_at IS NULL ORDER BY id",
        booking,
    )
    return [(row["topic"], row["target"]) for row in rows]


async def corrects(page: Page, **fields: str) -> None:
    await click(page, ".card-guest button", CORRECT)
    for name, text in fields.items():
        await page.fill(f"{EDIT} [name={name}]", text)
    await click(page, f"{EDIT} button[type=submit]")


@pytest.mark.slow
async def test_card_puts_right_name_phone_and_mail_and_every_screen_shows_it(
    page: Page, browser: str, open_tab: OpenTab, hub_server: HubServer
) -> None:
    day, old = day_after(61), "Jon Smyth"
    screen, host = await entered(page, hub_server, day)
    made = await booked(host, day, guest={"name": old, "phone": "+43 1 58 858 0161", "email": "jon@example.com"})
    async with open_tab(browser) as other:
        second = Screen("second", other, await hub_server.staff("host"), (1280, 800))
        await at_day(second, hub_server, day)
        for each in (screen, second):
            await each.open_card(made["id"])
            await each.page.until(shows(".card-guest dd", "jon@example.com"))
        await corrects(page, name="John Smith", phone="+43 1 58 858 0162", email="John.Smith@Example.com")
        await page.until(f"document.querySelector('{EDIT}') === null")
        await page.until(shows(".card-guest [role=status]", "Mails now go to john.smith@example.com."))
        for each in (page, other):
            await each.until(shows(".card h2", "John Smith") + " && " + bar("John Smith"))
            await each.until(shows(".card .facts", "+431588580162"))
            await each.until(shows(".card-guest dd", "john.smith@example.com"))
            assert not await each.value(bar(old))
        # Of an address no floor tells: the card hears that it is another one, and reads it.
        answer = await host.client.patch(f"/guests/{made['guest']['id']}", json={"email": "js@example.com"})
        assert answer.status_code == 200
        await other.until(shows(".card-guest dd", "js@example.com"))
        assert other.complaints == []
    mails = await waiting_mails(hub_server, made["id"])
    assert ("confirmed", "js@example.com") in mails and {target for _, target in mails} == {"js@example.com"}
    moved = await host.client.patch(f"/bookings/{made['id']}", json={"time": "19:00"})
    assert moved.status_code == 200
    assert ("rescheduled", "js@example.com") in await waiting_mails(hub_server, made["id"])
    await usable(page)
    assert page.complaints == []


async def test_what_is_no_number_or_address_is_said_in_words(page: Page, hub_server: HubServer) -> None:
    day = day_after(62)
    screen, host = await entered(page, hub_server, day)
    made = await booked(host, day, guest={"name": "Wanda Wrongham", "phone": None})
    await screen.open_card(made["id"])
    await corrects(page, phone="no number", name="Wanda Wrongham")
    await page.until(shows(f"{EDIT} [role=alert]", "That is no phone number."))
    said = await page.value(f"document.querySelector('{EDIT} [role=alert]').textContent")
    assert "phone:" not in said and "understand" not in said


async def test_what_somebody_else_corrected_first_stands_beside_it(page: Page, hub_server: HubServer) -> None:
    day = day_after(63)
    screen, host = await entered(page, hub_server, day)
    made = await booked(host, day, guest={"name": "Ottmar Firstham", "phone": None})
    guest = f"/guests/{made['guest']['id']}"
    await screen.open_card(made["id"])
    await click(page, ".card-guest button", CORRECT)
    await page.fill(f"{EDIT} [name=email]", "ottmar@example.com")
    assert (await host.client.patch(guest, json={"name": "Otmar Firstham"})).status_code == 200
    await page.until(shows(".card h2", "Otmar Firstham"))
    await click(page, f"{EDIT} button[type=submit]")
    await page.until(shows(f"{EDIT} [role=alert]", "Somebody else changed this first"))
    said = await page.value(f"document.querySelector('{EDIT} [role=alert]').textContent")
    assert "Ottmar Firstham" in said and "Otmar Firstham" in said
    await click(page, f"{EDIT} button", "Apply mine to it")
    await page.until(f"document.querySelector('{EDIT}') === null")
    found = (await host.client.get(guest)).json()
    assert (found["name"], found["email"]) == ("Otmar Firstham", "ottmar@example.com")


async def test_what_an_account_says_is_its_owners_to_change(page: Page, hub_server: HubServer) -> None:
    day = day_after(64)
    screen, _ = await entered(page, hub_server, day)
    guest = await hub_server.register(full_name="Ada Accountham")
    made = await guest.client.post("/bookings", json={"date": day, "time": "18:00", "guests": 2})
    await screen.open_card(made.json()["id"])
    await page.until(shows(".card-guest dd", guest.email))
    await page.until(shows(".card-guest", "theirs alone to change"))
    buttons = await page.value("[...document.querySelectorAll('.card-guest button')].map(each => each.textContent)")
    assert buttons == ["Note about the guest"]


async def test_walk_in_gets_a_name(page: Page, share_hub: ShareHub) -> None:
    hub = await share_hub(**{name: str(value) for name, value in midday().items()})
    host = await hub.staff("host")
    screen = Screen("desktop", page, host, (1280, 800))
    made = await host.client.post("/walk-ins", json={"guests": 2})
    assert made.status_code == 201, made.text
    await screen.enter(hub.url)
    await screen.open_card(made.json()["id"])
    await click(page, ".card-guest button", "Add a name")
    await page.fill(f"{EDIT} [name=name]", "Walter Walkham")
    await click(page, f"{EDIT} button[type=submit]")
    await page.until(shows(".card h2", "Walter Walkham") + f" && document.querySelector('{EDIT}') === null")
    if folder := os.environ.get("PICTURES"):
        await pictures(page, Path(folder))
    assert (await host.client.post(f"/bookings/{made.json()['id']}/finish")).status_code == 200


async def pictures(page: Page, folder: Path) -> None:
    await click(page, ".card-guest button", CORRECT)
    await page.fill(f"{EDIT} [name=phone]", "none")
    await click(page, f"{EDIT} button[type=submit]")
    await page.until(f"document.querySelector('{EDIT} [role=alert]') !== null")
    for theme in ("light", "dark"):
        await page.theme(theme)
        for width in (1280, 390):
            await page.width(width)
            await page.value("document.querySelector('.card-guest').scrollIntoView({block: 'end'})")
            await page.picture(folder / f"guest-edit-{theme}-{width}.png")
