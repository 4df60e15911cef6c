"""How the host stand looks in each of its states on the smallest phone, in the language with the longest words: nothing
is cut off, nothing is left untranslated, no two buttons of a window have one name, and a finger hits each of them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.browser.looking import BUILT, LIVE, SMALL
from tests.browser.stand_states import LOST
from tests.servers import PASSWORD, Account, HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT

DAY = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
"""Nothing is over on it, and no other test books on it."""
LONG = "Wolfeschlegelsteinhausenbergerdorff, Hubert"
FOREIGN = r"""(() => {
  const found = [], all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const names = [...document.querySelectorAll("bdi")].map(({textContent}) => textContent);
  while (all.nextNode()) {
    const {data, parentElement: within} = all.currentNode;
    const said = names.reduce((left, name) => left.replaceAll(name, ""), data.replace(/\u2068.*?\u2069/g, ""));
    const isLeftOut = within.closest(
      "bdi, kbd, script, noscript, option, .day-shown small, .sheet, .facts dd, .keys + p");
    if (/[a-z]{4}/i.test(said) && !isLeftOut) found.push("untranslated: " + said);
  }
  return found;
})()"""
"""Words in Latin letters, but for names (each in its own bdi, there or elsewhere on the page, or between marks of
direction), keys, languages by their own names, the shift's name, and references."""
SAME = r"""(() => {
  const names = [...(document.querySelector("dialog[open]")?.querySelectorAll("button") ?? [])]
    .map((each) => each.ariaLabel || each.textContent.trim());
  return names.filter((name, at) => names.indexOf(name) !== at).map((name) => "twice in one window: " + name);
})()"""
NARROW = r"""(() => {
  const all = [...document.querySelectorAll("button, select, input:not([type=date])")];
  return all.filter((each) => each.checkVisibility({visibilityProperty: true}) && !each.closest(".track, .plan-table"))
    .map((each) => [each, each.getBoundingClientRect()])
    .filter(([, {width, height}]) => Math.min(width, height) < 43.5)
    .map(([each, {width, height}]) => `small: ${each.ariaLabel || each.textContent} ${width} × ${height}`);
})()"""
OUTSIDE = r"""(() => {
  const all = [...document.querySelectorAll("button, select, input:not([type=date])")];
  const scrolls = (each) => each !== document.body
    && (/auto|scroll/.test(getComputedStyle(each).overflowX) || scrolls(each.parentElement));
  return all.filter((each) => each.checkVisibility({visibilityProperty: true}) && !scrolls(each.parentElement))
    .filter((each) => each.getBoundingClientRect().left < -1 || each.getBoundingClientRect().right > innerWidth + 1)
    .map((each) => "outside: " + (each.ariaLabel || each.textContent));
})()"""
BEYOND = "document.documentElement.scrollWidth > innerWidth ? ['stands out at the side'] : []"


