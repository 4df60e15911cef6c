"""Where a line is gone for longer than a page asks again by itself, it is not known whether something was done. Tried
again it is done once, and the form ends as it would have at first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser.looking import BUILT, shows, usable
from tests.browser.stand_screen import Screen
from tests.browser.test_holds import at_day, holds_of, phone_form
from tests.browser.test_stand_page import click
from tests.integration.rest import day_after
from tests.servers import HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = [BUILT, pytest.mark.slow]
NO_ANSWERS = """(() => {
  const [fetched, later] = [globalThis.fetch, globalThis.setTimeout];
  const pauses = new Set([300, 1000, 2000, 4000, 8000]);
  globalThis.setTimeout = (act, ms, ...more) => later(act, pauses.has(ms) ? 0 : ms, ...more);
  globalThis.fetch = async (path, options) => {
    const answer = await fetched(path, options);
    const isWrite = ["POST", "PATCH"].includes(options?.method) && !String(path).endsWith("/holds");
    if (globalThis.isBack || !isWrite) return answer;
    throw new TypeError("lost on the way back");
  };
})()"""
"""No answer to a write comes back until ``isBack``; the pauses before each further question are left out."""
UNKNOWN = "It is not known whether this was done"


async def tried_again(page: Page, place: str) -> None:
    await page.until(shows(f"{place} .problem", UNKNOWN))
    await usable(page)
    await page.value("globalThis.isBack = true")
    await click(page, f"{place} .problem button", "Try again")
    await page.until(f"document.querySelector('{place}') === null")
    await page.value("globalThis.isBack = false")


async def test_form_that_is_tried_again_ends_and_what_it_asked_for_is_done_once(
    page: Page, hub_server: HubServer
) -> None:
    day, host = day_after(69), await hub_server.staff("host")
    await at_day(Screen("mine", page, host, (1280, 800)), hub_server, day)
    await page.value(NO_ANSWERS)
    name = f"Lost {day}"
    await phone_form(page)
    await click(page, ".times button", "18:00")
    await page.fill("dialog input:not([type])", name)
    await click(page, "dialog button[type=submit]")
    await tried_again(page, "dialog")
    [booking] = (await host.client.get("/bookings", params={"q": name})).json()["items"]
    assert await holds_of(host, day) == []

    await click(page, f"[data-booking='{booking['id']}']")
    await click(page, ".card button", "Change")
    await page.fill(".card-edit input[type=time]", "19:00")
    await click(page, ".card-edit button[type=submit]")
    await tried_again(page, ".card-edit")
    again = (await host.client.get(f"/bookings/{booking['id']}")).json()
    assert (again["start_at"][11:16], again["revision"]) == ("19:00", booking["revision"] + 1)
