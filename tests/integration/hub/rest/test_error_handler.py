"""Errors as answers: also when making the answer fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
from sanic import Sanic

from hub.process.app import create_app
from tests.conftest import make_settings


async def test_error_in_the_error_handler_is_answered_in_our_form() -> None:
    app = create_app(make_settings("postgresql://h/d", "redis://h", Path("none")))
    try:
        handler: Any = app.error_handler.lookup(RuntimeError("the first"))
        answer = await handler(None, RuntimeError("the first"))  # without a request the handler itself fails
    finally:
        Sanic.unregister_app(app)
    assert (answer.status, answer.content_type) == (500, "application/problem+json")
    body = orjson.loads(answer.body)
    assert (body["status"], body["error_code"]) == (500, "internal") and body["detail"]
