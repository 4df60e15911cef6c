"""Rules and instants for the tests of slots."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hub.domain.rules import Rules
from hub.errors import HubError

HOUR, MINUTE, TICK = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)
DAY = 24 * HOUR


def make_rules(zone: str = "UTC", opens: float = 12, closes: float = 22, **changed: Any) -> Rules:
    given: dict[str, Any] = {"slot": 2 * HOUR, "cancel_deadline": HOUR, "days_ahead": 400} | changed
    return Rules(zone=ZoneInfo(zone), opens=opens * HOUR, closes=closes * HOUR, **given)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text + "+00:00")


def outcome(call: Callable[..., Any], *given: Any) -> Any:
    """What a call gives, or the class of its refusal."""
    try:
        return call(*given)
    except HubError as refused:
        return type(refused)
