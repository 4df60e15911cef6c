"""The one way to write: a change waits for a commit of its venue, and leaves with the others that wait.

A process has at most COMMITS commits of a venue under way, and of one day one. Who comes meanwhile waits here, in the
order in which they came. Then they are decided and committed together (hub.views.batch_commit): those of one day, and
with them those of other days, since most of what a commit costs it costs once. Such a commit waits for nobody. A day
that another process holds, or was first at, is committed apart: nobody else waits with it, or is decided again because
of it. What a request asks for goes on when the request is given up: nobody knows any more what became of it, but
nothing is left half done.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import datetime

from hub.domain.change import Change
from hub.domain.events import Event, day_of, venue_of
from hub.domain.rules import Rules
from hub.errors import Overloaded, TooManyRequests, Unavailable
from hub.views.background import Background
from hub.views.batch_commit import BatchCommit
from hub.views.turns import Turns
from hub.views.writes import Cache, Done, PendingWrite, Write, by_streams

MOST = 32
"""Changes in one commit."""
COMMITS = 2
"""Commits of one venue that a process has under way at once, but for days that are committed apart, moves between days,
and repeated ones. While one waits for the database, the next is decided."""
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
            views, publish, epoch=epoch, now=now, reaches_over=reaches_over, rules=rules, on_due=on_due,
            join=self._joining,
        )  # fmt: skip
        self._most = waiting
        self._most_of_user = waiting_of_user
        self._queues: dict[int, dict[str, deque[PendingWrite]]] = {}
        """Those who wait, by venue and stream; whose stream was not committed for longest comes first."""
        self._under_way: Counter[int] = Counter()
        """How many tasks commit what waits, by venue."""
        self._of_users: Counter[int] = Counter()
        self._turns = Turns(places)
        self._guests = Turns()
        """Of each guest who is busy one change is tried at a time."""
        self._background = Background()
        self._moves = 0
        """Changes of several streams that wait or are under way."""
        self._stopped = False
        self._last_sizes: Counter[int] = Counter()
        """How many changes the last batch of each venue had."""

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
        stream, venue = write.streams[0], venue_of(write.streams[0])
        queue = self._queues.get(venue, {}).get(stream)
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
                waiting.patience.cancel()
                if self._most and self._moves >= self._most:
                    raise Overloaded("Too many moves are waiting at the moment. Try again shortly.")
                self._moves += 1
                self._background.begin(self._alone(waiting))
            else:
                self._queues.setdefault(venue, {}).setdefault(stream, deque()).append(waiting)
                self._go_on(venue)
            return await answer
        finally:
            waiting.patience.cancel()
            queue = self._queues.get(venue, {}).get(stream)
            if queue is not None and waiting in queue:  # its request was given up
                queue.remove(waiting)
            self._of_users[write.actor] -= 1
            if not self._of_users[write.actor]:
                del self._of_users[write.actor]

    async def stop(self) -> None:
        """End what waits, and refuse what comes; what is being committed is waited for."""
        self._stopped = True
        for queues in self._queues.values():
            for queue in queues.values():
                for waiting in queue:
                    waiting.fail(Unavailable("The hub stops."))
                queue.clear()
        await self._background.finish()

    async def renew(self, streams: Sequence[str]) -> None:
        """Load these views anew: they do not show what was read from the rows."""
        await self._batches.renew(streams)

    def _go_on(self, venue: int) -> None:
        """Begin to commit what waits, unless as many as may are at it."""
        if self._queues.get(venue) and self._under_way[venue] < COMMITS:
            self._under_way[venue] += 1
            self._background.begin(self._serve(venue))

    async def _serve(self, venue: int) -> None:
        """Commit what waits in a venue, batch after batch, until nothing does that could be committed now."""
        try:
            while batch := self._next(venue):
                if self._is_apart(batch[0].write.streams[0]):
                    self._background.begin(self._apart(batch))
                    continue
                async with self._turns.take({waiting.write.streams[0] for waiting in batch}):
                    left = await self._batches.together(batch)
                for part in by_streams([waiting for waiting in left if not waiting.busy]).values():
                    self._background.begin(self._apart(part))
                for waiting in left:
                    if waiting.busy:
                        self._background.begin(self._again(waiting))
        finally:
            self._under_way[venue] -= 1
            if not self._under_way[venue]:
                del self._under_way[venue]

    def _is_apart(self, stream: str) -> bool:
        """Whether its changes are committed apart from those of others: a draft shows days only."""
        return day_of(stream) is None or self._batches.is_apart(stream)

    async def _apart(self, batch: list[PendingWrite]) -> None:
        """Commit changes of one stream, or of the same ones, waiting for others who hold it."""
        for waiting in await self._commit(batch):
            self._background.begin(self._again(waiting))

    async def _commit(self, batch: Sequence[PendingWrite]) -> list[PendingWrite]:
        """Commit these when it is their turn, if they wait so long. Returns those whose guest is busy, of these and of
        those who joined them."""
        streams = tuple(sorted(set(batch[0].write.streams)))
        try:
            for waiting in batch:
                waiting.patience = asyncio.get_running_loop().call_at(waiting.until, _give_up, waiting.answer)
            async with self._turns.take(streams):
                for waiting in batch:
                    waiting.patience.cancel()
                return await self._batches.commit(streams, [each for each in batch if not each.answer.done()])
        finally:
            self._go_on(venue_of(streams[0]))  # whoever found one of these taken

    def _joining(self, batch: Sequence[PendingWrite]) -> list[PendingWrite]:
        """Those of the day of a batch who came while its locks were waited for. A lock that many processes want is
        held as rarely as can be."""
        streams = batch[0].write.streams
        queue = self._queues.get(venue_of(streams[0]), {}).get(streams[0])
        if queue is None or batch[0].alone or len(streams) > 1 or day_of(streams[0]) is None:
            return []
        counted = {waiting.write.bounds.user_id for waiting in batch if waiting.write.bounds is not None}
        return self._take(queue, MOST - len(batch), counted)

    async def _alone(self, waiting: PendingWrite) -> None:
        """Commit a change of several streams, beside which nobody of this process writes to any of them."""
        try:
            await self._apart([waiting])
        finally:
            self._moves -= 1

    async def _again(self, waiting: PendingWrite) -> None:
        """Try a change whose guest is busy until they are not. Meanwhile nobody else waits for it.

        What they wait for may be a commit of any process, which tells nobody when it ends: so it is asked for, after
        pauses. It holds no connection and no turn in a pause.
        """
        waiting.alone = True
        loop, pause = asyncio.get_running_loop(), PAUSE_SECONDS[0]
        waiting.patience = loop.call_at(waiting.until, _give_up, waiting.answer)
        async with self._guests.take((str(waiting.write.actor),)):
            while not waiting.answer.done():
                await asyncio.sleep(pause)
                if self._stopped:
                    waiting.fail(Unavailable("The hub stops."))
                waiting.patience.cancel()
                if await self._commit([waiting]):
                    waiting.patience = loop.call_at(waiting.until, _give_up, waiting.answer)
                pause = min(2 * pause, PAUSE_SECONDS[1])

    def _next(self, venue: int) -> list[PendingWrite]:
        """The next batch: of the stream that was not committed for longest, and of others that can go with it."""
        queues = self._queues.get(venue, {})
        most = MOST
        if len(queues) == 1 and not self._is_apart(*queues):
            # Of one day a commit is under way at a time. If it took all who wait, the process would have nothing to do
            # meanwhile, and PostgreSQL nothing while all of them are answered and ask again. So half of them go, where
            # those of the last batch are counted too: they ask again now.
            most = min(MOST, -(-(len(*queues.values()) + self._last_sizes[venue]) // 2))
        batch: list[PendingWrite] = []
        counted: set[int] = set()
        for stream in [name for name in queues if not self._turns.is_taken(name)]:
            apart = self._is_apart(stream)
            if batch and apart:
                continue
            queue = queues.pop(stream)
            batch += self._take(queue, most - len(batch), counted)
            if queue:
                queues[stream] = queue
            if (apart and batch) or len(batch) >= most:
                break
        if not queues:
            self._queues.pop(venue, None)
        if batch:
            self._last_sizes[venue] = len(batch)
        return batch

    def _take(self, queue: deque[PendingWrite], most: int, counted: set[int]) -> list[PendingWrite]:
        """Those of one stream who go: in their order, but at most one change of a guest whose bookings are counted;
        ``counted`` are those who go already."""
        taken: list[PendingWrite] = []
        left: list[PendingWrite] = []
        while queue and len(taken) < most:
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
