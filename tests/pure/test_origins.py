"""Origins in the form in which browsers write them."""

from __future__ import annotations

import pytest

from hub.origins import normal_origin


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://hub.example", "https://hub.example"),
        ("https://hub.example/", "https://hub.example"),
        ("https://hub.example:443", "https://hub.example"),
        ("http://hub.example:80/", "http://hub.example"),
        ("https://hub.example:80", "https://hub.example:80"),
        ("http://hub.example:0443", "http://hub.example:443"),
        ("HTTPS://Hub.Example:8443", "https://hub.example:8443"),
        ("https://Bücher.example", "https://xn--bcher-kva.example"),
        ("https://[2001:DB8:0:0::1]:443", "https://[2001:db8::1]"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_spellings_of_one_origin_are_the_same(text: str, origin: str) -> None:
    assert normal_origin(text) == origin
    assert normal_origin(origin) == origin


@pytest.mark.parametrize(
    "text",
    [
        "", "null", "hub.example", "//hub.example", "ftp://hub.example", "https://", "https://:443", "https://hub:0",
        "https://hub:65536", "https://hub:x", "https://hub:", "https://a@hub", "https://hub/path", "https://hub?q",
        "https://hub#f", "https://hub\\@evil", "https://h ub", "https://[::1", "https://[hub]", "https://hub\n.evil",
        "https://\udce9.example", "https://.", "https://a..b",
    ],
)  # fmt: skip
def test_what_is_no_origin_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        normal_origin(text)
