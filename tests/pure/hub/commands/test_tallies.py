"""hub.commands.tallies: what is counted when a caller hangs up, and what a flood of refusals costs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from limits.aio.storage import MemoryStorage
from limits.aio.storage.base import Storage

from hub.commands.throttle import Throttle
from hub.counters import Counters
from hub.errors import HoldLimit, HubError, TooManyAttempts
from tests.pure.hub.commands.test_throttle import STRANGER, make_throttle


async def held() -> str:
    return "held"


async def test_who_may_hold_no_more_uses_up_nothing_of_their_address() -> None:
    throttle = make_throttle(HOLDS_PER_ADDRESS="3", HOLDS_WITHOUT_BOOKING="1")
    await throttle.hold("192.0.2.1", 1, held)
    for _ in range(5):
        with pytest.raises(HoldLimit):
            await throttle.hold(STRANGER, 1, held)
    assert await throttle.hold(STRANGER, 2, held) == "held"
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
