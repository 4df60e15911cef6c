"""hub.logs: JSON lines from everybody, and nothing personal in them. Each test sets a process of its own up, because
logging is a process's."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from hub.logs import MASKED, mask
from tests.servers import CHECKOUT, environment

SETUP = """
import logging
from pathlib import Path
from hub import logs
from hub.config import load
environ = {{"DATABASE_URL": "postgresql://h/d", "REDIS_URL": "redis://h", "SECRET_KEY": "k" * 32, {variables}}}
logs.setup(load(environ, data_dir=Path("none")), part="server")
log = logs.get("hub.test")
"""


def output(code: str, **variables: str) -> str:
    """What a process that logs prints."""
    given = ", ".join(f"{name!r}: {value!r}" for name, value in variables.items())
    command = [sys.executable, "-c", SETUP.format(variables=given) + code]
    done = subprocess.run(command, capture_output=True, check=True, env=environment(), cwd=CHECKOUT, text=True)
    assert done.stderr == ""
    return done.stdout


def lines(code: str, **variables: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output(code, **variables).splitlines()]


def test_line_says_when_who_and_what() -> None:
    [line] = lines("log.info('request', status=200, user_id=None)")
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "module": "hub.test", "status": 200, "user_id": None, "event": "request", "level": "info", "part": "server",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["sanic.root", "sanic.error", "tortoise", "taskiq", "asyncio", "anybody.else"])
def test_line_of_a_library_is_json_alike(name: str) -> None:
    [line] = lines(f"logging.getLogger({name!r}).warning('it is %s', 'late')")
    assert line.pop("timestamp").endswith("Z")
    assert line == {"module": name, "event": "it is late", "level": "warning", "part": "server"}


@pytest.mark.parametrize("logger", ["log", "logging.getLogger('sanic.error')"])
def test_traceback_is_one_member_of_one_line(logger: str) -> None:
    code = f"try:\n    1 / 0\nexcept ZeroDivisionError:\n    {logger}.exception('a request failed')"
    [line] = lines(code)
    assert line["level"] == "error"
    assert "ZeroDivisionError" in line["exception"]
    assert "exc_info" not in line


def test_values_that_are_personal_are_masked_whoever_logs_them() -> None:
    given = {name: "Zebulon" for name in sorted(MASKED)}
    [ours] = lines(f"log.warning('said', booking=5, **{given!r})")
    assert {name: ours[name] for name in given} == dict.fromkeys(given, "***")
    assert ours["booking"] == 5
    assert "Zebulon" not in json.dumps(ours)


def test_mask_covers_what_the_contract_calls_secret_or_personal() -> None:
    wanted = {
        "token",
        "password",
        "email",
        "name",
        "full_name",
        "guest_name",
        "phone_number",
        "authorization",
        "secret_key",
    }
    assert wanted <= MASKED
    assert mask(None, "info", {"event": "x", "password": "y", "status": 1}) == {
        "event": "x", "password": "***", "status": 1,
    }  # fmt: skip


def test_value_that_is_no_json_is_written_as_text() -> None:
    code = "import datetime, pathlib; log.info('x', at=datetime.date(2026, 11, 24), path=pathlib.Path('a'), odd={1, 1})"
    [line] = lines(code)
    assert (line["at"], line["path"], line["odd"]) == ("2026-11-24", "a", "{1}")


def test_log_level_is_for_everybody() -> None:
    code = (
        "log.info('a'); log.warning('b'); logging.getLogger('sanic.root').info('c'); logging.getLogger('x').error('d')"
    )
    assert [line["event"] for line in lines(code, LOG_LEVEL="WARNING")] == ["b", "d"]
    assert [line["event"] for line in lines("log.debug('a')", LOG_LEVEL="DEBUG")] == ["a"]


def test_access_lines_and_queries_of_libraries_are_left_out() -> None:
    names = ["sanic.access", "websockets.server", "tortoise.db_client"]
    code = "\n".join(f"logging.getLogger({name!r}).info('said again')" for name in names)
    assert lines(code) == []


def test_console_format_is_for_people() -> None:
    text = output("log.info('request', status=200, password='Zebulon')", LOG_FORMAT="console")
    assert "request" in text and "status" in text
    assert "Zebulon" not in text
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)
