"""The links in mails by which one booking is managed: nobody else makes one, and each names one booking alone."""

from __future__ import annotations

import base64
import string
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.config import load
from hub.errors import AuthError
from hub.manage_links import Link, ManageLinks
from hub.security import BIGGEST_ID, Tokens

LINKS = ManageLinks("k" * 32)
SETTINGS = load(
    {"DATABASE_URL": "postgresql://h/x", "REDIS_URL": "redis://h", "SECRET_KEY": "k" * 32}, data_dir=Path("nowhere")
)


@given(st.integers(1, BIGGEST_ID), st.integers(1, 32767))
def test_token_names_the_booking_and_the_version(booking_id: int, version: int) -> None:
    token = LINKS.make(Link(booking_id, version))
    assert len(token) == 36 and set(token) <= {*string.ascii_letters, *string.digits, "-", "_"}
    assert LINKS.read(token) == Link(booking_id, version)
    assert ManageLinks("l" * 32).read(token) is None


def test_no_other_text_is_a_token() -> None:
    token = LINKS.make(Link(12, 1))
    raw = base64.urlsafe_b64decode(token)
    forged = [raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :] for at in range(len(raw)) for bit in (1, 128)]
    others = [base64.urlsafe_b64encode(each).decode() for each in forged]
    others += ["", token[:-1], token + "A", f" {token}", f"{token}\n", token[:-4] + "====", "é" * 36]
    assert [each for each in others if LINKS.read(each) is not None] == []


def test_token_that_a_link_is_traded_for_is_no_accounts_and_the_other_way_round() -> None:
    tokens, now = Tokens(SETTINGS), time.time()
    token, seconds = tokens.make_for_link(Link(12, 3))
    identity = tokens.check_of_link(token, now)
    assert (identity.link, identity.is_staff, identity.caller) == (Link(12, 3), False, "booking:12")
    assert seconds == 1800
    with pytest.raises(AuthError):
        tokens.check(token, now)
    with pytest.raises(AuthError):
        tokens.check_of_link(token, now + seconds + 1)
    with pytest.raises(AuthError):
        Tokens(replace(SETTINGS, secret_key="l" * 32)).check_of_link(token, now)
    own, _ = tokens.make(user_id=12, role="admin", session_id=1)
    with pytest.raises(AuthError):
        tokens.check_of_link(own, now)
    tokens.learn(ended=(), roles={-12: "admin"}, memberships=[(-12, 1, "owner")], now=now)
    assert not tokens.at(replace(identity, user_id=-13), 1).is_staff
