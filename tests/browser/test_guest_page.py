"""The guest's page in Chromium: register, book, change, cancel; what others do shows by itself, and its age is true."""

from __future__ import annotations

import json
import os
import signal
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.browser.looking import BUILT, IN, LIVE, shows, unexpected, usable
from tests.conftest import StartHub
from tests.integration.rest import day_after, query
from tests.servers import PASSWORD, Account, HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT

COUNT = "document.querySelectorAll('#mine-list li').length"


async def entered(page: Page, hub: HubServer, account: Account, day: str) -> None:
    """Logged in, and looking at a day. British, so that times have 24 hours."""
    await page.speak("en-GB")
    await page.log_in(hub.url, account.email)
    await page.until(IN)
    await look_at(page, day)


async def look_at(page: Page, day: str) -> None:
    await page.fill("#book input[name=date]", day)
    await page.until("document.querySelector('#book .chip') !== null")


def time_is(time: str, more: str = "true", form: str = "#book") -> str:
    """That a time is shown, with what is more to be said of its label ``chip``."""
    chips = f"[...document.querySelectorAll({json.dumps(form + ' .chip')})]"
    return f"{chips}.some(chip => chip.innerText.trim() === '{time}' && ({more}))"


async def choose(page: Page, time: str, form: str = "#book") -> None:
    await page.until(time_is(time, form=form))
    chips = f"[...document.querySelectorAll({json.dumps(form + ' .chip')})]"
    await page.value(f"{chips}.find(chip => chip.innerText.trim() === '{time}').querySelector('input').click()")


async def take_all(host: Account, day: str) -> None:
    """Whatever six could have at 18:00, tables that join too, which tests of other pages have made."""
    body = {"date": day, "time": "18:00", "guests": 6, "guest": {"name": "Others"}}
    while (made := await host.client.post("/bookings", json=body)).status_code == 201:
        pass
    assert made.json()["error_code"] == "slot_taken"


async def test_guest_registers_books_changes_and_cancels(page: Page, hub_server: HubServer) -> None:
    await page.speak("en-GB")
    await page.open(hub_server.url + "/")
    await page.click("#login")
    await page.click("#signin button.quiet")  # "I am new here"
    email = f"new-{day_after(0)}-{os.getpid()}@example.com"
    fields = {"email": email, "full_name": "Ada <b>New</b>", "phone_number": "+351900100200", "password": "password"}
    for name, value in fields.items():
        await page.fill(f"#signin [name={name}]", value)
    await page.click("#signin button.primary")
    await page.until(shows("#signin .problem", "commonest"))
    assert await page.value("document.querySelector('#password').getAttribute('aria-invalid')") == "true"
    await page.fill("#password", PASSWORD)
    await page.click("#signin button.primary")
    await page.until(IN)
    assert await page.value("document.activeElement.tagName") == "H1"
    assert await page.value("document.querySelector('.who bdi').textContent") == "Ada <b>New</b>"
    await page.until("document.querySelector('#mine-empty') !== null")

    await look_at(page, day_after(33))
    await choose(page, "18:00")
    await page.click("#book button.primary")
    await page.until(f"{COUNT} === 1")
    await page.until(shows("#book .said", "Reference"))
    assert "18:00–20:00" in await page.value("document.querySelector('#mine-list').innerText")
    [row] = await query(
        hub_server, "SELECT reference FROM bookings b JOIN users u ON u.id = user_id WHERE email = $1", email
    )
    assert row["reference"] in await page.value("document.querySelector('#book .said').textContent")

    await page.click("#mine-list button")  # Change
    await choose(page, "19:30", "dialog")
    await page.fill("dialog select[name=guests]", "3")
    await page.click("dialog button.primary")
    await page.until("document.querySelector('dialog') === null")
    await page.until(shows("#mine-list", "19:30–21:30") + " && " + shows("#mine-list", "3 guests"))
    await page.until(shows("#mine-said", "Changed:"))
    await page.until("document.querySelector('#book .said').textContent === ''")  # what was booked is another by now

    await page.click("#mine-list .danger")
    assert await page.value("document.querySelector('#mine-list .danger').textContent") == "Really cancel?"
    assert await page.value(f"{COUNT}") == 1
    await page.click("#mine-list .danger")
    await page.until(f"{COUNT} === 0")
    await page.until(shows("#mine-said", "Canceled:"))
    assert await page.value("document.activeElement.id") == "mine-title"
    assert unexpected(page, 422) == []


