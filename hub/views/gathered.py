"""Rows that several requests ask for at the same time, read by one statement.

A statement of one row costs the process and PostgreSQL several times what another row in it does. Who asks while the
rows of others are being read waits for the next reading, so what they are told is never older than their question.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Generic, TypeVar

from hub.views.background import Background

Row = TypeVar("Row")
READINGS = 2
"""How many are under way at once."""
MOST = 100
"""Rows in one reading."""


class Gathered(Generic[Row]):
    def __init__(self, read: Callable[[list[int]], Awaitable[Mapping[int, Row]]]) -> None:
        """``read`` gives the rows of these ids; of those that do not exist none."""
        self._read = read
        self._asked: dict[int, asyncio.Future[Row | None]] = {}
        self._under_way = 0
        self._background = Background()

    async def row(self, id: int) -> Row | None:
        """The row as it is after this call began; None: there is none. Raises what reading raises."""
        answer = self._asked.get(id)
        if answer is None:
            answer = self._asked[id] = asyncio.get_running_loop().create_future()
        if self._under_way < READINGS:
            self._under_way += 1
            self._background.begin(self._serve())
        return await asyncio.shield(answer)  # others may wait for the same row

    async def _serve(self) -> None:
        try:
            while self._asked:
                batch = {id: self._asked.pop(id) for id in list(self._asked)[:MOST]}
                try:
                    rows = await self._read(list(batch))
                except Exception as error:  # each caller gets it, and the next reading goes on
                    for answer in batch.values():
                        answer.set_exception(error)
                else:
                    for id, answer in batch.items():
                        answer.set_result(rows.get(id))
        finally:
            self._under_way -= 1
