"""The queues of writers: who is let through, in which order, and that no turn is ever lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from hub.config import load
from hub.errors import Overloaded, TooManyRequests
from hub.store import write_queue
from hub.store.database import POOL_SIZE, WRITERS
from hub.store.write_queue import AT_ONCE, WriteQueue
from hub.views.context import Context
from tests.steps import Moment, cancelled_at_each_await

DAY, OTHER = "day:2026-11-24", "day:2026-11-25"


def make_queues(*, waiting: int, waiting_of_user: int) -> WriteQueue:
    return WriteQueue(asyncio.Semaphore(WRITERS), waiting=waiting, waiting_of_user=waiting_of_user)


async def settle() -> None:
    """Let every task go on until it waits for something that does not come by itself."""
    for _ in range(20):
        await asyncio.sleep(0)


@asynccontextmanager
async def full(queues: WriteQueue, *streams: str) -> AsyncIterator[AsyncExitStack]:
    """All turns that are given at once are taken; the stack gives them back."""
    async with AsyncExitStack() as stack:
        for name in streams or (DAY,):
            for _ in range(AT_ONCE):
                await stack.enter_async_context(queues.turn([name], user=0))
        yield stack


async def test_some_are_let_through_at_once_and_the_others_in_the_order_in_which_they_came() -> None:
    queues, inside, order = make_queues(waiting=0, waiting_of_user=0), 0, []

    async def write(number: int) -> None:
        nonlocal inside
        async with queues.turn([DAY], user=number):
            order.append(number)
            inside += 1
            assert inside <= AT_ONCE
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(write(number) for number in range(50)))
    assert order == list(range(50))
    assert queues.waiting == 0


async def test_streams_do_not_wait_for_each_other_as_long_as_readers_keep_their_share() -> None:
    queues = make_queues(waiting=0, waiting_of_user=0)
    async with full(queues, DAY), queues.turn([OTHER], user=1):
        assert queues.waiting == 0
    async with full(queues, DAY, OTHER, "tables") as stack:
        assert 3 * AT_ONCE == WRITERS
        late = asyncio.create_task(stack.enter_async_context(queues.turn(["day:2026-11-26"], user=1)))
        await settle()
        assert not late.done() and queues.waiting == 1
        late.cancel()
        await asyncio.gather(late, return_exceptions=True)


async def test_all_who_write_share_the_connections_that_are_not_for_readers(tmp_path: Path) -> None:
    environ = {"DATABASE_URL": "postgres://hub@db/hub", "REDIS_URL": "redis://cache", "SECRET_KEY": "k" * 64}
    context = Context(load(environ, data_dir=tmp_path), lambda events: None)
    context.write_on(None)  # type: ignore[arg-type] # nothing is decided here
    async with AsyncExitStack() as stack:
        for number in range(WRITERS):
            await stack.enter_async_context(context.writes._turns.take([f"day:2026-11-{number + 1:02}"]))
        late = asyncio.create_task(stack.enter_async_context(context.write_queue.turn(["day:2026-12-01"], user=1)))
        await settle()
        assert not late.done() and context.write_queue.waiting == 1
        await stack.pop_all().aclose()
        await late
    assert context.write_queue.waiting == 0
    assert WRITERS < POOL_SIZE


async def test_beyond_the_bounds_who_comes_is_refused_at_once() -> None:
    queues = make_queues(waiting=6, waiting_of_user=4)

    async def write(user: int) -> None:
        async with queues.turn([DAY], user=user):
            pass

    async with full(queues) as stack:
        waiting = [asyncio.create_task(write(1)) for _ in range(4)]
        await settle()
        with pytest.raises(TooManyRequests) as refused:
            await write(1)
        error = refused.value
        assert (error.code, error.retry_after, error.retryable) == ("too_many_requests", 1, True)
        waiting += [asyncio.create_task(write(2)) for _ in range(2)]
        await settle()
        with pytest.raises(Overloaded):
            await write(3)
        async with queues.turn([OTHER], user=3):  # another day is as free as ever
            pass
        await stack.aclose()
        await asyncio.gather(*waiting)
    async with full(queues):
        pass  # all turns are back


async def test_zero_is_no_bound() -> None:
    queues = make_queues(waiting=0, waiting_of_user=0)

    async def write() -> None:
        async with queues.turn([DAY], user=1):
            pass

    async with full(queues) as stack:
        waiting = [asyncio.create_task(write()) for _ in range(500)]
        await settle()
        assert queues.waiting == 500
        await stack.aclose()
        await asyncio.gather(*waiting)


async def test_who_waits_for_too_long_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write_queue, "WAIT_SECONDS", 0.01)
    queues = make_queues(waiting=0, waiting_of_user=0)
    async with full(queues):
        with pytest.raises(Overloaded):
            async with queues.turn([DAY], user=1):
                raise AssertionError("there was no turn")
        assert queues.waiting == 0
    async with full(queues):
        pass


async def test_two_who_want_the_same_two_streams_both_get_them() -> None:
    queues = make_queues(waiting=0, waiting_of_user=0)

    async def write(*names: str) -> None:
        for _ in range(20):
            async with queues.turn(names, user=1):
                await asyncio.sleep(0)

    async with asyncio.timeout(20):
        await asyncio.gather(*(write(*names) for names in [(DAY, OTHER), (OTHER, DAY)] * 10))
    assert queues.waiting == 0


@pytest.mark.parametrize("moment", ["waiting", "answered"])
async def test_a_turn_is_never_lost_wherever_its_writer_is_cancelled(moment: Moment) -> None:
    queues = make_queues(waiting=0, waiting_of_user=0)
    others: list[asyncio.Task[None]] = []

    async def write() -> None:
        """Two streams, both of them full until it waits."""
        async with full(queues, DAY) as day, full(queues, OTHER) as other:
            others.append(asyncio.create_task(let_go(day)))
            others.append(asyncio.create_task(let_go(other)))
            async with queues.turn([DAY, OTHER], user=1):
                await asyncio.sleep(0)

    async def let_go(stack: AsyncExitStack) -> None:
        await asyncio.sleep(0)
        await stack.aclose()

    async def whole() -> None:
        await asyncio.gather(*others, return_exceptions=True)
        assert queues.waiting == 0
        async with asyncio.timeout(20), full(queues, DAY, OTHER):
            assert queues.waiting == 0
        assert not queues._inside and not queues._queues and not queues._of_users

    assert await cancelled_at_each_await(write, moment, whole) >= 2
