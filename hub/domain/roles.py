"""Roles: what an account is in the installation, a member in a venue, and so what somebody may do there. Pure.

An account is a ``user``, a ``host`` (of venue 1) or an ``admin`` (of everything). A member is a ``viewer``, a ``host``,
a ``manager`` or the ``owner`` of a venue.
"""

from __future__ import annotations

VISITOR = ""
"""The role of one who has no account, or has not said so."""
OF_ACCOUNTS = ("user", "host", "admin")
OF_MEMBERS = ("viewer", "host", "manager", "owner")
"""Each may do what those before it may."""
USERS = frozenset({*OF_ACCOUNTS, *OF_MEMBERS})
VIEWERS = frozenset({*OF_MEMBERS, "admin"})
"""They see the floor; the guests' phone numbers are for STAFF."""
STAFF = VIEWERS - {"viewer"}
"""They take, move and cancel anybody's bookings."""
MANAGERS = STAFF - {"host"}
"""They change tables and rules."""
RANK = {role: rank for rank, role in enumerate((VISITOR, "user", *OF_MEMBERS, "admin"))}


def at(of_account: str, of_member: str | None, *, main: bool) -> str:
    """The role in a venue of an account that is a member of it, or (None) is not. ``main``: it is venue 1."""
    own = "user" if of_account == "host" and not main else of_account
    return own if of_member is None else max(own, of_member, key=RANK.__getitem__)
