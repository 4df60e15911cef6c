"""The program of one process that writes: views, an event loop and connections of its own, joined as in the hub.

It reads lines from its standard input and writes lines to its standard output, JSON each. First it is told what to do
(:class:`Task`) and says that it is ready; at "go" all its writers begin at once, and each answer is a line. After them
it says how many of its commits missed what others had written, and then what its views show once they have come to a
version, as often as it is asked; the end of the input ends it.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import date
from datetime import time as wall_time
from pathlib import Path
from typing import Any

import orjson
from redis.asyncio import Redis

from hub.commands import bookings, changes
from hub.commands.bookings import BookingRequest
from hub.commands.call import Call
from hub.commands.changes import ChangeRequest
from hub.config import load
from hub.domain.events import MAIN, TABLES, Event, stream_of
from hub.errors import HubError
from hub.metrics import Metrics
from hub.security import Identity, Tokens
from hub.store import database
from hub.store.commit import Answer as Answered
from hub.store.commit import Missed, commit
from hub.store.keys import Key
from hub.views import batch_commit, group_commit
from hub.views.cache import ViewCache
from hub.views.checkpoints import Checkpoints
from hub.views.context import Context, VenueContext
from hub.views.publisher import EventPublisher
from hub.views.signing import Signer
from hub.views.subscriber import EventSubscriber
from hub.views.wake_ups import WakeUps
from tests.integration.races.plan import Act

PATIENCE = 60.0
"""How long anything may take here: what is asked is not how fast a busy machine is."""


@dataclass(frozen=True, slots=True)
class Task:
    """``writers``: what each of them asks for, one after the other. A process that does not hear is told nothing of
    what others commit, and does not look. ``attempts``: how often a change is decided at most, where that is not what
    the hub allows; whoever missed once takes the locks first until the end then, however slow the machine is."""

    day: str
    user_id: int
    writers: list[list[Act]]
    hears: bool = True
    attempts: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a writer was told. ``code`` is that of the refusal; "nothing to change" where it has no such booking.
    ``began`` and ``ended`` are by the machine's monotonic clock, which all processes share."""

    verb: str
    key: str | None
    shared: bool
    code: str
    began: float
    ended: float
    booking: int = 0
    version: int = 0
    state: tuple[Any, ...] = ()
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """What a process's views show of the day and of the floor."""

    version: int
    head: int
    entries: dict[str, Any]
    taken: dict[str, list[list[str]]]
    floor_version: int


