"""The files on the way of a booking are those of docs/architecture.md: looked up when its statement leaves, and
when its row is written."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from hub.config import Settings
from hub.rest import bodies, endpoint
from hub.rest.bookings import ENDPOINTS
from hub.rest.endpoint import RequestContext
from hub.store import database
from tests import races
from tests.writing import writing_context

CHECKOUT = Path(__file__).parent.parent.parent
CARRIERS = {"hub/store/database.py"}
"""They carry anything whatever, and are named beside the way."""
NOTE = """
CREATE TABLE at_work (context text);
CREATE FUNCTION note_at_work() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_context text;
BEGIN
    GET DIAGNOSTICS v_context = PG_CONTEXT;
    INSERT INTO at_work VALUES (v_context);
    RETURN NEW;
END $$;
CREATE TRIGGER note_at_work BEFORE INSERT ON bookings FOR EACH ROW EXECUTE FUNCTION note_at_work();
"""
"""In the database: the functions that are at work when the row is written."""


@pytest.fixture
async def sql(database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


def named() -> list[str]:
    text = (CHECKOUT / "docs/architecture.md").read_text()
    walk = text.split("## A booking, step by step")[1].split("What is asked on the way")[0]
    return re.findall(r"^\d+\. `([^`]+)`", walk, re.MULTILINE)


def at_work() -> Iterator[str]:
    """The files of this task's frames, and of what waits for it in others."""
    frame: Any = sys._getframe()
    while frame is not None:
        yield frame.f_code.co_filename
        frame = frame.f_back
    for task in asyncio.all_tasks():
        waiting: Any = task.get_coro()
        while waiting is not None and hasattr(waiting, "cr_code"):
            yield waiting.cr_code.co_filename
            waiting = waiting.cr_await


async def test_the_way_of_a_booking_is_the_one_in_the_document(
    connected: Settings, settings: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = writing_context(connected, lambda events: None)
    [person] = await races.make_people(sql, settings, 1)
    await sql.execute(NOTE)
    files: set[str] = set()
    write = database.write

    async def seen(query: str, *args: Any) -> Any:
        files.update(at_work())
        return await write(query, *args)

    monkeypatch.setattr(database, "write", seen)
    body = bodies.NewBooking.model_validate({"date": str(races.day_ahead(50)), "time": "18:00", "guests": 2})
    asked: Any = None  # by whom the handler is told of nothing here
    ctx = RequestContext(asked, "one", context, person.identity, body, None, [])
    [book] = [each for each in ENDPOINTS if each.name == "book"]
    # As it is called by the one function around every handler.
    assert (await endpoint._carry_out(book, asked, ctx)).status == 201
    ours = {str(Path(name).relative_to(CHECKOUT)) for name in files if Path(name).is_relative_to(CHECKOUT / "hub")}
    [context_of_row] = await sql.fetchval("SELECT array_agg(context) FROM at_work")
    functions = re.findall(r"function (hub_\w+)", context_of_row)
    assert (ours - CARRIERS) | {f"migrations/sql/{name}.sql" for name in functions} == set(named())
