"""PostgreSQL: the process's pool, transactions that repeat themselves, and errors that the caller can be told.

Verbs take their statements to :func:`fetch` (one statement, its own transaction) or :func:`transact` (several); both
turn what the driver raises into HubErrors (hub.store.failures). Nothing here knows a table.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import asyncpg
from tortoise import Tortoise

from hub import logs
from hub.config import Settings
from hub.errors import Conflict, HubError, OutcomeUnknown, Overloaded, Unavailable
from hub.store.failures import classify, is_unclear, sqlstate_of, state_of
from hub.store.orm import tortoise_config
from hub.store.pool import ACQUIRE_SECONDS, COMMAND_SECONDS, Pool, Taken
from hub.store.postgres import Connector

T = TypeVar("T")
log = logs.get("hub.store.database")

NOTE_SECONDS = 5.0
MODELS_POOL_SIZE = 2
"""Connections of one process for queries of the models, opened when there is one."""
POOL_SIZE = 16
"""Connections of one process."""
WRITERS = 12
"""How many of them writers may hold at once; the others are for readers."""
APART = 2
"""Connections beside these, one for each of what must be asked however many requests there are."""
OTHER_ISOLATION = "HB001"
"""What ``hub_lock`` and ``hub_commit`` raise in a transaction that is not READ COMMITTED."""

_pool: Pool | None = None
"""The pool of this process while it is connected: verbs are given their settings and identities, never a connection."""
_apart: Pool | None = None
"""One connection more, which no load can take, for the freshness check (:func:`fetch_apart`)."""
_judging: Pool | None = None
"""And one for the question whether the hub is ready: a load is no reason to say that it is not."""


async def connect(settings: Settings, *, pool_size: int = POOL_SIZE, **connecting: Any) -> None:
    """Open this process's pool, in place of the one before. Raises Unavailable when PostgreSQL does not answer.

    ``connecting`` goes to hub.store.postgres.
    """
    global _pool, _apart, _judging
    await close()
    connector = Connector(settings.database_url, prepared=settings.prepared_statements, **connecting)
    pools = [Pool(connect=connector, max_size=n, command_timeout=COMMAND_SECONDS) for n in (pool_size, *[1] * APART)]
    for each in pools:
        await each.open()
    _pool, _apart, _judging = pools
    # Tortoise connects with its first query.
    config = tortoise_config(
        settings.database_url, pool_size=MODELS_POOL_SIZE, prepared=settings.prepared_statements, **connecting
    )
    await Tortoise.init(config=config, _enable_global_fallback=True)
    try:
        [row] = await fetch("SELECT current_setting('server_encoding') AS encoding")
        check_encoding(row["encoding"])
    except BaseException:
        await close()
        raise


def check_encoding(found: str) -> None:
    """Raises Unavailable for a database that can't hold every name and every event."""
    if found != "UTF8":
        raise Unavailable(
            f"The database's encoding is {found}, and the hub needs UTF8: make another database, with "
            "CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'."
        )


async def close() -> None:
    """Give every connection back and close them."""
    global _pool, _apart, _judging
    closing = [each for each in (_pool, _apart, _judging) if each is not None]
    _pool = _apart = _judging = None
    for each in closing:
        await each.close()
    if closing:
        await Tortoise.close_connections()


async def watch(stuck: Callable[[], object]) -> None:
    """Watch this process's pool for as long as it is open, and end the process when the pool is lost
    (hub.store.pool)."""
    if _pool is not None:
        await _pool.watch(stuck)


async def pool() -> asyncpg.Pool[Any]:
    """This process's pool. Raises Unavailable when it is not connected."""
    return _connected(_pool).source


def take() -> Taken:
    """A connection of this process's pool, for a block. Raises Unavailable when it is not connected."""
    return _connected(_pool).take()


def _connected(found: Pool | None) -> Pool:
    if found is None:
        raise Unavailable("The database is not connected.")
    return found


async def fetch(query: str, *args: Any) -> list[asyncpg.Record]:
    """The rows of one statement, which is its own transaction. Raises HubErrors only."""

    return await _fetch(_connected(_pool), query, args)


async def fetch_apart(query: str, *args: Any) -> list[asyncpg.Record]:
    """The same on a connection that no request takes: for the freshness check, one question at a time."""
    return await _fetch(_connected(_apart), query, args)


async def fetch_to_judge(query: str, *args: Any) -> list[asyncpg.Record]:
    """The same on the connection that tells whether the hub is ready."""
    return await _fetch(_connected(_judging), query, args)


