"""The life of an account over REST, by mail and by command: verified, reset, changed, disabled, exported, erased."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub.commands import account_life, accounts
from hub.commands.passwords import Passwords
from hub.config import Settings
from hub.errors import AuthError, Conflict
from hub.security import Tokens
from hub.store import account_tokens, database
from tests import servers as made
from tests.conftest import ShareHub, StartHub, make_settings, two_hubs
from tests.guests import make_context, make_guest, until, workers
from tests.integration.rest import day_after, refused
from tests.postbox import Postbox, postbox
from tests.servers import PASSWORD, Account, HubServer, Servers

BOSSES = [f"boss-{number}@example.com" for number in range(60)]
"""ADMIN_EMAILS of the hub; each test has two of them for itself."""
OTHER = "another good password"


@dataclass(slots=True)
class Life:
    """A hub with a worker, and the mail that it sent."""

    hub: HubServer
    box: Postbox
    settings: Settings
    boss: str
    other_boss: str

    async def token(self, email: str, kind: str, number: int = 1) -> str:
        """The token of the newest link of this kind that was mailed to this address, when ``number`` were."""
        await self.box.until(lambda: self.box.kinds(email).count(kind) >= number)
        newest = [mail for mail in self.box.to(email) if mail.kind == kind][-1]
        found = re.search(rf"/account#{kind}=([\w-]+)", newest.part("text/plain"))
        assert found and f"#{kind}={found[1]}" in newest.part("text/html")
        return found[1]

    async def ask_reset(self, email: str, number: int = 1) -> str:
        assert (await self.post("/auth/reset-request", email=email)).status_code == 202
        return await self.token(email, "reset", number)

    async def post(self, path: str, **body: Any) -> Any:
        return await self.hub.client().post(path, json=body)

    async def verify(self, account: Account) -> None:
        token = await self.token(account.email, "verify")
        assert (await account.client.post("/auth/verify", json={"token": token})).status_code == 200


ROWS = "users, bookings, occupancies, outbox, sessions, account_tokens"
"""What an account leaves. No id is given twice, so the hub may remember what it likes of those that are gone."""


@dataclass(slots=True)
class House:
    """A hub and a worker for all of these tests, and the port of the mail server that the worker asks."""

    hub: HubServer
    settings: Settings
    port: int
    bosses: Iterator[str]


@pytest.fixture(scope="module")
def house(servers: Servers, template: str, folder: Path) -> Iterator[House]:
    data_dir = folder / f"life-{secrets.token_hex(4)}"
    data_dir.mkdir()
    with asyncio.Runner() as runner:
        url = runner.run(made.clone_database(servers, template))
        settings = make_settings(url, servers.redis_url(1 + secrets.randbelow(1023)), data_dir)
        environ = made.environment(DATABASE_URL=url, REDIS_URL=settings.redis_url, SECRET_KEY=settings.secret_key)
        hub = runner.run(made.start_hub(data_dir, environ | {"ADMIN_EMAILS": ",".join(BOSSES)}))
        try:
            with workers(settings) as start_worker:
                port = made.free_port()
                start_worker(SMTP_URL=f"smtp://127.0.0.1:{port}", PUBLIC_URL="https://tables.example.com")
                yield House(hub, settings, port, iter(BOSSES))
        finally:
            runner.run(hub.stop())


@pytest.fixture
async def life(house: House) -> AsyncIterator[Life]:
    """The house with no account in it, and an empty box."""
    async with postbox(port=house.port) as box:
        await database.connect(house.settings)
        try:
            yield Life(house.hub, box, house.settings, next(house.bosses), next(house.bosses))
            await until(nothing_is_due)  # else the next test would get mail of this one
            await database.fetch(f"TRUNCATE {ROWS}")
        finally:
            await database.close()
            for client in house.hub.clients:
                await client.aclose()
            house.hub.clients.clear()


async def nothing_is_due() -> bool:
    waiting = "SELECT id FROM outbox WHERE coalesce(sent_at, dropped_at, failed_at) IS NULL AND due_at < now()"
    return not await database.fetch(waiting)


async def me(account: Account) -> dict[str, Any]:
    found: dict[str, Any] = (await account.client.get("/auth/me")).json()
    return found


def proved(account: dict[str, Any]) -> tuple[bool, bool, str]:
    """What is known of an account, and what comes of it."""
    return account["verified"], account["password_confirmed"], account["role"]


async def until_refused(account: Account) -> None:
    async def is_refused() -> bool:
        return (await account.client.get("/auth/me")).status_code == 401

    await until(is_refused)


async def book(account: Account, days: int = 40) -> dict[str, Any]:
    answer = await account.client.post("/bookings", json={"date": day_after(days), "time": "18:00", "guests": 2})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


# ── verify ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_address_is_verified_by_the_link_of_a_mail(life: Life) -> None:
    ada = await life.hub.register(language="ru", full_name="Buy cheap pills")
    assert (await me(ada))["verified"] is False
    token = await life.token(ada.email, "verify")
    [mail] = life.box.to(ada.email)
    assert "pills" not in mail.message.as_string() and "подтвердите" in mail.part("text/plain")
    answer = await ada.client.post("/auth/verify", json={"token": token})
    # By a session of the account: it goes on.
    assert answer.json() == {**await me(ada), "verified": True, "password_confirmed": True}
    refused(await ada.client.post("/auth/verify", json={"token": token}), "auth_error")
    refused(await life.post("/auth/verify", token="x" * 43), "auth_error")
    refused(await life.post("/auth/reset", token=token, password=OTHER), "auth_error")
    kept = await database.fetch("SELECT digest FROM account_tokens")
    assert token not in str(kept)


async def test_link_ends_by_itself(life: Life) -> None:
    ada = await life.hub.register()
    tokens = {"verify": await life.token(ada.email, "verify"), "reset": await life.ask_reset(ada.email)}
    await database.fetch("UPDATE account_tokens SET expires_at = clock_timestamp()")
    refused(await life.post("/auth/verify", token=tokens["verify"]), "auth_error")
    refused(await life.post("/auth/reset", token=tokens["reset"], password=OTHER), "auth_error")


async def test_account_that_was_just_made_did_not_change(life: Life) -> None:
    """Else a process that saw it so would hold its first role against the token of a later one, for a second."""
    await life.hub.register()
    assert await database.fetch("SELECT id FROM users WHERE changed_at <> created_at") == []


async def test_admin_is_whoever_has_the_mailbox_not_whoever_registered_first(life: Life) -> None:
    squatter = await life.hub.register(life.boss.upper())
    assert (await me(squatter))["role"] == "user"
    refused(await squatter.client.get("/admin/tables"), "forbidden")
    token = await life.ask_reset(life.boss)
    boss = life.hub.client((await life.post("/auth/reset", token=token, password=OTHER)).json()["access_token"])
    found = (await boss.get("/auth/me")).json()
    assert proved(found) == (True, True, "admin")
    assert (await boss.get("/admin/tables")).status_code == 200
    await until_refused(squatter)
    assert (await life.post("/auth/login", email=life.boss, password=PASSWORD)).status_code == 401
    # The link of the registration is over too.
    token = await life.token(life.boss, "verify")
    refused(await life.post("/auth/verify", token=token, password=OTHER), "auth_error")


async def test_whoever_registers_a_strangers_address_gains_nothing_when_the_stranger_confirms_it(life: Life) -> None:
    """The stranger follows the link of a mail, as strangers do. The account's password is the attacker's."""
    attacker, stranger = await life.hub.register(life.boss), await life.hub.register()
    link = await life.token(life.boss, "verify")
    reset = await life.ask_reset(life.boss)
    weak = refused(await life.post("/auth/verify", token=link, password="password"), "validation_error")
    assert weak["errors"][0]["field"] == "password"
    assert (await me(attacker))["verified"] is False and (await me(attacker))["role"] == "user"

    answer = await life.post("/auth/verify", token=link, password=OTHER)
    assert proved(answer.json()) == (True, True, "admin")
    await until_refused(attacker)
    refused(await life.post("/auth/login", email=life.boss, password=PASSWORD), "auth_error")
    refused(await life.post("/auth/reset", token=reset, password=PASSWORD), "auth_error")
    assert (await me(await life.hub.log_in(life.boss, OTHER)))["role"] == "admin"

    # Who confirms with the password of the registration stays logged in.
    link = await life.token(stranger.email, "verify")
    assert (await life.post("/auth/verify", token=link, password=PASSWORD)).status_code == 200
    assert (await me(stranger))["verified"] is True

    # Had the attacker both, the link and the password, the same questions would find an admin.
    attacker = await life.hub.register(life.other_boss)
    link = await life.token(life.other_boss, "verify")
    assert (await attacker.client.post("/auth/verify", json={"token": link})).json()["role"] == "admin"
    assert (await me(await life.hub.log_in(life.other_boss)))["role"] == "admin"


async def test_link_alone_verifies_the_address_and_makes_nobody_staff(life: Life) -> None:
    """A client may send the token and no more. Whoever registered the address chose the password, and is no admin by
    that; its owner is by setting another one."""
    attacker, stranger = await life.hub.register(life.boss), await life.hub.register()
    link = await life.token(life.boss, "verify")
    answer = await stranger.client.post("/auth/verify", json={"token": link})  # another account's session says nothing
    assert answer.status_code == 200
    assert proved(answer.json()) == proved(await me(attacker)) == (True, False, "user")
    again = life.post("/auth/verify", token=link), life.post("/auth/verify", token=link, password=PASSWORD)
    for answer in await asyncio.gather(*again, attacker.client.post("/auth/verify", json={"token": link})):
        refused(answer, "auth_error")

    # Whatever the attacker does with the account, nothing makes it staff.
    logged_in = await life.hub.log_in(life.boss)
    assert (await attacker.client.post("/auth/refresh")).status_code == 200
    changed = await attacker.client.post("/auth/password", json={"old": PASSWORD, "new": OTHER})
    assert changed.status_code == 204
    await until_refused(logged_in)
    attacker = await life.hub.log_in(life.boss, OTHER)
    assert proved(await me(attacker)) == (True, False, "user")
    refused(await attacker.client.get("/admin/tables"), "forbidden")
    with pytest.raises(AssertionError, match="nobody has confirmed this account's password"):
        await life.hub.command("create-user", life.boss, "--role", "host", given="\n")
    assert f"{life.boss}: user, verified, password not confirmed; last log-in" in await life.hub.command(
        "users", "list"
    )

    token = await life.ask_reset(life.boss)
    answer = await life.post("/auth/reset", token=token, password="the owner's own password")
    boss = await life.hub.client(answer.json()["access_token"]).get("/auth/me")
    assert proved(boss.json()) == (True, True, "admin")
    await until_refused(attacker)
    refused(await life.post("/auth/login", email=life.boss, password=OTHER), "auth_error")


@pytest.mark.parametrize("first", ["link", "password"])
async def test_operator_who_sets_a_password_confirms_it(life: Life, first: str) -> None:
    """The role of the address comes with whichever is second: the link alone, or the operator's password."""
    attacker = await life.hub.register(life.boss)
    link = await life.token(life.boss, "verify")

    async def by_link() -> None:
        assert (await life.post("/auth/verify", token=link)).status_code == 200

    async def by_password() -> None:
        await life.hub.command("users", "set-password", life.boss, given=f"{OTHER}\n")

    steps = [by_link, by_password] if first == "link" else [by_password, by_link]
    await steps[0]()
    [row] = await database.fetch("SELECT role FROM users")
    assert row["role"] == "user"
    await steps[1]()
    await until_refused(attacker)
    assert proved(await me(await life.hub.log_in(life.boss, OTHER))) == (True, True, "admin")


