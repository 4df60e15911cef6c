"""Writers of one stream, account or guest queue in this process, before they take a connection.

PostgreSQL lets one writer of a stream, or of a row, write at a time, whoever asks. Who waits there holds a connection
meanwhile, and a day that everybody wants, or one guest over many connections, would hold all of them. So a few of each
stream and one of each account or guest are let through, and the others wait here, in the order in which they came.
Nothing here is needed for a booking to be right: other processes write too.

Whatever a request writes that locks a row of an account or of a guest goes through :meth:`WriteQueue.transact` or
:meth:`WriteQueue.write`; tests/code/test_writes_in_turn.py lists what may pass them by.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from hub.errors import Overloaded, TooManyRequests
from hub.store import database

T = TypeVar("T")
AT_ONCE = 4
"""Writers of one stream that are let through at once, so that the next ones are at the lock when it is free."""
WAIT_SECONDS = 5.0
"""How long one may wait here."""
ROW = "row:"
"""What the names of rows begin with, of which one writer is let through at a time."""


def account(user_id: int) -> str:
    """The name of an account's row, under which its writers queue."""
    return f"{ROW}account:{user_id}"


def guest(guest_id: int) -> str:
    return f"{ROW}guest:{guest_id}"


def guest_of(group_id: int, user_id: int) -> str:
    """For who only asks which guest an account is: none of them waits behind what the account writes."""
    return f"{ROW}account:{user_id}:{group_id}"


def address(email: str) -> str:
    """For writers who know an account by its e-mail alone, or make one."""
    return f"{ROW}address:{email}"


class WriteQueue:
    """The queues of one process."""

    def __init__(self, places: asyncio.Semaphore, *, waiting: int, waiting_of_user: int) -> None:
        """``places`` are those of all who write in this process. How many may wait for one stream, and how many of them
        for one user; 0 is no bound."""
        self._places = places
        self._waiting_for_a_place = 0
        self._most = waiting
        self._most_of_user = waiting_of_user
        self._inside: Counter[str] = Counter()
        self._queues: dict[str, deque[asyncio.Future[None]]] = {}
        self._of_users: Counter[int] = Counter()

    @property
    def waiting(self) -> int:
        """How many wait, all in all."""
        return sum(map(len, self._queues.values())) + self._waiting_for_a_place

    async def transact(self, names: Iterable[str], work: Callable[[Any], Awaitable[T]], *, user: int | None) -> T:
        """``database.transact`` in its turn. Raises what that and :meth:`turn` raise."""
        async with self.turn(names, user=user):
            return await database.transact(work)

    async def write(self, names: Iterable[str], query: str, *args: Any, user: int | None) -> list[Any]:
        """``database.write`` in its turn. Raises what that and :meth:`turn` raise."""
        async with self.turn(names, user=user):
            return await database.write(query, *args)

    @asynccontextmanager
    async def turn(self, names: Iterable[str], *, user: int | None) -> AsyncIterator[None]:
        """Wait until it is ``user``'s turn to write to ``names``, and keep it for the block: streams, and rows that
        :func:`account`, :func:`guest` and :func:`address` name. ``user`` is None for nobody who is known.

        Raises Overloaded when too many wait already or it takes too long, TooManyRequests when too many of them are
        this user's. Turns are taken in the order of the names, so none waits for another for
        ever.
        """
        taken: list[str] = []
        try:
            for name in sorted(set(names)):
                if name in self._queues or self._inside[name] >= (1 if name.startswith(ROW) else AT_ONCE):
                    await self._wait(name, user)
                else:
                    self._inside[name] += 1
                taken.append(name)
            await self._take_place()  # last, or who waits for a stream would keep others out
            try:
                yield
            finally:
                self._places.release()
        finally:
            for name in taken:
                self._leave(name)

    async def _take_place(self) -> None:
        self._waiting_for_a_place += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await self._places.acquire()
        except TimeoutError:
            raise Overloaded("The change waited too long for its turn. Try again shortly.") from None
        finally:
            self._waiting_for_a_place -= 1

    async def _wait(self, name: str, user: int | None) -> None:
        """Wait for a turn. Raised from here, or cancelled, there is none to give back."""
        queue = self._queues.get(name) or deque()
        if self._most_of_user and user is not None and self._of_users[user] >= self._most_of_user:
            raise TooManyRequests("Too many of your changes are waiting already. Wait until some of them have ended.")
        if self._most and len(queue) >= self._most:
            raise Overloaded(f"Too many changes of this {_what(name)} are waiting at the moment. Try again shortly.")
        self._queues[name] = queue
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        if user is not None:
            self._of_users[user] += 1
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self._leave(name)  # it came as the wait ended
            else:
                queue.remove(turn)
                self._forget(name)
            if isinstance(error, TimeoutError):
                raise Overloaded(
                    f"The change waited too long for its turn on this {_what(name)}. Try again shortly."
                ) from None
            raise
        finally:
            if user is not None:
                self._of_users[user] -= 1
                if not self._of_users[user]:
                    del self._of_users[user]

    def _leave(self, name: str) -> None:
        """Hand the turn to whoever waits longest, or give it back."""
        queue = self._queues.get(name, ())
        following = next((turn for turn in queue if not turn.done()), None)
        if following is not None:
            self._queues[name].remove(following)
            following.set_result(None)
        else:
            self._inside[name] -= 1
            if not self._inside[name]:
                del self._inside[name]
        self._forget(name)

    def _forget(self, name: str) -> None:
        if not self._queues.get(name, True):
            del self._queues[name]


def _what(name: str) -> str:
    if not name.startswith(ROW):
        return "day"
    return "guest" if name.startswith(f"{ROW}guest:") else "account"
