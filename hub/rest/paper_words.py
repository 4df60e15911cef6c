"""The words of the printed day, in each language: those that the stand's own sheet has too, what it never says, and
what a browser knows by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

import orjson

Clock: TypeAlias = Literal["12", "24"]
TWELVE_HOURS = frozenset("AU BB BS CA IN JM MY NZ PH PK SG TT US".split())
"""Where those who speak English count the hours from one to twelve twice, as browsers have it."""
FOLDER = Path(__file__).parent.parent / "web" / "print"
OWN: dict[str, dict[str, Any]] = {
    "en": {
        "day": "{weekday} {day} {month} {year}",
        "weekdays": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        "months": "January February March April May June July August September October November December",
        "what": {"new": "new", "gone": "gone", "changed": "changed", "waiting": "waits", "ready": "told: table ready"},
        "here": "here",
        "waits": "waits",
        "waits_no_more": "waits no more",
        "closed": "closed",
        "opened": "open again",
        "dietary": "Allergy or diet",
        "access": "Access",
        "walk_in": "Walk-in",
    },
    "ru": {
        "day": "{weekday}, {day} {month} {year} г.",
        "weekdays": "понедельник вторник среда четверг пятница суббота воскресенье",
        "months": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
        "what": {
            "new": "новая", "gone": "снята", "changed": "изменена", "waiting": "ждут", "ready": "сказано: стол готов",
        },
        "here": "здесь",
        "waits": "ждут",
        "waits_no_more": "больше не ждут",
        "closed": "закрыт",
        "opened": "снова открыт",
        "dietary": "Аллергия или диета",
        "access": "Доступность",
        "walk_in": "Без брони",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PaperWords:
    """``plain`` stand as they are, ``filled`` have names in braces; ``states`` and ``needs`` are by their codes."""

    plain: dict[str, str]
    filled: dict[str, str]
    states: dict[str, str]
    needs: dict[str, str]
    own: dict[str, Any]

    def what(self, code: str) -> str:
        """Of a change: new, gone, changed, or the status that a party got."""
        own = {**self.own["what"], "here": self.own["here"]}
        return str(own.get(code) or self.states[code])

    def day(self, day: date) -> str:
        weekday, month = self.own["weekdays"].split()[day.weekday()], self.own["months"].split()[day.month - 1]
        text: str = self.own["day"].format(weekday=weekday, day=day.day, month=month, year=day.year)
        return text


@cache
def words_in(language: str) -> PaperWords:
    """Read when they are first needed: most processes never print."""
    shared = orjson.loads((FOLDER / f"{language}.json").read_bytes())
    return PaperWords(**shared, own=OWN[language])


def clock_of(language: str, country: str | None) -> Clock:
    """The clock of a venue, for who has named none."""
    return "12" if language == "en" and country in TWELVE_HOURS else "24"


def time_text(local: datetime, clock: Clock, *, seconds: bool = False) -> str:
    """``19:30``, or ``7:30 PM``, of a wall time."""
    rest = f"{local:%M:%S}" if seconds else f"{local:%M}"
    if clock == "24":
        return f"{local:%H}:{rest}"
    return f"{local.hour % 12 or 12}:{rest}\N{NARROW NO-BREAK SPACE}{'AM' if local.hour < 12 else 'PM'}"