@pytest.mark.parametrize("how", ["by the password", "by a session"])
async def test_confirmation_under_way_keeps_no_password_that_was_changed_meanwhile(
    connected: Settings, how: str
) -> None:
    """The one who has the old password found it right, or looked it up, and then it is another one."""
    passwords, guest = Passwords(), await make_guest(verified=False)
    await database.write("UPDATE users SET password_hash = $1", await passwords.hash(PASSWORD))
    link = await account_tokens.issue(guest.by.user_id, "verify")
    found = account_tokens.find

    async def find_and_then_it_changes(token: str, kind: account_tokens.Kind) -> Any:
        account = await found(token, kind)
        await database.write("UPDATE users SET password_hash = 'another'")
        return account

    by, password = (None, PASSWORD) if how == "by the password" else (guest.by, None)
    arguments: dict[str, Any] = {"passwords": passwords, "token": link, "by": by, "password": password}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(account_tokens, "find", find_and_then_it_changes)
        with pytest.raises(Conflict):
            await account_life.verify(connected, **arguments)
    [left] = await database.fetch("SELECT password_hash, verified_at FROM users")
    assert tuple(left) == ("another", None)
    arguments["password"] = PASSWORD  # nothing is lost: the link is good for another try
    assert (await account_life.verify(connected, **arguments)).account.verified
    passwords.close()


