"""The host-stand page in a real browser: it shows the room, changes by itself, and never claims more than it knows."""

from __future__ import annotations

import json
import os
import signal
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.conftest import StartHub
from tests.servers import HubServer

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


@pytest.mark.parametrize("width", [1280, 390])
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
