"""Roles: what an account and a membership together allow in a venue."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain import roles

OF_ACCOUNT = st.sampled_from(roles.OF_ACCOUNTS)
OF_MEMBER = st.none() | st.sampled_from(roles.OF_MEMBERS)
SETS = [roles.USERS, roles.VIEWERS, roles.STAFF, roles.MANAGERS]


@pytest.mark.parametrize(
    ("of_account", "of_member", "elsewhere", "at_main"),
    [
        ("user", None, "user", "user"),
        ("user", "viewer", "viewer", "viewer"),
        ("user", "owner", "owner", "owner"),
        ("host", None, "user", "host"),  # the account's role is of venue 1
        ("host", "viewer", "viewer", "host"),  # and a membership takes nothing of it away
        ("host", "host", "host", "host"),
        ("host", "manager", "manager", "manager"),
        ("admin", None, "admin", "admin"),
        ("admin", "viewer", "admin", "admin"),
        ("admin", "owner", "admin", "admin"),
    ],
)
def test_role_in_a_venue(of_account: str, of_member: str | None, elsewhere: str, at_main: str) -> None:
    assert roles.at(of_account, of_member, main=False) == elsewhere
    assert roles.at(of_account, of_member, main=True) == at_main


@given(OF_ACCOUNT, OF_MEMBER, st.booleans())
def test_whoever_has_two_roles_in_a_venue_may_do_what_either_may(
    of_account: str, of_member: str | None, main: bool
) -> None:
    own = roles.at(of_account, None, main=main)
    found = roles.at(of_account, of_member, main=main)
    assert found in {own, of_member} and found in roles.USERS
    for allowed in SETS:
        assert (found in allowed) == (own in allowed or of_member in allowed)


def test_each_role_may_do_what_those_before_it_may() -> None:
    assert list(roles.RANK) == [roles.VISITOR, "user", *roles.OF_MEMBERS, "admin"]
    assert roles.RANK.keys() == {roles.VISITOR, *roles.USERS}
    for lower, higher in pairwise(roles.RANK):
        assert all(higher in allowed for allowed in SETS if lower in allowed)
    assert all(larger > smaller for larger, smaller in pairwise(SETS))


@pytest.mark.parametrize(
    ("role", "sees_the_floor", "takes_bookings", "changes_tables"),
    [
        (roles.VISITOR, False, False, False),
        ("user", False, False, False),
        ("viewer", True, False, False),
        ("host", True, True, False),
        ("manager", True, True, True),
        ("owner", True, True, True),
        ("admin", True, True, True),
    ],
)
def test_what_each_role_may_do(role: str, sees_the_floor: bool, takes_bookings: bool, changes_tables: bool) -> None:
    assert (role in roles.VIEWERS) is sees_the_floor
    assert (role in roles.STAFF) is takes_bookings
    assert (role in roles.MANAGERS) is changes_tables