async def test_several_tables_are_named_and_another_one_is_offered(page: Page, hub_server: HubServer) -> None:
    day = day_after(44)
    host, guest = await hub_server.staff("host"), await hub_server.register()
    made = (await guest.client.post("/bookings", json={"date": day, "time": "18:00", "guests": 2})).json()
    path, both = f"/bookings/{made['id']}", {"guests": 4, "table_ids": [1, 2]}
    assert (await host.client.patch(path, json=both)).status_code == 200
    await entered(page, hub_server, guest, day)
    await page.until(shows("#mine-list", "T2-1") + " && " + shows("#mine-list", "T2-2"))
    await page.click("#mine-list button")  # Change
    await page.until("document.querySelector('dialog .chip') !== null")
    await page.fill("dialog select[name=guests]", "6")
    await page.click("dialog button[type=submit]")
    await page.until(shows("dialog .problem", "The table of this booking is too small for so many."))
    await page.click("dialog .problem button.primary")
    await page.until("document.querySelector('dialog') === null")
    now = (await host.client.get(path)).json()
    assert (now["guests"], len(now["tables"])) == (6, 1)
    await page.until(shows("#mine-said", now["table"]["name"]) + " && " + shows("#mine-list", "6 guests"))
    assert unexpected(page, 400) == []


@pytest.mark.slow
async def test_what_others_do_shows_by_itself(page: Page, hub_server: HubServer) -> None:
    day = day_after(34)
    host, guest = await hub_server.staff("host"), await hub_server.register()
    await entered(page, hub_server, guest, day)
    booked = await guest.client.post("/bookings", json={"date": day, "time": "18:00", "guests": 2})
    await page.until(shows("#mine-list", "18:00–20:00"))
    assert (await host.client.delete(f"/bookings/{booked.json()['id']}")).status_code == 200
    await page.until(f"{COUNT} === 0")
    assert await page.value("document.querySelector('#mine-empty').checkVisibility()")

    # A time that is taken while one looks greys out, and says so of the one that is chosen, which is not kept where
    # guests hold as many tables as they may.
    for _ in range(3):
        other = await hub_server.register()
        held = await other.client.post("/holds", json={"date": day, "time": "18:00", "guests": 1})
        assert held.status_code == 201
    await page.fill("#book select[name=guests]", "6")
    await choose(page, "18:00")
    await page.until(shows("#book .hold", "Not kept. No more can be kept for you now."))
    await take_all(host, day)
    await page.until(time_is("18:00", "chip.classList.contains('taken')"))
    assert await page.value("document.querySelector('#book .taken input').getAttribute('aria-label')") == "16:15, taken"
    await page.until(shows("#book .notice", "just been taken"))
    own = (hub_server.url + "/", hub_server.live_url)
    assert [url for url in page.asked if not url.startswith((*own, "data:"))] == []  # data: the browser's own icons
    assert not any("/bookings/my" in url for url in page.asked)  # the channel told it; nothing was asked for
    assert unexpected(page, 429) == []


@pytest.mark.slow
async def test_a_party_larger_than_any_table_is_told_so_and_shown_no_times(page: Page, hub_server: HubServer) -> None:
    await entered(page, hub_server, await hub_server.register(), day_after(34))
    await page.fill("#book select[name=guests]", "20")
    await page.until(shows("#book .notice", "We seat up to "))
    assert "Please call us." in await page.value("document.querySelector('#book .notice').textContent")
    assert await page.value("document.querySelectorAll('#book .chip').length") == 0
    if folder := os.environ.get("PICTURES"):
        for width in (1280, 390):
            await page.width(width)
            await page.picture(Path(folder) / f"guest-many-{width}.png")
    await usable(page)
    await page.fill("#book select[name=guests]", "2")
    await page.until("document.querySelectorAll('#book .chip').length > 0")


