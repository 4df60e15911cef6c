"""The links in mails by which a guest manages one booking, without an account.

A token names the booking and the version of its links: another version ends those that were sent before.
"""

from __future__ import annotations

import struct
from datetime import timedelta
from typing import NamedTuple

from hub.signed_links import SignedLinks

KIND = 1
GOOD_AFTER_END = timedelta(hours=24)
"""For how long after the booking's end its links are good."""


class Link(NamedTuple):
    """The booking that a link manages, and the version of its links."""

    booking_id: int
    version: int


class ManageLinks:
    """Makes and reads the tokens of links. Every process with the same SECRET_KEY reads what any of them made."""

    __slots__ = ("_links",)

    def __init__(self, secret_key: str) -> None:
        self._links = SignedLinks(secret_key, b"booking-hub: manage", KIND, struct.Struct(">BQH"))

    def make(self, link: Link) -> str:
        return self._links.make(*link)

    def read(self, token: str) -> Link | None:
        """What a token names; None for one that was not made with this key. Whether the link is still good, the
        booking says."""
        named = self._links.read(token)
        return None if named is None else Link(*named)
