"""hub.commands.notifications: which mails a change makes necessary, as columns for the database and as rows in it."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from hub.commands import notifications
from hub.config import Settings
from hub.store import database
from hub.store.orders import Notifications
from tests.conftest import make_settings
from tests.guests import ROWS
from tests.rows import BOOKING

START = datetime(2026, 11, 24, 18, tzinfo=UTC)


def settings_with(**variables: str) -> Settings:
    return make_settings("postgresql://hub@localhost/hub", "redis://localhost", Path("none"), **variables)


def columns(pending: Notifications) -> tuple[list[Any], ...]:
    return pending.kinds, pending.leads, pending.audiences, pending.dues


def rows(pending: Notifications) -> list[tuple[str, int, str, datetime | None]]:
    return list(zip(*columns(pending), strict=True))


@pytest.mark.parametrize("kind", ["confirmed", "rescheduled"])
def test_booking_that_stands_has_its_notice_and_reminders(kind: str) -> None:
    assert rows(notifications.of_change(kind, START, settings_with())) == [
        (kind, 0, "guest", None),
        ("reminder", 1440, "guest", START - timedelta(days=1)),
        ("reminder", 120, "guest", START - timedelta(hours=2)),
    ]


def test_booking_that_is_canceled_has_no_reminder() -> None:
    assert rows(notifications.of_change("canceled", START, settings_with())) == [("canceled", 0, "guest", None)]


@pytest.mark.parametrize("kind", ["confirmed", "rescheduled", "canceled"])
def test_house_gets_a_copy_of_changes_and_not_of_reminders(kind: str) -> None:
    found = rows(
        notifications.of_change(kind, START, settings_with(HOST_EMAIL="house@example.com", REMINDER_MINUTES="60"))
    )
    assert [row for row in found if row[2] == "house"] == [(kind, 0, "house", None)]
    assert [row[1] for row in found if row[0] == "reminder"] == ([] if kind == "canceled" else [60])


async def test_only_what_is_still_to_come_is_enqueued(connected: Settings) -> None:
    now = datetime.now(UTC)
    [user] = await database.fetch(
        "INSERT INTO users (email, full_name, password_hash, role, language) "
        "VALUES ($1, 'Ada Guest', 'x', 'user', 'ru') RETURNING id, email",
        f"{secrets.token_hex(4)}@example.com",
    )
    times = now + timedelta(hours=3), now + timedelta(hours=5), now.date()
    [booking] = await database.fetch(BOOKING, user["id"], 1, 2, *times, "booked", 3)
    [guest] = await database.fetch("SELECT hub_guest(1, $1) AS id", user["id"])
    pending = notifications.of_change("rescheduled", now + timedelta(hours=3), connected)

    kinds, leads, audiences, dues = columns(pending)
    sent = {
        "guest": guest["id"], "house": pending.copy_to, "kinds": kinds, "leads": leads, "audiences": audiences,
        "dues": dues,
    }  # fmt: skip
    changes = [{"booking": {"revision": 3}, "request": "r-1", "notices": sent}]
    known = {
        guest["id"]: {"email": user["email"], "language": "ru", "account": True, "verified": False, "erased": False}
    }
    await database.write(
        "SELECT hub_enqueue(1, $1::text::jsonb, $2, $3::text::jsonb)",
        orjson.dumps(changes).decode(),
        [booking["id"]],
        orjson.dumps(known, option=orjson.OPT_NON_STR_KEYS).decode(),
    )
    found = await database.fetch(f"{ROWS} WHERE booking_id = $1 ORDER BY topic", booking["id"])
    assert [(row["topic"], row["lead_minutes"], row["revision"]) for row in found] == [
        ("reminder", 120, 3),
        ("rescheduled", 0, 3),
    ]
    assert {(row["target"], row["language"], row["sent_at"], row["attempts"]) for row in found} == {
        (user["email"], "ru", None, 0)
    }
    assert found[0]["due_at"] == now + timedelta(hours=1)
    assert {row["request_id"] for row in found} == {"r-1"}
