"""What is compared each second is what is in use; any other view is compared before it is given to anybody."""

from __future__ import annotations

import asyncio
import signal
from datetime import timedelta

import pytest

from hub.config import Settings
from hub.domain.events import MAIN, TABLES, stream_of
from hub.errors import Unavailable
from hub.security import Identity
from hub.store import database
from hub.views import updater, verification
from hub.views.cached_view import CachedView
from tests.integration.hub.views.test_cache_histories import rewrite
from tests.views import DAY, STREAM, Make, book

NEXT = stream_of(MAIN, DAY + timedelta(days=1))
LONG = updater.IN_USE_SECONDS + verification.UNVERIFIED_SECONDS
LOST = (
    "DELETE FROM occupancies",
    "DELETE FROM bookings",
    "DELETE FROM events WHERE stream <> 'tables'",
    "UPDATE streams SET version = 0, head = 0 WHERE name <> 'tables'",
)


def age(*views: CachedView) -> None:
    """As if nobody had asked for these for a while, nor compared them."""
    for cached in views:
        cached.used_at -= LONG
        cached.verified_loop -= LONG


async def test_view_out_of_use_is_compared_when_it_is_asked_for_and_not_before(
    make_process: Make, connected: Settings, by: Identity
) -> None:
    process = make_process()
    cached, floor_view = await process.views.get(STREAM), await process.views.get(TABLES)
    process.listen()
    age(cached)
    before = cached.verified_at
    await book(connected, by, 12)
    await process.views.verify()
    assert (cached.version, cached.verified_at) == (0, before)
    assert floor_view.verified_at > before  # the control: it is in use
    assert process.views.peek(STREAM) is None
    assert await process.views.get(STREAM) is cached
    assert cached.version == 1 and cached.verified_at > before
    # From now on it is in use again.
    await book(connected, by, 14)
    await process.views.verify()
    assert cached.version == 2


async def test_watched_view_is_always_in_use(make_process: Make, connected: Settings, by: Identity) -> None:
    process = make_process()
    cached = await process.views.get(STREAM)
    age(cached)
    cached.watchers = 1
    await book(connected, by, 12)
    await process.views.verify()
    assert cached.version == 1


async def test_many_who_ask_for_views_out_of_use_share_the_queries(make_process: Make, connected: Settings) -> None:
    """Those who come while a query is under way, which does not ask about theirs, share the next one."""
    process = make_process()
    streams = [stream_of(MAIN, DAY + timedelta(days=n)) for n in range(30)]
    views = [await process.views.get(stream) for stream in streams]
    process.listen()
    age(*views)
    told, under_way = process.told.verifications, asyncio.create_task(process.views.verify())
    await asyncio.sleep(0)  # which has asked, of nothing
    found = await asyncio.gather(*(process.views.get(stream) for stream in streams for _ in range(5)))
    await under_way
    assert {id(cached) for cached in found} == {id(cached) for cached in views}
    assert process.told.verifications == told + 2
    assert all(process.views.peek(stream) for stream in streams)


async def test_view_out_of_use_is_not_shown_while_the_database_does_not_answer(
    make_process: Make, connected: Settings
) -> None:
    process = make_process()
    cached = await process.views.get(STREAM)
    age(cached)
    await database.fetch("ALTER TABLE hub RENAME TO gone")
    with pytest.raises(Exception, match="hub"):
        await process.views.get(STREAM)
    assert process.views.peek(STREAM) is None
    await database.fetch("ALTER TABLE gone RENAME TO hub")
    assert await process.views.get(STREAM) is cached


async def test_lost_commits_of_a_view_out_of_use_are_found_before_it_is_shown(
    make_process: Make, connected: Settings, database_url: str, by: Identity
) -> None:
    process = make_process()
    cached, other = await process.views.get(STREAM), await process.views.get(NEXT)
    process.listen()
    other.watchers = 1
    process.views.apply(await book(connected, by, 12))
    lost, epoch = process.views.position(cached), process.context.epoch
    age(cached)
    await rewrite(database_url, *LOST)
    await book(connected, by, 14)
    await process.views.verify()
    assert process.context.epoch == epoch  # nobody uses it, and nobody looked
    shown = await process.views.get(STREAM)
    assert process.context.epoch != epoch
    assert process.views.position(shown) == f"{process.context.epoch}:1" != lost
    assert [entry.starts_at.hour for entry in shown.day_view.entries.values()] == [14]
    await process.told.until(lambda: process.told.replacements == [(NEXT, "epoch")])


async def test_loading_that_took_long_is_compared_before_it_is_shown(
    make_process: Make, connected: Settings, by: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = make_process()
    await process.views.verify()
    monkeypatch.setattr("hub.views.cache.UNVERIFIED_SECONDS", 0.0)
    process.listen()
    told = process.told.verifications
    with pytest.raises(Unavailable):  # nothing is ever fresh enough
        await process.views.get(STREAM)
    assert process.told.verifications == told + 1


async def test_who_asks_as_a_look_has_just_ended_gets_the_next_one(make_process: Make, by: Identity) -> None:
    process = make_process()
    cached = await process.views.get(STREAM)
    process.listen()
    ended = asyncio.create_task(asyncio.sleep(0))
    await ended
    process.views._verification._verifying = ended  # type: ignore[assignment]  # its callbacks are still to run
    age(cached)

    def fail(*_: object) -> None:
        raise TimeoutError("the loop stands still")

    before = signal.signal(signal.SIGALRM, fail)  # no timer of the loop could end what gives it no turn
    signal.setitimer(signal.ITIMER_REAL, 10)
    try:
        assert await process.views.get(STREAM) is cached
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert process.views.peek(STREAM) is cached
