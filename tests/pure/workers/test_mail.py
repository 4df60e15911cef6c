"""Mails: what a reader's program makes of them, and what never gets into a header."""

from __future__ import annotations

import email
import email.policy
import html
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from hub.config import Settings, load
from hub.manage_links import Link, ManageLinks
from hub.store.mails import DueMail, over
from tests.pure.workers.due import STARTS, make_due
from workers import phrases
from workers.account_mail import build_link
from workers.invitation import mailto
from workers.mail import build, identity, load_templates
from workers.smtp import MailRefused

TEMPLATES = load_templates()
NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
CRUEL = "Eve\r\nBcc: all@example.com\x00\u2028<script>&\u202e 日本" + "x" * 300


def settings(**variables: str) -> Settings:
    environ = {"DATABASE_URL": "postgresql://h/x", "REDIS_URL": "redis://h", "SECRET_KEY": "k" * 32}
    zone = {"RESTAURANT_TIMEZONE": "Europe/Moscow", "MAIL_FROM": "tables@example.org"}
    return load(environ | zone | variables, data_dir=Path("nowhere"))


def read(due: DueMail, **variables: str) -> EmailMessage:
    return parsed(build(due, settings=settings(**variables), templates=TEMPLATES, now=NOW))


def parsed(raw: bytes) -> EmailMessage:
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
    message = read(make_due(topic=kind, audience=audience, language=language), DEFAULT_LANGUAGE=language)
    assert message["From"] == "Restaurant <tables@example.org>" and message["To"] == "ada@example.com"
    assert message["Content-Language"] == language and message["Auto-Submitted"] == "auto-generated"
    assert "21:00" in str(message["Subject"]) and "2026" in str(message["Subject"])
    for part in ("text/plain", "text/html"):
        body = text_of(message, part)
        assert "21:00–23:00" in body and "K7M2XQ4P" in body and "Ada Guest" in body
        assert ("T2-1" in body) == (audience == "house")  # the guest is not told: another table alone is no news
        assert ("ноября" in body) == (language == "ru")
    assert (message["List-Unsubscribe"] is not None) == (kind == "reminder")
    assert (message.get_content_type() == "multipart/mixed") == (kind != "reminder")


@pytest.mark.parametrize(
    ("language", "audience", "subject", "said"),
    [
        ("en", "guest", "Your booking stands: ", "Your booking stands"),
        ("en", "house", "Booking K7M2XQ4P stands: ", "was taken back"),
        ("ru", "guest", "Ваша бронь в силе: ", "Ваша бронь в силе"),
        ("ru", "house", "Бронь K7M2XQ4P снова в силе: ", "Отмена этой брони снята"),
    ],
)
def test_a_cancellation_that_was_told_is_taken_back_in_words(
    language: str, audience: str, subject: str, said: str
) -> None:
    due = make_due(audience=audience, language=language, revision=3, booking_revision=3,
                   earlier=(("canceled", True), ("confirmed", True)))  # fmt: skip
    message = read(due, DEFAULT_LANGUAGE=language)
    assert str(message["Subject"]).startswith(subject)
    for part in ("text/plain", "text/html"):
        assert said in text_of(message, part) and "is booked" not in text_of(message, part)
    calendar, event = event_of(message)
    assert calendar["method"] == ("REQUEST" if audience == "guest" else "PUBLISH") and event["SEQUENCE"] == 3


@pytest.mark.parametrize(
    ("language", "audience", "subject", "said", "changed"),
    [
        ("en", "guest", "Your booking stands: ", "Your booking stands: its cancellation was taken back", "has changed"),
        ("en", "house", "Booking K7M2XQ4P stands: ", "was taken back: it stands.", "has changed. It is now:"),
        ("ru", "guest", "Ваша бронь в силе: ", "Ваша бронь в силе: отмена снята", "бронь изменена."),
        ("ru", "house", "Бронь K7M2XQ4P снова в силе: ", "Отмена этой брони снята", "Бронь изменена."),
    ],
)
def test_a_change_says_that_the_booking_stands_where_its_cancellation_was_told(
    language: str, audience: str, subject: str, said: str, changed: str
) -> None:
    """The confirmation between the two has not left, and is stale."""
    earlier = (("confirmed", False), ("canceled", True), ("confirmed", True))
    due = make_due(topic="rescheduled", audience=audience, language=language, earlier=earlier)
    message = read(due, DEFAULT_LANGUAGE=language)
    assert str(message["Subject"]).startswith(subject)
    for part in ("text/plain", "text/html"):
        body = text_of(message, part)
        assert said in body and changed in body
    usual = read(replace(due, earlier=(("confirmed", True), *earlier)), DEFAULT_LANGUAGE=language)
    for part in ("text/plain", "text/html"):
        assert said not in text_of(usual, part) and subject not in str(usual["Subject"])


