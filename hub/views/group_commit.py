"""The one way to write: a change waits for the commit of its day, and leaves with the others that wait.

While one commit of a day is under way, the next writers of that day wait here, in the order in which they came. Then
they are decided and committed together (hub.views.batch_commit). What a request asks for goes on when the request is
given up: nobody knows any more what became of it, but nothing is left half done.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import datetime

from hub.domain.change import Change
from hub.domain.events import Event, day_of
from hub.domain.rules import Rules
from hub.errors import Overloaded, TooManyRequests, Unavailable
from hub.views.background import Background
from hub.views.batch_commit import BatchCommit
from hub.views.turns import Turns
from hub.views.writes import Cache, Done, PendingWrite, Write

MOST = 32
"""Changes in one commit."""
WAIT_SECONDS = 5.0
"""How long a change may wait until its commit begins."""
PAUSE_SECONDS = (0.01, 0.2)
"""How long a change pauses whose guest is busy, at first and at most."""


class GroupCommit:
    """The writers of one process."""

    def __init__(
        self,
        views: Cache,
        publish: Callable[[Sequence[Event]], None],
        *,
        places: asyncio.Semaphore,
        epoch: Callable[[], str],
        now: Callable[[], datetime],
        reaches_over: Callable[[int], bool],
        rules: Callable[[int], Rules | None],
        on_due: Callable[[Sequence[Change]], None],
        waiting: int,
        waiting_of_user: int,
    ) -> None:
        """``places`` are those of all who write in this process. ``waiting`` is how many may wait for one stream,
        ``waiting_of_user`` how many of one user; 0 is no bound."""
        self._batches = BatchCommit(
            views, publish, epoch=epoch, now=now, reaches_over=reaches_over, rules=rules, on_due=on_due
        )
        self._most = waiting
        self._most_of_user = waiting_of_user
        self._queues: dict[str, deque[PendingWrite]] = {}
        self._of_users: Counter[int] = Counter()
        self._turns = Turns(places)
        self._guests = Turns()
        """Of each guest who is busy one change is tried at a time."""
        self._background = Background()
        self._moves = 0
        """Changes of several streams that wait or are under way."""
        self._stopped = False

    @property
    def waiting(self) -> int:
        """How many wait, all in all."""
        return sum(self._of_users.values())

    async def submit(self, write: Write) -> Done:
        """Decide, commit, and say what became of it.

        Raises what the decision raises, Overloaded and TooManyRequests for too many who wait, TooManyBookings,
        TableInUse, KeyMismatch, Conflict when others were always quicker, and what the database raises.
        """
        if self._stopped:
            raise Unavailable("The hub stops.")
        name = write.streams[0]
        queue = self._queues.get(name)
        if self._most_of_user and self._of_users[write.actor] >= self._most_of_user:
            raise TooManyRequests("Too many of your changes are waiting already. Wait until some of them have ended.")
        if self._most and queue is not None and len(queue) >= self._most:
            raise Overloaded("Too many changes of this day are waiting at the moment. Try again shortly.")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Done] = loop.create_future()
        until = loop.time() + WAIT_SECONDS
        waiting = PendingWrite(write, answer, until, loop.call_at(until, _give_up, answer))
        self._of_users[write.actor] += 1
        try:
            if len(write.streams) > 1:
                if self._most and self._moves >= self._most:
                    raise Overloaded("Too many moves are waiting at the moment. Try again shortly.")
                self._moves += 1
                self._background.begin(self._alone(waiting))
            elif queue is None:
                self._queues[name] = deque([waiting])
                self._background.begin(self._serve(name))
            else:
                queue.append(waiting)
            return await answer
        finally:
            waiting.patience.cancel()
            if queue is not None and waiting in queue:  # its request was given up
                queue.remove(waiting)
            self._of_users[write.actor] -= 1
            if not self._of_users[write.actor]:
                del self._of_users[write.actor]

    async def stop(self) -> None:
        """End what waits, and refuse what comes; what is being committed is waited for."""
        self._stopped = True
        for queue in self._queues.values():
            for waiting in queue:
                waiting.fail(Unavailable("The hub stops."))
            queue.clear()
        await self._background.finish()

    async def renew(self, streams: Sequence[str]) -> None:
        """Load these views anew: they do not show what was read from the rows."""
        await self._batches.renew(streams)

    async def _serve(self, stream: str) -> None:
        """Commit what waits for one stream, batch after batch, until nothing does."""
        queue = self._queues[stream]
        try:
            while queue:
                async with self._turns.take((stream,)):
                    busy = await self._batches.commit((stream,), self._take(queue))
                for waiting in busy:
                    self._background.begin(self._again(waiting))
        finally:
            for waiting in self._queues.pop(stream):
                waiting.fail(Unavailable())  # none is left, unless this task was ended

    async def _alone(self, waiting: PendingWrite) -> None:
        """Commit a change of several streams, beside which nobody of this process writes to any of them."""
        try:
            if await self._is_busy(waiting):
                await self._again(waiting)
        finally:
            self._moves -= 1

    async def _is_busy(self, waiting: PendingWrite) -> bool:
        """Commit one change by itself. True when its guest is busy, and it has no answer yet."""
        streams = tuple(sorted(set(waiting.write.streams)))
        async with self._turns.take(streams):
            waiting.patience.cancel()
            return not waiting.answer.done() and bool(await self._batches.commit(streams, [waiting]))

    async def _again(self, waiting: PendingWrite) -> None:
        """Try a change whose guest is busy until they are not. Meanwhile nobody else waits for it.

        What they wait for may be a commit of any process, which tells nobody when it ends: so it is asked for, after
        pauses. It holds no connection and no turn in a pause.
        """
        loop, pause = asyncio.get_running_loop(), PAUSE_SECONDS[0]
        waiting.patience = loop.call_at(waiting.until, _give_up, waiting.answer)
        async with self._guests.take((str(waiting.write.actor),)):
            while not waiting.answer.done():
                await asyncio.sleep(pause)
                if self._stopped:
                    waiting.fail(Unavailable("The hub stops."))
                if await self._is_busy(waiting):
                    waiting.patience = loop.call_at(waiting.until, _give_up, waiting.answer)
                pause = min(2 * pause, PAUSE_SECONDS[1])

    def _take(self, queue: deque[PendingWrite]) -> list[PendingWrite]:
        """The next batch: in their order, but at most one change of a guest whose bookings are counted."""
        taken: list[PendingWrite] = []
        left: list[PendingWrite] = []
        counted: set[int] = set()
        while queue and len(taken) < MOST:
            waiting = queue.popleft()
            if taken and day_of(waiting.write.streams[0]) is None:  # a draft shows days only
                left.append(waiting)
                break
            bounds = waiting.write.bounds
            if waiting.answer.done():  # its request was given up, or it waited too long
                continue
            if bounds is not None and bounds.user_id in counted:
                left.append(waiting)
                continue
            if bounds is not None:
                counted.add(bounds.user_id)
            waiting.patience.cancel()
            taken.append(waiting)
        queue.extendleft(reversed(left))
        return taken


def _give_up(answer: asyncio.Future[Done]) -> None:
    if not answer.done():
        answer.set_exception(Overloaded("It took too long until this day could be changed. Try again shortly."))
