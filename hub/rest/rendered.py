"""Answers that are kept rendered, within one bound of bytes for all of them, whatever is asked."""

from __future__ import annotations

from collections.abc import Hashable

MOST_BYTES = 16 * 2**20
OVERHEAD_BYTES = 600
"""What a kept answer costs beside its body: its key, its ETag, its place in the table."""


class Rendered:
    """ETag and body by what they depend on; the oldest go first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._kept: dict[Hashable, tuple[str, bytes]] = {}
        self.bytes = 0

    def get(self, key: Hashable) -> tuple[str, bytes] | None:
        return self._kept.get(key)

    def keep(self, key: Hashable, made: tuple[str, bytes]) -> None:
        """Keep one more; ``key`` is new."""
        self._kept[key] = made
        self.bytes += len(made[1]) + OVERHEAD_BYTES
        while self.bytes > self._most:
            oldest = next(iter(self._kept))
            self.bytes -= len(self._kept.pop(oldest)[1]) + OVERHEAD_BYTES

    def __len__(self) -> int:
        return len(self._kept)
