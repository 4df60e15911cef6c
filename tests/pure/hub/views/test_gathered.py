"""hub.views.gathered: rows that several ask for at once are read together, and nobody is told what is older than the
question."""

from __future__ import annotations

import asyncio

import pytest

from hub.errors import Unavailable
from hub.views import gathered
from hub.views.gathered import Gathered


class Table:
    """Rows {id: number of the reading}, read when :meth:`let_go` says so."""

    def __init__(self) -> None:
        self.readings: list[list[int]] = []
        self.gates: asyncio.Queue[Exception | None] = asyncio.Queue()
        self.begun = asyncio.Event()

    async def read(self, ids: list[int]) -> dict[int, int]:
        self.readings.append(ids)
        number = len(self.readings)
        self.begun.set()
        if (error := await self.gates.get()) is not None:
            raise error
        return {id: number for id in ids if id < 100}

    def let_go(self, error: Exception | None = None) -> None:
        self.gates.put_nowait(error)


async def asked(*ids: int, of: Gathered[int]) -> list[asyncio.Task[int | None]]:
    """Requests for these, all begun."""
    tasks = [asyncio.create_task(of.row(id)) for id in ids]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_those_who_ask_meanwhile_are_read_together_and_later() -> None:
    table = Table()
    rows: Gathered[int] = Gathered(table.read)
    first = [task for id in (1, 2) for task in await asked(id, of=rows)]
    assert table.readings == [[1], [2]]
    later = await asked(1, 3, 3, 200, of=rows)
    assert len(table.readings) == gathered.READINGS  # they wait
    table.let_go()
    assert await first[0] == 1
    table.let_go()
    assert await first[1] == 2
    table.let_go()
    assert await asyncio.gather(*later) == [3, 3, 3, None]
    assert table.readings[2] == [1, 3, 200]


async def test_who_gives_up_takes_nothing_from_the_others() -> None:
    table = Table()
    rows: Gathered[int] = Gathered(table.read)
    [gone, stays] = await asked(1, 1, of=rows)
    gone.cancel()
    table.let_go()
    assert await stays == 1


async def test_a_reading_that_fails_is_the_answer_of_its_own_and_the_next_goes_on() -> None:
    table = Table()
    rows: Gathered[int] = Gathered(table.read)
    failed = await asked(1, 2, of=rows)
    later = await asked(3, of=rows)
    table.let_go(Unavailable())
    for each in failed:
        with pytest.raises(Unavailable):
            await each
    assert table.readings == [[1, 2], [3]]
    table.let_go()
    assert await later[0] == 2
