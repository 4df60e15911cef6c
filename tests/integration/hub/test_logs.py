"""hub.logs: JSON lines from everybody, and nothing personal in them. Each test sets a process of its own up, because
logging is a process's."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from hub.logs import MASKED, mask, mask_texts
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


def output(code: str, *, ends: int = 0, **variables: str) -> str:
    """What a process that logs prints; it ``ends`` with this code."""
    given = ", ".join(f"{name!r}: {value!r}" for name, value in variables.items())
    command = [sys.executable, "-c", SETUP.format(variables=given) + code]
    done = subprocess.run(command, capture_output=True, check=False, env=environment(), cwd=CHECKOUT, text=True)
    assert (done.returncode, done.stderr) == (ends, "")
    return done.stdout


def lines(code: str, *, ends: int = 0, **variables: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output(code, ends=ends, **variables).splitlines()]


def test_line_says_when_who_and_what() -> None:
    [line] = lines("log.info('request', status=200, user_id=None)")
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "module": "hub.test", "status": 200, "user_id": None, "event": "request", "level": "info", "part": "server",
    }  # fmt: skip


def test_line_of_a_library_is_json_alike() -> None:
    names = ["sanic.root", "sanic.error", "tortoise", "taskiq", "asyncio", "anybody.else"]
    told = lines("\n".join(f"logging.getLogger({name!r}).warning('it is %s', 'late')" for name in names))
    for name, line in zip(names, told, strict=True):
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


JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl"
SAID = [
    ("550 5.1.1 <ada.guest+x@example.com>: no such user", "ada.guest", "550 5.1.1 <***>: no such user"),
    ("to o'zebulon@пример.рф", "zebulon@", "to o'***"),
    ("connect postgresql://hub:Zebulon@db.internal:5432/hub failed", "Zebulon", "postgresql://***@db.internal:5432"),
    ("redis://:p@Zebulon@cache:6379/0", "Zebulon", "***"),
    ("GET /live?token=Zebulon&x=1", "Zebulon", "/live?token=***&x=1"),
    (f"Authorization: Bearer {JWT}", JWT, "Bearer ***"),
    (f"could not decode {JWT}", "c2lnbmF0dXJl", "could not decode ***"),
    ("{'password': 'correct Zebulon battery', 'guests': 2}", "Zebulon", "'guests': 2"),
    ('{"new_password": "a \\"Zebulon", "guests": 2}', "Zebulon", '"guests": 2'),
    ("Settings(secret_key='Zebulon', port=8000)", "Zebulon", "port=8000"),
    ("Cookie: session=Zebulon", "session=Zebulon", "Cookie: ***"),
    ("$argon2id$v=19$m=19456,t=2,p=1$Zebulon$aa", "Zebulon", "***"),
    ("call +7 (916) 123-45-67 back", "916", "call *** back"),
    ("call 89161234567 back", "8916", "call *** back"),
    ("DETAIL:  Key (email)=(ada@example.com) already exists.", "ada", "Key (email)=(***) already exists."),
    ("DETAIL:  Failing row contains (7, Ada Zebulon, t).", "Zebulon", "Failing row contains (***)."),
    ("input_value='Ada Zebulon', input_type=str", "Zebulon", "input_value=***, input_type=str"),
]


@pytest.mark.parametrize(("text", "secret", "left"), SAID)
def test_text_keeps_what_is_not_personal(text: str, secret: str, left: str) -> None:
    told = mask_texts(None, "info", {"event": text, "deep": {"list": [(text,)]}, "error": ValueError(text)})
    assert secret not in str(told)
    assert left in told["event"] and left in told["error"]
    assert told["deep"] == {"list": [[told["event"]]]}


@pytest.mark.parametrize(
    "text",
    [
        "at 2026-11-24T18:00:00.123456+03:00",
        "127.0.0.1:54321 took 0.123456789 s, pid 4242424",
        "availability:2026-11-24 at k3v9x0ab:1795000000",
        'File "/srv/hub/app.py", line 12, in refuse',
        "table T2-1 for 2 guests, booking 123456789",
    ],
)
def test_text_without_anything_personal_is_left_alone(text: str) -> None:
    assert mask_texts(None, "info", {"event": text})["event"] == text


def test_long_text_is_looked_through_at_once() -> None:
    for text in ("a" * 100_000, "token" * 20_000, "+1" * 50_000, "a@" * 50_000, "Key (" * 20_000, "eyJ" * 40_000):
        mask_texts(None, "info", {"event": text})


def test_secrets_in_a_traceback_and_in_a_librarys_line_are_masked() -> None:
    code = f"""
def connect(url):
    raise ConnectionError(f"can't reach {{url}} with Bearer {JWT} for ada@example.com")
try:
    connect("redis://:Zebulon@cache:6379/0")
except ConnectionError:
    log.exception("failed")
    logging.getLogger("redis").exception("failed for %s", "+79161234567")
