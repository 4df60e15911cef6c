"""A handler parses, calls one verb and renders: it has few lines, and what is more has a name of its own."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

from hub.rest.contract import ENDPOINTS

MOST_LINES = 15


def lines_of(function: Callable[..., Any]) -> int:
    """The lines of code of a function's body: without its docstring, comments and empty lines."""
    source = textwrap.dedent(inspect.getsource(function))
    [made] = ast.parse(source).body
    assert isinstance(made, ast.FunctionDef | ast.AsyncFunctionDef)
    body = made.body[1:] if ast.get_docstring(made) is not None else made.body
    lines = source.splitlines()[body[0].lineno - 1 : made.end_lineno]
    return sum(1 for line in lines if line.strip() and not line.strip().startswith("#"))


def test_no_handler_has_more_lines() -> None:
    lines = {endpoint.name: lines_of(endpoint.handler) for endpoint in ENDPOINTS}
    assert {name: count for name, count in lines.items() if count > MOST_LINES} == {}


def test_lines_of_code_alone_are_counted() -> None:
    async def handler(
        first: int,
        second: int,
    ) -> int:
        """Of two
        lines."""
        # a comment

        async def work() -> int:
            return first  # with a comment

        return await work() + second

    assert lines_of(handler) == 3
