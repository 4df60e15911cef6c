"""What hosts do through the evening, each on a screen of their own; all of it is seen on every screen."""

from __future__ import annotations

import asyncio
import math
from datetime import datetime, timedelta

from tests import tonight
from tests.browser.stand_evening import Evening
from tests.browser.stand_figures import Figures


async def phone_bookings(evening: Evening, figures: Figures) -> None:
    """In the form on each screen; they come, and are seated with one touch."""
    desktop, tablet, phone = evening.screens
    for screen, name in ((desktop, "Ada"), (tablet, "Grace"), (phone, "Mary")):
        async with evening.act():
            if screen is phone:
                await screen.touch(".phone-tabs button", "Add")
                await screen.touch("dialog .form button", "Phone")
            else:
                await screen.touch(".adders button", "+ Phone")
            await screen.dialog()
            asked = "document.querySelectorAll('dialog form .field, dialog form fieldset').length"
            figures["fields of the phone booking"] = await screen.page.value(asked)
            await screen.page.fill("dialog input[type=tel]", f"+49 30 5551{len(name)}{ord(name[0])}")
            await screen.page.fill("dialog input:not([type])", name)
            await screen.touch("dialog .numbers button", "2 guests")
            await screen.touch("dialog .times button")
            await screen.page.fill("dialog input[maxlength='500']", f"Note of {name}")
            await screen.touch("dialog button[type=submit]")
            await screen.dialog(closed=True)
        assert (await evening.named(name))[1]["note"] == f"Note of {name}"
    async with evening.act():
        await tablet.do("Here", "Ada")
    before = phone.touches
    async with evening.act():
        await phone.do("Seat", "Ada")
    figures["touches to seat a booked party"] = phone.touches - before
    assert (await evening.named("Ada"))[1]["status"] == "seated"
    await desktop.list("Seated")
    async with evening.act():
        await desktop.do("Undo", "Ada")
    assert (await evening.named("Ada"))[1]["status"] == "arrived"
    async with evening.act():
        await tablet.do("Seat", "Ada")
    async with evening.act():
        await desktop.do("Finish", "Ada")
    assert (await evening.named("Ada"))[1]["status"] == "finished"


async def walk_ins(evening: Evening, figures: Figures) -> None:
    desktop, _, phone = evening.screens
    before = desktop.touches
    async with evening.act():
        await desktop.touch(".adders button", "+ Walk-in")
        await desktop.touch("dialog .numbers button", "3 guests")
        await desktop.touch("dialog .choices button", "Seat at")
        await desktop.dialog(closed=True)
    figures["touches for a walk-in, one of them the number"] = desktop.touches - before
    async with evening.act():
        await phone.touch(".phone-tabs button", "Add")
        await phone.touch("dialog .form button", "Walk-in")
        await phone.touch("dialog .numbers button", "2 guests")
        await phone.page.fill("dialog input[maxlength='255']", "Ida")
        await phone.touch("dialog .choices button", "Seat at")
        await phone.dialog(closed=True)
    assert (await evening.named("Ida"))[1]["status"] == "seated"


async def other_tables(evening: Evening) -> None:
    """Where others sit still, by drag, by keys, by exchange, joined, and to stay there."""
    desktop, tablet, phone = evening.screens
    threes = evening.tables[3]
    async with evening.act():
        await evening.ask("POST", "/walk-ins", {"guests": 3, "table_ids": [threes[2]], "minutes": 30, "name": "Sits"})
    async with evening.act():
        waits = await evening.book("Emmy", 40, threes[2], guests=3, minutes=60)
    await tablet.do("Seat", "Emmy")
    async with evening.act():
        await tablet.touch(".list-scroll .problem .choices button", "Seat at")
    assert (await evening.booking(waits))["status"] == "seated"
    assert (await evening.booking(waits))["tables"] != [threes[2]]

    async with evening.act():
        dragged = await evening.book("Sofia", 60, threes[3], minutes=45)
    free = threes[4]
    async with evening.act():
        await desktop.drag(dragged, free)
    assert (await evening.booking(dragged))["tables"] == [free]
    async with evening.act():
        await tablet.carry(dragged, "ArrowUp")
    assert (await evening.booking(dragged))["tables"] == [threes[3]]

    (one, first), (_, second) = await evening.named("Party 1"), await evening.named("Party 2")
    async with evening.act():
        await phone.open_card(one)
        await phone.touch(".card button", "Move")
        await phone.touch(".moves button", evening.names[second["tables"][0]] + " changes places")
    assert (await evening.booking(one))["tables"] == second["tables"]
    assert (await evening.named("Party 2"))[1]["tables"] == first["tables"]
    await phone.close_card()

    async with evening.act():
        joins = await evening.book("Joiner", 45, threes[5], guests=4 - 1, minutes=45)
    pair = evening.combination["table_ids"]
    async with evening.act():
        await desktop.open_card(joins)
        await desktop.touch(".card button", "Move")
        await desktop.touch(".moves button", evening.names[pair[0]])
    assert sorted((await evening.booking(joins))["tables"]) == sorted(pair)
    await desktop.close_card()
    async with evening.act():
        await evening.ask("POST", f"/bookings/{joins}/table", {"pinned": True})
    assert (await evening.booking(joins))["pinned"]


