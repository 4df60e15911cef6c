"""hub.process.doctor without servers: settings that are wrong, and what the machine gives."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hub.config import Settings, load
from hub.process import doctor
from hub.process.doctor import read_settings
from hub.process.doctor.findings import NOTE, WELL, WRONG, Finding

GIVEN = {"DATABASE_URL": "postgresql://h/d", "REDIS_URL": "redis://h", "SECRET_KEY": "k" * 32}


def told(findings: list[Finding], mark: str) -> list[str]:
    return [finding.text for finding in findings if finding.mark == mark]


def test_settings_that_can_be_used_are_one_line(tmp_path: Path) -> None:
    settings, findings = read_settings(GIVEN | {"PORT": "8123"}, tmp_path)
    assert settings.port == 8123
    assert findings == [Finding(WELL, "every variable that is set can be used")]


def test_each_wrong_variable_is_a_line_and_the_rest_is_used(tmp_path: Path) -> None:
    given = {"PORT": "0", "LOG_LEVEL": "LOUD", "REDIS_URL": "http://Zebulon", "WORKERS": "3", "SECRET_KEY": "Zebulon"}
    settings, findings = read_settings(GIVEN | given, tmp_path)
    assert [text.split(":")[0] for text in told(findings, WRONG)] == ["REDIS_URL", "SECRET_KEY", "LOG_LEVEL", "PORT"]
    assert told(findings, WELL) == []
    assert (settings.workers, settings.port, settings.log_level) == (3, 8000, "INFO")
    assert "Zebulon" not in str(findings)


def test_what_is_missing_is_a_line_each(tmp_path: Path) -> None:
    _, findings = read_settings({}, tmp_path)
    assert [text.split(":")[0] for text in told(findings, WRONG)] == ["DATABASE_URL", "REDIS_URL", "SECRET_KEY"]


@pytest.mark.parametrize(
    "hours",
    [
        {"WORKDAY_START_HOUR": "23"},
        {"WORKDAY_START_HOUR": "23", "WORKDAY_END_HOUR": "20"},
        {"WORKDAY_START_HOUR": "21", "BOOKING_SLOT_HOURS": "24"},
        {"WORKDAY_START_HOUR": "x", "WORKDAY_END_HOUR": "3", "BOOKING_SLOT_HOURS": "99"},
    ],
)
def test_hours_that_fit_nothing_are_told_and_stop_nothing(hours: dict[str, str], tmp_path: Path) -> None:
    settings, findings = read_settings(GIVEN | hours | {"PORT": "0"}, tmp_path)
    assert told(findings, WRONG)[-1].startswith("PORT")
    assert len(told(findings, WRONG)) >= 2
    assert settings.rules.opens < settings.rules.closes


def test_obsolete_variable_is_only_noted(tmp_path: Path) -> None:
    _, findings = read_settings(GIVEN | {"CELERY_BROKER_URL": "redis://h"}, tmp_path)
    assert [finding.mark for finding in findings] == [WELL, NOTE]
    assert told(findings, NOTE) == ["CELERY_BROKER_URL has no use here and is ignored: remove it"]


def test_hub_env_that_can_not_be_read_is_a_line(tmp_path: Path) -> None:
    (tmp_path / "hub.env").write_bytes(b"PORT=\xff\xfe")
    assert "hub.env can't be read (UnicodeDecodeError" in told(read_settings(GIVEN, tmp_path)[1], WRONG)[0]
    (tmp_path / "hub.env").unlink()
    (tmp_path / "hub.env").mkdir()
    settings, findings = read_settings(GIVEN | {"PORT": "8123"}, tmp_path)
    assert "hub.env can't be read (IsADirectoryError" in told(findings, WRONG)[0]
    assert settings.port == 8123


@pytest.mark.parametrize("content", [b"\xff" * 40, None])
def test_key_file_that_can_not_be_read_is_a_line(content: bytes | None, tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_bytes(content) if content else key.mkdir()
    given = {"SECRET_KEY": "", "SECRET_KEY_FILE": str(key), "PORT": "0"}
    [file, *others] = told(read_settings(GIVEN | given, tmp_path)[1], WRONG)
    assert file.startswith("SECRET_KEY_FILE")
    assert others[-1].startswith("PORT")


@pytest.fixture
def few_files() -> Iterator[None]:
    """This process may open no more than 1,000 files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1000, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def settings_with(tmp_path: Path, **variables: str) -> Settings:
    return load(GIVEN | variables, data_dir=tmp_path)


@pytest.mark.parametrize(("sessions", "mark"), [("0", NOTE), ("700", WELL), ("745", WRONG), ("5000", WRONG)])
async def test_open_files_are_judged_by_the_bound_of_sessions(
    few_files: None, tmp_path: Path, sessions: str, mark: str
) -> None:
    [finding] = await doctor.check_open_files(settings_with(tmp_path, LIVE_SESSIONS=sessions))
    assert finding.mark == mark
    assert "1000 open files" in finding.text
    assert mark == WELL or "LimitNOFILE=" in finding.text


async def test_time_zone_is_told_with_its_offset_and_where_it_is_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_with(tmp_path, RESTAURANT_TIMEZONE="Asia/Kathmandu")
    assert settings.rules.zone == ZoneInfo("Asia/Kathmandu")
    monkeypatch.setattr("zoneinfo.TZPATH", ())
    [finding] = await doctor.check_time_zones(settings)
    assert finding.mark == WELL
    assert "in Asia/Kathmandu it is" in finding.text and "(+0545)" in finding.text
    (tmp_path / "tzdata.zi").write_text("# version 1999a\n# more\n")
    monkeypatch.setattr("zoneinfo.TZPATH", ("/nowhere", str(tmp_path)))
    [finding] = await doctor.check_time_zones(settings)
    assert finding.mark == NOTE
    assert "1999a of the system" in finding.text and "upgrade the system's tzdata" in finding.text
