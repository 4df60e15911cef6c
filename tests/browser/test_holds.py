"""Holds on the pages, in Chromium: a time that somebody chose is theirs while they write, whoever they are."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser.looking import BUILT, shows, unexpected, usable
from tests.browser.stand_screen import Screen
from tests.browser.test_guest_page import choose, entered, take_all, time_is
from tests.browser.test_stand_page import click, key
from tests.integration.rest import day_after
from tests.servers import Account, HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

    OpenTab = Callable[[str], AbstractAsyncContextManager[Page]]

pytestmark = BUILT
KEPT = "[...document.querySelectorAll('.bar[data-phase=hold]')].map(each => each.textContent).join()"
PLACE = "(document.querySelector('.bar[data-phase=hold]')?.getBoundingClientRect().left ?? 0)"
SHORT = """{
  const fetched = globalThis.fetch;
  globalThis.fetch = async (path, ...more) => {
    const answer = await fetched(path, ...more);
    if (!answer.ok || !String(path).endsWith("/holds")) return answer;
    return new Response(JSON.stringify({...await answer.json(), expires_in: 1}), {status: answer.status});
  };
}"""
"""In a page: every hold is told to end within a second."""


async def at_day(screen: Screen, hub: HubServer, day: str) -> None:
    await screen.enter(hub.url)
    await look_at(screen, day)


async def look_at(screen: Screen, day: str) -> None:
    await screen.page.value(
        f"(() => {{ const day = document.querySelector('.day input'); day.value = '{day}';"
        "day.dispatchEvent(new Event('change', {bubbles: true})) })()"
    )
    await screen.page.until(f"document.querySelector('.day input').value === '{day}'")
    await screen.page.until("document.querySelectorAll('.row').length > 0")


async def holds_of(account: Account, day: str) -> list[dict[str, Any]]:
    floor = (await account.client.get(f"/days/{day}/floor")).json()
    return list(floor["holds"].values())


async def phone_form(page: Page) -> None:
    await key(page, "n")
    await page.until("document.querySelectorAll('.times button').length > 10")


@pytest.mark.slow
async def test_phone_form_holds_the_chosen_time_and_every_screen_shows_by_whom(
    page: Page, browser: str, open_tab: OpenTab, hub_server: HubServer
) -> None:
    day = day_after(51)
    first, second = await hub_server.staff("host"), await hub_server.staff("host")
    async with open_tab(browser) as other:
        mine, theirs = Screen("mine", page, first, (1280, 800)), Screen("theirs", other, second, (1280, 800))
        await at_day(mine, hub_server, day)
        await at_day(theirs, hub_server, day)
        await phone_form(page)
        await click(page, ".times button", "18:00")
        await page.until(shows("dialog .hold", "Kept for"))
        assert await page.value("document.querySelector('dialog .hold [role=status]').textContent") == (
            "The table is kept for five minutes."
        )
        await other.until(f"{KEPT}.includes('kept ') && {KEPT}.includes('{first.email.partition('@')[0]}')")
        [hold] = await holds_of(first, day)
        assert hold["start_at"][11:16] == "18:00"
        # Its own hold takes no time away from this form, and another time moves it.
        assert await page.value("document.querySelectorAll('dialog .field, dialog fieldset').length") == 6
        before = await other.value(PLACE)
        await click(page, ".times button", "18:15")
        await other.until(f"{PLACE} > {before} && {KEPT}.split('kept').length === 2")
        await page.until(shows("dialog button[type=submit]", "18:15"))
        await page.until(shows("dialog .hold", "Kept for"))
        assert [each["start_at"][11:16] for each in await holds_of(first, day)] == ["18:15"]

        # Longer, once; the button keeps the focus.
        await page.value("document.querySelector('dialog .hold button').focus()")
        await page.press("Enter")
        await page.until(shows("dialog .hold button", "Kept longer"))
        assert await page.value("document.activeElement.textContent") == "Kept longer"
        assert await page.value("document.activeElement.ariaDisabled") == "true"
        await usable(page)

        name = f"Ida {day}"
        await page.fill("dialog input:not([type])", name)
        await click(page, "dialog button[type=submit]")
        await page.until("document.querySelector('dialog') === null")
        await other.until(f"document.querySelector('.timeline').textContent.includes('{name}') && {KEPT} === ''")
        assert await holds_of(first, day) == []
    assert page.complaints == []


IN_ONE_TURN = """(async () => {
  const fetched = globalThis.fetch;
  let held = () => {};
  const isHeld = new Promise(done => { held = done });
  globalThis.fetch = async (path, ...more) => {
    if (String(path).endsWith("/bookings")) await isHeld;
    const answer = await fetched(path, ...more);
    if (String(path).endsWith("/holds")) held();
    return answer;
  };
  TIME.click();
  for (let turn = 0; turn < 9; turn++) await Promise.resolve();
  document.querySelector("FORM").requestSubmit();
})()"""
"""A time is chosen and the form sent before the browser paints; the booking reaches the hub after the hold."""


async def choose_and_send(page: Page, time: str, form: str) -> None:
    await page.value(IN_ONE_TURN.replace("TIME", time).replace("FORM", form))


async def all_but_one(host: Account, day: str) -> None:
    """Of the tables that six could have at 18:00 one is left."""
    await take_all(host, day)
    found = (await host.client.get("/bookings", params={"from": day, "to": day, "q": "Others"})).json()["items"]
    single = next(each for each in found if len(each["tables"]) == 1)
    assert (await host.client.delete(f"/bookings/{single['id']}")).status_code == 200


async def test_phone_form_that_is_sent_at_once_books_the_table_it_holds(page: Page, hub_server: HubServer) -> None:
    day, host = day_after(58), await hub_server.staff("host")
    await all_but_one(host, day)
    await at_day(Screen("mine", page, host, (1280, 800)), hub_server, day)
    await phone_form(page)
    await click(page, ".numbers button", "6")
    await page.fill("dialog input:not([type])", f"Quick {day}")
    time = "[...document.querySelectorAll('dialog .times button')].find(each => each.textContent === '18:00')"
    await page.until(f"{time} !== undefined")
    await choose_and_send(page, time, "dialog form")
    await page.until("document.querySelector('dialog') === null")
    await page.until(f"document.querySelector('.timeline').textContent.includes('Quick {day}') && {KEPT} === ''")
    assert await holds_of(host, day) == []
    assert page.complaints == []


async def test_guest_who_sends_the_form_at_once_gets_the_table_it_holds(page: Page, hub_server: HubServer) -> None:
    day, guest, host = day_after(59), await hub_server.register(), await hub_server.staff("host")
    await all_but_one(host, day)
    await entered(page, hub_server, guest, day)
    await page.fill("#book select[name=guests]", "6")
    await page.until(time_is("18:00", "!chip.classList.contains('taken')"))
    time = "[...document.querySelectorAll('#book .chip')].find(each => each.innerText.trim() === '18:00')"
    await choose_and_send(page, f"{time}.querySelector('input')", "#book form")
    await page.until(shows("#book .said", "Reference"))
    assert await holds_of(host, day) == []
    assert page.complaints == []


async def passed_over(page: Page, place: str, verb: str) -> None:
    """The refusal says what is in the way, and with a reason it is done all the same."""
    await page.until(shows(f"{place} .problem", "A guest is choosing that table right now"))
    assert await page.value(f"document.querySelector('{place} .anyway button').disabled")
    await usable(page)
    await page.fill(f"{place} .anyway input", "they stand here")
    await click(page, f"{place} .anyway button", verb)


@pytest.mark.slow
async def test_what_a_guest_is_choosing_is_given_away_with_a_reason(page: Page, hub_server: HubServer) -> None:
    day, host, guest = day_after(57), await hub_server.staff("host"), await hub_server.register()
    assert (await guest.client.post("/holds", json={"date": day, "time": "18:00", "guests": 6})).status_code == 201
    await take_all(host, day)
    await at_day(Screen("mine", page, host, (1280, 800)), hub_server, day)
    await page.until(f"{KEPT} !== ''")
    await phone_form(page)
    await click(page, ".numbers button", "6")
    await click(page, ".times button", "18:00 kept")
    name = f"Six {day}"
    await page.fill("dialog input:not([type])", name)
    await click(page, "dialog button[type=submit]")
    await passed_over(page, "dialog", "Book anyway")
    await page.until("document.querySelector('dialog') === null")
    await page.until(f"document.querySelector('.timeline').textContent.includes('{name}') && {KEPT} === ''")
    [six] = (await host.client.get("/bookings", params={"q": name})).json()["items"]
    assert six["house_note"] == "they stand here"

    # The same of a change: what has another time is brought back to where somebody chooses by now.
    await host.client.patch(f"/bookings/{six['id']}", json={"time": "20:00", "table_id": six["table"]["id"]})
    assert (await guest.client.post("/holds", json={"date": day, "time": "18:00", "guests": 6})).status_code == 201
    await page.until(f"{KEPT} !== ''")
    await click(page, f"[data-booking='{six['id']}']")
    await page.until(shows(".card", "changed by you"))
    await click(page, ".card button", "Change")
    await page.fill(".card-edit input[type=time]", "18:00")
    await click(page, ".card-edit button[type=submit]")
    await passed_over(page, ".card-edit", "Save anyway")
    await page.until(f"document.querySelector('.card-edit') === null && {KEPT} === ''")
    assert (await host.client.get(f"/bookings/{six['id']}")).json()["start_at"][11:16] == "18:00"
    assert unexpected(page, 409) == []


async def test_phone_form_that_is_closed_lets_go(page: Page, hub_server: HubServer) -> None:
    day, host = day_after(52), await hub_server.staff("host")
    await at_day(Screen("mine", page, host, (1280, 800)), hub_server, day)
    await phone_form(page)
    await click(page, ".times button", "18:00")
    await page.until(shows("dialog .hold", "Kept for"))
    await page.until(f"{KEPT} !== ''")
    await click(page, "dialog .dialog-head button")
    await page.until(f"{KEPT} === ''")
    assert await holds_of(host, day) == []


@pytest.mark.slow
async def test_phone_form_says_when_its_hold_is_over_and_takes_it_again(page: Page, hub_server: HubServer) -> None:
    day, host = day_after(53), await hub_server.staff("host")
    await at_day(Screen("mine", page, host, (1280, 800)), hub_server, day)
    await page.value("globalThis.__fetch = globalThis.fetch;" + SHORT)
    await phone_form(page)
    await click(page, ".times button", "18:00")
    await page.until(shows("dialog .hold [role=status]", "not kept any more"))
    await page.value("globalThis.fetch = globalThis.__fetch; 0")
    [before] = await holds_of(host, day)
    await page.until(shows("dialog .hold button", "Keep it again"))
    await page.value("document.querySelector('dialog .hold button').focus()")
    await page.press("Enter")
    await page.until(shows("dialog .hold", "Kept for"))
    [again] = await holds_of(host, day)
    assert again["tables"] == before["tables"]
    await page.until("document.activeElement.textContent === 'Keep it longer'")


@pytest.mark.slow
async def test_a_time_that_another_took_first_is_said_in_the_form(page: Page, hub_server: HubServer) -> None:
    """Both chose it in the same moment: the page has not heard of the other's hold when it asks."""
    day, host, other = day_after(54), await hub_server.staff("host"), await hub_server.staff("host")
    await at_day(Screen("mine", page, host, (1280, 800)), hub_server, day)
    await phone_form(page)
    await page.fill("dialog input:not([type])", "Ida")
    found = (await host.client.get(f"/tables/available?date={day}&time=18:00&guests=2")).json()["tables"]
    await page.value(
        "(() => { const fetched = globalThis.fetch; globalThis.fetch = async (path, ...more) => {"
        "if (String(path).endsWith('/holds')) await new Promise(done => { globalThis.goOn = done });"
        "return fetched(path, ...more) } })()"
    )
    await click(page, ".times button", "18:00")
    await page.until("globalThis.goOn !== undefined")
    for table in found:
        body = {"date": day, "time": "18:00", "guests": 1, "table_id": table["id"]}
        assert (await other.client.post("/holds", json=body)).status_code == 201
    await page.value("globalThis.goOn(); 0")
    await page.until(shows("dialog .hold", "Not kept. That table is taken at that time."))
    assert unexpected(page, 409) == []


