"""Text from outside made safe to log and to answer: whatever bytes it came from, it is valid Unicode on one line."""

from __future__ import annotations

import re

UNSAFE = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff]"
)
"""Control characters, line ends, changes of the direction of writing, what is invisible (but ZWJ and ZWNJ, which
scripts need), and halves of characters (in which Python keeps
bytes that are no UTF-8)."""


def printable(text: str, most: int = 200) -> str:
    """``text`` with each unsafe character written as an escape (``\\x0a``), cut to ``most`` characters."""
    if len(text) > most:
        text = text[: most - 1] + "…"
    return UNSAFE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    code = ord(found[0])
    if 0xDC80 <= code <= 0xDCFF:  # how Python keeps a byte that is no UTF-8
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
