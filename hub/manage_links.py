"""The links in mails by which a guest manages one booking, without an account.

A link's token is b64url(kind ‖ booking ‖ version ‖ mark): 1 byte, 8 and 2 bytes in network order, and the first 16
bytes of an HMAC-SHA256 over them, by a key derived from SECRET_KEY. Nothing of it is stored, so a worker makes it
whenever it makes the mail, and another version of the booking's links ends those that were sent before.
"""

from __future__ import annotations

import base64
import hmac
import re
import struct
from datetime import timedelta
from typing import NamedTuple

KIND = 1
FORM = re.compile(r"[A-Za-z0-9_-]{36}", re.ASCII)
NAMED = struct.Struct(">BQH")
MARK_BYTES = 16
GOOD_AFTER_END = timedelta(hours=24)
"""For how long after the booking's end its links are good."""


class Link(NamedTuple):
    """The booking that a link manages, and the version of its links."""

    booking_id: int
    version: int


class ManageLinks:
    """Makes and reads the tokens of links. Every process with the same SECRET_KEY reads what any of them made."""

    __slots__ = ("_key",)

    def __init__(self, secret_key: str) -> None:
        self._key = hmac.digest(secret_key.encode(), b"booking-hub: manage", "sha256")

    def make(self, link: Link) -> str:
        """The token: 36 characters that a URL takes as they are."""
        named = NAMED.pack(KIND, link.booking_id, link.version)
        return base64.urlsafe_b64encode(named + self._mark(named)).decode()

    def read(self, token: str) -> Link | None:
        """What a token names; None for one that was not made with this key. Whether the link is still good, the
        booking says."""
        if not FORM.fullmatch(token):
            return None
        content = base64.urlsafe_b64decode(token)
        named, mark = content[: NAMED.size], content[NAMED.size :]
        if not hmac.compare_digest(mark, self._mark(named)):
            return None
        kind, booking_id, version = NAMED.unpack(named)
        return Link(booking_id, version) if kind == KIND else None

    def _mark(self, named: bytes) -> bytes:
        return hmac.digest(self._key, named, "sha256")[:MARK_BYTES]
