"""How the text of a variable becomes a value, or an error of one line that names the variable.

Each parser takes the text of one variable and returns its value; what it raises, a ValueError, says in its text what is
accepted. Which variables there are is said in hub.config.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from hub.origins import normal_origin

T = TypeVar("T")

SECRET = frozenset(
    {
        "SECRET_KEY", "DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "TASKIQ_BROKER_URL", "SMTP_URL",
        "METRICS_TOKEN",
    }
)  # fmt: skip
"""Variables whose value an error never shows."""


class ConfigError(Exception):
    """A variable that can't be used; the text is one line: the variable, what is wrong, what is accepted."""

    def __init__(self, variable: str, wrong: str, accepted: str) -> None:
        super().__init__(f"{variable}: {wrong}; accepted: {accepted}")
        self.variable = variable


class Reader:
    """The environment over hub.env, read by name; every error names its variable."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ

    def __call__(self, name: str, parse: Callable[[str], T], default: T) -> T:
        raw = self.environ.get(name, "")
        if raw == "":
            return default
        try:
            return parse(raw)
        except ValueError as error:
            shown = "it can't be used" if name in SECRET else f"{raw!r} can't be used"
            shown = getattr(error, "wrong", shown)
            raise ConfigError(name, shown, str(error)) from None


# -- parsers


def url(*schemes: str) -> Callable[[str], str]:
    accepted = ", ".join(f"{s}://host[:port]/…" for s in schemes)

    def parse(text: str) -> str:
        try:
            parts = urlsplit(text)
            ok = parts.scheme in schemes and bool(parts.hostname or "host=" in parts.query) and parts.port != 0
        except ValueError:
            ok = False
        if not ok:
            raise ValueError(accepted)
        return text

    return parse


def whole(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"-?\d{1,12}", text.strip()) or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return parse


def number(low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        if not re.fullmatch(r"\d{1,9}(\.\d{1,6})?", text.strip()) or not low <= float(text) <= high:
            raise ValueError(f"a number from {low} to {high}")
        return float(text)

    return parse


def one_of(*values: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in values:
            raise ValueError(", ".join(values))
        return text

    return parse


def zone(text: str) -> ZoneInfo:
    accepted = "UTC or an IANA name as Area/City"
    if text != "UTC" and ("/" not in text or text not in available_timezones()):
        raise ValueError(accepted)
    return ZoneInfo(text)


def words(text: str) -> frozenset[str]:
    return frozenset(part.strip().lower() for part in text.split(",") if part.strip())


def origins(text: str) -> frozenset[str]:
    try:
        return frozenset(normal_origin(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise ValueError("comma-separated origins as https://host[:port]") from None


def one_origin(text: str) -> str:
    try:
        return normal_origin(text)
    except ValueError:
        raise ValueError("one origin as https://host[:port]") from None


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        raise ValueError("comma-separated addresses or networks as 10.0.0.0/8 or fd00::/8") from None


def minutes(text: str) -> tuple[timedelta, ...]:
    accepted = "comma-separated whole minutes from 1 to 100000, or none"
    found = []
    if text.strip() == "none":
        return ()
    for part in filter(None, (p.strip() for p in text.split(","))):
        if not re.fullmatch(r"\d{1,6}", part) or not 1 <= int(part) <= 100000:
            raise ValueError(accepted)
        found.append(int(part))
    return tuple(timedelta(minutes=m) for m in sorted(set(found), reverse=True))


def email_address(text: str) -> str:
    if not re.fullmatch(r"[^\s@<>,\"]+@[^\s@<>,\"]+", text):
        raise ValueError("one e-mail address")
    return text


def mailbox(text: str) -> tuple[str | None, str]:
    """(name or None, address) of ``book@example.org`` or ``Bistro Nord <book@example.org>``."""
    found = re.fullmatch(r'\s*(?:"([^"<>]*)"|([^"<>]*?))\s*<([^<>]*)>\s*', text)
    name, address = ((found[1] or found[2] or "").strip() or None, found[3]) if found else (None, text)
    if name is not None and not name.isprintable():
        raise ValueError("a name of one line before the <address>")
    try:
        return name, email_address(address)
    except ValueError:
        raise ValueError("one e-mail address, as book@example.org or Bistro <book@example.org>") from None


def any_text(text: str) -> str:
    return text


def first_line_of(name: str) -> str | None:
    """The first line of a file; None when it is empty."""
    try:
        return Path(name).read_text().strip().partition("\n")[0] or None
    except (OSError, UnicodeDecodeError):
        raise ValueError("a readable file of text") from None


def slug(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?", text) or text.isdigit():
        raise ValueError("1 to 32 of a–z, 0–9 and -, with - neither first nor last, and not digits alone")
    return text


def one_line(most: int) -> Callable[[str], str]:
    """One line of text, as it is printed in mails and on pages."""

    def parse(text: str) -> str:
        shown = unicodedata.normalize("NFC", text.strip())
        if not 1 <= len(shown) <= most or any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in shown):
            raise ValueError(f"one line of 1 to {most} characters")
        return shown

    return parse


def country(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", text):
        raise ValueError("two letters (ISO 3166-1), as PT")
    return text.upper()
