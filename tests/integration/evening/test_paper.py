"""Of an evening that is on, the paper says who came, which tables are closed and who waits; and what of it changed."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from tests.integration.evening.conftest import Tonight
from tests.integration.rest import refused
from tests.integration.rest_rules.test_paper import foot

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def printed(tonight: Tonight, day: str, query: str = "") -> str:
    answer = await tonight.ask("GET", f"/print/{day}{query}", "host")
    assert answer.status_code == 200, answer.text
    return answer.text


async def changes(tonight: Tonight, day: str, since: str) -> list[str]:
    """What stands first in each row of what changed since then."""
    page = await printed(tonight, day, f"?since={since}")
    return re.findall(r"<tr[^>]*>\s*<td>([^<]*)</td>", page[page.index(since) : page.index("By time")])


async def test_arrivals_closed_tables_and_who_waits_are_on_it_and_among_what_changed(tonight: Tonight) -> None:
    day = (await tonight.done("GET", "/venue"))["service_day"]
    first = foot(await printed(tonight, day))
    booking = await tonight.done("POST", "/walk-ins", {"guests": 2, "name": "Comes In"})
    second = foot(await printed(tonight, day))
    await tonight.done("POST", f"/bookings/{booking['id']}/finish")
    entry = await tonight.done("POST", "/waitlist", {"guests": 3, "name": "Smith Waits", "force": True})
    await tonight.done("POST", f"/guests/{entry['guest_id']}/notes", {"kind": "dietary", "text": "No eggs"})
    start = datetime.fromisoformat(booking["end_at"]).replace(second=0)
    body = {
        "table_ids": [booking["table"]["id"]], "start_at": start.isoformat(),
        "end_at": (start + timedelta(minutes=30)).isoformat(), "reason": "Paint & so on",
    }  # fmt: skip
    block = await tonight.done("POST", "/blocks", body)
    page = await printed(tonight, day)
    closed = f"closed {block['start_at'][11:16]}–{block['end_at'][11:16]}: Paint &amp; so on"
    for text in ("Wait list", "Smith Waits", "⚠ Allergy or diet: <bdi>No eggs", closed, "<td>left</td>"):
        assert text in page, text
    assert await changes(tonight, day, second) == ["left", "closed", "waits"]
    assert await changes(tonight, day, first) == ["new", "closed", "waits"]
    third = foot(page)
    await tonight.done("DELETE", f"/blocks/{block['id']}")
    await tonight.done("POST", f"/waitlist/{entry['id']}/here")
    fourth = foot(await printed(tonight, day))
    await tonight.done("POST", f"/waitlist/{entry['id']}/leave")
    assert await changes(tonight, day, third) == ["open again", "waits no more"]
    assert await changes(tonight, day, fourth) == ["waits no more"]


async def test_it_speaks_the_language_of_who_asks(tonight: Tonight) -> None:
    day = (await tonight.done("GET", "/venue"))["service_day"]
    page = await printed(tonight, day, "?language=ru")
    assert '<html lang="ru">' in page and "По времени" in page and re.search(r"Состояние на \d\d:\d\d:\d\d", page)
    refused(await tonight.ask("GET", f"/print/{day}?language=xx", "host"), "validation_error")


async def test_it_tells_the_time_by_the_clock_of_who_asks(tonight: Tonight) -> None:
    booking = await tonight.done("POST", "/walk-ins", {"guests": 2, "name": "Leaves Soon"})
    left = await tonight.done("POST", f"/bookings/{booking['id']}/finish")
    day, since, until = left["service_date"], left["start_at"], left["left_at"]
    for query in ("", "?clock=24"):
        page = await printed(tonight, day, query)
        assert f"{since[11:16]}–{until[11:16]} <bdi>Leaves Soon</bdi>" in page
    page = (await printed(tonight, day, "?clock=12")).replace("\N{NARROW NO-BREAK SPACE}", " ")
    twelve = [f"12:{each[14:16]} PM" for each in (since, until) if each[11:13] == "12"]
    assert all(each in page for each in twelve) and re.search(r"As of \d+:\d\d:\d\d [AP]M", page)
    refused(await tonight.ask("GET", f"/print/{day}?clock=13", "host"), "validation_error")
