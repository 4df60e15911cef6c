"""The pages: those that were built (hub.rest.built_pages), and the documentation at /docs and /redoc. A built page is
there for each venue, behind its prefix too.

None asks another host for anything.
"""

from __future__ import annotations

import hashlib
import re
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import orjson
from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import NotFound

from hub.config import Settings
from hub.http.client import own_origin
from hub.live import asyncapi
from hub.rest import built_pages, openapi
from hub.rest.endpoint import ERROR_FORMAT, AppState, empty, is_known, note, take_request_id, with_head
from hub.rest.venue_router import NO_SUCH

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
}
CSP = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
"""In front of it stands connect-src, which names the hub's own address (see _may_connect)."""
# Swagger UI and ReDoc write style attributes, data: images and fonts, and ReDoc starts a worker from a blob.
DOCS_CSP = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'"
)
DOCS = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Booking hub: REST</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/docs/swagger_style.css"></head>
<body><div id="swagger-ui"></div>
<script src="/docs/swagger_bundle.js"></script><script src="/docs/start.js"></script></body></html>
"""
DOCS_START = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", validatorUrl: null});\n'
REDOC = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Booking hub: REST</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"></head>
<body><div id="redoc"></div><script type="module" src="/docs/start_redoc.js"></script></body></html>
"""
# Left alone ReDoc tells its maker of every visit. Its search tries whether it may make code from text, unless this name
# exists: told no there, it never asks the browser, whose answer would be an error in the console.
REDOC_START = """import {init} from "/docs/redoc.js";
Object.defineProperty(globalThis, "_factory", {get() { throw new Error("no code is made from text here"); }});
init("/openapi.json", {disableTelemetry: true}, document.querySelector("#redoc"));
"""

REDOC_LOGO = b"https://cdn.redoc.ly/redoc/logo-mini-full.svg"
"""An image of its maker's that ReDoc loads from another host, with no option against it; without it none is shown."""


def add(app: Sanic[Any, Any]) -> None:
    """Route every page and its files. They are read once, at the start."""
    offapi = _folder_of("offapi")
    _add(app, "/openapi.json", "openapi", orjson.dumps(openapi.document()), ".json", CSP)
    _add(app, "/asyncapi.json", "asyncapi", orjson.dumps(asyncapi.document()), ".json", CSP)
    _add(app, "/docs", "docs", DOCS.encode(), ".html", DOCS_CSP)
    _add(app, "/docs/start.js", "docs_start", DOCS_START.encode(), ".js", DOCS_CSP)
    _add(app, "/docs/start_redoc.js", "docs_start_redoc", REDOC_START.encode(), ".js", DOCS_CSP)
    _add(app, "/redoc", "redoc", REDOC.encode(), ".html", DOCS_CSP)
    for name in ("swagger_bundle.js", "swagger_style.css", "redoc.js"):
        data = (offapi / name).read_bytes().replace(REDOC_LOGO, b"data:,")
        _add(app, f"/docs/{name}", f"docs_{name.replace('.', '_')}", data, Path(name).suffix, DOCS_CSP)
    for built in built_pages.files():
        _add_built(app, built, CSP)


def _folder_of(package: str) -> Path:
    """Where a package's files are, without importing it: offapi would keep 30 MB of templates in memory."""
    found = find_spec(package)
    assert found is not None and found.origin is not None
    return Path(found.origin).parent


def _add(app: Sanic[Any, Any], route: str, name: str, data: bytes, suffix: str, csp: str) -> None:
    _add_built(app, built_pages.BuiltFile(route, TYPES[suffix], built_pages.ASK_AGAIN, {"identity": data}), csp, name)


def _add_built(app: Sanic[Any, Any], file: built_pages.BuiltFile, csp: str, name: str = "") -> None:
    etag = f'"{hashlib.sha256(file.forms["identity"]).hexdigest()[:16]}"'
    headers = {
        "etag": etag,
        "cache-control": file.cache_control,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
    }
    if len(file.forms) > 1:
        headers["vary"] = "accept-encoding"
    settings: Settings = app.ctx.settings

    async def serve(request: Request, venue: str | None = None) -> HTTPResponse:
        started = time.perf_counter()
        fresh = is_known(request.headers.get("if-none-match"), etag)
        status = 304 if fresh else 200
        state: AppState = app.ctx.state
        if venue is not None and state.context.named(venue) is None:
            raise NotFound(NO_SUCH)
        state.metrics.request(file.route, request.method, status, time.perf_counter() - started)
        request_id = take_request_id(request)
        note(request_id, request.method, file.route, status, time.perf_counter() - started, None, None)
        policy = _may_connect(own_origin(request, settings)) + csp
        sent = {**headers, "content-security-policy": policy, "x-request-id": request_id}
        if fresh:
            return empty(304, sent)
        coding, data = file.best(request.headers.get("accept-encoding"))
        if coding != "identity":
            # Another form is another representation, so it has a tag of its own; weakly they are the same.
            sent |= {"content-encoding": coding, "etag": f"W/{etag}"}
        return HTTPResponse(data, 200, sent, content_type=file.content_type)

    route_name = name or re.sub(r"\W", "_", f"built_{file.route}")
    app.add_route(
        serve, file.route, methods=with_head("GET"), name=route_name, error_format=ERROR_FORMAT,
        ctx_by_venue=file.route in built_pages.PAGES.values(),
    )  # fmt: skip


def _may_connect(origin: str | None) -> str:
    """What a page may connect to: the hub, over HTTP and over its live channel. Not every browser counts a WebSocket of
    the page's own host as 'self', so it is named."""
    live = f" ws{origin.removeprefix('http')}" if origin else ""
    return f"connect-src 'self'{live}; "