async def _fetch(source: Pool, query: str, args: tuple[Any, ...]) -> list[asyncpg.Record]:
    async def once() -> list[asyncpg.Record]:
        async with source.take() as connection:
            if _pool is not None and _pool.other_isolation:
                async with connection.transaction(isolation="read_committed"):
                    return await connection.fetch(query, *args)
            return await connection.fetch(query, *args)

    return await _repeating(once, source)


async def write(query: str, *args: Any) -> list[asyncpg.Record]:
    """The rows of one statement that writes what may not be written twice. Raises OutcomeUnknown, not Unavailable or
    Overloaded, when it was sent and nobody said what became of it."""

    async def once() -> list[asyncpg.Record]:
        if _pool is not None and _pool.other_isolation:  # which the attempt before this one may have found out
            return await transact(lambda connection: connection.fetch(query, *args))
        async with take() as connection:
            try:
                return await connection.fetch(query, *args)
            except Exception as error:
                if is_unclear(error):
                    raise _unknown(error) from error
                raise

    return await _repeating(once, _connected(_pool))


def _unknown(error: Exception) -> OutcomeUnknown:
    log.warning("the outcome of a commit is not known", error=type(error).__name__, sqlstate=sqlstate_of(error))
    return OutcomeUnknown()


async def ask(question: Awaitable[T]) -> T:
    """The answer to a query of the models, which administration makes: no hot path, and no transaction.

    It is a statement of its own, on one of Tortoise's connections. Raises HubErrors only.
    """
    try:
        async with asyncio.timeout(ACQUIRE_SECONDS + COMMAND_SECONDS):
            return await question
    except Exception as error:
        known = classify(error)
        if known is None:
            raise
        raise known from error


async def transact(work: Callable[[Any], Awaitable[T]]) -> T:
    """Run ``work(connection)`` in one transaction and commit it; a deadlock or a failed serialisation repeats it whole.

    ``connection`` is asyncpg's. Raises HubErrors; whatever else ``work`` raises goes on unchanged. Either way nothing
    of it is kept, but perhaps after OutcomeUnknown: nobody said what became of COMMIT. The isolation is said, since
    what follows a lock must see what was committed during the wait.
    """
    return await _transact(_connected(_pool), work)


async def _transact(source: Pool, work: Callable[[Any], Awaitable[T]]) -> T:
    async def once() -> T:
        commits = False
        try:
            async with (
                source.take() as connection,
                connection.transaction(isolation="read_committed"),
            ):
                result = await work(connection)
                commits = True
            return result
        except Exception as error:
            if commits and is_unclear(error):
                raise _unknown(error) from error
            raise

    return await _repeating(once, source)


_noted: dict[str, float] = {}
"""When a state of the database was last written to the log, by its SQLSTATE."""


def _note(error: Exception) -> None:
    """Say what the database's state is, once in NOTE_SECONDS however many requests meet it."""
    state = sqlstate_of(error)
    said, now = state_of(state), time.monotonic()
    if state is not None and said is not None and now - _noted.get(state, -NOTE_SECONDS) >= NOTE_SECONDS:
        _noted[state] = now
        log.warning("the database refuses statements", sqlstate=state, problem=said, condition=type(error).__name__)


async def _repeating(once: Callable[[], Awaitable[T]], used: Pool) -> T:
    for attempt in (1, 2, 3):
        try:
            return await once()
        except HubError:
            raise
        except Exception as error:
            if getattr(error, "sqlstate", None) == OTHER_ISOLATION and _pool is not None and attempt < 3:
                _pool.note_isolation()
                continue
            known = classify(error)
            if known is None:
                raise
            _note(error)
            if isinstance(known, Overloaded) and sqlstate_of(error) is None and not used.is_complete():
                # The wait was not for others' connections: one can't be made, or a statement was never answered.
                known = Unavailable("The database does not answer.")
            if not isinstance(known, Conflict) or attempt == 3:
                raise known from error
    raise AssertionError("unreachable")


def in_background(coroutine: Any) -> asyncio.Task[Any]:
    """A task that inherits nothing of the caller's context: it goes on for others when the caller is gone."""
    return asyncio.get_running_loop().create_task(coroutine, context=contextvars.Context())


class _Undone(Exception):
    """Ends a transaction whose work is not to be kept."""


async def try_to_write() -> None:
    """Do what a booking needs, and undo it: lock a stream that is made for it, on the connection of
    :func:`fetch_to_judge`. Raises HubErrors."""

    async def work(connection: Any) -> None:
        await connection.execute("SELECT hub_lock($1)", f"try:{secrets.token_hex(8)}")
        raise _Undone

    with contextlib.suppress(_Undone):
        await _transact(_connected(_judging), work)
