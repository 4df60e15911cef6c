"""Which passwords are refused: the commonest ones, and those that anybody would guess who knows whose they are."""

from __future__ import annotations

import sys
from functools import cache

from hub.domain import text
from hub.errors import ValidationFailed

SHORTEST = 8
"""Shorter ones are refused for their length."""


@cache
def common_passwords() -> frozenset[str]:
    """The commonest passwords in lower case: the list of the package zxcvbn, without its estimator.

    Read when the first password is set, 20 ms; the rest of the package is let go again.
    """
    before = set(sys.modules)
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    found = frozenset(each.casefold() for each in FREQUENCY_LISTS["passwords"] if len(each) >= SHORTEST)
    for name in [name for name in sys.modules if name.partition(".")[0] == "zxcvbn" and name not in before]:
        del sys.modules[name]
    return found


def check(password: str, *, email: str, full_name: str, venue: str, field: str = "password") -> str:
    """The password in the form in which it is hashed. Raises ValidationFailed when it is too easy to guess."""
    form = text.password(password)
    wrong = None
    if len(form) < SHORTEST:
        wrong = f"at least {SHORTEST} characters are needed"
    wrong = wrong or text.weakness(
        form,
        common=common_passwords(),
        own={
            "the e-mail": email,
            "the e-mail's first part": email.partition("@")[0],
            "the name": full_name,
            "the venue's name": venue,
        },
    )
    if wrong:
        raise ValidationFailed([{"field": field, "message": f"choose another password: {wrong}"}])
    return form
