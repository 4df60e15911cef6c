"""The host-stand page in a real browser: it shows the floor, changes by itself, and never claims more than it knows."""

from __future__ import annotations

import json
import os
import signal
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import StartHub
from tests.servers import PASSWORD, HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

LIVE = "document.querySelector('#status').textContent === 'live'"


def shown(day: str) -> str:
    return f"document.querySelector('#day').value === '{day}'"


async def test_page_changes_by_itself_when_somebody_books(page: Page, hub_server: HubServer) -> None:
    host, guest = await hub_server.staff("host"), await hub_server.register(full_name="Grace Hopper")
    await page.log_in(hub_server.url, host.email)
    await page.until(LIVE)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    await page.value("document.querySelector('#next').click()")
    await page.until(shown(tomorrow))
    await page.until("document.querySelectorAll('#room tbody tr').length === 16")
    assert "Grace Hopper" not in await page.value("document.body.innerText")
    booked = await guest.client.post("/bookings", json={"date": tomorrow, "time": "18:00", "guests": 2})
    assert booked.status_code == 201
    await page.until("document.querySelector('#room').innerText.includes('Grace Hopper')")
    canceled = await guest.client.delete(f"/bookings/{booked.json()['id']}")
    assert canceled.status_code == 200
    await page.until("!document.querySelector('#room').innerText.includes('Grace Hopper')")
    own = (hub_server.url + "/", hub_server.live_url)
    assert [url for url in page.asked if not url.startswith((*own, "data:"))] == []  # data: the browser's own icons
    assert page.complaints == []


async def test_own_bookings_change_by_themselves_when_a_host_cancels(page: Page, hub_server: HubServer) -> None:
    host, guest = await hub_server.staff("host"), await hub_server.register()
    await page.log_in(hub_server.url, guest.email)
    await page.until(LIVE)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    booked = await guest.client.post("/bookings", json={"date": tomorrow, "time": "18:00", "guests": 2})
    assert booked.status_code == 201
    await page.until("document.querySelector('#mine-list').innerText.includes('18:00–20:00')")
    assert (await host.client.delete(f"/bookings/{booked.json()['id']}")).status_code == 200
    await page.until("document.querySelectorAll('#mine-list li').length === 0")
    assert await page.value("document.querySelector('#mine-empty').checkVisibility()")
    asked = [url for url in page.asked if url.endswith("/bookings/my?limit=50")]
    assert asked == []  # the channel told it; nothing was asked for
    assert page.complaints == []


async def test_status_ages_by_itself_when_the_hub_stands_still(page: Page, hub_server: HubServer) -> None:
    host = await hub_server.staff("host")
    await page.log_in(hub_server.url, host.email)
    await page.until(LIVE)
    # Written down by the page itself: every word of it.
    await page.value(
        "window.said = []; const line = document.querySelector('#status');"
        "new MutationObserver(() => said.push(line.textContent))"
        ".observe(line, {childList: true, characterData: true, subtree: true}); 0"
    )
    os.killpg(hub_server.process.pid, signal.SIGSTOP)
    try:
        await page.until("document.querySelector('#status').textContent.startsWith('stale since ')")
        words = await page.value("document.querySelector('#status').textContent")
        assert len(words) == len("stale since 19:42")
        assert await page.value("getComputedStyle(document.querySelector('#room')).filter") != ""
    finally:
        os.killpg(hub_server.process.pid, signal.SIGCONT)
    await page.until(LIVE)
    states = await page.value("said")
    assert "live" in states and not any("behind" in text for text in states)


async def readable(page: Page) -> None:
    """All that is seen, in both colour schemes, once nothing moves any more."""
    for scheme in ("dark", "light"):
        await page.theme(scheme)
        await page.until("document.getAnimations().length === 0")
        assert await page.faint_texts() == [], scheme