@pytest.mark.slow
async def test_guest_keeps_the_time_that_they_chose(page: Page, hub_server: HubServer) -> None:
    day, guest, host = day_after(55), await hub_server.register(), await hub_server.staff("host")
    await entered(page, hub_server, guest, day)
    await page.fill("#book select[name=guests]", "6")
    tables = (await guest.client.get(f"/tables/available?date={day}&time=18:00&guests=6")).json()["tables"]
    for table in tables[1:]:
        body = {"date": day, "time": "18:00", "guests": 6, "table_id": table["id"]}
        assert (await host.client.post("/bookings", json=body)).status_code == 201
    await choose(page, "18:00")
    await page.until(shows("#book .hold", "Kept for"))
    refused = await host.client.post(
        "/bookings", json={"date": day, "time": "18:00", "guests": 6, "table_id": tables[0]["id"]}
    )
    assert refused.json()["error_code"] == "slot_taken"
    await page.until(time_is("18:00", "!chip.classList.contains('taken')"))  # their own hold takes it from others alone
    assert await page.value("document.querySelector('#book .notice')") is None
    await usable(page)
    await page.click("#book .hold button")
    await page.until(shows("#book .hold button", "Kept longer"))
    await page.click("#book form button.primary")
    await page.until(shows("#book .said", "Reference"))
    [made] = (await guest.client.get("/bookings/my")).json()["items"]
    assert made["tables"] == [tables[0]]
    assert await holds_of(host, day) == []
    await page.until("document.querySelector('#book .hold button') === null")
    assert page.complaints == []


