"""The host stand at /stand in a real browser: it follows the floor, never claims more than it knows, and hosts can work
on it by touch, by keyboard, in each language, at each size."""

from __future__ import annotations

import json
import os
import re
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hub.rest import built_pages
from tests.servers import CHECKOUT, PASSWORD, HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

AXE = CHECKOUT / "hub/web/node_modules/axe-core/axe.min.js"
LIVE = "document.querySelector('.live-state')?.dataset.shade === 'live'"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()

pytestmark = pytest.mark.skipif(not built_pages.DIST.exists(), reason="the pages are not built: make pages")


async def enter(page: Page, hub_server: HubServer, email: str) -> None:
    await page.open(hub_server.url + "/stand")
    await page.until("document.querySelector('#password') !== null")
    await page.value(
        f"document.querySelector('#email').value = {json.dumps(email)};"
        f"document.querySelector('#password').value = {json.dumps(PASSWORD)};"
        "document.querySelector('form').requestSubmit()"
    )


async def at_stand(page: Page, hub_server: HubServer, role: str = "host") -> Any:
    """Log in, and look at tomorrow, where nobody is yet: there nothing is over, whatever the time is."""
    host = await hub_server.staff(role)
    await empty(hub_server)
    await enter(page, hub_server, host.email)
    await page.until(LIVE)
    await key(page, "ArrowRight")
    await page.until(f"document.querySelector('.day input').value === '{TOMORROW}'")
    await page.until("document.querySelectorAll('.row').length > 0 && " + LIVE)
    return host


async def empty(hub_server: HubServer) -> None:
    """All tests of the page share this day, and some leave it as it was at their end."""
    client = (await hub_server.staff("admin")).client
    floor = (await client.get(f"/days/{TOMORROW}/floor")).json()
    for name in ("bookings", "blocks"):
        for id, each in floor[name].items():
            if each.get("status", "booked") in ("booked", "arrived"):
                assert (await client.delete(f"/{name}/{id}")).is_success


async def key(page: Page, name: str) -> None:
    """A key where the focus is."""
    event = f"new KeyboardEvent('keydown', {{key: {json.dumps(name)}, bubbles: true, cancelable: true}})"
    await page.value(f"document.activeElement.dispatchEvent({event}); 0")


async def fill(page: Page, selector: str, text: str) -> None:
    await page.value(
        f"(() => {{ const field = document.querySelector({json.dumps(selector)}); field.value = {json.dumps(text)};"
        "field.dispatchEvent(new Event('input', {bubbles: true})) })()"
    )


async def click(page: Page, selector: str, text: str = "") -> None:
    """The first element of the selector that says just this, once it is there and can be used."""
    find = (
        f"[...document.querySelectorAll({json.dumps(selector)})]"
        f".find(each => !each.disabled && (!{json.dumps(text)} || each.textContent.trim() === {json.dumps(text)}))"
    )
    await page.until(f"{find} !== undefined")
    await page.value(f"{find}.click()")


def bar(name: str) -> str:
    return f"[...document.querySelectorAll('.bar b')].some(each => each.textContent.includes({json.dumps(name)}))"


async def test_page_changes_by_itself_and_says_what_changed(page: Page, hub_server: HubServer) -> None:
    await at_stand(page, hub_server)
    guest = await hub_server.register(full_name="Grace Hopper")
    made = await guest.client.post("/bookings", json={"date": TOMORROW, "time": "18:00", "guests": 2})
    assert made.status_code == 201
    await page.until(bar("Grace Hopper"))
    await page.until("document.querySelector('.feed-list').textContent.includes('booked')")
    await page.until("document.querySelector('[role=log]').textContent.includes('Grace Hopper')")
    assert (await guest.client.delete(f"/bookings/{made.json()['id']}")).status_code == 200
    await page.until("!" + bar("Grace Hopper"))
    await page.until("document.querySelector('.feed-list').textContent.includes('canceled')")
    own = (hub_server.url + "/", hub_server.live_url)
    assert [url for url in page.asked if not url.startswith((*own, "data:"))] == []
    assert page.complaints == []


async def test_who_is_not_staff_is_told_so(page: Page, hub_server: HubServer) -> None:
    guest = await hub_server.register(full_name="Just A Guest")
    await enter(page, hub_server, guest.email)
    await page.until("document.querySelector('[role=alert]')?.textContent.includes('Just A Guest')")
    assert await page.value("document.querySelector('.timeline')") is None
    await click(page, "button", "Log out")
    await page.until("document.querySelector('#password') !== null")


