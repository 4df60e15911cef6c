"""Bookings as the staff look for them: of a day or some days, by name, phone number or reference, in any status."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from hub.commands.bookings import page, read_cursor
from hub.domain import calendar
from hub.errors import ValidationFailed
from hub.store import bookings
from hub.store.bookings import Booking
from hub.views.context import VenueContext

MOST_DAYS = 62
LEAST_DIGITS = 3
"""Fewer digits than these are no phone number to look for."""

NONE_EARLIER = datetime(1970, 1, 1, tzinfo=UTC)


async def find(
    context: VenueContext,
    *,
    since: date | None = None,
    until: date | None = None,
    text: str | None = None,
    statuses: Sequence[str] = (),
    limit: int,
    after: tuple[str, str] | None = None,
) -> tuple[list[Booking], str | None]:
    """A venue's bookings by start, at most ``limit``, and the cursor of the next page.

    Without dates: today's service day; with ``text`` alone all that are kept and to come, those of today and of later
    days first, then the others from the latest on. ``text`` is a part of a name, some digits of a phone number, or a
    reference. Raises ValidationFailed for more than MOST_DAYS days or a foreign cursor.
    """
    earlier = NONE_EARLIER
    rules, today = context.rules, calendar.service_day(context.now(), context.rules)
    if since is None and until is None and text is not None:
        first, last = today - timedelta(days=rules.days_back), today + timedelta(days=rules.days_ahead)
        earlier = calendar.opening(today, rules)[0]
    else:
        first = since or until or today
        last = until or first
        if not 0 <= (last - first).days < MOST_DAYS:
            raise ValidationFailed([{"field": "to", "message": f"0 to {MOST_DAYS - 1} days after from"}])
    named = (None, None, None) if text is None else (contains(text), phone_part(text), text.strip().upper())
    found = await bookings.search(
        context.id, first, last, named, statuses=statuses, after=read_cursor(after) if after else None, most=limit + 1,
        earlier=earlier,
    )  # fmt: skip
    return page(found, limit)


def contains(text: str) -> str:
    """The LIKE pattern of whatever has this text in it."""
    escaped = re.sub(r"([\\%_])", r"\\\1", text.strip())
    return f"%{escaped}%"


def phone_part(text: str) -> str | None:
    """The LIKE pattern of the numbers in E.164 that hold what was typed; None where it is no part of a number. A zero
    in front is the national prefix, which E.164 does not have."""
    if re.search(r"[^\d\s()+./-]", text):
        return None
    digits = re.sub(r"\D", "", text).lstrip("0")
    return f"%{digits}%" if len(digits) >= LEAST_DIGITS else None
