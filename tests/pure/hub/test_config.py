"""hub.config: what each variable accepts, and the one line that stops a start."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub import config
from hub.domain.rules import Rules
from hub.variables import SECRET, ConfigError

NEEDED = {"DATABASE_URL": "postgresql://hub:pw@db/hub", "REDIS_URL": "redis://cache:6379/0", "SECRET_KEY": "k" * 32}


def load(tmp_path: Path, **variables: str) -> config.Settings:
    return config.load(NEEDED | variables, data_dir=tmp_path)


def refusal(tmp_path: Path, **variables: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, **variables)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(f"{caught.value.variable}: ")
    assert "; accepted: " in text
    return text


def test_defaults(tmp_path):
    settings = load(tmp_path)
    assert settings.rules == Rules(
        zone=ZoneInfo("UTC"),
        opens=timedelta(hours=12),
        closes=timedelta(hours=22),
        slot=timedelta(hours=2),
        cancel_deadline=timedelta(hours=1),
        days_ahead=400,
        days_back=30,
    )
    assert settings.first_tables == ((2, 7), (3, 6), (6, 3))
    assert (settings.host, settings.port, settings.log_level, settings.log_format) == (
        "127.0.0.1",
        8000,
        "INFO",
        "json",
    )
    assert settings.jwt_expire == timedelta(minutes=60)
    assert settings.session_length == timedelta(hours=16)
    assert settings.cache_ttl == timedelta(seconds=120)
    assert settings.broker_url == NEEDED["REDIS_URL"]
    assert settings.mail_dir == tmp_path / "mail"
    assert settings.reminders == (timedelta(days=1), timedelta(hours=2))
    assert settings.live == config.LiveBounds()
    assert settings.obsolete == ()


def test_bounds_are_shipped_as_they_are_promised(tmp_path):
    """Whoever says nothing of them is protected by them."""
    settings = load(tmp_path)
    http, live = settings.http, settings.live
    assert (http.head_seconds, http.body_seconds, http.body_bytes_per_second, http.unread_seconds) == (10, 10, 1024, 10)
    assert (http.connections, http.connections_per_address) == (10_000, 200)
    assert (settings.waiting_writers, settings.waiting_writers_per_user) == (64, 32)
    assert (settings.login_failures_per_address, settings.registrations_per_address) == (100, 30)
    assert (settings.bookings_per_user, settings.overlapping_per_user) == (20, 3)
    assert (live.first_frame_seconds, live.first_frame_bytes, live.frame_bytes) == (5, 8192, 16384)
    assert (live.messages_per_second, live.message_burst, live.flood_seconds) == (20, 60, 5)
    assert (live.subscriptions, live.sessions_per_user, live.sessions_per_address) == (50, 10, 200)
    assert (live.unconnected_per_address, live.visitors, live.sessions) == (20, 1000, 0)
    assert (live.outbound_bytes, live.stall_seconds, live.stuck_seconds) == (262_144, 2, 10)
    assert (live.ping_seconds, live.silence_seconds) == (25, 35)
    assert (live.expiring_seconds, live.grace_seconds) == (60, 25)


def test_an_empty_value_is_the_default(tmp_path):
    assert load(tmp_path, PORT="", LOG_LEVEL="", TABLES_FOR_2="", REMINDER_MINUTES="") == load(tmp_path)


def test_every_live_bound_has_a_variable(tmp_path):
    settings = load(tmp_path, LIVE_SESSIONS="0", LIVE_STALL_SECONDS="0.5", LIVE_SUBSCRIPTIONS="7")
    assert (settings.live.sessions, settings.live.stall_seconds, settings.live.subscriptions) == (0, 0.5, 7)
    assert len(config.LIVE_VARIABLES) == len(config.LiveBounds.__dataclass_fields__)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db/hub"),
        ("DATABASE_URL", "hub"),
        ("REDIS_URL", "http://cache"),
        ("TASKIQ_BROKER_URL", "amqp://broker"),
        ("JWT_ALGORITHM", "none"),
        ("JWT_ALGORITHM", "RS256"),
        ("JWT_EXPIRE_MINUTES", "0"),
        ("JWT_EXPIRE_MINUTES", "1441"),
        ("SESSION_HOURS", "721"),
        ("CACHE_TTL_SECONDS", "0"),
        ("BOOKING_SLOT_HOURS", "0"),
        ("BOOKING_SLOT_HOURS", "nan"),
        ("BOOKING_SLOT_HOURS", "11"),
        ("CANCEL_DEADLINE_MINUTES", "-1"),
        ("CANCEL_DEADLINE_MINUTES", "1e3"),
        ("BOOKING_DAYS_AHEAD", "0"),
        ("WORKDAY_START_HOUR", "24"),
        ("WORKDAY_END_HOUR", "12"),
        ("WORKDAY_END_HOUR", "37"),
        ("RESTAURANT_TIMEZONE", "Moscow"),
        ("RESTAURANT_TIMEZONE", "EST"),
        ("RESTAURANT_TIMEZONE", "../etc/passwd"),
        ("TABLES_FOR_2", "-1"),
        ("LOG_LEVEL", "info"),
        ("LOG_FORMAT", "xml"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eight"),
        ("WORKERS", "0"),
        ("PUBLIC_URL", "example.com"),
        ("ALLOWED_ORIGINS", "https://a.example, b.example"),
        ("ALLOWED_ORIGINS", "https://a.example/path"),
        ("PUBLIC_URL", "https://a.example:0"),
        ("PROXIES_COUNT", "-1"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "proxy.internal"),
        ("SMTP_URL", "mail.example"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", "Bistro <nobody>"),
        ("MAIL_FROM", "Bistro\tNord <a@b.example>"),
        ("MAIL_FROM", "<a@b.example> Bistro"),
        ("HOST_EMAIL", "a@b, c@d"),
        ("REMINDER_MINUTES", "60,soon"),
        ("REMINDER_MINUTES", "0"),
        ("DEFAULT_LANGUAGE", "de"),
        ("LIVE_SESSIONS", "-1"),
        ("LIVE_STALL_SECONDS", "long"),
        ("WORKER_METRICS_PORT", "70000"),
    ],
)
def test_a_wrong_value_is_one_line_that_names_its_variable(tmp_path, name, value):
    assert refusal(tmp_path, **{name: value}).startswith(f"{name}: ")


@pytest.mark.parametrize("name", sorted(SECRET - {"SECRET_KEY", "METRICS_TOKEN"}))
def test_an_error_never_shows_a_secret(tmp_path, name):
    assert "hunter2" not in refusal(tmp_path, **{name: "nonsense://user:hunter2@[host"})


def test_origins_are_kept_as_browsers_write_them(tmp_path):
    settings = load(
        tmp_path, PUBLIC_URL="https://Hub.Example:443/", ALLOWED_ORIGINS="HTTPS://A.example:443, http://b:80"
    )
    assert settings.public_url == "https://hub.example"
    assert settings.allowed_origins == {"https://a.example", "http://b"}


def test_a_short_key_is_refused_without_showing_it(tmp_path):
    text = refusal(tmp_path, SECRET_KEY="short-and-secret")
    assert "16 bytes" in text
    assert "short-and-secret" not in text


def test_the_key_counts_in_bytes(tmp_path):
    assert load(tmp_path, SECRET_KEY="й" * 16).secret_key == "й" * 16


def test_the_key_may_stand_in_a_file(tmp_path):
    (tmp_path / "key").write_text("f" * 40 + "\n")
    assert load(tmp_path, SECRET_KEY="", SECRET_KEY_FILE=str(tmp_path / "key")).secret_key == "f" * 40
    (tmp_path / "key").write_text("f" * 31)
    assert "SECRET_KEY_FILE" in refusal(tmp_path, SECRET_KEY="", SECRET_KEY_FILE=str(tmp_path / "key"))
    assert "SECRET_KEY_FILE" in refusal(tmp_path, SECRET_KEY="", SECRET_KEY_FILE=str(tmp_path))


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_what_is_needed_and_missing_is_named(tmp_path, name):
    assert "not set" in refusal(tmp_path, **{name: ""})
    assert config.load(NEEDED | {name: ""}, data_dir=tmp_path, need=())


def test_hub_env_stands_beneath_the_environment(tmp_path):
    (tmp_path / "hub.env").write_text("# a comment\n\nPORT=9000\nLOG_LEVEL = DEBUG\nSECRET_KEY=" + "e" * 40 + "\n")
    settings = config.load({k: v for k, v in NEEDED.items() if k != "SECRET_KEY"} | {"PORT": "9001"}, data_dir=tmp_path)
    assert (settings.port, settings.log_level, settings.secret_key) == (9001, "DEBUG", "e" * 40)


def test_a_value_of_hub_env_may_hold_an_equals_sign(tmp_path):
    (tmp_path / "hub.env").write_text("DATABASE_URL=postgresql://u@h/d?sslmode=require\n")
    assert config.read_env_file(tmp_path / "hub.env") == {"DATABASE_URL": "postgresql://u@h/d?sslmode=require"}


def test_the_form_of_the_service_before_is_understood(tmp_path):
    assert load(tmp_path, DATABASE_URL="postgresql+asyncpg://u:p@h/d").database_url == "postgresql://u:p@h/d"


def test_obsolete_variables_are_named_and_do_nothing(tmp_path):
    settings = load(tmp_path, DATABASE_SYNC_URL="x", CELERY_RESULT_BACKEND="y", CELERY_BROKER_URL="z")
    assert set(settings.obsolete) == set(config.OBSOLETE)


@pytest.mark.parametrize(
    ("opens", "closes", "hours"), [("0", "24", 24), ("23", "47", 24), ("18", "26", 8), ("12", "22", 10)]
)
def test_a_day_may_end_after_midnight(tmp_path, opens, closes, hours):
    rules = load(tmp_path, WORKDAY_START_HOUR=opens, WORKDAY_END_HOUR=closes).rules
    assert rules.closes - rules.opens == timedelta(hours=hours)


def test_a_slot_may_be_a_part_of_an_hour(tmp_path):
    assert load(tmp_path, BOOKING_SLOT_HOURS="1.5").rules.slot == timedelta(minutes=90)


def test_lists_are_trimmed_lowered_and_sorted(tmp_path):
    assert load(tmp_path, REMINDER_MINUTES="none").reminders == ()
    settings = load(tmp_path, ADMIN_EMAILS=" A@x.example ,b@X.example,", REMINDER_MINUTES="30, 120,30")
    assert settings.admin_emails == {"a@x.example", "b@x.example"}
    assert settings.reminders == (timedelta(minutes=120), timedelta(minutes=30))


def test_env_file_that_can_not_be_read_is_said_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"--data-dir: hub\.env can't be read \(Not a directory\)"):
        config.load({}, data_dir=tmp_path / "file")
    (tmp_path / "hub.env").write_bytes(b"SECRET_KEY=\xff")
    with pytest.raises(ConfigError, match=r"not text"):
        config.load({}, data_dir=tmp_path)
