"""The host stand in nights that midnight or a change of the clocks divides: one service day on every screen, with the
right times by the hub's clock. What is not looked at by hand here, the judge of the evening compares after each act.

Whether an hour is shown with a zero in front is the browser's affair: here it has none."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hub.domain.events import MAIN, stream_of
from tests.browser.looking import BUILT
from tests.browser.stand_night import looks, night_at, passes, set_on, shows, shows_the_present
from tests.servers import Servers
from tests.set_clock import LIBRARY

if TYPE_CHECKING:
    from tests.browser.stand_evening import Evening
    from tests.browser.stand_screen import Screen
    from tests.set_clock import SetClock

    Night = tuple[Evening, SetClock]

pytestmark = [
    BUILT,
    pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed"),
    pytest.mark.slow,
    pytest.mark.timeout(300),
]


@pytest.fixture
async def night(
    request: pytest.FixtureRequest, servers: Servers, data_dir: Path, open_tab: Any, browser: str
) -> AsyncIterator[Night]:
    """Of the instant that the test names."""
    async with night_at(datetime.fromisoformat(request.param), servers, data_dir, open_tab, browser) as found:
        yield found


def at_night(instant: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("night", [instant], indirect=True)


async def offered(screen: Screen) -> list[str]:
    """The times of the phone form, which is open from now on."""
    await screen.touch(".adders button", "+ Phone")
    await screen.page.until("document.querySelector('dialog .times button') !== null")
    found: list[str] = await screen.page.value(
        "[...document.querySelectorAll('dialog .times button')].map(each => each.textContent)"
    )
    return found


async def books(evening: Evening, screen: Screen, name: str, time: str) -> dict[str, Any]:
    """By the phone form; returns the booking as the floor shows it."""
    async with evening.act():
        [said] = [each for each in await offered(screen) if plain(each) == time]
        await screen.page.fill("dialog input:not([type])", name)
        await screen.touch("dialog .times button", said)
        await screen.touch("dialog button[type=submit]")
        await screen.dialog(closed=True)
    return (await evening.named(name))[1]


async def retimes(screen: Screen, booking: int, time: str) -> None:
    """On its card."""
    await screen.open_card(booking)
    await screen.touch(".card .acts button", "Change")
    await screen.page.fill(".card-edit input[type=time]", time)
    await screen.touch(".card-edit button[type=submit]")


def plain(time: str) -> str:
    return re.sub(r"^0(?=\d:)", "", time)


def starts(booking: dict[str, Any]) -> str:
    return str(booking["start_at"])


@at_night("2026-10-16T23:30:00+02:00")
async def test_midnight_divides_no_service(night: Night) -> None:
    evening, clock = night
    desktop, tablet, phone = evening.screens
    await set_on(evening, clock, datetime.fromisoformat("2026-10-16T23:50:00+02:00"))
    await evening.book("Before", 0, date="2026-10-16", time="23:55")
    late = await evening.book("Late", 0, date="2026-10-17", time="00:30")
    await evening.agree()
    after = await books(evening, desktop, "After", "0:15")
    assert starts(after) == "2026-10-17T00:15:00+02:00"
    await shows_the_present(evening, "2026-10-16")
    seen = await looks(desktop)
    assert seen["times"] == seen["printed"] == ["23:55", "0:15", "0:30"]
    midnight = seen["marks"].index("0:00")
    assert seen["marks"][midnight - 2 : midnight + 3] == ["23:00", "23:30", "0:00", "0:30", "1:00"]

    # A table is kept for who is choosing; they choose nothing, and it is free again with nobody's act.
    guest = await evening.hub.register(full_name="Far Away")
    async with evening.act():
        held = await evening.ask("POST", "/holds", {**evening.start(60), "guests": 2}, by=guest)
    counts_down = "/ [0-4]:[0-5][0-9]/.test(document.querySelector('.bar[data-phase=hold]')?.textContent ?? '')"
    for screen in evening.screens:
        await screen.page.until(counts_down)
    async with evening.act():
        clock.set(datetime.fromisoformat(held["expires_at"]) - timedelta(seconds=2))
    for screen in evening.screens:
        assert await screen.page.value("document.querySelector('.bar[data-phase=hold]')") is None
    last = "SELECT kind, actor FROM events WHERE stream = $1 ORDER BY version DESC LIMIT 1"
    stream = stream_of(MAIN, datetime.fromisoformat(evening.day).date())
    assert tuple(await evening.rows.fetchrow(last, stream)) == ("released", None)

    await passes(evening, clock, datetime.fromisoformat("2026-10-17T00:00:00+02:00"), "0:00")
    await evening.agree()
    await shows_the_present(evening, "2026-10-16")
    await set_on(evening, clock, datetime.fromisoformat("2026-10-17T00:10:20+02:00"))
    await shows(evening, "0:10")
    await evening.agree()
    await shows_the_present(evening, "2026-10-16")
    async with evening.act():
        await tablet.do("Here", "After")
    async with evening.act():
        await phone.do("Seat", "After")
    async with evening.act():
        await desktop.do("No-show", "Before")
    async with evening.act():
        await evening.ask("POST", "/walk-ins", {"guests": 2, "name": "Walks in"})
    # What is typed on a card is of the service day, whatever the date is; so is what is closed.
    async with evening.act():
        await retimes(desktop, late, "01:00")
    assert starts(await evening.booking(late)) == "2026-10-17T01:00:00+02:00"
    await desktop.close_card()
    table = evening.tables[6][1]
    async with evening.act():
        await desktop.close_table(table, "01:30")
    [block] = (await evening.floor(await evening.version()))[1]["blocks"].values()
    assert block["end_at"] == "2026-10-17T01:30:00+02:00"
    floor = (await evening.floor(await evening.version()))[1]["bookings"].values()
    come = [plain(at[11:16]) for at in sorted(starts(each) for each in floor if each["status"] != "no_show")]
    assert len(come) == 3
    for screen in evening.screens:
        seen = await looks(screen)
        assert "16 October 2026" in seen["title"] and seen["printed"] == come, seen
        assert re.search(r"\b0:\d\d:\d\d\b", seen["foot"]), seen
    paper = await evening.client.get(
        f"/print/{evening.day}", headers={"Authorization": f"Bearer {evening.staff.token}"}
    )
    assert [paper.text.index(name) for name in ("After", "Late")] == sorted(map(paper.text.index, ("After", "Late")))
    assert "00:15" in paper.text

    await passes(evening, clock, datetime.fromisoformat("2026-10-17T05:00:00+02:00"), "5:00")
    for screen in evening.screens:
        await screen.page.until("document.querySelector('.day input').value === '2026-10-17'")
    await shows_the_present(evening, "2026-10-17")
    await evening.agree()


@at_night("2026-10-25T01:50:00+02:00")
async def test_hour_that_comes_twice_is_two_hours(night: Night) -> None:
    evening, clock = night
    desktop, tablet, phone = evening.screens
    second = await books(evening, desktop, "Second", "2:30 GMT+1")
    first = await books(evening, tablet, "First", "2:30 GMT+2")
    assert [starts(each) for each in (first, second)] == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]
    for screen in evening.screens:
        seen = await looks(screen)
        assert seen["times"] == seen["printed"] == ["2:30 GMT+2", "2:30 GMT+1"], screen.name
        hour = seen["marks"].index("2:00 GMT+2")
        assert seen["marks"][hour : hour + 5] == [*("2:00 GMT+2", "2:30 GMT+2", "2:00 GMT+1", "2:30 GMT+1", "3:00")], (
            screen.name
        )
    # Moved by a step within the second of the two hours, and taken back there.
    id, _ = await evening.named("Second")
    async with evening.act():
        await desktop.carry(id, "ArrowRight", "GMT+1")
    assert starts(await evening.booking(id)) == "2026-10-25T02:45:00+01:00"
    async with evening.act():
        await desktop.touch(".feed-list button", "Undo: Second")
    assert starts(await evening.booking(id)) == "2026-10-25T02:30:00+01:00"

    # On its card each of the two can be chosen.
    for hour, offset in (("2:15 GMT+2", "+02:00"), ("2:15 GMT+1", "+01:00")):
        await tablet.open_card(id)
        await tablet.touch(".card .acts button", "Change")
        await tablet.page.fill(".card-edit input[type=time]", "02:15")
        hours = "[...document.querySelectorAll('.which-hour button')].map(each => each.textContent)"
        await tablet.page.until(f"{hours}.length === 2")
        [said] = [each for each in await tablet.page.value(hours) if plain(each) == hour]
        async with evening.act():
            await tablet.touch(".which-hour button", said)
            await tablet.touch(".card-edit button[type=submit]")
        assert starts(await evening.booking(id)) == f"2026-10-25T02:15:00{offset}"
        await tablet.close_card()
    async with evening.act():
        await evening.ask("PATCH", f"/bookings/{id}", {"date": "2026-10-25", "time": "02:30:00+01:00"})

    await passes(evening, clock, datetime.fromisoformat("2026-10-25T02:00:00+01:00"), "2:00 GMT+1")
    await evening.agree()
    await shows_the_present(evening, "2026-10-24")
    clock.set(datetime.fromisoformat("2026-10-25T02:05:10+01:00"))
    await shows(evening, "2:05 GMT+1")
    async with evening.act():
        await phone.do("Seat", "First")
    table = evening.tables[6][1]
    async with evening.act():
        await desktop.close_table(table, "02:45")
    [block] = (await evening.floor(await evening.version()))[1]["blocks"].values()
    assert (block["start_at"][:16], block["end_at"]) == ("2026-10-25T02:05", "2026-10-25T02:45:00+01:00")
    assert datetime.fromisoformat(block["end_at"]) - datetime.fromisoformat(block["start_at"]) < timedelta(hours=1)


@at_night("2027-03-28T01:20:00+01:00")
async def test_hour_that_is_jumped_over_is_no_time(night: Night) -> None:
    evening, clock = night
    desktop, tablet, _ = evening.screens
    times = [plain(each) for each in await offered(desktop)]
    jump = times.index("3:00")
    assert times[jump - 1] == "1:45" and not any(each.startswith("2:") for each in times)
    await desktop.touch("dialog .dialog-head button")
    await desktop.dialog(closed=True)
    longest = await books(evening, tablet, "Long", "1:45")
    assert (starts(longest), longest["end_at"]) == ("2027-03-28T01:45:00+01:00", "2027-03-28T04:45:00+02:00")
    id, _ = await evening.named("Long")
    for screen in evening.screens:
        marks = (await looks(screen))["marks"]
        hour = marks.index("3:00")
        assert marks[hour - 2 : hour + 1] == ["1:00", "1:30", "3:00"], screen.name
    # A time that isn't is refused beside what was typed, and nothing is moved.
    version = await evening.version()
    await retimes(desktop, id, "02:30")
    await desktop.page.until("document.querySelector('.card-edit [role=alert]') !== null")
    assert "doesn't exist" in await desktop.page.value("document.querySelector('.card-edit [role=alert]').innerText")
    assert await evening.version() == version
    await desktop.close_card()
    async with evening.act():
        await desktop.carry(id, "ArrowRight", "3:00")
    assert starts(await evening.booking(id)) == "2027-03-28T03:00:00+02:00"

    await passes(evening, clock, datetime.fromisoformat("2027-03-28T03:00:00+02:00"), "3:00")
    await evening.agree()
    await shows_the_present(evening, "2027-03-27")