class Phone:
    """A host's phone, and what was found wrong on it so far."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.found: list[str] = []

    async def look(self, state: str) -> None:
        await self.page.until("document.getAnimations().length === 0")
        for question in (LOST, FOREIGN, SAME, NARROW, OUTSIDE, BEYOND):
            self.found += [f"{state}: {each}" for each in await self.page.value(question)]

    async def press(self, selector: str, at: int = 0) -> None:
        find = f"[...document.querySelectorAll({json.dumps(selector)})].filter(each => !each.disabled).at({at})"
        await self.page.until(f"{find} !== undefined")
        await self.page.value(f"{find}.click()")

    async def close(self) -> None:
        await self.press("dialog .dialog-head button")
        await self.page.until("document.querySelector('dialog') === null")

    async def add(self, choice: int) -> None:
        await self.press(".phone-tabs .icon")
        await self.press("dialog .form > button", choice)


@pytest.fixture
async def host(hub_server: HubServer) -> AsyncIterator[Account]:
    host = await hub_server.staff("host")
    body = {"date": DAY, "time": "18:00", "guests": 2, "guest": {"name": LONG}, "table_id": 1, "note": "окно"}
    made = await host.client.post("/bookings", json=body)
    assert made.status_code == 201
    yield host
    assert (await host.client.delete(f"/bookings/{made.json()['id']}")).status_code == 200


async def entered(page: Page, hub_server: HubServer, host: Account, width: int, language: str) -> None:
    """At the stand, looking at the day."""
    await page.call("Emulation.setTouchEmulationEnabled", enabled=True)
    await page.speak(language)
    await page.width(width, 640)
    await page.log_in(hub_server.url, host.email, PASSWORD, path="/stand")
    await page.until(LIVE)
    await page.fill(".day input", DAY)
    await page.until(f"document.querySelector('.list-scroll').textContent.includes({json.dumps(LONG)}) && {LIVE}")


@pytest.mark.slow
async def test_each_state_can_be_read_and_touched_on_a_small_phone(
    page: Page, hub_server: HubServer, host: Account
) -> None:
    await entered(page, hub_server, host, SMALL, "ru-RU")
    phone = Phone(page)
    await phone.look("list")
    await page.width(390, 844)
    await page.value("document.querySelector('.day-shown small').textContent = ' · Обед, весь вечер'; 0")
    await phone.look("a day of two shifts, on a larger phone")
    await page.width(SMALL, 640)
    await page.fill("[data-search]", LONG[:4])
    await page.value("document.querySelector('[data-search]').focus()")
    await page.until("document.querySelector('.found button') !== null")
    await phone.look("found")
    await page.fill("[data-search]", "")
    await phone.press(".user > button")
    await phone.look("menu")
    for choice, state in enumerate(("print", "keys")):
        if choice:
            await phone.press(".user > button")
        await phone.press(".user-menu > button", choice)
        await phone.look(state)
        await phone.close()
    await phone.press(".phone-tabs .icon")
    await phone.look("add")
    await phone.close()
    for choice, state in enumerate(("walk-in", "phone", "wait")):
        await phone.add(choice)
        await page.until("document.querySelector('dialog .numbers') !== null")
        await phone.press("dialog .numbers button", 1)
        await phone.look(state)
        await phone.close()
    await phone.press(".phone-tabs button", 1)
    await phone.press("[data-table='1'] .row-name")
    await phone.look("free place")
    await phone.press(".free-menu button", -1)
    await page.fill("dialog input[maxlength='120']", "лампа")
    await phone.look("close a table")
    await phone.press("dialog button[type=submit]")
    await page.until("document.querySelector('dialog [role=alert]') !== null")
    await phone.look("close a table, refused")
    await phone.close()
    await phone.press("[data-booking]")
    await page.until("document.querySelector('.card') !== null")
    await phone.look("card")
    for number, state in enumerate(("move", "change")):
        await phone.press(".card .acts button[aria-expanded]", number)
        await phone.look(f"card, {state}")
        if state == "move":  # it scrolls within the card, and must not give up its height for that
            await page.width(1280, 600)
            assert await page.value("document.querySelector('.card .moves').clientHeight") > 200
            await page.width(SMALL, 640)
        await phone.press(".card .acts button[aria-expanded]", number)
    await phone.press(".card .card-head button")
    await phone.press(".room-head button", 1)
    await phone.look("plan")
    await page.fill(".day input", f"{int(DAY[:4]) + 5}{DAY[4:]}")
    await page.until("document.querySelector('.room .problem') !== null")
    await phone.look("a day too far away")
    assert phone.found == [], "\n".join(phone.found)


async def test_timeline_of_another_day_begins_with_who_comes_first(
    page: Page, hub_server: HubServer, host: Account
) -> None:
    await entered(page, hub_server, host, 700, "en-GB")
    await Phone(page).press(".phone-tabs button", 1)
    inside = (
        "(() => { const bar = document.querySelector('.bar:has([data-booking])')?.getBoundingClientRect(),"
        "names = document.querySelector('.row-name')?.getBoundingClientRect();"
        "return bar && bar.left >= names.right && bar.left < innerWidth })()"
    )
    await page.until(inside)


async def test_name_on_a_bar_that_is_cut_is_read_from_its_start(
    page: Page, hub_server: HubServer, host: Account
) -> None:
    await entered(page, hub_server, host, 360, "en-GB")
    await Phone(page).press(".phone-tabs button", 1)
    await page.until(
        "document.querySelector('.bar [data-booking]') && document.querySelector('.timeline').scrollLeft > 0"
    )
    # Until 70 px of it are left.
    await page.value(
        "(() => { const bar = document.querySelector('.bar:has([data-booking])').getBoundingClientRect(),"
        "names = document.querySelector('.row-name').getBoundingClientRect();"
        "document.querySelector('.timeline').scrollLeft += bar.right - names.right - 70 })()"
    )
    await page.until(
        "(() => { const text = document.querySelector('.bar .bar-text b').getBoundingClientRect(),"
        "names = document.querySelector('.row-name').getBoundingClientRect();"
        "return text.left >= names.right && text.right <= names.right + 70 })()"
    )
