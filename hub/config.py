"""Settings from the environment, read and checked once, and the restaurant's rules made from them.

A new variable belongs here: its name, its default, which parser of hub.variables reads it. A wrong value is a
ConfigError, whose text is the one line that stops the start. Nothing here opens a connection, and no file but
``hub.env``, those of the variables that end in ``_FILE``, and the certificates that a URL names. The table of variables
in docs/operations.md and .env.example name the same ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hub import dsn
from hub.domain.rules import Rules
from hub.domain.venue import LANGUAGES, VenueProfile
from hub.variables import (
    ConfigError,
    Reader,
    any_text,
    country,
    email_address,
    first_line_of,
    mailbox,
    minutes,
    networks,
    number,
    one_line,
    one_of,
    one_origin,
    origins,
    slug,
    url,
    whole,
    words,
    zone,
)  # fmt: skip

OBSOLETE = ("DATABASE_SYNC_URL", "CELERY_RESULT_BACKEND", "CELERY_BROKER_URL")
"""Variables of the service that this one replaces; they have no use here (CELERY_BROKER_URL is TASKIQ_BROKER_URL)."""


@dataclass(frozen=True, slots=True)
class LiveBounds:
    """The bounds of the live channel, per process. 0 means none: no bound, no ping, no warning, no grace."""

    first_frame_seconds: float = 5.0
    first_frame_bytes: int = 8192
    frame_bytes: int = 16384
    messages_per_second: int = 20
    message_burst: int = 60
    flood_seconds: float = 5.0
    subscriptions: int = 50
    sessions_per_user: int = 10
    sessions_per_address: int = 200
    unconnected_per_address: int = 20
    visitors: int = 1000
    sessions: int = 0
    outbound_bytes: int = 262144
    stall_seconds: float = 2.0
    stuck_seconds: float = 10.0
    ping_seconds: float = 25.0
    silence_seconds: float = 35.0
    expiring_seconds: float = 60.0
    grace_seconds: float = 25.0


@dataclass(frozen=True, slots=True)
class HttpBounds:
    """The bounds of HTTP connections, per process. 0 means none. Of each client that makes no progress."""

    connections: int = 10000
    """Beside it the limit of open files holds."""
    connections_per_address: int = 200
    head_seconds: float = 10.0
    """From the connection, or from a later request's first byte, to the end of the request's head."""
    body_seconds: float = 10.0
    """After so many seconds a body must have come at ``body_bytes_per_second`` for the time since."""
    body_bytes_per_second: int = 1024
    unread_seconds: float = 10.0
    """How long an answer may wait without one byte of it being taken."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the whole program was configured with. Made by :func:`load`; passed in wherever it is needed."""

    database_url: str
    redis_url: str
    secret_key: str
    rules: Rules
    data_dir: Path
    migration_database_url: str = ""
    """The owner's way to the same database; DATABASE_URL where there is no other."""
    prepared_statements: bool = True
    """Whether statements may stay prepared on a connection: not behind a pooler that swaps connections."""
    jwt_expire: timedelta = timedelta(minutes=60)
    session_length: timedelta = timedelta(hours=16)
    admin_emails: frozenset[str] = frozenset()
    waiting_writers: int = 64
    """Changes of one day that may wait for their turn in one process. Of this bound and the next nine, 0 is none."""
    waiting_writers_per_user: int = 32
    views_most: int = 2000
    """Service days and floors that one process holds in memory while nobody watches them."""
    events_days: int = 400
    """For so many days events are kept: from when they were written, and from their service day."""
    login_failures_per_address: int = 100
    """Failed log-ins of one address in an hour."""
    registrations_per_address: int = 30
    """In an hour."""
    holds_per_address: int = 20
    """Holds that the guests of one address may make in five minutes, in which each of them ends: they share a network
    at home, or a mobile carrier's."""
    holds_without_booking: int = 10
    """Holds that one account, and the guests of one address, may make in a day until one of them becomes a booking."""
    exports_per_user: int = 6
    """Of all that is kept of an account, in an hour."""
    bookings_per_user: int = 20
    """Bookings ahead."""
    overlapping_per_user: int = 3
    """Bookings of one user at one time."""
    cache_ttl: timedelta = timedelta(seconds=120)
    first_tables: tuple[tuple[int, int], ...] = ((2, 7), (3, 6), (6, 3))
    """(seats, how many), in the order in which the first floor plan's tables get their ids."""
    log_level: str = "INFO"
    log_format: str = "json"
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    public_url: str | None = None
    allowed_origins: frozenset[str] = frozenset()
    """Origins as browsers write them."""
    proxies_count: int = 0
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    broker_url: str = ""
    smtp_url: str | None = None
    mail_from: str = "hub@localhost"
    """The sender's address alone."""
    mail_from_name: str | None = None
    """The name beside it, in mails about accounts; without one the first venue's. A venue's own mails have its name."""
    mail_dir: Path = Path("mail")
    host_email: str | None = None
    reminders: tuple[timedelta, ...] = (timedelta(minutes=1440), timedelta(minutes=120))
    default_language: str = "en"
    venue: VenueProfile = field(default_factory=VenueProfile)
    live: LiveBounds = field(default_factory=LiveBounds)
    http: HttpBounds = field(default_factory=HttpBounds)
    metrics_token: str | None = None
    worker_metrics_host: str = "127.0.0.1"
    worker_metrics_port: int = 9101
    obsolete: tuple[str, ...] = ()
    given: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    """The names of all variables that are set, also of those that are not the hub's."""


