"""The line to PostgreSQL is cut at the worst moment: nobody is told that what may be done can be repeated."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from hub.commands import account_life, accounts
from hub.commands.call import Call
from hub.commands.passwords import Passwords
from hub.config import Settings
from hub.errors import HubError, OutcomeUnknown, Overloaded, Unavailable
from hub.security import Tokens
from hub.store import database
from tests.guests import Guest, make_context, make_guest
from tests.servers import PASSWORD

DAY = datetime.now(UTC).date() + timedelta(days=15)
BIND, COMMIT, BEGIN = b"B", b"Q\x00\x00\x00\x0cCOMMIT;\x00", b"Q"
How = Literal["before it arrives", "before the answer", "no answer"]


@dataclass(slots=True)
class Proxy:
    """Passes what goes between the hub and PostgreSQL, until a message comes at which it does something else."""

    host: str
    port: int
    at: bytes | None = None
    """What the message begins with at which the line is cut; None: none is."""
    how: How = "before the answer"
    passed: int = 0
    """How many such messages pass before it is cut."""
    cuts: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, to_server = await asyncio.open_connection(self.host, self.port)
        self._writers += [writer, to_server]
        muted = asyncio.Event()
        back = asyncio.create_task(self._answers(theirs, writer, muted))
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                if self.at is not None and data.startswith(self.at) and self.passed > 0:
                    self.passed -= 1
                elif self.at is not None and data.startswith(self.at):
                    self.at = None
                    self.cuts += 1
                    if self.how == "before it arrives":
                        break
                    muted.set()
                to_server.write(data)
        if not muted.is_set():
            to_server.close()
            writer.close()
        await back

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, muted: asyncio.Event) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                if not muted.is_set():
                    writer.write(data)
                elif self.how == "before the answer":  # it is done, and the word of it gets lost
                    break
        writer.close()

    def close(self) -> None:
        for writer in self._writers:
            writer.close()


@pytest.fixture
async def proxy(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Proxy]:
    """hub.store.database connected through a proxy, by one connection that is open; a statement may take a second."""
    monkeypatch.setattr(database, "COMMAND_SECONDS", 1.0)
    parts = urlsplit(settings.database_url)
    assert parts.hostname is not None and parts.port is not None
    made = Proxy(parts.hostname, parts.port)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    through = parts._replace(netloc=f"{parts.username}:{parts.password}@127.0.0.1:{port}")
    await database.connect(replace(settings, database_url=urlunsplit(through)), pool_size=1)
    yield made
    await database.close()
    made.close()
    server.close()


@pytest.fixture
async def sql(settings: Settings) -> AsyncIterator[asyncpg.Connection[Any]]:
    connection = await asyncpg.connect(settings.database_url)
    yield connection
    await connection.close()


async def refusal(doing: Any) -> HubError:
    with pytest.raises(HubError) as refused:
        await doing
    return refused.value


async def warm(settings: Settings) -> tuple[Any, Guest, Any]:
    """A guest with a booking that was moved: every statement of it is prepared by now."""
    context, guest = make_context(settings), await make_guest()
    booking = await guest.move(context, await guest.book(context, day=DAY), guests=1)
    await context.guest_of(guest.by.user_id)  # in the epoch that is known by now
    return context, guest, booking


@pytest.mark.slow
@pytest.mark.parametrize("how", ["before it arrives", "before the answer", "no answer"])
async def test_a_booking_that_was_sent_and_not_answered_is_unknown(
    settings: Settings, proxy: Proxy, sql: asyncpg.Connection[Any], how: How
) -> None:
    context, guest, _ = await warm(settings)
    proxy.at, proxy.how = BIND, how
    error = await refusal(guest.book(context, day=DAY, at=time(13)))
    assert proxy.cuts == 1
    assert isinstance(error, OutcomeUnknown)
    assert (error.retryable, error.retry_after) == (False, None)
    made = await sql.fetchval("SELECT count(*) FROM bookings WHERE revision = 1")
    assert made == (0 if how == "before it arrives" else 1)  # which of both, the hub can't know
    assert await guest.book(context, day=DAY + timedelta(days=1))  # and it goes on by itself


@pytest.mark.parametrize("how", ["before it arrives", "before the answer", "no answer"])
async def test_a_change_that_was_sent_and_not_answered_is_unknown(
    settings: Settings, proxy: Proxy, sql: asyncpg.Connection[Any], how: How
) -> None:
    context, guest, booking = await warm(settings)
    proxy.at, proxy.how, proxy.passed = BIND, how, 1  # the booking is read first
    error = await refusal(guest.move(context, booking, guests=2))
    assert proxy.cuts == 1
    assert isinstance(error, OutcomeUnknown)
    [guests] = await sql.fetchrow("SELECT guests FROM bookings")
    assert guests == (1 if how == "before it arrives" else 2)
    assert await guest.move(context, booking, at=time(14))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "how"),
    [
        *(("register", how) for how in ("before it arrives", "no answer")),
        *((what, "before the answer") for what in ("register", "log in", "log out", "profile", "link")),
    ],
)
async def test_a_change_of_an_account_that_was_not_answered_is_unknown(
    settings: Settings, proxy: Proxy, sql: asyncpg.Connection[Any], what: str, how: How
) -> None:
    """A registration that was made and is told as one that may be repeated is refused at the repeat: email_taken."""
    context, passwords, tokens = make_context(settings), Cutting(), Tokens(settings)
    shared: dict[str, Any] = {"passwords": passwords, "tokens": tokens}
    guest = await make_guest()
    await database.write("UPDATE users SET password_hash = $1", await passwords.hash(PASSWORD))

    async def do(number: int) -> Any:
        email, phone = f"new-{number}@example.com", f"+4915550000{number:03}"
        if what == "register":
            return await accounts.register(
                context, **shared, email=email, password=PASSWORD, phone_number=phone, full_name="Ada"
            )
        if what == "log in":
            return await accounts.log_in(context, **shared, email=guest.email, password=PASSWORD)
        if what == "log out":
            return await accounts.log_out(context, by=guest.by, everywhere=True)
        if what == "profile":
            return await account_life.change_profile(
                context, Call(guest.by), full_name=f"Ada {number}", phone_number=None, language=None
            )
        return await account_life.ask_reset(context, email=guest.email, request_id=None)

    await do(1)  # every statement is prepared
    if what == "log out":
        await accounts.log_in(context, **shared, email=guest.email, password=PASSWORD)
    counted = {
        "register": "SELECT count(*) FROM users WHERE email LIKE 'new-%'",
        "log in": "SELECT count(*) FROM sessions",
        "log out": "SELECT count(*) FROM sessions WHERE ended_at IS NOT NULL",
        "profile": "SELECT count(*) FROM users WHERE full_name = 'Ada 2'",
        "link": "SELECT count(*) FROM outbox",
    }[what]
    before = await sql.fetchval(counted)
    proxy.how, passwords.before_the_next = how, lambda: setattr(proxy, "at", BIND if what.startswith("log") else COMMIT)
    if what not in ("register", "log in"):
        passwords.before_the_next()
    error = await refusal(do(2))
    assert proxy.cuts == 1
    assert isinstance(error, OutcomeUnknown), error
    assert (error.retryable, error.retry_after) == (False, None)
    assert await sql.fetchval(counted) - before == (0 if how == "before it arrives" else 1)
    passwords.close()


class Cutting(Passwords):
    """After its next password something is done: in each verb the statement that writes comes then."""

    before_the_next: Callable[[], object] = staticmethod(lambda: None)

    async def hash(self, password: str) -> str:
        found = await super().hash(password)
        self.before_the_next()
        return found

    async def verify(self, password: str, stored: str | None, *, last: bool = False) -> bool:
        found = await super().verify(password, stored, last=last)
        self.before_the_next()
        return found


@pytest.mark.slow
@pytest.mark.parametrize("how", ["before it arrives", "before the answer", "no answer"])
async def test_what_is_surely_not_written_may_be_repeated(
    settings: Settings, proxy: Proxy, sql: asyncpg.Connection[Any], how: How
) -> None:
    """A transaction that is cut off before its end, and what only reads."""
    await warm(settings)

    async def cut() -> None:
        proxy.at, proxy.how = BIND, how

    async def work(connection: Any) -> None:
        await connection.execute("UPDATE bookings SET guests = $1", 2)
        await cut()
        await connection.execute("UPDATE bookings SET guests = $1", 3)

    error = await refusal(database.transact(work))
    assert isinstance(error, Unavailable | Overloaded) and error.retryable
    assert await sql.fetchval("SELECT guests FROM bookings") == 1
    assert await database.fetch("SELECT 1 WHERE $1", True)
    await cut()
    error = await refusal(database.fetch("SELECT 1 WHERE $1", True))
    assert isinstance(error, Unavailable | Overloaded) and error.retryable
    assert proxy.cuts == 2


async def test_what_the_server_refuses_was_not_done(settings: Settings, proxy: Proxy) -> None:
    """A lock that could not be had in time is a word of the server's: the same may be asked again."""
    context, guest, _ = await warm(settings)
    holder = await asyncpg.connect(settings.database_url)
    try:
        async with holder.transaction():
            await holder.execute("SELECT hub_lock($1)", f"day:{DAY}")
            await holder.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            function = await holder.fetchval("SELECT pg_get_functiondef('hub_commit'::regproc)")
            other = await asyncpg.connect(settings.database_url)
            await other.execute(function.replace("'5s'", "'20ms'"))
            await other.close()
            error = await refusal(guest.book(context, day=DAY, at=time(13)))
        assert isinstance(error, Overloaded) and error.retryable
    finally:
        await holder.close()
