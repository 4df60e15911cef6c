"""Texts of mail servers."""

from __future__ import annotations

from workers.smtp import printable


def test_a_servers_text_is_fit_for_the_database() -> None:
    assert printable("5.1.1\x00 no\r\nsuch\udcff user" + "x" * 1000)[:22] == "5.1.1  no  such  user" + "x"
    assert len(printable("x" * 1000)) == 500
