"""The links by which a guest follows their place: nobody else makes one, and none is one of a booking."""

from __future__ import annotations

import base64
import string

from hypothesis import given
from hypothesis import strategies as st

from hub.manage_links import Link, ManageLinks
from hub.security import BIGGEST_ID
from hub.wait_links import WaitLinks

LINKS = WaitLinks("k" * 32)


@given(st.integers(1, BIGGEST_ID))
def test_token_names_the_entry(entry_id: int) -> None:
    token = LINKS.make(entry_id)
    assert len(token) == 36 and set(token) <= {*string.ascii_letters, *string.digits, "-", "_"}
    assert LINKS.read(token) == entry_id
    assert WaitLinks("l" * 32).read(token) is None
    assert ManageLinks("k" * 32).read(token) is None
    assert LINKS.read(ManageLinks("k" * 32).make(Link(entry_id, 1))) is None


def test_no_other_text_is_a_token() -> None:
    token = LINKS.make(12)
    raw = base64.urlsafe_b64decode(token)
    forged = [raw[:at] + bytes([raw[at] ^ bit]) + raw[at + 1 :] for at in range(len(raw)) for bit in (1, 128)]
    others = [base64.urlsafe_b64encode(each).decode() for each in forged]
    others += ["", token[:-1], token + "A", f" {token}", f"{token}\n", token[:-4] + "====", "é" * 36]
    assert [each for each in others if LINKS.read(each) is not None] == []