async def test_verified_address_of_admin_emails_is_an_admin_and_logs_in_anew(life: Life) -> None:
    boss = await life.hub.register(life.boss)
    answer = await life.post("/auth/verify", token=await life.token(life.boss, "verify"), password=PASSWORD)
    assert answer.json()["role"] == "admin"
    await until_refused(boss)
    assert (await (await life.hub.log_in(life.boss)).client.get("/admin/tables")).status_code == 200


# ── what goes to an address that nobody verified ────────────────────────────────────────────────────────────────────


async def test_stranger_gets_a_confirmation_and_a_cancellation_without_a_word_of_the_guest(life: Life) -> None:
    guest = await life.hub.register(full_name="Buy cheap pills")
    booking = await book(guest)
    path = f"/bookings/{booking['id']}"
    await life.box.until(lambda: "confirmed" in life.box.kinds(guest.email))
    assert (await guest.client.patch(path, json={"time": "16:00"})).status_code == 200

    async def dropped() -> Any:
        return await database.fetch(
            "SELECT last_error FROM outbox WHERE topic = 'rescheduled' AND coalesce(dropped_at, sent_at) IS NOT NULL"
        )

    [moved] = await until(dropped)  # before the cancellation, by which it would be out of date
    assert (moved["last_error"] or "sent").startswith("unverified")
    assert (await guest.client.delete(path)).status_code == 200
    await life.box.until(lambda: "canceled" in life.box.kinds(guest.email))
    assert sorted(life.box.kinds(guest.email)) == ["canceled", "confirmed", "verify"]
    assert not any("pills" in mail.message.as_string() for mail in life.box.to(guest.email))