@pytest.mark.slow
async def test_text_is_readable_in_every_state(page: Page, hub_server: HubServer) -> None:
    admin, guest = await hub_server.staff("admin"), await hub_server.register(full_name="Grace Hopper")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    for time in ("18:00", "14:00"):
        booked = await guest.client.post("/bookings", json={"date": tomorrow, "time": time, "guests": 2})
        assert booked.status_code == 201
    await page.log_in(hub_server.url, guest.email)
    await page.until(LIVE)
    await page.value(
        "(() => { const form = document.querySelector('#book form');"
        "form.elements.time.value = '03:00'; form.requestSubmit() })()"
    )
    await page.until("document.querySelector('#book .problem').checkVisibility()")
    await readable(page)
    await page.value("document.querySelector('#logout').click()")
    await page.until("document.querySelector('.said').textContent === 'You are logged out.'")
    await readable(page)
    await page.log_in(hub_server.url, admin.email)
    await page.until(LIVE)
    await page.value("document.querySelector('#next').click()")
    await page.until("document.querySelectorAll('#floor-list li').length === 2")
    await readable(page)
    os.killpg(hub_server.process.pid, signal.SIGSTOP)
    try:
        await page.until("document.body.dataset.live === 'stale'")
        await readable(page)
        # A day that has not come shows nothing of the one before.
        assert await page.value("document.querySelector('#floor-count').textContent") != ""
        await page.value("document.querySelector('#next').click()")
        assert (await page.value("document.querySelector('#floor').innerText")).strip() == "Bookings of the day"
        await page.value("document.body.dataset.live = 'connecting'")  # it lasts for a moment only
        await readable(page)
    finally:
        os.killpg(hub_server.process.pid, signal.SIGCONT)


def zone_after_midnight() -> tuple[str, datetime]:
    """A zone in which it is between midnight and five now, and its time; one that changes its clocks, if there is one.

    A house there that closes at six is in the service of the evening before.
    """
    changing = ("Pacific/Auckland", "Australia/Sydney", "Europe/Athens", "Europe/Berlin", "Europe/London",
                "Atlantic/Azores", "America/St_Johns", "America/Halifax", "America/New_York", "America/Denver",
                "America/Los_Angeles", "America/Anchorage", "America/Adak")  # fmt: skip
    fixed = [f"Etc/GMT{hours:+}" for hours in range(-14, 13)]
    for zone in (*changing, *fixed):
        local = datetime.now(ZoneInfo(zone))
        if local.hour < 5:
            return zone, local
    raise AssertionError("it is night nowhere")


async def test_today_is_the_service_day_that_is_on_after_midnight_too(page: Page, start_hub: StartHub) -> None:
    zone, local = zone_after_midnight()
    hub = await start_hub(RESTAURANT_TIMEZONE=zone, WORKDAY_START_HOUR="18", WORKDAY_END_HOUR="30")
    host = await hub.staff("host")
    facts = (await hub.client().get("/venue")).json()
    evening = (local.date() - timedelta(days=1)).isoformat()
    assert facts["service_day"] == evening
    await page.log_in(hub.url, host.email)
    await page.until(LIVE)
    await page.until(shown(evening))
    await page.open(hub.url + "/")  # a reload, in service
    await page.until(LIVE)
    await page.until(shown(evening))
    # The present is on this evening's line, and stays where it is whatever day was looked at in between.
    await page.until("document.querySelector('#room table').classList.contains('today')")
    before = float(await page.value("document.querySelector('#room table').style.getPropertyValue('--now')"))
    summer = (date.fromisoformat(evening) + timedelta(days=180)).isoformat()
    await page.value(
        f"const day = document.querySelector('#day'); day.value = '{summer}'; day.dispatchEvent(new Event('change')); 0"
    )
    await page.until(LIVE)
    await page.until("!document.querySelector('#room table').classList.contains('today')")
    await page.value("document.querySelector('#today').click()")
    await page.until(shown(evening))
    await page.until("document.querySelector('#room table').classList.contains('today')")
    after = float(await page.value("document.querySelector('#room table').style.getPropertyValue('--now')"))
    assert 0 <= after - before < 0.05  # minutes at most, and not an hour of eighteen
    assert page.complaints == []


