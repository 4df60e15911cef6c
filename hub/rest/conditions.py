"""The two headers with which a client says on what condition a write is to be done: Idempotency-Key and If-Match."""

from __future__ import annotations

import hmac
import re
from functools import lru_cache

import orjson
from sanic import Request

from hub.errors import ValidationFailed
from hub.rest.bodies import Body
from hub.security import Identity
from hub.store.keys import Key

KEY = re.compile(r"[\x21-\x7e]{1,128}")
REVISION = re.compile(r'"r([1-9][0-9]{0,8})"')


def key(request: Request, by: Identity | None, body: Body | None, secret_key: str) -> Key | None:
    """The request's idempotency key. Raises ValidationFailed for one that is not of 1 to 128 printable characters.

    Who has no account is told apart by what the body names, which is theirs alone: an e-mail address, a link. All that
    a caller said is kept as a digest that nobody makes without SECRET_KEY; of a secret of the body nothing is kept.
    """
    given = _given(request)
    if given is None:
        return None
    said = request.body
    if body is not None and body.SECRETS:
        said = orjson.dumps(body.model_dump(mode="json", exclude=set(body.SECRETS)), option=orjson.OPT_SORT_KEYS)
    if by is not None:
        caller = by.caller
    else:
        assert body is not None and body.CALLER
        caller = f"{body.CALLER}:{_digest(secret_key, 'caller', str(getattr(body, body.CALLER)).encode())[:40]}"
    match = _if_match(request)
    asked = f"{request.method} {request.path.rstrip('/')}?{request.query_string}\n{match}\n".encode(
        errors="surrogateescape"
    )
    return Key(caller, _digest(secret_key, "key", given.encode()), _digest(secret_key, "request", asked + said))


def _given(request: Request) -> str | None:
    found: list[str] = request.headers.getall("idempotency-key", [])
    if not found:
        return None
    if len(found) > 1 or not KEY.fullmatch(found[0]):
        raise ValidationFailed([{"field": "Idempotency-Key", "message": "one, of 1 to 128 printable ASCII characters"}])
    return found[0]


def _digest(secret_key: str, what: str, content: bytes) -> str:
    return hmac.digest(_derived(secret_key), what.encode() + b"\0" + content, "sha256").hex()


@lru_cache(maxsize=4)
def _derived(secret_key: str) -> bytes:
    return hmac.digest(secret_key.encode(), b"booking-hub: idempotency keys", "sha256")


def _if_match(request: Request) -> str:
    return ",".join(request.headers.getall("if-match", [])).strip()


def revisions(request: Request) -> frozenset[int] | None:
    """The revisions that If-Match names; None when any will do. A weak ETag matches nothing (RFC 9110, 13.1.1)."""
    given = _if_match(request)
    if not given or given == "*":
        return None
    found = (REVISION.fullmatch(each.strip()) for each in given.split(","))
    return frozenset(int(match[1]) for match in found if match)


def headers(revision: int, *, replayed: bool = False) -> dict[str, str]:
    """The strong ETag of a thing at a revision; and whether the answer is one that was given before."""
    return {"etag": f'"r{revision}"', **({REPLAYED: "true"} if replayed else {})}


REPLAYED = "idempotency-replayed"
