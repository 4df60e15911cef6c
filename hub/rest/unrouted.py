"""What is answered beside the endpoints' own handlers: what Sanic raises, the question of a browser before a call, and
the refusal of a WebSocket handshake.

Every answer has our form, whatever went wrong, and a line of the log.
"""

from __future__ import annotations

from typing import Any

from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import BaseHTTPResponse

from hub import logs
from hub.config import Settings
from hub.errors import HubError, NotFound
from hub.http.origins import note_origin
from hub.printable import printable
from hub.rest import endpoint, errors, nowhere

METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE")
log = logs.get("hub.rest.unrouted")


def add(app: Sanic[Any, Any], settings: Settings) -> None:
    """Let ``app`` answer these."""
    if settings.allowed_origins:
        _allow_origins(app, settings)

    @app.exception(Exception)
    async def refuse(request: Request, error: Exception) -> HTTPResponse:
        """What Sanic raised before or beside our handlers. There is an answer of our form even if this fails."""
        try:
            return await answer_error(request, error)
        except Exception:
            log.exception("an error could not be rendered; a fixed answer was sent")
            return errors.last_resort()

    async def answer_error(request: Request, error: Exception) -> HTTPResponse:
        request_id = endpoint.take_request_id(request)
        note_origin(request, settings)
        status = None
        if isinstance(error, SanicException):
            known, status = errors.from_sanic(error)
        else:
            log.error("a request failed outside its handler", request_id=request_id, exc_info=error)
            known = HubError()
        state = getattr(app.ctx, "state", None)
        if isinstance(known, NotFound) and nowhere.is_asked_by_a_browser(request):
            response = nowhere.page(request, state and state.context, request_id)
        else:
            response = errors.problem(known, request_id=request_id, status=status)
        if response.status == 405:
            response.headers["allow"] = ", ".join(_allowed(app, request))
        seconds = endpoint.seconds_since_head(request)
        if state is not None:
            method = request.method if request.method in METHODS else "-"
            state.metrics.request("-", method, response.status, seconds, known.code)
        endpoint.note(request_id, printable(request.method, 16), "-", response.status, seconds, None, known.code)
        return response


def refuse_upgrade(request: Request, error: HubError, status: int | None = None) -> HTTPResponse:
    """The answer to a handshake at /live that is refused; ``status`` as in hub.rest.errors.problem."""
    request_id = endpoint.take_request_id(request)
    response = errors.problem(error, request_id=request_id, status=status)
    seconds = endpoint.seconds_since_head(request)
    endpoint.note(request_id, request.method, "/live", response.status, seconds, None, error.code)
    return response


def _allowed(app: Sanic[Any, Any], request: Request) -> list[str]:
    """The methods that a path takes; Sanic's own error names them for paths without a parameter only."""
    found = []
    for method in METHODS:
        try:
            app.router.get(request.path, method, None)
        except SanicException:
            continue
        found.append(method)
    return found


def _allow_origins(app: Sanic[Any, Any], settings: Settings) -> None:
    """Pages of ALLOWED_ORIGINS may call the REST API: CORS is sanic-ext's, and only then costs anything."""
    from sanic_ext import Extend
    from sanic_ext.extensions.http.extension import HTTPExtension

    app.config.CORS_MAX_AGE = 600
    app.config.CORS_ORIGINS = ",".join(sorted(settings.allowed_origins))
    app.config.CORS_ALLOW_HEADERS = "authorization,content-type,idempotency-key,if-match,if-none-match,x-request-id"
    app.config.CORS_EXPOSE_HEADERS = "etag,x-request-id,retry-after,idempotency-replayed"
    app.config.HTTP_ALL_METHODS = False
    app.config.HTTP_AUTO_HEAD = False
    app.config.HTTP_AUTO_OPTIONS = True
    Extend(app, built_in_extensions=False, extensions=[HTTPExtension])

    # sanic-ext writes "origin" over what else an answer varies by: a cache would give one who can't read brotli brotli.
    async def before(request: Request, response: BaseHTTPResponse) -> None:
        request.ctx.vary = response.headers.get("vary")

    async def after(request: Request, response: BaseHTTPResponse) -> None:
        own, now = request.ctx.vary, response.headers.get("vary")
        if own is not None and now != own:
            response.headers["vary"] = f"{own}, {now}" if now else own

    app.register_middleware(before, "response", priority=-1)  # the lowest is the first
    app.register_middleware(after, "response", priority=1)

    @app.on_request
    async def note(request: Request) -> None:
        """A browser's question before a call; sanic-ext answers it, beside our own handlers."""
        if request.method == "OPTIONS":
            note_origin(request, settings)
