"""Dates, counts and subject lines in the languages of the mails. Pure; the sentences of a mail are its templates."""

from __future__ import annotations

import unicodedata
from datetime import datetime

MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split(),
}
WEEKDAYS = {
    "en": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(),
    "ru": "понедельник вторник среда четверг пятница суббота воскресенье".split(),
}
SUBJECTS = {
    ("en", "guest"): {
        "confirmed": "Your table is booked: {when}",
        "stands": "Your booking stands: {when}",
        "rescheduled": "Your booking has changed: {when}",
        "canceled": "Your booking is canceled: {when}",
        "reminder": "Reminder: your table on {when}",
    },
    ("ru", "guest"): {
        "confirmed": "Столик забронирован: {when}",
        "stands": "Ваша бронь в силе: {when}",
        "rescheduled": "Бронь изменена: {when}",
        "canceled": "Бронь отменена: {when}",
        "reminder": "Напоминание: ваш столик, {when}",
    },
    ("en", "house"): {
        "confirmed": "New booking {number}: {when}",
        "stands": "Booking {number} stands: {when}",
        "rescheduled": "Booking {number} has changed: {when}",
        "canceled": "Booking {number} is canceled: {when}",
    },
    ("ru", "house"): {
        "confirmed": "Новая бронь {number}: {when}",
        "stands": "Бронь {number} снова в силе: {when}",
        "rescheduled": "Бронь {number} изменена: {when}",
        "canceled": "Бронь {number} отменена: {when}",
    },
}
SUMMARIES = {"en": "{venue}: table for {guests}", "ru": "{venue}: столик, {guests}"}
"""What a calendar shows of a booking to the guest; the house sees who comes."""
JOINERS = "\u200c\u200d"
"""ZWNJ and ZWJ: they are part of words in Persian and Sinhala, and hold an emoji of several together."""


def day(local: datetime, language: str) -> str:
    """``Tuesday, 24 November 2026`` of a wall time."""
    month, weekday = MONTHS[language][local.month - 1], WEEKDAYS[language][local.weekday()]
    return f"{weekday}, {local.day} {month} {local.year}"


def clock(local: datetime) -> str:
    return f"{local:%H:%M}"


def guests(count: int, language: str) -> str:
    """``2 guests``; in Russian with the form that the number asks for."""
    if language == "ru":
        if count % 10 == 1 and count % 100 != 11:
            return f"{count} гость"
        few = 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14
        return f"{count} гостя" if few else f"{count} гостей"
    return f"{count} guest" if count == 1 else f"{count} guests"


def subject(kind: str, audience: str, language: str, *, local: datetime, number: str, venue: str) -> str:
    """A subject line: numbers, our own words and the venue's name, never what a guest typed."""
    month = MONTHS[language][local.month - 1]
    when = f"{local.day} {month} {local.year}, {clock(local)}"
    return f"{SUBJECTS[language, audience][kind].format(when=when, number=number)} – {venue}"


def one_line(text: str) -> str:
    """What somebody typed, fit for the body of a mail: one line, nothing that does not print.

    Joiners within a word stay; other invisible characters go, controls and line ends become spaces.
    """
    kept = []
    for at, character in enumerate(text):
        if character.isprintable():
            kept.append(character)
        elif character in JOINERS:
            beside = text[at - 1 : at], text[at + 1 : at + 2]
            kept.append(character if all(c.isprintable() and c.strip() for c in beside) else "")
        else:
            kept.append("" if unicodedata.category(character) == "Cf" else " ")
    return " ".join("".join(kept).split())