"""
    told = lines(code)
    assert [line["event"] for line in told] == ["failed", "failed for ***"]
    for line in told:
        assert "ConnectionError" in line["exception"]
        assert not [word for word in ("Zebulon@", JWT, "ada@", "9161234567") if word in json.dumps(line)]


def test_ids_and_times_of_a_line_are_left_alone() -> None:
    [line] = lines("log.info('delivery_sent', request_id='1234567890123456', delivery=12345678901, wait=1.5)")
    assert (line["request_id"], line["delivery"], line["wait"]) == ("1234567890123456", 12345678901, 1.5)


DEFERRED = (
    "note = logs.deferred('hub.http', lambda route, user: {'event': 'request', 'route': route, 'user_id': user})\n"
)


def test_line_of_values_has_what_every_line_has() -> None:
    [line] = lines(DEFERRED + "note('/a', None)")
    assert line.pop("timestamp")
    assert line == {
        "event": "request", "route": "/a", "user_id": None, "level": "info", "part": "server", "module": "hub.http",
    }  # fmt: skip
    assert lines(DEFERRED + "note('/a', 1)", LOG_LEVEL="WARNING") == []


def test_lines_of_values_keep_their_order_among_others_and_their_time() -> None:
    told = lines(DEFERRED + "for n in range(200): note(n, n) if n % 3 else log.info('other', route=n)")
    assert [line["route"] for line in told] == list(range(200))
    times = [line["timestamp"] for line in told]
    assert times == sorted(times) and len(set(times)) > 100


ODD = [
    ("lone \\udcff byte", "lone \\xff byte"),
    ("a\\x1b[31mred\\x9b1m", "a\\x1b[31mred\\x9b1m"),
    ("right \\u202e left \\u200b", "right \\u202e left \\u200b"),
    ("客 é 😀 two\\nlines", "客 é 😀 two\nlines"),
]


@pytest.mark.parametrize(
    "say",
    [
        "log.info('{0}', header='{0}', deep={{'{0}': ['{0}']}})",
        "logging.getLogger('library').warning('%s', '{0}')",
        "note = logs.deferred('x', lambda t: {{'event': t}}); note('{0}')",
        "try:\n    raise ValueError('{0}')\nexcept ValueError:\n    log.exception('{0}')",
    ],
)
def test_text_of_any_characters_is_a_printable_line(say: str) -> None:
    code = "\n".join(say.format(given) for given, _ in ODD)
    text = output(code)
    for line, (given, shown) in zip(text.splitlines(), ODD, strict=True):
        assert json.loads(line)["event"] in (shown, json.loads(f'"{given.replace(chr(92) + "x", chr(92) + "u00")}"'))
    text += output(code, LOG_FORMAT="console")
    assert not [character for character in text if not character.isprintable() and character != "\n"]


@pytest.mark.parametrize(
    "say",
    [
        "class Odd:\n    def __str__(self): raise OSError('no')\n    __repr__ = __str__\nlog.info('x', odd=Odd())",
        "logging.getLogger('library').error('%d guests', 'two')",
        "deep = []\nfor _ in range(5000): deep = [deep]\nlog.info('x', deep=deep, big=10**400, n=float('nan'))",
        "log.info('x', many=list(range(10**6)), long='x' * 10**7)",
        "logs.deferred('x', lambda: {})(1)",
    ],
)
def test_value_that_cant_be_shown_does_not_fail_who_logs(say: str) -> None:
    [line] = lines(say)
    assert {"event", "level", "timestamp", "part", "module"} <= line.keys()
    assert len(json.dumps(line)) < 200_000


@pytest.mark.parametrize(
    ("code", "level", "exception", "ends"),
    [
        ("import warnings; warnings.warn('ada@example.com is late')", "warning", None, 0),
        ("raise ValueError('ada@example.com')", "critical", "ValueError: ***", 1),
        ("import threading; t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()", "error", "ZeroDiv", 0),
        ("class A:\n    def __del__(self): raise OSError('gone')\nA()", "error", "OSError: gone", 0),
    ],
)
def test_what_nobody_caught_is_a_line(code: str, level: str, exception: str | None, ends: int) -> None:
    [line] = lines(code, ends=ends)
    assert line["level"] == level
    assert "ada@" not in json.dumps(line)
    assert exception is None or exception in line["exception"]


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
    assert "\x1b" not in text  # a pipe or a journal shows no colours
    with pytest.raises(json.JSONDecodeError):
        json.loads(text)


def test_console_format_shows_a_traceback_in_lines_and_masks_it() -> None:
    code = "try:\n    raise ValueError('ada@example.com')\nexcept ValueError:\n    log.exception('failed')"
    text = output(code, LOG_FORMAT="console")
    assert "ValueError: ***" in text.splitlines()
    assert len(text.splitlines()) > 3


def test_fault_of_no_object_says_during_what() -> None:
    what = "exc_value=OSError('gone'), object=None, err_msg='in a collection'"
    code = f"import sys, types; sys.unraisablehook(types.SimpleNamespace({what}))"
    [line] = lines(code)
    assert (line["level"], line["during"], line["where"]) == ("error", "in a collection", "None")
    assert "OSError: gone" in line["exception"]
