"""Dates and counts in the languages of the mails."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from workers import phrases


@pytest.mark.parametrize(
    "count, text",
    [(1, "1 гость"), (2, "2 гостя"), (4, "4 гостя"), (5, "5 гостей"), (11, "11 гостей"), (14, "14 гостей"),
     (20, "20 гостей"), (21, "21 гость"), (22, "22 гостя")],
)  # fmt: skip
def test_guests_in_russian(count: int, text: str) -> None:
    assert phrases.guests(count, "ru") == text


def test_guests_in_english() -> None:
    assert [phrases.guests(n, "en") for n in (1, 2)] == ["1 guest", "2 guests"]


def test_a_day_and_a_time() -> None:
    local = datetime(2026, 11, 24, 18, 5, tzinfo=ZoneInfo("Europe/Moscow"))
    assert phrases.day(local, "en") == "Tuesday, 24 November 2026"
    assert phrases.day(local, "ru") == "вторник, 24 ноября 2026"
    assert phrases.clock(local) == "18:05"


def test_one_line_of_what_somebody_typed() -> None:
    assert phrases.one_line(" a\r\nb\x00\u2028c \t d ") == "a b c d"
