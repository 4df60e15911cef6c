"""The one way to connect to PostgreSQL: pools, migrations, `hub doctor` and every command come through here.

What a URL means is hub.dsn's; what is done on a connection is hub.store.database's.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import asyncpg

from hub import dsn

CONNECT_SECONDS = 5.0
"""How long one host may take to let us in, unless the URL says it by connect_timeout=."""
CONNECT_SECONDS_OF_SEVERAL = 1.0
"""The same where the URL names several hosts: a request waits for less than CONNECT_SECONDS in all."""
NAME = "hub"
ELSEWHERE = (
    OSError,
    TimeoutError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
    asyncpg.TargetServerAttributeNotMatched,
)
"""After these another host may do: no answer, a server that starts or stops, another kind of session than wanted."""


class Connector:
    """Opens connections to the hosts of one URL. An instance is what ``asyncpg.create_pool(connect=…)`` takes.

    The host that let us in last is tried first the next time, and one that did not answer last: a pool that grows
    does not wait again and again for a host that is away.
    """

    def __init__(
        self,
        url: str,
        *,
        prepared: bool = True,
        name: str = NAME,
        session: Mapping[str, str] | None = None,
        **options: Any,
    ) -> None:
        """``name`` is the application's name where the URL gives none. ``session`` is what the sessions are set to
        beside the time zone. ``options`` are asyncpg's own.

        Without ``prepared`` no statement stays prepared, and ``session`` is not sent: a pooler that gives each
        transaction another connection forbids the first, and refuses a connection that asks for the second. So
        nothing may depend on ``session`` but how fast something is. Raises dsn.Wrong.
        """
        self._dsn = dsn.parse(url)
        self._options = options if prepared else {**options, "statement_cache_size": 0}
        self._settings = {"application_name": self._dsn.application_name or name, "timezone": "UTC"}
        self._settings |= {"options": self._dsn.options} if self._dsn.options else {}
        self._settings |= dict(session or {}) if prepared else {}
        self._first = 0

    async def __call__(self, *_: Any, **given: Any) -> asyncpg.Connection[Any]:
        """A new connection. What asyncpg and Tortoise say of the place is not looked at: the URL says it all.

        Raises what asyncpg raises for the last host that was tried, or TimeoutError.
        """
        ours = {"host", "port", "user", "password", "database", "dsn", "timeout", "server_settings"}
        options = {**self._options, **{name: value for name, value in given.items() if name not in ours}}
        hosts, wanted = self._dsn.hosts, self._dsn.session
        # "Prefer" is two rounds: a standby anywhere, or else whatever answers.
        rounds = ("standby", "any") if wanted == "prefer-standby" else (wanted,)
        failure: BaseException | None = None
        for session in rounds:
            for number in [(self._first + n) % len(hosts) for n in range(len(hosts))]:
                self._first = (number + 1) % len(hosts)  # also when this attempt is cut off from outside
                try:
                    connection = await self._open(*hosts[number], session, options)
                except ELSEWHERE as error:
                    failure = error
                else:
                    self._first = number
                    return connection
        assert failure is not None
        raise failure

    async def _open(
        self, host: str | None, port: int | None, session: str, options: dict[str, Any]
    ) -> asyncpg.Connection[Any]:
        tls = dict(self._dsn.tls)
        if tls.get("sslrootcert") == "system":
            options = {**options, "ssl": _trusting_the_system(tls)}
            tls = {}
        patience = CONNECT_SECONDS if len(self._dsn.hosts) == 1 else CONNECT_SECONDS_OF_SEVERAL
        connection: asyncpg.Connection[Any] = await asyncpg.connect(
            f"postgresql://?{urlencode(tls)}" if tls else None,
            **{
                "host": host,
                "port": port,
                "user": self._dsn.user,
                "password": self._dsn.password,
                "passfile": self._dsn.passfile,
                "database": self._dsn.database,
                "timeout": self._dsn.connect_timeout or patience,
                "server_settings": self._settings,
                "target_session_attrs": session,
                **options,
            },
        )
        return connection


def _trusting_the_system(tls: dict[str, str]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if "sslcert" in tls:
        context.load_cert_chain(tls["sslcert"], tls.get("sslkey"), lambda: tls.get("sslpassword", ""))
    return context


async def connect(url: str, *, prepared: bool = True, seconds: float = 10.0, **options: Any) -> asyncpg.Connection[Any]:
    """One connection to the server that ``url`` names, within ``seconds`` in all. Raises as Connector does."""
    async with asyncio.timeout(seconds):
        return await Connector(url, prepared=prepared, **options)()
