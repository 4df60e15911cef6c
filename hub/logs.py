"""Structured logs: JSON lines on standard output from every part, or readable ones with LOG_FORMAT=console.

``setup`` is called once a process. Our own lines go through structlog's fastest way (bytes, one write a line); what
libraries log through the standard library is rendered the same. Nothing personal is ever logged: values under the names
in MASKED are replaced, whoever put them there.
"""

from __future__ import annotations

import logging
import sys
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


def mask(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """Replace what is personal or secret by ``***``."""
    for key in MASKED.intersection(event):
        event[key] = "***"
    return event


def _name_alike(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    event["module"] = event.pop("logger", None)
    return event


def _dumps(value: Any, **_: Any) -> bytes:
    return orjson.dumps(value, default=str)


def setup(settings: Settings, *, part: str) -> None:
    """Configure structlog and the standard library's logging for this process; ``part`` names it in each line."""
    level = logging.getLevelNamesMapping()[settings.log_level]

    def add_part(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        event["part"] = part
        return event

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        add_part,
        structlog.processors.format_exc_info,
        mask,
    ]
    console = settings.log_format == "console"
    last: Processor = structlog.dev.ConsoleRenderer() if console else structlog.processors.JSONRenderer(_dumps)
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory() if console else structlog.BytesLoggerFactory(sys.stdout.buffer),
        cache_logger_on_first_use=True,
    )
    foreign: list[Processor] = [structlog.stdlib.add_logger_name, _name_alike, *shared]
    text: Processor = last if console else structlog.processors.JSONRenderer(lambda v, **_: _dumps(v).decode())
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


def get(name: str) -> Any:
    """The logger of a module; lines carry it as ``module``."""
    return structlog.get_logger(module=name)
