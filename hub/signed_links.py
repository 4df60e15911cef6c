"""Tokens of links that name a thing and prove that this hub made them. Nothing of them is stored.

A token is b64url(kind ‖ what it names ‖ mark): one byte, some numbers in network order, and as many bytes of an
HMAC-SHA256 over them as fill 27 bytes, 16 at least, by a key derived from SECRET_KEY for this kind alone. So whoever
needs a link makes it, each time the same.
"""

from __future__ import annotations

import base64
import hmac
import re
import struct

FORM = re.compile(r"[A-Za-z0-9_-]{36}", re.ASCII)
BYTES = 27


class SignedLinks:
    """The tokens of one kind. Every process with the same SECRET_KEY reads what any of them made."""

    __slots__ = ("_key", "_kind", "_named")

    def __init__(self, secret_key: str, label: bytes, kind: int, named: struct.Struct) -> None:
        """``named``: the form of the kind and the numbers."""
        assert named.size + 16 <= BYTES
        self._key = hmac.digest(secret_key.encode(), label, "sha256")
        self._kind = kind
        self._named = named

    def make(self, *numbers: int) -> str:
        """36 characters that a URL takes as they are."""
        named = self._named.pack(self._kind, *numbers)
        return base64.urlsafe_b64encode(named + self._mark(named)).decode()

    def read(self, token: str) -> tuple[int, ...] | None:
        """The numbers; None for a token that was not made so."""
        if not FORM.fullmatch(token):
            return None
        content = base64.urlsafe_b64decode(token)
        named, mark = content[: self._named.size], content[self._named.size :]
        if not hmac.compare_digest(mark, self._mark(named)):
            return None
        kind, *numbers = self._named.unpack(named)
        return tuple(numbers) if kind == self._kind else None

    def _mark(self, named: bytes) -> bytes:
        return hmac.digest(self._key, named, "sha256")[: BYTES - len(named)]