async def test_owner_is_told_everything_and_by_name(life: Life) -> None:
    guest = await life.hub.register(full_name="Ada Guest")
    await life.verify(guest)
    booking = await book(guest)
    await life.box.until(lambda: "confirmed" in life.box.kinds(guest.email))
    assert (await guest.client.patch(f"/bookings/{booking['id']}", json={"time": "16:00"})).status_code == 200
    await life.box.until(lambda: "rescheduled" in life.box.kinds(guest.email))
    assert "Hello Ada Guest," in life.box.to(guest.email)[-1].part("text/plain")


async def test_stranger_gets_five_mails_an_hour_and_twenty_a_day(connected: Settings) -> None:
    """Also when they are owed at the same time."""
    context, guest = make_context(connected), await make_guest(verified=False)
    owner = await make_guest()
    for by, sent in ((guest, 5), (owner, 12)):
        made = await asyncio.gather(*(by.book(context, day=_day(days)) for days in range(20, 32)))
        assert len(made) == 12
        rows = await database.fetch("SELECT * FROM outbox WHERE target = $1 AND topic = 'confirmed'", by.email)
        assert len([row for row in rows if row["dropped_at"] is None]) == sent
        assert {row["last_error"] for row in rows if row["dropped_at"]} <= {
            "too_many: 5 mails went to this address within an hour"
        }
    await database.fetch("UPDATE outbox SET created_at = created_at - interval '2 hours'")
    for hour in range(4):
        for days in range(33 + 6 * hour, 39 + 6 * hour):
            await guest.book(context, day=_day(days))
        await database.fetch("UPDATE outbox SET created_at = created_at - interval '2 hours'")
    query = "SELECT count(*) FROM outbox WHERE target = $1 AND topic = 'confirmed' AND dropped_at IS NULL"
    [(count,)] = await database.fetch(query, guest.email)
    assert count == 20


