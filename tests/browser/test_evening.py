"""The host stand as a whole: three hosts on three screens, one hub of two processes, and an evening of some 120
covers. After each act every screen shows what the rows say at the same position, and no screen ever claims to be live
over what it does not have."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest

from hub.rest import built_pages
from tests import tonight
from tests.between import Between
from tests.browser import stand_acts, stand_calls, stand_evening, stand_figures, stand_states
from tests.browser.looking import LIVE
from tests.browser.stand_evening import Evening
from tests.browser.stand_figures import Figures
from tests.conftest import StartHub
from tests.outside import complaints
from tests.servers import free_port

if TYPE_CHECKING:
    from tests.browser.conftest import Page

LIVE_MOST_MS = 5_500
"""What a screen that says "live" may lack has been written less than so long ago."""
SETTINGS: dict[str, Any] = {"workers": 2, "CANCEL_DEADLINE_MINUTES": 0}

pytestmark = [
    pytest.mark.skipif(not built_pages.DIST.exists(), reason="the pages are not built: make pages"),
    pytest.mark.slow,
    pytest.mark.timeout(560),
]


@pytest.fixture
async def between() -> AsyncIterator[Between]:
    """The line of the tablet."""
    async with Between("127.0.0.1", free_port()).open() as line:
        yield line


@pytest.fixture
async def evening(start_hub: StartHub, browser: str, between: Between, open_tab: Any) -> AsyncIterator[Evening]:
    hours = tonight.midday()
    zone = hours["RESTAURANT_TIMEZONE"]
    hub = await start_hub(port=between.to[1], **SETTINGS, **hours)
    lines = {"tablet": f"http://127.0.0.1:{between.port}"}
    async with stand_evening.begun(hub, zone, open_tab, browser, lines) as made:
        await made.furnish()
        yield made


async def test_evening(evening: Evening, start_hub: StartHub, between: Between) -> None:
    figures = Figures()
    try:
        desktop = evening.screens[0]
        await evening.agree()
        await stand_acts.phone_bookings(evening, figures)
        await stand_acts.walk_ins(evening, figures)
        await stand_acts.other_tables(evening)
        await stand_acts.closed_and_held(evening)
        await stand_acts.longer(evening)
        await stand_acts.not_come(evening)
        await stand_acts.waiting(evening)
        await stand_acts.noted_and_found(evening)
        calls = await stand_calls.known_guest(evening)
        await stand_calls.another_day(evening, calls)
        await stand_calls.misheard_name(evening, calls)
        await stand_calls.closed_area(evening)
        await stand_calls.paper(evening)
        figures["from a touch on the tablet to the desktop, ms"] = await acts_to_screens(evening)
        await evening.ask("POST", "/waitlist", {"guests": 6, "name": "Still Here", "force": True})
        await evening.agree()
        found = await stand_states.barriers_everywhere(desktop, (await evening.named("Grace"))[0])
        found += await a_line_that_stalls(evening, between)
        found += await processes_restart(evening, start_hub)
        await stand_acts.plan_shows_who_has_which_table(evening)
        figures["script and style of /stand, bytes"] = await desktop.page.value(stand_figures.LINE)
        dragged = await evening.fill_tomorrow(200)
        await desktop.page.value("document.activeElement.blur()")
        await desktop.key("ArrowRight")
        await desktop.page.until(f"document.querySelector('[data-booking=\"{dragged}\"]') !== null && {LIVE}")
        await desktop.page.until("document.querySelectorAll('.timeline [data-booking]').length >= 200")
        figures["a drag over 200 bookings"] = await stand_figures.frames_while_dragging(desktop, dragged, 60)
        floor = (await evening.floor(await evening.version()))[1]
        covers = sum(each["guests"] for each in floor["bookings"].values() if each["status"] != "no_show")
        figures["covers, acts, screens compared"] = (covers, evening.acts, evening.compared)
    finally:
        figures.print()
    assert found == [], "\n".join(found)
    assert covers >= 110
    assert all(not unexpected(screen.page) for screen in evening.screens)


def unexpected(page: Page) -> list[str]:
    """What a console complains of beside refusals that were meant (409), and the hub that was gone for a while."""
    known = ("status of 409 ", "ERR_CONNECTION_", "WebSocket connection to", "status of 503 ", "ERR_EMPTY_RESPONSE")
    return [each for each in page.complaints if not any(word in each for word in known)]


async def acts_to_screens(evening: Evening) -> dict[str, float]:
    desktop, tablet, _ = evening.screens
    await tablet.list("Arrivals")
    waited = await stand_figures.from_act_to_screen(tablet, desktop, "Grace", 110)
    await evening.agree()
    return {
        "acts": len(waited),
        "p50": round(stand_figures.percentile(waited, 0.5), 1),
        "p99": round(stand_figures.percentile(waited, 0.99), 1),
    }


async def a_line_that_stalls(evening: Evening, between: Between) -> list[str]:
    """Nothing comes through to the tablet while the others go on; it says so in time, and catches up."""
    desktop, tablet, phone = evening.screens
    for screen in evening.screens:
        await screen.page.value(stand_figures.SAMPLE)
    between.carries.clear()
    for number in range(3):
        await evening.book(f"Meanwhile {number}", 100, guests=2, minutes=30)
    await evening.agree(desktop, phone)
    await tablet.page.until("document.querySelector('.live-state').dataset.shade === 'stale'")
    found = await stand_states.barriers(tablet, "stale")
    between.carries.set()
    await tablet.page.until(LIVE)
    await evening.agree()
    committed = await evening.committed()
    for screen in evening.screens:
        samples = await screen.page.value("samples")
        assert samples and stand_figures.claims(samples, committed, LIVE_MOST_MS) == [], screen.name
    return found


async def processes_restart(evening: Evening, start_hub: StartHub) -> list[str]:
    """The hub's processes end and others begin; a page that was opened meanwhile shows what was kept."""
    desktop, tablet, phone = evening.screens
    assert complaints(evening.hub) == []
    await evening.hub.stop()
    await tablet.page.until(f"!({LIVE})")
    await desktop.page.until("document.querySelector('.stand').dataset.old === 'true'")
    await phone.page.call("Page.reload")
    await phone.page.until("document.querySelector('.offline-note') !== null")
    found = await stand_states.barriers(phone, "offline")
    settings = SETTINGS | tonight.midday() | {"RESTAURANT_TIMEZONE": str(evening.zone)}
    evening.hub = await start_hub(port=int(evening.hub.url.rsplit(":", 1)[1]), **settings)
    for screen in evening.screens:
        await screen.page.until(LIVE)
    async with evening.act():
        await desktop.touch(".lists > .tabs button", "Arrivals")
        await desktop.do("Here", "Mary")
    return found
