"""Whose address it is: links in mails verify it, passwords are confirmed, and admins are who has the mailbox."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hub.commands import account_life
from hub.commands.passwords import Passwords
from hub.config import Settings
from hub.errors import Conflict
from hub.store import account_tokens, database
from tests.guests import make_context, make_guest
from tests.integration.accounts.conftest import OTHER, Life, me, proved, until_refused
from tests.integration.rest import refused
from tests.servers import PASSWORD


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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
    context, passwords, guest = make_context(connected), Passwords(), await make_guest(verified=False)
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
            await account_life.verify(context, **arguments)
    [left] = await database.fetch("SELECT password_hash, verified_at FROM users")
    assert tuple(left) == ("another", None)
    arguments["password"] = PASSWORD  # nothing is lost: the link is good for another try
    assert (await account_life.verify(context, **arguments)).account.verified
    passwords.close()


async def test_verified_address_of_admin_emails_is_an_admin_and_logs_in_anew(life: Life) -> None:
    boss = await life.hub.register(life.boss)
    answer = await life.post("/auth/verify", token=await life.token(life.boss, "verify"), password=PASSWORD)
    assert answer.json()["role"] == "admin"
    await until_refused(boss)
    assert (await (await life.hub.log_in(life.boss)).client.get("/admin/tables")).status_code == 200
