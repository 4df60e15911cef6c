"""The guest's page in Chromium, for who is not logged in: which times are free shows at once and by itself, and what
was chosen stays through the log-in, over a slow line and a bad one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.browser.looking import BUILT, IN, LIVE, shows, unexpected, usable
from tests.browser.test_guest_page import choose, look_at, take_all, time_is
from tests.integration.rest import day_after
from tests.servers import PASSWORD, PATIENCE, HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT

MOVED = """globalThis.moved = [];
globalThis.watching = new PerformanceObserver((list) => moved.push(...list.getEntries()));
watching.observe({type: "layout-shift", buffered: true});"""
NO_SOCKET = """const Line = WebSocket;
globalThis.WebSocket = class extends Line { constructor() { super("ws://127.0.0.1:9/", "booking.v1.json") } };"""
"""Every socket goes to where nobody listens."""


async def visit(page: Page, hub: HubServer, day: str) -> None:
    """As nobody, looking at a day. British, so that times have 24 hours."""
    await page.speak("en-GB")
    await page.open(hub.url + "/")
    await look_at(page, day)


async def chosen(page: Page) -> str:
    """The time that is chosen."""
    found = await page.value("document.querySelector('#book .chip:has(:checked)')?.innerText.trim() ?? ''")
    return str(found)


async def test_visitor_chooses_and_what_they_chose_stays_through_the_log_in(page: Page, hub_server: HubServer) -> None:
    guest, day = await hub_server.register(), day_after(60)
    await visit(page, hub_server, day)
    await page.until(LIVE)
    await page.fill("#book select[name=guests]", "3")
    await choose(page, "18:30")
    await page.fill("#book textarea", "By the window")
    await page.fill("#book [data-occasion]", "birthday")
    await page.click("#book .needs button:nth-child(3)")
    assert await page.value("document.querySelector('#book .hold button')") is None  # nothing is kept for nobody
    await page.value("document.querySelector('#book form button.primary').focus()")
    await page.press("Enter")
    await page.until("document.activeElement.id === 'email'")
    assert "18:30, 3 guests" in await page.value("document.querySelector('#signin').textContent")
    assert not any(url.endswith("/bookings") for url in page.asked)
    await page.call("Input.insertText", text=guest.email)
    await page.press("Tab")
    await page.call("Input.insertText", text=PASSWORD)
    await page.press("Enter")
    await page.until(IN)
    await page.until(shows("#book .said", "You are logged in."))
    # Back at the button that asked, everything is as it was, and the table is kept.
    await page.until("document.activeElement.textContent === 'Book the table'")
    await page.until(shows("#book .hold", "Kept for"))
    assert await chosen(page) == "18:30"
    await page.press("Enter")
    await page.until(shows("#book .said", "Reference"))
    [booking] = (await guest.client.get("/bookings/my")).json()["items"]
    assert booking["start_at"].startswith(f"{day}T18:30") and booking["guests"] == 3
    assert (booking["note"], booking["occasion"], booking["needs"]) == ("By the window", "birthday", ["high_chair"])
    assert await page.value("document.querySelector('#book textarea')") is None
    assert page.complaints == []


async def test_visitor_who_turns_back_from_the_log_in_has_lost_nothing(page: Page, hub_server: HubServer) -> None:
    await visit(page, hub_server, day_after(60))
    await choose(page, "19:00")
    await page.fill("#book textarea", "By the window")
    await page.click("#book form button.primary")
    await page.until("document.activeElement.id === 'email'")
    assert await page.value("document.querySelector('#signin a').target") == "_blank"
    await page.click("dialog .dialog-head button")
    await page.until("document.querySelector('dialog') === null")
    assert await chosen(page) == "19:00"
    assert await page.value("document.querySelector('#book textarea').value") == "By the window"
    assert page.complaints == []


@pytest.mark.slow
async def test_visitor_sees_by_itself_what_is_taken(page: Page, hub_server: HubServer) -> None:
    day, host = day_after(61), await hub_server.staff("host")
    await visit(page, hub_server, day)
    await page.until(LIVE)
    await page.fill("#book select[name=guests]", "6")
    await choose(page, "18:00")
    asked = len(page.asked)
    await take_all(host, day)
    await page.until(time_is("18:00", "chip.classList.contains('taken')"))
    await page.until(shows("#book .notice", "just been taken"))
    assert await page.value("document.querySelector('#book .taken input').getAttribute('aria-label')") == "16:15, taken"
    assert page.asked[asked:] == []
    await usable(page)
    # Nobody makes an account for what they can't have, nor for another time that is taken.
    await page.click("#book form button.primary")
    await choose(page, "16:15")
    await page.until(shows("#book .notice", "That time is taken. Please choose one that is free."))
    await page.click("#book form button.primary")
    await choose(page, "18:00")
    assert await page.value("document.querySelector('#signin')") is None
    # Asked for all the same, by who has an account by now, it brings what is free beside it, and what was typed stays.
    guest = await hub_server.register()
    await page.fill("#book textarea", "By the window")
    await page.click("#login")
    await page.until("document.activeElement.id === 'email'")
    await usable(page)
    await page.fill("#email", guest.email)
    await page.fill("#password", PASSWORD)
    await page.click("#signin button.primary")
    await page.until(IN)
    await page.until(shows("#book .notice", "That time is taken. It can be asked for all the same"))
    await page.click("#book form button.primary")
    await page.until("document.querySelectorAll('#book .alternative').length === 3")
    assert await page.value("document.querySelector('#book textarea').value") == "By the window"
    assert unexpected(page, 409) == []


@pytest.mark.slow
async def test_times_are_shown_and_follow_where_no_socket_can_be_had(page: Page, hub_server: HubServer) -> None:
    day, host, guest = day_after(62), await hub_server.staff("host"), await hub_server.register()
    await page.call("Page.addScriptToEvaluateOnNewDocument", source=NO_SOCKET)
    await visit(page, hub_server, day)
    await page.fill("#book select[name=guests]", "6")
    await page.until(time_is("18:00", "!chip.classList.contains('taken')"))
    assert await page.value("document.querySelector('.live-state').dataset.shade") != "live"
    await take_all(host, day)
    await page.until(time_is("18:00", "chip.classList.contains('taken')"))
    # Who logs in there can book, too.
    await choose(page, "12:00")
    await page.click("#book form button.primary")
    await page.fill("#email", guest.email)
    await page.fill("#password", PASSWORD)
    await page.click("#signin button.primary")
    await page.until("document.querySelector('#logout') !== null")
    await page.click("#book form button.primary")
    await page.until(shows("#book .said", "Reference"))
    # The service day that the page knows is over, as far as it can tell: it asks for the one that is on.
    asked = page.asked.count(f"{hub_server.url}/venue")
    await page.value("(() => { const now = Date.now; Date.now = () => now() + 2 * 86_400_000 })()")
    async with asyncio.timeout(PATIENCE):
        while page.asked.count(f"{hub_server.url}/venue") == asked:
            await page.value("new Promise(requestAnimationFrame)")
    assert [each for each in page.complaints if "WebSocket" not in each and "ws://127.0.0.1:9" not in each] == []


@pytest.mark.slow
async def test_log_in_over_a_bad_line_goes_on_and_keeps_what_was_chosen(page: Page, hub_server: HubServer) -> None:
    guest = await hub_server.register()
    await visit(page, hub_server, day_after(60))
    await page.until(LIVE)
    await choose(page, "20:00")
    await page.click("#book form button.primary")
    await page.lose_answer("/auth/me", "GET")
    await page.fill("#email", guest.email)
    await page.fill("#password", PASSWORD)
    await page.click("#signin button.primary")
    await page.until(IN)
    assert await chosen(page) == "20:00"
    assert sum(url.endswith("/auth/login") for url in page.asked) == 1
    assert [each for each in page.complaints if "ERR_CONNECTION_RESET" not in each] == []


@pytest.mark.slow
async def test_nothing_moves_while_the_page_comes_over_a_slow_line(page: Page, hub_server: HubServer) -> None:
    await page.width(390, 844)
    await page.call("Page.addScriptToEvaluateOnNewDocument", source=MOVED)
    line = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
    await page.call("Network.emulateNetworkConditions", **line)
    await page.open(hub_server.url + "/")
    await page.until(
        "document.querySelector('#book .times [role=status]')?.textContent.startsWith('loading') === false"
    )
    await page.until(LIVE)
    moved = "[...moved, ...watching.takeRecords()].reduce((sum, {value}) => sum + value, 0)"
    assert await page.value(moved) < 0.01
    assert page.complaints == []


async def test_visitor_is_told_what_an_account_is_for_in_their_language(page: Page, hub_server: HubServer) -> None:
    await page.speak("ru-RU")
    await page.open(hub_server.url + "/")
    await page.until(LIVE)
    await page.fill("#book input[name=date]", day_after(60))
    await choose(page, "18:00")
    await page.click("#book form button.primary")
    await page.until("document.activeElement.id === 'email'")
    said = await page.value("document.querySelector('#book').innerText")
    assert "Продолжить" in said and not any("a" <= letter <= "z" for letter in said), said
    assert page.complaints == []
