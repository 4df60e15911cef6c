"""A mail of the outbox for tests that need no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.store.mails import DueMail

STARTS = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


def make_due(**different: Any) -> DueMail:
    now = STARTS - timedelta(days=3)
    due = DueMail(
        id=7, venue_id=1, topic="confirmed", revision=1, lead_minutes=0, audience="guest",
        recipient="ada@example.com", language="en", booking_id=12, reference="K7M2XQ4P", booking_revision=1,
        status="booked",
        guests=2, starts_at=STARTS, ends_at=STARTS + timedelta(hours=2), created_at=now, table_name="T2-1",
        user_id=5, full_name="Ada Guest", phone_number="+71234567890",
        verified=True, disabled=False, link_version=3, now=now,
    )  # fmt: skip
    return replace(due, **different)
