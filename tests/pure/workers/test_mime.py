"""The bytes of a mail, as the standard library reads them."""

from __future__ import annotations

import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers import mime


@pytest.mark.parametrize("control", ["\r", "\n", "\x00", "\x7f", "\x85", "\u2028", "\t"])
def test_a_control_character_in_a_header_is_refused(control: str) -> None:
    with pytest.raises(ValueError, match="control"):
        mime.header("Subject", f"a{control}b")


def test_a_header_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        mime.header("Subject", "x" * 1000)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), min_size=1, max_size=200))
def test_a_header_says_what_it_was_given(value: str) -> None:
    raw = mime.mail({"Subject": value}, mime.part("text/plain; charset=utf-8", "x"))
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    assert str(message["Subject"]).split() == value.split()
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_a_part_says_what_it_was_given(content: str) -> None:
    raw = mime.mail({"A": "b"}, mime.multipart("mixed", "x", [mime.part("text/plain; charset=utf-8", content)] * 2))
    message = email.message_from_bytes(raw, policy=email.policy.SMTP)
    first, second = message.iter_parts()  # type: ignore[attr-defined]
    for part in (first, second):
        said = part.get_payload(decode=True).decode()
        assert said.replace("\r\n", "\n").rstrip("\n") == content.replace("\r\n", "\n").rstrip("\n")
