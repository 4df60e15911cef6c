"""hub.commands.tallies: what is counted when a caller hangs up, and what a flood of refusals costs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from limits.aio.storage import MemoryStorage
from limits.aio.storage.base import Storage

from hub.commands.throttle import Throttle
from hub.counters import Counters
from hub.errors import AuthError, HoldLimit, HubError, SlotTaken, TooManyAttempts, TooManyRequests
from tests.pure.hub.commands.test_throttle import STRANGER, make_throttle

UNBOOKED = (f"unbooked/{STRANGER}", "unbooked/user/1")


async def counted(throttle: Throttle) -> list[int]:
    await asyncio.gather(*throttle._tasks, return_exceptions=True)
    return [await throttle._counters.value(key) for key in UNBOOKED]


async def held() -> str:
    return "held"


@pytest.mark.parametrize("error", [SlotTaken(), OSError(), None], ids=["refused", "failed", "held"])
async def test_hold_that_is_hung_up_on_at_any_moment_counts_as_it_went(error: Exception | None) -> None:
    throttle = make_throttle(HOLDS_PER_ADDRESS="0", HOLDS_WITHOUT_BOOKING="1000")

    async def work() -> str:
        for _ in range(3):
            await asyncio.sleep(0)
        if error is not None:
            raise error
        return "held"

    hung_up = 0
    for steps in range(1, 200):
        before = await counted(throttle)
        caller = asyncio.create_task(throttle.hold(STRANGER, 1, work))
        for _ in range(steps):
            await asyncio.sleep(0)
        caller.cancel()
        [outcome] = await asyncio.gather(caller, return_exceptions=True)
        assert await counted(throttle) == [number + (error is None) for number in before], steps
        if not isinstance(outcome, asyncio.CancelledError):
            break  # it was over before
        hung_up += 1
    assert 5 < hung_up < 199
    await throttle.close()


async def test_hold_that_fails_for_any_reason_is_not_counted() -> None:
    throttle = make_throttle(HOLDS_PER_ADDRESS="0", HOLDS_WITHOUT_BOOKING="3")

    async def broken() -> str:
        raise OSError("the connection is gone")

    for _ in range(5):
        with pytest.raises(OSError, match="gone"):
            await throttle.hold(STRANGER, 1, broken)
    assert await counted(throttle) == [0, 0]
    await throttle.close()


async def test_who_may_hold_no_more_uses_up_nothing_of_their_address() -> None:
    throttle = make_throttle(HOLDS_PER_ADDRESS="3", HOLDS_WITHOUT_BOOKING="1")
    await throttle.hold("192.0.2.1", 1, held)
    for _ in range(5):
        with pytest.raises(HoldLimit):
            await throttle.hold(STRANGER, 1, held)
    assert await throttle.hold(STRANGER, 2, held) == "held"
    await throttle.close()


async def test_refusal_that_is_hung_up_on_is_not_counted() -> None:
    throttle = make_throttle(REGISTRATIONS_PER_ADDRESS="1")
    await throttle.count("register", STRANGER)
    for steps in range(1, 30):
        throttle._refused.clear()
        caller = asyncio.create_task(throttle.count("register", STRANGER))
        for _ in range(steps):
            await asyncio.sleep(0)
        caller.cancel()
        await asyncio.gather(caller, return_exceptions=True)
        await counted(throttle)
        assert await throttle._counters.value(f"register/{STRANGER}") == 1, steps
    await throttle.close()


async def test_wrong_token_counts_when_its_caller_hangs_up() -> None:
    throttle = make_throttle(LOGIN_FAILURES_PER_ADDRESS="5")
    begun = asyncio.Event()

    async def no_such_token() -> str:
        begun.set()
        await asyncio.sleep(0)
        raise AuthError()

    caller = asyncio.create_task(throttle.guard_tokens(STRANGER, no_such_token))
    await begun.wait()
    caller.cancel()
    await asyncio.gather(caller, return_exceptions=True)
    await counted(throttle)
    assert await throttle._counters.value(f"address/{STRANGER}") == 1
    await throttle.close()


ASKED: dict[str, tuple[Callable[[Throttle], Awaitable[Any]], type[HubError]]] = {
    "hold": (lambda throttle: throttle.hold(STRANGER, 1, held), HoldLimit),
    "hold of an address": (lambda throttle: throttle.hold(STRANGER, 2, held), HoldLimit),
    "register": (lambda throttle: throttle.count("register", STRANGER), TooManyAttempts),
    "reset": (lambda throttle: throttle.count("reset", STRANGER), TooManyAttempts),
}
BOUNDS = {"HOLDS_PER_ADDRESS": "0", "HOLDS_WITHOUT_BOOKING": "1", "REGISTRATIONS_PER_ADDRESS": "1"}


@pytest.mark.parametrize("what", ASKED)
async def test_what_is_refused_again_and_again_costs_no_question(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    throttle, (ask, error) = make_throttle(**BOUNDS), ASKED[what]
    throttle._counters._shared = MemoryStorage()  # type: ignore[assignment]  # it stands for Redis
    await ask(throttle)
    with pytest.raises(error):
        await ask(throttle)
    asked: list[str] = []
    question = Counters._ask

    async def noted(self: Counters, key: str, *args: Any, **options: Any) -> Any:
        asked.append(key)
        return await question(self, key, *args, **options)

    monkeypatch.setattr(Counters, "_ask", noted)
    for _ in range(20):
        with pytest.raises(error):
            await ask(throttle)
    assert asked == []
    monkeypatch.setattr("hub.commands.refusals.AGAIN_SECONDS", 0.0)
    throttle._refused.clear()
    for _ in range(2):
        with pytest.raises(error):
            await ask(throttle)
    assert asked  # something else may have ended it
    await throttle.close()


@pytest.mark.parametrize("what", ASKED)
async def test_what_is_known_to_be_refused_stays_so_while_redis_is_away(what: str) -> None:
    throttle, (ask, error) = make_throttle(**BOUNDS), ASKED[what]
    redis: Storage = throttle._counters._shared  # which nobody answers for
    throttle._counters._shared = MemoryStorage()  # type: ignore[assignment]
    await ask(throttle)
    with pytest.raises(error):
        await ask(throttle)
    throttle._counters._shared = redis  # type: ignore[assignment]
    await throttle._counters.value("another")  # it is found to be away
    assert throttle._counters.is_away
    for known, (until, _) in list(throttle._refused._known.items()):
        throttle._refused._known[known] = until, 0.0  # it would be asked for again
    with pytest.raises(error):
        await ask(throttle)
    await throttle.close()


async def test_booking_ends_the_refusal_at_once() -> None:
    throttle = make_throttle(**BOUNDS)
    await throttle.hold(STRANGER, 1, held)
    with pytest.raises(HoldLimit):
        await throttle.hold(STRANGER, 1, held)
    await throttle.booked(STRANGER, 1)
    assert await throttle.hold(STRANGER, 1, held) == "held"
    await throttle.close()


async def test_exports_of_one_account_run_one_at_a_time_and_a_few_an_hour() -> None:
    throttle, go, running = make_throttle(EXPORTS_PER_USER="2"), asyncio.Event(), 0

    async def gather() -> str:
        nonlocal running
        running += 1
        assert running == 1
        await go.wait()
        running -= 1
        return "all"

    first = asyncio.create_task(throttle.export(1, gather))
    while not running:  # noqa: ASYNC110 what is awaited has no event of its own
        await asyncio.sleep(0)
    for _ in range(5):
        with pytest.raises(TooManyRequests):
            await throttle.export(1, gather)
    assert await throttle.export(2, held) == "held"
    first.cancel()  # who hangs up has it gathered all the same, and is not let in beside it
    await asyncio.gather(first, return_exceptions=True)
    with pytest.raises(TooManyRequests):
        await throttle.export(1, gather)
    go.set()
    await counted(throttle)
    for _ in range(3):  # what fails is not counted

        async def broken() -> str:
            raise OSError("the connection is gone")

        with pytest.raises(OSError, match="gone"):
            await throttle.export(1, broken)
    assert await throttle.export(1, gather) == "all"
    with pytest.raises(TooManyAttempts) as caught:
        await throttle.export(1, gather)
    assert 3500 < (caught.value.retry_after or 0) <= 3600
    await throttle.close()
    unbounded = make_throttle(EXPORTS_PER_USER="0")
    for _ in range(20):
        assert await unbounded.export(1, held) == "held"
    await unbounded.close()
