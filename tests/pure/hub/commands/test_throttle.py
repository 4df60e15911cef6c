"""hub.commands.throttle without Redis: who may try a password, and what one address may hold up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limits.aio.storage.base import Storage

from hub.commands.throttle import (
    AT_ONCE,
    FREE_FAILURES,
    LONGEST_DELAY,
    MOST_WAITING,
    Attempt,
    Throttle,
    delay_after,
    network,
)
from hub.counters import Counters
from hub.errors import AuthError, HoldLimit, SlotTaken, TooManyAttempts
from hub.metrics import Metrics
from tests.conftest import make_settings

OWNER, STRANGER, THIRD = "192.0.2.1", "198.51.100.7", "203.0.113.9"
ADA = "ada@example.com"


def make_throttle(**variables: str) -> Throttle:
    """A throttle whose Redis does not answer: the counts are this process's own."""
    settings = make_settings("postgresql://hub@localhost/hub", "redis://127.0.0.1:1/0", Path("none"), **variables)
    return Throttle(settings, Counters(settings.redis_url), Metrics())


@pytest.fixture
async def throttle() -> AsyncIterator[Throttle]:
    made = make_throttle()
    yield made
    await made.close()


async def wrong(attempt: Attempt) -> str:
    raise AuthError()


async def right(attempt: Attempt) -> str:
    return "in"


async def fail(throttle: Throttle, times: int, *, email: str = ADA, address: str = STRANGER) -> None:
    for _ in range(times):
        with pytest.raises(AuthError):
            await throttle.log_in(email, address, wrong)


async def refusal(throttle: Throttle, *, email: str = ADA, address: str = STRANGER) -> int:
    """The seconds that an attempt has to wait."""

    async def unreached(attempt: Attempt) -> str:
        raise AssertionError("the password was hashed")

    with pytest.raises(TooManyAttempts) as caught:
        await throttle.log_in(email, address, unreached)
    assert caught.value.retry_after is not None
    return caught.value.retry_after


# ── the rule ────────────────────────────────────────────────────────────────────────────────────────────────────────


@given(st.integers(0, 10_000))
def test_delay_grows_from_the_tenth_failure_to_fifteen_minutes(failures: int) -> None:
    assert (delay_after(failures) == 0) == (failures < FREE_FAILURES)
    assert delay_after(failures) <= delay_after(failures + 1) <= LONGEST_DELAY == 900
    assert delay_after(30) == LONGEST_DELAY


@pytest.mark.parametrize(
    ("address", "counts_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::/64"),
        ("not an address", "not an address"),
        ("", ""),
    ],
)
def test_network_is_an_ipv4_address_or_a_64(address: str, counts_as: str) -> None:
    assert network(address) == counts_as


async def test_ten_failures_are_free_and_the_next_attempt_waits(throttle: Throttle) -> None:
    await fail(throttle, FREE_FAILURES)
    assert await refusal(throttle) == 4
    assert await throttle.log_in(ADA, OWNER, right) == "in"


async def test_wait_doubles_with_each_failure_after_it(throttle: Throttle) -> None:
    await fail(throttle, FREE_FAILURES)
    waits = []
    for _ in range(11):
        waits.append(await refusal(throttle))
        await throttle._counters.clear(f"wait/{throttle._digest(ADA)}/{STRANGER}")  # as if so much time had passed
        throttle._refused.clear()
        await fail(throttle, 1)
    assert waits == [4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]


