"""Who asks: access tokens.

A token is checked without a query: its signature and claims by PyJWT, once, and then from a bounded cache; whether its
session was ended, its user's role was changed, and who is a member of which venue is in memory, kept current by the
freshness check that every process makes each second (hub.views.verification).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

import jwt

from hub.config import Settings
from hub.domain import roles
from hub.domain.events import MAIN
from hub.errors import AuthError
from hub.manage_links import Link

ISSUER = AUDIENCE = "booking-hub"
LINKS_AUDIENCE = "booking-hub: one booking"
"""Of tokens that a link was traded for: where an account is asked for, none of them is good."""
LINK_CLAIMS = ["booking", "version", "iat", "exp", "iss", "aud", "jti"]
LINK_SECONDS = 30 * 60
CLAIMS = ["sub", "role", "sid", "iat", "exp", "iss", "aud", "jti"]
BIGGEST_ID = 2**63 - 1
NO_ROLES: Mapping[int, str] = MappingProxyType({})
LAST_SECOND = 253_402_300_799.0
"""The last second that a date can name: 9999-12-31T23:59:59Z. An end beyond it is no end."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the user, the session, when the token ends (seconds since 1970), and the role as it is now: the
    account's, or that in one venue (:meth:`Tokens.at`); then the account's is ``of_account``.

    Who came by a ``link`` has no account, no role, and that booking alone; the ``user_id`` is its id below zero, which
    no account has."""

    user_id: int
    role: str
    session_id: int
    expires_at: float
    link: Link | None = None
    of_account: str | None = field(default=None, compare=False)

    @property
    def caller(self) -> str:
        """Whose idempotency keys theirs are."""
        return f"user:{self.user_id}" if self.link is None else f"booking:{self.link.booking_id}"

    @property
    def is_staff(self) -> bool:
        return self.role in roles.STAFF


class Tokens:
    """Makes and checks access tokens; remembers which sessions were ended and which roles changed meanwhile."""

    def __init__(self, settings: Settings, *, cached: int = 20_000) -> None:
        self._key = settings.secret_key
        self._length = settings.jwt_expire
        self._cached = cached
        self._known: dict[str, Identity] = {}
        self.ended: dict[int, float] = {}
        """Session id → when it was noticed (seconds since 1970); kept for as long as a token may live."""
        self.roles: dict[int, str] = {}
        """User id → role, for users whose role changed while tokens may name another."""
        self.memberships: dict[int, dict[int, str]] = {}
        """User id → venue's id → role: all that there are."""
        self._others_memberships = False
        """Whether these are another database's, until it is known what this one says."""

    def make(self, *, user_id: int, role: str, session_id: int) -> tuple[str, int]:
        """A new access token and the seconds that it lives."""
        now = datetime.now(UTC)
        claims = {
            "sub": str(user_id),
            "role": role,
            "sid": session_id,
            "iat": now,
            "exp": now + self._length,
            "iss": ISSUER,
            "aud": AUDIENCE,
            "jti": secrets.token_hex(8),
        }
        return jwt.encode(claims, self._key, algorithm="HS256"), round(self._length.total_seconds())

    def make_for_link(self, link: Link) -> tuple[str, int]:
        """An access token for the booking of a link alone, and the seconds that it lives."""
        now = datetime.now(UTC)
        claims = {
            "booking": link.booking_id,
            "version": link.version,
            "iat": now,
            "exp": now + timedelta(seconds=LINK_SECONDS),
            "iss": ISSUER,
            "aud": LINKS_AUDIENCE,
            "jti": secrets.token_hex(8),
        }
        return jwt.encode(claims, self._key, algorithm="HS256"), LINK_SECONDS

    def check_of_link(self, token: str, now: float) -> Identity:
        """For which booking a token of :meth:`make_for_link` is good at ``now``. Raises AuthError."""
        try:
            claims = self._claims(token, LINKS_AUDIENCE, LINK_CLAIMS)
            link, ends = Link(claims["booking"], claims["version"]), float(claims["exp"])
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise AuthError() from error
        if not all(type(each) is int and 0 < each <= BIGGEST_ID for each in link) or not now < ends <= LAST_SECOND:
            raise AuthError()
        return Identity(-link.booking_id, roles.VISITOR, 0, ends, link)

    def check(self, token: str, now: float) -> Identity:
        """Whose token this is at ``now`` (seconds since 1970). Raises AuthError whatever is wrong with it."""
        identity = self._known.get(token)
        if identity is None:
            identity = self._decode(token)
            if len(self._known) >= self._cached:
                for old in [key for key, known in self._known.items() if known.expires_at <= now]:
                    del self._known[old]
                while len(self._known) >= self._cached:
                    del self._known[next(iter(self._known))]
            self._known[token] = identity
        if identity.expires_at <= now or identity.session_id in self.ended:
            raise AuthError()
        role = self.roles.get(identity.user_id)
        return identity if role is None or role == identity.role else replace(identity, role=role)

    def at(self, identity: Identity, venue_id: int) -> Identity:
        """The same with the role that they have in a venue."""
        role = self.role_at(identity, venue_id)
        if role == identity.role:
            return identity
        return replace(identity, role=role, of_account=identity.of_account or identity.role)

    def role_at(self, identity: Identity, venue_id: int) -> str:
        """Their role in a venue, whichever one the identity is at."""
        of_account = self.roles.get(identity.user_id, identity.of_account or identity.role)
        own = self.memberships.get(identity.user_id)
        return roles.at(of_account, own.get(venue_id) if own else None, main=venue_id == MAIN)

    def venues_of(self, user_id: int) -> list[int]:
        """The venues of which somebody is a member."""
        return sorted(self.memberships.get(user_id, ()))

    def _claims(self, token: str, audience: str, required: list[str]) -> dict[str, Any]:
        """What a token of ours for this audience says; its end is judged by the caller, against their clock. Raises
        jwt.PyJWTError."""
        claims: dict[str, Any] = jwt.decode(
            token,
            self._key,
            algorithms=["HS256"],
            issuer=ISSUER,
            audience=audience,
            options={"require": required, "verify_exp": False},
        )
        return claims

    def _decode(self, token: str) -> Identity:
        try:
            claims = self._claims(token, AUDIENCE, CLAIMS)
            identity = Identity(int(claims["sub"]), claims["role"], claims["sid"], float(claims["exp"]))
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise AuthError() from error
        ids = (identity.user_id, identity.session_id)
        if identity.role not in roles.OF_ACCOUNTS or not all(
            type(each) is int and 0 < each <= BIGGEST_ID for each in ids
        ):
            raise AuthError()
        if not 0 <= identity.expires_at <= LAST_SECOND:  # NaN is none of them
            raise AuthError()
        return identity

    def forget(self) -> None:
        """The database is another one: what was ended or changed in the old one says nothing about its ids."""
        self.ended.clear()
        self.roles.clear()
        self._others_memberships = True

    def learn(
        self,
        *,
        ended: Iterable[int],
        now: float,
        roles: Mapping[int, str] = NO_ROLES,
        memberships: Iterable[tuple[int, int, str | None]] = (),
    ) -> tuple[set[int], set[int]]:
        """Take what the database says of ended sessions, accounts' roles and memberships (user, venue, and the role, or
        None for one that has ended).

        Returns the sessions that are newly known as ended, and the users whose roles were others until now.
        """
        new = {session for session in ended if session not in self.ended}
        self.ended.update(dict.fromkeys(new, now))
        changed = {user for user, role in roles.items() if self.roles.get(user) != role}
        self.roles.update(roles)
        if self._others_memberships:
            self._others_memberships = False
            changed |= self.memberships.keys()
            self.memberships.clear()
        for user, venue_id, role in memberships:
            own = self.memberships.setdefault(user, {})
            if own.get(venue_id) != role:
                changed.add(user)
            if role is not None:
                own[venue_id] = role
            else:
                own.pop(venue_id, None)
            if not own:
                del self.memberships[user]
        if new:
            horizon = now - self._length.total_seconds() - 60
            self.ended = {session: at for session, at in self.ended.items() if at > horizon}
        return new, changed


REMEMBERED = timedelta(days=1)
"""How far back ended sessions and changed roles are read at a start: no token lives longer (JWT_EXPIRE_MINUTES)."""