async def test_a_party_that_was_given_too_small_a_table_keeps_it_at_another_time(
    page: Page, hub_server: HubServer
) -> None:
    """Twenty at a table for two, by the staff's word: more than any place of the room is for."""
    day = day_after(45)
    host, guest = await hub_server.staff("host"), await hub_server.register()
    made = (await guest.client.post("/bookings", json={"date": day, "time": "18:00", "guests": 2})).json()
    path, table = f"/bookings/{made['id']}", made["table"]["id"]
    crowded = {"guests": 20, "table_ids": [table], "exceed": ["seats"], "reason": "They stand."}
    assert (await host.client.patch(path, json=crowded)).status_code == 200
    await entered(page, hub_server, guest, day)
    await page.until(shows("#mine-list", "20 guests"))
    await page.click("#mine-list button")  # Change
    free = time_is("19:30", "!chip.classList.contains('taken')", "dialog")
    await page.until(free)
    assert await page.value("document.querySelector('dialog select[name=table_id]').value") == str(table)
    # Who tries a smaller number and goes back to theirs still has it.
    await page.fill("dialog select[name=guests]", "19")
    await page.fill("dialog select[name=guests]", "20")
    await page.until(free)
    assert await page.value("document.querySelector('dialog select[name=table_id]').value") == str(table)
    assert await page.value("document.querySelector('dialog .notice') === null")
    await choose(page, "19:30", "dialog")
    if folder := os.environ.get("PICTURES"):
        for width in (1280, 390):
            await page.width(width)
            await page.picture(Path(folder) / f"guest-crowded-{width}.png")
    await usable(page)
    await page.click("dialog button[type=submit]")
    await page.until("document.querySelector('dialog') === null")
    await page.until(shows("#mine-list", "19:30") + " && " + shows("#mine-list", "20 guests"))
    now = (await host.client.get(path)).json()
    assert (now["guests"], [each["id"] for each in now["tables"]]) == (20, [table])
    assert unexpected(page) == []


@pytest.mark.slow
async def test_refusal_offers_what_is_free_and_a_press_books_it(page: Page, hub_server: HubServer) -> None:
    day = day_after(35)
    host, guest = await hub_server.staff("host"), await hub_server.register()
    await take_all(host, day)
    await entered(page, hub_server, guest, day)
    await page.fill("#book select[name=guests]", "6")
    await page.until(time_is("18:00", "chip.classList.contains('taken')"))
    await choose(page, "18:00")
    await page.fill("#book textarea", "Nuts are <b>poison</b> to Ada")
    await page.click("#book button.primary")
    await page.until("document.querySelectorAll('#book .alternative').length === 3")
    assert await page.value("document.querySelector('#book textarea').value") == "Nuts are <b>poison</b> to Ada"
    assert "No table for so many" in await page.value("document.querySelector('#book .problem').textContent")
    await usable(page)
    await page.click("#book .alternative")
    await page.until(f"{COUNT} === 1")
    shown = await page.value("document.querySelector('#mine-list').innerText")
    assert "16:00–18:00" in shown and "Nuts are <b>poison</b> to Ada" in shown
    [booking] = (await guest.client.get("/bookings/my")).json()["items"]
    assert booking["note"] == "Nuts are <b>poison</b> to Ada"
    assert await page.value("document.querySelector('#book .problem')") is None
    assert unexpected(page, 409) == []


@pytest.mark.slow
async def test_change_by_another_while_the_dialog_is_open_is_said(page: Page, hub_server: HubServer) -> None:
    day = day_after(36)
    host, guest = await hub_server.staff("host"), await hub_server.register()
    booked = (await guest.client.post("/bookings", json={"date": day, "time": "12:00", "guests": 2})).json()
    await entered(page, hub_server, guest, day)
    await page.click("#mine-list button")
    await choose(page, "14:00", "dialog")
    moved = await host.client.patch(f"/bookings/{booked['id']}", json={"time": "12:30"})
    assert moved.status_code == 200
    await page.until(shows("dialog .notice", "12:30–14:30"))
    await page.click("dialog button.primary")  # over what is not there any more
    await page.until(shows("dialog .problem", "Somebody else"))
    assert (await guest.client.get(f"/bookings/{booked['id']}")).json()["revision"] == moved.json()["revision"]
    await usable(page)
    await page.click("dialog .notice button")
    await page.until("document.querySelector('dialog .notice') === null")
    await choose(page, "15:00", "dialog")
    await page.click("dialog button.primary")
    await page.until(shows("#mine-list", "15:00–17:00"))
    assert unexpected(page, 412) == []


