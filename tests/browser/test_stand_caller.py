"""Who calls the restaurant: a host books a guest whom the book knows, finds what was booked, and changes it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from websockets.asyncio.client import connect

from tests.browser.conftest import Page
from tests.browser.looking import BUILT, shows, usable
from tests.browser.stand_screen import Screen, window_of
from tests.browser.test_holds import at_day, look_at, phone_form
from tests.browser.test_stand_page import click
from tests.conftest import ShareHub
from tests.integration.rest import day_after
from tests.servers import Account, HubServer
from tests.tonight import midday

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


async def test_another_address_of_a_known_guest_is_noted_with_them(page: Page, hub_server: HubServer) -> None:
    day, name = day_after(40), "Rosa Addressham"
    _, host = await entered(page, hub_server, day)
    first = await booked(host, day, guest={"name": name, "phone": "+43 1 58 858 0140"})
    await phone_form(page)
    await choose_known(page, name)
    await click(page, "dialog button.more")
    await page.fill("dialog input[type=email]", "rosa@example.com")
    await page.until(shows("dialog", "Noted with"))
    assert "another guest" not in await page.value("document.querySelector('dialog').textContent")
    await book_at(page, "15:00")
    found = await of_name(host, name)
    assert [each["guest"]["id"] for each in found] == [first["guest"]["id"]] * 2
    assert {each["guest"]["email"] for each in found} == {"rosa@example.com"}
    assert page.complaints == []


async def search(page: Page, text: str) -> None:
    await page.fill("[data-search]", text)
    await page.value("document.querySelector('[data-search]').focus()")


def hit(*said: str) -> str:
    """Whoever is found whose line says all of this."""
    return (
        f"[...document.querySelectorAll('.found button')].find(each => {json.dumps(said)}"
        ".every(text => each.textContent.includes(text)))"
    )


async def test_canceled_bookings_are_found_and_their_cards_say_so(page: Page, hub_server: HubServer) -> None:
    day, other, name = day_after(43), day_after(44), "Vasco Canceledham"
    _, host = await entered(page, hub_server, day)
    ids = [(await booked(host, each, guest={"name": name, "phone": None}))["id"] for each in (day, other)]
    for booking in ids:
        assert (await host.client.delete(f"/bookings/{booking}")).status_code == 200
    for number in range(2):
        await search(page, name)
        await page.until("document.querySelectorAll('.found button').length === 2")
        assert await page.value(f"{hit(name, 'canceled')} !== undefined")
        await page.value(f"document.querySelectorAll('.found button')[{number}].click()")
        await page.until(shows(".card .problem", "This booking is canceled."))
        said = await page.value("document.querySelector('.card').textContent")
        assert name in said and "2 guests · canceled" in said and "18:00" in said
        assert await page.value("document.querySelector('.day input').value") == (day, other)[number]
        await click(page, ".card .card-head button")
    assert page.complaints == []


@pytest.mark.slow
async def test_who_waits_tonight_is_found_from_any_day(page: Page, share_hub: ShareHub) -> None:
    day, name = day_after(43), "Wilma Waitham"
    hub = await share_hub(**{name: str(value) for name, value in midday().items()})
    _, host = await entered(page, hub, day)
    made = await host.client.post("/waitlist", json={"guests": 2, "name": name, "force": True})
    assert made.status_code == 201, made.text
    await search(page, "Waith")
    await page.until(f"{hit(name, 'waiting')} !== undefined")
    await page.value(f"{hit(name)}.click()")
    await page.until(shows(".list-scroll", name))
    assert await page.value("document.querySelector('.list-scroll').ariaLabel") == "Wait"
    assert (await host.client.post(f"/waitlist/{made.json()['id']}/leave")).status_code == 200


@pytest.mark.slow
async def test_more_found_than_shown_is_said(page: Page, hub_server: HubServer) -> None:
    name = "Otto Manyham"
    _, host = await entered(page, hub_server, day_after(43))
    # Twenty are shown; each is on a day of its own, so that none is in the way of another.
    for number in range(21):
        await booked(host, day_after(120 + number), guest={"name": name, "phone": None})
    await search(page, name)
    await page.until("document.querySelectorAll('.found button').length === 20")
    assert await page.value("document.querySelector('.found').textContent.includes('There are more')")
    for found in await of_name(host, name):
        assert (await host.client.delete(f"/bookings/{found['id']}")).status_code == 200


async def test_what_changed_since_a_paper_opens_as_it_is_to_look(
    page: Page, browser: str, hub_server: HubServer
) -> None:
    day, name = day_after(45), "Paula Paperham"
    _, host = await entered(page, hub_server, day)
    position = await page.value("document.querySelector('.counts').dataset.position")
    made = await booked(host, day, guest={"name": name, "phone": None})
    await page.until(shows(".list-scroll", name))
    await click(page, ".user > button")
    await click(page, ".user-menu button", "Print")
    await page.fill("dialog input", position)
    await page.value("document.querySelector('dialog form button[type=submit]').focus()")
    await page.press("Enter")
    async with connect(await window_of(page, browser, day), max_size=None) as socket:
        paper = Page(socket)
        for domain in ("Page", "Runtime", "Log"):
            await paper.call(f"{domain}.enable")
        await paper.until(shows("body", name))
        style = await paper.value(
            "(() => { const {borderBottomStyle, textAlign, fontSize} = getComputedStyle(document.querySelector('td'));"
            "return [borderBottomStyle, textAlign, fontSize, getComputedStyle(document.querySelector('h1')).marginTop,"
            "document.compatMode, opener] })()"
        )
        # 10 pt are 13.33 px; what the browser itself gives is no border, other margins and 16 px.
        assert style == ["solid", "start", "13.3333px", "0px", "CSS1Compat", None]
        assert await paper.value("[...document.querySelectorAll('h2')].length") == 3
        assert paper.complaints == []
        await paper.call("Page.close")
    assert page.complaints == []
    assert (await host.client.delete(f"/bookings/{made['id']}")).status_code == 200


FIELDS = "document.querySelectorAll('dialog .field, dialog fieldset').length"


@pytest.mark.slow
async def test_phone_form_unfolds_what_else_a_caller_may_say(page: Page, hub_server: HubServer) -> None:
    day, name = day_after(46), "Mona Moreham"
    _, host = await entered(page, hub_server, day)
    await phone_form(page)
    assert await page.value(FIELDS) == 6
    await page.fill(NAME, name)
    await click(page, "dialog button.more")
    await page.until(f"{FIELDS} === 9 && document.querySelector('dialog .more').ariaExpanded === 'true'")
    await page.fill("dialog input[type=email]", "mona@example.com")
    await page.fill("dialog [data-occasion]", "birthday")
    await click(page, "dialog .needs button", "high chair")
    await page.until("document.querySelectorAll('dialog .needs [aria-pressed=true]').length === 1")
    await usable(page)
    await book_at(page, "15:00")
    [made] = await of_name(host, name)
    assert (made["occasion"], made["needs"], made["guest"]["email"]) == ("birthday", ["high_chair"], "mona@example.com")


async def test_more_than_any_table_takes_is_said_in_words(page: Page, hub_server: HubServer) -> None:
    day, name = day_after(39), "Lotte Largeham"
    screen, host = await entered(page, hub_server, day)
    made = await booked(host, day, guest={"name": name, "phone": None})
    said = "We seat up to "
    await phone_form(page)
    await page.fill("dialog .numbers input", "25")
    await page.until(shows("dialog .problem", said))
    await click(page, "dialog .dialog-head button")
    await screen.open_card(made["id"])
    await click(page, ".card button", "Change")
    for guests in ("25", "19"):
        await page.fill(".card-edit input[type=number]", guests)
        await click(page, ".card-edit button[type=submit]")
        if guests == "19":
            await click(page, ".card-edit button", "Another table")
        await page.until(shows(".card-edit [role=alert]", said))
        assert "less than" not in await page.value("document.querySelector('.card-edit').textContent")
        await click(page, ".card-edit [role=alert] button", "Got it")
    await page.speak("ru")
    await page.call("Page.reload")
    await page.until("document.querySelector('.counts')?.dataset.position")
    await look_at(screen, day)  # in the evening little can be booked of the day that is on
    await phone_form(page)
    await page.fill("dialog .numbers input", "25")
    await page.until(shows("dialog .problem", "у нас до "))


async def test_card_moves_a_booking_to_another_day_and_says_which(page: Page, hub_server: HubServer) -> None:
    day, other, name = day_after(47), day_after(48), "Sunniva Dayham"
    screen, host = await entered(page, hub_server, day)
    made = await booked(host, day, guest={"name": name, "phone": None})
    # There its table is taken, so that another one is offered.
    taken = await booked(host, other, guest={"name": "Tom Tableham", "phone": None}, table_id=made["table"]["id"])
    await screen.open_card(made["id"])
    await click(page, ".card button", "Change")
    await page.fill(".card-edit input[type=date]", other)
    await click(page, ".card-edit button[type=submit]")
    await click(page, ".card-edit button", "Another table")
    await page.until(shows(".card [role=status]", "This booking is now on "))
    await page.until(shows(".feed-list", f"\u2068{name}\u2069 moved to another day"))
    await page.until(shows("[role=log]", "moved to another day"))
    assert "canceled" not in await page.value("document.querySelector('.feed').textContent")
    moved = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert (moved["service_date"], moved["start_at"][11:16]) == (other, "18:00")
    assert moved["table"]["id"] != taken["table"]["id"]
    await click(page, ".card button", "Show that day")
    await page.until(f"document.querySelector('.day input').value === '{other}' && {shows('.card', 'booked')}")
    await page.until(f"!{shows('.card', 'This booking is now on')}")
    for booking in (made, taken):
        assert (await host.client.delete(f"/bookings/{booking['id']}")).status_code == 200


async def test_card_changes_occasion_and_needs(page: Page, hub_server: HubServer) -> None:
    day, name = day_after(49), "Nils Needham"
    screen, host = await entered(page, hub_server, day)
    made = await booked(host, day, guest={"name": name, "phone": None}, occasion="birthday", needs=["quiet"])
    await screen.open_card(made["id"])
    await click(page, ".card button", "Change")
    await click(page, ".card-edit .needs button", "quiet")
    await click(page, ".card-edit .needs button", "wheelchair")
    await page.fill(".card-edit [data-occasion]", "")
    await click(page, ".card-edit button[type=submit]")
    await page.until("document.querySelector('.card-edit') === null")
    await page.until(shows(".card .facts", "wheelchair"))
    changed = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert (changed["occasion"], changed["needs"]) == (None, ["wheelchair"])
    assert page.complaints == []