def test_what_goes_to_an_unverified_address() -> None:
    """It was told of the cancellation, so it is told that the booking stands; of another change it is not."""
    change = make_due(topic="rescheduled", verified=False)
    assert over(replace(change, earlier=(("confirmed", False), ("canceled", True)))) is None
    for earlier in ((("confirmed", True),), (("confirmed", True), ("canceled", True)), (("canceled", False),)):
        said = over(replace(change, earlier=earlier))
        assert said == "unverified: nobody has proved that the address is theirs"


def test_the_calendar_file_is_one_event_for_all_its_life() -> None:
    calendar, first = event_of(read(make_due()))
    _, moved = event_of(read(make_due(topic="rescheduled", revision=2, starts_at=STARTS + timedelta(hours=1))))
    ended, last = event_of(read(make_due(topic="canceled", revision=3)))
    assert first["uid"] == moved["uid"] == last["uid"]
    assert [event["sequence"] for event in (first, moved, last)] == [1, 2, 3]
    assert (calendar["method"], first["status"]) == ("REQUEST", "CONFIRMED")
    assert (ended["method"], last["status"]) == ("CANCEL", "CANCELLED")
    assert first["dtstart"].dt == STARTS and first["dtend"].dt == STARTS + timedelta(hours=2)
    assert moved["dtstart"].dt == STARTS + timedelta(hours=1)
    assert first["description"] == "#K7M2XQ4P" and first["summary"] == "Restaurant: table for 2 guests"
    assert first["attendee"] == "mailto:ada@example.com" and first["organizer"] == "mailto:tables@example.org"


def test_the_house_gets_a_publication_and_no_invitation_to_itself() -> None:
    due = make_due(audience="house", recipient="tables@example.org", table_name="By the; window, " * 9)
    calendar, event = event_of(read(due))
    assert (calendar["method"], event["status"], event.get("attendee")) == ("PUBLISH", "CONFIRMED", None)
    assert event["summary"] == "Ada Guest, 2 guests"
    assert event["description"] == "#K7M2XQ4P, " + ("By the; window, " * 9).strip()
    calendar, event = event_of(read(replace(due, topic="canceled")))
    assert (calendar["method"], event["status"]) == ("PUBLISH", "CANCELLED")