async def closed_and_held(evening: Evening) -> None:
    """A table is closed and opened again; one is kept for who is choosing; guests book and cancel from elsewhere."""
    desktop, tablet, _ = evening.screens
    table = evening.tables[6][1]
    async with evening.act():
        await desktop.close_table(table, evening.at(50))
    async with evening.act():
        await tablet.touch(f".row[data-table='{table}'] .bar[data-phase=block] button")
        await tablet.touch(".free-menu button", "Open again")
    guest = await evening.hub.register(full_name="Far Away")
    async with evening.act():
        wanted = {"date": evening.day, "time": evening.at(15), "guests": 2}
        held = await evening.ask("POST", "/holds", wanted, by=guest)
    assert len((await evening.floor(await evening.version()))[1]["holds"]) == 1
    async with evening.act():
        await evening.ask("DELETE", f"/holds/{held['token']}", by=guest)
    async with evening.act():
        booked = (await evening.ask("POST", "/bookings", wanted, by=guest))["id"]
    async with evening.act():
        await evening.ask("DELETE", f"/bookings/{booked}", by=guest)
    assert await evening.booking(booked) is None
    doubtful = await evening.book("Doubtful", 95, minutes=30)
    await evening.agree()
    await desktop.open_card(doubtful)
    async with evening.act():
        await desktop.touch(".card button", "Cancel booking")
    assert await evening.booking(doubtful) is None
    await desktop.close_card()
    async with evening.act():
        await desktop.touch(".feed-list button", "Undo: Doubtful canceled")
    assert (await evening.booking(doubtful))["status"] == "booked"


async def longer(evening: Evening) -> None:
    """A party stays longer: by a touch, and beyond its time by the keeper. Then it leaves."""
    _, tablet, phone = evening.screens
    sits = (await evening.ask("POST", "/walk-ins", {"guests": 2, "name": "Stayer", "minutes": 60}))["id"]
    await evening.agree()
    before = (await evening.booking(sits))["end_at"]
    async with evening.act():
        await tablet.open_card(sits)
        await tablet.touch(".card button", "+15 min")
    assert (await evening.booking(sits))["end_at"] > before
    await tablet.close_card()
    # In front of an empty table the keeper gives them a quarter of an hour more, and each screen says until when.
    await phone.list("Seated")
    await tablet.list("Seated")
    version = await evening.version()
    await tonight.shift(evening.rows, sits, -76)
    await asyncio.gather(*(screen.until_version(version + 2) for screen in evening.screens))
    await evening.agree()
    stays = await evening.booking(sits)
    ended = datetime.fromisoformat(before) + timedelta(minutes=15 - 76)
    assert datetime.fromisoformat(stays["end_at"]) == ended + timedelta(minutes=15)
    until = f"{datetime.fromisoformat(stays['end_at']):%H:%M}"
    for screen in (tablet, phone):
        await screen.until_listed("Stayer", "seated", f"until {until}")
    await followed(evening, sits)
    async with evening.act():
        await phone.do("Finish", "Stayer")
    assert (await evening.booking(sits))["status"] == "finished"
    await phone.list("Arrivals")