async def test_what_is_refused_again_and_again_costs_no_question(
    throttle: Throttle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither for one account nor, beyond the bound of its address, for any; but whether it is known there."""
    await throttle.log_in("known@example.com", STRANGER, right)
    await fail(throttle, FREE_FAILURES)
    asked: list[str] = []
    ask = Counters._ask

    async def noted(self: Counters, key: str, question: Callable[[Storage], Awaitable[Any]], **options: Any) -> Any:
        asked.append(key.split("/")[0])
        return await ask(self, key, question, **options)

    monkeypatch.setattr(Counters, "_ask", noted)
    waits = [await refusal(throttle) for _ in range(20)]
    assert sorted(asked) == ["account", "address", "wait"] and set(waits) <= {3, 4}
    monkeypatch.setattr("hub.commands.throttle.REMEMBERED_SECONDS", 0.0)
    monkeypatch.setattr(Counters, "is_away", False)  # as if Redis answered
    throttle._refused.clear()
    asked.clear()
    waits = [await refusal(throttle) for _ in range(2)]
    assert len(asked) == 6  # it is asked again when it is old
    monkeypatch.undo()

    for number in range(90):
        await fail(throttle, 1, email=f"guest-{number}@example.com")
    monkeypatch.setattr(Counters, "_ask", noted)
    assert await refusal(throttle, email="another@example.com") > 3500
    asked.clear()
    for number in range(20):
        assert await refusal(throttle, email=f"new-{number}@example.com") > 3500
    assert asked == ["known"] * 20
    assert await throttle.log_in("known@example.com", STRANGER, right) == "in"


async def test_refusals_that_are_remembered_are_bounded(throttle: Throttle, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.commands.refusals.MOST_REMEMBERED", 3)
    for number in range(5):
        await fail(throttle, FREE_FAILURES, address=f"198.51.100.{number}")
        await refusal(throttle, address=f"198.51.100.{number}")
    assert len(throttle._refused) == 3


async def test_success_begins_the_count_anew(throttle: Throttle) -> None:
    for _ in range(3):
        await fail(throttle, FREE_FAILURES - 1)
        assert await throttle.log_in(ADA, STRANGER, right) == "in"


async def test_stranger_never_locks_the_owner_out(throttle: Throttle) -> None:
    """Whatever strangers do, from however many addresses: the owner logs in from where they did before."""
    await throttle.log_in(ADA, OWNER, right)
    for number in range(60):
        address = f"198.51.100.{number}"
        with pytest.raises((AuthError, TooManyAttempts)):
            await throttle.log_in(ADA, address, wrong)
    assert await throttle.log_in(ADA, OWNER, right) == "in"
    # And from a new address the wait ends with the window of 15 minutes.
    assert await refusal(throttle, address=THIRD) <= LONGEST_DELAY


async def test_account_is_bounded_over_all_addresses(throttle: Throttle) -> None:
    for number in range(50):
        await fail(throttle, 1, address=f"198.51.100.{number}")
    assert 800 < await refusal(throttle, address=THIRD) <= 900


async def test_address_is_bounded_over_all_accounts() -> None:
    throttle = make_throttle(LOGIN_FAILURES_PER_ADDRESS="20")
    await throttle.log_in("known@example.com", STRANGER, right)
    for number in range(20):
        await fail(throttle, 1, email=f"guest-{number}@example.com")
    assert 3500 < await refusal(throttle, email="new@example.com") <= 3600
    assert await throttle.log_in("new@example.com", OWNER, right) == "in"
    assert await throttle.log_in("known@example.com", STRANGER, right) == "in"
    await throttle.close()


async def test_zero_is_no_bound_of_an_address() -> None:
    throttle = make_throttle(LOGIN_FAILURES_PER_ADDRESS="0", REGISTRATIONS_PER_ADDRESS="0")
    for number in range(120):
        await fail(throttle, 1, email=f"guest-{number}@example.com")
        await throttle.count("register", STRANGER)
    await throttle.close()


async def test_ipv6_neighbours_count_together(throttle: Throttle) -> None:
    for number in range(FREE_FAILURES):
        await fail(throttle, 1, address=f"2001:db8::{number + 1:x}")
    assert await refusal(throttle, address="2001:db8::ffff")


async def test_registrations_and_resets_are_counted_apart_and_by_the_hour() -> None:
    throttle = make_throttle(REGISTRATIONS_PER_ADDRESS="3")
    for _ in range(3):
        await throttle.count("register", STRANGER)
    for _ in range(5):  # what is refused does not count
        with pytest.raises(TooManyAttempts) as caught:
            await throttle.count("register", STRANGER)
        assert 3500 < (caught.value.retry_after or 0) <= 3600
    await throttle.count("register", OWNER)
    for _ in range(3):
        await throttle.count("reset", STRANGER)
    with pytest.raises(TooManyAttempts):
        await throttle.count("reset", STRANGER)
    await throttle.close()


async def test_holds_of_an_address_are_counted_for_five_minutes() -> None:
    throttle = make_throttle(HOLDS_PER_ADDRESS="2")
    for user in range(2):
        await throttle.hold(STRANGER, user, held)
    for user in range(3):
        with pytest.raises(HoldLimit) as caught:
            await throttle.hold(STRANGER, user, held)
        assert 290 < (caught.value.retry_after or 0) <= 300
    await throttle.hold(OWNER, 9, held)
    await throttle.close()
    throttle = make_throttle(HOLDS_PER_ADDRESS="0", HOLDS_WITHOUT_BOOKING="0")
    for _ in range(40):
        await throttle.hold(STRANGER, 1, held)
        await throttle.booked(STRANGER, 1)
    await throttle.close()


async def held() -> str:
    return "held"


async def full() -> str:
    raise SlotTaken


async def test_holds_count_for_a_day_until_one_becomes_a_booking() -> None:
    throttle = make_throttle(HOLDS_PER_ADDRESS="0", HOLDS_WITHOUT_BOOKING="3")
    for _ in range(5):  # what is refused holds nothing
        with pytest.raises(SlotTaken):
            await throttle.hold(STRANGER, 1, full)
    for _ in range(3):
        assert await throttle.hold(STRANGER, 1, held) == "held"
    for address, user in ((STRANGER, 1), (OWNER, 1), (STRANGER, 2)):  # the account counts, and so does the address
        for _ in range(4):  # no more each time
            with pytest.raises(HoldLimit) as caught:
                await throttle.hold(address, user, held)
            assert 86300 < (caught.value.retry_after or 0) <= 86400
    for _ in range(3):  # what one bound refuses does not count for the other
        await throttle.hold(OWNER, 2, held)
    await throttle.booked(STRANGER, 1)
    await throttle.hold(STRANGER, 1, held)
    await throttle.close()


async def test_wrong_tokens_count_as_failures_of_the_address() -> None:
    throttle = make_throttle(LOGIN_FAILURES_PER_ADDRESS="5")

    async def no_such_token() -> str:
        raise AuthError()

    for _ in range(5):
        with pytest.raises(AuthError):
            await throttle.guard_tokens(STRANGER, no_such_token)
    with pytest.raises(TooManyAttempts):
        await throttle.guard_tokens(STRANGER, no_such_token)
    assert await refusal(throttle) > 3500
    await throttle.close()


# ── what is in flight ───────────────────────────────────────────────────────────────────────────────────────────────


class Hashing:
    """Work that goes on until it is let go, and counts how much of it there is at once."""

    def __init__(self) -> None:
        self.now = self.most = self.begun = 0
        self.go = asyncio.Event()

    def __call__(self, passes: bool) -> Callable[[Attempt], Awaitable[str]]:
        async def work(attempt: Attempt) -> str:
            self.begun += 1
            self.now += 1
            self.most = max(self.most, self.now)
            try:
                await self.go.wait()
            finally:
                self.now -= 1
            if not passes:
                raise AuthError()
            return "in"

        return work


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 what is awaited has no event of its own
            await asyncio.sleep(0)


async def test_flood_of_one_address_holds_no_more_than_its_turns(throttle: Throttle) -> None:
    """200 wrong log-ins at once: few are hashed, few wait, and another address is served meanwhile."""
    hashing = Hashing()
    flood = [
        asyncio.create_task(throttle.log_in(f"guest-{number}@example.com", STRANGER, hashing(False)))
        for number in range(200)
    ]
    await until(lambda: sum(task.done() for task in flood) == 200 - AT_ONCE - MOST_WAITING)
    await until(lambda: hashing.now == AT_ONCE)
    answers = await asyncio.gather(*(throttle.log_in(f"{n}@example.com", OWNER, right) for n in range(16)))
    assert answers == ["in"] * 16
    hashing.go.set()
    outcomes = await asyncio.gather(*flood, return_exceptions=True)
    assert hashing.most == AT_ONCE
    assert sum(isinstance(outcome, AuthError) for outcome in outcomes) == AT_ONCE + MOST_WAITING
    assert sum(isinstance(outcome, TooManyAttempts) for outcome in outcomes) == 200 - AT_ONCE - MOST_WAITING


async def test_attempts_in_flight_count_before_they_have_failed(throttle: Throttle) -> None:
    """60 at once of one account: no more are hashed than are free, and those that ran beside the last of them."""
    hashing = Hashing()
    hashing.go.set()
    outcomes = await asyncio.gather(
        *(throttle.log_in(ADA, STRANGER, hashing(False)) for _ in range(60)), return_exceptions=True
    )
    assert {type(outcome) for outcome in outcomes} == {AuthError, TooManyAttempts}
    assert hashing.begun < FREE_FAILURES + AT_ONCE


async def test_right_log_ins_of_one_account_all_pass(throttle: Throttle) -> None:
    answers = await asyncio.gather(*(throttle.log_in(ADA, OWNER, right) for _ in range(40)))
    assert answers == ["in"] * 40


async def test_who_failed_lately_goes_last_unless_they_were_in_before(throttle: Throttle) -> None:
    async def goes_last(email: str, address: str) -> bool:
        seen: list[Attempt] = []

        async def look(attempt: Attempt) -> None:
            seen.append(attempt)
            raise OSError  # neither a success nor a failure: nothing is counted

        with pytest.raises(OSError):
            await throttle.log_in(email, address, look)
        return seen[0].last

    await throttle.log_in(ADA, OWNER, right)
    assert not await goes_last(ADA, STRANGER)
    await fail(throttle, 1)
    assert await goes_last(ADA, STRANGER)
    assert await goes_last(ADA, THIRD)  # the account failed
    assert await goes_last("bob@example.com", STRANGER)  # the address failed
    assert not await goes_last("bob@example.com", OWNER)
    await fail(throttle, 1, address=OWNER)
    assert not await goes_last(ADA, OWNER)  # whom a stranger's failures can't send back


async def test_attempt_counts_also_when_the_caller_hangs_up(throttle: Throttle) -> None:
    for number in range(FREE_FAILURES):
        hashing = Hashing()
        caller = asyncio.create_task(throttle.log_in(ADA, STRANGER, hashing(False)))
        await until(lambda hashing=hashing: hashing.now == 1)  # type: ignore[misc]
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        hashing.go.set()
        await until(lambda: not throttle._tasks)
        assert caller.cancelled(), number
    assert await refusal(throttle)


async def test_what_fails_for_another_reason_is_no_failure_of_the_password(throttle: Throttle) -> None:
    async def broken(attempt: Attempt) -> str:
        raise OSError("the database is away")

    for _ in range(FREE_FAILURES + 1):
        with pytest.raises(OSError):
            await throttle.log_in(ADA, OWNER, broken)
    assert await throttle.log_in(ADA, OWNER, right) == "in"
