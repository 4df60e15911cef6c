"""Mails: what a reader's program makes of them, and what never gets into a header."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from hub.config import Settings, load
from hub.deliveries import Due
from tests.unit.workers.due import STARTS, make_due
from workers.mail import build, identity, load_templates
from workers.smtp import Refused

TEMPLATES = load_templates()
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
CRUEL = "Eve\r\nBcc: all@example.com\x00\u2028<script>&\u202e 日本" + "x" * 300


def settings(**variables: str) -> Settings:
    environ = {"DATABASE_URL": "postgresql://h/x", "REDIS_URL": "redis://h", "SECRET_KEY": "k" * 32}
    zone = {"RESTAURANT_TIMEZONE": "Europe/Moscow", "MAIL_FROM": "tables@example.org"}
    return load(environ | zone | variables, data_dir=Path("nowhere"))


def read(due: Due, **variables: str) -> EmailMessage:
    raw = build(due, settings=settings(**variables), templates=TEMPLATES, now=NOW)
    assert b"\r" not in raw.replace(b"\r\n", b"") and b"\n" not in raw.replace(b"\r\n", b"")
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    message = email.message_from_bytes(raw, policy=email.policy.SMTPUTF8)  # type: ignore[type-var]
    assert isinstance(message, EmailMessage)
    assert not [part.defects for part in message.walk() if part.defects]
    return message


def text_of(message: EmailMessage, kind: str = "text/plain") -> str:
    return str(next(p for p in message.walk() if p.get_content_type() == kind).get_content())


def event_of(message: EmailMessage) -> tuple[Calendar, Any]:
    part = next(p for p in message.walk() if p.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_payload(decode=True))
    assert part.get_param("method") == calendar["method"] and part.get_filename() == "booking.ics"
    return calendar, calendar.walk("VEVENT")[0]


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("kind", ["confirmed", "rescheduled", "canceled", "reminder"])
@pytest.mark.parametrize("audience", ["guest", "house"])
def test_every_mail(kind: str, audience: str, language: str) -> None:
    if (kind, audience) == ("reminder", "house"):
        return
    message = read(make_due(kind=kind, audience=audience, language=language), DEFAULT_LANGUAGE=language)
    assert message["From"] == "tables@example.org" and message["To"] == "ada@example.com"
    assert message["Content-Language"] == language and message["Auto-Submitted"] == "auto-generated"
    assert "21:00" in str(message["Subject"]) and "2026" in str(message["Subject"])
    for part in ("text/plain", "text/html"):
        body = text_of(message, part)
        assert "21:00–23:00" in body and "T2-1" in body and "12" in body and "Ada Guest" in body
        assert ("ноября" in body) == (language == "ru")
    assert (message["List-Unsubscribe"] is not None) == (kind == "reminder")
    assert (message.get_content_type() == "multipart/mixed") == (kind != "reminder")


def test_the_calendar_file_is_one_event_for_all_its_life() -> None:
    due = make_due(table_name="By the; window, " * 9)
    calendar, first = event_of(read(due))
    _, moved = event_of(read(make_due(kind="rescheduled", revision=2, starts_at=STARTS + timedelta(hours=1))))
    ended, last = event_of(read(make_due(kind="canceled", revision=3)))
    assert first["uid"] == moved["uid"] == last["uid"]
    assert [event["sequence"] for event in (first, moved, last)] == [1, 2, 3]
    assert (calendar["method"], first["status"]) == ("REQUEST", "CONFIRMED")
    assert (ended["method"], last["status"]) == ("CANCEL", "CANCELLED")
    assert first["dtstart"].dt == STARTS and first["dtend"].dt == STARTS + timedelta(hours=2)
    assert moved["dtstart"].dt == STARTS + timedelta(hours=1)
    assert first["description"] == "#12, " + ("By the; window, " * 9).strip()
    assert first["attendee"] == "mailto:ada@example.com" and first["organizer"] == "mailto:tables@example.org"


def test_a_message_id_is_the_deliverys_own() -> None:
    due = make_due()
    later = make_due(attempts=4, now=STARTS, lease=STARTS)
    assert read(due)["Message-ID"] == read(later)["Message-ID"] == f"<{identity(due)}@example.org>"
    others = [make_due(id=8), make_due(kind="canceled"), make_due(created_at=STARTS)]
    assert len({identity(other) for other in [due, *others]}) == 4


def test_what_somebody_typed_is_in_bodies_only() -> None:
    for audience in ("guest", "house"):
        message = read(make_due(full_name=CRUEL, table_name=CRUEL, phone_number=CRUEL, audience=audience))
        heads = [f"{name}: {value}" for part in message.walk() for name, value in part.items()]
        assert not any(word in line for line in heads for word in ("Eve", "Bcc", "script", "日本"))
        assert "Eve Bcc: all@example.com <script>&" in text_of(message)
        assert "<script>" not in text_of(message, "text/html")


@given(st.text(max_size=80), st.text(max_size=40))
def test_any_name_makes_a_mail(name: str, table: str) -> None:
    read(make_due(full_name=name, table_name=table, phone_number=None))


@pytest.mark.parametrize(
    "recipient",
    ["", "ada", "a@b\r\nBcc: c@d", "a@b\n", "a@b,c@d", "a b@c", "Ada <a@b>", "a@b\x00", "@b", "a@", "a@b@c", "a@b c"],
)
def test_a_recipient_that_is_no_address_is_refused_for_good(recipient: str) -> None:
    with pytest.raises(Refused) as refused:
        read(make_due(recipient=recipient))
    assert refused.value.final


def test_an_address_beyond_ascii() -> None:
    assert read(make_due(recipient="привет@example.com"))["To"] == "привет@example.com"
