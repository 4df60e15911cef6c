"""A few places at work that many want, and two queues for them: who failed to log in lately waits in the second.

Each queue is bounded, so that the second can be full while the first has room, and is served in its order. The second
gets every fifth place while both wait, so it is slow and never stands still.
"""

from __future__ import annotations

import asyncio
from collections import deque

from hub.errors import Overloaded

FIRST_IN_A_ROW = 4
"""Places that go to the first queue, one after the other, while somebody waits in the second."""


class HashingQueue:
    """The places of one process. Whoever got one gives it back with :meth:`leave`."""

    def __init__(self, places: int, *, most_waiting: int) -> None:
        self._free = places
        self._most = most_waiting
        self._waiting: tuple[deque[asyncio.Future[None]], ...] = (deque(), deque())
        self._in_a_row = 0

    async def enter(self, *, last: bool = False) -> None:
        """Wait for a place; ``last``: in the second queue. Raises Overloaded when too many wait in it already.

        Raised from here, or cancelled, there is no place to give back.
        """
        queue = self._waiting[last]
        if self._free and not any(self._waiting):
            self._free -= 1
            return
        if len(queue) >= self._most:
            raise Overloaded("Too many log-ins at the moment. Try again shortly.")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave()  # it came as the wait ended
            else:
                queue.remove(turn)
            raise

    def leave(self) -> None:
        """Give a place back: to whoever is next."""
        first, second = ([turn for turn in queue if not turn.done()] for queue in self._waiting)
        if not first and not second:
            self._free += 1
            return
        last = not first or (bool(second) and self._in_a_row >= FIRST_IN_A_ROW)
        self._in_a_row = self._in_a_row + 1 if second and not last else 0
        turn = (second if last else first)[0]
        self._waiting[last].remove(turn)
        turn.set_result(None)