async def test_names_do_not_turn_the_line_round(page: Page, hub_server: HubServer) -> None:
    host, guest = await hub_server.staff("host"), await hub_server.register(full_name="שרה כהן")
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
    booked = await guest.client.post("/bookings", json={"date": tomorrow, "time": "18:00", "guests": 5})
    assert booked.status_code == 201
    await page.log_in(hub_server.url, host.email)
    await page.until(LIVE)
    await page.value("document.querySelector('#next').click()")
    await page.until("document.querySelector('#room').innerText.includes('שרה כהן')")
    names = "[...document.querySelectorAll('#room bdi, #floor-list bdi')].map(bdi => bdi.textContent)"
    assert (await page.value(names)).count("שרה כהן") == 2
    # In the list the number of guests stands to the right of the name, as the sentence goes.
    order = (
        "(() => { const span = document.querySelector('#floor-list .what span'); const bdi = span.querySelector('bdi');"
        "const range = document.createRange(); range.selectNode(span.lastChild);"
        "return bdi.getBoundingClientRect().right <= range.getBoundingClientRect().right - 1 })()"
    )
    assert await page.value(order) is True


async def test_dates_are_in_the_language_of_the_page(page: Page, hub_server: HubServer) -> None:
    guest = await hub_server.register()
    await page.speak("ru-RU")
    await page.log_in(hub_server.url, guest.email)
    await page.until(LIVE)
    assert await page.value("navigator.language") == "ru-RU"
    title, language = await page.value(
        "[document.querySelector('#day-title').textContent, document.documentElement.lang]"
    )
    assert language == "en" and title.isascii(), title


async def test_keyboard_alone_logs_in_and_books(page: Page, hub_server: HubServer) -> None:
    guest = await hub_server.register()
    await page.open(hub_server.url + "/")
    await page.until("document.activeElement.id === 'email'")
    await page.call("Input.insertText", text=guest.email)
    await page.press("Tab")
    await page.call("Input.insertText", text=PASSWORD)
    await page.press("Enter")
    await page.until(LIVE)
    order: list[str] = []
    hidden: list[str] = []
    now = (
        "(() => { const at = document.activeElement; const outline = getComputedStyle(at).outlineStyle;"
        "const parts = ['date', 'time'].includes(at.type);"
        "return [at.name || at.id || at.textContent.trim(), outline !== 'none' || parts] })()"
    )  # a date and a time show which of their parts has the focus
    while "Book" not in order:
        await page.press("Tab")
        name, seen = await page.value(now)
        order += [name] if order[-1:] != [name] else []
        hidden += [] if seen else [name]
        assert len(order) < 60, order
        if name == "next":
            await page.press("Enter")
    assert hidden == []
    wanted = ["To the room", "previous", "day", "next", "today", "logout", "date", "time", "guests", "table_id", "Book"]
    assert [name for name in order if name in wanted] == wanted
    await page.press("Enter")
    await page.until("document.querySelector('#book .said').textContent !== ''")
    await page.until("document.querySelectorAll('#mine-list li').length === 1")


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_page_fits_its_width(page: Page, hub_server: HubServer, scheme: str, width: int) -> None:
    host = await hub_server.staff("host")
    await page.theme(scheme)
    await page.width(width)
    await page.open(hub_server.url + "/")
    await page.until("document.querySelector('#signin form') !== null")
    fits = "document.documentElement.scrollWidth <= innerWidth"
    assert await page.value(fits)
    await page.log_in(hub_server.url, host.email)
    await page.until(LIVE)
    assert await page.value(fits), json.dumps(await page.value("document.documentElement.scrollWidth"))
    assert page.complaints == []
