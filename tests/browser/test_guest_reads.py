"""The guest's page in Chromium, for whoever reads it: in their language, by keyboard alone, and over a slow line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.looking import BUILT, IN, LIVE, shows, usable
from tests.browser.test_guest_page import COUNT, entered
from tests.integration.rest import day_after
from tests.servers import PASSWORD, HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT

MOST_BYTES = 60_000
MORE = "An occasion, or something you need at the table"


@pytest.mark.slow
async def test_page_is_in_the_language_of_who_reads_it(page: Page, hub_server: HubServer) -> None:
    guest = await hub_server.register()
    await page.speak("ru-RU")
    await page.log_in(hub_server.url, guest.email)
    await page.until(IN)
    assert await page.value("document.documentElement.lang") == "ru"
    assert await page.value("document.title.startsWith('Забронировать стол')")
    await usable(page)
    await page.fill("select.language", "en")
    await page.until("document.documentElement.lang === 'en'")
    assert await page.value("document.querySelector('h1').textContent") == "Book a table"
    await page.open(hub_server.url + "/")  # it is remembered
    await page.until(IN)
    assert await page.value("document.documentElement.lang") == "en"


@pytest.mark.slow
async def test_refusals_are_in_the_language_too(page: Page, hub_server: HubServer) -> None:
    await page.speak("ru-RU")
    await page.log_in(hub_server.url, "nobody@example.com")
    await page.until("document.querySelector('#signin .problem') !== null")
    assert not any("a" <= letter <= "z" for letter in await page.value("document.querySelector('.problem').innerText"))
    await usable(page)


@pytest.mark.slow
async def test_staff_and_managers_find_their_pages(page: Page, hub_server: HubServer) -> None:
    links = "[...document.querySelectorAll('.page-head nav a')].map(each => each.pathname)"
    for role, expected in (("host", ["/stand"]), ("admin", ["/stand", "/admin"]), (None, [])):
        account = await hub_server.staff(role) if role else await hub_server.register()
        await page.log_in(hub_server.url, account.email)
        await page.until(IN)
        assert await page.value(links) == expected
        await page.click("#logout")
        await page.until(shows("#farewell", "You are logged out."))
    assert page.complaints == []


async def test_names_keep_their_own_direction(page: Page, hub_server: HubServer) -> None:
    guest = await hub_server.register(full_name="שרה כהן")
    await entered(page, hub_server, guest, day_after(40))
    await guest.client.post("/bookings", json={"date": day_after(40), "time": "12:00", "guests": 2})
    await page.until(f"{COUNT} === 1")
    assert await page.value("document.querySelector('.who bdi').textContent") == "שרה כהן"
    assert await page.value("document.querySelector('#mine-list bdi').textContent") != ""
    assert await page.value("document.querySelector('.page-head .brand bdi').textContent") != ""


async def test_keyboard_alone_logs_in_and_books(page: Page, hub_server: HubServer) -> None:
    guest = await hub_server.register()
    await page.open(hub_server.url + "/")
    await page.until(LIVE)
    while await page.value("document.activeElement.id") != "login":
        await page.press("Tab")
    await page.press("Enter")
    await page.until("document.activeElement.id === 'email'")
    await page.call("Input.insertText", text=guest.email)
    await page.press("Tab")
    await page.call("Input.insertText", text=PASSWORD)
    await page.press("Enter")
    await page.until(IN)
    await page.until("document.activeElement.tagName === 'H1'")
    order: list[str] = []
    hidden: list[str] = []
    now = (
        "(() => { const at = document.activeElement; const drawn = at.type === 'radio' ? at.closest('.chip') : at;"
        "const seen = getComputedStyle(drawn).outlineStyle !== 'none' || at.type === 'date';"
        "return [at.getAttribute('aria-label') && at.type !== 'radio' ? at.getAttribute('aria-label')"
        " : at.name || at.id || at.textContent.trim(), seen] })()"
    )  # a date shows which of its parts has the focus
    while "Book the table" not in order:
        await page.press("Tab")
        name, seen = await page.value(now)
        order += [name] if order[-1:] != [name] else []
        hidden += [] if seen else [name]
        assert len(order) < 40, order
        if name == "Day after":
            await page.press("Enter")
            await page.until("document.querySelector('#book .chip') !== null")
        if name == "start" and "Keep it longer" not in order:
            await page.press("ArrowRight")
            await page.until("document.body.textContent.includes('Keep it longer')")
    assert hidden == []
    # The focus went to the heading, past the head of the page; a group of times is one stop.
    assert order == [
        "Day before", "date", "Day after", "guests", "table_id", "start", "note", MORE, "Keep it longer",
        "Book the table",
    ]  # fmt: skip
    await page.press("Enter")
    await page.until(f"{COUNT} === 1")
    await page.until(shows("#book .said", "Reference"))


@pytest.mark.parametrize("path", ["/", "/account", "/manage"])
async def test_page_weighs_little(hub_server: HubServer, page: Page, path: str) -> None:
    await page.open(hub_server.url + path)
    files = {url for url in page.asked if url == hub_server.url + path or "/assets/" in url}
    weight = 0
    for url in files:
        answer = await hub_server.client().get(url, headers={"accept-encoding": "br"})
        assert answer.status_code == 200
        weight += int(answer.headers["content-length"])
    assert len(files) > 2 and weight <= MOST_BYTES, weight
