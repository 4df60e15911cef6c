"""A mail's bytes from its headers and parts (RFC 5322, 2045–2047), for the one shape that our mails have.

The standard library's EmailMessage parses what it is given and folds it again, 4 ms a mail: more than all of the
conversation with the mail server. Here headers are our own words, one line each, and whatever is not is refused.
"""

from __future__ import annotations

import binascii
import re
from base64 import encodebytes
from collections.abc import Mapping, Sequence
from email.header import Header

LONGEST_LINE = 990
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def header(name: str, value: str, *, international: bool = False) -> str:
    """``Name: value``, with words beyond ASCII encoded. Raises ValueError for a CR, an LF or any other control."""
    if CONTROL.search(value):
        raise ValueError(f"a control character in the header {name}")
    if not value.isascii() and not international:
        value = Header(value, "utf-8", maxlinelen=70, header_name=name).encode(linesep="\r\n")
    elif len(name) + len(value) > LONGEST_LINE:
        raise ValueError(f"the header {name} is too long")
    return f"{name}: {value}"


def part(kind: str, content: str, **more: str) -> bytes:
    """One part: ``kind`` is its media type with parameters; the shorter of quoted-printable and base64."""
    raw = content.encode()
    quoted = binascii.b2a_qp(raw, istext=True).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    coding, body = "quoted-printable", quoted
    if len(quoted) > len(raw) * 1.4 or "\r" in content:  # a CRLF that belongs to the content survives base64 alone
        coding, body = "base64", encodebytes(raw).replace(b"\n", b"\r\n")
    lines = [header("Content-Type", kind), header("Content-Transfer-Encoding", coding)]
    lines += [header(name.replace("_", "-"), value) for name, value in more.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def multipart(kind: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    """Parts between boundaries. A boundary that begins with ``=_`` occurs in no encoded body."""
    mark = f"=_{boundary}"
    between = f"\r\n--{mark}\r\n".encode()
    return (
        header("Content-Type", f'multipart/{kind}; boundary="{mark}"').encode()
        + b"\r\n\r\n"
        + between[2:]
        + between.join(parts)
        + f"\r\n--{mark}--\r\n".encode()
    )


def mail(headers: Mapping[str, str], body: bytes, *, international: bool = False) -> bytes:
    """The whole mail; ``body`` begins with its own Content-Type."""
    lines = [header(name, value, international=international) for name, value in headers.items()]
    return "\r\n".join([*lines, "MIME-Version: 1.0"]).encode() + b"\r\n" + body