async def test_wrong_password_is_said_beside_the_form(page: Page, hub_server: HubServer) -> None:
    await enter(page, hub_server, "nobody@example.com")
    await page.until("document.querySelector('form [role=alert]')?.textContent === 'E-mail or password is wrong.'")


async def test_booking_by_phone_is_one_form(page: Page, hub_server: HubServer) -> None:
    await at_stand(page, hub_server)
    await key(page, "n")
    await page.until("document.querySelectorAll('.times button').length > 10")
    assert await page.value("document.activeElement.type") == "tel"
    await click(page, ".dialog button[type=submit]")
    await page.until("document.querySelector('.dialog [role=alert]')?.textContent === 'A name is needed.'")
    await fill(page, ".dialog input:not([type])", "Jo")
    await click(page, ".numbers button", "3")
    await click(page, ".times button:nth-of-type(5)")
    await click(page, ".dialog button[type=submit]")
    await page.until("document.querySelector('dialog') === null")
    await page.until(bar("Jo"))
    counts = await page.value("[...document.querySelectorAll('.counts > *')].map(each => each.textContent)")
    assert [re.sub(r"\d+", "n", text).partition(":")[0] for text in counts] == [
        "n covers", "seated n", "to come n", "late n", "waiting n",
    ]  # fmt: skip
    assert "parties that are a quarter of an hour late" in counts[3]  # whom a number counts is said too


async def test_booking_is_moved_by_keys_and_back_by_undo(page: Page, hub_server: HubServer) -> None:
    await page.speak("en-GB")
    host = await at_stand(page, hub_server)
    guest = await hub_server.register(full_name="Ada Lovelace")
    made = (await guest.client.post("/bookings", json={"date": TOMORROW, "time": "14:00", "guests": 2})).json()
    held = f"document.querySelector('[data-booking=\"{made['id']}\"]')"
    await page.until(f"{held} !== null")
    await page.value(f"{held}.focus()")
    await key(page, "m")
    await key(page, "ArrowRight")
    await page.until("document.querySelector('.drop-hint.is-good')?.textContent.includes('14:15')")
    await key(page, "Enter")
    await page.until("document.querySelector('.feed-list')?.textContent.includes('now 14:15')")
    moved = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert moved["start_at"][11:16] == "14:15"
    assert await page.value(f"document.activeElement === {held}")  # the focus stays where the person was
    await click(page, ".feed-list button", "Undo")
    await page.until("document.querySelector('.feed-list').textContent.includes('now 14:00')")
    assert (await guest.client.delete(f"/bookings/{made['id']}")).status_code == 200


async def test_who_was_first_is_shown_beside_what_one_saw(page: Page, hub_server: HubServer) -> None:
    host = await at_stand(page, hub_server)
    guest = await hub_server.register(full_name="Mary Somerville")
    made = (await guest.client.post("/bookings", json={"date": TOMORROW, "time": "16:00", "guests": 2})).json()
    await click(page, f"[data-booking='{made['id']}']")
    await page.until("document.querySelector('.card .card-note')?.textContent.includes('booked by')")
    assert not await page.value("document.querySelector('.card').textContent.includes('changed')")
    if folder := os.environ.get("PICTURES"):
        await page.picture(Path(folder) / "booked-by.png")
    await click(page, ".card button", "Change")
    await fill(page, ".card-edit input[type=time]", "16:30")
    await host.client.patch(f"/bookings/{made['id']}", json={"guests": 1})
    await page.until("document.querySelector('.card-state').textContent.includes('1 guest')")  # the card follows
    await page.until("document.querySelector('.card .is-news')?.textContent.includes('changed by')")
    await click(page, ".card-edit button[type=submit]")
    await page.until("document.querySelector('.card-edit [role=alert]') !== null")
    both = await page.value("document.querySelector('.card-edit [role=alert]').innerText")
    assert "2 guests" in both and "1 guest" in both
    await click(page, ".card-edit button", "Apply mine to it")
    await page.until("document.querySelector('.card-edit') === null")
    now = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert (now["guests"], now["start_at"][11:16]) == (1, "16:30")
    await click(page, ".card button", "Cancel booking")
    await page.until("document.querySelector('.card [role=status]') !== null")