def _day(days: int) -> Any:
    from datetime import date

    return date.fromisoformat(day_after(days))


# ── reset and change of password ────────────────────────────────────────────────────────────────────────────────────


async def test_reset_gives_a_new_password_and_ends_every_session(life: Life, data_dir: Path) -> None:
    async with AsyncExitStack() as stack:
        second = await made.start_hub(data_dir, life.hub.environ)
        stack.push_async_callback(second.stop)
        await reset_gives_a_new_password_and_ends_every_session(life, second)


async def reset_gives_a_new_password_and_ends_every_session(life: Life, second: HubServer) -> None:
    ada = await life.hub.register()
    there = Account(ada.email, ada.token, second.client(ada.token))
    assert (await me(there))["email"] == ada.email
    token = await life.ask_reset(ada.email)
    weak = refused(await life.post("/auth/reset", token=token, password="password"), "validation_error")
    assert weak["errors"][0]["field"] == "password"
    answer = await life.post("/auth/reset", token=token, password=OTHER)
    assert answer.status_code == 200
    now = Account(ada.email, answer.json()["access_token"], life.hub.client(answer.json()["access_token"]))
    assert (await me(now))["verified"] is True
    for old in (ada, there):
        await until_refused(old)
    refused(await life.post("/auth/reset", token=token, password="yet another password"), "auth_error")
    refused(await life.post("/auth/login", email=ada.email, password=PASSWORD), "auth_error")
    assert (await life.hub.log_in(ada.email, OTHER)).token


async def test_reset_question_tells_nobody_whether_there_is_an_account(life: Life) -> None:
    ada = await life.hub.register()
    answers = [await life.post("/auth/reset-request", email=email) for email in (ada.email, "nobody@example.com")]
    ignored = {"x-request-id", "date"}
    shown = [(a.status_code, a.content, {k: v for k, v in a.headers.items() if k not in ignored}) for a in answers]
    assert shown[0] == shown[1] and shown[0][0] == 202
    await life.token(ada.email, "reset")
    assert life.box.to("nobody@example.com") == []
    rows = await database.fetch("SELECT * FROM outbox WHERE topic = 'reset' ORDER BY id")
    assert [row["target"] for row in rows] == [ada.email, ""]  # as much is written for nobody
    assert rows[1]["dropped_at"] is not None


async def test_mailbox_is_not_flooded_with_links(life: Life) -> None:
    ada = await life.hub.register()
    for _ in range(9):
        assert (await life.post("/auth/reset-request", email=ada.email)).status_code == 202
    query = "SELECT count(*) FROM outbox WHERE topic = 'reset' AND dropped_at IS NULL"
    assert (await database.fetch(query))[0][0] == 5


async def test_change_of_password_needs_the_old_one_and_ends_every_session(life: Life) -> None:
    ada = await life.hub.register()
    other = await life.hub.log_in(ada.email)
    wrong = refused(
        await ada.client.post("/auth/password", json={"old": "not it at all", "new": OTHER}), "validation_error"
    )
    assert wrong["errors"][0]["field"] == "old"
    weak = await ada.client.post("/auth/password", json={"old": PASSWORD, "new": "12345678"})
    assert refused(weak, "validation_error")["errors"][0]["field"] == "new"
    assert (await ada.client.post("/auth/password", json={"old": PASSWORD, "new": OTHER})).status_code == 204
    for session in (ada, other):
        await until_refused(session)
    refused(await life.post("/auth/login", email=ada.email, password=PASSWORD), "auth_error")
    assert (await life.hub.log_in(ada.email, OTHER)).token