def _variables(prefix: str, bounds: type[Any]) -> dict[str, tuple[str, Callable[[str], Any]]]:
    """Each bound's variable, with the bound's name and what reads it."""
    return {
        f"{prefix}_{f.name.upper()}": (f.name, whole(0, 10**9) if f.type == "int" else number(0, 10**6))
        for f in fields(bounds)
    }


LIVE_VARIABLES = _variables("LIVE", LiveBounds)
HTTP_VARIABLES = _variables("HTTP", HttpBounds)


def read_env_file(path: Path) -> dict[str, str]:
    """The KEY=VALUE lines of a hub.env, unquoted; blank lines and # comments are passed over. No file: nothing."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {name.strip(): value.strip() for name, value in pairs}


def read_secret_key(read: Mapping[str, str]) -> str:
    """SECRET_KEY, or the content of SECRET_KEY_FILE, or "" when neither is set; ConfigError when it is too short."""
    key, source = read.get("SECRET_KEY", ""), "SECRET_KEY"
    if not key and read.get("SECRET_KEY_FILE"):
        source = "SECRET_KEY_FILE"
        try:
            key = Path(read["SECRET_KEY_FILE"]).read_text().strip()
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise ConfigError(source, f"the file can't be read ({error.strerror})", "a readable file") from None
    if key and len(key.encode()) < 32:
        raise ConfigError(source, f"the key has {len(key.encode())} bytes", "at least 32 bytes")
    return key


def load(
    environ: Mapping[str, str] | None = None,
    *,
    data_dir: Path = Path(".hub"),
    need: tuple[str, ...] = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"),
    without: Collection[str] = (),
) -> Settings:
    """Read every variable from ``environ`` (the process's by default) over ``data_dir``/hub.env, and check it.

    ``need`` names those of DATABASE_URL, REDIS_URL and SECRET_KEY that may not be missing; what ``without`` names is
    read as if it were not set. Raises ConfigError with the first variable that is wrong.
    """
    own = dict(os.environ if environ is None else environ)
    try:
        kept = read_env_file(data_dir / "hub.env")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigError(
            "--data-dir", f"hub.env can't be read ({why})", "a folder whose hub.env can be read"
        ) from None
    read = kept | {k: v for k, v in own.items() if v != ""}
    for name in without:
        read.pop(name, None)
    if own.get("DATABASE_URL") and not own.get("MIGRATION_DATABASE_URL"):
        read.pop("MIGRATION_DATABASE_URL", None)  # hub.env's leads to another database than the environment's
    get = Reader(read)
    opens, closes = get("WORKDAY_START_HOUR", whole(0, 23), 12), get("WORKDAY_END_HOUR", whole(1, 47), 22)
    if not opens < closes <= opens + 24:
        raise ConfigError(
            "WORKDAY_END_HOUR", f"{closes} does not fit WORKDAY_START_HOUR={opens}", "start + 1 … start + 24"
        )
    slot = get("BOOKING_SLOT_HOURS", number(0.25, 24), 2.0)
    rules = Rules(
        zone=get("RESTAURANT_TIMEZONE", zone, ZoneInfo("UTC")),
        opens=timedelta(hours=opens),
        closes=timedelta(hours=closes),
        slot=timedelta(minutes=round(slot * 60)),
        cancel_deadline=timedelta(minutes=get("CANCEL_DEADLINE_MINUTES", whole(0, 100000), 60)),
        days_ahead=get("BOOKING_DAYS_AHEAD", whole(1, 3650), 400),
        oversize=get("TABLE_OVERSIZE", whole(0, 20), None),
    )
    if rules.slot > rules.closes - rules.opens:
        raise ConfigError(
            "BOOKING_SLOT_HOURS", f"{slot:g} is longer than the opening hours", "0.25 … the hours of a day"
        )
    redis_password = get("REDIS_PASSWORD_FILE", first_line_of, None)
    metrics_token = get("METRICS_TOKEN_FILE", first_line_of, None)
    live = {name: get(key, parse, None) for key, (name, parse) in LIVE_VARIABLES.items()}
    http = {name: get(key, parse, None) for key, (name, parse) in HTTP_VARIABLES.items()}
    redis_url = dsn.with_password(get("REDIS_URL", dsn.redis_url, ""), redis_password)
    get("JWT_ALGORITHM", one_of("HS256"), "HS256")
    public_url = get("PUBLIC_URL", one_origin, None)
    language = get("DEFAULT_LANGUAGE", one_of(*LANGUAGES), "en")
    unnamed: tuple[str | None, str] = (None, "hub@localhost")
    mail_from_name, mail_from = get("MAIL_FROM", mailbox, unnamed)
    database_url = get("DATABASE_URL", dsn.database_url, "")
    settings = Settings(
        database_url=database_url,
        migration_database_url=get("MIGRATION_DATABASE_URL", dsn.database_url, database_url),
        prepared_statements=get("DATABASE_PREPARED_STATEMENTS", one_of("on", "off"), "on") == "on",
        redis_url=redis_url,
        secret_key=read_secret_key(read),
        rules=rules,
        data_dir=data_dir,
        jwt_expire=timedelta(minutes=get("JWT_EXPIRE_MINUTES", whole(1, 1440), 60)),
        session_length=timedelta(hours=get("SESSION_HOURS", whole(1, 720), 16)),
        admin_emails=get("ADMIN_EMAILS", words, frozenset()),
        waiting_writers=get("WAITING_WRITERS", whole(0, 10**6), 64),
        waiting_writers_per_user=get("WAITING_WRITERS_PER_USER", whole(0, 10**6), 32),
        views_most=get("VIEWS_MOST", whole(0, 10**6), 2000),
        events_days=get("EVENTS_DAYS", whole(0, 36500), 400),
        login_failures_per_address=get("LOGIN_FAILURES_PER_ADDRESS", whole(0, 10**6), 100),
        registrations_per_address=get("REGISTRATIONS_PER_ADDRESS", whole(0, 10**6), 30),
        holds_per_address=get("HOLDS_PER_ADDRESS", whole(0, 10**6), 20),
        holds_without_booking=get("HOLDS_WITHOUT_BOOKING", whole(0, 10**6), 10),
        exports_per_user=get("EXPORTS_PER_USER", whole(0, 10**6), 6),
        bookings_per_user=get("BOOKINGS_PER_USER", whole(0, 10**6), 20),
        overlapping_per_user=get("OVERLAPPING_PER_USER", whole(0, 10**6), 3),
        cache_ttl=timedelta(seconds=get("CACHE_TTL_SECONDS", whole(1, 86400), 120)),
        first_tables=tuple(
            (seats, get(f"TABLES_FOR_{seats}", whole(0, 500), count)) for seats, count in ((2, 7), (3, 6), (6, 3))
        ),
        log_level=get("LOG_LEVEL", one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
        log_format=get("LOG_FORMAT", one_of("json", "console"), "json"),
        host=get("HOST", any_text, "127.0.0.1"),
        port=get("PORT", whole(1, 65535), 8000),
        workers=get("WORKERS", whole(1, 64), len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2),
        public_url=public_url,
        allowed_origins=get("ALLOWED_ORIGINS", origins, frozenset()),
        proxies_count=get("PROXIES_COUNT", whole(0, 16), 0),
        trusted_proxies=get("TRUSTED_PROXIES", networks, ()),
        broker_url=get("TASKIQ_BROKER_URL", dsn.redis_url, redis_url),
        smtp_url=get("SMTP_URL", url("smtp", "smtps"), None),
        mail_from=mail_from,
        mail_from_name=mail_from_name,
        mail_dir=get("MAIL_DIR", Path, data_dir / "mail"),
        host_email=get("HOST_EMAIL", email_address, None),
        reminders=get("REMINDER_MINUTES", minutes, (timedelta(minutes=1440), timedelta(minutes=120))),
        default_language=language,
        venue=VenueProfile(
            slug=get("VENUE_SLUG", slug, "main"),
            name=get("VENUE_NAME", one_line(80), "Restaurant"),
            address=get("VENUE_ADDRESS", one_line(255), None),
            phone=get("VENUE_PHONE", one_line(32), None),
            country=get("VENUE_COUNTRY", country, None),
            language=language,
            website=public_url,
        ),
        live=LiveBounds(**{name: value for name, value in live.items() if value is not None}),
        http=HttpBounds(**{name: value for name, value in http.items() if value is not None}),
        metrics_token=get("METRICS_TOKEN", any_text, metrics_token),
        worker_metrics_host=get("WORKER_METRICS_HOST", any_text, "127.0.0.1"),
        worker_metrics_port=get("WORKER_METRICS_PORT", whole(1, 65535), 9101),
        obsolete=tuple(name for name in OBSOLETE if read.get(name)),
        given=frozenset(read),
    )
    present = {"DATABASE_URL": settings.database_url, "REDIS_URL": redis_url, "SECRET_KEY": settings.secret_key}
    for name in need:
        if not present[name]:
            raise ConfigError(name, "it is not set", f"a value in the environment or in {data_dir / 'hub.env'}")
    return settings
