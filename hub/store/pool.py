"""One process's connections to PostgreSQL: asyncpg's pool, and what is done when none of them comes back.

Whoever takes a connection does it with ``async with pool.take()``, and opens a transaction within that block: then
there is no await between taking and giving back at which a connection could be lost, whenever the task is cancelled.
The pool itself ends what a connection that comes back has left open.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

import asyncpg

from hub import logs

ACQUIRE_SECONDS = 2.0
"""How long a request waits for a connection before it is refused as overloaded."""
COMMAND_SECONDS = 10.0
"""How long one statement may take."""
CLOSE_SECONDS = 10.0
"""How long connections in use may take to come back when the pool is closed."""
LOOK_SECONDS = 1.0
STUCK_LOOKS = 30
"""A pool that had no free connection at so many looks in a row, and got none back between them, is lost. No statement
takes so long, so nobody is going to give one back."""
STUCK_EXIT_CODE = 1
log = logs.get("hub.store.pool")


if TYPE_CHECKING:
    _Connection = asyncpg.Connection[asyncpg.Record]
else:
    _Connection = asyncpg.Connection


class PoolConnection(_Connection):
    """Knows whether its last statement outside of a transaction was sent to its end.

    asyncpg first prepares a statement and then asks for its rows. Cancelled between the two, it leaves PostgreSQL
    waiting for the rest, within a transaction that keeps the locks of the statement's tables.
    """

    __slots__ = ("unfinished",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unfinished = False

    async def fetch(self, *args: Any, **kwargs: Any) -> Any:
        self.unfinished = True
        rows = await super().fetch(*args, **kwargs)
        self.unfinished = False
        return rows


class Pool:
    """The connections of one process, made as they are needed."""

    def __init__(self, **arguments: Any) -> None:
        """``arguments`` are those of ``asyncpg.create_pool``. Nothing is connected yet. Needs a running loop."""
        self.returned = 0
        """How many connections were given back, all in all."""
        self.other_isolation = False
        """Whether these sessions have another default than READ COMMITTED, so that each statement must say its own."""
        self.source: asyncpg.Pool[Any] = asyncpg.create_pool(
            **arguments, min_size=0, init=self._look_at_isolation, reset=self._reset, connection_class=PoolConnection
        )

    async def open(self) -> None:
        """Make the pool usable. It connects with the first statement, so nothing is awaited that could be cut off."""
        await self.source

    async def _look_at_isolation(self, connection: asyncpg.Connection[Any]) -> None:
        """What asyncpg calls with each new connection. The default may have been set for the role or the database."""
        if await connection.fetchval("SHOW default_transaction_isolation") != "read committed":
            self.note_isolation()

    def note_isolation(self) -> None:
        """Say READ COMMITTED with each statement from now on: two round trips more, and the same outcome."""
        if not self.other_isolation:
            self.other_isolation = True
            log.warning("the default isolation of the hub's role is not read committed: run hub migrate")

    async def _reset(self, connection: asyncpg.Connection[Any]) -> None:
        """What asyncpg calls when a connection comes back, after it has rolled back what was left open.

        Nothing else of a session outlives its statement here (only SET LOCAL, only transaction locks), so the round
        trip that asyncpg would spend on resetting a connection is saved.
        """
        self.returned += 1
        assert isinstance(connection, PoolConnection)
        if connection.unfinished:
            await connection.execute("SELECT 1")  # which ends what was begun before it

    def take(self) -> Taken:
        """A connection for the block. Raises TimeoutError when none is free in ACQUIRE_SECONDS, and what connecting
        raises."""
        return Taken(self.source)

    def is_complete(self) -> bool:
        """Whether every connection that may be open is open, in use or not."""
        return self.source.get_size() == self.source.get_max_size()

    def is_empty(self) -> bool:
        """Whether every connection that may be open is in use."""
        return self.is_complete() and not self.source.get_idle_size()

    async def close(self) -> None:
        """Close every connection, at once those that do not come back in time."""
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self.source.close()
        except TimeoutError:
            self.source.terminate()

    async def watch(self, stuck: Callable[[], object]) -> NoReturn:
        """Look at the pool for ever; end the process when it is lost, after a call of ``stuck`` and a line in the log.

        The time is counted in looks, because a process that was stopped for a while has missed nothing.
        """
        looks, returned = 0, -1
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            looks = looks + 1 if self.is_empty() and self.returned == returned else 0
            returned = self.returned
            if looks >= STUCK_LOOKS:
                stuck()
                log.critical(
                    "no database connection came back in time, and the process ends",
                    connections=self.source.get_max_size(),
                    seconds=looks * LOOK_SECONDS,
                )
                end_process()


class Taken:
    """A connection of a pool for a block. One that is free is taken at once: asyncpg's own time limit makes a task of
    the taking, which has its turn after all who are ready to run by then."""

    __slots__ = ("_connection", "_source")

    def __init__(self, source: asyncpg.Pool[Any]) -> None:
        self._source = source

    async def __aenter__(self) -> asyncpg.pool.PoolConnectionProxy[asyncpg.Record]:
        async with asyncio.timeout(ACQUIRE_SECONDS):
            self._connection = await self._source.acquire()
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        await self._source.release(self._connection, timeout=ACQUIRE_SECONDS)


def end_process() -> NoReturn:
    """End at once: what runs in this process waits for connections that nobody gives back. A supervisor starts anew."""
    logs.flush()
    os._exit(STUCK_EXIT_CODE)