class Moves:
    """The observer of the views: wakes whoever waits for one of them to move."""

    def __init__(self) -> None:
        self._moved = asyncio.Event()

    def changed(self, *_: object) -> None:
        self._moved.set()

    replaced = failed = verified = ended = retired = changed

    async def until(self, found: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not found():
                self._moved.clear()
                await self._moved.wait()


class OneProcess:
    """The process's parts while it runs."""

    def __init__(self, context: VenueContext, views: ViewCache, moves: Moves, task: Task) -> None:
        self._context = context
        self._views = views
        self._moves = moves
        self._task = task
        self._day = date.fromisoformat(task.day)
        self._by = Identity(task.user_id, "host", 0, 0.0)
        self._shared: dict[str, int] = {}
        """The bookings of shared requests that were told to anybody here."""
        self.missed = 0

    async def load(self) -> None:
        """What the first writer would load otherwise."""
        for stream in (stream_of(MAIN, self._day), TABLES):
            await self._views.to_write(stream)
        await self._context.guest_of(self._by.user_id)

    async def commit(self, *given: Any, **how: Any) -> Answered:
        """The hub's; what was decided on a view that others had overtaken is counted."""
        answer = await commit(*given, **how)
        orders = given[3]
        self.missed += bool(orders) and isinstance(answer, Missed)
        return answer

    async def write(self) -> None:
        await asyncio.gather(*(self._writer(acts) for acts in self._task.writers))

    async def _writer(self, acts: Sequence[Act]) -> None:
        own: list[int] = []
        for act in acts:
            began, asked = time.monotonic(), self._ask(act, own)
            if asked is None:
                answer = Answer(act.verb, act.key, act.of is not None, "nothing to change", began, time.monotonic())
            else:
                try:
                    done = await asked
                except HubError as error:
                    answer = Answer(act.verb, act.key, act.of is not None, error.code, began, time.monotonic())
                else:
                    state = (done.starts_at.isoformat(), done.table.id, done.guests, done.status, done.revision)
                    answer = Answer(
                        act.verb, act.key, act.of is not None, "done", began, time.monotonic(), done.id, done.version,
                        state, done.replayed,
                    )  # fmt: skip
                    if act.of is not None:
                        self._shared[act.of] = done.id
                    elif act.verb == "book":
                        own.append(done.id)
            say(asdict(answer))

    def _ask(self, act: Act, own: list[int]) -> Any:
        """The verb, not awaited; None when there is no booking to change."""
        at = wall_time.fromisoformat(act.at)
        key = None if act.key is None else Key("user:1", act.key, act.key)
        if act.verb == "book":
            tables = None if act.table is None else [act.table]
            return bookings.book(
                self._context, Call(self._by, key=key), BookingRequest(self._day, at, act.guests, table_ids=tables)
            )
        booking = self._shared.get(act.of) if act.of is not None else own[-1] if own else None
        if booking is None:
            return None
        if act.verb == "cancel":
            return changes.cancel(self._context, Call(self._by, key=key), booking)
        return changes.reschedule(
            self._context, Call(self._by, key=key), booking, ChangeRequest(at=at, guests=act.guests, table_id=act.table)
        )

    async def shown(self, version: int) -> Shown:
        """What the views show when they are at this version. A process that hears comes there by itself."""
        stream = stream_of(MAIN, self._day)
        cached = self._views._updater.cached[stream]
        if self._task.hears:
            await self._moves.until(lambda: cached.version >= version)
        else:
            await self._views.bring_to_head(stream)
        taken = {
            str(table): [[begin.isoformat(), end.isoformat()] for begin, end in held]
            for table, held in cached.day_view.taken.items()
        }
        entries = {str(booking): entry for booking, entry in cached.day_view.raw.items()}
        floor = self._views._updater.cached[TABLES]
        return Shown(cached.version, cached.head, entries, taken, floor.version)


@asynccontextmanager
async def running(task: Task) -> AsyncIterator[OneProcess]:
    """The parts that write and that keep views current, as hub.process.app joins them."""
    settings = load(os.environ, data_dir=Path(os.environ["HUB_TEST_FOLDER"]))
    async with AsyncExitStack() as started:
        metrics, moves = Metrics(), Moves()
        await database.connect(settings)
        started.push_async_callback(database.close)
        redis: Redis = Redis.from_url(settings.redis_url)
        started.push_async_callback(redis.aclose)
        wake_ups = WakeUps(settings)
        started.push_async_callback(wake_ups.close)

        def publish(events: Sequence[Event]) -> None:
            views.apply(events)
            publisher.publish(events)

        context, signer = Context(settings, publish), Signer(settings.secret_key, metrics)
        publisher = EventPublisher(redis, wake_ups, metrics, signer, publisher_id=context.publisher_id)
        views = ViewCache(context, Tokens(settings), Checkpoints(redis, settings, signer), metrics)
        context.write_on(views)
        subscriber = EventSubscriber(redis, context, metrics, signer, on_events=views.apply, on_missed=views.verify_now)
        for part in (views, publisher, subscriber, context.writes):
            started.push_async_callback(part.stop)
        await views.verify()
        publisher.start()
        if task.hears:
            views.start(moves, subscriber.restart)
            subscriber.start()
            assert await subscriber.confirmed(PATIENCE)
        yield OneProcess(context.main, views, moves, task)


def say(what: Any) -> None:
    """To the test. The log of the hub's parts goes to the standard error, see below."""
    os.write(TEST, orjson.dumps(what) + b"\n")


async def main() -> None:
    lines = asyncio.StreamReader(limit=2**24)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    given = orjson.loads(await lines.readline())
    task = Task(**given | {"writers": [[Act(**act) for act in acts] for acts in given["writers"]]})
    if task.attempts is not None:
        batch_commit.ATTEMPTS, batch_commit.CONTENDED_SECONDS = task.attempts, PATIENCE
    async with running(task) as process:
        await process.load()
        batch_commit.commit = process.commit
        say("ready")
        assert await lines.readline() == b'"go"\n'
        await process.write()
        say({"missed": process.missed})
        while line := await lines.readline():
            say(asdict(await process.shown(orjson.loads(line))))


if __name__ == "__main__":
    group_commit.WAIT_SECONDS = PATIENCE
    TEST = os.dup(1)
    os.dup2(2, 1)
    asyncio.run(main())
