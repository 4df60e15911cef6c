"""Idempotency keys of verbs with a transaction of their own: done and kept together, or neither."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest

from hub.config import Settings
from hub.errors import (
    Forbidden,
    HubError,
    InProgress,
    KeyMismatch,
    NonexistentLocalTime,
    OutcomeUnknown,
    ValidationFailed,
)
from hub.rest.repeats import is_final
from hub.store import database, keys
from hub.store.keys import Key, Repeated, find_out, keep_refusal, look_up, once

KEY = Key("user:1", "a key", "a digest")
OTHER = Key("user:1", "a key", "another digest")
ADD = "INSERT INTO venue_groups (name) VALUES ('kept once') RETURNING id"
COUNT = "SELECT count(*) FROM venue_groups WHERE name = 'kept once'"


async def add(connection: Any) -> int:
    number: int = await connection.fetchval(ADD)
    return number


def adding(key: Key = KEY) -> Any:
    return database.transact(once(key, add, lambda made: {"made": made}))


async def test_what_is_done_is_kept_with_it_and_told_again(connected: Settings, sql: Any) -> None:
    made = await adding()
    for again in (adding(), look_up(KEY), find_out(KEY), keep_refusal(KEY, Forbidden())):
        with pytest.raises(Repeated) as found:
            await again
        assert found.value.answer == {"made": made}
    for other in (adding(OTHER), look_up(OTHER), find_out(OTHER), keep_refusal(OTHER, Forbidden())):
        with pytest.raises(KeyMismatch):
            await other
    assert await sql.fetchval(COUNT) == 1
    await sql.execute("UPDATE idempotency_keys SET expires_at = clock_timestamp()")
    await look_up(KEY)
    assert await adding(OTHER) != made


async def test_of_many_at_once_one_is_done_and_the_others_know(connected: Settings, sql: Any) -> None:
    answers = await asyncio.gather(*(adding() for _ in range(12)), return_exceptions=True)
    done = [each for each in answers if not isinstance(each, Exception)]
    assert len(done) == 1
    assert all(isinstance(each, InProgress | Repeated) for each in answers if each not in done)
    assert await sql.fetchval(COUNT) == 1


async def test_what_fails_after_its_rows_keeps_nothing(connected: Settings, sql: Any) -> None:
    """Also when the process dies between the rows and the end: then its session ends, and the key is new again."""

    async def fail(connection: Any) -> int:
        await add(connection)
        raise Forbidden()

    with pytest.raises(Forbidden):
        await database.transact(once(KEY, fail, lambda made: {"made": made}))
    dying = await asyncpg.connect(connected.database_url)
    await dying.execute("BEGIN")
    await once(KEY, add, lambda made: {"made": made})(dying)
    for waiting in (adding(), find_out(KEY), keep_refusal(KEY, Forbidden())):
        with pytest.raises(InProgress):
            await waiting
    await look_up(KEY)
    pid = await dying.fetchval("SELECT pg_backend_pid()")
    await sql.execute("SELECT pg_terminate_backend($1, 10000)", pid)
    await find_out(KEY)  # it was not done, and never will be
    assert await sql.fetchval(COUNT) == 0
    await adding()
    assert await sql.fetchval(COUNT) == 1
    dying.terminate()


async def test_what_was_not_done_yet_keeps_nothing(connected: Settings, sql: Any) -> None:
    assert await database.transact(once(KEY, add, lambda made: None)) > 0
    assert await sql.fetchval("SELECT count(*) FROM idempotency_keys") == 0


@pytest.mark.parametrize(
    "refusal",
    [
        Forbidden("In other words."),
        ValidationFailed([{"field": "phone", "message": "that is no phone number"}]),
        NonexistentLocalTime(next_valid="03:00:00"),
    ],
    ids=lambda refusal: refusal.code,
)
async def test_refusal_is_told_in_the_same_words(connected: Settings, refusal: HubError) -> None:
    await keep_refusal(KEY, refusal)
    for again in (look_up(KEY), adding()):
        with pytest.raises(type(refusal)) as found:
            await again
        assert found.value.replayed and not is_final(found.value)
        assert (found.value.message, found.value.extra) == (refusal.message, refusal.extra)
        assert getattr(found.value, "errors", None) == getattr(refusal, "errors", None)


async def test_refusal_of_another_release_is_not_guessed(connected: Settings, sql: Any) -> None:
    await keep_refusal(KEY, Forbidden())
    await sql.execute("""UPDATE idempotency_keys SET answer = jsonb_set(answer, '{refusal,code}', '"unheard_of"')""")
    with pytest.raises(OutcomeUnknown):
        await look_up(KEY)


async def test_one_who_is_refused_for_ever_fills_nothing(
    connected: Settings, sql: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "MOST_OF_CALLER", 3)
    for number in range(6):
        await keep_refusal(Key("user:1", f"key {number}", "a digest"), Forbidden())
    await keep_refusal(Key("user:2", "key", "a digest"), Forbidden())
    found = await sql.fetch("SELECT caller, count(*) AS n FROM idempotency_keys GROUP BY caller ORDER BY caller")
    assert [tuple(row) for row in found] == [("user:1", 3), ("user:2", 1)]
    assert await adding(Key("user:1", "what is done", "a digest")) > 0  # is kept all the same
    with pytest.raises(Repeated):
        await look_up(Key("user:1", "what is done", "a digest"))