@pytest.mark.slow
async def test_what_may_be_old_is_grey_and_can_not_be_changed(page: Page, hub_server: HubServer) -> None:
    await at_stand(page, hub_server)
    os.killpg(hub_server.process.pid, signal.SIGSTOP)
    try:
        await page.until("document.querySelector('.live-state').textContent.startsWith('not sure since ')")
        assert await page.value("document.querySelector('.stand').dataset.old") == "true"
        adders = "[...document.querySelectorAll('.adders button, .phone-tabs .icon')]"
        assert await page.value(f"{adders}.every(each => each.disabled)")
    finally:
        os.killpg(hub_server.process.pid, signal.SIGCONT)
    await page.until(LIVE)
    await page.until("![...document.querySelectorAll('.adders button')].some(each => each.disabled)")


@pytest.mark.slow
async def test_log_out_leaves_nothing_on_the_device(page: Page, hub_server: HubServer) -> None:
    await at_stand(page, hub_server)
    # Asked only once it is there: to open it makes it.
    kept = (
        "new Promise(done => { const opened = indexedDB.open('keyval-store'); opened.onsuccess = () => {"
        "const asked = opened.result.transaction('keyval').objectStore('keyval').getAllKeys();"
        "asked.onsuccess = () => { opened.result.close(); done(asked.result.length) } } })"
    )
    await page.value(
        "(async () => { while ((await indexedDB.databases()).length === 0) await new Promise(setTimeout) })()"
    )
    await page.value(f"(async () => {{ while (await {kept} === 0) await new Promise(setTimeout) }})()")
    await click(page, ".user > button")
    await click(page, ".user-menu button", "Log out")
    await page.until("document.querySelector('[role=status]')?.textContent === 'You are logged out.'")
    await page.value(f"(async () => {{ while (await {kept} !== 0) await new Promise(setTimeout) }})()")
    assert await page.value("sessionStorage.length") == 0


async def test_page_speaks_russian(page: Page, hub_server: HubServer) -> None:
    await page.speak("ru-RU")
    await page.open(hub_server.url + "/stand")
    await page.until("document.querySelector('h1')?.textContent === 'Стойка хостес'")
    assert await page.value("document.documentElement.lang") == "ru"
    await page.fill("select.language", "en")
    await page.until("document.querySelector('h1').textContent === 'Host stand'")


@pytest.mark.parametrize("width", [320, 1024])
async def test_page_fits_and_is_readable(page: Page, hub_server: HubServer, width: int) -> None:
    await page.width(width, 768)
    await at_stand(page, hub_server)
    for open_it in ("", "n", "w", "?"):
        if open_it:
            await key(page, open_it)
            await page.until("document.querySelector('dialog') !== null")
        assert await page.value("document.documentElement.scrollWidth <= innerWidth"), open_it
        for scheme in ("dark", "light"):
            await page.theme(scheme)
            await page.until("document.getAnimations().length === 0")
            assert await page.faint_texts() == [], (scheme, open_it)
        if open_it:
            await click(page, "dialog .dialog-head button")
            await page.until("document.querySelector('dialog') === null")


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make pages")
async def test_axe_finds_nothing(page: Page, hub_server: HubServer) -> None:
    await at_stand(page, hub_server)
    await page.value(AXE.read_text() + "; 0")
    found = (
        f"axe.run(document, {{runOnly: {json.dumps(RULES)}}})"
        ".then(({violations}) => violations.map(({id, nodes}) => `${id}: ${nodes[0].html.slice(0, 200)}`))"
    )
    assert await page.value(found) == []
    await click(page, ".room-head button", "Plan")
    await page.until("document.querySelectorAll('.plan-table').length > 0")
    assert await page.value(found) == []
    for name in ("n", "w", "l", "?"):
        await key(page, name)
        await page.until("document.querySelector('dialog') !== null")
        assert await page.value(found) == [], name
        await click(page, "dialog .dialog-head button")
        await page.until("document.querySelector('dialog') === null")


async def test_paper_tells_which_tables_are_closed(page: Page, hub_server: HubServer) -> None:
    await page.speak("en-GB")
    host = await at_stand(page, hub_server)
    times = {"start_at": f"{TOMORROW}T17:00:00Z", "end_at": f"{TOMORROW}T19:00:00Z"}
    made = await host.client.post("/blocks", json={"table_ids": [3], "reason": "storm"} | times)
    assert made.status_code == 201
    row = "[...document.querySelectorAll('.sheet tr')].find(each => /T2-3/.test(each.querySelector('th')?.textContent))"
    said = f"{row}?.querySelector('td').textContent.replace(/[\\u2066-\\u2069]/g, '')"
    await page.until(f"{said} === 'closed 17:00–19:00: storm'")
    assert (await host.client.delete(f"/blocks/{made.json()['id']}")).is_success
    assert page.complaints == []
