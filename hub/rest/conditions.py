"""The two headers with which a client says on what condition a write is to be done: Idempotency-Key and If-Match."""

from __future__ import annotations

import hashlib
import re

from sanic import Request

from hub.errors import ValidationFailed
from hub.security import Identity
from hub.store.commit import Key

KEY = re.compile(r"[\x21-\x7e]{1,128}")
REVISION = re.compile(r'"r([1-9][0-9]{0,8})"')


def key(request: Request, by: Identity) -> Key | None:
    """The request's idempotency key. Raises ValidationFailed for one that is not of 1 to 128 printable characters."""
    found: list[str] = request.headers.getall("idempotency-key", [])
    if not found:
        return None
    given = found[0]
    if len(found) > 1 or not KEY.fullmatch(given):
        raise ValidationFailed([{"field": "Idempotency-Key", "message": "one, of 1 to 128 printable ASCII characters"}])
    asked = hashlib.sha256(f"{request.method} {request.path.rstrip('/')}\n".encode() + request.body)
    return Key(by.caller, given, asked.hexdigest())


def revisions(request: Request) -> frozenset[int] | None:
    """The revisions that If-Match names; None when any will do. A weak ETag matches nothing (RFC 9110, 13.1.1)."""
    given = ",".join(request.headers.getall("if-match", []))
    if not given or given.strip() == "*":
        return None
    found = (REVISION.fullmatch(each.strip()) for each in given.split(","))
    return frozenset(int(match[1]) for match in found if match)


def headers(revision: int, *, replayed: bool = False) -> dict[str, str]:
    """The strong ETag of a thing at a revision; and whether the answer is one that was given before."""
    return {"etag": f'"r{revision}"', **({"idempotency-replayed": "true"} if replayed else {})}