async def test_log_in_that_is_under_way_does_not_outlive_a_new_password(connected: Settings) -> None:
    """The old password was found right, and then it is changed: no session is made by it."""
    context, passwords, tokens = make_context(connected), Passwords(), Tokens(connected)
    guest = await make_guest()
    await database.fetch("UPDATE users SET password_hash = $1", await passwords.hash(PASSWORD))
    checked, go = asyncio.Event(), asyncio.Event()

    class Slow(Passwords):
        async def verify(self, password: str, stored: str | None, *, last: bool = False) -> bool:
            found = await super().verify(password, stored, last=last)
            checked.set()
            await go.wait()
            return found

    slow = Slow()
    logging_in = asyncio.create_task(
        accounts.log_in(context, passwords=slow, tokens=tokens, email=guest.email, password=PASSWORD)
    )
    await checked.wait()
    await database.fetch("UPDATE users SET password_hash = $1", await passwords.hash(OTHER))
    go.set()
    with pytest.raises(AuthError):
        await logging_in
    assert await database.fetch("SELECT * FROM sessions") == []
    for each in (passwords, slow):
        each.close()


# ── profile, export, end ────────────────────────────────────────────────────────────────────────────────────────────


async def test_profile_is_changed_by_its_owner(life: Life) -> None:
    ada, bob = await life.hub.register(), await life.hub.register(phone_number="+4930123456")
    before = await me(ada)
    answer = await ada.client.patch("/auth/me", json={"full_name": " Ada L. ", "language": "ru"})
    assert answer.json() == {**before, "full_name": "Ada L.", "language": "ru"} == await me(ada)
    refused(await ada.client.patch("/auth/me", json={"phone_number": "+4930123456"}), "phone_taken")
    for body in ({"full_name": None}, {"full_name": "\u200b"}, {"email": bob.email}, {"role": "admin"}):
        refused(await ada.client.patch("/auth/me", json=body), "validation_error")
    assert (await ada.client.patch("/auth/me", json={})).json() == await me(ada)


async def test_export_holds_all_that_is_kept(life: Life) -> None:
    ada = await life.hub.register()
    booking = await book(ada)
    await life.box.until(lambda: "confirmed" in life.box.kinds(ada.email))
    answer = await ada.client.get("/auth/me/export")
    assert answer.headers["cache-control"] == "no-store"
    found = answer.json()
    assert found["account"]["email"] == ada.email and "password_hash" not in answer.text
    assert [each["id"] for each in found["bookings"]] == [booking["id"]]
    assert [each["kind"] for each in found["changes"]] == ["booked"]
    assert {"verify", "confirmed", "reminder"} == {each["kind"] for each in found["mails"]}
    assert len(found["sessions"]) == 1


async def test_erased_account_leaves_numbers_and_no_name_anywhere(life: Life) -> None:
    ada = await life.hub.register(full_name="Ada Erased", phone_number="+4930765432")
    booking = await book(ada)
    refused(await ada.client.delete("/auth/me"), "has_bookings")
    assert (await ada.client.delete(f"/bookings/{booking['id']}")).status_code == 200
    await life.box.until(lambda: "canceled" in life.box.kinds(ada.email))
    await life.token(ada.email, "verify")
    assert (await ada.client.delete("/auth/me")).status_code == 204
    await until_refused(ada)
    refused(await life.post("/auth/login", email=ada.email, password=PASSWORD), "auth_error")
    tables = await database.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'aerich'"
    )
    for (table,) in tables:
        kept = str(await database.fetch(f'SELECT * FROM "{table}"'))
        for name in (ada.email, "Ada Erased", "4930765432"):
            assert name not in kept, table
    [left] = await database.fetch("SELECT guests, status FROM bookings")
    assert tuple(left) == (2, "canceled")
    again = await life.hub.register(ada.email, phone_number="+4930765432")
    assert (await me(again))["verified"] is False


