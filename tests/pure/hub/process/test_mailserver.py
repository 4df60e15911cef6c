"""SMTP_URL."""

from __future__ import annotations

import pytest

from hub.process.mailserver import MailServer, server_from
from hub.variables import ConfigError


@pytest.mark.parametrize(
    "url, server",
    [
        ("smtp://mail.example.com", MailServer("mail.example.com", 25, None, None, "auto")),
        ("smtp://127.0.0.1:2525?starttls=never", MailServer("127.0.0.1", 2525, None, None, "never")),
        ("smtps://mail.example.com", MailServer("mail.example.com", 465, None, None, "implicit")),
        ("smtp://a%40b:c%3Ad@mail.example.com", MailServer("mail.example.com", 587, "a@b", "c:d", "required")),
        ("smtp://a:b@localhost:25", MailServer("localhost", 25, "a", "b", "auto")),
        ("smtp://a:b@mail.example.com?starttls=never", MailServer("mail.example.com", 587, "a", "b", "never")),
    ],
)
def test_what_a_url_names(url: str, server: MailServer) -> None:
    assert server_from(url) == server


@pytest.mark.parametrize("query", ["tls=1", "starttls=maybe", "starttls="])
def test_a_url_that_can_not_be_used(query: str) -> None:
    with pytest.raises(ConfigError, match="SMTP_URL"):
        server_from(f"smtp://mail.example.com?{query}")
