"""The files on the way of a booking are those of docs/architecture.md: looked up when its statement leaves, and
when its row is written."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from hub.config import Settings
from hub.rest import bodies, endpoint
from hub.rest.bookings import ENDPOINTS
from hub.rest.endpoint import RequestContext
from hub.store import database
from tests import races
from tests.integration.walks.walk import at_work, check_in_all, every_file, ours, waiting, walk_of
from tests.writing import writing_context

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


async def test_the_way_of_a_booking_is_the_one_in_the_document(
    connected: Settings, settings: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    walk = walk_of("A booking, step by step")
    context = writing_context(connected, lambda events: None)
    [person] = await races.make_people(sql, settings, 1)
    at_the_call: set[str] = set()
    write = database.write

    async def seen(query: str, *args: Any) -> Any:
        at_the_call.update(at_work(), waiting())
        return await write(query, *args)

    async def book(day: int) -> None:
        """As its handler is called by the one function around every handler."""
        body = bodies.NewBooking.model_validate({"date": str(races.day_ahead(day)), "time": "18:00", "guests": 2})
        asked: Any = None  # by whom the handler is told of nothing here
        ctx = RequestContext(asked, "one", context, person.identity, body, None, [])
        [endpoint_of_it] = [each for each in ENDPOINTS if each.name == "book"]
        assert (await endpoint._carry_out(endpoint_of_it, asked, ctx)).status == 201

    await book(50)  # what is read once is read now
    await sql.execute(NOTE)
    monkeypatch.setattr(database, "write", seen)
    in_all: set[str] = set()
    with every_file(in_all):
        await book(50)
    [context_of_row] = await sql.fetchval("SELECT array_agg(context) FROM at_work")
    functions = {f"migrations/sql/{name}.sql" for name in re.findall(r"function (hub_\w+)", context_of_row)}
    assert (ours(at_the_call) - CARRIERS) | functions == set(walk.way)
    check_in_all(walk, ours(in_all) | functions)
