"""The line of last changes of the host stand in a real browser: it is there after a reload too, with the way back."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hub.rest import built_pages
from tests.browser.test_stand_page import LIVE, TOMORROW, at_stand, click, key
from tests.servers import HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = pytest.mark.skipif(not built_pages.DIST.exists(), reason="the pages are not built: make pages")


LINES_OF = "[...document.querySelectorAll('.feed li')].filter(each => each.textContent.includes('%s'))"
PETROVA, ORLOVA = LINES_OF % "Petrova", LINES_OF % "Orlova"
LINES = f"{PETROVA}.length"


async def test_last_changes_are_there_after_a_reload_and_can_be_taken_back(page: Page, hub_server: HubServer) -> None:
    host = await at_stand(page, hub_server)
    body = {"date": TOMORROW, "time": "17:00", "guests": 2, "guest": {"name": "Nadia Petrova"}}
    made = (await host.client.post("/bookings", json=body)).json()
    free = await host.client.get("/tables/available", params={"date": TOMORROW, "time": "17:00", "guests": 2})
    other = free.json()["tables"][0]["id"]
    moved = await host.client.post(f"/bookings/{made['id']}/table", json={"table_ids": [other]})
    assert moved.status_code == 200, moved.text
    await page.call("Page.reload")
    await page.until(LIVE)
    await key(page, "ArrowRight")
    await page.until(f"{PETROVA}[0]?.textContent.includes('you: ')")
    assert await page.value("document.querySelectorAll('.feed [role=log] p').length") == 0  # it is no news
    await click(page, ".feed li button", "Undo")
    await page.until(f"{LINES} === 2")  # that one, and the way back
    found = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert [each["id"] for each in found["tables"]] == [each["id"] for each in made["tables"]]


async def test_another_day_is_no_cancellation(page: Page, hub_server: HubServer) -> None:
    """On the day that it leaves and on the day that it comes to, at once and after a reload."""
    host = await at_stand(page, hub_server)
    after = (date.fromisoformat(TOMORROW) + timedelta(days=1)).isoformat()
    body = {"date": TOMORROW, "time": "16:30", "guests": 2, "guest": {"name": "Irina Orlova"}}
    made = (await host.client.post("/bookings", json=body)).json()
    await page.until(f"{ORLOVA}.length === 1")
    for step in range(16):  # so far back a page that is opened looks
        noted = await host.client.patch(f"/bookings/{made['id']}", json={"house_note": f"Step {step}"})
        assert noted.status_code == 200, noted.text
    moved = await host.client.patch(f"/bookings/{made['id']}", json={"date": after, "time": "16:30"})
    assert moved.status_code == 200, moved.text
    spoken = "document.querySelector('.feed [role=log]').textContent"
    await page.until(f"{spoken}.includes('Orlova\u2069 moved to another day (')")
    said = f"{ORLOVA}.map(each => each.textContent).join()"
    for again in (False, True):
        if again:
            await page.call("Page.reload")
            await page.until(LIVE)
            await key(page, "ArrowRight")
        await page.until(f"{ORLOVA}[0]?.textContent.includes('moved to another day (')")
        assert "canceled" not in await page.value(said)
        assert await page.value(f"{ORLOVA}[0].querySelector('button') !== null")  # it can be brought back
    await key(page, "ArrowRight")
    await page.until(f"document.querySelector('.day input').value === '{after}' && {LIVE}")
    await page.until(f"{ORLOVA}[0]?.textContent.includes('moved here from another day (')")
    back = await host.client.patch(f"/bookings/{made['id']}", json={"date": TOMORROW, "time": "16:30"})
    assert back.status_code == 200, back.text
    await page.until(f"{ORLOVA}[0].textContent.includes('moved to another day (')")
    await key(page, "ArrowLeft")
    await page.until(f"{ORLOVA}[0]?.textContent.includes('moved here from another day (')")
    assert "booked" not in await page.value(f"{ORLOVA}[0].textContent")


SHOWN = """(() => {
  const list = document.querySelector(".feed-list"), {top, bottom, right} = list.getBoundingClientRect();
  return [...list.children].map((line) => {
    const box = line.getBoundingClientRect(), text = line.querySelector("span");
    if (box.top >= bottom) return "gone";
    const isWhole = box.right <= right + 1 && box.top >= top - 1 && box.bottom <= bottom + 1;
    return isWhole && text.scrollWidth <= text.clientWidth + 1 ? "whole" : "cut";
  });
})()"""
"""Of each line, the newest first, how much is seen."""


async def test_newest_change_is_seen_whole_and_the_oldest_go_first(page: Page, hub_server: HubServer) -> None:
    host = await at_stand(page, hub_server)
    await page.width(1280)
    for number, name in enumerate(("Aurelia Featherstonehaugh", "Bartholomew Cholmondeley", "Clementine Marjoribanks")):
        body = {"date": TOMORROW, "time": f"15:{15 * number:02}", "guests": 1, "guest": {"name": name}}
        made = (await host.client.post("/bookings", json=body)).json()
        # What comes in one frame with its booking is no change of it.
        await page.until(f"document.querySelector('.feed li')?.textContent.includes('{name}')")
        changed = await host.client.patch(f"/bookings/{made['id']}", json={"guests": 2})
        assert changed.status_code == 200, changed.text
        await page.until(f"document.querySelector('.feed li:has(button)')?.textContent.includes('{name}')")
    await page.until("document.querySelectorAll('.feed li').length === 3")
    seen = [await seen_at(page, width) for width in (1280, 1024, 800)]
    assert all(each[0] == "whole" and "cut" not in each for each in seen), seen
    assert any("gone" in each for each in seen), seen
    for each in seen:
        assert each == sorted(each, reverse=True), "the oldest go first"
    # Whoever goes on with the keyboard sees the others too.
    await page.value("document.querySelector('.feed > button').focus()")
    await page.press("Tab")
    assert await page.value("document.activeElement.matches('.feed li button')")
    assert await page.value(SHOWN) == ["whole"] * 3


async def seen_at(page: Page, width: int) -> list[str]:
    await page.width(width, 800)
    if folder := os.environ.get("PICTURES"):
        await page.picture(Path(folder) / f"feed-{width}.png")
    seen: list[str] = await page.value(SHOWN)
    return seen
