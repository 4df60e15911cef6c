"""Accounts by command: listed, disabled, given passwords and roles; and what a command says when it is wrong."""

from __future__ import annotations

import pytest

from tests.conftest import ShareHub, StartHub, two_hubs
from tests.integration.accounts.conftest import OTHER, me, proved, until_refused
from tests.integration.rest import refused
from tests.servers import PASSWORD, Account


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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