async def test_lost_answer_is_asked_for_again_and_books_once(page: Page, hub_server: HubServer) -> None:
    day = day_after(37)
    guest = await hub_server.register()
    await entered(page, hub_server, guest, day)
    await choose(page, "13:00")
    await page.lose_answer("/bookings")
    await page.click("#book button.primary")
    await page.until(shows("#book .said", "Reference"))
    assert sum(url == f"{hub_server.url}/bookings" for url in page.asked) == 2
    assert await page.value(COUNT) == 1
    found = await query(
        hub_server, "SELECT 1 FROM bookings b JOIN users u ON u.id = user_id WHERE email = $1", guest.email
    )
    assert len(found) == 1
    assert [each for each in page.complaints if "ERR_CONNECTION_RESET" not in each] == []


@pytest.mark.slow
async def test_age_counts_by_itself_and_what_is_old_can_not_be_changed(page: Page, hub_server: HubServer) -> None:
    day = day_after(38)
    guest = await hub_server.register()
    await guest.client.post("/bookings", json={"date": day, "time": "12:00", "guests": 2})
    await entered(page, hub_server, guest, day)
    # Written down by the page itself: every word of it.
    await page.value(
        "window.said = []; const line = document.querySelector('#status');"
        "new MutationObserver(() => said.push(line.textContent))"
        ".observe(line, {childList: true, characterData: true, subtree: true}); 0"
    )
    os.killpg(hub_server.process.pid, signal.SIGSTOP)
    try:
        await page.until(shows("#status", "not sure since "))
        assert await page.value("getComputedStyle(document.querySelector('.aging')).filter") != "none"
        assert await page.value("document.querySelector('#spoken').textContent") != ""
        off = "document.querySelector('#book button.primary').getAttribute('aria-disabled')"
        assert await page.value(off) == "true"
        await usable(page)
    finally:
        os.killpg(hub_server.process.pid, signal.SIGCONT)
    await page.until(LIVE)
    states = await page.value("said")
    assert any(text.startswith("live, checked ") and not text.endswith(" 0 s ago") for text in states), states
    assert await page.value(off) is None


@pytest.mark.slow
async def test_session_that_ends_elsewhere_leaves_nothing(page: Page, hub_server: HubServer) -> None:
    guest = await hub_server.register()
    await guest.client.post("/bookings", json={"date": day_after(39), "time": "12:00", "guests": 2})
    await entered(page, hub_server, guest, day_after(39))
    await page.until(f"{COUNT} === 1")
    await choose(page, "18:00")
    await page.fill("#book textarea", "Said in confidence")
    assert (await guest.client.post("/auth/logout", json={"everywhere": True})).status_code == 204
    await page.until(shows("#farewell", "Your session has ended"))
    await page.until("document.querySelector('#mine-list') === null")
    shown = await page.value("document.body.innerText + document.querySelector('#book input[name=date]').value")
    assert "T2-" not in shown and day_after(39) not in shown
    await look_at(page, day_after(39))  # a visitor goes on where they left, and begins anew
    assert not await page.value("document.querySelector('#book :checked')?.name === 'start'")
    await choose(page, "12:00")
    assert await page.value("document.querySelector('#book textarea').value") == ""
    await usable(page)


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


@pytest.mark.slow
async def test_day_is_the_service_day_that_is_on_after_midnight_too(page: Page, start_hub: StartHub) -> None:
    zone, local = zone_after_midnight()
    hub = await start_hub(RESTAURANT_TIMEZONE=zone, WORKDAY_START_HOUR="18", WORKDAY_END_HOUR="30")
    guest = await hub.register()
    evening = (local.date() - timedelta(days=1)).isoformat()
    assert (await hub.client().get("/venue")).json()["service_day"] == evening
    await page.speak("en-GB")
    await page.log_in(hub.url, guest.email)
    shown = "document.querySelector('#book input[name=date]').value"
    await page.until(IN)
    assert await page.value(shown) == evening
    # A time after midnight is booked on the next date, and belongs to the evening.
    tomorrow = (local.date() + timedelta(days=1)).isoformat()
    await look_at(page, tomorrow)
    await choose(page, "1:00")
    await page.click("#book button.primary")
    await page.until(f"{COUNT} === 1")
    [booking] = (await guest.client.get("/bookings/my")).json()["items"]
    assert booking["service_date"] == tomorrow
    assert booking["start_at"].startswith((local.date() + timedelta(days=2)).isoformat() + "T01:00")
    assert page.complaints == []
