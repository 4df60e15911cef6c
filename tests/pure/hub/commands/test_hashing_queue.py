"""hub.commands.hashing_queue: who goes first, what waits, and that no place is ever lost."""

from __future__ import annotations

import asyncio
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.commands.hashing_queue import FIRST_IN_A_ROW, HashingQueue
from hub.errors import Overloaded


async def settled() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_second_queue_waits_for_the_first_and_gets_every_fifth_place() -> None:
    queue, served = HashingQueue(1, most_waiting=64), []

    async def one(name: str, *, last: bool) -> None:
        await queue.enter(last=last)
        served.append(name)
        queue.leave()

    await queue.enter()
    waiting = [asyncio.create_task(one("last", last=True)) for _ in range(4)]
    await settled()
    waiting += [asyncio.create_task(one("first", last=False)) for _ in range(10)]
    await settled()
    queue.leave()
    await asyncio.gather(*waiting)
    assert FIRST_IN_A_ROW == 4
    assert served == [*["first"] * 4, "last", *["first"] * 4, "last", *["first"] * 2, "last", "last"]


async def test_full_second_queue_leaves_room_in_the_first() -> None:
    queue = HashingQueue(1, most_waiting=2)
    await queue.enter()
    waiting = [asyncio.create_task(queue.enter(last=True)) for _ in range(2)]
    await settled()
    with pytest.raises(Overloaded):
        await queue.enter(last=True)
    waiting += [asyncio.create_task(queue.enter()) for _ in range(2)]
    await settled()
    with pytest.raises(Overloaded):
        await queue.enter()
    for _ in range(5):
        queue.leave()
    await asyncio.gather(*waiting)


@given(seed=st.integers(0, 2**32), places=st.integers(1, 3))
def test_place_is_never_lost_wherever_its_waiter_is_canceled(seed: int, places: int) -> None:
    chance = random.Random(seed)

    async def run() -> None:
        queue, at_work, most = HashingQueue(places, most_waiting=100), 0, 0

        async def one(last: bool) -> None:
            nonlocal at_work, most
            await queue.enter(last=last)
            at_work += 1
            most = max(most, at_work)
            try:
                for _ in range(chance.randrange(3)):
                    await asyncio.sleep(0)
            finally:
                at_work -= 1
                queue.leave()

        tasks = [asyncio.create_task(one(chance.random() < 0.5)) for _ in range(20)]
        for _ in range(30):
            chance.choice(tasks).cancel()
            await asyncio.sleep(0)
        for _ in range(200):  # far more steps than there are to be made
            await asyncio.sleep(0)
        assert all(task.done() for task in tasks)
        assert most <= places
        # All places are there again, and no more.
        following = [asyncio.create_task(queue.enter(last=chance.random() < 0.5)) for _ in range(places + 1)]
        await settled()
        assert [task.done() for task in following] == [*[True] * places, False]
        following[-1].cancel()

    asyncio.run(run())
