"""hub.rest.conditions: what an idempotency key stands for, and what of a request is kept in it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from multidict import CIMultiDict

from hub.rest import account_bodies, bodies, conditions
from hub.rest.contract import ENDPOINTS
from hub.security import Identity
from hub.store.keys import Key

ADA, EVE = Identity(1, "user", 1, 0.0), Identity(2, "user", 2, 0.0)
SECRET = "a secret of at least 32 characters"
BOOKING = b'{"date": "2027-01-01", "guest": {"name": "Ida", "phone": "+4930123456"}}'


def key(by: Identity | None = ADA, parsed: bodies.Body | None = None, secret: str = SECRET, **request: Any) -> Key:
    parts = {"method": "POST", "path": "/bookings", "query_string": "", "body": BOOKING} | request
    headers = CIMultiDict({"idempotency-key": parts.pop("key", "tap"), **parts.pop("headers", {})})
    found = conditions.key(cast(Any, SimpleNamespace(headers=headers, **parts)), by, parsed, secret)
    assert found is not None
    return found


def test_request_is_its_method_path_query_body_and_condition() -> None:
    first = key()
    assert key() == first == key(path="/bookings/")
    others = [
        key(method="PATCH"), key(path="/v/kiri/bookings"), key(query_string="dry_run=1"), key(body=BOOKING + b" "),
        key(headers={"If-Match": '"r1"'}), key(headers={"If-Match": '"r2"'}),
    ]  # fmt: skip
    assert len({each.digest for each in (first, *others)}) == 7
    assert {(each.caller, each.key) for each in others} == {(first.caller, first.key)}
    assert key(key="other").key != first.key
    assert key(by=EVE).caller != first.caller


def test_condition_may_be_of_any_bytes() -> None:
    """A header is read as text; a byte that is none of UTF-8 stands in it as half of a pair."""
    odd = [key(headers={"If-Match": each.decode(errors="surrogateescape")}) for each in (b"\xdcB", b"\xff", b"B")]
    assert len({each.digest for each in odd}) == 3


def test_nobody_makes_a_digest_without_the_secret() -> None:
    first, other = key(), key(secret="another secret of at least 32 characters")
    assert first.key != other.key and first.digest != other.digest
    assert all(len(each) == 64 for each in (first.key, first.digest))


def registration(**other: Any) -> account_bodies.Registration:
    body = {"email": "ada@example.com", "password": "correct horse battery", "phone_number": "+4930123456"}
    return account_bodies.Registration(**(body | {"full_name": "Ada"} | other))


def test_who_has_no_account_is_told_apart_by_what_the_body_names() -> None:
    first, same = key(None, registration()), key(None, registration(), body=b"as it was typed")
    assert first == same
    other = key(None, registration(email="eve@example.com"))
    assert other.caller != first.caller and first.caller.startswith("email:") and len(first.caller) <= 64
    links = {key(None, account_bodies.Reset(token=name * 43, password="correct horse battery")).caller for name in "ab"}
    assert len(links) == 2


def test_secret_of_a_body_is_no_part_of_what_is_kept() -> None:
    assert key(None, registration()) == key(None, registration(password="another good password"))
    assert key(None, registration()).digest != key(None, registration(full_name="Eve")).digest
    changes = [account_bodies.PasswordChange(old=f"old password {n}", new=f"new password {n}") for n in range(2)]
    assert key(ADA, changes[0]) == key(ADA, changes[1])


def test_every_field_with_a_password_or_a_token_is_a_secret() -> None:
    named = {"password", "token", "old", "new"}
    found = {each.body for each in ENDPOINTS if each.body is not None}
    assert account_bodies.Registration in found
    for body in found:
        assert named & set(body.model_fields) == set(body.SECRETS), body
