"""Password hashes and access tokens.

A token is checked without a query: its signature and claims by PyJWT, once, and then from a bounded cache; whether its
session was ended or its user's role was changed is in memory, kept current by the proof that every process makes each
second (hub.boards). Passwords are hashed on a small pool of threads with a bounded queue of two lanes (hub.lanes).
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.config import Settings
from hub.domain import text
from hub.errors import AuthError
from hub.lanes import Lanes

T = TypeVar("T")

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
        """User id → role, for users whose role changed while tokens may tell another."""

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


class Passwords:
    """argon2id on as many threads as there are cores; what waits is bounded, in each of two lanes, beyond it
    Overloaded."""

    def __init__(self, *, most_waiting: int = 64) -> None:
        # OWASP's second profile (19 MiB, two passes, one lane): about 20 ms on a core of our size.
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        cores = os.cpu_count() or 1
        self._pool = ThreadPoolExecutor(cores, thread_name_prefix="argon2")
        self._lanes = Lanes(cores, most_waiting=most_waiting)
        self._nobody = self._hasher.hash(secrets.token_hex())

    async def hash(self, password: str) -> str:
        return await self._run(self._hasher.hash, text.password(password))

    async def verify(self, password: str, stored: str | None, *, last: bool = False) -> bool:
        """Whether it is the password; takes as long for an account that does not exist (``stored`` None). ``last``:
        others go first."""
        matches = await self._run(self._matches, password, stored or self._nobody, last=last)
        return matches and stored is not None

    def _matches(self, password: str, stored: str) -> bool:
        # The normal form is what is hashed today; older hashes are of what was typed then.
        for form in text.forms_of_password(password):
            try:
                return self._hasher.verify(stored, form)
            except (VerificationError, InvalidHashError):
                continue
        return False

    async def _run(self, work: Callable[..., T], *args: str, last: bool = False) -> T:
        await self._lanes.enter(last=last)
        try:
            running = asyncio.get_running_loop().run_in_executor(self._pool, work, *args)
        except BaseException:
            self._lanes.leave()
            raise
        # A thread can't be interrupted: whoever goes away meanwhile leaves it at work, and the place with it.
        running.add_done_callback(lambda _: self._lanes.leave())
        return await asyncio.shield(running)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def random_password() -> str:
    """A password for a demo account: 96 bits, easy to copy."""
    return secrets.token_urlsafe(12)


REMEMBERED = timedelta(days=1)
"""How far back ended sessions and changed roles are read at a start: no token lives longer (JWT_EXPIRE_MINUTES)."""
