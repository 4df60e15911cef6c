"""When the changes of a stream are told: at once when it is calm, in a burst merged with those that come shortly.

Each frame of a stream uses up twice the time that the last changes took to be written to all (within MERGE_SECONDS),
and may go out LEAD_SECONDS before that time has passed. So the more there is to write the more is merged, and a frame
that was held up does not hold up those after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hub.live.write_batcher import WriteBatcher

MERGE_SECONDS = (0.005, 0.02)
LEAD_SECONDS = 0.02
MOST_STREAMS = 4096


class MergeWindow:
    """The timers of all streams. ``flush`` tells what has changed on one of them."""

    def __init__(self, writer: WriteBatcher, flush: Callable[[str], None]) -> None:
        self._writer = writer
        self._flush_stream = flush
        self._timers: dict[str, asyncio.Handle] = {}
        self._retries: dict[str, asyncio.TimerHandle] = {}
        self._used_until: dict[str, float] = {}
        """Until when the frames of a stream have used up the time that is theirs."""

    def schedule(self, stream: str) -> None:
        """Something changed on a stream: tell it when its turn comes."""
        if stream not in self._timers:
            loop = asyncio.get_running_loop()
            wait = self._used_until.get(stream, 0.0) - LEAD_SECONDS - loop.time()
            self._timers[stream] = (
                loop.call_later(wait, self._flush, stream) if wait > 0 else loop.call_soon(self._flush, stream)
            )

    def schedule_in(self, stream: str, seconds: float) -> None:
        """Tell it in so many seconds: it could not be told now. Until then the stream gets no second such timer, or
        each change of it would leave one that tries for ever."""
        if stream not in self._retries:
            self._retries[stream] = asyncio.get_running_loop().call_later(seconds, self._retry, stream)

    def _retry(self, stream: str) -> None:
        del self._retries[stream]
        self._flush(stream)

    def _flush(self, stream: str) -> None:
        self._timers.pop(stream, None)
        now = asyncio.get_running_loop().time()
        least, most = MERGE_SECONDS
        used = min(most, max(least, 2 * self._writer.took))
        self._used_until[stream] = max(now, self._used_until.get(stream, 0.0)) + used
        if len(self._used_until) > MOST_STREAMS:
            self._used_until = {name: until for name, until in self._used_until.items() if until > now}
        self._flush_stream(stream)

    def stop(self) -> None:
        for timer in (*self._timers.values(), *self._retries.values()):
            timer.cancel()
