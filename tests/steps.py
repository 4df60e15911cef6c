"""Cancel a coroutine at each of its awaits in turn, in both of the ways in which a cancellation can meet one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Generator
from typing import Any, Literal

Moment = Literal["waiting", "answered"]
"""While it waits; or when what it waited for is there, and the task was not yet told."""


class Cut:
    """An awaitable that runs ``inner``, and cancels the task that awaits it at its ``at``-th suspension, from 1."""

    def __init__(self, inner: Coroutine[Any, Any, Any], at: int, moment: Moment) -> None:
        self.inner = inner
        self.at = at
        self.moment = moment
        self.steps = 0

    def __await__(self) -> Generator[Any, Any, Any]:
        value, error = None, None
        while True:
            try:
                waited = self.inner.send(value) if error is None else self.inner.throw(error)
            except StopIteration as ended:
                return ended.value
            value, error = None, None
            self.steps += 1
            if self.steps == self.at:
                self._cut(waited)
            try:
                value = yield waited
            except BaseException as raised:  # it is the inner one's to handle
                error = raised

    def _cut(self, waited: Any) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self.moment == "waiting" or waited is None:
            task.cancel()
        else:
            waited.add_done_callback(lambda _: task.cancel())  # runs before the task's own callback does


async def cancelled_at_each_await(
    begin: Callable[[], Coroutine[Any, Any, Any]], moment: Moment, after: Callable[[], Awaitable[None]]
) -> int:
    """Run ``begin()`` again and again, cancelled one await later each time, until one run needs no more; returns how
    many awaits there were. ``after`` is called after each run."""
    at = 0
    while True:
        at += 1

        async def run(cut: Cut) -> Any:
            return await cut

        cut = Cut(begin(), at, moment)
        (outcome,) = await asyncio.gather(asyncio.create_task(run(cut)), return_exceptions=True)
        await after()
        if cut.steps < at:
            if isinstance(outcome, BaseException):
                raise outcome
            return at - 1
