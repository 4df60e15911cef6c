"""Writers for tests of many watchers: bookings that change all the time, so that there is something to be told."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx

from tests.http_clients import http_client


@dataclass(slots=True)
class Pace:
    """How many changes have been begun."""

    due: int = 0


class Traffic:
    """Bookings that change all the time, through one or several hubs: the writes that watchers are told of.

    A hub that is killed meanwhile costs some writes, and they are counted; the next one goes through. ``scattered``:
    each request has a connection of its own, so all processes of a hub get their share.
    """

    def __init__(self, urls: list[str], token: str, days: list[str], *, scattered: bool = False) -> None:
        self._urls = urls
        self._limits = httpx.Limits(max_keepalive_connections=0 if scattered else 100)
        self._days = days
        self._headers = {"Authorization": f"Bearer {token}"}
        self._dice = random.Random(5)
        self._held: list[tuple[int, int]] = []
        """Bookings and their numbers of guests."""
        self.written = 0
        self.failed = 0
        self.reasons: Counter[str] = Counter()
        """Of the failures: a status, or what became of the connection."""

    @contextlib.asynccontextmanager
    async def clients(self) -> AsyncIterator[list[httpx.AsyncClient]]:
        async with contextlib.AsyncExitStack() as stack:
            yield [
                await stack.enter_async_context(
                    http_client(base_url=url, headers=self._headers, timeout=5, limits=self._limits)
                )
                for url in self._urls
            ]

    async def seed(self, per_day: int) -> None:
        """So many bookings on each day, at most five times the tables."""
        async with self.clients() as clients:
            for day in self._days:
                for n in range(per_day):
                    body = {"date": day, "time": f"{12 + n % 5 * 2}:00", "guests": 1}
                    answer = await clients[0].post("/bookings", json=body)
                    assert answer.status_code == 201, answer.text
                    self._held.append((answer.json()["id"], 1))

    async def once(self, client: httpx.AsyncClient) -> None:
        """Change one booking: mostly its guests, at times its table and time by booking anew."""
        index = self._dice.randrange(len(self._held))
        booking, guests = self._held[index]
        try:
            if self._dice.random() < 0.8:
                answer = await client.patch(f"/bookings/{booking}", json={"guests": 3 - guests})
                if answer.is_success:  # else another guest has cancelled it in the same moment
                    self._held[index] = (booking, 3 - guests)
                if answer.status_code >= 500:
                    answer.raise_for_status()
            else:
                day, hour = self._dice.choice(self._days), 12 + self._dice.randrange(9)
                answer = await client.post("/bookings", json={"date": day, "time": f"{hour}:00", "guests": 1})
                if answer.status_code == 201:
                    await client.delete(f"/bookings/{booking}")
                    self._held[index] = (answer.json()["id"], 1)
            self.written += 1
        except httpx.HTTPError as error:
            self.failed += 1
            status = error.response.status_code if isinstance(error, httpx.HTTPStatusError) else type(error).__name__
            self.reasons[str(status)] += 1

    async def many(self, count: int, at_once: int = 4) -> None:
        """So many changes as fast as they go."""
        async with self.clients() as clients:

            async def one_after_the_other(index: int) -> None:
                for _ in range(count // at_once):
                    await self.once(clients[index % len(clients)])

            await asyncio.gather(*(one_after_the_other(index) for index in range(at_once)))

    @contextlib.asynccontextmanager
    async def steadily(self, rate: float) -> AsyncIterator[Pace]:
        """``rate`` changes a second while the block runs, each at its time whether the one before has ended or not.

        After the block no write is under way any more.
        """
        pace, ended = Pace(), asyncio.Event()
        async with self.clients() as clients, asyncio.TaskGroup() as group:
            pacing = group.create_task(self._pace(clients, group, rate, pace, ended))
            try:
                yield pace
            finally:
                ended.set()
                await pacing

    async def _pace(
        self, clients: list[httpx.AsyncClient], group: asyncio.TaskGroup, rate: float, pace: Pace, ended: asyncio.Event
    ) -> None:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        while not ended.is_set():
            group.create_task(self.once(clients[pace.due % len(clients)]))
            pace.due += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), max(0.0, begun + pace.due / rate - loop.time()))

    async def during(self, seconds: float, rate: float) -> None:
        """The same for so many seconds."""
        async with self.steadily(rate):
            await asyncio.sleep(seconds)


@contextlib.asynccontextmanager
async def writing(traffic: Traffic) -> AsyncIterator[None]:
    """Changes without an end, as fast as four guests can make them, while the block runs."""
    task = asyncio.create_task(traffic.many(10**9))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
