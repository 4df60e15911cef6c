"""Structured logs: JSON lines on standard output from every part, or readable ones with LOG_FORMAT=console.

``setup`` is called once a process. Our own lines go through structlog; what libraries log through the standard library
is rendered the same, and so are warnings and what nobody caught. Logging neither fails nor blocks who logs: lines are
queued, and a thread writes them (hub.log_writer). Nothing
personal is ever logged: values under the names in MASKED are replaced, whoever put them there, and within any other
text (a library's, a traceback's) what looks like an address, a phone number, a token or a password is.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
import time
from collections.abc import Callable
from datetime import date
from datetime import time as wall_time
from itertools import islice
from types import TracebackType
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, WrappedLogger

from hub.config import Settings
from hub.log_writer import STDOUT, log_file
from hub.printable import printable

MASKED = frozenset(
    {
        "token", "access_token", "authorization", "password", "password_hash", "secret_key", "email", "recipient",
        "phone", "phone_number", "full_name", "guest_name", "name", "cookie", "database_url", "redis_url",
    }
)  # fmt: skip

OURS = frozenset({"timestamp", "level", "part", "module", "request_id", "_record", "_from_structlog"})
"""Values of a known form, in which nothing is looked for."""
QUOTED = r"""(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|[^\s"'&,;(){}\[\]]+)"""
SECRETS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"(\w://)[^\s/@]+@"), r"\1***@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{6,}"), r"\1 ***"),
    (re.compile(r"\beyJ[\w-]{4,}(?:\.[\w-]*){1,4}"), "***"),
    (re.compile(r"\$argon2\S+"), "***"),
    (
        re.compile(r"(?i)((?:token|password|passwd|secret|api_key|cookie)\w{0,8}[\"']?\s{0,3}[=:]\s{0,3})" + QUOTED),
        r"\1***",
    ),
    # PostgreSQL shows the row that it refuses, pydantic the value.
    (re.compile(r"(?s)Failing row contains \(.*?\)\."), "Failing row contains (***)."),
    (re.compile(r"(Key \([^=]{0,64}(?:email|phone|name)[^=]{0,16}\)=\()[^)]*"), r"\1***"),
    (re.compile(r"input_value=.*?, input_type="), "input_value=***, input_type="),
    (re.compile(r"[\w.!#$%&*+?^{|}~-]{1,64}(?<!\*\*\*)@[\w.-]+"), "***"),
    (re.compile(r"\+\d[\d ().-]{4,24}\d|(?<![\w.:/-])\d{10,15}(?![\w.:/-])"), "***"),
)
"""What is personal or secret within a text, and what is written instead; no pattern takes long for a long text."""


DEEPEST, MOST_ITEMS, LONGEST = 8, 100, 32_768
"""What is logged of one value: levels, items, characters."""


