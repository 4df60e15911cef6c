"""Who may try a password now: bounds on guessing and on floods. Other bounds are those of hub.commands.tallies.

A failed log-in counts three times: for the account at this address, for the account, and for the address.

- Ten failures of one account from one address, and each further one has to wait: 4 s, 8 s, 16 s … up to 15 minutes.
  Nobody else's failures make that wait longer, so a stranger can't lock the owner out.
- Fifty failures of one account from anywhere, and the next ones wait for the end of the 15 minutes in which they
  fell. An address from which the account was used before is exempt, so the owner gets in from where they always do.
- LOGIN_FAILURES_PER_ADDRESS failures of one address within an hour, whichever accounts, and it waits for that hour's
  end; again an account that was used from there before is exempt.

All of this is judged before a password is hashed, and what one address has in flight is bounded, so that many wrong
log-ins from one address cost the others no more than their turn. While many wait, log-ins of accounts and addresses
without a failure go first. An IPv6 address counts by its /64 network, which one customer has whole. E-mails are kept
as keyed digests only.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from hub import logs
from hub.commands.tallies import DAY, HOUR, Tallies, network, refused
from hub.config import Settings
from hub.counters import Counters
from hub.errors import AuthError, HubError, TooManyAttempts
from hub.metrics import Metrics

T = TypeVar("T")

FREE_FAILURES = 10
"""Failures of one account from one address before the delay begins."""
FIRST_DELAY, LONGEST_DELAY = 4, 15 * 60
ACCOUNT_FAILURES, ACCOUNT_SECONDS = 50, 15 * 60
"""Failures of one account from all addresses together, in so many seconds."""
KNOWN_SECONDS = 30 * DAY
"""For how long an address is known as one from which an account was used."""
AT_ONCE = max(2, os.cpu_count() or 1)
"""Passwords that are hashed at once for one address: enough to keep every thread busy, and no queue for the others."""
REMEMBERED_SECONDS = 10.0
"""For how long a process repeats a refusal without asking Redis."""
MOST_WAITING = 64
"""Attempts of one address that wait for their turn; beyond them it is refused."""
log = logs.get("hub.commands.throttle")


def delay_after(failures: int) -> int:
    """Seconds to wait after so many failures: none before the tenth, then doubling up to LONGEST_DELAY."""
    if failures < FREE_FAILURES:
        return 0
    return int(min(FIRST_DELAY * 2 ** min(failures - FREE_FAILURES, 30), LONGEST_DELAY))


@dataclass(slots=True)
class Attempt:
    """One try of a password. ``user_id`` is set by whoever finds the account, for the log. ``last``: the account or the
    address failed lately, and others go first."""

    user_id: int | None = None
    last: bool = False


@dataclass(slots=True)
class _Turn:
    """What one address has in flight in this process."""

    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    count: int = 0


class Throttle(Tallies):
    """The bounds of one process; the counts are shared by all."""

    def __init__(self, settings: Settings, counters: Counters, metrics: Metrics) -> None:
        super().__init__(settings, counters, metrics)
        self._turns: dict[str, _Turn] = {}

    async def log_in(
        self,
        email: str,
        address: str,
        work: Callable[[Attempt], Awaitable[T]],
        *,
        request_id: str | None = None,
        event: str = "log_in",
    ) -> T:
        """Run ``work``, which checks a password for this e-mail and raises AuthError when it is wrong. ``event`` is
        what the log calls it.

        Raises TooManyAttempts instead of running it. What was begun is finished and counted, also when the caller
        hangs up: otherwise an attempt would cost nothing.
        """
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        task = asyncio.create_task(self._log_in(email, address, work, request_id, event, answer), name="log-in")
        self._keep(task)
        return await answer

    async def _log_in(
        self,
        email: str,
        address: str,
        work: Callable[[Attempt], Awaitable[T]],
        request_id: str | None,
        event: str,
        answer: asyncio.Future[T],
    ) -> None:
        attempt, outcome = Attempt(), "failed"
        account, place = self._digest(email), network(address)
        try:
            async with self._turn(place):
                attempt.last = await self._judge(account, place)
                try:
                    result = await work(attempt)
                except AuthError:
                    await self._failed(account, place)
                    raise
            await self._succeeded(account, place)
            outcome = "done"
            if not answer.done():
                answer.set_result(result)
        except BaseException as error:
            if isinstance(error, TooManyAttempts):
                outcome = "throttled"
            elif isinstance(error, AuthError):
                outcome = "refused"
            if not isinstance(error, Exception):  # the process ends
                answer.cancel()
                raise
            if not answer.done():
                answer.set_exception(error)
        finally:
            if event == "log_in":
                self._metrics.log_ins.labels(outcome).inc()
            if outcome == "throttled":
                self._metrics.throttled.labels("log_in").inc()
            log.info(event, outcome=outcome, user_id=attempt.user_id, address=address, request_id=request_id)

    @asynccontextmanager
    async def hashing(self, address: str) -> AsyncIterator[None]:
        """A turn of this address at the threads that hash passwords. Raises TooManyAttempts when too many wait."""
        async with self._turn(network(address)):
            yield

    async def guard_tokens(self, address: str, work: Callable[[], Awaitable[T]]) -> T:
        """Run ``work``, which takes the token of a link and raises AuthError when it is none: failures count as
        failed log-ins of this address do, also when the caller hangs up. Raises TooManyAttempts."""
        return await self.finish(self._guard_tokens(network(address), work))

    async def _guard_tokens(self, place: str, work: Callable[[], Awaitable[T]]) -> T:
        try:
            await self._judge_address(place, await self._failures_of(place))
        except TooManyAttempts:
            self._metrics.throttled.labels("token").inc()
            raise
        try:
            return await work()
        except AuthError:
            if self._settings.login_failures_per_address:
                await self._counters.add(f"address/{place}", HOUR)
            raise

    # -- the bounds

    async def _judge(self, account: str, place: str) -> bool:
        """Whether others go first, since the account or the address failed lately and was never used from there.

        Raises TooManyAttempts for an attempt that must not be made now.
        """
        if left := self._refused.left((account, place)):
            raise refused(left)
        if (left := self._refused.left(("", place))) and not await self._counters.value(f"known/{account}/{place}"):
            raise refused(left)
        left, of_account, of_address = await asyncio.gather(
            self._counters.seconds_left(f"wait/{account}/{place}"),
            self._counters.value(f"account/{account}"),
            self._failures_of(place),
        )
        if left:
            raise self._refuse(account, place, left)
        if not of_account + of_address or await self._counters.value(f"known/{account}/{place}"):
            return False
        if of_account >= ACCOUNT_FAILURES:
            raise self._refuse(account, place, await self._counters.seconds_left(f"account/{account}"))
        await self._judge_address(place, of_address)
        return True

    async def _failures_of(self, place: str) -> int:
        """Failures of an address within the hour, where they are bounded."""
        return await self._counters.value(f"address/{place}") if self._settings.login_failures_per_address else 0

    async def _judge_address(self, place: str, failures: int) -> None:
        most = self._settings.login_failures_per_address
        if most and failures >= most:
            raise self._refuse("", place, await self._counters.seconds_left(f"address/{place}"))

    def _refuse(self, account: str, place: str, seconds: int) -> HubError:
        """A refusal that is remembered: until it ends nothing but time changes it, so a flood need not ask again."""
        self._refused.keep((account, place), seconds, again=REMEMBERED_SECONDS)
        return refused(seconds)

    async def _failed(self, account: str, place: str) -> None:
        failures = await self._counters.add(f"pair/{account}/{place}", DAY)
        if delay := delay_after(failures):
            await self._counters.add(f"wait/{account}/{place}", delay)
        await self._counters.add(f"account/{account}", ACCOUNT_SECONDS)
        if self._settings.login_failures_per_address:
            await self._counters.add(f"address/{place}", HOUR)

    async def _succeeded(self, account: str, place: str) -> None:
        await self._counters.clear(f"pair/{account}/{place}")
        await self._counters.clear(f"known/{account}/{place}")
        await self._counters.add(f"known/{account}/{place}", KNOWN_SECONDS)

    @asynccontextmanager
    async def _turn(self, place: str) -> AsyncIterator[None]:
        """One of AT_ONCE turns of this address."""
        turn = self._turns.setdefault(place, _Turn())
        if turn.count >= AT_ONCE + MOST_WAITING:
            raise refused(1)
        turn.count += 1
        try:
            async with turn.slots:
                yield
        finally:
            turn.count -= 1
            if not turn.count:
                self._turns.pop(place, None)
