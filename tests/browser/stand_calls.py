"""What hosts do for who calls them on a busy evening: a guest whom the book knows, another day, a name that was
misheard; and what the house does beside it: an area that is closed, and the paper. All is seen on every screen."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from tests.browser.looking import shows
from tests.browser.stand_evening import Evening
from tests.browser.stand_judge import said
from tests.browser.stand_screen import Screen

NAME = "dialog input:not([type])"


async def known_guest(evening: Evening) -> int:
    """Who was here earlier calls, and is booked for later as the same guest. Returns the new booking's id."""
    tablet = evening.screens[1]
    [before] = await guests_of(evening, "Ada")
    async with evening.act():
        await tablet.touch(".adders button", "+ Phone")
        await tablet.dialog()
        await tablet.page.fill(NAME, "Ada")
        await tablet.touch("dialog .guests button", "Ada")
        await tablet.page.until(shows("dialog .card-note", "1 visit"))
        await tablet.touch("dialog .numbers button", "2 guests")
        await tablet.touch("dialog .times button")
        await tablet.touch("dialog button[type=submit]")
        await tablet.dialog(closed=True)
    assert await guests_of(evening, "Ada") == [before]
    [later] = [int(id) for id, each in (await bookings(evening)).items()
               if each["guest_name"] == "Ada" and each["status"] == "booked"]  # fmt: skip
    return later


async def misheard_name(evening: Evening, booking: int) -> None:
    """Put right on the card of one booking, it is another on all of them, also of who has left."""
    desktop = evening.screens[0]
    await desktop.open_card(booking)
    async with evening.act():
        await desktop.touch(".card-guest button", "Correct name")
        await desktop.page.fill(".guest-edit [name=name]", "Ada Lovelace")
        await desktop.touch(".guest-edit button[type=submit]")
        await desktop.page.until("document.querySelector('.guest-edit') === null")
    await desktop.close_card()
    names = [each["guest_name"] for each in (await bookings(evening)).values()]
    assert (names.count("Ada Lovelace"), names.count("Ada")) == (2, 0)


async def another_day(evening: Evening, booking: int) -> None:
    """It goes there on every screen, is seen there as it stands, and comes back in one touch."""
    desktop, tablet, _ = evening.screens
    before = await evening.booking(booking)
    tomorrow = (datetime.fromisoformat(evening.day) + timedelta(days=1)).date().isoformat()
    await desktop.open_card(booking)
    await desktop.touch(".card button", "Change")
    await desktop.page.fill(".card-edit input[type=date]", tomorrow)
    async with evening.act():
        await desktop.touch(".card-edit button[type=submit]")
        await desktop.page.until(shows(".card [role=status]", "This booking is now on "))
    assert await evening.booking(booking) is None
    # The day that it went to, as another screen shows it.
    await to_day(tablet, tomorrow)
    version, there = await evening.floor(await evening.version(tomorrow), tomorrow)
    await tablet.until_version(version)
    seen = await tablet.shown()
    assert [(bar["table"], bar["booking"], bar["said"]) for bar in seen["bars"]] == [
        (table, int(id), said(each)) for id, each in there["bookings"].items() for table in each["tables"]
    ]  # fmt: skip
    await to_day(tablet, evening.day)
    async with evening.act():
        await desktop.touch(".card button", "Undo: back to")
    await desktop.close_card()
    after = await evening.booking(booking)
    assert {**after, "revision": 0, "undo": None} == {**before, "revision": 0, "undo": None}


async def closed_area(evening: Evening) -> None:
    """All tables of an area at once, and open again."""
    desktop, _, phone = evening.screens
    area = await evening.ask("POST", "/admin/areas", {"name": "Terrace"})
    made = [await evening.ask("POST", "/admin/tables", {"name": name, "seats": 2, "area_id": area["id"]})
            for name in ("Out 1", "Out 2")]  # fmt: skip
    outside = [table["id"] for table in made]
    evening.names |= {table["id"]: table["name"] for table in made}
    await desktop.page.until(f"document.querySelector(\".row[data-table='{outside[1]}']\") !== null")
    await evening.agree()
    async with evening.act():
        await desktop.touch(f".row[data-table='{outside[0]}'] .row-name")
        await desktop.touch(".free-menu button", "Close this table")
        await desktop.touch("dialog .numbers button", "the whole area: Terrace")
        await desktop.page.fill("dialog .pair .field:last-child input", evening.at(40))
        await desktop.page.fill("dialog input[maxlength='120']", "rain")
        await desktop.touch("dialog button[type=submit]")
        await desktop.dialog(closed=True)
    blocks = (await evening.floor(await evening.version()))[1]["blocks"]
    assert sorted(table for each in blocks.values() for table in each["tables"]) == sorted(outside)
    async with evening.act():
        await phone.touch(f".row[data-table='{outside[1]}'] .bar[data-phase=block] button")
        await phone.touch(".free-menu button", "Open again")


async def paper(evening: Evening) -> None:
    """What changed since an hour ago, as it opens: who is on it is who the rows say is to come or here."""
    desktop = evening.screens[0]
    version, floor = await evening.floor(await evening.version())
    epoch = (await desktop.shown())["position"].split(":")[0]
    printed = await desktop.paper(evening.browser, evening.day, f"{epoch}:1")
    due = [each for each in floor["bookings"].values() if each["status"] in ("booked", "arrived", "seated")]
    assert [each["guest_name"] for each in due if each["guest_name"] not in printed] == []
    assert f"{epoch}:{version}" in printed
    await evening.agree()


async def to_day(screen: Screen, day: str) -> None:
    await screen.page.fill(".day input", day)
    await screen.page.until(f"document.querySelector('.day input').value === {json.dumps(day)}")
    await screen.page.until("document.querySelector('.counts')?.dataset.position")


async def bookings(evening: Evening) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = (await evening.floor(await evening.version()))[1]["bookings"]
    return found


async def guests_of(evening: Evening, name: str) -> list[int]:
    return [each["id"] for each in (await evening.ask("GET", f"/guests?q={name}"))["items"] if each["name"] == name]
