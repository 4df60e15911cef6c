"""hub.commands.phones: one number has one form, however it was typed; what is none is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.commands import phones


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("+49 30 123456", None, "+4930123456"),
        ("+49 (0)30/12 34-56", None, "+4930123456"),
        ("030 123456", "DE", "+4930123456"),
        ("0049 30 123456", "DE", "+4930123456"),
        ("\u202d+49\u00a030\u202f123456\u202c", None, "+4930123456"),
        ("+7 999 000-11-22", "DE", "+79990001122"),
        ("8 (999) 000-11-22", "RU", "+79990001122"),
        ("\uff0b\uff14\uff19\uff13\uff10\uff11\uff12\uff13\uff14\uff15\uff16", None, "+4930123456"),
    ],
)
def test_number_is_one_however_it_is_typed(typed: str, country: str | None, number: str) -> None:
    assert phones.normal(typed, country) == number
    assert phones.normal(number, country) == number


@pytest.mark.parametrize("country", [None, "DE", "RU"])
@pytest.mark.parametrize("typed", ["abcde", "", "+", "-----", "+1", "12", "+49", "0" * 30, "+999999999999"])
def test_what_is_no_number_is_refused(typed: str, country: str | None) -> None:
    with pytest.raises(ValueError, match=r"phone number|code of the country"):
        phones.normal(typed, country)


def test_number_without_a_country_asks_for_its_code() -> None:
    with pytest.raises(ValueError, match="code of the country"):
        phones.normal("030 123456", None)


@given(st.text(max_size=32), st.sampled_from([None, "DE", "RU", "US"]))
def test_any_text_is_a_number_in_its_form_or_refused(typed: str, country: str | None) -> None:
    try:
        number = phones.normal(typed, country)
    except ValueError:
        return
    assert number[0] == "+" and number[1:].isascii() and number[1:].isdigit() and len(number) <= 32
    assert phones.normal(number, country) == number
