"""Turns: in this process one at a time writes to a stream, and so many in all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Lock:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    wanted: int = 0
    """How many hold it or wait for it."""


class Turns:
    def __init__(self, places: asyncio.Semaphore | None = None) -> None:
        """``places`` are for so many who have a turn, whatever they write to; None is any number."""
        self._locks: dict[str, _Lock] = {}
        self._places = places or nullcontext()

    @property
    def streams(self) -> int:
        """How many streams are taken or waited for."""
        return len(self._locks)

    def is_taken(self, stream: str) -> bool:
        """Whether somebody writes to it, or waits to."""
        return stream in self._locks

    @asynccontextmanager
    async def take(self, streams: Iterable[str]) -> AsyncIterator[None]:
        """Wait until nobody else of this process writes to ``streams``, and keep them for the block.

        They are taken in the order of their names, so none waits for another for ever.
        """
        wanted: list[_Lock] = []
        taken: list[_Lock] = []
        names = sorted(set(streams))
        try:
            for name in names:
                found = self._locks.setdefault(name, _Lock())
                found.wanted += 1
                wanted.append(found)
                await found.lock.acquire()
                taken.append(found)
            async with self._places:
                yield
        finally:
            for found in taken:
                found.lock.release()
            for name, found in zip(names, wanted, strict=False):
                found.wanted -= 1
                if not found.wanted:
                    del self._locks[name]
