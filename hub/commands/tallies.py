"""What one address or account may do so often in so long: registrations, holds, exports and mails.

What is refused does not count, and neither does what came to nothing. So all of it is counted in a task of its own,
which goes on to its end when the caller hangs up (:meth:`Tallies.finish`): a phone on a bad line is not locked out by
counts that nobody gave back.
"""

from __future__ import annotations

import asyncio
import hashlib
import ipaddress
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Literal, TypeVar

from hub import logs
from hub.commands.refusals import Refusals
from hub.config import Settings
from hub.counters import Counters
from hub.errors import HoldLimit, HubError, TooManyAttempts, TooManyRequests
from hub.metrics import Metrics
from hub.store.keys import Repeated

T = TypeVar("T")

DAY, HOUR = 24 * 3600, 3600
MOST_MAILS = 5
"""Registrations of one e-mail in an hour, whoever asks: an account may be erased and registered again."""
HOLD_SECONDS = 5 * 60
log = logs.get("hub.commands.tallies")

Call = Literal["log_in", "register", "reset", "token"]


def network(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 network of an IPv6 one; other text as it is."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


class Tallies:
    """The bounds of one process; the counts are shared by all."""

    def __init__(self, settings: Settings, counters: Counters, metrics: Metrics) -> None:
        self._settings = settings
        self._counters = counters
        self._metrics = metrics
        self._refused = Refusals(counters)
        self._exporting: set[int] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._key = hashlib.sha256(b"throttle:" + settings.secret_key.encode()).digest()

    async def finish(self, work: Coroutine[Any, Any, T]) -> T:
        """The outcome of ``work``, which goes on to its end when the caller hangs up: what it does is counted as it
        went, no more and no less."""
        task = asyncio.create_task(work)
        self._keep(task)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.add_done_callback(_nobody_waits)
            raise

    def _keep(self, task: asyncio.Task[Any]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def count(self, call: Call, address: str) -> None:
        """Count one registration, or one question for a reset, of this address. Raises TooManyAttempts."""
        if most := self._settings.registrations_per_address:
            await self.finish(self._count(f"{call}/{network(address)}", HOUR, most, call))

    async def hold(self, address: str, user_id: int, work: Callable[[], Awaitable[T]]) -> T:
        """Run ``work``, which holds a table for a guest at this address. It counts for the address, and until they book
        (:meth:`booked`) for the address and the account; what ``work`` does not hold does not count for those two.

        Raises HoldLimit instead of running it. What was begun is finished when the caller hangs up.
        """
        return await self.finish(self._hold(network(address), user_id, work))

    async def _hold(self, place: str, user_id: int, work: Callable[[], Awaitable[T]]) -> T:
        per_address, without = self._settings.holds_per_address, self._settings.holds_without_booking
        trying = f"hold/{place}"
        bounds = [(trying, HOLD_SECONDS, per_address), *((key, DAY, without) for key in _unbooked(place, user_id))]
        bounds = [bound for bound in bounds if bound[2]]
        for key, _, _ in bounds:  # before any is counted
            self._repeat(key, "hold", _hold_limit)
        counted: list[tuple[str, int]] = []
        tried = False
        try:
            for key, seconds, most in bounds:
                await self._count(key, seconds, most, "hold", _hold_limit)
                counted.append((key, seconds))
            tried = True
            return await work()
        except BaseException:
            for key, seconds in counted:
                if key != trying or not tried:
                    await self._counters.give_back(key, seconds)
            raise

    async def booked(self, address: str, user_id: int) -> None:
        """A hold of theirs has become a booking: the account and the address may hold anew."""
        if self._settings.holds_without_booking:
            for key in _unbooked(network(address), user_id):
                await self._counters.clear(key)
                self._refused.forget(key)

    async def export(self, user_id: int, work: Callable[[], Awaitable[T]]) -> T:
        """Run ``work``, which gathers all that is kept of an account: one at a time in this process, and so many in an
        hour. Raises TooManyRequests and TooManyAttempts. What was begun is finished when the caller hangs up."""
        return await self.finish(self._export(user_id, work))

    async def _export(self, user_id: int, work: Callable[[], Awaitable[T]]) -> T:
        if user_id in self._exporting:
            self._metrics.throttled.labels("export").inc()
            raise TooManyRequests("All that is kept of you is being gathered already. Wait for that.")
        self._exporting.add(user_id)
        key, most = f"export/{user_id}", self._settings.exports_per_user
        counted = False
        try:
            if most:
                await self._count(key, HOUR, most, "export")
                counted = True
            return await work()
        except BaseException:
            if counted:
                await self._counters.give_back(key, HOUR)
            raise
        finally:
            self._exporting.discard(user_id)

    @asynccontextmanager
    async def recipient(self, email: str) -> AsyncIterator[None]:
        """Around a registration, which sends a mail to this address: counted when it is made. Raises TooManyAttempts
        beyond MOST_MAILS. To be used within :meth:`finish`."""
        key = f"mail/{self._digest(email)}"
        await self._count(key, HOUR, MOST_MAILS, "register")
        try:
            yield
        except BaseException:
            await self._counters.give_back(key, HOUR)
            raise

    async def close(self) -> None:
        """Finish nothing more: cancel what is in flight, and let go of Redis."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._counters.close()

    # -- a count with a bound

    async def _count(
        self,
        key: str,
        seconds: int,
        most: int,
        call: str,
        refusal: Callable[[int], HubError] = lambda left: refused(left),
    ) -> None:
        """Count one more, of at most so many in so long. Raises the refusal, which does not count, and is repeated
        without a question to Redis for a while. To be used within :meth:`finish`."""
        self._repeat(key, call, refusal)
        if await self._counters.add(key, seconds) <= most:
            return
        await self._counters.give_back(key, seconds)
        self._refused.keep(key, max(1, await self._counters.seconds_left(key)))
        self._repeat(key, call, refusal)

    def _repeat(self, key: str, call: str, refusal: Callable[[int], HubError]) -> None:
        """Raises the refusal that is known already, if one is."""
        if left := self._refused.left(key):
            self._metrics.throttled.labels(call).inc()
            raise refusal(left)

    def _digest(self, email: str) -> str:
        return hashlib.blake2b(email.encode(errors="surrogatepass"), key=self._key, digest_size=16).hexdigest()


def _unbooked(place: str, user_id: int) -> tuple[str, str]:
    return f"unbooked/{place}", f"unbooked/user/{user_id}"


def refused(seconds: int) -> HubError:
    return TooManyAttempts(retry_after=max(1, seconds))


def _hold_limit(seconds: int) -> HubError:
    refusal = HoldLimit()
    refusal.retry_after = max(1, seconds)
    return refusal


def _nobody_waits(task: asyncio.Task[Any]) -> None:
    """A refusal that nobody is left to be told is no fault of the hub; anything else goes to the log."""
    error = None if task.cancelled() else task.exception()
    if error is not None and not isinstance(error, HubError | Repeated):
        log.error("unasked_for", exc_info=error)
