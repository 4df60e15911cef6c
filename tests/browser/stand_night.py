"""A restaurant that is open from 18:00 until 5:00, at a time that a test sets: three hosts, and the hours they see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.store import migration
from tests import servers as made
from tests.browser import stand_evening
from tests.browser.looking import LIVE
from tests.conftest import SECRET_KEY, make_settings
from tests.servers import PATIENCE
from tests.set_clock import servers_at, set_clock

if TYPE_CHECKING:
    from tests.browser.stand_evening import Evening
    from tests.browser.stand_screen import Screen
    from tests.servers import Servers
    from tests.set_clock import SetClock

ZONE = "Europe/Berlin"
HOURS = {"RESTAURANT_TIMEZONE": ZONE, "WORKDAY_START_HOUR": "18", "WORKDAY_END_HOUR": "29"}
LOOKS = r"""(() => {
  const text = (element) => (element?.textContent ?? "").replace(/[\u2066-\u2069]/g, "").replace(/\b0(?=\d:)/g, "");
  const all = (selector) => [...document.querySelectorAll(selector)].map(text);
  const track = document.querySelector(".row .track"), axis = track.getBoundingClientRect();
  const line = document.querySelector(".present")?.getBoundingClientRect();
  const [from, to] = [Number(track.dataset.axisStart), Number(track.dataset.axisEnd)];
  return {
    day: document.querySelector(".day input").value,
    tonight: document.querySelector(".day button[aria-pressed]").getAttribute("aria-pressed") === "true",
    clock: text(document.querySelector(".clock [aria-hidden]")), marks: all(".axis-marks > *"),
    present: line && axis.width ? from + (to - from) * (line.x + line.width / 2 - axis.x) / axis.width : null,
    times: all(".list-scroll .entry-time"), printed: all(".sheet table:first-of-type tr td:first-child"),
    title: text(document.querySelector(".sheet h1")), foot: text(document.querySelector(".sheet footer")),
  };
})()"""
"""The day, the clock, the hours of the axis, where the line of the present stands, the times of lists and of paper."""


@asynccontextmanager
async def night_at(
    at: datetime, servers: Servers, folder: Path, open_tab: Any, browser: str
) -> AsyncIterator[tuple[Evening, SetClock]]:
    with set_clock(at) as clock, servers_at(clock, servers, folder / "servers") as own:
        database, redis = own.postgres.url, own.redis_url(1023)
        await migration.migrate(make_settings(database, redis, folder / "migration"))
        environ = made.environment(DATABASE_URL=database, REDIS_URL=redis, SECRET_KEY=SECRET_KEY, **clock.environ)
        environ |= HOURS | {"CANCEL_DEADLINE_MINUTES": "0"}
        hub = await made.start_hub(folder / "hub", environ, timeout=3 * PATIENCE)
        try:
            late = timedelta(hours=5)
            async with stand_evening.begun(hub, ZONE, open_tab, browser, now=clock.now, past_midnight=late) as evening:
                yield evening, clock
        finally:
            await hub.stop()


async def set_on(evening: Evening, clock: SetClock, at: datetime) -> None:
    """Let it be then. Tokens are renewed in time, and so much time has not passed: after an hour people log in anew."""
    is_long = at - clock.now() > timedelta(minutes=30)
    clock.set(max(at, clock.now()))
    evening.staff = await evening.hub.log_in(evening.staff.email)
    for screen in evening.screens if is_long else ():
        await screen.page.value("sessionStorage.clear(); 0")
        await screen.enter(evening.hub.url)


async def shows(evening: Evening, clock: str) -> None:
    """Each screen's clock comes to show it, and the screen is live again."""
    text = "document.querySelector('.clock [aria-hidden]')?.textContent.replace(/^0(?=\\d)/, '')"
    for screen in evening.screens:
        await screen.page.until(f"{text} === {clock!r} && {LIVE}")


async def passes(evening: Evening, clock: SetClock, at: datetime, shown: str) -> None:
    """The clock goes over this moment by itself, while everybody looks."""
    await set_on(evening, clock, at - timedelta(minutes=5))  # enough for all to log in: it is never set back
    clock.set(at - timedelta(seconds=2))
    await shows(evening, shown)


async def looks(screen: Screen) -> dict[str, Any]:
    found: dict[str, Any] = await screen.page.value(LOOKS)
    return found


async def shows_the_present(evening: Evening, day: str) -> None:
    """Each screen is on this service day, as tonight, and its line of the present stands at the present."""
    for screen in evening.screens:
        # A phone shows its list first. What the hub's clock says now a page learns with the next frame.
        at = evening.now().timestamp() * 1000
        await screen.page.until(f"(({LOOKS}).present === null || Math.abs(({LOOKS}).present - {at}) < 60_000)")
        seen = await looks(screen)
        assert (seen["day"], seen["tonight"]) == (day, True), screen.name
