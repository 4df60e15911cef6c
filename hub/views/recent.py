"""Streams of which something was found a short while ago, and what was found may still be so."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable


class RecentStreams:
    """Those that were added in the last ``seconds``. Needs a running loop."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: dict[str, float] = {}

    def add(self, streams: Iterable[str]) -> None:
        now = asyncio.get_running_loop().time()
        self._until = {stream: until for stream, until in self._until.items() if until > now}
        self._until |= dict.fromkeys(streams, now + self._seconds)

    def __contains__(self, stream: str) -> bool:
        return stream in self._until and self._until[stream] > asyncio.get_running_loop().time()
