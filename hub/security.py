"""Who asks: access tokens.

A token is checked without a query: its signature and claims by PyJWT, once, and then from a bounded cache; whether its
session was ended or its user's role was changed is in memory, kept current by the freshness check that every process
makes each second (hub.views.verification).
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import jwt

from hub.config import Settings
from hub.errors import AuthError

ISSUER = AUDIENCE = "booking-hub"
CLAIMS = ["sub", "role", "sid", "iat", "exp", "iss", "aud", "jti"]
ROLES = ("user", "host", "admin")
BIGGEST_ID = 2**63 - 1
LAST_SECOND = 253_402_300_799.0
"""The last second that a date can name: 9999-12-31T23:59:59Z. An end beyond it is no end."""


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: the user, the role as it is now, the session, and when the token ends (seconds since 1970)."""

    user_id: int
    role: str
    session_id: int
    expires_at: float

    @property
    def is_staff(self) -> bool:
        return self.role in ("host", "admin")


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

    def _decode(self, token: str) -> Identity:
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=["HS256"],
                issuer=ISSUER,
                audience=AUDIENCE,
                # The end is judged by check(), against the caller's clock and grace.
                options={"require": CLAIMS, "verify_exp": False},
            )
            identity = Identity(int(claims["sub"]), claims["role"], claims["sid"], float(claims["exp"]))
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError) as error:
            raise AuthError() from error
        ids = (identity.user_id, identity.session_id)
        if identity.role not in ROLES or not all(type(each) is int and 0 < each <= BIGGEST_ID for each in ids):
            raise AuthError()
        if not 0 <= identity.expires_at <= LAST_SECOND:  # NaN is none of them
            raise AuthError()
        return identity

    def forget(self) -> None:
        """The database is another one: what was ended or changed in the old one says nothing about its ids."""
        self.ended.clear()
        self.roles.clear()

    def learn(self, *, ended: Iterable[int], roles: Iterable[tuple[int, str]], now: float) -> set[int]:
        """Take what the database says of ended sessions and users' roles; returns the sessions newly known as ended."""
        new = {session for session in ended if session not in self.ended}
        self.ended.update(dict.fromkeys(new, now))
        self.roles.update(roles)
        if new:
            horizon = now - self._length.total_seconds() - 60
            self.ended = {session: at for session, at in self.ended.items() if at > horizon}
        return new


REMEMBERED = timedelta(days=1)
"""How far back ended sessions and changed roles are read at a start: no token lives longer (JWT_EXPIRE_MINUTES)."""