# ── commands ────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_command_lists_disables_and_ends_sessions(start_hub: StartHub) -> None:
    hubs = await two_hubs(start_hub)
    hub, ada = hubs[0], await hubs[0].register()
    there = Account(ada.email, ada.token, hubs[1].client(ada.token))
    assert f"{ada.email}: user, unverified; last log-in" in await hub.command("users", "list")
    await hub.command("users", "disable", f" {ada.email.upper()}")
    for session in (ada, there):
        await until_refused(session)
    wrong = refused(await hub.client().post("/auth/login", json={"email": ada.email, "password": OTHER}), "auth_error")
    right = refused(
        await hub.client().post("/auth/login", json={"email": ada.email, "password": PASSWORD}), "auth_error"
    )
    assert {**wrong, "request_id": ""} == {**right, "request_id": ""}
    assert "unverified, disabled" in await hub.command("users", "list")
    await hub.command("users", "enable", ada.email)
    back = await hub.log_in(ada.email)
    assert "sessions ended: 1" in await hub.command("users", "end-sessions", ada.email)
    await until_refused(back)


async def test_command_sets_a_password_and_a_role_and_sessions_end(share_hub: ShareHub) -> None:
    hub = await share_hub()
    ada = await hub.register()
    await hub.command("users", "set-password", ada.email, given=f"{OTHER}\n")
    await until_refused(ada)
    by_new = await hub.log_in(ada.email, OTHER)
    # Whoever registered an address that nobody verified would be staff by the password of the registration.
    with pytest.raises(AssertionError, match="nobody has verified this e-mail"):
        await hub.command("create-user", ada.email, "--role", "admin", given="\n")
    assert (await me(by_new))["role"] == "user"
    await hub.command("create-user", ada.email, "--role", "host", given=f"{PASSWORD}\n")
    await until_refused(by_new)
    refused(await hub.client().post("/auth/login", json={"email": ada.email, "password": OTHER}), "auth_error")
    host = await hub.log_in(ada.email)
    assert proved(await me(host)) == (True, True, "host")
    await hub.command("create-user", ada.email, "--role", "admin", given="\n")  # an operator has vouched for it
    await until_refused(host)
    boss = await hub.log_in(ada.email)
    assert (await me(boss))["role"] == "admin"
    await hub.command("create-user", ada.email, "--role", "admin", "--name", "Ada", given="\n")
    assert (await me(boss))["full_name"] == "Ada"  # a name alone ends nothing
    await hub.command("create-user", ada.email, "--role", "admin", given=f"{OTHER}\n")
    await until_refused(boss)


async def test_migrate_gives_phones_of_earlier_releases_their_form(start_hub: StartHub, connected: Settings) -> None:
    """A number that would be another account's, and what is none, stay as they are: nothing fails for them."""
    hub = await start_hub()
    for phone in ("+49 30 555-0101", "+49305550101", "+7 (999) 000 11 22", "12345", "call my mother"):
        guest = await make_guest()
        await database.fetch("UPDATE users SET phone_number = $2 WHERE email = $1", guest.email, phone)
    for _ in range(2):
        await hub.command("migrate")
        rows = await database.fetch("SELECT phone_number FROM users ORDER BY id")
        assert [row["phone_number"] for row in rows] == [
            "+49 30 555-0101",
            "+49305550101",
            "+79990001122",
            "12345",
            "call my mother",
        ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("users", "disable", "nobody@example.com"), "no account"),
        (("users", "disable"), "takes an EMAIL"),
        (("users", "list", "nobody@example.com"), "takes no EMAIL"),
        (("users", "set-password", "nobody@example.com"), "no account"),
    ],
)
async def test_command_says_what_is_wrong(share_hub: ShareHub, arguments: tuple[str, ...], said: str) -> None:
    hub = await share_hub()
    with pytest.raises(AssertionError, match=said):
        await hub.command(*arguments, given=OTHER)
