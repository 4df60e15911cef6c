"""hub.security: tokens that are checked from memory, passwords on a bounded pool of threads."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jwt
import pytest

from hub.commands.passwords import Passwords
from hub.domain.events import MAIN
from hub.errors import AuthError, Overloaded
from hub.security import AUDIENCE, ISSUER, Identity, Tokens
from tests.conftest import SECRET_KEY, make_settings

NOW = float(int(time.time()))


def make_tokens(cached: int = 20_000, **variables: str) -> Tokens:
    settings = make_settings("postgresql://hub@localhost/hub", "redis://localhost", Path("none"), **variables)
    return Tokens(settings, cached=cached)


@pytest.fixture
def tokens() -> Tokens:
    return make_tokens()


@pytest.fixture
def passwords() -> Iterator[Passwords]:
    made = Passwords(most_waiting=3)
    yield made
    made.close()


def signed(key: str = SECRET_KEY, algorithm: str = "HS256", **changed: Any) -> str:
    claims = {
        "sub": "5",
        "role": "user",
        "sid": 7,
        "iat": int(NOW),
        "exp": int(NOW) + 600,
        "iss": ISSUER,
        "aud": AUDIENCE,
        "jti": "a",
    } | changed
    return jwt.encode({name: value for name, value in claims.items() if value is not None}, key, algorithm=algorithm)


# ── tokens ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_token_made_is_read_again() -> None:
    tokens = make_tokens(JWT_EXPIRE_MINUTES="5")
    token, seconds = tokens.make(user_id=5, role="host", session_id=7)
    assert seconds == 300
    identity = tokens.check(token, NOW)
    assert (identity.user_id, identity.role, identity.session_id) == (5, "host", 7)
    assert NOW + 298 <= identity.expires_at <= time.time() + 300
    assert identity.is_staff


def test_two_tokens_of_one_moment_differ(tokens: Tokens) -> None:
    made = {tokens.make(user_id=5, role="user", session_id=7)[0] for _ in range(10)}
    assert len(made) == 10


@pytest.mark.parametrize("role", ["user", "viewer", "host", "manager", "owner", "admin"])
def test_staff_are_hosts_and_all_above_them(role: str) -> None:
    assert Identity(1, role, 1, 0.0).is_staff == (role not in ("user", "viewer"))


def test_token_ends_by_the_callers_clock_also_when_it_is_known(tokens: Tokens) -> None:
    token = signed(exp=int(NOW) + 600)
    assert tokens.check(token, NOW + 599.9).user_id == 5
    for now in (NOW + 601, NOW + 10**9):
        with pytest.raises(AuthError):
            tokens.check(token, now)
    assert tokens.check(token, NOW).user_id == 5


@pytest.mark.parametrize(
    "changed",
    [
        *({name: None} for name in ("sub", "role", "sid", "iat", "exp", "iss", "aud", "jti")),
        {"key": "another key, of more than thirty-two bytes"}, {"key": SECRET_KEY * 2, "algorithm": "HS512"},
        {"aud": "x"}, {"aud": []}, {"iss": "x"}, {"role": "owner"}, {"role": "viewer"}, {"role": "manager"},
        {"role": ""}, {"role": ["admin"]}, {"role": 1},
        {"sid": "7"}, {"sid": True}, {"sid": 0}, {"sid": -7}, {"sid": 7.0}, {"sid": 2**63}, {"sub": "0"}, {"sub": "-5"},
        {"sub": "x"}, {"sub": ""}, {"sub": str(2**63)}, {"sub": "9" * 5000}, {"exp": "x"}, {"exp": "NaN"},
        {"exp": "inf"}, {"exp": 10**400}, {"exp": []}, {"iat": "x"}, {"iat": 2**33}, {"nbf": 2**33},
    ],
    ids=str,
)  # fmt: skip
def test_token_of_another_form_is_refused(tokens: Tokens, changed: dict[str, Any]) -> None:
    with pytest.raises(AuthError):
        tokens.check(signed(**changed), NOW)
    assert tokens._known == {}


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "x" * 10000, "\udcff", "eyJhbGciOiJub25lIn0.e30.", "é.é.é"])
def test_token_that_is_garbage_is_refused(tokens: Tokens, token: str) -> None:
    with pytest.raises(AuthError):
        tokens.check(token, NOW)


def test_tokens_known_are_bounded_and_what_ended_goes_first() -> None:
    tokens = make_tokens(cached=4)
    short = signed(exp=int(NOW) + 10, jti="short")
    lasting = [signed(jti=str(number)) for number in range(3)]
    for token in (*lasting, short):
        tokens.check(token, NOW)
    tokens.check(signed(jti="one more"), NOW + 60)
    assert len(tokens._known) == 4
    assert short not in tokens._known and all(token in tokens._known for token in lasting)
    for number in range(20):
        tokens.check(signed(jti=f"x{number}"), NOW + 60)
        assert len(tokens._known) == 4
    assert tokens.check(lasting[0], NOW + 60).user_id == 5  # forgotten is not refused


def test_token_of_an_ended_session_is_refused_at_once(tokens: Tokens) -> None:
    token, other = signed(), signed(sid=8)
    tokens.check(token, NOW)
    assert tokens.learn(ended=[7], now=NOW) == ({7}, set())
    with pytest.raises(AuthError):
        tokens.check(token, NOW)
    assert tokens.check(other, NOW).session_id == 8
    assert tokens.learn(ended=[7, 8], now=NOW) == ({8}, set())


def test_sessions_ended_are_remembered_for_as_long_as_a_token_lives() -> None:
    tokens = make_tokens(JWT_EXPIRE_MINUTES="60")
    tokens.learn(ended=[7], now=NOW)
    tokens.learn(ended=[8], now=NOW + 3600)
    assert set(tokens.ended) == {7, 8}
    tokens.learn(ended=[9], now=NOW + 3600 + 61)
    assert set(tokens.ended) == {8, 9}


def test_role_as_it_is_now_overrides_the_tokens(tokens: Tokens) -> None:
    token = signed(role="user")
    assert tokens.check(token, NOW).role == "user"
    assert tokens.learn(ended=(), roles={5: "host", 6: "admin"}, now=NOW) == (set(), {5, 6})
    assert tokens.check(token, NOW).role == "host"
    assert tokens.learn(ended=(), roles={5: "host", 6: "user"}, now=NOW) == (set(), {6})
    assert tokens.learn(ended=(), roles={5: "user"}, now=NOW) == (set(), {5})
    assert tokens.check(token, NOW).role == "user"


# ── roles in venues ─────────────────────────────────────────────────────────────────────────────────────────────────


def who(role: str, user_id: int = 5) -> Identity:
    return Identity(user_id, role, 7, NOW + 600)


def test_admin_is_one_everywhere_and_a_host_at_the_first_venue_alone(tokens: Tokens) -> None:
    roles = {role: [tokens.at(who(role), venue).role for venue in (MAIN, 2, 17)] for role in ("user", "host", "admin")}
    assert roles == {"user": ["user"] * 3, "host": ["host", "user", "user"], "admin": ["admin"] * 3}
    assert [tokens.at(who("host"), venue).is_staff for venue in (MAIN, 2)] == [True, False]


def test_member_has_a_role_in_that_venue_alone(tokens: Tokens) -> None:
    assert tokens.learn(ended=(), memberships=[(5, 2, "owner"), (5, 17, "viewer")], now=NOW) == (set(), {5})
    assert [tokens.role_at(who("user"), venue) for venue in (MAIN, 2, 3, 17)] == ["user", "owner", "user", "viewer"]
    assert [tokens.role_at(who("user", 6), venue) for venue in (MAIN, 2, 17)] == ["user"] * 3  # somebody else
    assert [tokens.role_at(who("admin"), venue) for venue in (2, 17)] == ["admin"] * 2
    assert [tokens.at(who("user"), venue).is_staff for venue in (MAIN, 2, 17)] == [False, True, False]
    assert (tokens.venues_of(5), tokens.venues_of(6)) == ([2, 17], [])


def test_membership_of_the_first_venue_counts_beside_the_accounts_role(tokens: Tokens) -> None:
    tokens.learn(ended=(), memberships=[(5, MAIN, "manager"), (6, MAIN, "viewer")], now=NOW)
    assert tokens.role_at(who("user"), MAIN) == tokens.role_at(who("host"), MAIN) == "manager"
    assert tokens.role_at(who("host", 6), MAIN) == "host"
    assert tokens.role_at(who("host", 6), 2) == "user"


def test_identity_in_a_venue_differs_by_the_role_alone(tokens: Tokens) -> None:
    tokens.learn(ended=(), memberships=[(5, 2, "manager")], now=NOW)
    identity = who("host")
    assert tokens.at(identity, MAIN) is identity
    assert tokens.at(identity, 2) == Identity(identity.user_id, "manager", identity.session_id, identity.expires_at)
    assert identity.role == "host"


def test_role_in_one_venue_counts_in_no_other(tokens: Tokens) -> None:
    """Whoever asks at one is asked for: the list of all venues says the role in each."""
    tokens.learn(ended=(), memberships=[(5, MAIN, "manager"), (5, 2, "host")], now=NOW)
    for venue in (MAIN, 2, 3):
        asking = tokens.at(tokens.at(who("user"), venue), venue)
        assert [tokens.role_at(asking, each) for each in (MAIN, 2, 3)] == ["manager", "host", "user"]
    asking = tokens.at(tokens.at(who("host", 6), 2), 3)
    assert [tokens.role_at(asking, each) for each in (MAIN, 2)] == ["host", "user"]


def test_membership_that_ends_or_changes_counts_at_once(tokens: Tokens) -> None:
    tokens.learn(ended=(), memberships=[(5, 2, "manager"), (5, 17, "host"), (6, 2, "owner")], now=NOW)
    assert tokens.learn(ended=(), memberships=[(5, 2, "viewer")], now=NOW) == (set(), {5})
    assert (tokens.role_at(who("user"), 2), tokens.role_at(who("user"), 17)) == ("viewer", "host")
    assert tokens.learn(ended=(), memberships=[(5, 2, None)], now=NOW) == (set(), {5})
    assert (tokens.role_at(who("user"), 2), tokens.venues_of(5)) == ("user", [17])
    assert tokens.learn(ended=(), memberships=[(5, 17, None), (6, 2, "owner")], now=NOW) == (set(), {5})
    assert (tokens.role_at(who("user"), 17), tokens.venues_of(5)) == ("user", [])
    assert tokens.memberships == {6: {2: "owner"}}  # nothing is kept of who is a member nowhere
    assert tokens.learn(ended=(), memberships=[(5, 17, "host")], now=NOW) == (set(), {5})
    assert tokens.role_at(who("user"), 17) == "host"


def test_membership_that_is_known_or_ended_before_it_was_known_changes_nothing(tokens: Tokens) -> None:
    """The database is asked for ten seconds again and again, so most of what it says is known."""
    tokens.learn(ended=(), memberships=[(5, 2, "host")], now=NOW)
    assert tokens.learn(ended=(), memberships=[(5, 2, "host"), (5, 3, None), (9, 2, None)], now=NOW) == (set(), set())
    assert tokens.memberships == {5: {2: "host"}}


def test_role_of_the_account_as_it_is_now_counts_in_every_venue(tokens: Tokens) -> None:
    """Also for whoever was recognised before it changed: a socket stays open."""
    identity = tokens.check(signed(role="user"), NOW)
    tokens.learn(ended=(), roles={5: "admin"}, memberships=[(5, 2, "host")], now=NOW)
    assert [tokens.role_at(identity, venue) for venue in (MAIN, 2, 3)] == ["admin"] * 3
    tokens.learn(ended=(), roles={5: "host"}, now=NOW)
    assert [tokens.role_at(identity, venue) for venue in (MAIN, 2, 3)] == ["host", "host", "user"]
    tokens.learn(ended=(), roles={5: "user"}, memberships=[(5, 2, None)], now=NOW)
    assert [tokens.role_at(identity, venue) for venue in (MAIN, 2, 3)] == ["user"] * 3


def test_another_database_says_nothing_of_what_was_learnt(tokens: Tokens) -> None:
    tokens.learn(ended=[7], roles={5: "admin"}, memberships=[(5, 2, "owner")], now=NOW)
    tokens.forget()
    identity = tokens.check(signed(role="user"), NOW)
    assert (tokens.ended, tokens.roles, tokens.role_at(identity, MAIN)) == ({}, {}, "user")


def test_members_of_another_database_are_members_until_this_one_says_who_is(tokens: Tokens) -> None:
    """So that nobody is refused in between; and whoever is none any more is known as changed."""
    tokens.learn(ended=(), memberships=[(5, 2, "owner"), (6, 2, "host")], now=NOW)
    tokens.forget()
    identity = tokens.check(signed(role="user"), NOW)
    assert tokens.role_at(identity, 2) == "owner"
    assert tokens.learn(ended=(), memberships=[(6, 2, "host")], now=NOW) == (set(), {5, 6})
    assert tokens.role_at(identity, 2) == "user" and tokens.memberships == {6: {2: "host"}}


# ── passwords ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_password_matches_its_own_hash_alone(passwords: Passwords) -> None:
    stored = await passwords.hash("correct horse \U0001f40e")
    assert stored.startswith("$argon2id$")
    assert stored != await passwords.hash("correct horse \U0001f40e")
    assert await passwords.verify("correct horse \U0001f40e", stored)
    assert not await passwords.verify("Correct horse \U0001f40e", stored)


@pytest.mark.parametrize("stored", [None, "", "no hash", "$argon2id$v=19$m=8,t=1,p=1$"])
async def test_password_without_a_usable_hash_is_wrong(passwords: Passwords, stored: str | None) -> None:
    assert not await passwords.verify("correct horse", stored)


async def test_password_of_nobody_is_hashed_all_the_same(passwords: Passwords) -> None:
    """What takes the time is done for an unknown account too; the hash it is compared with is of the same cost."""
    seen: list[str] = []
    matches = passwords._matches

    def watched(password: str, stored: str) -> bool:
        seen.append(stored)
        return matches(password, stored)

    passwords._matches = watched  # type: ignore[method-assign]
    stored = await passwords.hash("correct horse")
    await passwords.verify("wrong", stored)
    await passwords.verify("wrong", None)
    assert seen[0].split("$")[:4] == seen[1].split("$")[:4]


async def test_passwords_that_wait_are_bounded(passwords: Passwords) -> None:
    at_work = os.cpu_count() or 1
    results = await asyncio.gather(
        *(passwords.hash("correct horse") for _ in range(at_work + 10)), return_exceptions=True
    )
    refused = [result for result in results if isinstance(result, Overloaded)]
    assert len(refused) == 7
    assert all(error.retry_after == 1 for error in refused)
    assert await passwords.hash("afterwards there is room again")


async def test_password_whose_caller_went_away_gives_its_place_back(passwords: Passwords) -> None:
    waiting = [asyncio.create_task(passwords.hash("correct horse")) for _ in range(3)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert await passwords.hash("correct horse")


async def test_thread_that_is_at_work_keeps_its_place_when_its_caller_goes_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Otherwise what comes next waits for the thread itself, in the order in which it came, whoever should go first."""
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    passwords, begun, go = Passwords(), [], threading.Event()

    def slow(password: str) -> str:
        begun.append(password)
        go.wait(20)
        return password

    passwords._hasher = SimpleNamespace(hash=slow, verify=lambda stored, form: slow(form))  # type: ignore[assignment]
    gone = asyncio.create_task(passwords.hash("gone"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    tasks: list[asyncio.Task[Any]] = [
        asyncio.create_task(passwords.verify(f"last {number}", "a hash", last=True)) for number in range(2)
    ]
    await asyncio.sleep(0)
    tasks.append(asyncio.create_task(passwords.hash("first")))
    await asyncio.sleep(0)
    go.set()
    await asyncio.gather(*tasks)
    assert begun == ["gone", "first", "last 0", "last 1"]
    passwords.close()
