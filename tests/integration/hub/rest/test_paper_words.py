"""The clock of the paper: of the venue where nobody has named one, and how a time is written by it."""

from __future__ import annotations

from datetime import datetime

import pytest

from hub.rest.paper_words import clock_of, time_text


@pytest.mark.parametrize(
    ("language", "country", "clock"),
    [("en", "US", "12"), ("en", "GB", "24"), ("en", None, "24"), ("ru", "US", "24"), ("en", "AU", "12")],
)
def test_clock_of_a_venue_is_that_of_its_language_and_country(language: str, country: str | None, clock: str) -> None:
    assert clock_of(language, country) == clock


@pytest.mark.parametrize(
    ("at", "twelve"), [("00:05", "12:05 AM"), ("11:59", "11:59 AM"), ("12:00", "12:00 PM"), ("19:30", "7:30 PM")]
)
def test_time_is_written_by_either_clock(at: str, twelve: str) -> None:
    local = datetime.fromisoformat(f"2026-11-24T{at}:07")
    assert time_text(local, "24") == at
    assert time_text(local, "24", seconds=True) == f"{at}:07"
    assert time_text(local, "12").replace("\N{NARROW NO-BREAK SPACE}", " ") == twelve
    hours, half = twelve.split()
    assert time_text(local, "12", seconds=True) == f"{hours}:07\N{NARROW NO-BREAK SPACE}{half}"