async def followed(evening: Evening, sits: int) -> None:
    """Who sits beyond their time where others are to sit is marked so on each screen; and who asks for more time for
    them is told who is next, and where those could go."""
    _, tablet, phone = evening.screens
    [table] = (await evening.booking(sits))["tables"]
    end = datetime.fromisoformat((await evening.booking(sits))["end_at"])
    ahead = math.ceil((end - evening.now()).total_seconds() / 60) + 1
    async with evening.act():
        follows = await evening.book("Follower", ahead, table, minutes=30)
    starts = datetime.fromisoformat((await evening.booking(follows))["start_at"])
    version = await evening.version()
    async with evening.rows.transaction():  # the keeper must not come in between
        await tonight.shift(evening.rows, sits, -ahead)
        await tonight.shift(evening.rows, follows, -ahead - (starts - end).total_seconds() / 60)
    await asyncio.gather(*(screen.until_version(version + 2) for screen in evening.screens))
    await evening.agree()
    for screen in (tablet, phone):
        await screen.until_listed("Stayer", "overdue", " over")
        await screen.open_card(sits)
        await screen.touch(".card button", "+15 min")
        told = "(document.querySelector('.card .problem')?.innerText ?? '')"
        await screen.page.until(f"/Follower.* is next, at [0-9]+:[0-9]+/.test({told}) && {told}.includes('Move them')")
    async with evening.act():
        await phone.touch(".card .problem .moves button")
    assert (await evening.booking(follows))["tables"] != [table]
    for screen in (tablet, phone):
        await screen.close_card()
    await asyncio.gather(*(screen.until_version(version + 4) for screen in evening.screens))  # by the keeper again
    await evening.agree()
    for screen in (tablet, phone):
        await screen.until_listed("Stayer", "seated", "until ")
    await evening.ask("DELETE", f"/bookings/{follows}")
    await evening.agree()


async def not_come(evening: Evening) -> None:
    desktop, tablet, _ = evening.screens
    late = await evening.book("Latecomer", 2, evening.tables[6][2], minutes=100)
    await evening.agree()
    async with evening.act():
        await tonight.let_begin(evening.rows, late)
    await desktop.list("Arrivals")
    async with evening.act():
        await desktop.do("No-show", "Latecomer")
    assert (await evening.booking(late))["status"] == "no_show"
    await tablet.list("Seated")
    async with evening.act():
        await tablet.do("Seat", "Latecomer")
    assert (await evening.booking(late))["status"] == "seated"


async def waiting(evening: Evening) -> None:
    """Two parties wait for a table for six: one is told, is here and is seated, the other leaves."""
    desktop, tablet, phone = evening.screens
    for number, table in enumerate(evening.tables[6]):
        if table != evening.tables[6][2]:
            body = {"guests": 6, "name": f"Six {number}", "table_ids": [table], "minutes": 90}
            await evening.ask("POST", "/walk-ins", body)
    await evening.agree()
    for screen, name in ((desktop, "Wanda"), (tablet, "Wim")):
        async with evening.act():
            await screen.touch(".adders button", "+ Wait")
            await screen.touch("dialog .numbers button", "6 guests")
            await screen.page.fill("dialog input[maxlength='255']", name)
            await screen.touch("dialog button[type=submit]")
            await screen.dialog(closed=True)
    async with evening.act():
        await phone.do("Table ready", "Wanda")
    async with evening.act():
        await tablet.do("Here", "Wanda")
    await desktop.list("Seated")
    async with evening.act():
        await desktop.do("Finish", "Six 0")
    async with evening.act():
        await phone.do("Seat", "Wanda")
    assert (await evening.named("Wanda"))[1]["channel"] == "waitlist"
    async with evening.act():
        await tablet.do("Leaves", "Wim")
    assert (await evening.floor(await evening.version()))[1]["waitlist"] == {}


async def noted_and_found(evening: Evening) -> None:
    """Two find the same party, and each writes something on it."""
    desktop, tablet, _ = evening.screens
    id, found = await evening.named("Grace")
    for screen, wanted, field in ((desktop, "Grac", "first"), (tablet, found["reference"], "last")):
        await screen.page.fill("[data-search]", wanted)
        await screen.page.value("document.querySelector('[data-search]').focus()")
        await screen.touch(".found button")
        await screen.touch(".card button", "Change")
        async with evening.act():
            notes = f"(n => n[{'0' if field == 'first' else 'n.length - 1'}])(document.querySelectorAll('textarea'))"
            await screen.page.value(
                f"(() => {{ const at = {notes}; at.value = 'Told by the {screen.name}';"
                "at.dispatchEvent(new Event('input', {bubbles: true})) })()"
            )
            await screen.touch(".card-edit button[type=submit]")
        await screen.close_card()
    now = await evening.booking(id)
    assert (now["note"], now["house_note"]) == ("Told by the desktop", "Told by the tablet")


async def plan_shows_who_has_which_table(evening: Evening) -> None:
    """The plan is compared as the timeline is, with the others beside it."""
    desktop = evening.screens[0]
    await desktop.touch(".room-head button", "Plan")
    await desktop.page.until("document.querySelector('.plan-table') !== null")
    async with evening.act():
        await desktop.do("Seat", "Mary")
    await desktop.touch(".room-head button", "Timeline")