async def test_guest_who_chooses_another_time_keeps_that_one(page: Page, hub_server: HubServer) -> None:
    day, guest, host = day_after(56), await hub_server.register(), await hub_server.staff("host")
    await page.speak("ru")
    await page.log_in(hub_server.url, guest.email)
    await page.fill("#book input[name=date]", day)
    for time in ("18:00", "19:00"):
        await choose(page, time)
        await page.until(shows("#book .hold", "Держим ещё"))
        await page.until(f"document.querySelector('#book .chip :checked').parentElement.innerText.trim() === '{time}'")
    await page.until(shows("#book .hold", "Держим ещё"))
    while [each["start_at"][11:16] for each in await holds_of(host, day)] != ["19:00"]:
        await page.until(shows("#book .hold", "Держим ещё"))
    # Another number of guests, and a table that is named and not any more: the time is kept as before.
    await page.fill("#book select[name=guests]", "3")
    await page.until(shows("#book .hold", "Держим ещё"))
    while [each["guests"] for each in await holds_of(host, day)] != [3]:
        await page.until(shows("#book .hold", "Держим ещё"))
    [table, *_] = (await host.client.get(f"/tables/available?date={day}&time=19:00&guests=3")).json()["tables"]
    await page.fill("#book select[name=table_id]", str(table["id"]))  # a table that a guest names is kept for nobody
    await page.until("document.querySelector('#book .hold button') === null")
    await page.fill("#book select[name=table_id]", "")
    await page.until(shows("#book .hold", "Держим ещё"))
    assert page.complaints == []
