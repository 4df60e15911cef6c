"""What an answer says of its body: its type, or nothing where it has none; and what may be asked for without one."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

import pytest
from sanic import Sanic

from hub.process.app import create_app
from hub.rest.endpoint import answer, empty
from tests.conftest import make_settings
from tests.servers import CHECKOUT


@pytest.mark.parametrize("status", [200, 202, 204, 304])
def test_an_answer_without_a_body_names_no_type(status: int) -> None:
    assert dict(empty(status, {"etag": '"a:1"'}).processed_headers) == {b"etag": b'"a:1"'}
    assert dict(answer({}, status).processed_headers) == {b"content-type": b"application/json"}


def test_every_answer_is_made_with_its_type() -> None:
    """Sanic names the type "None" where none was given."""
    made = [
        (path.name, node.lineno, {keyword.arg for keyword in node.keywords})
        for path in sorted((CHECKOUT / "hub").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "HTTPResponse"
    ]
    assert made and [each for each in made if "content_type" not in each[2]] == []


def test_every_address_that_takes_get_takes_head() -> None:
    app = create_app(make_settings("postgresql://h/d", "redis://h", Path("none")))
    Sanic.unregister_app(app)
    taken: dict[str, set[str]] = defaultdict(set)
    for route in app.router.routes:
        taken[route.path] |= route.methods
    assert {"live", "metrics", "openapi.json", "bookings/my"} <= taken.keys()
    assert [path for path, methods in taken.items() if ("GET" in methods) != ("HEAD" in methods)] == []
