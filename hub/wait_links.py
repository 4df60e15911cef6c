"""The links by which a guest follows their place on the waitlist, without an account."""

from __future__ import annotations

import struct
from datetime import timedelta

from hub.signed_links import SignedLinks

KIND = 2
GOOD_FOR = timedelta(hours=24)
"""For how long after the party joined its link is good: no service day is longer."""


class WaitLinks:
    """Makes and reads the tokens of links; a token names the entry of the waitlist."""

    __slots__ = ("_links",)

    def __init__(self, secret_key: str) -> None:
        self._links = SignedLinks(secret_key, b"booking-hub: wait", KIND, struct.Struct(">BQ"))

    def make(self, entry_id: int) -> str:
        return self._links.make(entry_id)

    def read(self, token: str) -> int | None:
        """The entry's id; None for a token that was not made with this key."""
        named = self._links.read(token)
        return None if named is None else named[0]
