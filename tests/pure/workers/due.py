"""A claimed delivery for tests that need no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.commands.outbox import Due

STARTS = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


def make_due(**different: Any) -> Due:
    now = STARTS - timedelta(days=3)
    due = Due(
        id=7, lease=now, kind="confirmed", revision=1, lead_minutes=0, audience="guest", recipient="ada@example.com",
        language="en", due_at=now, attempts=0, request_id="r-1", booking_id=12, booking_revision=1, status="booked",
        guests=2, starts_at=STARTS, ends_at=STARTS + timedelta(hours=2), created_at=now, table_name="T2-1",
        user_id=5, full_name="Ada Guest", phone_number="+71234567890",
        verified=True, disabled=False, now=now, read_at=0.0,
    )  # fmt: skip
    return replace(due, **different)
