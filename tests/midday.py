"""A zone in which it is midday now: for what is done in the room, whenever the tests run."""

from __future__ import annotations

from datetime import UTC, datetime

ZONES = (
    "Africa/Abidjan", "Africa/Lagos", "Africa/Maputo", "Africa/Nairobi", "Asia/Dubai", "Asia/Tashkent", "Asia/Thimphu",
    "Asia/Bangkok", "Asia/Singapore", "Asia/Tokyo", "Australia/Brisbane", "Pacific/Guadalcanal", "Pacific/Tarawa",
    "Pacific/Honolulu", "Pacific/Gambier", "Pacific/Pitcairn", "America/Phoenix", "America/Regina", "America/Panama",
    "America/Caracas", "America/Cayenne", "America/Noronha", "Atlantic/Cape_Verde",
)  # fmt: skip
"""None of them changes its clock. East of Greenwich by 0 to 12 hours, then by -10 to -1."""


def zone() -> str:
    """It is between 11:00 and 14:00 there."""
    east = 12 - datetime.now(UTC).hour
    return ZONES[east] if east >= 0 else ZONES[max(east, -10)]
