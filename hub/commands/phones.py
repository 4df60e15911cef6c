"""Phone numbers in one form, E.164, however they were typed: so that one number is one account. By phonenumbers."""

from __future__ import annotations

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from hub.domain.text import clean
from hub.errors import ValidationFailed

SHORTEST = 8
"""With the plus: shorter ones are of a network's own services, as 112."""


def normal(text: str, country: str | None) -> str:
    """The number as ``+4930123456``. One without a country's code is taken for one of ``country`` (two letters).

    Raises ValueError for what can't be a phone number.
    """
    try:
        number = phonenumbers.parse(clean(text), country)
    except NumberParseException as error:
        if error.error_type == NumberParseException.INVALID_COUNTRY_CODE and country is None:
            raise ValueError("begin with + and the code of the country") from None
        raise ValueError("that is no phone number") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("that is no phone number")
    found: str = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if len(found) < SHORTEST:
        raise ValueError("that is no phone number")
    return found


def checked(text: str, country: str | None) -> str:
    """As :func:`normal`, for what a request says. Raises ValidationFailed with its field."""
    try:
        return normal(text, country)
    except ValueError as error:
        raise ValidationFailed([{"field": "phone_number", "message": str(error)}]) from None