def mask(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace what is personal or secret by ``***``."""
    for key in MASKED.intersection(event):
        event[key] = "***"
    return event


def mask_texts(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace what is personal or secret within the texts of all values, at any depth."""
    for key, value in event.items():
        if key not in OURS:
            event[key] = _masked(value)
    return event


def _masked(value: Any, depth: int = 0) -> Any:
    if value is None or isinstance(value, bool | float | date | wall_time):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**64 else str(value)  # JSON in other hands knows no larger ones
    if isinstance(value, dict) and depth < DEEPEST:
        return {
            _masked(str(key)): "***" if key in MASKED else _masked(inner, depth + 1)
            for key, inner in islice(value.items(), MOST_ITEMS)
        }
    if isinstance(value, list | tuple) and depth < DEEPEST:
        return [_masked(inner, depth + 1) for inner in value[:MOST_ITEMS]]
    return "\n".join(printable(line, LONGEST) for line in masked(str(value)[:LONGEST]).split("\n"))


def masked(text: str) -> str:
    """A text without what is personal or secret in it."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def _stamp() -> Callable[[int], str]:
    """Makes a time in ns RFC 3339 with microseconds; the text of a second is made once a second."""
    text: tuple[int, str] = (0, "")

    def stamp(at: int) -> str:
        nonlocal text
        second, nanoseconds = divmod(at, 1_000_000_000)
        known = text  # read once: threads log too
        if known[0] != second:
            known = text = (second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)))
        return f"{known[1]}.{nanoseconds // 1000:06}Z"

    return stamp


class _Form:
    """How the lines of this process look. ``render`` makes an event's bytes, and never raises."""

    def __init__(self, settings: Settings, part: str) -> None:
        self.level = logging.getLevelNamesMapping()[settings.log_level]
        self.part = part
        self.console = settings.log_format == "console"
        self.stamp = _stamp()
        self._people = structlog.dev.ConsoleRenderer(colors=self.console and sys.stdout.isatty())

    def line(self, logger: WrappedLogger, method: str, event: EventDict) -> bytes:
        """The last and only processor of structlog: an event of ours, or of a library, becomes bytes."""
        try:
            event = structlog.processors.add_log_level(logger, method, event)
            event["timestamp"] = self.stamp(time.time_ns())
            event["part"] = self.part
            if "exc_info" in event:
                event = structlog.processors.format_exc_info(logger, method, event)
            return self.render(mask_texts(logger, method, mask(logger, method, event)))
        except Exception as error:  # a value that can't be shown must not fail who logs it
            return self._instead(error)

    def render(self, event: EventDict) -> bytes:
        """The bytes of an event whose values are plain."""
        if self.console:
            for key, value in event.items():
                if isinstance(value, str) and key not in ("exception", "stack"):
                    event[key] = value.replace("\n", "\\n")
            return f"{self._people(None, '', event)}\n".encode(errors="backslashreplace")
        return orjson.dumps(event, default=str, option=orjson.OPT_APPEND_NEWLINE)

    def of_values(self, module: str, fields: Callable[..., EventDict], at: int, values: tuple[Any, ...]) -> bytes:
        """The bytes of an event that was put as values, at info."""
        try:
            event = fields(*values)
            event["level"] = "info"
            event["timestamp"] = self.stamp(at)
            event["part"] = self.part
            event["module"] = module
            try:
                line = self.render(event)
            except TypeError:  # text that is no UTF-8
                line = b"\x7f"
            if not line.isascii() or b"\x7f" in line:  # JSON itself escapes the rest of what can't be shown
                line = self.render(mask_texts(None, "info", event))
            return line
        except Exception as error:
            return self._instead(error)

    def _instead(self, error: Exception) -> bytes:
        return self.render(
            {
                "event": "a line could not be rendered",
                "error": type(error).__name__,
                "level": "error",
                "timestamp": self.stamp(time.time_ns()),
                "part": self.part,
                "module": __name__,
            }
        )

    def dropped(self, count: int) -> bytes:
        return self.render(
            {
                "event": f"{count} lines were dropped: standard output did not take them",
                "count": count,
                "level": "warning",
                "timestamp": self.stamp(time.time_ns()),
                "part": self.part,
                "module": __name__,
            }
        )


class _Queue:
    """What structlog calls last."""

    msg = debug = info = warning = warn = error = critical = fatal = exception = log = staticmethod(STDOUT.put)


class _Handler(logging.Handler):
    """What the standard library calls last."""

    def __init__(self, form: _Form) -> None:
        super().__init__()
        self._form = form

    def emit(self, record: logging.LogRecord) -> None:
        try:
            event: EventDict = {"event": record.getMessage(), "module": record.name}
        except Exception:  # its arguments do not fit its text
            event = {"event": str(record.msg), "module": record.name, "arguments": "do not fit the text"}
        if record.exc_info:
            event["exc_info"] = record.exc_info
        if record.stack_info:
            event["stack"] = record.stack_info
        STDOUT.put(self._form.line(None, record.levelname.lower(), event))


_form: _Form | None = None


def setup(settings: Settings, *, part: str) -> None:
    """Configure structlog and the standard library's logging for this process; ``part`` names it in each line."""
    global _form
    _form = form = _Form(settings, part)
    STDOUT.say_dropped = form.dropped
    STDOUT.follow(log_file(settings.data_dir))
    structlog.configure(
        processors=[form.line],
        wrapper_class=structlog.make_filtering_bound_logger(form.level),
        logger_factory=lambda *arguments: _Queue,
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers[:] = [_Handler(form)]
    root.setLevel(form.level)
    for name in ("sanic.root", "sanic.error", "sanic.access", "sanic.server", "sanic.websockets", "tortoise", "taskiq"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # One line a request is ours to write; these two would say it again, or say how a query was made.
    logging.getLogger("sanic.access").setLevel(logging.WARNING)
    for name in ("websockets", "websockets.server"):
        logging.getLogger(name).setLevel(max(form.level, logging.WARNING))
    logging.getLogger("tortoise").setLevel(max(form.level, logging.WARNING))
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_of_thread


def _log_uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """The end of a process is one line too. Ctrl-C is no fault."""
    if not issubclass(kind, KeyboardInterrupt):
        get("hub.logs").critical("the process ends: an exception was not caught", exc_info=(kind, error, traceback))


def _log_unraisable(what: sys.UnraisableHookArgs) -> None:
    where, during = repr(what.object), what.err_msg  # which may be all there is: a collection has no object
    get("hub.logs").error(
        "an exception was raised where no code can catch it", exc_info=what.exc_value, where=where, during=during
    )


def _log_of_thread(what: threading.ExceptHookArgs) -> None:
    if what.exc_type is not SystemExit:
        name = what.thread.name if what.thread else None
        get("hub.logs").error("a thread ended: an exception was not caught", exc_info=what.exc_value, thread=name)


def get(name: str) -> Any:
    """The logger of a module; lines carry it as ``module``."""
    return structlog.get_logger(module=name)


def deferred(name: str, fields: Callable[..., EventDict]) -> Callable[..., None]:
    """The cheapest way to log, for the one line of each request: values are queued as they are, and ``fields`` makes
    their event later, in the thread that writes.

    They must not change afterwards, and nothing personal is looked for in them: they are of known forms (a checked id,
    a route, a number).
    """

    def render(at: int, values: tuple[Any, ...]) -> bytes:
        assert _form is not None
        return _form.of_values(name, fields, at, values)

    def info(*values: Any) -> None:
        if _form is not None and _form.level <= logging.INFO:
            STDOUT.put((render, time.time_ns(), values))

    return info


def dropped() -> int:
    """How many lines of this process were never written."""
    return STDOUT.dropped


def flush() -> None:
    """Wait a second at most until what was logged is written: before a process ends otherwise than by returning."""
    STDOUT.flush()
