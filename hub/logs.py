"""Structured logs: JSON lines on standard output from every part, or readable ones with LOG_FORMAT=console.

``setup`` is called once a process. Our own lines go through structlog's fastest way (bytes, one write a line); what
libraries log through the standard library is rendered the same, and so are warnings and what nobody caught. Nothing
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
from functools import cache
from types import TracebackType
from typing import Any

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from hub.config import Settings

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


def _masked(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | date | wall_time):
        return value
    if isinstance(value, dict):
        return {_masked(str(key)): "***" if key in MASKED else _masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(inner) for inner in value]
    return masked(str(value))


def masked(text: str) -> str:
    """A text without what is personal or secret in it."""
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


def _name_alike(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event["module"] = event.pop("logger", None)
    return event


def _stamp() -> Callable[[], str]:
    """Makes the present in RFC 3339 with microseconds; the text of a second is made once a second."""
    text: tuple[int, str] = (0, "")

    def stamp() -> str:
        nonlocal text
        second, nanoseconds = divmod(time.time_ns(), 1_000_000_000)
        known = text  # read once: threads log too
        if known[0] != second:
            known = text = (second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second)))
        return f"{known[1]}.{nanoseconds // 1000:06}Z"

    return stamp


def _text(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=str).decode()


def setup(settings: Settings, *, part: str) -> None:
    """Configure structlog and the standard library's logging for this process; ``part`` names it in each line."""
    level = logging.getLevelNamesMapping()[settings.log_level]

    stamp = _stamp()

    def dress(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """What every line has. One processor, because each of a chain costs a request a microsecond or two."""
        event = structlog.processors.add_log_level(logger, method, event)
        event["timestamp"] = stamp()
        event["part"] = part
        if "exc_info" in event:
            event = structlog.processors.format_exc_info(logger, method, event)
        return event if MASKED.isdisjoint(event) else mask(logger, method, event)

    shared: list[Processor] = [dress, mask_texts]
    console = settings.log_format == "console"
    last: Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty())
        if console
        else structlog.processors.JSONRenderer(orjson.dumps, default=str)
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory() if console else structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
    foreign: list[Processor] = [structlog.stdlib.add_logger_name, _name_alike, *shared]
    text: Processor = last if console else structlog.processors.JSONRenderer(_text)
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=foreign,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, text],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("sanic.root", "sanic.error", "sanic.access", "sanic.server", "sanic.websockets", "tortoise", "taskiq"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # One line a request is ours to write; these two would say it again, or say how a query was made.
    logging.getLogger("sanic.access").setLevel(logging.WARNING)
    for name in ("websockets", "websockets.server"):
        logging.getLogger(name).setLevel(max(level, logging.WARNING))
    logging.getLogger("tortoise").setLevel(max(level, logging.WARNING))
    logging.captureWarnings(True)
    sys.excepthook = _tell_uncaught
    sys.unraisablehook = _tell_unraisable
    threading.excepthook = _tell_of_thread


def _tell_uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """The end of a process is one line too. Ctrl-C is no fault."""
    if not issubclass(kind, KeyboardInterrupt):
        get("hub.logs").critical("the process ends by a fault", exc_info=(kind, error, traceback))


def _tell_unraisable(what: sys.UnraisableHookArgs) -> None:
    where, during = repr(what.object), what.err_msg  # which may be all there is: a collection has no object
    get("hub.logs").error("a fault where nobody could catch it", exc_info=what.exc_value, where=where, during=during)


def _tell_of_thread(what: threading.ExceptHookArgs) -> None:
    if what.exc_type is not SystemExit:
        name = what.thread.name if what.thread else None
        get("hub.logs").error("a thread ended by a fault", exc_info=what.exc_value, thread=name)


def get(name: str) -> Any:
    """The logger of a module; lines carry it as ``module``."""
    return structlog.get_logger(module=name)


def direct(name: str) -> Callable[..., None]:
    """A cheaper ``get(name).info`` for the one line of each request; the event's text is its argument ``event``.

    The same processors and the same output, without the bound logger between, which would cost as much as both, and
    without looking into its texts: they are of known forms (a checked id, a route, a number).
    """

    @cache
    def configured() -> tuple[bool, list[Processor], Callable[[Any], None]]:
        config = structlog.get_config()
        enabled = structlog.get_logger().bind().is_enabled_for(logging.INFO)
        processors = [each for each in config["processors"] if each is not mask_texts]
        return enabled, processors, config["logger_factory"]().info

    def info(**event: Any) -> None:
        enabled, processors, write = configured()
        if enabled:
            event["module"] = name
            line: Any = event
            for processor in processors:
                line = processor(None, "info", line)
            write(line)

    return info
