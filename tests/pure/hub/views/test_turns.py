"""Turns of those who write to the same streams: in order, never lost, never two at once."""

from __future__ import annotations

import asyncio

import pytest

from hub.views.turns import Turns
from tests.steps import Moment, cancelled_at_each_await

DAY, OTHER, THIRD = "day:2026-11-24", "day:2026-11-25", "day:2026-11-26"


async def settle() -> None:
    """Let every task go on until it waits for something that does not come by itself."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_at_a_time_writes_to_a_stream_in_the_order_in_which_they_came() -> None:
    turns, inside, order = Turns(asyncio.Semaphore(9)), 0, []

    async def write(number: int) -> None:
        nonlocal inside
        async with turns.take([DAY]):
            order.append(number)
            inside += 1
            assert inside == 1
            await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(write(number) for number in range(30)))
    assert order == list(range(30))
    assert turns.streams == 0


async def test_streams_do_not_wait_for_each_other_but_for_a_place() -> None:
    turns = Turns(asyncio.Semaphore(2))
    async with turns.take([DAY]), turns.take([OTHER]):
        third = asyncio.create_task(hold(turns, THIRD))
        await settle()
        assert not third.done()
    await third
    assert turns.streams == 0


async def hold(turns: Turns, *streams: str) -> None:
    async with turns.take(streams):
        await asyncio.sleep(0)


async def test_two_who_want_the_same_two_streams_both_get_them() -> None:
    turns = Turns(asyncio.Semaphore(9))

    async def write(*streams: str) -> None:
        for _ in range(20):
            await hold(turns, *streams)

    async with asyncio.timeout(20):
        await asyncio.gather(*(write(*names) for names in [(DAY, OTHER), (OTHER, DAY)] * 10))
    assert turns.streams == 0


@pytest.mark.parametrize("moment", ["waiting", "answered"])
@pytest.mark.parametrize("places", [1, 9])
async def test_a_turn_is_never_lost_wherever_its_holder_is_cancelled(moment: Moment, places: int) -> None:
    turns = Turns(asyncio.Semaphore(places))
    others: list[asyncio.Task[None]] = []

    async def begin() -> None:
        """Both streams are taken when it comes; they are given back while it waits."""
        others.extend(asyncio.create_task(hold(turns, name)) for name in (DAY, OTHER))
        await asyncio.sleep(0)
        await hold(turns, DAY, OTHER)

    async def whole() -> None:
        await asyncio.gather(*others)
        others.clear()
        assert turns.streams == 0
        async with asyncio.timeout(20), turns.take([DAY, OTHER]):
            pass

    assert await cancelled_at_each_await(begin, moment, whole) >= 3
