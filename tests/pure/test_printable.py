"""Whatever comes from outside can be written to a log and to an answer."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.printable import printable


@given(st.binary(max_size=300), st.integers(1, 300))
def test_any_bytes_become_one_line_of_valid_text(data: bytes, most: int) -> None:
    shown = printable(data.decode(errors="surrogateescape"), most)
    assert shown.encode().decode() == shown
    assert orjson.loads(orjson.dumps(shown)) == shown
    assert len(shown.splitlines()) <= 1
    assert len(shown) <= 6 * most


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ada Gäst 客 🦀", "Ada Gäst 客 🦀"),
        ("a\r\nb\0", "a\\x0d\\x0ab\\x00"),
        (b"caf\xe9".decode(errors="surrogateescape"), "caf\\xe9"),
        ("\ud800", "\\ud800"),
        ("\u202eevil", "\\u202eevil"),
        ("x" * 300, "x" * 199 + "…"),
    ],
)
def test_what_is_unsafe_is_escaped_and_the_rest_is_kept(text: str, shown: str) -> None:
    assert printable(text) == shown