VENUE = {
    "VENUE_NAME": 'Café "Nord"',
    "VENUE_ADDRESS": "Main St 1; Tver",
    "VENUE_PHONE": "+7 123",
    "PUBLIC_URL": "https://hub.example",
}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_mail_says_which_restaurant_it_is_from(language: str) -> None:
    message = read(make_due(language=language), **VENUE)
    assert str(message["Subject"]).endswith('– Café "Nord"')
    [sender] = message["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ('Café "Nord"', "tables@example.org")
    deadline = "24 November 2026, 20:00" if language == "en" else "24 ноября 2026, 20:00"
    for part in ("text/plain", "text/html"):
        body = html.unescape(text_of(message, part))
        for wanted in ('Café "Nord", Main St 1; Tver', "+7 123", "https://hub.example", deadline):
            assert wanted in body, (part, wanted)
    _, event = event_of(message)
    assert event["location"] == 'Café "Nord", Main St 1; Tver'
    assert event["organizer"].params["CN"] == 'Café "Nord"'
    late = text_of(read(make_due(now=STARTS - timedelta(minutes=30)), **VENUE))
    assert "can no longer be changed online" in late and "20:00" not in late


def test_a_venues_mail_has_its_name_and_a_mail_about_an_account_the_senders() -> None:
    """One sender may write for several venues."""
    named = {"MAIL_FROM": "Tables, please <tables@example.org>"}
    [sender] = read(make_due(), **VENUE, **named)["From"].addresses
    assert (sender.display_name, sender.addr_spec) == ('Café "Nord"', "tables@example.org")
    for more, name in ((named, "Tables, please"), ({}, 'Café "Nord"')):
        raw = build_link(
            make_due(topic="verify"), "token", settings=settings(**VENUE, **more), templates=TEMPLATES, now=NOW
        )
        [sender] = parsed(raw)["From"].addresses
        assert (sender.display_name, sender.addr_spec) == (name, "tables@example.org")


@pytest.mark.parametrize("name", ["می\u200cخواهم", "ශ්\u200dරී", "👩\u200d🍳"])
def test_joiners_within_a_name_are_kept(name: str) -> None:
    message = read(make_due(full_name=name))
    assert name in text_of(message) and f"<bdi>{name}</bdi>" in text_of(message, "text/html")


def test_other_invisible_characters_go() -> None:
    assert phrases.one_line("\u202eEve\u200b \u200dB\u200c\x07\u2028C\u00ad") == "Eve B C"


def test_a_message_id_is_the_deliverys_own() -> None:
    due = make_due()
    later = make_due(now=STARTS, status="seated")
    assert read(due)["Message-ID"] == read(later)["Message-ID"] == f"<{identity(due)}@example.org>"
    others = [make_due(id=8), make_due(topic="canceled"), make_due(created_at=STARTS)]
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
    with pytest.raises(MailRefused) as refused:
        read(make_due(recipient=recipient))
    assert refused.value.final


def test_an_address_beyond_ascii() -> None:
    assert read(make_due(recipient="привет@example.com"))["To"] == "привет@example.com"


def test_a_domain_goes_out_in_ascii_everywhere() -> None:
    due = make_due(recipient="kunde@bücher.example")
    raw = build(due, settings=settings(MAIL_FROM="tische@größe.example"), templates=TEMPLATES, now=NOW)
    assert raw.split(b"\r\n\r\n")[0].isascii()
    message = read(due, MAIL_FROM="tische@größe.example")
    assert message["To"] == "kunde@xn--bcher-kva.example"
    assert message["From"].addresses[0].addr_spec == "tische@xn--gre-6ka8i.example"
    assert str(message["Message-ID"]).endswith("@xn--gre-6ka8i.example>")
    _, event = event_of(message)
    assert event["attendee"] == "mailto:kunde@xn--bcher-kva.example"
    assert event["organizer"] == "mailto:tische@xn--gre-6ka8i.example"
    house = build(
        replace(due, audience="house"), settings=settings(MAIL_FROM="t@größe.example"), templates=TEMPLATES, now=NOW
    )
    assert house.split(b"\r\n\r\n")[0].isascii() and "bücher" not in house.decode()


def test_a_domain_that_no_server_can_have_is_refused_for_good() -> None:
    with pytest.raises(MailRefused) as refused:
        read(make_due(recipient="a@b\u0301ücher-\u2603-.example"))
    assert refused.value.final


def test_a_mailto_address_is_escaped() -> None:
    address = "a%b?c#d&e/f@example.com"
    assert mailto(address, "no reminders 12") == "mailto:a%25b%3Fc%23d%26e%2Ff@example.com?subject=no%20reminders%2012"
    _, event = event_of(read(make_due(recipient=address)))
    assert event["attendee"] == "mailto:a%25b%3Fc%23d%26e%2Ff@example.com"


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("topic", ["confirmed", "rescheduled", "reminder"])
def test_guest_manages_the_booking_by_the_link_of_the_mail(topic: str, language: str) -> None:
    message = read(make_due(topic=topic, language=language), PUBLIC_URL="https://tables.example.org")
    link = f"https://tables.example.org/manage#{ManageLinks('k' * 32).make(Link(12, 3))}"
    assert link in text_of(message).split() and f'href="{link}"' in text_of(message, "text/html")


@pytest.mark.parametrize(
    "different", [{"audience": "house"}, {"verified": False}, {"topic": "canceled"}, {"public_url": ""}]
)
def test_nobody_else_gets_a_link(different: dict[str, Any]) -> None:
    """Of a guest whose address nobody has verified, it might be a stranger's; without PUBLIC_URL it leads nowhere."""
    variables = {} if "public_url" in different else {"PUBLIC_URL": "https://tables.example.org"}
    due = make_due(**{name: value for name, value in different.items() if name != "public_url"})
    assert "manage#" not in read(due, **variables).as_string()
