"""Tables at the stand in Chromium: time and tables in one drop, a booking that stays at its table, and another table
for a larger party."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg
import pytest

from tests import tonight
from tests.browser.looking import BUILT, LIVE, shows
from tests.browser.test_stand_page import at_stand, bar, click, enter, fill
from tests.conftest import StartHub
from tests.servers import HubServer

if TYPE_CHECKING:
    from tests.browser.conftest import Page

pytestmark = BUILT

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
GOOD = "document.querySelector('.drop-hint.is-good') !== null"
SAID = r"(document.querySelector('.drop-hint')?.textContent ?? '').replace(/[\u2066-\u2069]/g, '')"
ISOLATED = "\u2068Ada Yonath\u2069"
PLACE = """(() => {{
  const track = document.querySelector('.row[data-table="{table}"] .track');
  track.closest('.row').scrollIntoView({{block: 'center'}});
  const timeline = document.querySelector('.timeline');
  const left = () => {{
    const box = track.getBoundingClientRect(), from = Number(track.dataset.axisStart);
    return box.left + (Date.parse({at}) - from) / (Number(track.dataset.axisEnd) - from) * box.width;
  }};
  const seen = timeline.getBoundingClientRect();
  if ({scroll}) timeline.scrollLeft += left() - seen.left - 250;
  const box = track.getBoundingClientRect();
  return [left() + 12, box.top + box.height / 2];
}})()"""
"""Where a bar at this table and time has its hand, after scrolling to it."""


async def place(page: Page, table: int, time: str, *, scroll: bool = False) -> tuple[float, float]:
    at = json.dumps(f"{TOMORROW}T{time}:00+00:00")
    x, y = await page.value(PLACE.format(table=table, at=at, scroll=json.dumps(scroll)))
    return x, y


async def mouse(page: Page, kind: str, x: float, y: float) -> None:
    held = {"button": "left", "buttons": 0 if kind == "mouseReleased" else 1, "clickCount": 1}
    await page.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **held)


async def carry(page: Page, made: dict[str, Any], time: str, table: int) -> tuple[float, float]:
    """Take the bar of a booking and hold it over a table and a time; it is not let go yet."""
    await page.until(f"document.querySelector('[data-booking=\"{made['id']}\"]') !== null")
    await place(page, made["table"]["id"], made["start_at"][11:16], scroll=True)
    at, _ = await place(page, table, time)
    x, y, to = await page.value(
        f"(() => {{ const bar = document.querySelector('[data-booking=\"{made['id']}\"]').getBoundingClientRect(),"
        f"row = document.querySelector('.row[data-table=\"{table}\"] .track').getBoundingClientRect();"
        "return [bar.left + 12, bar.top + bar.height / 2, row.top + row.height / 2] })()"
    )
    await mouse(page, "mousePressed", x, y)
    for step in range(1, 9):
        await mouse(page, "mouseMoved", x + (at - x) * step / 8, y + (to - y) * step / 8)
    await page.until("document.querySelector('.drop-hint') !== null")
    return at, to


async def booked(host: Any, name: str, time: str, guests: int, **more: Any) -> dict[str, Any]:
    body = {"date": TOMORROW, "time": time, "guests": guests, "guest": {"name": name}, "minutes": 60, **more}
    answer = await host.client.post("/bookings", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def tables(booking: dict[str, Any]) -> list[int]:
    return [table["id"] for table in booking["tables"]]


async def test_time_and_tables_change_in_one_drop_and_go_back_in_one_step(page: Page, hub_server: HubServer) -> None:
    await page.speak("en-GB")
    await page.width(1280, 1400)
    host = await at_stand(page, hub_server)
    boss = await hub_server.staff("admin")
    pair = {"table_ids": [1, 2], "min_guests": 3, "max_guests": 4}
    joined = await boss.client.post("/admin/combinations", json=pair)
    assert joined.status_code == 201, joined.text
    made = await booked(host, "Hedy Lamarr", "13:00", 4, table_id=14)
    to = await carry(page, made, "14:30", 1)
    await page.until(GOOD)
    assert "14:30" in await page.value(SAID) and "joins" in await page.value(SAID)
    assert await page.value("document.querySelectorAll('.ghost.is-good').length") == 2  # the effect, before the drop
    await mouse(page, "mouseReleased", *to)
    await page.until("document.querySelector('.feed-list')?.textContent.includes('now 14:30')")
    moved = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert (moved["start_at"][11:16], tables(moved), moved["revision"]) == ("14:30", [1, 2], 2)

    back = await carry(page, moved, "13:30", 14)  # and from several tables to another one and another time
    await page.until(GOOD)
    await mouse(page, "mouseReleased", *back)
    await page.until("document.querySelector('.feed-list')?.textContent.includes('now 13:30')")
    again = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert (again["start_at"][11:16], tables(again), again["revision"]) == ("13:30", [14], 3)
    await click(page, ".feed-list button", "Undo")
    await page.until("document.querySelector('.feed-list li').textContent.includes('now 14:30')")
    undone = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert (undone["start_at"][11:16], tables(undone), undone["revision"]) == ("14:30", [1, 2], 4)
    await host.client.delete(f"/bookings/{made['id']}")
    await boss.client.delete(f"/admin/combinations/{joined.json()['id']}")
    assert page.complaints == []


async def test_two_that_changed_tables_go_back_by_one_touch(page: Page, hub_server: HubServer) -> None:
    await page.speak("en-GB")
    await page.width(1280, 1400)
    host = await at_stand(page, hub_server)
    one, other = [
        await booked(host, name, "15:00", 2, table_id=table) for name, table in (("Ada Yonath", 2), ("May Moser", 4))
    ]

    await page.until(f"{bar('Ada Yonath')} && {bar('May Moser')}")  # what comes at once is one change to the page

    async def where() -> list[list[int]]:
        return [tables((await host.client.get(f"/bookings/{each['id']}")).json()) for each in (one, other)]

    for selector, verb in ((".feed-list button", "Undo"), (".card button", f"Undo: swap with {ISOLATED}")):
        answer = await host.client.post(f"/bookings/{one['id']}/table", json={"swap_with": other["id"]})
        assert answer.status_code == 200, answer.text
        await page.until(shows(".feed-list li", "swapped tables"))
        await page.until("document.querySelectorAll('.feed-list li:first-child button').length === 1")
        if selector.startswith(".card"):
            await click(page, f"[data-booking='{other['id']}']")
        assert await where() == [[4], [2]]
        await click(page, selector, verb)
        await page.until("!document.querySelector('.feed-list li').textContent.includes('swapped tables')")
        assert await where() == [[2], [4]]
    for each in (one, other):
        await host.client.delete(f"/bookings/{each['id']}")
    assert page.complaints == []


async def test_bar_that_is_dropped_beside_another_of_its_time_changes_places_with_it(
    page: Page, hub_server: HubServer
) -> None:
    await page.speak("en-GB")
    await page.width(1280, 1400)
    host = await at_stand(page, hub_server)
    one = await booked(host, "Ada Yonath", "15:00", 2, table_id=2)
    other = await booked(host, "May Moser", "15:30", 2, table_id=4)
    await page.until(bar("May Moser"))
    to = await carry(page, one, "15:00", 4)
    await page.until(f"{GOOD} && {SAID}.includes('changes places with May Moser')")
    if folder := os.environ.get("PICTURES"):
        await page.picture(Path(folder) / "beside.png")
    await mouse(page, "mouseReleased", *to)
    await page.until(shows(".feed-list li", "swapped tables"))
    found = [(await host.client.get(f"/bookings/{each['id']}")).json() for each in (one, other)]
    assert [(tables(each), each["start_at"][11:16]) for each in found] == [([4], "15:00"), ([2], "15:30")]
    for each in (one, other):
        await host.client.delete(f"/bookings/{each['id']}")
    assert page.complaints == []


async def focused(page: Page, selector: str, text: str = "") -> None:
    has = f"document.activeElement.matches({json.dumps(selector)})"
    await page.until(f"{has} && document.activeElement.textContent.trim().startsWith({json.dumps(text)})")


async def test_focus_stays_where_the_next_thing_is_when_what_was_pressed_is_gone(
    page: Page, hub_server: HubServer
) -> None:
    await page.speak("en-GB")
    host = await at_stand(page, hub_server)
    one, other = [
        await booked(host, name, "15:00", 2, table_id=table) for name, table in (("Ada Yonath", 2), ("May Moser", 4))
    ]
    await page.until(bar("Ada Yonath"))
    await page.value(f"document.querySelector('[data-booking=\"{one['id']}\"]').focus()")
    await page.press("Enter")
    await focused(page, ".card")
    find = "[...document.querySelectorAll('.card button')].find(each => each.textContent.includes('%s'))"
    for opens, then, left in (
        ("Move", "changes places with", ".card .acts button"),
        ("Change", "Save", ".card .acts button"),
        ("Keep at this table", "", ".card .acts button"),
        ("Cancel", "", ".card"),
    ):
        await page.until(f"{find % opens}?.disabled === false")
        await page.value(f"{find % opens}.focus()")
        await page.press("Enter")
        if then:
            await page.until(f"{find % then} !== undefined")
            await page.value(f"{find % then}.focus()")
            await page.press("Enter")
            await page.until(f"{find % then} === undefined")
        await focused(page, left, opens if then else "")
    await page.until(shows(".card .problem", "This booking is canceled."))
    await focused(page, ".card")
    assert tables((await host.client.get(f"/bookings/{other['id']}")).json()) == [2]
    await host.client.delete(f"/bookings/{other['id']}")
    assert page.complaints == []


async def test_undo_of_a_move_says_who_stands_there_by_now(page: Page, hub_server: HubServer) -> None:
    await page.speak("en-GB")
    host = await at_stand(page, hub_server)
    made = await booked(host, "Tu Youyou", "17:00", 2, table_id=6)
    await page.until(bar("Tu Youyou"))  # two changes that come at once are one to the page
    await host.client.post(f"/bookings/{made['id']}/table", json={"table_ids": [7]})
    await page.until(shows(".feed-list li", "moved to"))
    there = await booked(host, "Gerty Cori", "17:30", 2, table_id=6)
    await page.until(bar("Gerty Cori"))
    await click(page, ".feed-list button", "Undo")
    await page.until(
        "(document.querySelector('.feed-list .problem')?.textContent ?? '')"
        r".replace(/[\u2066-\u2069]/g, '').includes('In the way: Gerty Cori 17:30.')"
    )
    for each in (made, there):
        await host.client.delete(f"/bookings/{each['id']}")
    assert [each for each in page.complaints if "status of 409" not in each] == []


async def test_what_stays_at_its_table_says_so_and_is_moved_in_time_alone(page: Page, hub_server: HubServer) -> None:
    await page.speak("en-GB")
    await page.width(1280, 1400)
    host = await at_stand(page, hub_server)
    made = await booked(host, "Emmy Noether", "12:30", 2, table_id=5)
    await click(page, f"[data-booking='{made['id']}']")
    await click(page, ".card button", "Keep at this table")
    await page.until("document.querySelector('.bar.is-pinned .bar-pin')?.textContent.trim() === 'stays'")
    await page.until("document.querySelector('.feed-list').textContent.includes('stays at')")
    assert (await host.client.get(f"/bookings/{made['id']}")).json()["pinned"]
    await click(page, ".card .card-head button")
    to = await carry(page, made, "12:30", 7)
    await page.until("document.querySelector('.drop-hint.is-refused')?.textContent.includes('stays at its table')")
    await mouse(page, "mouseReleased", *to)
    await page.until("document.querySelector('.drop-hint') === null")
    kept = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert (tables(kept), kept["revision"]) == ([5], 2)
    await click(page, f"[data-booking='{made['id']}']")
    await click(page, ".card button", "Let it move")
    await page.until("document.querySelector('.bar.is-pinned') === null")
    await click(page, ".feed-list button", "Undo")
    await page.until("document.querySelector('.bar.is-pinned') !== null")
    assert (await host.client.delete(f"/bookings/{made['id']}")).status_code == 200
    assert page.complaints == []


async def refused_for_five(page: Page, why: str) -> None:
    """The card that is open is told that they are five."""
    await click(page, ".card button", "Change")
    await fill(page, ".card-edit input[type=number]", "5")
    await click(page, ".card-edit button[type=submit]")
    await page.until(shows(".card-edit .problem", why))


async def test_more_guests_than_the_table_seats_get_another_one_by_one_touch(page: Page, hub_server: HubServer) -> None:
    await page.speak("en-GB")
    host = await at_stand(page, hub_server)
    made = await booked(host, "Lise Meitner", "20:00", 2, table_id=3)
    await click(page, f"[data-booking='{made['id']}']")
    await refused_for_five(page, "Their table is too small for so many.")
    await click(page, ".card-edit button", "Another table")
    await page.until("document.querySelector('.card-edit') === null")
    now = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert now["guests"] == 5 and tables(now) != [3]
    await page.until(shows(".card [role=status]", now["table"]["name"]))
    await click(page, ".feed-list button", "Undo")  # number and table, in one step
    await page.until("document.querySelector('.card-state').textContent.includes('2 guests')")
    back = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert (back["guests"], tables(back), back["revision"]) == (2, [3], 3)
    await host.client.delete(f"/bookings/{made['id']}")
    assert [each for each in page.complaints if "status of 400" not in each] == []
    await page.until("!" + bar("Lise Meitner"))


async def test_what_stays_at_its_table_gets_another_one_only_where_the_host_says_so(
    page: Page, hub_server: HubServer
) -> None:
    await page.speak("en-GB")
    host = await at_stand(page, hub_server)
    made = await booked(host, "Maria Mayer", "20:00", 2, table_id=3)
    await host.client.post(f"/bookings/{made['id']}/table", json={"pinned": True})
    await click(page, f"[data-booking='{made['id']}']")
    await page.until(shows(".card", "stays at this table"))
    await refused_for_five(page, "This booking is to stay at")
    await click(page, ".card-edit button", "Let it move: another table")
    await page.until("document.querySelector('.card-edit') === null")
    now = (await host.client.get(f"/bookings/{made['id']}")).json()
    assert (now["guests"], now["pinned"]) == (5, False) and tables(now) != [3]
    await host.client.delete(f"/bookings/{made['id']}")
    assert [each for each in page.complaints if "status of 400" not in each] == []


@pytest.mark.slow
async def test_party_that_was_here_and_left_can_be_ended_after_its_time(
    page: Page, start_hub: StartHub, database_url: str
) -> None:
    zone = tonight.zone()
    hub = await start_hub(**tonight.midday())
    await page.speak("en-GB")
    host = await hub.staff("host")
    wanted = {"guests": 2, "minutes": 60, **tonight.soon(zone)}
    rows = await asyncpg.connect(database_url)
    for table, name in ((1, "Walked Out"), (2, "Mistaken")):
        answer = await host.client.post("/bookings", json={**wanted, "table_id": table, "guest": {"name": name}})
        path = f"/bookings/{answer.json()['id']}"
        assert (await host.client.post(f"{path}/arrive", json={})).status_code == 200
        await tonight.shift(rows, answer.json()["id"], -90)
    await rows.close()
    await enter(page, hub, host.email)
    await page.until(LIVE)
    for name, act, kind in (("Walked Out", "Left", "left"), ("Mistaken", "No-show", "did not come")):
        said = rf"(each.ariaLabel ?? '').replace(/[\u2066-\u2069]/g, '') === '{act}: {name}'"
        button = f"[...document.querySelectorAll('.list-scroll .acts button')].find(each => {said})"
        await page.until(f"{button} !== undefined && !{button}.disabled")
        await page.value(f"{button}.click()")
        await page.until(f"document.querySelector('.feed-list')?.textContent.includes({json.dumps(kind)})")
    statuses = [each["status"] for each in (await host.client.get("/bookings")).json()["items"]]
    assert sorted(statuses) == ["finished", "no_show"]
    assert page.complaints == []
