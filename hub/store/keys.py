"""Idempotency keys of writes that do not go through hub_commit, and refusals under the keys of all writes.

What a key stands for is kept in the transaction of what was done, so both are there or neither is (:func:`once`). A
refusal wrote nothing: it is kept afterwards, by itself (:func:`keep_refusal`). Kept are ids and codes: whoever asks
again is shown people as they are now, never as they were.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import orjson

from hub.errors import HubError, InProgress, KeyMismatch, OutcomeUnknown, ValidationFailed, every_error
from hub.store import database

T = TypeVar("T")
MOST_OF_CALLER = 500
"""Keys of one caller, within their 24 hours, until no more is kept of what changed nothing, a refusal or not: a row for
each would let anybody fill the database. It is decided again then, and nothing was done."""


@dataclass(frozen=True, slots=True)
class Key:
    """An idempotency key: who gave it, and a digest of the request that it stands for."""

    caller: str
    key: str
    digest: str


class Unchanged(dict[str, Any]):
    """What is kept of a request that changed nothing: only while its caller has few keys."""


class Repeated(Exception):
    """The request was carried out before: ``answer`` is what was kept under its key."""

    def __init__(self, answer: Mapping[str, Any]) -> None:
        super().__init__()
        self.answer = answer


def once(
    key: Key | None, work: Callable[[Any], Awaitable[T]], kept: Callable[[T], Mapping[str, Any] | None]
) -> Callable[[Any], Awaitable[T]]:
    """``work(connection)`` in a transaction in which it is done once for its key, and ``kept`` of its result is kept:
    None is nothing, since it was not done yet.

    It raises Repeated when it was done before, KeyMismatch when the key stands for another request, InProgress when the
    first request with it is not over; and what the refusal was that is kept under it.
    """
    if key is None:
        return work

    async def keyed(connection: Any) -> T:
        await claim(connection, key)
        result = await work(connection)
        answer = kept(result)
        if answer is not None:
            text = orjson.dumps(answer).decode()
            most = MOST_OF_CALLER if isinstance(answer, Unchanged) else None
            await connection.execute(
                "SELECT hub_keep_answer($1, $2, $3, $4::text::jsonb, $5)", key.caller, key.key, key.digest, text, most
            )
        return result

    return keyed


def kept(answer: dict[str, Any], *, unchanged: bool) -> dict[str, Any]:
    """What is kept of a request that may have changed nothing."""
    return Unchanged(answer) if unchanged else answer


def nothing(done: Any) -> dict[str, Any]:
    """What is kept of a request whose answer has no body."""
    return {}


async def claim(connection: Any, key: Key) -> None:
    """Hold a new key until the end of the transaction. Raises as :func:`once` says."""
    known = await connection.fetchval("SELECT hub_claim_key($1, $2, $3)", key.caller, key.key, key.digest)
    _tell(orjson.loads(known))


async def look_up(key: Key) -> None:
    """Nothing is known of this key yet, or it raises as :func:`once` says; one that is held is not noticed here."""
    rows = await database.fetch(
        "SELECT digest, answer FROM idempotency_keys "
        "WHERE caller = $1 AND key = $2 AND answer IS NOT NULL AND expires_at > clock_timestamp()",
        key.caller,
        key.key,
    )
    if rows:
        state = "kept" if rows[0]["digest"] == key.digest else "mismatch"
        _tell({"state": state, "answer": orjson.loads(rows[0]["answer"])})


async def find_out(key: Key) -> None:
    """What became of a request whose outcome nobody told. Returns when nothing was written, and never will be; raises
    as :func:`once` says."""
    await database.transact(lambda connection: claim(connection, key))


async def keep_refusal(key: Key, refusal: HubError) -> None:
    """Keep a refusal, unless the key stands for something: then it raises as :func:`once` says."""
    [row] = await database.write(
        "SELECT hub_keep_refusal($1, $2, $3, $4::text::jsonb, $5) AS known",
        key.caller,
        key.key,
        key.digest,
        orjson.dumps({"refusal": refusal_as_json(refusal)}).decode(),
        MOST_OF_CALLER,
    )
    _tell(orjson.loads(row["known"]))


def _tell(known: Mapping[str, Any]) -> None:
    state = known["state"]
    if state == "running":
        raise InProgress()
    if state == "mismatch":
        raise KeyMismatch()
    if state == "kept":
        if "refusal" in known["answer"]:
            raise refusal_of(known["answer"]["refusal"])
        raise Repeated(known["answer"])


def refusal_as_json(refusal: HubError) -> dict[str, Any]:
    """What is kept of a refusal: its code and words, and what else it says that is no thing of the venue's."""
    said = {name: value for name, value in refusal.extra.items() if isinstance(value, str)}
    errors = {"errors": refusal.errors} if isinstance(refusal, ValidationFailed) else {}
    return {"code": refusal.code, "message": refusal.message, **errors, "extra": said}


def refusal_of(kept: Mapping[str, Any]) -> HubError:
    """The refusal that was kept; OutcomeUnknown for one that this release does not know."""
    found = every_error().get(kept["code"])
    if found is None:
        return OutcomeUnknown()
    refusal = (
        found(kept["errors"], kept["message"])
        if issubclass(found, ValidationFailed)
        else found(kept["message"], **kept["extra"])
    )
    refusal.replayed = True
    return refusal
