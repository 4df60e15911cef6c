"""Marks on what this installation keeps in Redis or sends over it, so that nobody else's can pass for ours.

A mark is a keyed BLAKE2b of 16 bytes over what the message is for and what it says; the key is derived from SECRET_KEY.
It says who wrote, not when: an old message that is sent again is still ours, and its version says that it is old.
"""

from __future__ import annotations

import hmac
import time
from hashlib import blake2b
from typing import Literal

from hub import logs
from hub.metrics import Metrics

MARK_BYTES = 16
WARN_SECONDS = 60.0
"""How rarely the log says that something was dropped; the metric counts each."""
What = Literal["event", "checkpoint"]
log = logs.get("hub.views.signing")


class Signer:
    """Signs and opens messages. Every process with the same SECRET_KEY opens what any of them signed."""

    __slots__ = ("_key", "_metrics", "_warned_at")

    def __init__(self, secret_key: str, metrics: Metrics) -> None:
        self._key = hmac.digest(secret_key.encode(), b"booking-hub: what goes through redis", "sha256")
        self._metrics = metrics
        self._warned_at = float("-inf")

    def sign(self, purpose: bytes, content: bytes) -> bytes:
        """The mark, followed by the content."""
        return self._mark(purpose, content) + content

    def open(self, what: What, purpose: bytes, signed: bytes) -> bytes | None:
        """The content of what was signed for the same purpose; None, and it is counted, for anything else."""
        content = signed[MARK_BYTES:]
        if hmac.compare_digest(signed[:MARK_BYTES], self._mark(purpose, content)):
            return content
        self._metrics.unsigned.labels(what).inc()
        now = time.monotonic()
        if now - self._warned_at >= WARN_SECONDS:
            self._warned_at = now
            log.warning("data in Redis was not signed by this installation, and was dropped", kind=what)
        return None

    def _mark(self, purpose: bytes, content: bytes) -> bytes:
        mark = blake2b(len(purpose).to_bytes(2, "big"), digest_size=MARK_BYTES, key=self._key)
        mark.update(purpose)
        mark.update(content)
        return mark.digest()
